package syncplan

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/dialog"
)

// saved is how saving or loading a plan went.
type saved struct {
	file   string
	exists bool   // nothing was written: the file is there already
	board  *board // of a plan that was loaded
	mark   *board // whose plan was saved
	turns  int    // and how it was then
}

// place makes a full path of what was typed: "~" is the home folder, and what is
// not absolute lies beside the folder of the plan.
func (s *Screen) place(typed string) string {
	typed = strings.TrimSpace(typed)
	if rest, ok := strings.CutPrefix(typed, "~"+string(filepath.Separator)); ok {
		return filepath.Join(s.disk.Home(), rest)
	}
	if filepath.IsAbs(typed) {
		return filepath.Clean(typed)
	}
	return filepath.Join(s.beside(), typed)
}

// beside is the folder that holds the plan's own: a plan that lay within it
// would be synced with the rest.
func (s *Screen) beside() string {
	if s.asked.Local == "" {
		return s.disk.Home()
	}
	return s.disk.Parent(s.asked.Local)
}

func (s *Screen) askSave() tea.Cmd {
	name := "sync-" + filepath.Base(s.board.plan.Request.Local) + ".json"
	if base := filepath.Base(s.board.plan.Request.Local); pathutil.Display(base) != base || base == string(filepath.Separator) {
		name = "sync.json"
	}
	at := s.from
	if at == "" {
		at = filepath.Join(s.beside(), name)
	}
	return ui.Open(dialog.Prompt(s.env, dialog.PromptSpec{
		Title: "Save the plan with its ticks", Verb: "save", Label: "File", Value: at, Suggested: true,
		Help: "ferry sync --run carries it out later, unless a side has changed.",
		OnOK: func(typed string) tea.Cmd {
			return s.later(func() tea.Cmd { return s.write(s.place(typed), false) })
		},
	}))
}

// write saves the plan. One that is there already is asked about first, and what
// is no plan stays.
func (s *Screen) write(file string, replace bool) tea.Cmd {
	p, b := s.board.now(), s.board
	turns := b.turns
	engine, disk := s.engine, s.disk
	return s.save.Load(s.env.Ctx, func(ctx context.Context) (saved, error) {
		if !replace {
			if _, err := disk.Find(ctx, file); err == nil {
				return saved{file: file, exists: true}, engine.PlanPlace(file)
			}
		}
		return saved{file: file, mark: b, turns: turns}, engine.SavePlan(file, p)
	})
}

func (s *Screen) askLoad() tea.Cmd {
	at := s.from
	if at == "" && s.board != nil {
		at = s.board.file
	}
	if at == "" && len(s.cutOff) > 0 {
		at = s.cutOff[0].File
	}
	return ui.Open(dialog.Prompt(s.env, dialog.PromptSpec{
		Title: "Load a saved plan", Verb: "load", Label: "File", Value: at, Suggested: true, Placeholder: filepath.Join(s.beside(), "sync.json"),
		Help: "As s saves it, or ferry sync --plan.",
		OnOK: func(typed string) tea.Cmd {
			return s.later(func() tea.Cmd { return s.read(s.place(typed)) })
		},
	}))
}

func (s *Screen) read(file string) tea.Cmd {
	engine := s.engine
	return s.save.Load(s.env.Ctx, func(context.Context) (saved, error) {
		p, err := engine.LoadPlan(file)
		if err != nil {
			return saved{}, err
		}
		return saved{file: file, board: newBoard(p)}, nil
	})
}

// ours tells whether a file is that of a sync that was cut off.
func (s *Screen) ours(file string) bool {
	return slices.ContainsFunc(s.cutOff, func(c backend.CutOffPlan) bool { return c.File == file })
}

// known forgets a sync that was cut off: what became of it is told.
func (s *Screen) known(r backend.SyncRequest) {
	s.cutOff = slices.DeleteFunc(s.cutOff, func(c backend.CutOffPlan) bool { return c.Local == r.Local && c.Remote == r.Remote })
}

// askForget lets go of a sync that was cut off.
func (s *Screen) askForget() tea.Cmd {
	c, engine := s.cutOff[0], s.engine
	return ui.Open(dialog.Confirm(s.env, dialog.ConfirmSpec{
		Title: "Forget the sync that was cut off?", Yes: "Forget it", Opener: keymap.SyncForget,
		Body: []string{
			s.local(c.Local) + " and " + site(c.Remote), "",
			"Its plan goes; no file does. What it had still to delete stays.",
		},
		OnYes: s.later(func() tea.Cmd {
			r := backend.SyncRequest{Local: c.Local, Remote: c.Remote}
			s.known(r)
			s.empty()
			return func() tea.Msg {
				engine.ForgetPlan(r)
				return nil
			}
		}),
	}))
}

