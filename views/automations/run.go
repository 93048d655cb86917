package automations

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/ui/table"
	"ferry/views/paged"
)

// runHead is how many lines tell of a run above its log.
const runHead = 4

// run is one run with what it logged.
type run struct {
	id   int64
	logs *paged.List[backend.LogLine]
}

func (r *run) title(of *runs) string { return of.title() + " › run " + paged.ID(r.id) }

// openRun shows the run under the cursor.
func (s *Screen) openRun() tea.Cmd {
	r, ok := s.runs.list.Table.Cursor()
	if !ok {
		return nil
	}
	id := r.ID
	logs := paged.New(s.env, paged.Spec[backend.LogLine]{
		What: "log lines",
		ID: func(l backend.LogLine) string {
			return fmt.Sprint(l.At.UnixNano(), l.Status, l.What, l.Path, l.Text)
		},
		Text:  func(l backend.LogLine) string { return strings.Join([]string{l.Status, l.What, l.Path, l.Text}, " ") },
		Fetch: logsOf(s.board, id),
		Empty: []string{"Nothing is logged of this run", "Files.com keeps these logs for 30 days, and writes them a little later."},
	}, s.logColumns()...)
	logs.Table.SetFocus(true)
	s.run = &run{id: id, logs: logs}
	s.fit()
	return logs.Start(backend.Query{})
}

// logsOf reads the log of one run. The site is asked for its lines alone; should
// it not take that filter, all lines are read and the others left out here.
func logsOf(board Board, id int64) paged.Fetch[backend.LogLine] {
	return func(ctx context.Context, q backend.Query) (backend.Page[backend.LogLine], error) {
		page, err := board.AutomationLogs(ctx, id, q)
		if errors.Is(err, backend.BadRequest) {
			page, err = board.AutomationLogs(ctx, 0, q)
		}
		page.Items = slices.DeleteFunc(page.Items, func(l backend.LogLine) bool { return l.RunID != id })
		return page, err
	}
}

func (s *Screen) logColumns() []table.Column[backend.LogLine] {
	type line = backend.LogLine
	dim := func(line) theme.Role { return theme.Faint }
	return []table.Column[line]{
		{Title: "Time", Width: 14, Cell: func(l line) string { return cell.Ago(l.At, s.env.Now()) }, Role: dim},
		{Title: "Status", Width: 11, Cell: func(l line) string { return s.logGlyph(l) + " " + kind(l.Status) }, Role: logRole},
		{Title: "Operation", Width: 12, Drop: 2, Cell: func(l line) string { return kind(l.What) }, Role: dim},
		{Title: "Path", Min: 12, Weight: 2, Middle: true, Cell: func(l line) string {
			if l.Path == "" {
				return s.env.Theme.Glyphs.Dash
			}
			return place(l.Path)
		}},
		{Title: "Message", Min: 12, Weight: 3, Cell: func(l line) string { return pathutil.Display(l.Text) }},
	}
}

func (s *Screen) logGlyph(l backend.LogLine) string {
	g := &s.env.Theme.Glyphs
	switch l.Status {
	case "success":
		return g.Done
	case "failure":
		return g.Failed
	}
	return g.Dot
}

func logRole(l backend.LogLine) theme.Role {
	switch l.Status {
	case "success":
		return theme.Good
	case "failure":
		return theme.Bad
	}
	return theme.Faint
}

// current is the run as the list of runs knows it now.
func (s *Screen) current() (backend.AutomationRun, bool) {
	if s.run == nil || s.runs == nil {
		return backend.AutomationRun{}, false
	}
	for _, r := range s.runs.list.Rows() {
		if r.ID == s.run.id {
			return r, true
		}
	}
	return backend.AutomationRun{}, false
}

// runLines is the head of a run: exactly runHead lines.
func (s *Screen) runLines() []string {
	th := s.env.Theme
	lines := make([]string, runHead)
	r, ok := s.current()
	if !ok {
		return lines
	}
	w := max(s.w-4, 0)
	put := func(i int, label, value string, role theme.Role) {
		lines[i] = th.Paint(theme.Faint, cell.Fit(label, 10)) + th.Paint(role, cell.Truncate(value, max(w-10, 0), th.Glyphs.Ellipsis))
	}
	put(0, "Status", glyph(&th.Glyphs, r.Status)+" "+statusWord(r.Status)+", "+
		cell.Count(int(r.SuccessfulOperations))+" operations done, "+cell.Count(int(r.FailedOperations))+" failed", statusRole(r.Status))
	took := ""
	if d := s.took(r); d != th.Glyphs.Dash {
		took = ", took " + d
		if r.Status.Active() {
			took = ", running for " + d
		}
	}
	put(1, "Started", cell.Stamp(r.CreatedAt)+" ("+cell.Ago(r.CreatedAt, s.env.Now())+")"+took, theme.Text)
	put(2, "Does", strings.Join(touches(s.runs.of), " "), theme.Text)
	return lines
}

// openLine shows a log line in full.
func (s *Screen) openLine() tea.Cmd {
	l, ok := s.run.logs.Table.Cursor()
	if !ok {
		return nil
	}
	th := s.env.Theme
	var body []string
	for _, f := range [][2]string{
		{"time", cell.Stamp(l.At)}, {"status", kind(l.Status)}, {"operation", kind(l.What)}, {"path", l.Path}, {"by", l.Who}, {"from", l.From},
	} {
		if f[1] != "" {
			body = append(body, th.Paint(theme.Faint, cell.Fit(f[0], 11))+pathutil.Display(f[1]))
		}
	}
	body = append(body, "")
	for line := range strings.SplitSeq(l.Text, "\n") {
		body = append(body, pathutil.Display(line))
	}
	return ui.Open(dialog.Text(s.env, dialog.TextSpec{Title: "Log line", Body: body}))
}

func (s *Screen) closeRun() {
	s.run.logs.Close()
	s.run = nil
}
