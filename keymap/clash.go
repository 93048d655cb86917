package keymap

import (
	"fmt"
	"slices"
	"strings"
)

// spot is what is in force together: all actions of these parts but some.
type spot struct {
	parts   []string // what their names begin with
	without []Action
}

// spots are the screens and boxes, as far as actions meet there. What a screen of
// a list has no use for cannot be in the way of its own.
var spots = []spot{
	{[]string{"app", "list", "files"}, nil},
	{[]string{"app", "list", "sync"}, []Action{Mark, MarkRange, Invert, MarkAll, Back, Info, NextPane, PreviousPane}},
	{[]string{"app", "list", "transfers"}, []Action{Narrow, NextMatch, PrevMatch, Sort, Reverse, Back, Info, NextPane, PreviousPane}},
	{[]string{"app", "list", "users"}, nil},
	{[]string{"app", "list", "automations"}, nil},
	{[]string{"app", "list", "resources"}, nil},
	{[]string{"app", "list", "activity"}, nil},
	{[]string{"viewer"}, nil},
	{[]string{"conflict"}, nil},
	{[]string{"dialog"}, nil},
	{[]string{"login", "form"}, nil},
	{[]string{"pick"}, nil},
	{[]string{"card"}, nil},
}

func (s spot) holds(a Action) bool {
	part, _, _ := strings.Cut(string(a), ".")
	return slices.Contains(s.parts, part) && !slices.Contains(s.without, a)
}

// Clashes says of the keys that a person has changed which mean two actions in one
// place, or are the whole of one and the beginning of another, so that only one of
// them can be had. Actions that share a key as they are declared are never in force
// together. It is empty for a sound map.
func (m *Map) Clashes() []string {
	was := Default()
	var out []string
	for i, a := range m.order {
		for _, b := range m.order[i+1:] {
			if !slices.ContainsFunc(spots, func(s spot) bool { return s.holds(a) && s.holds(b) }) || was.clash(a, b) != "" {
				continue
			}
			if c := m.clash(a, b); c != "" {
				out = append(out, c)
			}
		}
	}
	return out
}

// clash says which key is in the way of which of two actions, "" for none.
func (m *Map) clash(a, b Action) string {
	for _, k := range m.by[a].Keys {
		for _, l := range m.by[b].Keys {
			switch {
			case k == l:
				return fmt.Sprintf("%s is both %s and %s", Caption(k), a, b)
			case strings.HasPrefix(l, k+" "):
				return fmt.Sprintf("%s, which is %s, hides %s, which is %s", Caption(k), a, Caption(l), b)
			case strings.HasPrefix(k, l+" "):
				return fmt.Sprintf("%s, which is %s, hides %s, which is %s", Caption(l), b, Caption(k), a)
			}
		}
	}
	return ""
}
