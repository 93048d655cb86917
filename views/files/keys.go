package files

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui/table"
)

// Keys is what can be done now, the most useful first.
func (s *Screen) Keys() keymap.Set {
	p := s.here()
	if p.narrow.typing {
		return keymap.Of(keymap.PickRun, keymap.PickClose, keymap.PickDown, keymap.PickUp).
			Named(keymap.PickRun, "keep these rows").
			Named(keymap.PickClose, "show all again").
			Named(keymap.PickDown, "next row").
			Named(keymap.PickUp, "previous row")
	}
	set := keymap.Set{}
	if what := s.escapes(); what != "" {
		set = append(set, keymap.Item{Action: keymap.EscapeLevel, Label: what})
	}
	if s.clip.entries != nil {
		set = set.And(keymap.Of(keymap.Paste).Named(keymap.Paste, s.clip.label()))
	}
	set = set.And(keymap.Of(
		keymap.Enter, keymap.CopyAcross, keymap.MoveAcross, keymap.Delete, keymap.Rename, keymap.NewFolder,
		keymap.PlanSync, keymap.ViewFile, keymap.Narrow, keymap.SearchHere, keymap.Mark, keymap.Info, keymap.Sort, keymap.NextPane,
		keymap.Back, keymap.SearchSite, keymap.Yank, keymap.Cut, keymap.Paste,
	), p.listKeys(), keymap.Of(
		keymap.Reverse, keymap.MarkGlob, keymap.UnmarkGlob, keymap.GoToPath, keymap.HomeFolder,
		keymap.HistoryBack, keymap.HistoryOn, keymap.ShowHidden, keymap.Layout, keymap.PreviewDown, keymap.PreviewUp,
		keymap.CopyText, keymap.Refresh, keymap.PreviousPane, keymap.DeleteForGood,
	))
	return s.disable(s.name(set))
}

// name gives actions the words that fit the focused side.
func (s *Screen) name(set keymap.Set) keymap.Set {
	to := s.there().world.name()
	if to == "local" {
		to = "local folder"
	}
	set = set.Named(keymap.CopyAcross, "copy to "+to).Named(keymap.Back, "parent folder")
	if s.here().world.side() == backend.Local && s.here().hidden {
		return set.Named(keymap.ShowHidden, "hide names that begin with a dot")
	}
	return set
}

// disable says why some of the actions cannot be done now.
func (s *Screen) disable(set keymap.Set) keymap.Set {
	p := s.here()
	remote := p.world.side() == backend.Remote
	if s.opts.ReadOnly {
		why := "the site is open for reading only"
		if remote {
			set = set.Disable(why, keymap.Delete, keymap.Rename, keymap.NewFolder, keymap.MoveAcross, keymap.Cut, keymap.Paste)
		} else {
			set = set.Disable(why, keymap.CopyAcross, keymap.MoveAcross)
		}
	}
	if p.opens() {
		set = set.Disable("wait until the folder is open, or stop it", keymap.Delete, keymap.DeleteForGood,
			keymap.Rename, keymap.NewFolder, keymap.Paste, keymap.CopyAcross, keymap.MoveAcross)
	}
	if _, ok := p.cursor(); !ok || p.table.State() == table.Failed {
		set = set.Disable("there is no row here", keymap.Enter, keymap.CopyAcross, keymap.MoveAcross, keymap.Delete,
			keymap.DeleteForGood, keymap.Rename, keymap.ViewFile, keymap.Info, keymap.Yank, keymap.Cut, keymap.CopyText,
			keymap.Mark, keymap.MarkRange, keymap.Invert, keymap.MarkAll, keymap.MarkGlob, keymap.UnmarkGlob)
	} else if e, _ := p.cursor(); e.IsDir() {
		set = set.Disable("folders have no content to view; open it instead", keymap.ViewFile)
	}
	if p.opens() || s.there().opens() {
		set = set.Disable("a pane is still loading its folder: wait for it", keymap.PlanSync)
	}
	if s.there().opens() {
		set = set.Disable("the other pane is still loading its folder: wait for it", keymap.CopyAcross, keymap.MoveAcross)
	}
	if !p.folder() || !s.there().folder() {
		set = set.Disable("one of the panes shows no folder to compare", keymap.PlanSync)
	}
	if !p.folder() {
		set = set.Disable("this is not a folder", keymap.NewFolder, keymap.Paste)
	}
	if !s.there().folder() {
		set = set.Disable("the other pane shows no folder to put it in", keymap.CopyAcross, keymap.MoveAcross)
	}
	if p.at.search != "" {
		set = set.Disable("what a search found stays in the site's order", keymap.Sort, keymap.Reverse)
	}
	if remote {
		set = set.Disable("the site keeps what is deleted for a time; only local files can skip the trash", keymap.DeleteForGood)
	} else {
		set = set.Disable("searching below a folder is for the site; narrow the local rows instead",
			keymap.SearchHere, keymap.SearchSite)
	}
	if n := p.table.MarkCount(); n > 1 {
		set = set.Disable(fmt.Sprintf("%d rows are marked; one at a time is renamed", n), keymap.Rename)
	}
	set = set.Disable(s.clip.why(p), keymap.Paste)
	if len(p.trail.past) == 0 {
		set = set.Disable("there is nothing before this", keymap.HistoryBack)
	}
	if len(p.trail.future) == 0 {
		set = set.Disable("there is nothing after this", keymap.HistoryOn)
	}
	if p.at.search == "" && p.world.parent(p.at.dir) == p.at.dir {
		set = set.Disable("this is the top", keymap.Back)
	}
	if s.layout != withPreview {
		set = set.Disable("the preview is not shown; "+s.key(keymap.Layout)+" shows it", keymap.PreviewDown, keymap.PreviewUp)
	}
	return set
}

// escapes is what one level back would be, "" when there is none.
func (s *Screen) escapes() string {
	p := s.here()
	switch {
	case p.loader.Busy():
		return "stop loading"
	case len(s.jobs) > 0:
		return "stop " + s.jobs[len(s.jobs)-1].verb
	case p.table.Narrowed() != "":
		return "show all rows"
	case p.table.MarkCount() > 0:
		return "clear the marks"
	case p.at.search != "":
		return "back to the folder"
	case s.clip.entries != nil:
		return "forget what was remembered"
	}
	return ""
}

// escape goes one level back.
func (s *Screen) escape() tea.Cmd {
	p := s.here()
	switch {
	case p.stop():
	case len(s.jobs) > 0:
		s.jobs[len(s.jobs)-1].cancel()
	case p.table.Narrowed() != "":
		p.narrowBy("")
	case p.table.ClearMarks():
	case p.at.search != "":
		return p.up()
	default:
		s.clip = clip{}
	}
	return nil
}
