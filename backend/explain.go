package backend

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ferry/pathutil"
)

// Step is a way out of an error that a screen can offer as a key.
type Step uint8

// The ways out.
const (
	StepRetry   Step = iota // do the same again
	StepLogin               // log in again, or elsewhere
	StepParent              // go to the parent folder
	StepRefresh             // load again what is on the screen
	StepQueue               // look at the transfers
	StepLog                 // look at the messages so far
	StepCopy                // copy the details for somebody who can help
)

// Explanation is an error in the words of the person who met it: what happened,
// why, and what can be done now. It is the same on a card, in a table and in
// the headless twin.
type Explanation struct {
	Title string   // what happened, one short sentence without a full stop
	Lines []string // why, and what it means for the work at hand
	Steps []Step   // what helps, best first
	Code  string   // wire type, class, status and request id in small print
}

// words is the explanation of one wire type or one group. Texts may hold %[1]s
// (the path or object) and %[2]s (the site).
type words struct {
	title string
	why   []string
	steps []Step
}

// Explain finds the words for an error: those of its wire type, else of its
// class, else of its group. It is never empty, whatever err is.
func Explain(err error) Explanation {
	e := AsError(err)
	if e == nil {
		return Explanation{}
	}
	w, special := byLocal[e.Type]
	if !special {
		w, special = byType[slug(e.Type)]
	}
	if AccountClosed(e) {
		w = closed
	}
	if !special {
		w, special = byClass[e.Class]
	}
	if !special {
		w = byGroup[e.Group]
	}
	if w.title == "" {
		w = byGroup[APIFailure]
	}
	x := Explanation{Title: w.title, Steps: w.steps, Code: code(e)}
	said := strings.TrimSpace(e.Message)
	// Of what Ferry refuses by itself its reason tells most.
	if said != "" && (e.Type == "" || e.Type == TypeNameRefused) && (e.Class == ClassInvalidParameter || e.Class == ClassMissingParameter) {
		x.Title, said = headline(said)
		w.why = nil
	}
	if e.Path != "" {
		x.Lines = append(x.Lines, what(e))
	}
	x.Lines = append(x.Lines, w.why...)
	if said != "" && !slices.Contains(w.why, said) {
		if x.Title == w.title {
			said = who(e) + said
		}
		x.Lines = append(x.Lines, sentence(said))
	}
	for _, f := range slices.Sorted(maps.Keys(e.Fields)) {
		x.Lines = append(x.Lines, f+": "+strings.Join(e.Fields[f], ", "))
	}
	if len(e.Legal) > 0 {
		x.Lines = append(x.Lines, "Possible here: "+strings.Join(e.Legal, ", ")+".")
	}
	if e.Wait > 0 {
		x.Lines = append(x.Lines, fmt.Sprintf("The site asks to wait %s.", e.Wait.Round(time.Second)))
	}
	if !e.Until.IsZero() {
		x.Lines = append(x.Lines, "Locked until "+e.Until.Local().Format("2 Jan 15:04")+".")
	}
	return x
}

// AccountClosed tells of a refused login whether it is not the password: the site
// has no type of its own for an account that is disabled or has expired, and says
// so in the message alone.
func AccountClosed(err error) bool {
	e := AsError(err)
	if e == nil || slug(e.Type) != "invalid-username-or-password" {
		return false
	}
	said := strings.ToLower(e.Message)
	return strings.Contains(said, "disabled") || strings.Contains(said, "expired")
}

// ExplainEnd is Explain for a command that has ended with the error: without
// what only a program that goes on running does about it.
func ExplainEnd(err error) Explanation {
	x := Explain(err)
	x.Lines = slices.DeleteFunc(x.Lines, func(l string) bool { return slices.Contains(meanwhile, l) })
	return x
}

// headline makes the first sentence of a message a title, and gives the rest.
func headline(said string) (title, rest string) {
	title = said
	if i := strings.Index(said, ". "); i >= 0 {
		title, rest = said[:i], said[i+2:]
	}
	r, n := utf8.DecodeRuneInString(title)
	return pathutil.Display(string(unicode.ToUpper(r)) + strings.TrimSuffix(title[n:], ".")), rest
}

func what(e *Error) string {
	p := pathutil.WholeName(e.Path) // as it can be copied; screens count cells and show it with Display
	if e.Op == "" {
		return "It was about " + p + "."
	}
	return "While trying to " + e.Op + ": " + p
}

func who(e *Error) string {
	switch {
	case e.Group == LocalDisk:
		return "The system says: "
	case e.Group == Connection, e.Group == Client, e.Group == Unexpected, e.Status == 0:
		return "The reason: " // Ferry's own words, for want of an answer
	}
	return "Files.com says: "
}

func sentence(s string) string {
	if strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

func code(e *Error) string {
	parts := make([]string, 0, 4)
	if e.Type != "" {
		parts = append(parts, e.Type)
	} else {
		parts = append(parts, string(e.Class))
	}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.RequestID != "" {
		parts = append(parts, "request "+e.RequestID)
	}
	return strings.Join(parts, " · ")
}

// slug is the part of a wire type behind the group, so that the legacy
// spellings with another group find their words too.
func slug(wire string) string {
	if i := strings.LastIndexByte(wire, '/'); i >= 0 {
		return wire[i+1:]
	}
	return ""
}
