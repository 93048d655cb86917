// Package keymap is every action with its keys, label, group and danger,
// declared once, remappable. Dispatch, the hint line, help, the palette and
// KEYS.md all read it, so none of them can disagree with another.
package keymap

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Action names one thing a person can do: "files.delete".
type Action string

// Group is the heading an action stands under in help and in KEYS.md.
type Group string

// Binding is an action as it is declared.
type Binding struct {
	Action Action
	Keys   []string // Bubble Tea names; a sequence is written with blanks: "g g"
	Label  string   // what it does, for help and the palette
	Short  string   // one or two words for the hint line; "" keeps it out of there
	Group  Group
	Danger bool // destroys or changes what cannot be brought back with one key
	Always bool // works while an overlay is up (redraw, interrupt)
}

// Item is an action in a Set: what it is called there and, when it cannot be
// done just now, why.
type Item struct {
	Action Action
	Label  string // overrides the declared label and hint when not empty
	Short  string // puts it in the hint line under this name, though it has none
	Why    string // the reason it is disabled; "" means enabled
	Typing bool   // text is being typed: only the keys that are no part of it are in force
}

// Set is what can be done in one place, the most useful first.
type Set []Item

// Of makes a Set of enabled actions.
func Of(actions ...Action) Set {
	s := make(Set, len(actions))
	for i, a := range actions {
		s[i] = Item{Action: a}
	}
	return s
}

// And joins sets; an action that is already there stays as it is.
func (s Set) And(more ...Set) Set {
	out := slices.Clone(s)
	for _, m := range more {
		for _, it := range m {
			if !out.Has(it.Action) {
				out = append(out, it)
			}
		}
	}
	return out
}

// Without drops actions.
func (s Set) Without(actions ...Action) Set {
	return slices.DeleteFunc(slices.Clone(s), func(it Item) bool { return slices.Contains(actions, it.Action) })
}

// Disable gives the named actions a reason why they cannot be done now. An
// empty reason changes nothing.
func (s Set) Disable(why string, actions ...Action) Set {
	if why == "" {
		return s
	}
	out := slices.Clone(s)
	for i := range out {
		if slices.Contains(actions, out[i].Action) && out[i].Why == "" {
			out[i].Why = why
		}
	}
	return out
}

// Named gives an action the words that fit the situation: "copy to site".
func (s Set) Named(a Action, label string) Set {
	out := slices.Clone(s)
	for i := range out {
		if out[i].Action == a {
			out[i].Label = label
		}
	}
	return out
}

// Hinted puts an action in the hint line that is elsewhere too plain for that.
func (s Set) Hinted(a Action, short string) Set {
	out := slices.Clone(s)
	for i := range out {
		if out[i].Action == a {
			out[i].Short = short
		}
	}
	return out
}

// WhileTyping leaves the keys that would be typed to a field that takes text.
func (s Set) WhileTyping() Set {
	out := slices.Clone(s)
	for i := range out {
		out[i].Typing = true
	}
	return out
}

// Has tells whether the action is in the set, enabled or not.
func (s Set) Has(a Action) bool {
	return slices.ContainsFunc(s, func(it Item) bool { return it.Action == a })
}

// Find gives the item of an action.
func (s Set) Find(a Action) (Item, bool) {
	i := slices.IndexFunc(s, func(it Item) bool { return it.Action == a })
	if i < 0 {
		return Item{}, false
	}
	return s[i], true
}

// Map is the bindings in force: the declared ones with the person's changes.
type Map struct {
	by    map[Action]Binding
	order []Action
}

// Default is the declared bindings.
func Default() *Map {
	m := &Map{by: map[Action]Binding{}}
	for _, part := range declared() {
		for _, b := range part {
			m.by[b.Action] = b
			m.order = append(m.order, b.Action)
		}
	}
	return m
}

// Remap gives an action other keys. An unknown action or an empty key is
// refused with a message that names it.
func (m *Map) Remap(a Action, keys ...string) error {
	b, ok := m.by[a]
	if !ok {
		return fmt.Errorf("there is no action %q; KEYS.md lists them", a)
	}
	for _, k := range keys {
		if strings.TrimSpace(k) == "" {
			return fmt.Errorf("action %q: an empty key", a)
		}
	}
	b.Keys = keys
	m.by[a] = b
	return nil
}

// Binding gives an action as it is bound now. An action that was never declared
// comes back with its name as its label, so that nothing is shown blank.
func (m *Map) Binding(a Action) Binding {
	if b, ok := m.by[a]; ok {
		return b
	}
	return Binding{Action: a, Label: string(a)}
}

// All gives every binding in the order of declaration.
func (m *Map) All() []Binding {
	out := make([]Binding, len(m.order))
	for i, a := range m.order {
		out[i] = m.by[a]
	}
	return out
}

// Outcome is what a key sequence means in a set.
type Outcome uint8

// The outcomes.
const (
	Nothing Outcome = iota // no action starts like this
	Pending                // some action goes on from here: "g" of "g g"
	Found
)

