package files

import (
	"os"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"ferry/backend"
	"ferry/keymap"
)

func accounts() *tree {
	site := finance()
	site.put("Finance/Supplier statements, complete and reconciled, October 2026.pdf", "Finance/Überweisung-København.csv")
	for i := range site.entries {
		if site.entries[i].Name == "payroll-2026-10.xlsx" {
			site.entries[i].Locked, site.entries[i].Permissions = true, "lr"
		}
	}
	return site
}

func TestGolden(t *testing.T) {
	type size struct{ w, h int }
	sizes := map[string]size{"120x36": {120, 33}, "80x24": {80, 21}, "60x16": {60, 13}}
	for name, sz := range sizes {
		show := func(what string, do func(d *driver)) {
			t.Run(what+"-"+name, func(t *testing.T) {
				d := start(t, accounts(), inbox(), Options{})
				d.to("Finance")
				d.do(keymap.Enter)
				d.s.Resize(sz.w, sz.h)
				do(d)
				golden.RequireEqual(t, []byte(d.screen()+"\n"))
			})
		}
		show("panes", func(d *driver) {
			d.do(keymap.NextPane, keymap.Down, keymap.Mark, keymap.Mark, keymap.NextPane, keymap.Down)
		})
		show("preview", func(d *driver) { d.to("ledger-2026-10.csv"); d.do(keymap.Layout) })
		show("loading", func(d *driver) { d.hold = true; d.do(keymap.HomeFolder) })
		show("failed", func(d *driver) {
			d.site.fail = map[string]error{"list Finance": &backend.Error{
				Class: "ReadPermissionRequiredError", Group: backend.NotAuthorized, Status: 403, RequestID: "5f0c9a91",
				Type: "not-authorized/read-permission-required", Op: "list folder", Path: "Finance",
			}}
			d.do(keymap.Refresh)
		})
		show("empty", func(d *driver) { d.to("Audit"); d.do(keymap.Enter) })
	}
}

// Times are shown in the zone of the machine; the goldens are of UTC.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}
