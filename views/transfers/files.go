package transfers

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/ui/table"
)

const (
	filesAtOnce = 500         // files of a page
	filesEvery  = time.Second // how often the list of a running transfer is read again
)

// fileList is the files of one transfer: first those that the snapshot tells of,
// as they are now, then the others as the journal has them, page by page.
type fileList struct {
	env   *ui.Env
	queue Queue
	job   backend.JobSnapshot
	rows  *table.Model[backend.ItemSnapshot]
	only  backend.FilesOnly

	load   ui.Loader[filesRead]
	kept   []backend.ItemSnapshot // what was read
	next   string                 // the page after it
	tally  backend.FileTally
	known  bool // the tally was read
	err    error
	fault  error     // of the first file that is listed and has one
	asked  progress  // how far the transfer was when it was read last
	readAt time.Time // and when
	waits  bool      // a reading is due at a set time
}

// filesRead is a page, and what it goes behind.
type filesRead struct {
	backend.JobFiles
	more, last bool // it follows what is there; the cursor goes to the end
}

// filesDue passes when the files of a running transfer may be read again.
type filesDue struct{ list *fileList }

// filesOnlyMsg is a choice of the menu, for the list that asked.
type filesOnlyMsg struct {
	list *fileList
	only backend.FilesOnly
}

// progress is what of a transfer changes the list of its files.
type progress struct {
	done, failed, skipped, total int
	state                        backend.JobState
}

func progressOf(j *backend.JobSnapshot) progress {
	return progress{j.FilesDone, j.FilesFailed, j.FilesSkipped, j.FilesTotal, j.State}
}

func newFileList(l *list, j backend.JobSnapshot) *fileList {
	f := &fileList{env: l.env, queue: l.queue, job: j}
	f.rows = table.New(l.env, func(it backend.ItemSnapshot) string { return strconv.FormatInt(it.ID, 10) },
		table.Column[backend.ItemSnapshot]{Width: 1, Cell: f.glyph, Role: itemRole},
		table.Column[backend.ItemSnapshot]{Title: "File", Weight: 3, Min: 24, Middle: true, Cell: func(it backend.ItemSnapshot) string { return pathutil.DisplayName(it.Name) }},
		table.Column[backend.ItemSnapshot]{Title: "State", Weight: 4, Min: 24, Cell: f.line, Brief: f.gist, Role: itemRole},
		table.Column[backend.ItemSnapshot]{Title: "Size", Width: 9, Right: true, Drop: 1, Cell: size, Role: func(backend.ItemSnapshot) theme.Role { return theme.Faint }},
	)
	f.show(backend.AllFiles)
	return f
}

func size(it backend.ItemSnapshot) string {
	if it.Size < 0 {
		return ""
	}
	return cell.Size(it.Size)
}

// read asks for the files as far as they are shown.
func (f *fileList) read() tea.Cmd {
	f.asked, f.readAt = progressOf(&f.job), f.env.Now()
	return f.page(backend.FilesQuery{Only: f.only, Limit: max(len(f.kept), filesAtOnce)}, filesRead{})
}

// follow asks for the next page when the cursor comes near the end.
func (f *fileList) follow() tea.Cmd {
	if f.load.Busy() || f.next == "" || !f.rows.NearEnd() {
		return nil
	}
	return f.page(backend.FilesQuery{Only: f.only, Cursor: f.next, Limit: filesAtOnce}, filesRead{more: true})
}

func (f *fileList) page(q backend.FilesQuery, as filesRead) tea.Cmd {
	queue, id := f.queue, f.job.ID
	return f.load.Load(f.env.Ctx, func(ctx context.Context) (filesRead, error) {
		got, err := queue.Files(ctx, id, q)
		as.JobFiles = got
		return as, err
	})
}

// update takes what was read, and the choice of the menu.
func (f *fileList) update(msg tea.Msg) tea.Cmd {
	if got, err, mine := f.load.Take(msg); mine {
		return f.take(got, err)
	}
	switch m := msg.(type) {
	case filesDue:
		if m.list == f {
			f.waits = false
			return f.read()
		}
	case filesOnlyMsg:
		if m.list == f {
			f.show(m.only)
			return f.read()
		}
	}
	return nil
}

func (f *fileList) take(got filesRead, err error) tea.Cmd {
	if err != nil {
		if !backend.Cancelled(err) {
			f.err = err
		}
		return nil
	}
	f.err, f.next, f.tally, f.known = nil, got.Next, got.Tally, true
	if got.more {
		f.append(got.Items)
	} else {
		f.kept = got.Items
	}
	f.arrange()
	if got.last {
		f.rows.Do(keymap.Last)
	}
	return ui.Batch(f.freshen(), f.follow())
}

// append puts a page behind what was read. A file that has ended between two
// pages may come with both: what the later one says of it holds, in its old place.
func (f *fileList) append(page []backend.ItemSnapshot) {
	at := make(map[int64]int, len(f.kept))
	for i := range f.kept {
		at[f.kept[i].ID] = i
	}
	for i := range page {
		if n, held := at[page[i].ID]; held {
			f.kept[n] = page[i]
			continue
		}
		f.kept = append(f.kept, page[i])
	}
}