func (s *Screen) saved(v saved, err error) tea.Cmd {
	switch {
	case err != nil:
		return ui.Fail(err, nil)
	case v.board != nil:
		if why := s.busy(); why != "" {
			return ui.Toast(ui.Warning, "Not loaded: "+why)
		}
		if s.ours(v.file) { // it goes when it has run: no place to save to, and no file for a script
			s.show(v.board, "")
			s.board.edited = true
			return ui.Toast(ui.Success, "Loaded the plan of the sync that was cut off")
		}
		s.show(v.board, v.file)
		s.board.file = v.file
		return ui.Toast(ui.Success, "Loaded "+pathutil.Display(v.file))
	case v.exists:
		return ui.Open(dialog.Confirm(s.env, dialog.ConfirmSpec{
			Title: pathutil.Display(filepath.Base(v.file)) + " exists already", Body: []string{pathutil.Display(v.file)},
			Yes: "Replace it", Danger: true, OnYes: s.later(func() tea.Cmd { return s.write(v.file, true) }),
		}))
	}
	s.from = v.file
	if v.mark.turns != v.turns {
		return ui.Toast(ui.Warning, "Saved "+pathutil.Display(v.file)+" without what was changed meanwhile; "+s.env.Keys.Key(keymap.SyncSave)+" saves that too")
	}
	v.mark.file = v.file
	return ui.Toast(ui.Success, "Saved "+pathutil.Display(v.file)+"  "+s.env.Keys.Key(keymap.CopyText)+" copies the command that runs it")
}

// copyCommand copies the command line that does in a script what the screen
// would do: by the plan's file where there is one, else by comparing anew, which
// is the same only while no tick was changed.
func (s *Screen) copyCommand() tea.Cmd {
	line, why := s.command()
	if why != "" {
		return ui.Toast(ui.Warning, why)
	}
	what := line
	if s.opts.Demo {
		what = "how it goes, though no command reaches the demo site: " + line
	}
	return ui.Copy(line, what)
}

func (s *Screen) command() (line, why string) {
	b := s.board
	words := append([]string{"ferry", "sync"}, s.opts.Login...)
	switch r := b.plan.Request; {
	case b.file != "":
		words = append(words, "--run", b.file)
	case b.edited || s.ended != "":
		return "", "The ticks are not as compared: " + s.env.Keys.Key(keymap.SyncSave) + " saves the plan, then this copies the command that runs it"
	default:
		words = append(words, "--"+string(r.Mode))
		if r.Mirror {
			words = append(words, "--mirror")
		}
		if r.By == backend.ByHash {
			words = append(words, "--by", string(r.By))
		}
		for _, p := range r.Ignore {
			words = append(words, "--ignore", p)
		}
		words = append(words, r.Local, "/"+r.Remote)
	}
	if n := b.totals.Deletions; n > 0 {
		words = append(words, "--delete-count", strconv.Itoa(n))
	}
	for i, w := range words {
		words[i] = quote(w)
	}
	return strings.Join(words, " "), ""
}

// quote writes a word so that a shell takes it as it is.
func quote(w string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+=,", r) || r > 127
	}
	if w != "" && strings.IndexFunc(w, func(r rune) bool { return !plain(r) }) < 0 {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// ways says what can be done about a conflict.
func (s *Screen) ways(l *line) []string {
	key := s.env.Keys.Key
	first := key(keymap.SyncToSite) + " sends it to the site, " + key(keymap.SyncToHere) + " fetches it from there."
	if l.item.Stuck {
		first = "Rename or remove what stands in the way, then " + key(keymap.Refresh) + " compares again."
	}
	return []string{first, key(keymap.SyncCompare) + " compares in another way: there it can be left out for good."}
}

// tell is everything that is known of a line.
func (s *Screen) tell(r row) []string {
	l := r.line()
	th := s.env.Theme
	head := func(k, v string) string { return th.Paint(theme.Faint, pad(k)) + v }
	out := []string{head("found", string(l.item.Kind)), head("does", does(l))}
	if l.item.Reason != "" {
		out = append(out, head("because", pathutil.Display(l.item.Reason)))
	}
	out = append(out, head("here", side(l.item.Local)), head("on the site", side(l.item.Remote)))
	for _, x := range []struct {
		k  string
		st *backend.Stamp
	}{{"name here", l.item.Local}, {"its name there", l.item.Remote}} {
		if x.st != nil {
			out = append(out, head(x.k, pathutil.DisplayName(x.st.Name)))
		}
	}
	if renamed(l) != "" {
		out = append(out, head("written as", pathutil.DisplayName(l.item.Target)))
	}
	if l.item.Kind == backend.PlanConflict && !l.item.On && !l.told && !l.item.Unread {
		out = append(append(out, ""), s.ways(l)...)
	}
	if l.stale != "" {
		out = append(out, "", head("since then", l.stale))
	}
	switch {
	case l.alive:
		return append(out, "", head("now", became(l)))
	case l.told:
		out = append(out, "", head("became", pathutil.Display(became(l))))
	}
	if l.err != nil {
		x := backend.Explain(l.err)
		for _, w := range append(x.Lines, x.Code) {
			if w != "" {
				out = append(out, pathutil.Display(w))
			}
		}
	}
	return out
}
