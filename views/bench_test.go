package views

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/views/transfers"
)

// crowded is an App on its transfers screen, and a queue of 10,000 transfers in
// every state.
func crowded(b *testing.B) (*App, backend.TransferSnapshot) {
	b.Helper()
	th, _ := theme.Named("dark", nil)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	env := ui.NewEnv(b.Context(), th, keymap.Default(), func() time.Time { return now })
	a := New(Config{Env: env, Host: noHost{}, Theme: ThemeChoice{Name: "dark"}})
	a.sess = &Session{Account: backend.Account{Site: "demo", Username: "admin"}}
	a.asker = transfers.NewAsker(env, nil, transfers.Sides{})
	a.drawer = transfers.NewDrawer(env, &noQueue{}, transfers.Sides{})
	a.screens = map[ui.Route]ui.Component{ui.RouteTransfers: transfers.New(env, &noQueue{}, transfers.Sides{})}
	a.shown = map[ui.Route]bool{ui.RouteTransfers: true}
	a.route = ui.RouteTransfers
	a.Update(tea.WindowSizeMsg{Width: 120, Height: 36})

	var s backend.TransferSnapshot
	states := []backend.JobState{backend.JobQueued, backend.JobQueued, backend.JobPaused, backend.JobDone, backend.JobFailed}
	for i := range 10_000 {
		j := backend.JobSnapshot{
			ID: backend.JobID(i + 1), Label: fmt.Sprintf("invoice-%05d.pdf", i), State: states[i%len(states)],
			From: backend.Location{Side: backend.Local, Path: "/home/ops/work"}, To: backend.Location{Side: backend.Remote, Path: "Finance/2026"},
			FilesTotal: 1, BytesTotal: 4096, Left: -1,
		}
		if i < 8 {
			j.State, j.BytesDone, j.Rate, j.Started = backend.JobRunning, 1000, 1e5, now
			j.Items = []backend.ItemSnapshot{{ID: 1, Name: j.Label, State: backend.JobRunning, Done: 1000, Size: 4096}}
		}
		s.Jobs = append(s.Jobs, j)
	}
	s.Running, s.Waiting, s.Failed = 8, 6000, 2000
	a.Update(transfers.SnapshotMsg{TransferSnapshot: s})
	a.View()
	return a, s
}

// BenchmarkCrowdedStep is one cursor step among 10,000 transfers and the frame
// after it.
func BenchmarkCrowdedStep(b *testing.B) {
	a, _ := crowded(b)
	down := tea.KeyPressMsg{Code: 'j', Text: "j"}
	b.ReportAllocs()
	for b.Loop() {
		a.Update(down)
		a.View()
	}
}

// BenchmarkCrowdedSnapshot is a snapshot of 10,000 transfers that arrives, and
// the frame after it.
func BenchmarkCrowdedSnapshot(b *testing.B) {
	a, s := crowded(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Seq++
		a.Update(transfers.SnapshotMsg{TransferSnapshot: s})
		a.View()
	}
}
