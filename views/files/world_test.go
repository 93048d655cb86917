package files

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// tree is both worlds in tests: files by path, listed in pages.
type tree struct {
	text     string // what every file holds; "" is two lines
	entries  []backend.Entry
	local    bool
	lists    []backend.FolderQuery
	dirs     []string
	calls    []string
	fail     map[string]error // by call, e.g. "list Finance"
	polls    int              // how often a migration answers that it goes on
	migrates bool
	noTrash  bool
	flat     bool // lists folder by folder only
}

func (t *tree) put(paths ...string) *tree {
	for i, p := range paths {
		e := backend.Entry{Path: strings.TrimSuffix(p, "/"), Size: int64(1000 * (i + 1)), Permissions: "lrwd", Modified: noon.Add(-time.Duration(i) * time.Hour)}
		if strings.HasSuffix(p, "/") {
			e.Kind, e.Size = backend.Folder, -1
		}
		e.Name = path.Base(e.Path)
		t.entries = append(t.entries, e)
	}
	return t
}

func (t *tree) up(p string) string {
	if !t.local {
		return pathutil.Dir(p)
	}
	return path.Dir(p)
}

func (t *tree) List(ctx context.Context, dir string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	t.lists, t.dirs = append(t.lists, q), append(t.dirs, dir)
	if err := t.fail["list "+dir]; err != nil {
		return backend.Page[backend.Entry]{}, err
	}
	if err := ctx.Err(); err != nil {
		return backend.Page[backend.Entry]{}, err
	}
	if q.Recursive && t.flat {
		return backend.Page[backend.Entry]{}, &backend.Error{Class: "X", Group: backend.BadRequest, Path: dir}
	}
	var rows []backend.Entry
	for _, e := range t.entries {
		if q.Search != "" && pathutil.Within(dir, e.Path) && strings.Contains(e.Name, q.Search) || q.Search == "" && t.up(e.Path) == dir ||
			q.Recursive && e.Path != dir && pathutil.Within(dir, e.Path) {
			rows = append(rows, e)
		}
	}
	slices.SortStableFunc(rows, func(a, b backend.Entry) int {
		if a.Kind != b.Kind {
			return cmp.Compare(b.Kind, a.Kind)
		}
		c := strings.Compare(a.Name, b.Name)
		if q.SortBy == bySize {
			c = cmp.Compare(a.Size, b.Size)
		}
		if q.Desc {
			c = -c
		}
		return c
	})
	from, _ := strconv.Atoi(q.Cursor)
	to := min(from+q.PerPage, len(rows))
	page := backend.Page[backend.Entry]{Items: rows[from:to]}
	if to < len(rows) {
		page.Next = strconv.Itoa(to)
	}
	return page, nil
}

func (t *tree) call(format string, args ...any) error {
	c := fmt.Sprintf(format, args...)
	t.calls = append(t.calls, c)
	return t.fail[c]
}

func (t *tree) Find(_ context.Context, p string) (backend.Entry, error) {
	for _, e := range t.entries {
		if e.Path == p {
			return e, nil
		}
	}
	return backend.Entry{}, &backend.Error{Class: "NotFoundError", Group: backend.NotFound, Path: p}
}

func (t *tree) Mkdir(_ context.Context, p string, parents bool) (backend.Entry, error) {
	if err := t.call("mkdir %s %v", p, parents); err != nil {
		return backend.Entry{}, err
	}
	t.put(p + "/")
	return t.Find(context.Background(), p)
}

func (t *tree) Delete(_ context.Context, p string, recursive bool) error {
	if err := t.call("delete %s %v", p, recursive); err != nil {
		return err
	}
	t.entries = slices.DeleteFunc(t.entries, func(e backend.Entry) bool { return e.Path == p })
	return nil
}

func (t *tree) to(from, to string) {
	for i := range t.entries {
		if t.entries[i].Path == from {
			t.entries[i].Path, t.entries[i].Name = to, path.Base(to)
		}
	}
}

func (t *tree) migration(op, from, to string) backend.Migration {
	m := backend.Migration{Status: backend.MigrationCompleted, Operation: op, Path: from, DestPath: to}
	if t.migrates {
		m.ID, m.Status = 7, backend.MigrationPending
	}
	return m
}

