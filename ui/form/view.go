package form

import (
	"strings"

	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui/cell"
)

const (
	lead   = 2  // the sign of the focused field and a blank
	gap    = 2  // between label and value
	narrow = 18 // less than this for values puts the labels above them
)

// Resize gives the room.
func (f *Form) Resize(w, h int) { f.w, f.h = w, h }

// Height is the number of lines that the form takes in a room of w cells.
func (f *Form) Height(w int) int {
	n := 0
	for i := range f.fields {
		n += len(f.draw(i, w))
	}
	return n
}

// View draws the fields in the room of Resize.
func (f *Form) View() string { return f.Draw(f.w, f.h) }

// Draw draws the fields under each other, each line exactly w cells wide; when
// they take more than h lines, those around the focused one. It gives as many
// lines as it needs.
func (f *Form) Draw(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	var lines []string
	from, to := 0, 0 // of the focused field
	for i := range f.fields {
		part := f.draw(i, w)
		if i == f.at {
			from, to = len(lines), len(lines)+len(part)
		}
		lines = append(lines, part...)
	}
	top := 0
	if len(lines) > h {
		top = max(min((from+to-h)/2, from), 0)
		top = min(top, len(lines)-h)
	}
	end := min(top+h, len(lines))
	for i, l := range lines {
		lines[i] = cell.Fit(l, w)
	}
	if top > 0 && top < from {
		lines[top] = f.moreSign(lines[top], f.env.Theme.Glyphs.Up)
	}
	if end < len(lines) && end > to {
		lines[end-1] = f.moreSign(lines[end-1], f.env.Theme.Glyphs.Down)
	}
	return strings.Join(lines[top:end], "\n")
}

// moreSign puts an arrow at the beginning of a line: the form goes on there.
func (f *Form) moreSign(line, arrow string) string {
	return cell.Splice(line, f.env.Theme.Paint(theme.Faint, arrow), 0)
}

// columns is the width of labels and values in a room of w cells; label is 0
// when the labels stand above the values.
func (f *Form) columns(w int) (label, value int) {
	value = w - lead - f.label - gap
	if value < narrow {
		return 0, max(w-lead, 1)
	}
	return f.label, value
}

func (f *Form) draw(i, w int) []string {
	th := f.env.Theme
	fd := f.fields[i]
	here := i == f.at
	first, role := cell.Pad(lead), theme.Faint
	if here {
		first, role = th.Paint(theme.Accent, th.Glyphs.Cursor)+" ", theme.Strong
	}
	label := th.Paint(role, fd.Label)
	if fd.Required {
		label += " " + th.Paint(theme.Accent, th.Glyphs.Required)
	}
	lw, vw := f.columns(w)
	indent := cell.Pad(lead)
	var out []string
	if lw > 0 {
		indent = cell.Pad(lead + lw + gap)
		out = append(out, first+cell.Fit(label, lw)+cell.Pad(gap)+f.value(fd, here, vw))
	} else {
		out = append(out, first+label, indent+f.value(fd, here, vw))
	}
	for _, e := range fd.errs {
		for _, l := range cell.Wrap(th.Glyphs.Failed+" "+pathutil.Display(e), vw) {
			out = append(out, indent+th.Paint(theme.Bad, l))
		}
	}
	if here && fd.Help != "" && len(fd.errs) == 0 {
		for _, l := range cell.Wrap(fd.Help, vw) {
			out = append(out, indent+th.Paint(theme.Faint, l))
		}
	}
	return out
}

func (f *Form) value(fd *field, here bool, w int) string {
	if fd.typed() {
		return fd.input.View(w, here)
	}
	th := f.env.Theme
	if fd.Kind == Bool {
		return f.option(th.Glyphs.Check[fd.at], fd.Choices[fd.at], true, here)
	}
	if all := f.options(fd, here); cell.Width(all) <= w {
		return all
	}
	edge := theme.Faint
	if here {
		edge = theme.Accent
	}
	place := "  " + cell.Count(fd.at+1) + " of " + cell.Count(len(fd.Choices))
	v := cell.Truncate(fd.shown(fd.value()), max(w-4-cell.Width(place), 1), th.Glyphs.Ellipsis)
	return th.Paint(edge, th.Glyphs.Fewer) + " " + f.option("", v, true, here) + " " + th.Paint(edge, th.Glyphs.Further) + th.Paint(theme.Faint, place)
}

// shown is a choice as people read it.
func (fd *field) shown(choice string) string {
	if fd.Words != nil {
		choice = fd.Words(choice)
	}
	return pathutil.Display(choice)
}

// options are all choices of a field side by side.
func (f *Form) options(fd *field, here bool) string {
	th := f.env.Theme
	var parts []string
	for i, c := range fd.Choices {
		sign := th.Glyphs.Radio[0]
		if i == fd.at {
			sign = th.Glyphs.Radio[1]
		}
		parts = append(parts, f.option(sign, fd.shown(c), i == fd.at, here))
	}
	return strings.Join(parts, "   ")
}

// option is one choice; the chosen one of the focused field stands out.
func (f *Form) option(sign, text string, chosen, here bool) string {
	th := f.env.Theme
	if sign != "" {
		sign += " "
	}
	switch {
	case chosen && here:
		return th.Paint(theme.Accent, sign) + th.Paint(theme.Strong, text)
	case chosen:
		return sign + text
	}
	return th.Paint(theme.Faint, sign+text)
}
