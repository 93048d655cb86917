package files

import (
	"context"
	"strings"
	"time"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
)

// site is the remote world.
type site struct {
	Store
	env *ui.Env
}

func (*site) side() backend.Side               { return backend.Remote }
func (*site) name() string                     { return "site" }
func (*site) home() string                     { return "" }
func (*site) parent(dir string) string         { return pathutil.Dir(dir) }
func (*site) join(dir, name string) string     { return pathutil.Join(dir, name) }
func (*site) show(path string) string          { return pathutil.DisplayName("/" + path) }
func (*site) same(a, b string) bool            { return pathutil.IsSame(a, b) }
func (*site) within(parent, child string) bool { return pathutil.Within(parent, child) }

// resolve takes a path from the top when it begins with a slash, else from dir.
// Unlike in an identity form ".." climbs here, for that is what people mean.
func (*site) resolve(typed, dir string) string {
	path := ""
	if !strings.HasPrefix(typed, "/") && !strings.HasPrefix(typed, "~") {
		path = dir
	}
	for e := range strings.SplitSeq(strings.TrimPrefix(typed, "~"), "/") {
		if e == ".." {
			path = pathutil.Dir(path)
			continue
		}
		path = pathutil.Join(path, e)
	}
	return path
}

func (s *site) list(ctx context.Context, dir string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	if q.SearchAll {
		dir = "" // the site refuses it anywhere else (PROTOCOL.md 8)
	}
	return s.List(ctx, dir, q)
}

// find does not ask for the top: the site has no metadata of it.
func (s *site) find(ctx context.Context, path string) (backend.Entry, error) {
	if path == "" {
		return backend.Entry{Kind: backend.Folder, Size: -1}, nil
	}
	return s.Find(ctx, path)
}

func (s *site) mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error) {
	return s.Mkdir(ctx, path, parents)
}

func (s *site) preview(ctx context.Context, e backend.Entry, limit int64) ([]byte, error) {
	return s.Preview(ctx, e, limit)
}

func (s *site) remove(e backend.Entry) work {
	return once(func(ctx context.Context) error { return s.Delete(ctx, e.Path, e.IsDir()) })
}

// rename moves within a folder. A new spelling of the same name goes through a
// temporary one, since the site holds source and destination for the same.
func (s *site) rename(from, to string) work {
	plan, err := pathutil.PlanRenames([]string{from}, []pathutil.Rename{{From: from, To: to}})
	if err != nil {
		return once(func(context.Context) error { return err })
	}
	steps := make([]work, len(plan.Steps))
	for i, st := range plan.Steps {
		steps[i] = s.move(st.From, st.To, false)
	}
	if len(steps) == 2 {
		back := plan.Undo(1)[0]
		steps[1] = orElse(steps[1], func(ctx context.Context) error {
			return s.finish(ctx, s.move(back.From, back.To, false))
		})
	}
	return chain(steps...)
}

func (s *site) copy(from, to string, overwrite bool) work {
	return func(ctx context.Context) (work, string, error) {
		m, err := s.Copy(ctx, from, to, overwrite)
		return s.follow(m, err)
	}
}

func (s *site) move(from, to string, overwrite bool) work {
	return func(ctx context.Context) (work, string, error) {
		m, err := s.Move(ctx, from, to, overwrite)
		return s.follow(m, err)
	}
}

// migrationPoll is how often the site is asked how far it is.
const migrationPoll = time.Second

// follow asks for a migration until it has ended.
func (s *site) follow(m backend.Migration, err error) (work, string, error) {
	switch {
	case err != nil:
		return nil, "", err
	case m.Status == backend.MigrationFailed:
		return nil, "", &backend.Error{
			Class: backend.ClassAPI, Group: backend.ProcessingFailure, Title: "Migration Failed",
			Op: m.Operation, Path: m.Path, Message: m.Failure,
		}
	case m.ID == 0 || m.Done():
		return nil, "", nil
	}
	return func(ctx context.Context) (work, string, error) {
		if err := s.env.Sleep(ctx, migrationPoll); err != nil {
			return nil, "", err
		}
		return s.follow(s.Migration(ctx, m.ID))
	}, share(m.FilesMoved, m.FilesTotal), nil
}

// finish runs work to its end.
func (s *site) finish(ctx context.Context, w work) error {
	for w != nil {
		next, _, err := w(ctx)
		if err != nil {
			return err
		}
		w = next
	}
	return nil
}
