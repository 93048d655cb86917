package views

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/views/transfers"
)

// The smallest terminal in which the screens can be used.
const (
	minWidth  = 60
	minHeight = 16
)

// View draws the frame. Before the size is known it draws nothing.
func (a *App) View() tea.View {
	v := tea.NewView(a.env.Theme.Glyphs.Spell(a.Screen()))
	v.AltScreen = true
	v.ReportFocus = true // who comes back from another window sees what was done there
	v.WindowTitle = a.title()
	v.ProgressBar = a.progress()
	return v
}

func (a *App) title() string {
	if a.sess == nil {
		return "Ferry"
	}
	return "Ferry: " + pathutil.Display(a.sess.Account.Site)
}

// Screen is the whole screen as text.
func (a *App) Screen() string {
	switch {
	case a.w <= 0 || a.h <= 0:
		return ""
	case a.w < minWidth || a.h < minHeight:
		return cell.Block(a.tooSmall(), a.w, a.h)
	}
	lines := make([]string, 0, a.h)
	lines = append(lines, a.topLine(), a.tabLine())
	bw, bh := a.body()
	body := ""
	if s := a.screens[a.route]; s != nil {
		body = s.View()
	}
	lines = append(lines, cell.Lines(cell.Block(body, bw, bh))...)
	lines = append(lines, a.lastLine())
	if !a.Guarded() {
		return a.stack.View(strings.Join(lines, "\n"), nil)
	}
	faint := a.env.Theme.Ink(theme.Faint)
	return a.stack.View(strings.Join(lines, "\n"), func(row string) string { return faint.Paint(cell.Strip(row)) })
}

func (a *App) tooSmall() string {
	return fmt.Sprintf("Ferry needs %d×%d cells,\nthis is %d×%d.\nMake the window larger,\nor press %s to quit.",
		minWidth, minHeight, a.w, a.h, a.env.Keys.Key(keymap.Quit))
}

// topLine says where one is and as whom; at the right, how the site is doing.
func (a *App) topLine() string {
	th := a.env.Theme
	left := " " + th.Paint(theme.Accent, "ferry")
	right := ""
	if a.sess != nil {
		acc := a.sess.Account
		left += "  " + th.Paint(theme.Strong, pathutil.Display(acc.Site))
		who := acc.Username
		if who == "" {
			who = acc.KeyName
		}
		left += "  " + pathutil.Display(who) + " " + th.Paint(theme.Faint, th.Glyphs.Dot+" "+acc.Rights())
		right = "  " + a.status() + " "
	}
	room := a.w - cell.Width(right)
	return cell.Fit(left, max(room, 0)) + right
}

// leastLeft is what the top line keeps for where one is.
const leastLeft = 22

// status is how the site and the transfers do. What a narrow window cannot hold
// goes in this order: how many transfers wait for their turn, how fast the site
// answers, the time of the session unless it is short, what is being transferred;
// why everything waits is only cut.
func (a *App) status() string {
	th := a.env.Theme
	var net, work, turn, waits, session string
	brief := false // the session is about to end
	switch {
	case a.net.Waiting != "":
		net = th.Paint(theme.Warn, pathutil.Display(a.net.Waiting))
	case a.net.Latency > 0:
		net = th.Paint(theme.Faint, fmt.Sprintf("%d ms", max(a.net.Latency.Milliseconds(), 1)))
	}
	if a.queue.Active() {
		g := th.Glyphs
		rate := cell.Rate(a.queue.UpRate + a.queue.DownRate)
		if a.queue.Limit > 0 { // it may have been set in an earlier run
			rate += " of " + cell.Rate(float64(a.queue.Limit))
		}
		work = th.Paint(theme.Accent, fmt.Sprintf("%s%d %s%d %s", g.Up, a.flow.up, g.Down, a.flow.down, rate))
		if a.flow.waiting > 0 {
			turn = th.Paint(theme.Faint, fmt.Sprintf("+%d waiting", a.flow.waiting))
		}
	}
	if why := transfers.Standstill(&a.queue); why != "" && (a.net.Waiting == "" || a.queue.Parked != "") {
		waits = th.Paint(theme.Warn, th.Glyphs.Paused+" "+pathutil.Display(why))
	}
	if end := a.sess.Account.Expires; !end.IsZero() {
		left := end.Sub(a.env.Now())
		role := theme.Faint
		if brief = left < 10*minuteLong; brief {
			role = theme.Warn
		}
		session = th.Paint(role, "session "+minutes(left))
	}
	room := a.w - leastLeft - 3
	line := func() string {
		parts := slices.DeleteFunc([]string{net, work, turn, waits, session}, func(s string) bool { return s == "" })
		return strings.Join(parts, "   ")
	}
	for _, give := range []*string{&turn, &net, &session, &work} {
		if cell.Width(line()) <= room {
			break
		}
		if give == &net && waits == "" && a.net.Waiting != "" || give == &session && brief {
			continue
		}
		*give = ""
	}
	return cell.Truncate(line(), room, th.Glyphs.Ellipsis)
}