func (t *tree) Copy(_ context.Context, from, to string, overwrite bool) (backend.Migration, error) {
	if err := t.call("copy %s %s %v", from, to, overwrite); err != nil {
		return backend.Migration{}, err
	}
	e, _ := t.Find(context.Background(), from)
	e.Path, e.Name = to, path.Base(to)
	t.entries = append(t.entries, e)
	return t.migration("copy", from, to), nil
}

func (t *tree) Move(_ context.Context, from, to string, overwrite bool) (backend.Migration, error) {
	if err := t.call("move %s %s %v", from, to, overwrite); err != nil {
		return backend.Migration{}, err
	}
	t.to(from, to)
	return t.migration("move", from, to), nil
}

func (t *tree) Migration(_ context.Context, id int64) (backend.Migration, error) {
	if err := t.call("migration %d", id); err != nil {
		return backend.Migration{}, err
	}
	m := backend.Migration{ID: id, Status: backend.MigrationCompleted, FilesMoved: 3, FilesTotal: 9}
	if t.polls--; t.polls >= 0 {
		m.Status = backend.MigrationInProgress
	}
	return m, nil
}

func (t *tree) Preview(_ context.Context, e backend.Entry, limit int64) ([]byte, error) {
	if err := t.call("preview %s %d", e.Path, limit); err != nil {
		return nil, err
	}
	if t.text != "" {
		return []byte(t.text), nil
	}
	return []byte("first line of " + e.Name + "\nsecond line\n"), nil
}

func (t *tree) Home() string                 { return "/home/ops" }
func (t *tree) Parent(dir string) string     { return path.Dir(dir) }
func (t *tree) Join(dir, name string) string { return path.Join(dir, name) }
func (t *tree) CanTrash(string) bool         { return !t.noTrash }

func (t *tree) Rename(_ context.Context, from, to string) error {
	t.to(from, to)
	return t.call("rename %s %s", from, to)
}

func (t *tree) Trash(_ context.Context, p string) error {
	t.entries = slices.DeleteFunc(t.entries, func(e backend.Entry) bool { return e.Path == p })
	return t.call("trash %s", p)
}

type queue struct {
	asked []backend.TransferRequest
	open  []string // sources that are on their way already
}

func (q *queue) Add(_ context.Context, r backend.TransferRequest) (backend.JobID, error) {
	for _, s := range r.Sources {
		if slices.Contains(q.open, s.Path) {
			return 0, &backend.Error{Class: backend.ClassInvalidParameter, Group: backend.Client, Type: backend.TypeTransferOpen, Path: s.Path}
		}
	}
	q.asked = append(q.asked, r)
	return backend.JobID(len(q.asked)), nil
}

// driver is a shell as far as the screen needs one: it runs commands to the
// end and keeps what goes up.
type driver struct {
	t       *testing.T
	s       *Screen
	site    *tree
	local   *tree
	queue   *queue
	boxes   []ui.Overlay
	toasts  []string
	fails   []ui.FailMsg
	copied  []string
	changes []ui.ChangedMsg
	hold    bool // keep commands back instead of running them
	held    []tea.Cmd
}

func start(t *testing.T, site, local *tree, o Options) *driver {
	t.Helper()
	th, _ := theme.Named("plain", nil)
	env := ui.NewEnv(t.Context(), th, keymap.Default(), func() time.Time { return noon })
	env.Sleep = func(ctx context.Context, d time.Duration) error {
		if d >= glanceEvery {
			return context.Canceled // tests look by hand
		}
		return ctx.Err()
	}
	local.local = true
	if o.LocalDir == "" {
		o.LocalDir = "/home/ops/in"
	}
	d := &driver{t: t, site: site, local: local, queue: &queue{}}
	d.s = New(env, site, local, d.queue, o)
	d.s.Resize(120, 33)
	d.run(d.s.Init())
	return d
}

// run runs a command and everything that follows from it.
func (d *driver) run(cmd tea.Cmd) {
	d.t.Helper()
	if cmd == nil {
		return
	}
	if d.hold {
		d.held = append(d.held, cmd)
		return
	}
	d.give(cmd())
}

