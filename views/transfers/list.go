// Package transfers shows the queue of the transfer engine: as a screen, as a
// drawer over any other screen, and one job in detail.
package transfers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/dialog"
	"ferry/ui/table"
)

// Queue is the transfer engine as the screens need it. What it did shows in the
// next snapshot.
type Queue interface {
	Snapshot() backend.TransferSnapshot
	Pause(id backend.JobID)
	Resume(id backend.JobID)
	Cancel(id backend.JobID)
	Retry(id backend.JobID)
	// RetryItem tries one failed file of a job again.
	RetryItem(id backend.JobID, item int64)
	// PauseItem stops one file of a job, ResumeItem lets it go on, and SkipItem
	// leaves it out: nothing unfinished of it stays.
	PauseItem(id backend.JobID, item int64)
	ResumeItem(id backend.JobID, item int64)
	SkipItem(id backend.JobID, item int64)
	Remove(id backend.JobID)
	PauseAll()
	ResumeAll()
	// SetLimit bounds all transfers together in bytes per second; 0 is no limit.
	SetLimit(bytesPerSecond int64)
	// SetConcurrency bounds the requests that run at a time; 0 is as many as pay.
	SetConcurrency(requests int)
	// Priority moves a job among those that have not ended; -1 is one place earlier.
	Priority(id backend.JobID, delta int)
	// Verify compares the finished files of an ended job once more.
	Verify(id backend.JobID)
	// Files gives some of the files of a job, those that have ended included.
	Files(ctx context.Context, id backend.JobID, q backend.FilesQuery) (backend.JobFiles, error)
	// Resolve answers what to do about an existing target, for one item or for
	// all the rest of the job.
	Resolve(id backend.JobID, item int64, answer backend.Conflict, all bool)
}

// SnapshotMsg brings the newest state of the queue to the screens.
type SnapshotMsg struct{ backend.TransferSnapshot }

// list is the queue as rows, shared by the screen and the drawer.
type list struct {
	env   *ui.Env
	queue Queue
	table *table.Model[backend.JobSnapshot]
	sides Sides
	snap  backend.TransferSnapshot
	tally tally  // of the snapshot
	only  filter // what of it is shown
	sum   string // of the transfers that have ended
	known bool   // a snapshot has come
	still bool   // no key was pressed since the list came to the front
}

func newList(env *ui.Env, queue Queue, sides Sides) *list {
	l := &list{env: env, queue: queue, sides: sides}
	l.table = table.New(env, rowID, l.columns()...)
	l.show(everything)
	return l
}

func rowID(j backend.JobSnapshot) string { return strconv.FormatInt(int64(j.ID), 10) }

// load asks for the state now.
func (l *list) load() tea.Cmd {
	q := l.queue
	return func() tea.Msg { return SnapshotMsg{q.Snapshot()} }
}

// take shows a snapshot unless it is older than the one shown.
func (l *list) take(s backend.TransferSnapshot) {
	if l.known && s.Seq < l.snap.Seq {
		return
	}
	l.snap, l.tally, l.known = s, count(s.Jobs), true
	l.sum = ""
	if l.tally.open() == 0 && len(s.Jobs) > 0 {
		l.sum, _ = Summary(s.Jobs)
	}
	l.table.Replace(l.only.of(foremost(s.Jobs)), false)
	l.attend()
}

// onJobs are the actions that need a transfer.
var onJobs = []keymap.Action{
	keymap.Enter, keymap.JobPause, keymap.JobCancel, keymap.JobRetry, keymap.JobShow, keymap.JobPauseAll, keymap.JobsClear,
	keymap.JobRemove, keymap.JobEarlier, keymap.JobLater, keymap.JobVerify, keymap.CopyText,
	keymap.Mark, keymap.MarkRange, keymap.Invert, keymap.MarkAll,
}

