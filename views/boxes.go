package views

import (
	"cmp"
	"fmt"
	"slices"
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
	"ferry/views/help"
	"ferry/views/transfers"
)

const minuteLong = time.Minute

// entries are the items of a set as help and palette list them.
func (a *App) entries(s keymap.Set) []help.Entry {
	out := make([]help.Entry, 0, len(s))
	for _, it := range s {
		b := a.env.Keys.Binding(it.Action)
		out = append(out, help.Entry{
			Action: it.Action, Group: string(b.Group), Label: a.env.Keys.Label(it),
			Keys: a.env.Keys.KeyList(it), Why: it.Why,
			Words: strings.ReplaceAll(string(it.Action), ".", " ") + " " + b.Short,
		})
	}
	return out
}

// helpBox lists what can be done here under its headings, the screen's own
// first.
func (a *App) helpBox() ui.Overlay {
	list := a.entries(a.Keys())
	title, order := "help: "+strings.ToLower(tabs[a.route].title), map[string]int{tabs[a.route].title: 0}
	if _, over := a.stack.Top(); over {
		title = "help: what the box in front can do"
	}
	for _, e := range list {
		if _, ok := order[e.Group]; !ok {
			order[e.Group] = len(order)
		}
	}
	slices.SortStableFunc(list, func(x, y help.Entry) int { return order[x.Group] - order[y.Group] })
	a.helping = help.New(a.env, help.Spec{Title: title, Prompt: "search ", Entries: list, Grouped: true})
	return a.helping
}

// elsewhere are the actions that only other screens have. Whether one can be
// done there just now is known when that screen is in front, and said then.
func (a *App) elsewhere() []help.Entry {
	here := a.Keys()
	var out []help.Entry
	for _, r := range routes {
		s := a.screens[r]
		if r == a.route || s == nil {
			continue
		}
		var own keymap.Set
		for _, it := range s.Keys() {
			if !here.Has(it.Action) && string(a.env.Keys.Binding(it.Action).Group) == headings[r] {
				own = append(own, keymap.Item{Action: it.Action})
			}
		}
		for _, e := range a.entries(own) {
			e.Route, e.Where = r, strings.ToLower(tabs[r].title)
			out = append(out, e)
		}
	}
	return out
}

// headings are what keymap calls the actions of a screen of its own.
var headings = map[ui.Route]string{
	ui.RouteFiles: string(keymap.Files), ui.RouteTransfers: string(keymap.Transfers), ui.RouteUsers: string(keymap.Users),
	ui.RouteAutomations: string(keymap.Automations), ui.RouteActivity: string(keymap.ActivityLog), ui.RouteResources: string(keymap.Resources),
	ui.RouteSync: string(keymap.SyncPlans),
}

