package views

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/pathutil"
)

// callAfter is how long transfers have to run for their end to be worth a call:
// whoever waits that long is looking elsewhere.
const callAfter = 10 * time.Second

// Call is how the person is called when long transfers have ended.
type Call string

// The calls. The zero value calls nobody.
const (
	CallNobody       Call = ""
	CallBell         Call = "bell"         // the terminal rings, or marks its tab
	CallNotification Call = "notification" // the terminal shows a notification of the desktop (OSC 9)
)

// cmd calls with a text.
func (c Call) cmd(text string) tea.Cmd {
	switch c {
	case CallBell:
		return tea.Raw("\a")
	case CallNotification:
		// A control character would end the sequence early.
		shown := strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return -1
			}
			return r
		}, pathutil.Display(text))
		return tea.Raw("\x1b]9;Ferry: " + shown + "\x1b\\")
	}
	return nil
}