// keys is what can be done with the rows now.
func (l *list) keys() keymap.Set {
	set := keymap.Of(keymap.Enter, keymap.JobPause, keymap.JobCancel, keymap.JobRetry, keymap.JobShow, keymap.JobPauseAll,
		keymap.JobFilter, keymap.JobLimit, keymap.JobWidth, keymap.JobsClear, keymap.JobRemove, keymap.JobEarlier, keymap.JobLater,
		keymap.JobVerify, keymap.CopyText, keymap.Mark, keymap.MarkRange, keymap.Invert, keymap.MarkAll).
		Named(keymap.Enter, "details").Named(keymap.CopyText, "copy the text of the error")
	switch {
	case l.table.MarkCount() > 0:
		set = set.And(keymap.Of(keymap.EscapeLevel).Named(keymap.EscapeLevel, "clear the marks"))
	case l.only != everything:
		set = set.And(keymap.Of(keymap.EscapeLevel).Named(keymap.EscapeLevel, "show all transfers"))
	}
	if l.tally.allPaused() {
		set = set.Named(keymap.JobPauseAll, "resume all")
	}
	if l.tally.open() == 0 {
		set = set.Disable("nothing is running", keymap.JobPauseAll)
	}
	if l.tally.ended() == 0 {
		set = set.Disable("nothing has ended yet", keymap.JobsClear)
	}
	if len(l.snap.Jobs) == 0 {
		set = set.Disable("there is no transfer", append(onJobs, keymap.JobFilter)...)
	}
	targets := l.table.Targets()
	if len(targets) == 0 {
		return set.Disable("there is no transfer", slices.DeleteFunc(slices.Clone(onJobs), func(a keymap.Action) bool {
			return a == keymap.JobPauseAll || a == keymap.JobsClear // these are for all, shown or not
		})...).And(keymap.Movement())
	}
	if paused(targets) {
		set = set.Named(keymap.JobPause, "resume")
	}
	of := count(targets)
	if of.open() == 0 {
		set = set.Disable("it has ended", keymap.JobPause, keymap.JobCancel, keymap.JobEarlier, keymap.JobLater)
	}
	set = set.Disable(l.stuck(targets, -1), keymap.JobEarlier).Disable(l.stuck(targets, 1), keymap.JobLater)
	if of.failed == 0 {
		set = set.Disable("nothing of it has failed", keymap.JobRetry)
	}
	if of.ended() == 0 {
		set = set.Disable("it has not ended; cancel it first", keymap.JobRemove, keymap.JobVerify)
	}
	if why := unverifiable(targets); why != "" && of.ended() > 0 {
		set = set.Disable(why, keymap.JobVerify)
	}
	if j, ok := l.table.Cursor(); !ok || failure(j) == nil {
		set = set.Disable("there is no error here", keymap.CopyText)
	}
	return set.And(keymap.Movement())
}

// do carries out what keys offers.
func (l *list) do(a keymap.Action) tea.Cmd {
	q := l.queue
	targets := l.table.Targets()
	l.still = false
	switch a {
	case keymap.Enter:
		return l.details()
	case keymap.JobPause:
		if paused(targets) {
			return each(targets, isPaused, q.Resume)
		}
		return each(targets, isOpen, q.Pause)
	case keymap.JobPauseAll:
		if l.tally.allPaused() {
			return run(q.ResumeAll)
		}
		return run(q.PauseAll)
	case keymap.JobCancel:
		return l.askCancel(targets)
	case keymap.JobRetry:
		return each(targets, hasFailed, q.Retry)
	case keymap.JobRemove:
		return l.takeOff(targets, a)
	case keymap.JobsClear:
		return l.takeOff(l.snap.Jobs, a)
	case keymap.JobVerify:
		return each(targets, isEnded, q.Verify)
	case keymap.JobEarlier:
		return l.shift(targets, -1)
	case keymap.JobLater:
		return l.shift(targets, 1)
	case keymap.JobShow:
		if j, ok := l.table.Cursor(); ok {
			return showTarget(j)
		}
	case keymap.JobLimit:
		return l.askLimit()
	case keymap.JobWidth:
		return l.askWidth()
	case keymap.JobFilter:
		return l.askFilter()
	case keymap.CopyText:
		if j, ok := l.table.Cursor(); ok {
			return copyError(failure(j))
		}
	case keymap.EscapeLevel:
		if l.table.MarkCount() == 0 {
			l.show(everything)
		}
		l.table.ClearMarks()
	default:
		l.table.Do(a)
	}
	return nil
}

func isPaused(j backend.JobSnapshot) bool { return j.State == backend.JobPaused }
func isEnded(j backend.JobSnapshot) bool  { return j.State.Ended() }
func isOpen(j backend.JobSnapshot) bool   { return !j.State.Ended() }
func hasFailed(j backend.JobSnapshot) bool {
	return j.FilesFailed > 0 || j.State == backend.JobFailed
}

