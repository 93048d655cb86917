package files

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// info tells everything known about the row under the cursor.
func (s *Screen) info() tea.Cmd {
	p := s.here()
	e, ok := p.cursor()
	if !ok {
		return nil
	}
	return ui.Open(dialog.Text(s.env, dialog.TextSpec{Title: p.label(e), Body: p.facts(e)}))
}

// facts are the lines of the info panel; what is not known is left out.
func (p *pane) facts(e backend.Entry) []string {
	var out []string
	add := func(what, value string) {
		if value != "" {
			out = append(out, cell.Fit(what, 14)+pathutil.Display(value))
		}
	}
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return cell.Stamp(t) + ", " + cell.Ago(t, p.env.Now())
	}
	add("Path", p.world.show(e.Path))
	switch {
	case e.IsDir():
		add("Kind", "folder")
	case e.Link:
		add("Kind", "link to a file")
	default:
		add("Kind", "file")
	}
	if e.Size >= 0 {
		add("Size", fmt.Sprintf("%s, exactly %s bytes", cell.Size(e.Size), cell.Count(int(e.Size))))
	}
	add("Modified", stamp(e.Modified))
	add("Created", stamp(e.Created))
	add("You may", mayDo(e.Permissions))
	add("Type", e.MIME)
	add("Region", e.Region)
	add("Priority", e.Priority)
	if e.Locked {
		add("Locked", "a folder setting forbids changes")
	}
	if p.world.side() == backend.Remote && !e.IsDir() {
		sums := len(out)
		add("CRC32", e.Checksums.CRC32)
		add("MD5", e.Checksums.MD5)
		add("SHA-1", e.Checksums.SHA1)
		add("SHA-256", e.Checksums.SHA256)
		if len(out) == sums {
			add("Checksums", "none yet; the site computes them some time after an upload")
		}
	}
	return out
}

// mayDo puts the letters of the site into words.
func mayDo(letters string) string {
	words := map[rune]string{'l': "list", 'r': "read", 'w': "write", 'd': "delete", 'h': "see the history", 's': "share", 'a': "administer"}
	out := ""
	for _, l := range letters {
		word, ok := words[l]
		if !ok {
			word = string(l)
		}
		if out != "" {
			out += ", "
		}
		out += word
	}
	if out == "" {
		return ""
	}
	return out + " (" + letters + ")"
}
