package transfers

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/dustin/go-humanize"

	"ferry/backend"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// limits are the bandwidths offered; others can be typed.
var limits = []int64{0, 1e6, 5e6, 10e6, 20e6, 50e6, 100e6}

// widths are the numbers of requests offered.
var widths = []int{0, 1, 2, 4, 8, 16, 32, 64}

// tune changes how all transfers run and shows it at once.
func (l *list) tune(change func(Queue)) tea.Cmd {
	q := l.queue
	return func() tea.Msg {
		change(q)
		return SnapshotMsg{q.Snapshot()}
	}
}

func (l *list) askLimit() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Limit all transfers together to", Selected: -1}
	for i, rate := range limits {
		if rate == l.snap.Limit {
			spec.Selected = i
		}
		spec.Items = append(spec.Items, dialog.MenuItem{
			Label: limitName(rate), Cmd: l.tune(func(q Queue) { q.SetLimit(rate) }),
		})
	}
	other := "another limit"
	if spec.Selected < 0 {
		other, spec.Selected = "another limit, now "+limitName(l.snap.Limit), len(spec.Items)
	}
	spec.Items = append(spec.Items, dialog.MenuItem{Label: other, Cmd: l.typeLimit()})
	return ui.Open(dialog.Menu(l.env, spec))
}

func (l *list) typeLimit() tea.Cmd {
	return ui.Open(dialog.Prompt(l.env, dialog.PromptSpec{
		Title: "Limit all transfers together", Verb: "set the limit", Label: "Bytes per second", Placeholder: "2.5 MB",
		Check: func(v string) string {
			if _, ok := rateOf(v); !ok {
				return "write 2.5 MB, 500 kB or a number of bytes"
			}
			return ""
		},
		OnOK: func(v string) tea.Cmd {
			rate, _ := rateOf(v)
			return l.tune(func(q Queue) { q.SetLimit(rate) })
		},
	}))
}

// rateOf reads bytes per second as people write them.
func rateOf(v string) (int64, bool) {
	n, err := humanize.ParseBytes(strings.TrimSuffix(strings.TrimSpace(v), "/s"))
	return int64(min(n, 1<<50)), err == nil && n > 0 && n <= 1<<50
}

func (l *list) askWidth() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Requests at a time, of all transfers together"}
	for i, n := range widths {
		if n == l.snap.MostRequests {
			spec.Selected = i
		}
		label := "as many as pay"
		switch {
		case n == 1:
			label = "1, one after another"
		case n > 1:
			label = fmt.Sprintf("at most %d", n)
		}
		spec.Items = append(spec.Items, dialog.MenuItem{Label: label, Cmd: l.tune(func(q Queue) { q.SetConcurrency(n) })})
	}
	if l.snap.Requests > 0 {
		spec.Body = []string{"Now " + plural(l.snap.Requests, "request", "requests") + " may run at a time; Ferry finds by itself how many are best."}
	}
	return ui.Open(dialog.Menu(l.env, spec))
}

// bounds are the limits in force, for the frame.
func (l *list) bounds(s *backend.TransferSnapshot) []string {
	var out []string
	if s.Limit > 0 {
		out = append(out, "limit "+limitName(s.Limit))
	}
	if s.MostRequests > 0 {
		out = append(out, "at most "+plural(s.MostRequests, "request", "requests"))
	}
	return out
}

func limitName(rate int64) string {
	if rate == 0 {
		return "no limit"
	}
	return cell.Rate(float64(rate))
}
