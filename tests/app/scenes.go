package app

import (
	"ferry/keymap"
)

// BigFolder is the folder of the demo world with 100,000 entries.
const BigFolder = "Sensors/2026"

// OpenBigFolder goes to the folder with 100,000 entries in the site's pane.
func OpenBigFolder(d *Driver) {
	d.t.Helper()
	OpenPath(d, BigFolder)
}

// OpenPath goes to a path in the site's pane.
func OpenPath(d *Driver, path string) {
	d.t.Helper()
	d.Do(keymap.NextPane)
	d.Do(keymap.GoToPath)
	d.Press("ctrl+u")
	d.Type(path)
	d.Press("enter")
}
