// Package theme is a palette of roles turned into every style. No other package
// names a colour or draws a glyph of its own.
package theme

import (
	"strconv"
	"strings"
)

// Role is what a piece of text means; the palette says how that looks.
type Role uint8

// The roles. Colour has meaning only, and each meaning has a glyph as well.
const (
	Text    Role = iota
	Faint        // secondary
	Strong       // titles and what is focused
	Accent       // focus and keys
	Good         // verified, succeeded
	Warn         // waiting, warning
	Bad          // failed, destructive
	Folder       // names of folders
	Match        // the part of a name that narrowing found
	Border       // frames
	Focused      // the frame that has the focus
	Danger       // the frame of a destructive dialog
	roles
)

// Surface is what the text lies on.
type Surface uint8

// The surfaces.
const (
	Base     Surface = iota
	Bar              // the cursor row of the focused pane
	BarDim           // the cursor row of a pane without focus
	Field            // a text field
	Selected         // the focused button or tab
	surfaces
)

// Ink is a ready pair of escape sequences around a text.
type Ink struct{ on, off string }

// Paint puts the ink around s. An empty text stays empty.
func (i Ink) Paint(s string) string {
	if s == "" || i.on == "" {
		return s
	}
	return i.on + s + i.off
}

// Open is the sequence that starts the ink; Close ends it. They serve rows that
// are put together without a copy for each cell.
func (i Ink) Open() string { return i.on }

// Close ends what Open started.
func (i Ink) Close() string { return i.off }

// Theme is every style of the program.
type Theme struct {
	Name   string
	Glyphs Glyphs
	ink    [surfaces][roles]Ink
}

// Ink gives the ink of a role on the base surface.
func (t *Theme) Ink(r Role) Ink { return t.ink[Base][r] }

// On gives the ink of a role on a surface.
func (t *Theme) On(s Surface, r Role) Ink { return t.ink[s][r] }

// Paint is Ink(r).Paint(s).
func (t *Theme) Paint(r Role, s string) string { return t.ink[Base][r].Paint(s) }

// look is how a role or surface is drawn: ANSI colour indexes (-1 is the
// terminal's own) and attributes.
type look struct {
	fg, bg                          int
	bold, faint, reverse, underline bool
}

// palette is one theme as data: adding a theme is writing one of these.
type palette struct {
	name     string
	roles    [roles]look
	surfaces [surfaces]look
	barFaint int // colour of what is secondary on the cursor bar; 0 is the usual one
}

func build(p palette, g Glyphs) *Theme {
	t := &Theme{Name: p.name, Glyphs: g}
	for s := range p.surfaces {
		for r := range p.roles {
			l := p.roles[r]
			if Surface(s) == Bar && Role(r) == Faint && p.barFaint > 0 {
				l.fg = p.barFaint
			}
			t.ink[s][r] = mix(l, p.surfaces[s])
		}
	}
	return t
}

func mix(r, s look) Ink {
	l := r
	if s.bg >= 0 {
		l.bg = s.bg
	}
	if s.fg >= 0 {
		l.fg = s.fg
	}
	l.bold = l.bold || s.bold
	l.reverse = l.reverse || s.reverse
	l.underline = l.underline || s.underline
	if s.bold || s.reverse {
		l.faint = false
	}
	var a []string
	if l.bold {
		a = append(a, "1")
	}
	if l.faint {
		a = append(a, "2")
	}
	if l.underline {
		a = append(a, "4")
	}
	if l.reverse {
		a = append(a, "7")
	}
	if l.fg >= 0 {
		a = append(a, colour(l.fg, 30, 90, "38;5;"))
	}
	if l.bg >= 0 {
		a = append(a, colour(l.bg, 40, 100, "48;5;"))
	}
	if len(a) == 0 {
		return Ink{}
	}
	return Ink{on: "\x1b[" + strings.Join(a, ";") + "m", off: "\x1b[m"}
}

func colour(c, low, high int, ext string) string {
	switch {
	case c < 8:
		return strconv.Itoa(low + c)
	case c < 16:
		return strconv.Itoa(high + c - 8)
	}
	return ext + strconv.Itoa(c)
}

// Names lists the themes in the order in which the program offers them.
func Names() []string { return []string{"dark", "light", "high-contrast", "plain"} }

// Named gives a theme by name; ok is false when there is none of that name.
// Glyphs may be nil for the usual ones.
func Named(name string, g *Glyphs) (t *Theme, ok bool) {
	glyphs := Unicode
	if g != nil {
		glyphs = *g
	}
	for _, p := range palettes {
		if p.name == name {
			return build(p, glyphs), true
		}
	}
	return nil, false
}

// Pick chooses the theme: the wanted one if it exists; plain when colours are
// not wanted (NO_COLOR); else the one that suits the terminal's background.
func Pick(want string, noColour, dark bool, g *Glyphs) *Theme {
	name := "light"
	switch {
	case noColour:
		name = "plain"
	case want != "" && want != "auto":
		name = want
	case dark:
		name = "dark"
	}
	t, ok := Named(name, g)
	if !ok {
		t, _ = Named("dark", g)
	}
	return t
}
