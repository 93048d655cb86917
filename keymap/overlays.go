package keymap

// Actions of boxes that ask something.
const (
	Yes        Action = "dialog.yes"
	No         Action = "dialog.no"
	Press      Action = "dialog.press"
	FocusNext  Action = "dialog.next"
	FocusPrev  Action = "dialog.previous"
	CloseBox   Action = "dialog.close"
	ScrollDown Action = "dialog.scroll-down"
	ScrollUp   Action = "dialog.scroll-up"
)

var dialogs = []Binding{
	{Action: Yes, Keys: []string{"y"}, Label: "yes", Short: "yes", Group: Dialogs},
	{Action: No, Keys: []string{"n"}, Label: "no", Short: "no", Group: Dialogs},
	{Action: Press, Keys: []string{"enter"}, Label: "press the focused button", Short: "press", Group: Dialogs},
	{Action: FocusNext, Keys: []string{"tab", "right"}, Label: "next button", Group: Dialogs},
	{Action: FocusPrev, Keys: []string{"shift+tab", "left"}, Label: "previous button", Group: Dialogs},
	{Action: CloseBox, Keys: []string{"esc", "alt+esc"}, Label: "close without doing anything", Short: "close", Group: Dialogs},
	{Action: ScrollDown, Keys: []string{"down", "pgdown"}, Label: "scroll down", Group: Dialogs},
	{Action: ScrollUp, Keys: []string{"up", "pgup"}, Label: "scroll up", Group: Dialogs},
}

// Actions of forms: fields that take text. Every other key types.
const (
	FieldNext   Action = "form.next"
	FieldPrev   Action = "form.previous"
	FieldToggle Action = "form.toggle"
	Submit      Action = "form.submit"
	Cancel      Action = "form.cancel"
	ChoiceNext  Action = "form.choice-next"
	ChoicePrev  Action = "form.choice-previous"
)

var forms = []Binding{
	{Action: FieldNext, Keys: []string{"tab", "down"}, Label: "next field", Short: "next field", Group: Forms},
	{Action: FieldPrev, Keys: []string{"shift+tab", "up"}, Label: "previous field", Group: Forms},
	{Action: Submit, Keys: []string{"enter"}, Label: "send; goes first to what is still missing", Short: "send", Group: Forms},
	{Action: Cancel, Keys: []string{"esc", "alt+esc"}, Label: "leave without sending", Short: "cancel", Group: Forms},
	{Action: FieldToggle, Keys: []string{"ctrl+space", "f4"}, Label: "change the choice of this field", Group: Forms},
	{Action: ChoiceNext, Keys: []string{"right", "space"}, Label: "next choice, where a field offers some", Short: "change", Group: Forms},
	{Action: ChoicePrev, Keys: []string{"left"}, Label: "previous choice", Group: Forms},
}

// Actions of the login prompt; it also understands the form actions.
const (
	LoginSecret Action = "login.secret"
	LoginMethod Action = "login.method"
	LoginDemo   Action = "login.demo"
	LoginSave   Action = "login.save"
	LoginHelp   Action = "login.help"
	LoginQuit   Action = "login.quit"
)

var login = []Binding{
	{Action: LoginSecret, Keys: []string{"f2"}, Label: "show or hide what is secret", Short: "show", Group: LoginPrompt},
	{Action: LoginMethod, Keys: []string{"f3"}, Label: "next method: API key, password, session id", Short: "method", Group: LoginPrompt},
	{Action: LoginSave, Keys: []string{"f6"}, Label: "save this login as a profile, or not", Short: "save", Group: LoginPrompt},
	{Action: LoginDemo, Keys: []string{"f5"}, Label: "open the demo site", Short: "demo", Group: LoginPrompt},
	{Action: LoginHelp, Keys: []string{"f1"}, Label: "help", Short: "help", Group: LoginPrompt},
	{Action: LoginQuit, Keys: []string{"esc", "alt+esc"}, Label: "leave the prompt", Short: "quit", Group: LoginPrompt},
}

// Actions of help and palette: a list that narrows as one types.
const (
	PickDown  Action = "pick.down"
	PickUp    Action = "pick.up"
	PickRun   Action = "pick.run"
	PickClose Action = "pick.close"
)

var help = []Binding{
	{Action: PickDown, Keys: []string{"down", "ctrl+n"}, Label: "next entry", Group: HelpScreen},
	{Action: PickUp, Keys: []string{"up", "ctrl+p"}, Label: "previous entry", Group: HelpScreen},
	{Action: PickRun, Keys: []string{"enter"}, Label: "run the chosen entry", Short: "run", Group: HelpScreen},
	{Action: PickClose, Keys: []string{"esc", "alt+esc"}, Label: "close", Short: "close", Group: HelpScreen},
}

// Actions of the error card.
const (
	CardRetry   Action = "card.retry"
	CardLogin   Action = "card.login"
	CardLog     Action = "card.log"
	CardQueue   Action = "card.transfers"
	CardCopy    Action = "card.copy"
	CardParent  Action = "card.parent"
	CardRefresh Action = "card.refresh"
)

var errorCard = []Binding{
	{Action: CardRetry, Keys: []string{"r"}, Label: "try again", Short: "try again", Group: ErrorCards},
	{Action: CardLogin, Keys: []string{"@"}, Label: "log in again or elsewhere", Short: "log in", Group: ErrorCards},
	{Action: CardParent, Keys: []string{"h"}, Label: "go to the parent folder", Short: "parent folder", Group: ErrorCards},
	{Action: CardRefresh, Keys: []string{"R"}, Label: "load the screen again", Short: "load again", Group: ErrorCards},
	{Action: CardQueue, Keys: []string{"w"}, Label: "show the transfers", Short: "transfers", Group: ErrorCards},
	{Action: CardLog, Keys: []string{"W"}, Label: "messages and errors so far", Short: "messages", Group: ErrorCards},
	{Action: CardCopy, Keys: []string{"Y"}, Label: "copy the details", Short: "copy details", Group: ErrorCards},
}
