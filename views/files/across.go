package files

import (
	"path"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
)

// across copies or moves the targets into the folder of the other pane. A move
// is asked about first, since it deletes here.
func (s *Screen) across(move bool) tea.Cmd {
	p, to := s.here(), s.there()
	targets := s.targets()
	if len(targets) == 0 || !to.folder() {
		return nil
	}
	if !move {
		p.table.ClearMarks()
		return s.transfer(targets, to, false)
	}
	return ui.Open(dialog.Confirm(s.env, dialog.ConfirmSpec{
		Title: "Move " + plural(len(targets), "item", "items") + " to " + to.world.show(to.at.dir) + "?",
		Body: append(list(p, targets), "",
			"Each is deleted from the "+p.world.name()+" side once it has arrived and was checked."),
		Yes: "Move", Danger: true,
		OnYes: s.later(func() tea.Cmd {
			p.table.ClearMarks()
			return s.transfer(targets, to, true)
		}),
	}))
}

// transfer asks the queue to bring entries into the folder that a pane shows
// now; where the pane goes later does not matter.
func (s *Screen) transfer(entries []backend.Entry, to *pane, move bool) tea.Cmd {
	req := backend.TransferRequest{
		Direction: backend.Download, Sources: entries, Move: move,
		Target: backend.Location{Side: to.world.side(), Path: to.at.dir},
	}
	if to.world.side() == backend.Remote {
		req.Direction = backend.Upload
	}
	where := to.world.show(to.at.dir)
	ctx, queue := s.env.Ctx, s.queue
	var add tea.Cmd
	add = func() tea.Msg {
		req := req
		for {
			_, err := queue.Add(ctx, req)
			if err == nil {
				return ui.ToastMsg{Text: queued(req.Sources, where, len(entries)-len(req.Sources))}
			}
			// One that is on its way already does not hold up the others.
			rest := besides(req.Sources, err)
			if len(rest) == 0 || len(rest) == len(req.Sources) {
				return ui.FailMsg{Err: err, Retry: add}
			}
			req.Sources = rest
		}
	}
	return add
}

// besides are the sources without the one that is refused because it is on its
// way there already.
func besides(sources []backend.Entry, err error) []backend.Entry {
	e := backend.AsError(err)
	if e == nil || e.Type != backend.TypeTransferOpen {
		return sources
	}
	return slices.DeleteFunc(slices.Clone(sources), func(s backend.Entry) bool { return s.Path == e.Path })
}

// queued says what waits now. No key is named: a question about what exists may
// open at once, in which the same key is an answer.
func queued(sources []backend.Entry, where string, under int) string {
	words := plural(len(sources), "item", "items")
	if len(sources) == 1 {
		words = pathutil.DisplayName(sources[0].Name)
	}
	words += " queued for " + where
	if under > 0 {
		words += ", " + plural(under, "other is", "others are") + " on the way already"
	}
	return words
}

// askGlob asks for a pattern and marks what matches it among the loaded rows.
func (s *Screen) askGlob(mark bool) tea.Cmd {
	p := s.here()
	title := "Mark the loaded names that match"
	if !mark {
		title = "Unmark the loaded names that match"
	}
	return ui.Open(dialog.Prompt(s.env, dialog.PromptSpec{
		Title: title, Verb: map[bool]string{true: "mark", false: "unmark"}[mark], Label: "Pattern", Value: "*", Suggested: true,
		Check: func(v string) string {
			if _, err := path.Match(v, ""); err != nil || v == "" {
				return "This is no pattern; * is any text, ? any letter, [ab] one of these"
			}
			return ""
		},
		OnOK: func(pattern string) tea.Cmd {
			return s.later(func() tea.Cmd {
				return p.markGlob(pattern, mark)
			})
		},
	}))
}

// markGlob marks or unmarks the loaded rows whose name matches.
func (p *pane) markGlob(pattern string, mark bool) tea.Cmd {
	n := p.table.MarkWhere(func(e backend.Entry) bool { return matches(pattern, e.Name) }, mark)
	p.tally()
	if n == 0 {
		return ui.Toast(ui.Note, "No loaded name matches "+quote(pattern))
	}
	return nil
}

// matches compares a name with a pattern; case does not matter.
func matches(pattern, name string) bool {
	ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(name))
	return err == nil && ok
}
