package ui

import (
	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
)

// Intents go up: only the shell handles them.
type (
	// OpenMsg puts an overlay on top.
	OpenMsg struct{ Overlay Overlay }
	// CloseMsg takes this overlay away, wherever in the stack it is.
	CloseMsg struct{ Overlay Overlay }
	// GotoMsg shows a screen. Args are for that screen alone, which gets them
	// as a message of its own.
	GotoMsg struct {
		Route Route
		Args  tea.Msg
	}
	// ToastMsg says something in passing. It is kept in the message log.
	ToastMsg struct {
		Text string
		Kind ToastKind
	}
	// FailMsg shows an error as a card and keeps it in the message log. Retry
	// may be nil.
	FailMsg struct {
		Err   error
		Retry tea.Cmd
	}
	// NotedMsg keeps an error in the message log that a screen shows in place.
	NotedMsg struct{ Err error }
	// ChangedMsg tells everyone that something at these remote paths, or of
	// this kind, is no longer what was loaded.
	ChangedMsg struct {
		Side  Side
		Paths []string
	}
	// CompareMsg asks to compare a folder of this machine with one of the site
	// and to plan a sync. FromLocal tells which of them was in front.
	CompareMsg struct {
		Local, Remote string
		FromLocal     bool
	}
	// RunMsg asks the shell to run an action as if its key had been pressed;
	// help and palette say it. With a Route that screen is shown first.
	RunMsg struct {
		Action keymap.Action
		Route  Route
	}
	// QuitMsg leaves the program; the shell asks first when work is running.
	QuitMsg struct{}
	// CopyMsg sends a text to the clipboard. What names it in the toast.
	CopyMsg struct{ Text, What string }
	// ShownMsg tells a screen that it has come to the front, and what was
	// wanted of it.
	ShownMsg struct {
		Route Route
		Args  tea.Msg
	}
)

// Side tells which world a ChangedMsg speaks of.
type Side uint8

// The sides.
const (
	RemoteSide Side = iota
	LocalSide
)

// Route names a screen.
type Route string

// The routes.
const (
	RouteLogin       Route = "login"
	RouteFiles       Route = "files"
	RouteTransfers   Route = "transfers"
	RouteUsers       Route = "users"
	RouteAutomations Route = "automations"
	RouteActivity    Route = "activity"
	RouteResources   Route = "resources"
	RouteSync        Route = "sync"
)

// ToastKind gives a toast its glyph and colour.
type ToastKind uint8

// The kinds.
const (
	Note ToastKind = iota
	Success
	Warning
)

// Open puts an overlay on top.
func Open(o Overlay) tea.Cmd { return Say(OpenMsg{o}) }

// Close takes an overlay away.
func Close(o Overlay) tea.Cmd { return Say(CloseMsg{o}) }

// Goto shows a screen; args may be nil.
func Goto(r Route, args tea.Msg) tea.Cmd { return Say(GotoMsg{r, args}) }

// Toast says something in passing.
func Toast(kind ToastKind, text string) tea.Cmd { return Say(ToastMsg{text, kind}) }

// NoAnswer says which keys answer a question that was given another one.
func NoAnswer(key string, keys []string) string {
	text := key + " is no answer"
	for i, k := range keys {
		switch {
		case i == 0:
			text += ": "
		case i == len(keys)-1:
			text += " or "
		default:
			text += " "
		}
		text += k
	}
	return text
}

// Fail shows an error as a card; retry may be nil.
func Fail(err error, retry tea.Cmd) tea.Cmd {
	if err == nil {
		return nil
	}
	return Say(FailMsg{err, retry})
}

// Noted keeps an error in the message log that is shown in place.
func Noted(err error) tea.Cmd { return Say(NotedMsg{err}) }

// Changed tells everyone that these paths are no longer what was loaded.
func Changed(side Side, paths ...string) tea.Cmd { return Say(ChangedMsg{side, paths}) }

// Copy sends a text to the clipboard.
func Copy(text, what string) tea.Cmd { return Say(CopyMsg{text, what}) }

// Quit leaves the program.
func Quit() tea.Cmd { return Say(QuitMsg{}) }

// KeyPress is what a Typing component gets for a key that Keys does not claim.
type KeyPress = tea.KeyPressMsg

// Paste is what a Typing component gets for a pasted text.
type Paste = tea.PasteMsg
