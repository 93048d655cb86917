package keymap

// declared lists the parts of the map: the global one and one per place. A new
// action is one line in the part of its place.
func declared() [][]Binding {
	return [][]Binding{
		global, list, files, syncs, transfers, users, automations, resources, activity, login, help, dialogs, forms, errorCard,
	}
}

// The headings.
const (
	Everywhere  Group = "Everywhere"
	Moving      Group = "Moving and selecting"
	Files       Group = "Files"
	SyncPlans   Group = "Sync"
	Transfers   Group = "Transfers"
	Users       Group = "Users"
	Automations Group = "Automations"
	Resources   Group = "Resources"
	ActivityLog Group = "Activity log"
	LoginPrompt Group = "Login"
	HelpScreen  Group = "Help and palette"
	Dialogs     Group = "Dialogs"
	Forms       Group = "Forms"
	ErrorCards  Group = "Error cards"
)

// Actions of the shell, in force on every screen that is not taking text.
const (
	Help          Action = "app.help"
	Palette       Action = "app.palette"
	GotoFiles     Action = "app.files"
	GotoTransfers Action = "app.transfers"
	GotoUsers     Action = "app.users"
	GotoAutomate  Action = "app.automations"
	GotoActivity  Action = "app.activity"
	GotoResources Action = "app.resources"
	GotoSync      Action = "app.sync"
	Drawer        Action = "app.drawer"
	Messages      Action = "app.messages"
	SwitchSite    Action = "app.site"
	ThemeNext     Action = "app.theme"
	Quit          Action = "app.quit"
	Interrupt     Action = "app.interrupt"
	Redraw        Action = "app.redraw"
	Suspend       Action = "app.suspend"
)

var global = []Binding{
	{Action: Help, Keys: []string{"?", "f1"}, Label: "help: everything that can be done here", Short: "help", Group: Everywhere},
	{Action: Palette, Keys: []string{":", "f9"}, Label: "command palette: every action and screen", Short: "commands", Group: Everywhere},
	{Action: GotoFiles, Keys: []string{"1"}, Label: "go to files", Group: Everywhere},
	{Action: GotoTransfers, Keys: []string{"2"}, Label: "go to transfers", Group: Everywhere},
	{Action: GotoUsers, Keys: []string{"3"}, Label: "go to users", Group: Everywhere},
	{Action: GotoAutomate, Keys: []string{"4"}, Label: "go to automations", Group: Everywhere},
	{Action: GotoActivity, Keys: []string{"5"}, Label: "go to the activity log", Group: Everywhere},
	{Action: GotoResources, Keys: []string{"6"}, Label: "go to every other resource", Group: Everywhere},
	{Action: GotoSync, Keys: []string{"7"}, Label: "go to the sync plan", Group: Everywhere},
	{Action: Drawer, Keys: []string{"w"}, Label: "transfers drawer", Group: Everywhere},
	{Action: Messages, Keys: []string{"W"}, Label: "messages and errors so far", Group: Everywhere},
	{Action: SwitchSite, Keys: []string{"@"}, Label: "log in to another site or as another user", Group: Everywhere},
	{Action: ThemeNext, Keys: []string{"ctrl+t"}, Label: "next colour theme", Group: Everywhere},
	{Action: Quit, Keys: []string{"q", "f10"}, Label: "close this, or quit at the top", Group: Everywhere},
	{Action: Interrupt, Keys: []string{"ctrl+c"}, Label: "cancel the running request; twice asks to quit", Group: Everywhere, Always: true},
	{Action: Redraw, Keys: []string{"ctrl+l"}, Label: "draw the screen again", Group: Everywhere, Always: true},
	{Action: Suspend, Keys: []string{"ctrl+z"}, Label: "suspend to the shell", Group: Everywhere, Always: true},
}

// Globals is the set that the shell adds to every screen.
func Globals() Set {
	s := make(Set, 0, len(global))
	for _, b := range global {
		s = append(s, Item{Action: b.Action})
	}
	return s
}

// AlwaysSet is the part of the global set that also works under an overlay.
func AlwaysSet() Set {
	var s Set
	for _, b := range global {
		if b.Always {
			s = append(s, Item{Action: b.Action})
		}
	}
	return s
}

