package theme

import "strings"

// Glyphs is every sign that is not a letter. All are one cell wide.
type Glyphs struct {
	Name string

	TopLeft, TopRight, BottomLeft, BottomRight, Horizontal, Vertical string

	Cursor   string // at the left of the cursor row
	Mark     string // a marked row
	Done     string // finished or succeeded
	Verified string
	SizeOnly string // arrived, and only its length was compared
	Failed   string
	Running  string
	Paused   string
	Waiting  string
	Skipped  string
	Locked   string
	Up, Down string // directions of sort and of bytes
	Arrow    string // from → to
	Ellipsis string
	Dot      string // between facts
	Dash     string // nothing to say
	Bar      [9]string
	Scroll   string // the thumb of a scroll bar
	Spin     []string
	Radio    [2]string // off, on
	Check    [2]string
	Secret   string // a character that is not shown
	Required string // after the label of a field that must be filled in
	Fewer    string // there is more before this
	Further  string // there is more after this
}

// Unicode is the usual set: signs that common fonts have, no Nerd Font.
var Unicode = Glyphs{
	Name:    "unicode",
	TopLeft: "╭", TopRight: "╮", BottomLeft: "╰", BottomRight: "╯", Horizontal: "─", Vertical: "│",
	Cursor: "▌", Mark: "✓", Done: "✓", Verified: "✔", SizeOnly: "≈", Failed: "✗", Running: "▶", Paused: "‖", Waiting: "·", Skipped: "»",
	Locked: "⚿", Up: "↑", Down: "↓", Arrow: "→", Ellipsis: "…", Dot: "·", Dash: "—",
	Bar:    [9]string{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
	Scroll: "┃", Spin: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"},
	Radio: [2]string{"○", "●"}, Check: [2]string{"☐", "☑"},
	Secret: "•", Required: "*", Fewer: "‹", Further: "›",
}

// ASCII draws everything with the characters of a typewriter.
var ASCII = Glyphs{
	Name:    "ascii",
	TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+", Horizontal: "-", Vertical: "|",
	Cursor: ">", Mark: "*", Done: "v", Verified: "V", SizeOnly: "s", Failed: "x", Running: "}", Paused: "=", Waiting: ".", Skipped: "-",
	Locked: "#", Up: "^", Down: "v", Arrow: ">", Ellipsis: "~", Dot: ":", Dash: "-",
	Bar:    [9]string{" ", " ", " ", ".", ".", ":", ":", "#", "#"},
	Scroll: "#", Spin: []string{"|", "/", "-", "\\"},
	Radio: [2]string{"o", "*"}, Check: [2]string{"-", "x"},
	Secret: "*", Required: "*", Fewer: "<", Further: ">",
}

// typewriter writes the signs that stand in the middle of texts and in captions
// of keys. Each takes one cell on both sides.
var typewriter = strings.NewReplacer(append(pictures(),
	Unicode.Dot, ASCII.Dot, Unicode.Arrow, ASCII.Arrow, Unicode.Ellipsis, ASCII.Ellipsis, Unicode.Dash, ASCII.Dash,
	Unicode.Up, ASCII.Up, Unicode.Down, ASCII.Down, "←", "<", "×", "x", "‹", "<", "›", ">", "“", `"`, "”", `"`,
)...)

// pictures are the signs that stand for control characters, and for the blanks at
// the ends, in names; a typewriter has none of them. It has a backslash, with which
// other characters that cannot be seen are written too: no name of a site holds
// one (PROTOCOL.md 14), whereas a question mark may be meant.
func pictures() []string {
	var out []string
	for r := '\u2400'; r <= '\u2421'; r++ {
		out = append(out, string(r), `\`)
	}
	return out
}

// Spell writes a finished screen with the signs of this set: the texts of the
// program hold a few of the usual ones.
func (g *Glyphs) Spell(screen string) string {
	if g.Name != ASCII.Name {
		return screen
	}
	return typewriter.Replace(screen)
}

// Progress draws a bar of width cells for a share between 0 and 1.
func (g *Glyphs) Progress(share float64, width int) string {
	if width <= 0 {
		return ""
	}
	share = min(max(share, 0), 1)
	eighths := int(share*float64(width)*8 + 0.5)
	if share < 1 && eighths >= width*8 {
		eighths = width*8 - 1 // full means finished
	}
	out := make([]byte, 0, width*3)
	for i := range width {
		n := min(max(eighths-i*8, 0), 8)
		out = append(out, g.Bar[n]...)
	}
	return string(out)
}