// tabLine shows the screens with the keys that open them. Where they lack room
// the others lose their air, and then their names, so that the one in front and
// every key stay.
func (a *App) tabLine() string {
	if a.sess == nil {
		return cell.Pad(a.w)
	}
	line := ""
	for less := range 3 {
		if line = a.tabs(less); cell.Width(line) <= a.w {
			break
		}
	}
	return cell.Fit(line, a.w)
}

func (a *App) tabs(less int) string {
	th := a.env.Theme
	var b strings.Builder
	for i, r := range routes {
		t := tabs[r]
		title := t.title
		if r == ui.RouteTransfers && a.queue.Active() {
			title += fmt.Sprintf("%s%d", th.Glyphs.Dot, a.queue.Running+a.queue.Waiting)
		}
		if s, ok := a.screens[r].(pending); ok && s.Pending() > 0 {
			title += fmt.Sprintf("%s%d", th.Glyphs.Dot, s.Pending())
		}
		key := a.env.Keys.Key(t.action)
		switch {
		case r == a.route:
			b.WriteString(th.On(theme.Selected, theme.Strong).Paint(" " + key + " " + title + " "))
		case less == 0:
			b.WriteString(" " + th.Paint(theme.Accent, key) + " " + th.Paint(theme.Faint, title))
			if i+1 < len(routes) {
				b.WriteByte(' ')
			}
		case less == 1:
			b.WriteString(" " + th.Paint(theme.Accent, key) + " " + th.Paint(theme.Faint, title))
		default:
			b.WriteString(" " + th.Paint(theme.Accent, key))
		}
	}
	return b.String()
}

// hintLine shows what can be pressed, the most useful first, cut at a whole
// hint. While a sequence is unfinished it shows how it can go on.
func (a *App) hintLine(w int) string {
	th := a.env.Theme
	if a.sess == nil {
		return cell.Pad(w) // the prompt shows its own keys
	}
	if a.Guarded() {
		return cell.Fit(" "+th.Paint(theme.Warn, th.Glyphs.Waiting+" One moment: keys typed before this came up do not count"), w)
	}
	lead, hints, last := a.hints()
	room := w - cell.Width(lead)
	if span(hints[:min(foremost, len(hints))], last) > room && len(last) > 1 {
		last = last[:1] // the palette would push out one of the foremost
	}
	if span(nil, last) > room {
		last = nil
	}
	n := len(hints)
	for n > 0 && span(hints[:n], last) > room {
		n--
	}
	return cell.Fit(lead+strings.Join(slices.Concat(hints[:n], last), air), w)
}

const (
	air      = "  " // between hints
	foremost = 2    // hints that stay, next to help, while there is a toast
	toastMin = 24   // cells that a toast has at least
)

// span is the width of hints in a row.
func span(hints, last []string) int {
	return cell.Width(strings.Join(slices.Concat(hints, last), air))
}

// hints are what stands before the hints, those of the place, and help and
// palette, which are the last two of a screen's set.
func (a *App) hints() (lead string, hints, last []string) {
	th := a.env.Theme
	lead = " "
	all := a.env.Keys.Hints(a.Keys())
	if len(a.pending) > 0 {
		lead += th.Paint(theme.Strong, keymap.Caption(strings.Join(a.pending, " "))+" "+th.Glyphs.Ellipsis) + air
		all = a.env.Keys.Next(a.Keys(), a.pending)
	}
	for _, h := range all {
		text := th.Paint(theme.Accent, h.Key) + " " + th.Paint(theme.Faint, h.Text)
		if len(all) > 2 && (h.Key == a.env.Keys.Key(keymap.Help) || h.Key == a.env.Keys.Key(keymap.Palette)) {
			last = append(last, text)
		} else {
			hints = append(hints, text)
		}
	}
	return lead, hints, last
}

// hintsMin is the room that the hints keep beside a toast.
func (a *App) hintsMin() int {
	if a.sess == nil {
		return 0
	}
	lead, hints, last := a.hints()
	return min(cell.Width(lead)+span(hints[:min(foremost, len(hints))], last[:min(1, len(last))]), a.w-toastMin)
}

// lastLine is the hints and, at its right end while there is one, the toast: it
// takes the place of hints, never that of something a person is looking at. The
// foremost of them stay: what is cut of a toast is in the message log. How many
// others wait for its place stands behind it.
func (a *App) lastLine() string {
	t := a.toasts.shown
	if t.text == "" || a.Guarded() {
		return a.hintLine(a.w)
	}
	th := a.env.Theme
	glyph, role := th.Glyphs.Dot, theme.Text
	switch t.kind {
	case ui.Success:
		glyph, role = th.Glyphs.Done, theme.Good
	case ui.Warning:
		glyph, role = "!", theme.Warn
	}
	more := ""
	if n := a.Unsaid(); n > 0 {
		more = fmt.Sprintf(" +%d", n)
	}
	words := cell.Truncate(t.text, a.w-a.hintsMin()-5-len(more), th.Glyphs.Ellipsis)
	text := th.On(theme.Field, role).Paint(" "+glyph+" "+words) + th.On(theme.Field, theme.Faint).Paint(more+" ")
	room := max(a.w-cell.Width(text)-1, 0)
	return a.hintLine(room) + text + cell.Pad(a.w-room-cell.Width(text))
}
