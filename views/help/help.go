// Package help is the list of everything that can be done, narrowed as one
// types: as the help of a screen with its headings, and as the command palette.
// Enter runs what is chosen.
package help

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/form"
)

// Entry is one thing that can be chosen.
type Entry struct {
	Action keymap.Action
	Group  string
	Label  string
	Keys   string
	Why    string // the reason it cannot be done now, "" when it can
	Words  string // other words by which it is found: "users quit q"
	Route  ui.Route
	Where  string // the name of the screen that Route shows first, "" for the one in front
}

// Spec says which list it is.
type Spec struct {
	Title   string
	Prompt  string
	Entries []Entry
	Grouped bool // with headings, in the order given, until something is typed
	Place   ui.Place
	// Command is tried first when Enter is pressed: a line such as "users" or
	// "site prod". It gives nil when it does not understand the line.
	Command func(line string) tea.Cmd
}

// Picker is the overlay.
type Picker struct {
	env     *ui.Env
	spec    Spec
	input   *form.Input
	shown   []Entry
	marks   map[int][]int // index in shown → matched bytes of the label
	at      int
	top     int
	w, h    int
	content int // rows of the list
}

// New makes a picker.
func New(env *ui.Env, spec Spec) *Picker {
	p := &Picker{env: env, spec: spec, input: form.NewInput(env, "", "")}
	p.narrow()
	return p
}

// Init needs nothing.
func (p *Picker) Init() tea.Cmd { return nil }

// Place is where the spec wants it.
func (p *Picker) Place() ui.Place { return p.spec.Place }

// Typing is true: the list narrows by what is typed.
func (p *Picker) Typing() bool { return true }

// Keys offers moving, running and closing.
func (p *Picker) Keys() keymap.Set {
	s := keymap.Of(keymap.PickRun, keymap.PickDown, keymap.PickUp, keymap.PickClose)
	if len(p.shown) == 0 && p.spec.Command == nil {
		s = s.Disable("nothing matches what you typed", keymap.PickRun)
	}
	return s
}

// Do moves, runs or closes.
func (p *Picker) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.PickDown:
		p.move(1)
	case keymap.PickUp:
		p.move(-1)
	case keymap.PickClose:
		return ui.Close(p)
	case keymap.PickRun:
		return p.run()
	}
	return nil
}

func (p *Picker) run() tea.Cmd {
	line := strings.TrimSpace(p.input.Value())
	if p.spec.Command != nil && line != "" {
		if cmd := p.spec.Command(line); cmd != nil {
			return tea.Sequence(ui.Close(p), cmd)
		}
	}
	if p.at >= len(p.shown) {
		return ui.Toast(ui.Warning, "Nothing is called "+line)
	}
	e := p.shown[p.at]
	if e.Why != "" {
		return ui.Toast(ui.Warning, sentence(e.Why))
	}
	return tea.Sequence(ui.Close(p), ui.Say(ui.RunMsg{Action: e.Action, Route: e.Route}))
}

// sentence begins a reason with a capital letter, as the shell does when the key
// itself is pressed.
func sentence(why string) string {
	r, n := utf8.DecodeRuneInString(why)
	return string(unicode.ToUpper(r)) + why[n:]
}

// Update types.
func (p *Picker) Update(msg tea.Msg) tea.Cmd {
	if p.input.Update(msg) {
		p.narrow()
	}
	return nil
}

// names is the haystack of the fuzzy search.
type names []Entry

func (n names) String(i int) string { return n[i].Label + " " + n[i].Words }
func (n names) Len() int            { return len(n) }

func (p *Picker) narrow() {
	q := strings.TrimSpace(p.input.Value())
	p.at, p.top, p.marks = 0, 0, nil
	if q == "" {
		p.shown = p.spec.Entries
		return
	}
	found := fuzzy.FindFrom(q, names(p.spec.Entries))
	low := strings.ToLower(q)
	good := func(m fuzzy.Match) bool { return rank(p.spec.Entries[m.Index], low) > 0 }
	if slices.ContainsFunc(found, good) { // letters in order only help where nothing better is found
		found = slices.DeleteFunc(found, func(m fuzzy.Match) bool { return !good(m) })
	}
	slices.SortStableFunc(found, func(a, b fuzzy.Match) int {
		x, y := p.spec.Entries[a.Index], p.spec.Entries[b.Index]
		return cmp.Or(cmp.Compare(rank(y, low), rank(x, low)), cmp.Compare(min(len(x.Why), 1), min(len(y.Why), 1)))
	})
	p.shown = make([]Entry, 0, len(found))
	p.marks = make(map[int][]int, len(found))
	for i, f := range found {
		p.shown = append(p.shown, p.spec.Entries[f.Index])
		p.marks[i] = f.MatchedIndexes
	}
}

