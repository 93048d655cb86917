package activity

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/views/paged/pagedtest"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// fake is a journal in memory that notes what it was asked.
type fake struct {
	lines   []backend.LogLine
	queries []backend.Query
	err     error
}

func (f *fake) History(_ context.Context, q backend.Query) (backend.Page[backend.LogLine], error) {
	f.queries = append(f.queries, q)
	from := 0
	_, _ = fmt.Sscan(q.Cursor, &from)
	to := min(from+q.PerPage, len(f.lines))
	p := backend.Page[backend.LogLine]{Items: f.lines[from:to]}
	if to < len(f.lines) {
		p.Next = fmt.Sprint(to)
	}
	return p, f.err
}

func some() []backend.LogLine {
	return []backend.LogLine{
		{At: noon.Add(-2 * time.Minute), Who: "finance-lead", What: "read", Path: "Finance/2026/ledger-2026-10.csv", From: "192.0.2.17 web", Status: "success"},
		{At: noon.Add(-4 * time.Minute), Who: "contractor-17", What: "failedlogin", From: "198.51.100.9 sftp", Status: "bad_password"},
		{At: noon.Add(-20 * time.Hour), Who: "scanner-\x1b]0;x\x07east", What: "create", Path: "Uploads/scan-0001.pdf", From: "192.0.2.40 ftp", Status: "success"},
	}
}

func open(t *testing.T, f *fake, w, h int) *pagedtest.Rig {
	t.Helper()
	r := pagedtest.New(t)
	r.Show(New(r.Env, f), w, h)
	r.Sound()
	return r
}

func TestGolden(t *testing.T) {
	for name, size := range map[string][2]int{"wide": {120, 33}, "narrow": {80, 21}, "narrowest": {60, 13}} {
		t.Run(name, func(t *testing.T) {
			r := open(t, &fake{lines: some()}, size[0], size[1])
			v := r.Screenful()
			r.Fills(v, size[0], size[1])
			golden.RequireEqual(t, []byte(v))
		})
	}
}

func TestUnsizedIsEmpty(t *testing.T) {
	r := pagedtest.New(t)
	if v := New(r.Env, &fake{}).View(); v != "" {
		t.Errorf("an unsized screen draws %q", v)
	}
}

func TestNewestFirstAndReverse(t *testing.T) {
	f := &fake{lines: some()}
	r := open(t, f, 120, 33)
	if q := f.queries[0]; q.SortBy != "created_at" || !q.Desc || len(q.Filters) != 0 {
		t.Errorf("asked for %+v", q)
	}
	r.Do(keymap.Reverse)
	if f.queries[1].Desc {
		t.Error("the order was not reversed")
	}
	r.Holds(r.Screenful(), "the oldest first")
}

func TestFilterByAction(t *testing.T) {
	r := open(t, &fake{lines: some()}, 120, 33)
	r.Do(keymap.ActivityFilter)
	r.Holds(r.Box(), "failures", "failedlogin", "everything")
	r.Type("x")
	v := r.Screenful()
	r.Holds(v, "contractor-17", "1 of 3 actions", "failures among the loaded")
	r.Lacks(v, "finance-lead")
	r.Do(keymap.EscapeLevel)
	r.Holds(r.Screenful(), "finance-lead")
	if r.Why(keymap.EscapeLevel) == "" {
		t.Error("there is still something to clear")
	}
}

// A filter that leaves few rows goes on loading until the window is full.
func TestAFilterLoadsOn(t *testing.T) {
	f := &fake{}
	for i := range 2500 {
		what := "read"
		if i%500 == 499 {
			what = "destroy"
		}
		f.lines = append(f.lines, backend.LogLine{At: noon.Add(-time.Duration(i) * time.Second), What: what, Status: "success"})
	}
	r := open(t, f, 120, 33)
	r.Run(r.Screen.Update(filterMsg{what: "destroy"}))
	r.Holds(r.Screenful(), "5 of 2,500 actions · all loaded")
}

func TestDetailsCopyAndFolder(t *testing.T) {
	r := open(t, &fake{lines: some()}, 120, 33)
	r.Do(keymap.Enter)
	r.Holds(r.Box(), "finance-lead", "24 Nov 2026 11:58:00", "Finance/2026/ledger-2026-10.csv")
	r.Do(keymap.CloseBox, keymap.CopyText, keymap.ActivityPath)
	if len(r.Copies) != 1 || !strings.Contains(r.Copies[0], "finance-lead\tread\tFinance/2026") {
		t.Errorf("copied %q", r.Copies)
	}
	if len(r.Gotos) != 1 || r.Gotos[0].Args != (ui.ShowPath{Side: ui.RemoteSide, Path: "Finance/2026/ledger-2026-10.csv"}) {
		t.Errorf("went to %+v", r.Gotos)
	}
	r.Do(keymap.Down)
	if r.Why(keymap.ActivityPath) == "" {
		t.Error("a line without a path can be shown in the files")
	}
}

func TestHostileNamesAreShownSafely(t *testing.T) {
	r := open(t, &fake{lines: some()}, 120, 33)
	if strings.Contains(r.Screen.View(), "\x1b]0;") {
		t.Error("an escape sequence reached the screen")
	}
}

func TestFailureInPlace(t *testing.T) {
	f := &fake{err: &backend.Error{Group: backend.NotAuthorized, Type: "not-authorized/history-permission-required"}}
	r := open(t, f, 80, 21)
	r.Holds(r.Screenful(), "You may not see the history here")
	f.err, f.lines = nil, some()
	r.Do(keymap.Refresh)
	r.Holds(r.Screenful(), "finance-lead")
}
