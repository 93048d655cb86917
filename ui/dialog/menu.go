package dialog

import (
	"strings"

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
}

// MenuBox is a menu. Its letters are given by the items, so it takes raw keys.
type MenuBox struct {
	box
	spec MenuSpec
	at   int
	top  int
}

// Menu makes a menu.
func Menu(env *ui.Env, spec MenuSpec) *MenuBox {
	return &MenuBox{box: box{env: env, title: spec.Title}, spec: spec, at: min(max(spec.Selected, 0), max(len(spec.Items)-1, 0))}
}

// Init needs nothing.
func (m *MenuBox) Init() tea.Cmd { return nil }

// Typing is true: letters choose.
func (m *MenuBox) Typing() bool { return true }

// Keys are moving, choosing and closing.
func (m *MenuBox) Keys() keymap.Set {
	s := keymap.Of(keymap.PickRun, keymap.PickDown, keymap.PickUp, keymap.PickClose).Named(keymap.PickRun, "choose")
	if len(m.spec.Items) == 0 {
		return s.Disable("there is nothing to choose", keymap.PickRun)
	}
	return s.Disable(m.spec.Items[m.at].Why, keymap.PickRun)
}

// Do moves, chooses or closes.
func (m *MenuBox) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.PickDown:
		m.move(1)
	case keymap.PickUp:
		m.move(-1)
	case keymap.PickRun:
		return m.choose(m.at)
	case keymap.PickClose:
		return ui.Close(m)
	}
	return nil
}

func (m *MenuBox) choose(i int) tea.Cmd {
	it := m.spec.Items[i]
	if it.Why != "" {
		return ui.Toast(ui.Warning, it.Why)
	}
	return tea.Batch(ui.Close(m), it.Cmd)
}

// Update takes the letters of the items; those that no item has move like in
// any list.
func (m *MenuBox) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	for i, it := range m.spec.Items {
		if it.Key != "" && it.Key == k.String() && !k.IsRepeat {
			return m.choose(i)
		}
	}
	if it, out := m.env.Keys.Match(keymap.Movement(), []string{k.String()}); out == keymap.Found {
		switch it.Action {
		case keymap.Down:
			m.move(1)
		case keymap.Up:
			m.move(-1)
		case keymap.Last:
			m.move(len(m.spec.Items))
		case keymap.First:
			m.move(-len(m.spec.Items))
		}
	}
	return nil
}

func (m *MenuBox) move(d int) {
	m.at = min(max(m.at+d, 0), max(len(m.spec.Items)-1, 0))
	m.scroll()
}

func (m *MenuBox) rows() int { return max(m.h-4-len(m.spec.Body), 1) }

func (m *MenuBox) scroll() {
	n := m.rows()
	m.top = min(m.top, m.at)
	if m.at >= m.top+n {
		m.top = m.at - n + 1
	}
}

// Resize gives the largest box; a menu is as wide as its items.
func (m *MenuBox) Resize(w, h int) {
	need := cell.Width(m.title) + 8
	for _, it := range m.spec.Items {
		need = max(need, cell.Width(it.Label)+cell.Width(it.Why)+14)
	}
	for _, l := range m.spec.Body {
		need = max(need, min(cell.Width(l), widest)+4)
	}
	m.w, m.h = min(w, max(need, 40)), h
	m.scroll()
}

// View draws the box.
func (m *MenuBox) View() string {
	if m.small() {
		return ""
	}
	th := m.env.Theme
	lines := wrapped(m.spec.Body, m.inner())
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	end := min(m.top+m.rows(), len(m.spec.Items))
	for i := m.top; i < end; i++ {
		it := m.spec.Items[i]
		s, lead := theme.Base, " "
		if i == m.at {
			s, lead = theme.Bar, th.Glyphs.Cursor
		}
		role, label := theme.Text, it.Label
		if it.Why != "" {
			role, label = theme.Faint, label+": "+it.Why
		}
		lines = append(lines, th.On(s, theme.Accent).Paint(lead+" "+cell.Fit(it.Key, 3))+
			th.On(s, role).Paint(cell.Fit(label, m.inner()-5)))
	}
	return m.frame(lines, false, m.Keys())
}

// TextSpec is a text to read.
type TextSpec struct {
	Title string
	Body  []string
	Foot  string
	Wide  bool // use all the width there is
	Wrap  bool // break long lines instead of cutting them
}

// TextBox is a text that can be scrolled.
type TextBox struct {
	box
	spec TextSpec
	top  int
}

// Text makes a box with a text.
func Text(env *ui.Env, spec TextSpec) *TextBox {
	return &TextBox{box: box{env: env, title: spec.Title}, spec: spec}
}

// Init needs nothing.
func (t *TextBox) Init() tea.Cmd { return nil }

// Typing is false.
func (t *TextBox) Typing() bool { return false }

// Update has nothing to wait for.
func (t *TextBox) Update(tea.Msg) tea.Cmd { return nil }

// Keys are scrolling and closing.
func (t *TextBox) Keys() keymap.Set {
	s := keymap.Movement()
	if !t.long() {
		s = nil
	}
	return s.And(keymap.Of(keymap.CloseBox, keymap.Quit)).Named(keymap.Quit, "close")
}

// Do scrolls or closes.
func (t *TextBox) Do(a keymap.Action) tea.Cmd {
	page := t.rows()
	switch a {
	case keymap.Down:
		t.scroll(1)
	case keymap.Up:
		t.scroll(-1)
	case keymap.PageDown:
		t.scroll(page)
	case keymap.PageUp:
		t.scroll(-page)
	case keymap.HalfDown:
		t.scroll(page / 2)
	case keymap.HalfUp:
		t.scroll(-page / 2)
	case keymap.First:
		t.scroll(-t.top)
	case keymap.Last:
		t.scroll(len(t.lines()))
	case keymap.CloseBox, keymap.Quit:
		return ui.Close(t)
	}
	return nil
}

func (t *TextBox) lines() []string {
	if t.spec.Wrap {
		return wrapped(t.spec.Body, t.inner())
	}
	return t.spec.Body
}

func (t *TextBox) rows() int  { return max(t.h-4, 1) }
func (t *TextBox) long() bool { return len(t.lines()) > t.rows() }

func (t *TextBox) scroll(d int) {
	t.top = min(max(t.top+d, 0), max(len(t.lines())-t.rows(), 0))
}

// Resize gives the largest box; a text is as wide as its lines.
func (t *TextBox) Resize(w, h int) {
	need := 46
	for _, l := range t.spec.Body {
		need = max(need, cell.Width(l)+4)
	}
	if t.spec.Wrap {
		need = min(need, widest+14)
	}
	if t.spec.Wide {
		need = w
	}
	t.w, t.h = min(w, max(need, cell.Width(t.title)+8)), h
	t.scroll(0)
}

// View draws the box.
func (t *TextBox) View() string {
	if t.small() {
		return ""
	}
	all := t.lines()
	end := min(t.top+t.rows(), len(all))
	facts := t.spec.Foot
	if t.long() {
		facts = strings.TrimSpace(facts + "  " + cell.Count(t.top+1) + "–" + cell.Count(end) + " of " + cell.Count(len(all)))
	}
	th := t.env.Theme
	body := all[min(t.top, end):end]
	return cell.Frame(th, cell.FrameSpec{
		W: t.w, H: min(len(all), t.rows()) + 2, Title: t.title, Facts: facts, Focused: true,
		Foot: t.hints(keymap.Of(keymap.CloseBox)),
	}, body)
}
