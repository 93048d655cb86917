package views

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/theme"
)

// Messages from outside the program's loop; only main sends them.
type (
	// NetMsg is the state of the connection, for the top line.
	NetMsg struct {
		Latency  time.Duration // of the last answered request; 0 before the first
		InFlight int
		Waiting  string // "asked to slow down, goes on in 12 s"; "" when nothing waits
	}
	// SessionEndedMsg tells that the credentials in use no longer open the
	// site.
	SessionEndedMsg struct{ Err error }
	// Below is a message about one session. It counts only while that session is
	// on the screen: what one that was left still sends says nothing of the next.
	Below struct {
		Session *Session
		Msg     tea.Msg
	}
)

// record is one line of the message log.
type record struct {
	at   time.Time
	role theme.Role
	text string
	code string
}

const keptMessages = 500

func (a *App) note(role theme.Role, text, code string) {
	a.log = append(a.log, record{a.env.Now(), role, pathutil.Display(text), pathutil.Display(code)})
	if len(a.log) > keptMessages {
		a.log = a.log[len(a.log)-keptMessages:]
	}
}

func (a *App) noteError(err error) backend.Explanation {
	x := backend.Explain(err)
	text := x.Title
	for _, l := range x.Lines {
		text += " " + l
	}
	a.note(theme.Bad, text, x.Code)
	return x
}

// logLines draws the message log, newest first.
func (a *App) logLines() []string {
	th := a.env.Theme
	out := make([]string, 0, len(a.log)+1)
	for i := len(a.log) - 1; i >= 0; i-- {
		r := a.log[i]
		line := th.Paint(theme.Faint, r.at.Local().Format("15:04:05")) + "  " + th.Paint(r.role, r.text)
		if r.code != "" {
			line += "  " + th.Paint(theme.Faint, r.code)
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		out = append(out, th.Paint(theme.Faint, "Nothing has been said yet. What passes by below, and every error, is kept here."))
	}
	return out
}

func minutes(d time.Duration) string {
	d = d.Round(time.Minute)
	if d < 0 {
		d = 0
	}
	return fmt.Sprintf("%d:%02d", int(d.Hours()), int(d.Minutes())%60)
}
