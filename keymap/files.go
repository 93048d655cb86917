package keymap

// Actions of the files screen.
const (
	HistoryBack   Action = "files.history-back"
	HistoryOn     Action = "files.history-forward"
	HomeFolder    Action = "files.home"
	GoToPath      Action = "files.go-to-path"
	SearchHere    Action = "files.search-here"
	SearchSite    Action = "files.search-site"
	ShowHidden    Action = "files.hidden"
	MarkGlob      Action = "files.mark-glob"
	UnmarkGlob    Action = "files.unmark-glob"
	Layout        Action = "files.layout"
	PreviewDown   Action = "files.preview-down"
	PreviewUp     Action = "files.preview-up"
	ViewFile      Action = "files.view"
	ViewWrap      Action = "viewer.wrap"
	ViewRight     Action = "viewer.right"
	ViewLeft      Action = "viewer.left"
	CopyAcross    Action = "files.copy-across"
	MoveAcross    Action = "files.move-across"
	Yank          Action = "files.yank"
	Cut           Action = "files.cut"
	Paste         Action = "files.paste"
	Rename        Action = "files.rename"
	NewFolder     Action = "files.new-folder"
	Delete        Action = "files.delete"
	DeleteForGood Action = "files.delete-for-good"
	PlanSync      Action = "files.sync"
)

var files = []Binding{
	{Action: CopyAcross, Keys: []string{"c", "f5"}, Label: "copy to the other pane: upload or download", Short: "copy across", Group: Files},
	{Action: MoveAcross, Keys: []string{"M", "f6"}, Label: "move to the other pane: copy, verify, delete here", Short: "move", Group: Files},
	{Action: Delete, Keys: []string{"d", "f8", "delete"}, Label: "delete, after a question", Short: "delete", Group: Files, Danger: true},
	{Action: DeleteForGood, Keys: []string{"D"}, Label: "delete local files for good, past the trash", Group: Files, Danger: true},
	{Action: Rename, Keys: []string{"r", "f2"}, Label: "rename", Short: "rename", Group: Files},
	{Action: NewFolder, Keys: []string{"a", "f7"}, Label: "make a folder", Short: "new folder", Group: Files},
	{Action: Yank, Keys: []string{"y"}, Label: "remember these to copy them with paste", Group: Files},
	{Action: Cut, Keys: []string{"x"}, Label: "remember these to move them with paste", Group: Files},
	{Action: Paste, Keys: []string{"p"}, Label: "put what was remembered into this folder", Short: "paste", Group: Files},
	{Action: PlanSync, Keys: []string{"="}, Label: "compare the folders of both panes and plan a sync", Short: "sync", Group: Files},
	{Action: ViewFile, Keys: []string{"e", "f3"}, Label: "view the beginning of the file", Short: "view", Group: Files},
	{Action: ViewWrap, Keys: []string{"z"}, Label: "in the viewer: wrap long lines, or not", Short: "wrap", Group: Files},
	{Action: ViewRight, Keys: []string{"l", "right"}, Label: "in the viewer: to the right", Short: "right", Group: Files},
	{Action: ViewLeft, Keys: []string{"h", "left"}, Label: "in the viewer: to the left", Short: "left", Group: Files},
	{Action: SearchHere, Keys: []string{"f"}, Label: "search by name below this folder, on the site", Short: "search", Group: Files},
	{Action: SearchSite, Keys: []string{"F"}, Label: "search by name in the whole site", Group: Files},
	{Action: GoToPath, Keys: []string{"g p"}, Label: "go to a path", Group: Files},
	{Action: HomeFolder, Keys: []string{"~"}, Label: "home folder of this side", Group: Files},
	{Action: HistoryBack, Keys: []string{"H"}, Label: "back to the folder before", Group: Files},
	{Action: HistoryOn, Keys: []string{"L"}, Label: "forward again", Group: Files},
	{Action: ShowHidden, Keys: []string{"."}, Label: "show or hide names that begin with a dot", Group: Files},
	{Action: MarkGlob, Keys: []string{"+"}, Label: "mark the loaded names that match a pattern", Group: Files},
	{Action: UnmarkGlob, Keys: []string{"-"}, Label: "unmark the loaded names that match a pattern", Group: Files},
	{Action: Layout, Keys: []string{"\\"}, Label: "layout: two panes, one and a preview, one", Group: Files},
	{Action: PreviewDown, Keys: []string{"J"}, Label: "scroll the preview down", Group: Files},
	{Action: PreviewUp, Keys: []string{"K"}, Label: "scroll the preview up", Group: Files},
}
