package ui

import "ferry/keymap"

// Problem is an error as a place shows it: what happened, why, and the keys
// that help. Screens make one of a backend error; the toolkit draws it.
type Problem struct {
	Title string
	Lines []string
	Hints []keymap.Hint
	Code  string // wire type and request id, in small print
}