// Actions that every list understands.
const (
	Up           Action = "list.up"
	Down         Action = "list.down"
	First        Action = "list.first"
	Last         Action = "list.last"
	PageDown     Action = "list.page-down"
	PageUp       Action = "list.page-up"
	HalfDown     Action = "list.half-down"
	HalfUp       Action = "list.half-up"
	Enter        Action = "list.open"
	Back         Action = "list.back"
	Narrow       Action = "list.narrow"
	NextMatch    Action = "list.next-match"
	PrevMatch    Action = "list.prev-match"
	Sort         Action = "list.sort"
	Reverse      Action = "list.reverse"
	Mark         Action = "list.mark"
	MarkRange    Action = "list.mark-range"
	Invert       Action = "list.invert"
	MarkAll      Action = "list.mark-all"
	Refresh      Action = "list.refresh"
	Info         Action = "list.info"
	CopyText     Action = "list.copy-text"
	EscapeLevel  Action = "list.escape"
	NextPane     Action = "list.next-pane"
	PreviousPane Action = "list.previous-pane"
)

var list = []Binding{
	{Action: Up, Keys: []string{"k", "up"}, Label: "up", Group: Moving},
	{Action: Down, Keys: []string{"j", "down"}, Label: "down", Group: Moving},
	{Action: First, Keys: []string{"g g", "home"}, Label: "first row", Group: Moving},
	{Action: Last, Keys: []string{"G", "end"}, Label: "last row; loads the rest of the list first", Group: Moving},
	{Action: PageDown, Keys: []string{"pgdown", "ctrl+f"}, Label: "page down", Group: Moving},
	{Action: PageUp, Keys: []string{"pgup", "ctrl+b"}, Label: "page up", Group: Moving},
	{Action: HalfDown, Keys: []string{"ctrl+d"}, Label: "half a page down", Group: Moving},
	{Action: HalfUp, Keys: []string{"ctrl+u"}, Label: "half a page up", Group: Moving},
	{Action: Enter, Keys: []string{"enter", "l", "right"}, Label: "open", Short: "open", Group: Moving},
	{Action: Back, Keys: []string{"h", "backspace", "left"}, Label: "back to where this came from", Group: Moving},
	{Action: Narrow, Keys: []string{"/"}, Label: "narrow the loaded rows as you type", Short: "narrow", Group: Moving},
	{Action: NextMatch, Keys: []string{"n"}, Label: "next match", Group: Moving},
	{Action: PrevMatch, Keys: []string{"N"}, Label: "previous match", Group: Moving},
	{Action: Sort, Keys: []string{"o"}, Label: "sort by …", Short: "sort", Group: Moving},
	{Action: Reverse, Keys: []string{"O"}, Label: "reverse the order", Group: Moving},
	{Action: Mark, Keys: []string{"space"}, Label: "mark or unmark, and go down", Short: "mark", Group: Moving},
	{Action: MarkRange, Keys: []string{"v"}, Label: "mark from the last mark to here", Group: Moving},
	{Action: Invert, Keys: []string{"*"}, Label: "invert the marks; all when there are none", Group: Moving},
	{Action: MarkAll, Keys: []string{"ctrl+a"}, Label: "mark all loaded rows", Group: Moving},
	{Action: Refresh, Keys: []string{"R", "ctrl+r"}, Label: "load again", Group: Moving},
	{Action: Info, Keys: []string{"i"}, Label: "everything known about this row", Short: "info", Group: Moving},
	{Action: CopyText, Keys: []string{"Y"}, Label: "copy path or name to the clipboard", Group: Moving},
	{Action: EscapeLevel, Keys: []string{"esc", "alt+esc"}, Label: "one level back: stop loading, clear narrowing, clear marks", Group: Moving},
	{Action: NextPane, Keys: []string{"tab"}, Label: "other pane", Short: "other pane", Group: Moving},
	{Action: PreviousPane, Keys: []string{"shift+tab"}, Label: "previous pane", Group: Moving},
}

// Movement is the part of the list actions that only moves the cursor.
func Movement() Set {
	return Of(Down, Up, First, Last, PageDown, PageUp, HalfDown, HalfUp)
}
