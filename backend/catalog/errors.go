package catalog

import (
	_ "embed" // the table
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// errorTable has one line per group (G), class (X), other spelling of a type (O)
// and class of the vendor's kits (S).
//
//go:embed errors.tsv
var errorTable string

// ErrorClass is one class of errors that a site sends.
type ErrorClass struct {
	Class      string // "FolderNotEmptyError"
	Group      string // "processing-failure"; "" for the general API error
	GroupClass string // "ProcessingFailureError"; "APIError" for the general one
	Type       string // on the wire: "processing-failure/folder-not-empty"
	Title      string // "Folder Not Empty"
	Status     int    // of HTTP, 0 when unknown
}

// ErrorGroup is one of the eight groups of error classes.
type ErrorGroup struct {
	Class  string // "ProcessingFailureError"
	Group  string // "processing-failure", the first part of the types in it
	Title  string // "Processing Failure"
	Status int    // that most of its classes have
	Alone  bool   // occurs as a type without a second part
}

// SDKClass is a class of errors of the vendor's kits that no site sends.
type SDKClass struct{ Class, Parent, Role string }

// General is the class of errors that fit no group.
const General = "APIError"

type errorIndex struct {
	groups  []ErrorGroup
	classes []ErrorClass
	sdk     []SDKClass
	byType  map[string]ErrorClass // full types, and groups alone
	byClass map[string]ErrorClass
}

func (ix *errorIndex) read(table string) {
	ix.classes = make([]ErrorClass, 0, 210)
	ix.byType = make(map[string]ErrorClass, 230)
	ix.byClass = make(map[string]ErrorClass, 220)
	slug := map[string]string{} // group by its class
	for line := range strings.Lines(table) {
		r := row{strings.TrimSuffix(line, "\n")}
		switch r.next() {
		case "G":
			g := ErrorGroup{
				Class: r.next(), Group: r.next(), Title: r.next(),
				Status: r.number(), Alone: r.next() == "a",
			}
			ix.groups = append(ix.groups, g)
			slug[g.Class] = g.Group
			ix.add(ErrorClass{
				Class: g.Class, Group: g.Group, GroupClass: g.Class,
				Type: g.Group, Title: g.Title, Status: g.Status,
			})
		case "X":
			c := ErrorClass{Class: r.next(), GroupClass: r.next(), Type: r.next(), Title: r.next(), Status: r.number()}
			c.Group = slug[c.GroupClass]
			ix.classes = append(ix.classes, c)
			ix.add(c)
		case "O":
			t := r.next()
			ix.byType[t] = ix.byClass[r.next()]
		case "S":
			ix.sdk = append(ix.sdk, SDKClass{Class: r.next(), Parent: r.next(), Role: r.next()})
		}
	}
}

func (ix *errorIndex) add(c ErrorClass) {
	ix.byType[c.Type], ix.byClass[c.Class] = c, c
}

// ErrorClasses returns every class, group by group.
func ErrorClasses() []ErrorClass { return slices.Clone(load().errors.classes) }

// Groups returns the eight groups.
func Groups() []ErrorGroup { return slices.Clone(load().errors.groups) }

// SDKClasses returns the classes of the vendor's kits that no site sends.
func SDKClasses() []SDKClass { return slices.Clone(load().errors.sdk) }

// ClassNamed finds a class, of an error or of a group, by its name.
func ClassNamed(class string) (ErrorClass, bool) {
	c, ok := load().errors.byClass[class]
	return c, ok
}

// KnownType tells whether sites send errors of this type, in today's spelling or
// an older one.
func KnownType(wireType string) bool {
	_, ok := load().errors.byType[wireType]
	return ok
}

// Classify finds the class for a type as it came over the wire (PROTOCOL.md 6):
// the exact one; the one that an older spelling means; the one that the last
// part of the type names. A type never seen falls back to the class of its
// group, and with an unknown group to [General]. For known classes Type is
// today's spelling, for others it is wireType.
func Classify(wireType string) ErrorClass {
	ix := &load().errors
	if c, ok := ix.byType[wireType]; ok {
		return c
	}
	group, _, _ := strings.Cut(wireType, "/")
	last := wireType[strings.LastIndexByte(wireType, '/')+1:]
	if c, ok := ix.byClass[className(last)]; ok {
		return c
	}
	c := ErrorClass{Class: General, GroupClass: General}
	if g, ok := ix.byType[group]; ok && g.Type == g.Group {
		c = g
	}
	c.Type, c.Title = wireType, title(last)
	return c
}

// className is the rule by which the vendor's kits turn the last part of a type
// into the name of a class.
func className(slug string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(slug, "-") {
		if part != "" {
			b.WriteString(capital(strings.ToLower(part)))
		}
	}
	return b.String() + "Error"
}

// title puts a slug into words.
func title(slug string) string {
	parts := strings.FieldsFunc(slug, func(r rune) bool { return r == '-' || r == '_' || unicode.IsSpace(r) })
	for i, p := range parts {
		parts[i] = capital(p)
	}
	return strings.Join(parts, " ")
}

// capital puts the first letter of a word that is not empty in upper case.
func capital(word string) string {
	_, n := utf8.DecodeRuneInString(word)
	return strings.ToUpper(word[:n]) + word[n:]
}
