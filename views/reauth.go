package views

import (
	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
	"ferry/ui/form"
)

// ReauthMsg asks the person once more for the password, or for the newest
// one-time code, because the site wants it for what was just asked of it
// (PROTOCOL.md 2). The request waits for Answer: a text, or a closed channel
// when the person will not. Answer has room for one text.
type ReauthMsg struct {
	Err    *backend.Error
	Answer chan<- string
}

// reauth opens the question. The text goes straight to the waiting request and
// is kept nowhere.
func (a *App) reauth(m ReauthMsg) tea.Cmd {
	what := "Files.com wants it for what you just did."
	if m.Err != nil && m.Err.Op != "" {
		what = "Files.com wants it to " + m.Err.Op
		if m.Err.Path != "" {
			what += ": " + m.Err.Path
		}
	}
	answer := m.Answer
	var box *dialog.FormBox
	box = dialog.NewForm(a.env, dialog.FormSpec{
		Title:   "password once more",
		Verb:    "send",
		Unasked: true,
		Body:    []string{pathutil.Display(what), "A one-time code is good too, where the account has one."},
		Fields:  []form.Field{{Key: "secret", Label: "Password or code", Kind: form.Secret, Required: true}},
		Submit: func(v, _ map[string]string) tea.Cmd {
			return ui.Batch(box.Done(), give(answer, v["secret"]))
		},
		OnCancel: func() tea.Msg {
			close(answer)
			return nil
		},
	})
	return ui.Open(box)
}

func give(answer chan<- string, secret string) tea.Cmd {
	return func() tea.Msg {
		answer <- secret
		return nil
	}
}
