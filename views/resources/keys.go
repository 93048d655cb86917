package resources

import (
	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/dialog"
)

// Keys is what can be done now, on the side that has the focus.
func (s *Screen) Keys() keymap.Set {
	if s.rightHasKeys() {
		return s.rightKeys()
	}
	if s.Typing() {
		return s.kinds.Keys()
	}
	set := keymap.Of(keymap.Enter, keymap.NextPane, keymap.PreviousPane, keymap.EscapeLevel).And(s.kinds.Keys())
	if _, ok := s.kinds.Table.Cursor(); !ok {
		set = set.Disable("there is no resource under the cursor", keymap.Enter)
	}
	if s.open == nil {
		set = set.Disable("open a resource first", keymap.NextPane, keymap.PreviousPane)
	}
	if !s.kinds.CanEscape() {
		set = set.Disable("there is nothing to clear or to stop", keymap.EscapeLevel)
	}
	return set
}

func (s *Screen) rightKeys() keymap.Set {
	o := s.open
	if s.Typing() {
		return o.list.Keys()
	}
	set := keymap.Of(
		keymap.Enter, keymap.ResourceFilter, keymap.Sort, keymap.Reverse, keymap.ResourceDelete, keymap.Back,
		keymap.NextPane, keymap.PreviousPane, keymap.Info, keymap.CopyText, keymap.EscapeLevel,
	).And(o.list.Keys()).Named(keymap.Enter, "all fields")
	rec, ok := o.list.Table.Cursor()
	if !ok {
		set = set.Disable("there is nothing under the cursor", keymap.Enter, keymap.Info, keymap.CopyText, keymap.ResourceDelete)
	}
	switch {
	case !o.kind.Delete:
		set = set.Disable("Files.com offers no way to delete "+o.title(), keymap.ResourceDelete)
	case ok && idOf(rec) == "":
		set = set.Disable("this object has no id", keymap.ResourceDelete)
	case o.kill.Busy():
		set = set.Disable("wait for the deletion before", keymap.ResourceDelete)
	}
	if len(o.kind.Filters) == 0 {
		set = set.Disable("the site does not filter "+o.title(), keymap.ResourceFilter)
	}
	if len(o.kind.Sorts) == 0 {
		set = set.Disable("the site does not sort "+o.title(), keymap.Sort)
	}
	if o.sort == "" {
		set = set.Disable("choose an order first", keymap.Reverse)
	}
	return set
}

// Do carries out an action that Keys offers.
func (s *Screen) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.NextPane, keymap.PreviousPane:
		s.right = !s.right
		s.focus()
		return nil
	}
	if s.rightHasKeys() {
		return s.doRight(a)
	}
	switch a {
	case keymap.Enter:
		return s.openKind()
	case keymap.Refresh:
		return s.kinds.Reload()
	case keymap.EscapeLevel:
		s.kinds.Escape()
		return nil
	}
	cmd, _ := s.kinds.Do(a)
	return cmd
}

func (s *Screen) doRight(a keymap.Action) tea.Cmd {
	o := s.open
	switch a {
	case keymap.Enter, keymap.Info:
		return s.details()
	case keymap.Back:
		s.right = false
		s.focus()
		return nil
	case keymap.ResourceDelete:
		return s.remove()
	case keymap.ResourceFilter:
		return s.filterMenu()
	case keymap.Sort:
		return s.sortMenu()
	case keymap.Reverse:
		return s.setSort(o.sort, !o.desc)
	case keymap.Refresh:
		return o.reload()
	case keymap.CopyText:
		return s.copyMenu()
	case keymap.EscapeLevel:
		return s.escape()
	}
	cmd, _ := o.list.Do(a)
	return cmd
}

// escape stops, clears, and goes back to the kinds when there is nothing of
// that.
func (s *Screen) escape() tea.Cmd {
	o := s.open
	switch {
	case o.find.Busy():
		o.find.Cancel()
	case o.kill.Busy():
		o.kill.Cancel()
		return ui.Batch(ui.Toast(ui.Warning, "Not waited for; the list shows what became of it"), o.reload())
	case o.list.Escape():
	case o.filter != nil:
		o.filter = nil
		return o.reload()
	default:
		s.right = false
		s.focus()
	}
	return nil
}

func (s *Screen) copyMenu() tea.Cmd {
	rec, ok := s.open.list.Table.Cursor()
	if !ok {
		return nil
	}
	var items []dialog.MenuItem
	if id := idOf(rec); id != "" {
		items = append(items, dialog.MenuItem{Key: "i", Label: "id: " + id, Cmd: ui.Copy(id, "id")})
	}
	items = append(items, dialog.MenuItem{Key: "j", Label: "the object as JSON", Cmd: ui.Copy(asJSON(rec), "JSON")})
	return ui.Open(dialog.Menu(s.env, dialog.MenuSpec{Title: "Copy", Items: items}))
}
