package views

import (
	"reflect"

	tea "charm.land/bubbletea/v2"
)

// flatten gives the commands of a batch or a sequence; the type of the latter
// is not exported.
func flatten(msg tea.Msg) []tea.Cmd {
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		return []tea.Cmd{func() tea.Msg { return msg }}
	}
	out := make([]tea.Cmd, v.Len())
	for i := range out {
		out[i], _ = v.Index(i).Interface().(tea.Cmd)
	}
	return out
}
