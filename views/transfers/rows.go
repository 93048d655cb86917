package transfers

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui/cell"
	"ferry/ui/table"
)

const (
	barWidth   = 12
	speedWidth = 9
	leftWidth  = 8 // the most that cell.Left has
)

// columns are the cells of a row. What a narrow window cannot hold goes in this
// order: bar, speed, time left; state, names and percent stay, and the state says
// how fast it is and how long it takes.
func (l *list) columns() []table.Column[backend.JobSnapshot] {
	return []table.Column[backend.JobSnapshot]{
		{Width: 1, Cell: l.glyph, Role: role},
		{Title: "Transfer", Weight: 1, Min: 29, Least: 18, Middle: true, Cell: l.route, Brief: l.way},
		{Width: barWidth, Drop: 3, Cell: l.bar, Role: role},
		{Width: 5, Right: true, Cell: percent},
		{Title: "Speed", Width: speedWidth, Right: true, Drop: 2, Cell: l.speed, Role: faint},
		{Title: "Left", Width: leftWidth, Right: true, Drop: 1, Cell: l.left, Role: faint},
		{Title: "State", Weight: 2, Min: 29, Cell: l.state, Brief: l.gist, Role: role},
	}
}

func faint(backend.JobSnapshot) theme.Role { return theme.Faint }

func role(j backend.JobSnapshot) theme.Role {
	switch j.State {
	case backend.JobDone:
		if j.Verified == backend.Mismatch {
			return theme.Bad
		}
		return theme.Good
	case backend.JobFailed:
		return theme.Bad
	case backend.JobPaused, backend.JobParked:
		return theme.Warn
	case backend.JobQueued, backend.JobCancelled:
		return theme.Faint
	}
	switch {
	case j.Asking > 0 || j.FilesFailed > 0:
		return theme.Warn
	case j.Waiting:
		return theme.Faint
	}
	return theme.Accent
}

func (l *list) glyph(j backend.JobSnapshot) string {
	g := &l.env.Theme.Glyphs
	switch j.State {
	case backend.JobRunning, backend.JobScanning:
		if j.Waiting {
			return g.Waiting
		}
		return g.Running
	case backend.JobPaused, backend.JobParked:
		return g.Paused
	case backend.JobDone:
		return arrived(g, j.Verified)
	case backend.JobFailed:
		return g.Failed
	case backend.JobCancelled:
		return g.Skipped
	}
	return g.Waiting
}

// others is what the name of a transfer of several sources ends in: words, and no
// part of a name.
var others = regexp.MustCompile(` and \d+ others?$`)

// Label is the name of a transfer, safe to show.
func Label(j *backend.JobSnapshot) string {
	at := len(j.Label)
	if m := others.FindStringIndex(j.Label); m != nil {
		at = m[0]
	}
	return pathutil.DisplayName(j.Label[:at]) + j.Label[at:]
}

// route says from where to where.
func (l *list) route(j backend.JobSnapshot) string {
	return Label(&j) + " " + l.env.Theme.Glyphs.Arrow + " " + l.short(place(j.To))
}