// unverifiable says why none of the transfers can be compared once more, "" when
// one can.
func unverifiable(jobs []backend.JobSnapshot) (why string) {
	why = "nothing of it has arrived"
	for i := range jobs {
		switch j := &jobs[i]; {
		case !j.State.Ended():
		case j.State == backend.JobCancelled:
			why = "it was cancelled"
		case j.FilesDone == 0:
		case j.Move && j.FilesVerified == j.FilesDone:
			why = "each source was deleted once a checksum had proved its file"
		default:
			return ""
		}
	}
	return why
}

// run calls the engine from a command, since it may have to wait for it.
func run(fn func()) tea.Cmd {
	return func() tea.Msg { fn(); return nil }
}

// each calls the engine for every job that fits.
func each(jobs []backend.JobSnapshot, fits func(backend.JobSnapshot) bool, fn func(backend.JobID)) tea.Cmd {
	var ids []backend.JobID
	for _, j := range jobs {
		if fits(j) {
			ids = append(ids, j.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return run(func() {
		for _, id := range ids {
			fn(id)
		}
	})
}

// askCancel asks before transfers that have not ended are given up.
func (l *list) askCancel(targets []backend.JobSnapshot) tea.Cmd {
	open := slices.DeleteFunc(slices.Clone(targets), isEnded)
	if len(open) == 0 {
		return nil
	}
	title := "Cancel " + strconv.Itoa(len(open)) + " transfers?"
	if len(open) == 1 {
		title = "Cancel this transfer?"
	}
	var body []string
	for i, j := range open {
		if i == 5 && len(open) > 6 {
			body = append(body, fmt.Sprintf("and %d others", len(open)-i))
			break
		}
		body = append(body, l.route(j))
	}
	return ui.Open(dialog.Confirm(l.env, dialog.ConfirmSpec{
		Title: title, Body: append(body, "", "Files that have arrived stay. What is half done is taken away."),
		Yes: "Stop it", No: "Keep going", Danger: true, OnYes: each(open, isOpen, l.queue.Cancel),
	}))
}

// takeOff takes transfers that have ended off the list. What failed of them can
// be tried again only from there, so that this is asked first.
func (l *list) takeOff(jobs []backend.JobSnapshot, opener keymap.Action) tea.Cmd {
	ended := slices.DeleteFunc(slices.Clone(jobs), isOpen)
	what := plural(len(ended), "transfer", "transfers")
	if len(ended) == 1 {
		what = Label(&ended[0])
	}
	off := ui.Batch(each(ended, isEnded, l.queue.Remove), ui.Toast(ui.Note, what+" taken off the list"))
	failed := slices.DeleteFunc(slices.Clone(ended), func(j backend.JobSnapshot) bool { return !hasFailed(j) })
	if len(failed) == 0 {
		return off
	}
	n, names := Failures(failed)
	return ui.Open(dialog.Confirm(l.env, dialog.ConfirmSpec{
		Title: "Take " + what + " off the list?", Body: []string{
			plural(n, "file", "files") + " failed: " + names, "",
			"Off the list " + map[bool]string{true: "it", false: "they"}[n == 1] + " cannot be tried again from here. Files that have arrived stay.",
		},
		Yes: "Take off", No: "Keep", Danger: true, Opener: opener, OnYes: off,
	}))
}

// showTarget opens the target of a job in the files screen.
func showTarget(j backend.JobSnapshot) tea.Cmd {
	side := ui.RemoteSide
	if j.To.Side == backend.Local {
		side = ui.LocalSide
	}
	return ui.Goto(ui.RouteFiles, ui.ShowPath{Side: side, Path: j.To.Path})
}

// failure is the error of a job, or of its first failed item.
func failure(j backend.JobSnapshot) error {
	if j.Err != nil {
		return j.Err
	}
	for _, it := range j.Items {
		if it.Err != nil {
			return it.Err
		}
	}
	return nil
}

// copyError sends the words and the code of an error to the clipboard.
func copyError(err error) tea.Cmd {
	if err == nil {
		return nil
	}
	x := backend.Explain(err)
	return ui.Copy(strings.Join(append([]string{x.Title + "."}, append(x.Lines, x.Code)...), "\n"), "the text of the error")
}