// rank puts whole words before letters that only happen to stand in order.
func rank(e Entry, q string) int {
	label, words := strings.ToLower(e.Label), strings.Fields(strings.ToLower(e.Words))
	switch {
	case slices.Contains(words, q), e.Keys == q:
		return 3
	case strings.HasPrefix(label, q), strings.Contains(label, " "+q):
		return 2
	case strings.Contains(label, q):
		return 1
	}
	return 0
}

func (p *Picker) move(d int) {
	if len(p.shown) == 0 {
		return
	}
	p.at = min(max(p.at+d, 0), len(p.shown)-1)
	p.scroll()
}

// scroll keeps the chosen line, and the heading above it, in the window.
func (p *Picker) scroll() {
	_, at := p.lines(nil)
	rows := max(p.content, 1)
	if at < p.top+1 {
		p.top = max(at-1, 0)
	}
	if at >= p.top+rows {
		p.top = at - rows + 1
	}
}

// Resize gives the largest box.
func (p *Picker) Resize(w, h int) {
	p.w, p.h = min(w, 84), h
	p.content = max(min(p.h-4, p.rows()), 1)
	p.scroll()
}

func (p *Picker) rows() int {
	n := len(p.spec.Entries)
	if p.spec.Grouped {
		last := ""
		for _, e := range p.spec.Entries {
			if e.Group != last {
				n, last = n+1, e.Group
			}
		}
	}
	return n
}

// lines lays the list out; draw is nil when only the place of the chosen entry
// is wanted.
func (p *Picker) lines(draw func(i int, e Entry) string) (out []string, at int) {
	headings := p.spec.Grouped && p.marks == nil
	last, n := "", 0
	for i, e := range p.shown {
		if headings && e.Group != last {
			last = e.Group
			if draw != nil {
				out = append(out, p.env.Theme.Paint(theme.Faint, " "+e.Group))
			}
			n++
		}
		if i == p.at {
			at = n
		}
		if draw != nil {
			out = append(out, draw(i, e))
		}
		n++
	}
	return out, at
}

// View draws the box.
func (p *Picker) View() string {
	if p.w < 20 || p.h < 5 {
		return ""
	}
	th := p.env.Theme
	inner := p.w - 4
	lines, _ := p.lines(func(i int, e Entry) string { return p.row(i, e, inner) })
	if len(lines) == 0 {
		lines = []string{th.Paint(theme.Faint, " Nothing matches. Delete a letter, or esc to close.")}
	}
	end := min(p.top+p.content, len(lines))
	body := []string{th.Paint(theme.Accent, p.spec.Prompt) + p.input.View(max(inner-cell.Width(p.spec.Prompt), 4), true), ""}
	body = append(body, lines[min(p.top, end):end]...)
	for len(body) < p.content+2 {
		body = append(body, "")
	}
	return cell.Frame(th, cell.FrameSpec{W: p.w, H: p.content + 4, Title: p.spec.Title, Facts: p.facts(), Foot: p.foot(), Focused: true}, body)
}

func (p *Picker) facts() string {
	if p.marks != nil {
		return cell.Count(len(p.shown)) + " of " + cell.Count(len(p.spec.Entries))
	}
	return cell.Count(len(p.spec.Entries))
}

func (p *Picker) foot() string {
	parts := make([]string, 0, 3)
	for _, h := range p.env.Keys.Hints(p.Keys()) {
		parts = append(parts, p.env.Theme.Paint(theme.Accent, h.Key)+" "+p.env.Theme.Paint(theme.Faint, h.Text))
	}
	return strings.Join(parts, "  ")
}

func (p *Picker) row(i int, e Entry, w int) string {
	th, s := p.env.Theme, theme.Base
	lead := "  "
	if i == p.at {
		s, lead = theme.Bar, th.Glyphs.Cursor+" "
	}
	const keys = 14
	role := theme.Text
	label := e.Label
	if e.Why != "" {
		role, label = theme.Faint, label+": "+e.Why
	}
	where := ""
	if e.Where != "" {
		where = "  " + e.Where
	}
	return th.On(s, theme.Accent).Paint(lead+cell.Fit(e.Keys, keys)) +
		th.On(s, role).Paint(cell.Fit(label, max(w-keys-2-cell.Width(where), 0))) + th.On(s, theme.Faint).Paint(where)
}
