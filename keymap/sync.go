package keymap

// Actions of the sync screen.
const (
	SyncRun      Action = "sync.run"
	SyncCompare  Action = "sync.compare"
	SyncTick     Action = "sync.tick"
	SyncTickSpan Action = "sync.tick-range"
	SyncTickFlip Action = "sync.tick-invert"
	SyncTickAll  Action = "sync.tick-all"
	SyncTickKind Action = "sync.tick-kind"
	SyncToSite   Action = "sync.to-site"
	SyncToHere   Action = "sync.to-machine"
	SyncLeave    Action = "sync.leave"
	SyncFilter   Action = "sync.filter"
	SyncSame     Action = "sync.same"
	SyncFold     Action = "sync.fold"
	SyncSave     Action = "sync.save"
	SyncLoad     Action = "sync.load"
	SyncShow     Action = "sync.show-file"
	SyncForget   Action = "sync.forget"
)

var syncs = []Binding{
	{Action: SyncTick, Keys: []string{"space"}, Label: "tick or untick this line, or a folder with all below", Short: "tick", Group: SyncPlans},
	{Action: SyncRun, Keys: []string{"r"}, Label: "carry out what is ticked, after a question", Short: "run", Group: SyncPlans, Danger: true},
	{Action: SyncTickKind, Keys: []string{"t"}, Label: "tick or untick all of a kind", Short: "tick a kind", Group: SyncPlans},
	{Action: SyncFilter, Keys: []string{"f"}, Label: "show only one kind of lines", Short: "filter", Group: SyncPlans},
	{Action: SyncToSite, Keys: []string{"]"}, Label: "this line: this machine's goes to the site", Short: "to the site", Group: SyncPlans},
	{Action: SyncToHere, Keys: []string{"["}, Label: "this line: the site's comes to this machine", Short: "to here", Group: SyncPlans},
	{Action: SyncLeave, Keys: []string{"x"}, Label: "this line: leave both sides as they are", Group: SyncPlans},
	{Action: SyncTickSpan, Keys: []string{"v"}, Label: "tick or untick from the last line changed to here", Group: SyncPlans},
	{Action: SyncTickFlip, Keys: []string{"*"}, Label: "turn the ticks of all shown lines round", Group: SyncPlans},
	{Action: SyncTickAll, Keys: []string{"ctrl+a"}, Label: "tick all shown lines, or none when all are", Group: SyncPlans},
	{Action: SyncSame, Keys: []string{"."}, Label: "show or hide what is the same on both sides", Group: SyncPlans},
	{Action: SyncFold, Keys: []string{"h", "left", "backspace"}, Label: "fold or unfold this folder", Group: SyncPlans},
	{Action: SyncSave, Keys: []string{"s"}, Label: "save the plan to a file, to run it later or by a script", Short: "save", Group: SyncPlans},
	{Action: SyncLoad, Keys: []string{"L"}, Label: "load a saved plan", Short: "load", Group: SyncPlans},
	{Action: SyncCompare, Keys: []string{"="}, Label: "compare in another way: direction, mirror, by hash …", Short: "compare anew", Group: SyncPlans},
	{Action: SyncForget, Keys: []string{"d"}, Label: "forget the sync that was cut off", Short: "forget it", Group: SyncPlans},
	{Action: SyncShow, Keys: []string{"g f"}, Label: "show this line in the files screen", Group: SyncPlans},
}