// paletteBox lists every action of every screen and understands a few lines.
// First stands what the screen in front can do now, then what can be done
// everywhere, then what other screens have; what cannot be done now is last.
func (a *App) paletteBox() ui.Overlay {
	list := append(a.entries(a.Keys()), a.elsewhere()...)
	place := func(e help.Entry) int {
		switch {
		case e.Why != "":
			return 3
		case e.Where != "":
			return 2
		case e.Group == headings[a.route]:
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(x, y help.Entry) int {
		return cmp.Or(cmp.Compare(place(x), place(y)), strings.Compare(x.Label, y.Label))
	})
	return help.New(a.env, help.Spec{
		Title: "commands", Prompt: ": ", Entries: list, Place: ui.Top, Command: a.command,
	})
}

// command understands a line typed into the palette: a screen's name, "q",
// "theme light".
func (a *App) command(line string) tea.Cmd {
	word, rest, _ := strings.Cut(strings.ToLower(line), " ")
	rest = strings.TrimSpace(rest)
	for _, r := range routes {
		if word == string(r) {
			return ui.Goto(r, nil)
		}
	}
	switch word {
	case "q", "quit", "exit":
		return ui.Quit()
	case "site", "login":
		return ui.Say(ui.RunMsg{Action: keymap.SwitchSite})
	case "theme":
		if _, ok := theme.Named(rest, nil); ok {
			return func() tea.Msg { return themeMsg(rest) }
		}
		if rest != "" {
			return ui.Toast(ui.Warning, fmt.Sprintf("There is no theme %q; there are %s", rest, strings.Join(theme.Names(), ", ")))
		}
	}
	return nil
}

// themeMsg asks for a theme by name.
type themeMsg string

func (a *App) nextTheme() tea.Cmd {
	names := theme.Names()
	return a.setTheme(names[(slices.Index(names, a.env.Theme.Name)+1)%len(names)])
}

func (a *App) setTheme(name string) tea.Cmd {
	a.cfg.Theme.Name, a.cfg.Theme.NoColour = name, false
	a.retheme()
	return a.say(ui.Note, "Theme: "+name)
}

func (a *App) logBox() ui.Overlay {
	return dialog.Text(a.env, dialog.TextSpec{Title: "messages and errors", Body: a.logLines(), Wrap: true})
}

// quit leaves at once when nothing runs; else it asks what becomes of the work.
func (a *App) quit() tea.Cmd {
	if !a.queue.Active() {
		return tea.Quit
	}
	q := a.sess.Queue
	later := dialog.MenuItem{
		Label: "pause and quit; the next start offers to go on", Key: "p",
		Cmd: ui.Say(partMsg{}), // the end of the program interrupts them; the next one offers to go on
	}
	if a.sess.Account.Demo {
		later.Label, later.Why = "pause and quit", "the demo site keeps nothing"
	}
	if a.leaving != nil {
		a.stack.Remove(a.leaving)
	}
	a.leaving = dialog.Menu(a.env, dialog.MenuSpec{
		Title: a.unfinished(),
		Items: []dialog.MenuItem{
			{Label: "stay", Key: "s", Cmd: ui.Say(drainMsg{false})},
			{Label: "finish them, then quit", Key: "f", Cmd: func() tea.Msg { q.ResumeAll(); return drainMsg{true} }},
			later,
			{Label: "abort them and quit", Key: "a", Cmd: ui.Say(abortMsg{})},
		},
	})
	return a.push(a.leaving)
}

// unfinished counts the transfers that have work left.
func (a *App) unfinished() string {
	if n := a.queue.Running + a.queue.Waiting; n > 1 {
		return fmt.Sprintf("%d transfers are not finished", n)
	}
	return "1 transfer is not finished"
}

// leftBehind says what another site would mean for the transfers, "" when there
// are none.
func (a *App) leftBehind() string {
	switch {
	case !a.queue.Active():
		return ""
	case a.sess.Account.Demo:
		return a.unfinished() + ". Another site ends the demo, and with it what it transfers."
	}
	return a.unfinished() + ". Another site stops them; they wait here until you log in to this one again."
}

// drainMsg asks to quit as soon as the queue is empty, or to stay after all.
type drainMsg struct{ quit bool }

func (a *App) drain(m drainMsg) tea.Cmd {
	a.draining = m.quit
	if a.waiting != nil {
		a.stack.Remove(a.waiting)
		a.waiting = nil
	}
	switch {
	case !m.quit:
		return nil
	case !a.queue.Active():
		return tea.Quit // the last one has ended while the question was open
	}
	a.waiting = &draining{env: a.env, snap: a.queue}
	return ui.Batch(a.push(a.waiting), a.ask())
}

// Farewell is what is left to say when the program has ended: how the transfers
// did that it waited for, or what waits for the next start; "" when there is none.
// What waits is known when the session is closed: parts under way do not count
// then.
func (a *App) Farewell() string {
	switch {
	case a.parted != nil && a.sess != nil:
		return a.waitsFor(a.sess.Queue.Snapshot())
	case a.draining:
		return a.farewell
	}
	return ""
}

// partMsg leaves the program while transfers have work left.
type partMsg struct{}

// abortMsg leaves the program and ends what is unfinished.
type abortMsg struct{}

func (a *App) abort() tea.Cmd {
	if !a.queue.Active() {
		return a.drain(drainMsg{true})
	}
	q := a.sess.Queue
	return func() tea.Msg { q.CancelAll(); return tea.Quit() }
}

// part notes how far they seemed to be: that is what a person remembers. When the
// last one has ended while the question was open, that is what there is to say.
func (a *App) part() tea.Cmd {
	if !a.queue.Active() {
		return a.drain(drainMsg{true})
	}
	a.parted = map[backend.JobID]int64{}
	for i := range a.queue.Jobs {
		if j := &a.queue.Jobs[i]; !j.State.Ended() {
			a.parted[j.ID] = j.BytesDone
		}
	}
	return tea.Quit
}

// waitsFor says how far the transfers are that were left, what of that goes again,
// and how they go on, since they are out of sight now.
func (a *App) waitsFor(last backend.TransferSnapshot) string {
	n, done, total, again, more := 0, int64(0), int64(0), int64(0), false
	var ended []backend.JobSnapshot
	for i := range last.Jobs {
		j := &last.Jobs[i]
		seen, left := a.parted[j.ID]
		switch {
		case !j.State.Ended():
			n, done, total, more = n+1, done+j.BytesDone, total+j.BytesTotal, more || j.Scanning
			again += max(seen-j.BytesDone, 0)
		case left: // in the last moment
			ended = append(ended, *j)
		}
	}
	if n == 0 && len(ended) == 0 {
		return ""
	}
	if n == 0 {
		line, _ := transfers.Summary(ended)
		return "The transfers have ended: " + line
	}
	said := "1 transfer waits"
	if n > 1 {
		said = cell.Count(n) + " transfers wait"
	}
	if total > 0 && !more {
		said += fmt.Sprintf(", at %d %% of %s", 100*done/total, cell.Size(total))
	}
	if again > 0 {
		said += ": " + cell.Size(again) + " of parts under way go again"
	}
	switch {
	case done == 0:
		said += ". Log in to "
	case again > 0:
		said += ". What else has arrived is kept; log in to "
	default:
		said += ". What has arrived is kept; log in to "
	}
	return said + pathutil.Display(a.sess.Account.Site) + " again to go on."
}
