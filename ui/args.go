package ui

// ShowPath asks the files screen, as Args of a GotoMsg, to show a path: a folder
// is opened, a file is put under the cursor. Remote paths are in identity form.
type ShowPath struct {
	Side Side
	Path string
}
