package login

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

const boxWidth = 68

// Resize gives the largest box.
func (s *Screen[S]) Resize(w, h int) {
	s.w, s.h = w, h
	s.form.Resize(min(w, boxWidth)-4, max(h-9, 3))
}

// View draws the prompt.
func (s *Screen[S]) View() string {
	if s.w < 24 || s.h < 8 {
		return ""
	}
	th := s.env.Theme
	w := min(s.w, boxWidth)
	inner := w - 4
	var body []string
	para := func(role theme.Role, text string) {
		for _, l := range cell.Wrap(pathutil.Display(text), inner) {
			body = append(body, th.Paint(role, l))
		}
	}
	title := "log in to Files.com"
	switch {
	case s.second != nil:
		title = "second factor"
		para(theme.Text, s.typed[fieldUser]+" at "+s.typed[fieldSite])
		body = append(body, "")
	case s.why != "":
		para(theme.Warn, s.why)
		body = append(body, "")
	}
	body = append(body, cell.Lines(s.form.View())...)
	body = append(body, "")
	switch {
	case s.busy != "":
		para(theme.Warn, s.busy+th.Glyphs.Ellipsis+" esc cancels")
		body = append(body, "")
	case s.fail != nil:
		s.explain(para)
		body = append(body, "")
	}
	body = append(body, s.hints(inner)...)
	if s.second == nil && s.why == "" && s.fail == nil && s.busy == "" {
		body = append(body, "")
		para(theme.Faint, "No account? "+s.env.Keys.Key(keymap.LoginDemo)+" opens a demo site that runs inside this program: nothing to install, nothing leaves this machine.")
	}
	return cell.Frame(th, cell.FrameSpec{W: w, H: len(body) + 2, Title: title, Facts: s.fact(), Focused: true}, body)
}

func (s *Screen[S]) fact() string {
	if s.second != nil {
		return s.second.Preferred()
	}
	return s.method.String()
}

// explain says in one or two sentences what went wrong.
func (s *Screen[S]) explain(para func(theme.Role, string)) {
	x := backend.Explain(s.fail)
	para(theme.Bad, s.env.Theme.Glyphs.Failed+" "+x.Title+".")
	lines := x.Lines
	if errors.Is(s.fail, backend.Connection) {
		lines = lines[max(len(lines)-1, 0):] // no transfer waits here: only why
	}
	n := 0
	for _, l := range lines {
		if strings.HasPrefix(l, "While trying") || n == 2 {
			continue
		}
		para(theme.Text, l)
		n++
	}
	para(theme.Faint, x.Code)
}

func (s *Screen[S]) hints(w int) []string {
	th := s.env.Theme
	var out []string
	line := ""
	for _, h := range s.env.Keys.Hints(s.Keys()) {
		k := th.Paint(theme.Accent, h.Key) + " " + th.Paint(theme.Faint, h.Text)
		switch {
		case line == "":
			line = k
		case cell.Width(line)+2+cell.Width(k) > w:
			out, line = append(out, line), k
		default:
			line += "  " + k
		}
	}
	return append(out, line)
}

func (s *Screen[S]) help() tea.Cmd {
	return ui.Open(dialog.Text(s.env, dialog.TextSpec{Title: "logging in", Body: []string{
		"Site: the subdomain of your site (the part before .files.com), or a",
		"whole address such as https://files.example.com.",
		"",
		"API key: made in the web interface under Integrations, or by an",
		"administrator. The best choice for daily work: no second factor, no",
		"end of the session.",
		"",
		"User name and password: as in the browser. One-time codes and Yubi",
		"keys are asked for in a second step. Accounts that use single sign-on",
		"or security keys of the browser need an API key here.",
		"",
		"Session id: a session that another program has opened.",
		"",
		"Saved logins: the settings go to the configuration folder, the secret",
		"to the key store of the system. Where there is none, it goes to a file",
		"that only you can read, and Ferry says so.",
	}}))
}
