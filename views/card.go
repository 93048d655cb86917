package views

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// card is an error as a box: what happened, why, and the keys that help.
type card struct {
	env   *ui.Env
	x     backend.Explanation
	err   *backend.Error
	retry tea.Cmd
	gone  bool // a way out was taken; a second key of the same burst takes none
	w, h  int
}

func newCard(env *ui.Env, x backend.Explanation, err *backend.Error, retry tea.Cmd) *card {
	return &card{env: env, x: x, err: err, retry: retry}
}

func (c *card) Init() tea.Cmd          { return nil }
func (c *card) Update(tea.Msg) tea.Cmd { return nil }
func (c *card) Typing() bool           { return false }
func (c *card) Decides() bool          { return true } // a key typed ahead would close it unread
func (c *card) Place() ui.Place        { return ui.Center }
func (c *card) Resize(w, h int)        { c.w, c.h = min(w, 72), h }

// steps says which key each way out has on a card.
var steps = map[backend.Step]keymap.Action{
	backend.StepRetry:   keymap.CardRetry,
	backend.StepLogin:   keymap.CardLogin,
	backend.StepParent:  keymap.CardParent,
	backend.StepRefresh: keymap.CardRefresh,
	backend.StepQueue:   keymap.CardQueue,
	backend.StepLog:     keymap.CardLog,
	backend.StepCopy:    keymap.CardCopy,
}

// Keys offers the ways out that this error has.
func (c *card) Keys() keymap.Set {
	var s keymap.Set
	for _, step := range c.x.Steps {
		if step == backend.StepRetry && c.retry == nil {
			continue
		}
		s = append(s, keymap.Item{Action: steps[step]})
	}
	return s.And(keymap.Of(keymap.CardLog, keymap.CardCopy, keymap.Press, keymap.CloseBox)).Named(keymap.Press, "close")
}

// Do closes the card and goes the way out.
func (c *card) Do(a keymap.Action) tea.Cmd {
	if c.gone {
		return nil
	}
	var then tea.Cmd
	switch a {
	case keymap.CardRetry:
		then = c.retry
	case keymap.CardLogin:
		then = ui.Say(ui.RunMsg{Action: keymap.SwitchSite})
	case keymap.CardParent:
		then = ui.Say(ui.RunMsg{Action: keymap.Back})
	case keymap.CardRefresh:
		then = ui.Say(ui.RunMsg{Action: keymap.Refresh})
	case keymap.CardQueue:
		then = ui.Say(ui.RunMsg{Action: keymap.Drawer})
	case keymap.CardLog:
		then = ui.Say(ui.RunMsg{Action: keymap.Messages})
	case keymap.CardCopy:
		return ui.Copy(c.details(), "the details of this error")
	}
	c.gone = true
	return tea.Sequence(ui.Close(c), then)
}

// details is the text for somebody who can help; it holds no secrets because
// backend.Error does not.
func (c *card) details() string {
	return strings.Join(append([]string{c.x.Title + "."}, append(c.x.Lines, c.x.Code)...), "\n")
}

// View draws the box.
func (c *card) View() string {
	if c.w < 20 || c.h < 5 {
		return ""
	}
	th := c.env.Theme
	inner := c.w - 4
	var body []string
	for _, l := range c.x.Lines {
		body = append(body, cell.Wrap(pathutil.Display(l), inner)...)
	}
	var keys []string
	shut := c.env.Keys.Key(keymap.CloseBox)
	for _, h := range c.env.Keys.Hints(c.Keys().Without(keymap.Press)) {
		if enter := c.env.Keys.Key(keymap.Press); h.Key == shut && enter != "" {
			h.Key = enter + "/" + shut // one hint for both
		}
		keys = append(keys, th.Paint(theme.Accent, h.Key)+" "+h.Text)
	}
	body = append(body, "")
	body = append(body, wrapHints(keys, inner)...)
	for _, l := range cell.Wrap(pathutil.Display(c.x.Code), inner) {
		body = append(body, th.Paint(theme.Faint, l))
	}
	if room := c.h - 2; len(body) > room {
		body = body[:room]
	}
	return cell.Frame(th, cell.FrameSpec{
		W: c.w, H: len(body) + 2, Danger: true,
		Title: th.Glyphs.Failed + " " + c.x.Title,
	}, body)
}

// wrapHints breaks between hints, never within one.
func wrapHints(keys []string, w int) []string {
	var out []string
	line := ""
	for _, k := range keys {
		switch {
		case line == "":
			line = k
		case cell.Width(line)+3+cell.Width(k) > w:
			out, line = append(out, line), k
		default:
			line += "   " + k
		}
	}
	return append(out, line)
}
