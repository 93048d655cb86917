// Package ignore says what a transfer leaves out: lists of patterns with the
// meaning of gitignore, compared as Files.com compares names.
package ignore

import (
	"errors"
	"fmt"
	"strings"

	"ferry/pathutil"
)

// List is a compiled list of patterns. The zero List, or nil, leaves nothing
// out. It may be used from many goroutines at once.
type List struct{ rules []rule }

// rule is one pattern.
type rule struct {
	back    bool // "!": takes back what an earlier one leaves out
	folder  bool // "/" at the end: of folders only
	parts   []segment
	anyPart bool // no "/" but at the end: matches in every folder
}

// Compile reads patterns, the later of which win. The error names the first
// that is none.
//
// In a pattern "*" stands for any characters but "/", "?" for one, "[a-z]" for
// one of a class ("[!a-z]" for one that is not), "**" between slashes for any
// folders; a backslash takes the meaning off the next character. A slash at the
// beginning or inside ties the pattern to the source folder, one at the end to
// folders. "!" takes back; empty patterns and those that begin with "#" say
// nothing. Nothing below a folder that is left out can be taken back.
func Compile(patterns []string) (*List, error) {
	l := &List{}
	for _, p := range patterns {
		r, ok, err := parse(p)
		if err != nil {
			return nil, fmt.Errorf("%q is no pattern: %w", p, err)
		}
		if ok {
			l.rules = append(l.rules, r)
		}
	}
	return l, nil
}

// Lines gives the patterns of the text of a file: its lines without those that
// say nothing. Line ends of Windows and a byte order mark are taken off.
func Lines(text string) []string {
	var out []string
	for line := range strings.Lines(strings.TrimPrefix(text, "\uFEFF")) {
		line = strings.TrimRight(line, "\r\n")
		if line = trim(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// Excludes tells whether a path below the source folder is left out, by itself
// or with a folder above it. rel has slashes and names one entry; "" is the
// source folder itself, which is never left out.
func (l *List) Excludes(rel string, folder bool) bool {
	if l == nil || len(l.rules) == 0 || rel == "" {
		return false
	}
	var names [][]rune
	for name := range strings.SplitSeq(rel, "/") {
		names = append(names, []rune(pathutil.FoldName(name)))
	}
	for n := 1; n < len(names); n++ {
		if l.excludes(names[:n], true) {
			return true
		}
	}
	return l.excludes(names, folder)
}

func (l *List) excludes(names [][]rune, folder bool) bool {
	for i := len(l.rules) - 1; i >= 0; i-- {
		r := &l.rules[i]
		if r.folder && !folder {
			continue
		}
		at := names
		if r.anyPart {
			at = names[len(names)-1:]
		}
		if wild(r.parts, at, segment.any, segment.matches) {
			return !r.back
		}
	}
	return false
}

// trim takes blanks off the end, unless a backslash protects them.
func trim(p string) string {
	for strings.HasSuffix(p, " ") || strings.HasSuffix(p, "\t") {
		rest := p[:len(p)-1]
		if (len(rest)-len(strings.TrimRight(rest, `\`)))%2 == 1 {
			break
		}
		p = rest
	}
	return p
}

func parse(p string) (r rule, ok bool, err error) {
	if p = trim(p); p == "" || p[0] == '#' {
		return r, false, nil
	}
	p, r.back = strings.CutPrefix(p, "!")
	p, r.folder = strings.CutSuffix(p, "/")
	p, rooted := strings.CutPrefix(p, "/")
	if p == "" {
		return r, false, errors.New("it names nothing")
	}
	words := strings.Split(p, "/")
	r.anyPart = !rooted && len(words) == 1
	for i, w := range words {
		if w == "" {
			return r, false, errors.New("two slashes follow each other")
		}
		if w == "**" && !r.anyPart {
			r.parts = append(r.parts, segment{deep: true})
			if i < len(words)-1 {
				continue
			}
			w = "*" // what is in the folder, not the folder
		}
		tokens, err := tokens(w)
		if err != nil {
			return r, false, err
		}
		r.parts = append(r.parts, segment{tokens: tokens})
	}
	return r, true, nil
}

// wild matches a pattern with a whole text, where a part of the pattern may be
// a star, for any number of elements, or match one. It goes back to the last
// star only, so that its time is bounded by the product of both lengths.
func wild[P, T any](pattern []P, text []T, star func(P) bool, one func(P, T) bool) bool {
	p, t := 0, 0
	last, from := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && star(pattern[p]):
			last, from = p, t
			p++
		case p < len(pattern) && one(pattern[p], text[t]):
			p++
			t++
		case last >= 0:
			from++
			p, t = last+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && star(pattern[p]) {
		p++
	}
	return p == len(pattern)
}