// keys are those of an item that are in force.
func (m *Map) keys(it Item) []string {
	keys := m.by[it.Action].Keys
	if it.Typing {
		keys = slices.DeleteFunc(slices.Clone(keys), types)
	}
	return keys
}

// types tells whether a key is a part of a text that is being typed.
func types(key string) bool {
	first, _, _ := strings.Cut(key, " ")
	return first == "space" || utf8.RuneCountInString(first) == 1
}

// Match looks a typed sequence up in a set. Found also reports items that are
// disabled; the caller shows their reason.
func (m *Map) Match(s Set, typed []string) (Item, Outcome) {
	want := strings.Join(typed, " ")
	pending := false
	for _, it := range s {
		for _, k := range m.keys(it) {
			if k == want {
				return it, Found
			}
			if strings.HasPrefix(k, want+" ") {
				pending = true
			}
		}
	}
	if pending {
		return Item{}, Pending
	}
	return Item{}, Nothing
}

// Free tells whether no action of a set uses a key of an item.
func (m *Map) Free(s Set, it Item) bool {
	return !slices.ContainsFunc(m.keys(it), func(k string) bool {
		_, out := m.Match(s, []string{k})
		return out != Nothing
	})
}

// Next lists what can follow a pending sequence, for the which-key line.
func (m *Map) Next(s Set, typed []string) []Hint {
	want := strings.Join(typed, " ") + " "
	var out []Hint
	for _, it := range s {
		for _, k := range m.keys(it) {
			if rest, ok := strings.CutPrefix(k, want); ok {
				out = append(out, Hint{Key: Caption(rest), Text: m.label(it), Why: it.Why})
				break
			}
		}
	}
	return out
}

// Conflicts names the keys that two items of a set share, or that are both a
// whole key and the start of another; it is empty for a sound set.
func (m *Map) Conflicts(s Set) []string {
	owner := map[string]Action{}
	var out []string
	for _, it := range s {
		for _, k := range m.keys(it) {
			if o, ok := owner[k]; ok && o != it.Action {
				out = append(out, fmt.Sprintf("%q is both %s and %s", k, o, it.Action))
			}
			owner[k] = it.Action
		}
	}
	for k, a := range owner {
		for l, b := range owner {
			if strings.HasPrefix(l, k+" ") {
				out = append(out, fmt.Sprintf("%q (%s) hides %q (%s)", k, a, l, b))
			}
		}
	}
	slices.Sort(out)
	return out
}

// Hint is one entry of the hint line.
type Hint struct {
	Key  string // as people write it: "^d", "↵", "space"
	Text string
	Why  string // set when disabled
}

// Hints are the enabled items of a set that have a short name, in the order of
// the set.
func (m *Map) Hints(s Set) []Hint {
	var out []Hint
	for _, it := range s {
		b, keys := m.by[it.Action], m.keys(it)
		text := b.Short
		switch {
		case it.Short != "":
			text = it.Short
		case it.Label != "" && b.Short != "":
			text = it.Label
		}
		if it.Why != "" || text == "" || len(keys) == 0 {
			continue
		}
		out = append(out, Hint{Key: Caption(keys[0]), Text: text})
	}
	return out
}

func (m *Map) label(it Item) string {
	if it.Label != "" {
		return it.Label
	}
	return m.Binding(it.Action).Label
}

// Label is what an item is called in help and in the palette.
func (m *Map) Label(it Item) string { return m.label(it) }

// Key is the first key of an action as people write it, "" when it has none.
func (m *Map) Key(a Action) string {
	if k := m.by[a].Keys; len(k) > 0 {
		return Caption(k[0])
	}
	return ""
}

// KeyList is all keys of an item as people write them.
func (m *Map) KeyList(it Item) string {
	var keys []string
	for _, k := range m.keys(it) {
		keys = append(keys, Caption(k))
	}
	return strings.Join(keys, ", ")
}

var captions = map[string]string{
	"enter": "enter", "esc": "esc", "space": "space", "backspace": "bksp",
	"up": "↑", "down": "↓", "left": "←", "right": "→", "pgup": "PgUp", "pgdown": "PgDn",
	"home": "Home", "end": "End", "delete": "Del", "tab": "tab", "shift+tab": "S-tab",
}

// Caption writes a key the way the screen shows it: "ctrl+d" is "^d", "g g" is
// "gg".
func Caption(key string) string {
	var b strings.Builder
	for part := range strings.FieldsSeq(key) {
		switch c, ok := captions[part]; {
		case ok:
			b.WriteString(c)
		case strings.HasPrefix(part, "ctrl+"):
			b.WriteString("^" + part[len("ctrl+"):])
		case len(part) > 1 && part[0] == 'f' && part[1] >= '0' && part[1] <= '9':
			b.WriteString("F" + part[1:])
		default:
			b.WriteString(part)
		}
	}
	return b.String()
}
