package transfers

import (
	"fmt"
	"strconv"
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
	spec := dialog.MenuSpec{Title: "Limit all transfers together to", Selected: -1, Digits: l.typeLimit}
	for i, rate := range limits {
		if rate == l.snap.Limit {
			spec.Selected = i
		}
		spec.Items = append(spec.Items, dialog.MenuItem{
			Label: limitName(rate), Cmd: l.tune(func(q Queue) { q.SetLimit(rate) }),
		})
	}
	other := "another limit: type it"
	if spec.Selected < 0 {
		other, spec.Selected = "another limit, now "+limitName(l.snap.Limit)+": type it", len(spec.Items)
	}
	spec.Items = append(spec.Items, dialog.MenuItem{Label: other, Cmd: l.typeLimit("")})
	return ui.Open(dialog.Menu(l.env, spec))
}

// typeLimit asks for a limit; value is what was typed of it already.
func (l *list) typeLimit(value string) tea.Cmd {
	return ui.Open(dialog.Prompt(l.env, dialog.PromptSpec{
		Title: "Limit all transfers together", Verb: "set the limit", Label: "Bytes per second", Value: value, Placeholder: "for example 2.5 MB",
		Check: func(v string) string {
			if _, ok := rateOf(v); !ok {
				return "write 2.5 MB or 500 kB, at least 1 kB; 0 is no limit"
			}
			return ""
		},
		OnOK: func(v string) tea.Cmd {
			rate, _ := rateOf(v)
			return l.tune(func(q Queue) { q.SetLimit(rate) })
		},
	}))
}

// leastLimit is the smallest limit in bytes per second: a 5 alone meant more.
const leastLimit = 1000

// rateOf reads bytes per second as people write them.
func rateOf(v string) (int64, bool) {
	n, err := humanize.ParseBytes(strings.TrimSuffix(strings.TrimSpace(v), "/s"))
	return int64(min(n, 1<<50)), err == nil && (n == 0 || n >= leastLimit) && n <= 1<<50
}

func (l *list) askWidth() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Requests at a time, of all transfers together", Selected: -1, Digits: l.typeWidth}
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
	other := "another number: type it"
	if spec.Selected < 0 {
		other, spec.Selected = fmt.Sprintf("another number, now %d: type it", l.snap.MostRequests), len(spec.Items)
	}
	spec.Items = append(spec.Items, dialog.MenuItem{Label: other, Cmd: l.typeWidth("")})
	if l.snap.Requests > 0 {
		spec.Body = []string{"Now " + plural(l.snap.Requests, "request", "requests") + " may run at a time; Ferry finds by itself how many are best."}
	}
	return ui.Open(dialog.Menu(l.env, spec))
}

// mostRequests is the largest bound that can be typed.
const mostRequests = 1024

// typeWidth asks for a number of requests; value is what was typed of it already.
func (l *list) typeWidth(value string) tea.Cmd {
	return ui.Open(dialog.Prompt(l.env, dialog.PromptSpec{
		Title: "Requests at a time, of all transfers together", Verb: "bound them", Label: "Requests", Value: value, Placeholder: "for example 12",
		Check: func(v string) string {
			if n, err := strconv.Atoi(strings.TrimSpace(v)); err != nil || n < 0 || n > mostRequests {
				return fmt.Sprintf("write a number up to %d; 0 is as many as pay", mostRequests)
			}
			return ""
		},
		OnOK: func(v string) tea.Cmd {
			n, _ := strconv.Atoi(strings.TrimSpace(v))
			return l.tune(func(q Queue) { q.SetConcurrency(n) })
		},
	}))
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
