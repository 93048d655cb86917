package dialog

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// MenuItem is one choice.
type MenuItem struct {
	Label string
	Key   string // a letter that chooses it, "" for none
	Why   string // the reason it cannot be chosen, "" when it can
	Cmd   tea.Cmd
}

// MenuSpec is a few choices.
type MenuSpec struct {
	Title    string
	Body     []string
	Items    []MenuItem
	Selected int
	// Digits takes the first digit of a value that is typed instead of chosen; nil
	// where no value can be typed. The menu closes.
	Digits func(string) tea.Cmd
}

// MenuBox is a menu. Its letters are given by the items, so it takes raw keys.
type MenuBox struct {
	box
	spec MenuSpec
	at   int
	top  int

	begun []string // keys of an unfinished sequence that moves
}

// Menu makes a menu.
func Menu(env *ui.Env, spec MenuSpec) *MenuBox {
	return &MenuBox{box: box{env: env, title: spec.Title}, spec: spec, at: min(max(spec.Selected, 0), max(len(spec.Items)-1, 0))}
}

// Typing is true: letters choose.
func (m *MenuBox) Typing() bool { return true }

// Decides is true: a letter chooses.
func (m *MenuBox) Decides() bool { return true }

// Keys are moving, choosing, closing and help.
func (m *MenuBox) Keys() keymap.Set {
	s := keymap.Of(keymap.PickRun, keymap.PickDown, keymap.PickUp, keymap.PickClose, keymap.Help).Named(keymap.PickRun, "choose")
	if len(m.spec.Items) == 0 {
		return s.Disable("there is nothing to choose", keymap.PickRun)
	}
	return s.Disable(m.spec.Items[m.at].Why, keymap.PickRun)
}

// Do moves, chooses or closes.
func (m *MenuBox) Do(a keymap.Action) tea.Cmd {
	m.begun = nil
	switch a {
	case keymap.PickDown:
		m.move(1)
	case keymap.PickUp:
		m.move(-1)
	case keymap.PickRun:
		return m.choose(m.at)
	case keymap.PickClose:
		return m.leave(m)
	}
	return nil
}

func (m *MenuBox) choose(i int) tea.Cmd {
	if m.gone || i >= len(m.spec.Items) {
		return nil
	}
	it := m.spec.Items[i]
	if it.Why != "" {
		return ui.Toast(ui.Warning, it.Why)
	}
	return ui.Batch(m.leave(m), it.Cmd)
}

// Update takes the letters of the items; those that no item has move like in
// any list.
func (m *MenuBox) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	begun := m.begun
	m.begun = nil
	for i, it := range m.spec.Items {
		if it.Key != "" && it.Key == k.String() && !k.IsRepeat {
			return m.choose(i)
		}
	}
	if s := k.String(); m.spec.Digits != nil && !m.gone && len(s) == 1 && s[0] >= '0' && s[0] <= '9' {
		return ui.Batch(m.leave(m), m.spec.Digits(s))
	}
	typed := append(slices.Clip(begun), k.String())
	switch it, out := m.env.Keys.Match(keymap.Movement(), typed); out {
	case keymap.Pending:
		m.begun = typed
	case keymap.Found:
		m.walk(it.Action)
	case keymap.Nothing:
		if len(begun) == 0 && !k.IsRepeat && !m.gone {
			return ui.Toast(ui.Note, ui.NoAnswer(keymap.Caption(k.String()), m.answers()))
		}
	}
	return nil
}

// answers are the keys that choose, and the one that closes.
func (m *MenuBox) answers() []string {
	var keys []string
	for _, it := range m.spec.Items {
		if it.Key != "" && it.Why == "" {
			keys = append(keys, it.Key)
		}
	}
	if m.spec.Digits != nil {
		keys = append(keys, "0-9")
	}
	for _, h := range m.env.Keys.Hints(m.Keys().Without(keymap.Help)) {
		keys = append(keys, h.Key)
	}
	return keys
}

// walk moves as in any list.
func (m *MenuBox) walk(a keymap.Action) {
	switch n := m.rows(); a {
	case keymap.Down:
		m.move(1)
	case keymap.Up:
		m.move(-1)
	case keymap.PageDown:
		m.move(n)
	case keymap.PageUp:
		m.move(-n)
	case keymap.HalfDown:
		m.move((n + 1) / 2)
	case keymap.HalfUp:
		m.move(-(n + 1) / 2)
	case keymap.Last:
		m.move(len(m.spec.Items))
	case keymap.First:
		m.move(-len(m.spec.Items))
	}
}

func (m *MenuBox) move(d int) {
	m.at = min(max(m.at+d, 0), max(len(m.spec.Items)-1, 0))
	m.scroll()
}

// rows is the number of items that can be seen at a time.
func (m *MenuBox) rows() int {
	return min(max(m.h-frameH-2-len(m.body()), 1), len(m.spec.Items))
}

// body is the text above the items; in a low room there is none.
func (m *MenuBox) body() []string {
	text := wrapped(m.spec.Body, m.inner())
	if len(text) == 0 || len(text)+frameH+6 > m.h {
		return nil
	}
	return append(text, "")
}

func (m *MenuBox) scroll() {
	n := m.rows()
	m.top = min(m.top, m.at)
	m.top = max(m.top, m.at-n+1)
	m.top = max(min(m.top, len(m.spec.Items)-n), 0)
}

// Resize gives the largest box; a menu is as wide as its items.
func (m *MenuBox) Resize(w, h int) {
	text := slices.Clone(m.spec.Body)
	for _, it := range m.spec.Items {
		text = append(text, cell.Pad(m.keys()+4)+m.label(it))
	}
	m.fit(w, h, text)
	m.scroll()
}

// keys is the width of the widest key.
func (m *MenuBox) keys() int {
	n := 0
	for _, it := range m.spec.Items {
		n = max(n, cell.Width(it.Key))
	}
	return n
}

// label is an item with the reason why it cannot be chosen.
func (m *MenuBox) label(it MenuItem) string {
	if it.Why == "" {
		return it.Label
	}
	return it.Label + " " + m.env.Theme.Glyphs.Dot + " " + it.Why
}

// View draws the box.
func (m *MenuBox) View() string {
	if m.small() {
		return ""
	}
	th := m.env.Theme
	text := m.body()
	kw := m.keys()
	end := min(m.top+m.rows(), len(m.spec.Items))
	for i := m.top; i < end; i++ {
		it := m.spec.Items[i]
		s, sign := theme.Base, " "
		if i == m.at {
			s, sign = theme.Bar, th.Glyphs.Cursor
		}
		role := theme.Text
		if it.Why != "" {
			role = theme.Faint
		}
		key := sign + " "
		if kw > 0 {
			key += cell.Fit(it.Key, kw) + "  "
		}
		key = cell.Truncate(key, m.inner(), "")
		text = append(text, th.On(s, theme.Accent).Paint(key)+th.On(s, role).Paint(cell.Fit(m.label(it), m.inner()-cell.Width(key))))
	}
	keys := m.Keys().Without(keymap.Help) // the last line names it
	if n := len(m.spec.Items); m.rows() < n {
		keys = keys.Named(keymap.PickRun, "choose "+cell.Count(m.at+1)+" of "+cell.Count(n))
	}
	return m.frame(text, nil, false, keys)
}