// now shows the transfer as a snapshot has it.
func (f *fileList) now(j backend.JobSnapshot) tea.Cmd {
	f.job = j
	f.arrange()
	return f.freshen()
}

// freshen reads again what the transfer has changed, but not at each snapshot.
func (f *fileList) freshen() tea.Cmd {
	if f.waits || f.load.Busy() || f.asked == progressOf(&f.job) {
		return nil
	}
	if age := f.env.Now().Sub(f.readAt); age < filesEvery && !f.job.State.Ended() {
		f.waits = true
		return f.env.After(filesEvery-age, filesDue{f})
	}
	return f.read()
}

// arrange puts the rows together. What the snapshot knows is newer than what was
// read.
func (f *fileList) arrange() {
	rows := make([]backend.ItemSnapshot, 0, len(f.job.Items)+len(f.kept))
	live := make(map[int64]bool, len(f.job.Items))
	for _, it := range f.job.Items {
		live[it.ID] = true
		if fits(f.only, &it) {
			rows = append(rows, it)
		}
	}
	for i := range f.kept {
		if !live[f.kept[i].ID] {
			rows = append(rows, f.kept[i])
		}
	}
	f.fault = nil
	for i := range rows {
		if f.fault = rows[i].Err; f.fault != nil {
			break
		}
	}
	f.rows.Replace(rows, f.next != "")
}

// fits tells whether a file of a snapshot, which has not arrived, is shown.
func fits(only backend.FilesOnly, it *backend.ItemSnapshot) bool {
	switch only {
	case backend.AllFiles:
		return true
	case backend.FailedFiles:
		return it.State == backend.JobFailed
	case backend.OpenFiles:
		return !it.State.Ended()
	case backend.UnprovenFiles, backend.LeftOutFiles, backend.ProvenFiles:
	}
	return false
}

// do moves the cursor, and loads what it needs for that.
func (f *fileList) do(a keymap.Action) tea.Cmd {
	f.rows.Do(a)
	if a == keymap.Last && f.next != "" {
		return f.page(backend.FilesQuery{Only: f.only, Cursor: f.next, Limit: 1 << 30}, filesRead{more: true, last: true})
	}
	return f.follow()
}

// show changes what is shown.
func (f *fileList) show(only backend.FilesOnly) {
	f.only, f.kept, f.next = only, nil, ""
	f.rows.Reset()
	f.rows.Empty("No file is "+f.choice()+" here", f.env.Keys.Key(keymap.EscapeLevel)+" shows all of them")
	f.arrange()
}

// fileChoices are the choices of the menu, those that want a look first.
var fileChoices = []struct {
	only backend.FilesOnly
	name string
	key  string
}{
	{backend.AllFiles, "all", "a"},
	{backend.FailedFiles, "failed", "f"},
	{backend.UnprovenFiles, "not verified", "n"},
	{backend.OpenFiles, "not there yet", "t"},
	{backend.LeftOutFiles, "left out", "l"},
	{backend.ProvenFiles, "verified", "v"},
}

func (f *fileList) ask() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Show the files that are"}
	for i, c := range fileChoices {
		if c.only == f.only {
			spec.Selected = i
		}
		spec.Items = append(spec.Items, dialog.MenuItem{
			Label: cell.Fit(c.name, 15) + cell.FitRight(cell.Count(f.count(c.only)), 9), Key: c.key, Cmd: ui.Say(filesOnlyMsg{f, c.only}),
		})
	}
	return ui.Open(dialog.Menu(f.env, spec))
}

// count is how many files a choice has.
func (f *fileList) count(only backend.FilesOnly) int {
	proven, unproven := 0, 0
	for _, c := range f.tally.Checks {
		if c.Verified == backend.Verified {
			proven += c.Files
		} else {
			unproven += c.Files
		}
	}
	return map[backend.FilesOnly]int{
		backend.AllFiles:    f.tally.Failed + f.tally.Open + f.tally.LeftOut + proven + unproven,
		backend.FailedFiles: f.tally.Failed, backend.OpenFiles: f.tally.Open, backend.LeftOutFiles: f.tally.LeftOut,
		backend.UnprovenFiles: unproven, backend.ProvenFiles: proven,
	}[only]
}

// choice is the name of what is shown.
func (f *fileList) choice() string {
	for _, c := range fileChoices {
		if c.only == f.only {
			return c.name
		}
	}
	return ""
}

// least is how many rows the list takes when it has none: to say so.
func (f *fileList) least() int {
	if f.only == backend.AllFiles {
		return 0
	}
	return 2
}

// facts says for the frame what of the files is shown.
func (f *fileList) facts() string {
	if f.only == backend.AllFiles || !f.known {
		return ""
	}
	return "only " + f.choice() + ": " + cell.Count(f.count(f.only)) + " of " + plural(f.count(backend.AllFiles), "file", "files")
}