func (d *driver) give(msg tea.Msg) {
	d.t.Helper()
	switch m := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			d.run(c)
		}
	case ui.OpenMsg:
		d.boxes = append(d.boxes, m.Overlay)
		m.Overlay.Resize(100, 30)
		d.run(m.Overlay.Init())
	case ui.CloseMsg:
		d.boxes = slices.DeleteFunc(d.boxes, func(o ui.Overlay) bool { return o == m.Overlay })
	case ui.ToastMsg:
		d.toasts = append(d.toasts, m.Text)
	case ui.FailMsg:
		d.fails = append(d.fails, m)
	case ui.CopyMsg:
		d.copied = append(d.copied, m.Text)
	default:
		if c, ok := msg.(ui.ChangedMsg); ok {
			d.changes = append(d.changes, c)
		}
		for _, o := range slices.Clone(d.boxes) {
			d.run(o.Update(msg))
		}
		d.run(d.s.Update(msg))
	}
}

// spill runs a command of a dialog and gives its messages to the screen, but
// holds back what the screen then wants to run.
func (d *driver) spill(cmd tea.Cmd) {
	d.t.Helper()
	if cmd == nil {
		return
	}
	msg := cmd()
	if batch, ok := msg.(tea.BatchMsg); ok {
		for _, c := range batch {
			d.spill(c)
		}
		return
	}
	d.give(msg)
}

// release runs what was held back.
func (d *driver) release() {
	d.t.Helper()
	held := d.held
	d.hold, d.held = false, nil
	for _, c := range held {
		d.run(c)
	}
}

// do presses actions, on the topmost box when there is one. Only what is
// offered and enabled can be pressed.
func (d *driver) do(actions ...keymap.Action) {
	d.t.Helper()
	for _, a := range actions {
		var top ui.Component = d.s
		if n := len(d.boxes); n > 0 {
			top = d.boxes[n-1]
		}
		it, ok := top.Keys().Find(a)
		if !ok || it.Why != "" {
			d.t.Fatalf("%s cannot be done: offered %v, %q", a, ok, it.Why)
		}
		d.run(top.Do(a))
	}
}

// fill types a text into the prompt on top, in place of what stands there.
func (d *driver) fill(text string) {
	d.t.Helper()
	if len(d.boxes) == 0 {
		d.t.Fatal("there is no box to type into")
	}
	top := d.boxes[len(d.boxes)-1]
	top.Update(tea.KeyPressMsg{Code: 'e', Mod: tea.ModCtrl})
	top.Update(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
	for _, r := range text {
		d.run(top.Update(tea.KeyPressMsg{Code: r, Text: string(r)}))
	}
	d.do(keymap.Submit)
}

func (d *driver) why(a keymap.Action) string {
	it, _ := d.s.Keys().Find(a)
	return it.Why
}

// to puts the cursor of the focused pane on a name.
func (d *driver) to(name string) {
	d.t.Helper()
	p := d.s.here()
	if !p.table.Select(p.world.join(p.at.dir, name)) {
		d.t.Fatalf("there is no row %q", name)
	}
}

func (d *driver) cursor() string {
	e, _ := d.s.here().cursor()
	return e.Name
}

func (d *driver) screen() string { return cell.Strip(d.s.View()) }

func (d *driver) sees(texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(d.screen(), text) {
			d.t.Fatalf("the screen does not say %q:\n%s", text, d.screen())
		}
	}
}

func (d *driver) box() string {
	if len(d.boxes) == 0 {
		return ""
	}
	return cell.Strip(d.boxes[len(d.boxes)-1].View())
}

func finance() *tree {
	return (&tree{}).put("Finance/", "Legal/", "notes.txt", "Finance/2026/", "Finance/Audit/",
		"Finance/ledger-2026-10.csv", "Finance/payroll-2026-10.xlsx", "Finance/2026/plan.docx")
}

func inbox() *tree {
	return (&tree{}).put("/home/", "/home/ops/", "/home/ops/in/", "/home/ops/in/drafts/", "/home/ops/in/invoice-0001.pdf",
		"/home/ops/in/invoice-0002.pdf", "/home/ops/in/.secret", "/home/ops/in/supplier-overview-with-a-very-long-name-indeed.xlsx")
}

func big(n int) *tree {
	t := &tree{}
	for i := range n {
		t.put(fmt.Sprintf("row-%06d.dat", i))
	}
	return t
}
