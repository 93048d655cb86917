package transfers

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/aymanbagabas/go-udiff"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/ui/preview"
)

// difference shows how the beginnings of the two files differ: texts line by
// line, other contents at the first byte.
func (c *conflict) difference() tea.Cmd {
	p, sides := pairOf(&c.job, &c.item), c.sides
	th := *c.env.Theme // the shell may change the theme while the command runs
	return c.diff.Load(c.env.Ctx, func(ctx context.Context) ([]string, error) {
		there, err := sides.read(ctx, p.thereSide, p.there, preview.Bytes)
		if err != nil {
			return nil, err
		}
		come, err := sides.read(ctx, p.comeSide, p.come, preview.Bytes)
		if err != nil {
			return nil, err
		}
		return differences(&th, p, there, come), nil
	})
}

func (c *conflict) showDifference(lines []string) tea.Cmd {
	return ui.Open(dialog.Text(c.env, dialog.TextSpec{
		Title: "difference: " + pathutil.DisplayName(c.item.Name), Body: lines, Wide: true,
	}))
}

func differences(th *theme.Theme, p pair, there, come []byte) []string {
	part := func(e backend.Entry, data []byte) string {
		if int64(len(data)) < e.Size {
			return "the first " + cell.Size(int64(len(data))) + " of " + cell.Size(e.Size)
		}
		return cell.Size(e.Size)
	}
	out := []string{
		th.Paint(theme.Bad, "- there    "+part(p.there, there)+", "+cell.Stamp(p.there.Modified)),
		th.Paint(theme.Good, "+ to come  "+part(p.come, come)+", "+cell.Stamp(p.come.Modified)),
		"",
	}
	whole := int64(len(there)) >= p.there.Size && int64(len(come)) >= p.come.Size
	switch {
	case bytes.Equal(there, come) && whole:
		return append(out, "The two are the same, byte for byte.")
	case bytes.Equal(there, come):
		return append(out, "These parts are the same, byte for byte.")
	}
	a, text := preview.Plain(there)
	b, also := preview.Plain(come)
	if text && also && a != b { // spelled in another way they may be one text
		return append(out, lineByLine(th, a, b)...)
	}
	return append(out, byteByByte(th, there, come)...)
}

// lineByLine is a unified difference without its head.
func lineByLine(th *theme.Theme, there, come string) []string {
	_, body, _ := strings.Cut(udiff.Unified("", "", there, come), "\n+++ ")
	_, body, _ = strings.Cut(body, "\n")
	var out []string
	for l := range strings.SplitSeq(strings.TrimSuffix(body, "\n"), "\n") {
		shown := pathutil.Display(strings.ReplaceAll(strings.TrimSuffix(l, "\r"), "\t", "    "))
		switch {
		case strings.HasPrefix(l, "-"):
			out = append(out, th.Paint(theme.Bad, shown))
		case strings.HasPrefix(l, "+"):
			out = append(out, th.Paint(theme.Good, shown))
		case strings.HasPrefix(l, "@@"):
			out = append(out, th.Paint(theme.Accent, shown))
		default:
			out = append(out, shown)
		}
	}
	return out
}

// byteByByte shows the place where two contents begin to differ.
func byteByByte(th *theme.Theme, there, come []byte) []string {
	at := 0
	for at < len(there) && at < len(come) && there[at] == come[at] {
		at++
	}
	from := at &^ 15
	row := func(sign string, ink theme.Role, data []byte) string {
		data = data[min(from, len(data)):min(from+16, len(data))]
		if len(data) == 0 {
			return th.Paint(ink, sign+" ends here")
		}
		return th.Paint(ink, sign+" "+strings.TrimSpace(fmt.Sprintf("% x", data)))
	}
	return []string{
		"They differ first at byte " + cell.Count(at) + ". From byte " + cell.Count(from) + " on they hold", "",
		row("-", theme.Bad, there), row("+", theme.Good, come),
	}
}
