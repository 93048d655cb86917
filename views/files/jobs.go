package files

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/cell"
)

// step is one object of a job.
type step struct {
	name string
	do   work
}

// job is a change that takes several requests: its steps are done one after
// the other, each as a command of its own, so that the screen can say how far
// it is and Esc stops it between any two requests.
type job struct {
	verb, past string // "deleting", "Deleted"
	side       backend.Side
	steps      []step
	at         int
	note       string
	failed     []error
	ctx        context.Context // ends this job only
	cancel     context.CancelFunc
	paths      []string       // what to tell as changed on side
	then       func() tea.Cmd // when all went well
}

// workDone says how far the current step of a job is.
type workDone struct {
	job  *job
	next work
	note string
	err  error
}

// start begins a job.
func (s *Screen) start(j *job) tea.Cmd {
	if len(j.steps) == 0 {
		return nil
	}
	j.ctx, j.cancel = context.WithCancel(s.env.Ctx)
	s.jobs = append(s.jobs, j)
	return j.run(j.steps[0].do)
}

func (j *job) run(w work) tea.Cmd {
	ctx := j.ctx
	return func() tea.Msg {
		if err := ctx.Err(); err != nil {
			return workDone{job: j, err: err}
		}
		next, note, err := w(ctx)
		return workDone{j, next, note, err}
	}
}

// worked goes on with a job.
func (s *Screen) worked(m workDone) tea.Cmd {
	j := m.job
	if !s.owns(j) {
		return nil
	}
	j.note = m.note
	if m.err == nil && m.next != nil {
		return j.run(m.next)
	}
	if m.err != nil {
		if backend.Cancelled(m.err) || j.ctx.Err() != nil {
			return s.finish(j, true)
		}
		j.failed = append(j.failed, m.err)
	}
	j.at++
	if j.at < len(j.steps) && !backend.SessionEnded(m.err) { // the others would fail the same way
		return j.run(j.steps[j.at].do)
	}
	return s.finish(j, false)
}

func (s *Screen) owns(j *job) bool {
	for _, o := range s.jobs {
		if o == j {
			return true
		}
	}
	return false
}

// finish ends a job: what it changed is told, and how it went is said.
func (s *Screen) finish(j *job, stopped bool) tea.Cmd {
	j.cancel()
	for i := range s.jobs {
		if s.jobs[i] == j {
			s.jobs = append(s.jobs[:i], s.jobs[i+1:]...)
			break
		}
	}
	cmds := []tea.Cmd{changed(j.side, j.paths...)}
	done := min(j.at, len(j.steps)) - len(j.failed)
	switch n := len(j.steps); {
	case stopped:
		cmds = append(cmds, ui.Toast(ui.Warning, fmt.Sprintf("Stopped %s after %d of %d", j.verb, done, n)))
	case len(j.failed) == 1 && n == 1:
		cmds = append(cmds, ui.Fail(j.failed[0], s.later(func() tea.Cmd { return s.start(j.repeat()) })))
	case len(j.failed) > 0:
		err := fmt.Errorf("%s failed for %d of %d; the first: %w", j.verb, n-done, n, j.failed[0])
		first := *backend.AsError(j.failed[0])
		first.Message = fmt.Sprintf("%s failed for %d of %d objects. The first: %s", j.verb, n-done, n, first.Message)
		first.Cause = err
		cmds = append(cmds, ui.Fail(&first, nil))
	default:
		if j.then != nil {
			cmds = append(cmds, j.then())
		}
		cmds = append(cmds, ui.Toast(ui.Success, j.past+" "+j.what()))
	}
	return ui.Batch(cmds...)
}

// repeat is the same job once more.
func (j *job) repeat() *job {
	return &job{
		verb: j.verb, past: j.past, side: j.side, steps: j.steps, paths: j.paths, then: j.then,
	}
}

func (j *job) what() string {
	if len(j.steps) == 1 {
		return pathutil.DisplayName(j.steps[0].name)
	}
	return cell.Count(len(j.steps)) + " items"
}

// state is the job as the frame shows it.
func (j *job) state() string {
	line := j.verb + " " + pathutil.DisplayName(j.steps[min(j.at, len(j.steps)-1)].name)
	if n := len(j.steps); n > 1 {
		line = fmt.Sprintf("%s %s of %s", j.verb, cell.Count(min(j.at+1, n)), cell.Count(n))
	}
	if j.note != "" {
		line += " · " + j.note
	}
	return line
}

// share says how many of how many files a migration has moved.
func share(done, total int64) string {
	if total <= 0 {
		return "working"
	}
	return cell.Count(int(done)) + " of " + cell.Count(int(total)) + " files"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return cell.Count(n) + " " + many
}