// checks says how the files that arrived were checked.
func (f *fileList) checks() string {
	var parts []string
	for _, c := range f.tally.Checks {
		parts = append(parts, strings.TrimSpace(way(c))+" "+cell.Count(c.Files))
	}
	if len(parts) == 1 && f.job.FilesDone == f.tally.Checks[0].Files {
		c := f.tally.Checks[0]
		if c.Verified == backend.Verified {
			return "verified by " + way(c)
		}
		return way(c)
	}
	return strings.Join(parts, ", ")
}

// way is how files were checked, in a word.
func way(c backend.CheckTally) string {
	switch {
	case c.Verified == backend.Verified && c.By != "":
		return pathutil.Display(c.By)
	case c.Verified == backend.Verified:
		return "verified"
	case c.Verified == backend.SizeOnly:
		return "size only"
	case c.Verified == backend.Mismatch:
		return "content differs"
	}
	return "not checked"
}

func itemRole(it backend.ItemSnapshot) theme.Role {
	switch {
	case it.State == backend.JobFailed, it.Verified == backend.Mismatch:
		return theme.Bad
	case it.Err != nil, it.Existing != nil:
		return theme.Warn
	case it.State == backend.JobRunning && !it.Waiting:
		return theme.Accent
	case it.State == backend.JobDone && it.Verified == backend.Verified:
		return theme.Good
	case it.State == backend.JobDone:
		return theme.Warn
	}
	return theme.Faint
}

func (f *fileList) glyph(it backend.ItemSnapshot) string {
	g := &f.env.Theme.Glyphs
	switch {
	case it.State == backend.JobFailed:
		return g.Failed
	case it.Existing != nil, it.State == backend.JobPaused:
		return g.Paused
	case it.State == backend.JobRunning && !it.Waiting:
		return g.Running
	case it.State == backend.JobDone:
		return arrived(g, it.Verified)
	case it.State == backend.JobCancelled:
		return g.Skipped
	}
	return g.Waiting
}

// arrived is the sign of what has arrived, by how it was checked.
func arrived(g *theme.Glyphs, v backend.Verification) string {
	switch v {
	case backend.Verified:
		return g.Verified
	case backend.SizeOnly:
		return g.SizeOnly
	case backend.Mismatch:
		return g.Failed
	case backend.Unverified:
	}
	return g.Done
}

// gist is line where that is too long: of a file under way what goes on with it,
// else how far it is.
func (f *fileList) gist(it backend.ItemSnapshot) string {
	if f.job.State == backend.JobPaused && !it.State.Ended() && it.Err == nil && it.Note == "" && it.Done > 0 {
		return "paused, " + standing(it)
	}
	if it.State != backend.JobRunning || it.Waiting || it.Err != nil {
		return f.line(it)
	}
	switch {
	case !piece.MatchString(it.Note) && it.Note != "":
		return pathutil.Display(it.Note)
	case it.Note != "" && it.Done >= it.Size:
		return "being finished and checked"
	case it.Note != "":
		return cell.Size(it.Done) + ", " + it.Note // the size has its own column
	}
	return cell.Size(it.Done) + " of " + cell.Size(it.Size)
}

// line says how a file stands.
func (f *fileList) line(it backend.ItemSnapshot) string {
	note := pathutil.Display(it.Note)
	switch {
	case it.State == backend.JobFailed && it.Err != nil:
		return pathutil.Display(backend.Explain(it.Err).Title)
	case it.Err != nil: // it will be tried again
		return join(note, pathutil.Display(backend.Explain(it.Err).Title))
	case it.Waiting && (note == "" || piece.MatchString(note)):
		return join(itsTurn, standing(it))
	case it.State == backend.JobRunning:
		return running(it, note)
	case it.State == backend.JobDone:
		return join(verdict(it.Verified, it.By), note)
	case held(it):
		return join("paused", standing(it))
	case note != "":
		return note
	case it.State == backend.JobCancelled:
		return "left out"
	case f.job.State.Ended():
		return "not moved"
	case f.job.State == backend.JobPaused:
		return "paused with the transfer" + counted(", ", standing(it), "")
	case it.State == backend.JobQueued:
		return itsTurn
	}
	return it.State.String()
}

// standing is how far a file that stands still has come, "" for one not begun.
func standing(it backend.ItemSnapshot) string {
	if it.Done == 0 {
		return ""
	}
	return cell.Size(it.Done) + " of " + cell.Size(it.Size)
}

func running(it backend.ItemSnapshot, note string) string {
	at := cell.Size(it.Done) + " of " + cell.Size(it.Size)
	if it.Done == 0 && note != "" && !piece.MatchString(note) {
		return note // nothing moves: it is compared, or looked at
	}
	parts := ""
	if m := piece.FindStringSubmatch(note); m != nil && it.Done >= it.Size {
		return "all is across, being finished and checked"
	} else if m != nil {
		note, parts = "", fmt.Sprintf("%s of %s %ss begun", m[2], m[3], m[1]) // they run side by side
	}
	if it.Rate > 0 {
		at += ", " + cell.Rate(it.Rate)
	}
	return join(join(note, at), parts)
}