// way is route with the last folder alone.
func (l *list) way(j backend.JobSnapshot) string {
	g := &l.env.Theme.Glyphs
	to := strings.ReplaceAll(place(j.To), `\`, "/")
	if i := strings.LastIndexByte(to, '/'); i > 0 {
		to = g.Ellipsis + to[i:]
	}
	return Label(&j) + " " + g.Arrow + " " + to
}

// short keeps the end of a long path, which tells one folder from another; the
// details have the whole.
func (l *list) short(path string) string {
	const most = 24
	if cell.Width(path) <= most {
		return path
	}
	parts := strings.Split(strings.ReplaceAll(path, `\`, "/"), "/")
	return l.env.Theme.Glyphs.Ellipsis + "/" + strings.Join(parts[max(len(parts)-2, 0):], "/")
}

// place is a path as people write it on its side.
func place(at backend.Location) string {
	if at.Side == backend.Remote {
		return pathutil.DisplayName("/" + at.Path)
	}
	return pathutil.DisplayName(at.Path)
}

// share is how much is done, by bytes, or by files where there are no bytes.
func share(j backend.JobSnapshot) float64 {
	switch {
	case j.State == backend.JobDone:
		return 1
	case j.BytesTotal > 0 && !j.Checking: // of what is compared the bytes come at its end
		return min(float64(j.BytesDone)/float64(j.BytesTotal), 1)
	case j.FilesTotal > 0:
		return min(float64(j.FilesDone)/float64(j.FilesTotal), 1)
	}
	return 0
}

func (l *list) bar(j backend.JobSnapshot) string {
	if j.State.Ended() || unbegun(j) {
		return ""
	}
	return l.env.Theme.Glyphs.Progress(share(j), barWidth)
}

// unbegun tells of a transfer that waits with nothing done.
func unbegun(j backend.JobSnapshot) bool {
	return j.State == backend.JobQueued || j.Waiting && j.BytesDone == 0 && j.FilesDone == 0
}

// percent never says 100 before the end, and nothing while the total grows.
func percent(j backend.JobSnapshot) string {
	switch {
	case j.State == backend.JobDone:
		return ""
	case j.Scanning || unbegun(j):
		return ""
	case j.State == backend.JobCancelled || j.State == backend.JobFailed:
		return ""
	}
	return fmt.Sprintf("%d %%", min(int(share(j)*100), 99))
}

func (l *list) speed(j backend.JobSnapshot) string {
	if j.State != backend.JobRunning || j.Checking || j.Waiting {
		return ""
	}
	return cell.Rate(j.Rate)
}

// left is the time that is left. Once all has been handed over it is not known: the
// last bytes may still be on their way, and the site has to put the file together.
func (l *list) left(j backend.JobSnapshot) string {
	if j.State != backend.JobRunning || j.Checking || j.Waiting || j.Left <= 0 || l.snap.Hold > 0 {
		return ""
	}
	return cell.Left(j.Left)
}

// state says in words how it stands.
func (l *list) state(j backend.JobSnapshot) string {
	switch j.State {
	case backend.JobDone:
		return l.doneLine(j, l.took(j))
	case backend.JobFailed:
		return failedLine(j)
	case backend.JobCancelled:
		if j.FilesDone > 0 {
			return "cancelled, " + files(j) + " arrived"
		}
		return "cancelled"
	case backend.JobQueued:
		return itsTurn
	}
	if j.Asking > 0 {
		line := plural(j.Asking, "file exists", "files exist") + ": " + l.env.Keys.Key(keymap.Enter) + " answers"
		if j.State == backend.JobPaused {
			return "paused, " + line
		}
		return line
	}
	line := files(j)
	switch {
	case j.State == backend.JobParked && l.table == nil: // the list says why at its foot
		if why := Standstill(&l.snap); why != "" {
			return "waits: " + lowerFirst(pathutil.Display(why))
		}
		return "waits"
	case j.State == backend.JobParked:
		line = join(l.waits(), line)
	case j.State == backend.JobPaused:
		line = join("paused", line)
		if j.Cut > 0 {
			line = join(line, cell.Size(j.Cut)+" of parts begun go again")
		}
	case l.snap.Hold > 0:
		line = join(l.waits(), line)
	case unbegun(j):
		line = itsTurn
	case j.Waiting:
		line = join(itsTurn, line)
	default:
		line = l.pace(j, line)
	}
	if j.FilesFailed > 0 {
		line = join(line, cell.Count(j.FilesFailed)+" failed")
	}
	return line
}

// itsTurn is said of what could run, if others did not.
const itsTurn = "waits its turn"

// waits says that nothing moves, and how long if that is known.
func (l *list) waits() string {
	if d := max(l.snap.Hold, l.snap.TryAgain); d > 0 {
		return "waits " + seconds(d)
	}
	return "waits"
}

// files says how far it is, by files or by what the single file is at.
func files(j backend.JobSnapshot) string {
	switch {
	case j.Checking && j.State == backend.JobRunning:
		return "checked again: " + cell.Count(j.FilesDone) + " of " + plural(j.FilesTotal, "file", "files")
	case j.Scanning && j.FilesTotal == 0:
		return "looking for files"
	case j.Scanning:
		return cell.Count(j.FilesDone) + " of at least " + plural(j.FilesTotal, "file", "files")
	case j.FilesTotal == 1:
		if j.State == backend.JobRunning && j.BytesDone > 0 && j.BytesDone < j.BytesTotal {
			break // the bytes say more than the part that was begun last
		}
		for _, it := range j.Items {
			if piece.MatchString(it.Note) && j.State == backend.JobRunning && j.BytesDone >= j.BytesTotal {
				return "being finished and checked"
			}
			if it.Note != "" && (!standsStill(j) || !piece.MatchString(it.Note)) {
				return pathutil.Display(it.Note)
			}
		}
	}
	if j.FilesTotal == 1 {
		return cell.Size(j.BytesDone) + " of " + cell.Size(j.BytesTotal)
	}
	return cell.Count(j.FilesDone) + " of " + cell.Count(j.FilesTotal) + " files"
}

// standsStill tells of a transfer that has begun and in which nothing moves: which
// part came last says no more how far it is.
func standsStill(j backend.JobSnapshot) bool {
	return j.State == backend.JobPaused || j.State == backend.JobParked
}

// took is how long a job has run until now or until its end.
func (l *list) took(j backend.JobSnapshot) time.Duration {
	switch {
	case j.Started.IsZero():
		return 0
	case j.Ended.IsZero():
		return l.env.Now().Sub(j.Started)
	}
	return j.Ended.Sub(j.Started)
}

// pace puts before the state what has no column of its own in the room there is:
// one looks for how fast it goes and how long it takes before one counts files.
func (l *list) pace(j backend.JobSnapshot, line string) string {
	lead := ""
	if l.table == nil {
		return line // the details have lines of their own for these
	}
	if !j.Scanning && j.BytesTotal > 0 && j.BytesDone >= j.BytesTotal {
		return line // nothing moves any more: what is done meanwhile says more
	}
	if speed := l.speed(j); speed != "" && !l.table.Keeps("Speed") {
		lead = cell.FitRight(speed, speedWidth)
	}
	if left := l.left(j); lead != "" && !l.table.Keeps("Left") {
		lead += cell.FitRight(left, leftWidth)
	}
	if lead == "" {
		return line
	}
	return lead + "  " + line
}

// gist is the state where the column is too narrow for it: what the details
// tell as well is left out.
func (l *list) gist(j backend.JobSnapshot) string {
	switch {
	case j.State == backend.JobDone && j.FilesDone > 0 && (j.FilesSkipped > 0 || j.Links > 0):
		return join(checkedAs(j), cell.Count(j.FilesSkipped+j.Links)+" left out")
	case j.State == backend.JobDone:
		return l.doneLine(j, 0)
	case j.State == backend.JobFailed:
		return l.state(j)
	case j.Asking > 0:
		line := plural(j.Asking, "file exists", "files exist")
		if j.State == backend.JobPaused {
			return "paused, " + line
		}
		return line
	case j.State == backend.JobPaused && j.Cut > 0: // the percent has its own column
		return join(join("paused", number("", j.FilesFailed, " failed")), cell.Size(j.Cut)+" go again")
	case l.snap.Hold > 0 && j.State == backend.JobRunning, j.State == backend.JobParked: // how fast it was does not matter now
		if j.FilesFailed > 0 {
			return join(l.waits(), cell.Count(j.FilesFailed)+" failed")
		}
		return strings.Replace(join(l.waits(), files(j)), " files", "", 1)
	}
	if j.Waiting && j.FilesFailed > 0 {
		return join(itsTurn, cell.Count(j.FilesFailed)+" failed")
	}
	if lead := l.pace(j, ""); lead != "" {
		return strings.TrimRight(lead+number("", j.FilesFailed, " failed"), " ")
	}
	return strings.Replace(l.state(j), " files", "", 1)
}

// doneLine says how a job was checked, how much it was and, unless it is 0, how
// long it took.
func (l *list) doneLine(j backend.JobSnapshot, d time.Duration) string {
	if j.FilesTotal == 0 {
		return "done, there was no file in it"
	}
	if j.FilesDone == 0 && j.FilesSkipped > 0 { // nothing was moved, so nothing was checked
		return leftOut(j)
	}
	line := cell.Size(j.BytesTotal)
	switch {
	case j.FilesSkipped > 0: // they stand in the total, and were not moved
		line = cell.Count(j.FilesDone) + " of " + plural(j.FilesTotal, "file", "files") + ", " + line
	case j.FilesTotal != 1:
		line = plural(j.FilesTotal, "file", "files") + ", " + line
	}
	if d > 0 {
		line += " in " + Took(d)
	}
	if j.FilesSkipped > 0 {
		line = join(line, cell.Count(j.FilesSkipped)+" left out")
	}
	return join(checkedAs(j), line+links(", ", j.Links))
}

// leftOut says what of a transfer was not moved on purpose.
func leftOut(j backend.JobSnapshot) string {
	switch {
	case j.FilesSkipped == 0:
		return links("", j.Links)
	case j.Links == 0:
		return plural(j.FilesSkipped, "file", "files") + " left out"
	}
	return plural(j.FilesSkipped, "file", "files") + " and " + plural(j.Links, "link", "links") + " left out"
}

// checkedAs says how what arrived was checked; the details name the checksum.
func checkedAs(j backend.JobSnapshot) string {
	if j.Verified == backend.SizeOnly && j.FilesVerified > 0 {
		return cell.Count(j.FilesVerified) + " of " + cell.Count(j.FilesDone) + " verified"
	}
	return strings.TrimSpace(verdict(j.Verified, ""))
}

// verdict says how a finished file was checked.
func verdict(v backend.Verification, by string) string {
	switch v {
	case backend.Verified:
		return "verified " + pathutil.Display(by)
	case backend.SizeOnly:
		return "size only"
	case backend.Mismatch:
		return "content differs"
	}
	return "done"
}

func failedLine(j backend.JobSnapshot) string {
	why := "failed"
	if err := failure(j); err != nil {
		why = pathutil.Display(backend.Explain(err).Title)
	}
	if j.FilesTotal > 1 && j.FilesFailed > 0 {
		return cell.Count(j.FilesFailed) + " of " + cell.Count(j.FilesTotal) + " failed: " + why
	}
	return why
}

// totals is the sum of the queue for the frame.
func (l *list) totals() string {
	var parts []string
	if l.only != everything {
		parts = append(parts, "only "+l.only.name()+": "+cell.Count(l.table.Len())+" of "+cell.Count(len(l.snap.Jobs)))
	}
	for _, p := range []struct {
		n    int
		word string
	}{
		{l.tally.shown[atWork], "running"},
		{l.tally.shown[waiting], "waiting"},
		{l.tally.shown[pausedOnly], "paused"},
		{l.snap.Failed, "failed"},
		{l.tally.asking, "asking"},
	} {
		if p.n > 0 {
			parts = append(parts, cell.Count(p.n)+" "+p.word)
		}
	}
	if len(parts) == 0 && len(l.snap.Jobs) > 0 {
		parts = append(parts, plural(len(l.snap.Jobs), "transfer", "transfers")+", all ended")
	}
	return strings.Join(parts, " "+l.env.Theme.Glyphs.Dot+" ")
}

// flow is the speed of everything together and its limit.
func (l *list) flow() string {
	g := &l.env.Theme.Glyphs
	var parts []string
	if l.snap.UpRate > 0 {
		parts = append(parts, g.Up+" "+cell.Rate(l.snap.UpRate))
	}
	if l.snap.DownRate > 0 {
		parts = append(parts, g.Down+" "+cell.Rate(l.snap.DownRate))
	}
	parts = append(parts, l.bounds(&l.snap)...)
	return strings.Join(parts, " "+g.Dot+" ")
}

// standing says why the whole queue stands still, else what is marked, else how
// it all ended.
func (l *list) standing() string {
	th := l.env.Theme
	switch why := Standstill(&l.snap); {
	case why != "":
		return th.Paint(theme.Warn, th.Glyphs.Paused+" "+pathutil.Display(why))
	case l.snap.Unkept != nil:
		return th.Paint(theme.Warn, "the journal cannot be written: a restart forgets what is done")
	case l.table.MarkCount() > 0:
		return cell.Count(l.table.MarkCount()) + " marked"
	case len(l.snap.Jobs) == 0 || l.tally.open() > 0:
		return ""
	}
	return l.sum
}

// Standstill says why the whole queue waits and until when, "" when it does not.
func Standstill(s *backend.TransferSnapshot) string {
	switch {
	case s.Parked != "" && s.TryAgain > 0:
		return strings.TrimSuffix(s.Parked, ".") + "; tries again in " + seconds(s.TryAgain)
	case s.Parked != "":
		return strings.TrimSuffix(s.Parked, ".")
	case s.Hold > 0 && s.Active():
		return "Files.com asks to slow down; goes on in " + seconds(s.Hold)
	}
	return ""
}

// seconds writes a wait that runs down; it never says 0 before its end.
func seconds(d time.Duration) string {
	if d <= time.Minute {
		return fmt.Sprintf("%d s", max(int((d+time.Second-1)/time.Second), 1))
	}
	return cell.Left(d)
}

func duration(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return cell.Left(d)
}

// lowerFirst begins a sentence within another one.
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return cell.Count(n) + " " + many
}
