// Package preview shows the beginning of a file in cells: text with its syntax,
// pictures as blocks, everything else as hexadecimal.
package preview

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/gif"  // a kind of picture that is shown
	_ "image/jpeg" // a kind of picture that is shown
	_ "image/png"  // a kind of picture that is shown
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"golang.org/x/text/encoding/unicode"

	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui/cell"
)

// Bytes is the part of a file that a preview needs at most.
const Bytes = 64 << 10

// The bounds of what is drawn, whatever the file holds.
const (
	maxLines  = Bytes / 8 // what the shortest rows of bytes need
	maxCols   = 120
	maxPixels = 16 << 20 // 64 MB of memory
)

// captionLines stand above a picture.
const captionLines = 2

// Text draws the beginning of a file: text in lines as long as they are, bytes w
// cells wide, and pictures so that all of them is seen in w cells and h lines.
// It takes time: it is for commands, not for View.
func Text(name string, data []byte, th *theme.Theme, w, h int) []string {
	if w <= 0 {
		return nil
	}
	cut := data[:min(len(data), Bytes)]
	text := decoded(cut)
	switch {
	case len(data) == 0:
		return []string{cell.Truncate(th.Paint(theme.Faint, "This file is empty."), w, th.Glyphs.Ellipsis)}
	case readable(text):
		return code(name, string(bytes.ToValidUTF8(text, []byte("�"))), th)
	}
	facts, lines := picture(data, th, w, h-captionLines)
	if lines == nil {
		lines = dump(cut, th, w)
	}
	if facts != "" {
		lines = append([]string{cell.Truncate(th.Paint(theme.Faint, facts), w, th.Glyphs.Ellipsis), ""}, lines...)
	}
	return lines
}

// Plain is the text that the beginning of a file holds; ok is false when it is
// something else.
func Plain(data []byte) (text string, ok bool) {
	t := decoded(data[:min(len(data), Bytes)])
	return string(bytes.ToValidUTF8(t, []byte("�"))), readable(t)
}

// decoded is a text in UTF-8 when data begins as one of the other encodings of
// Unicode, which spreadsheets and Windows write; else data itself.
func decoded(data []byte) []byte {
	if text, ok := bytes.CutPrefix(data, []byte("\xef\xbb\xbf")); ok {
		return text
	}
	if !bytes.HasPrefix(data, []byte("\xff\xfe")) && !bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return data
	}
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data[:len(data)&^1])
	if err != nil {
		return data
	}
	return text
}

// readable tells text from bytes: valid UTF-8 but for a character cut at the
// end, and hardly any control characters.
func readable(data []byte) bool {
	odd := 0
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			if len(data)-i < utf8.UTFMax && !utf8.FullRune(data[i:]) {
				return true
			}
			odd += 4
		case r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != 0x1b && r != '\f':
			odd += 4
		}
		i += n
	}
	return odd*20 <= len(data)
}

// roles maps the kinds of tokens to what they mean here.
func role(t chroma.TokenType) theme.Role {
	switch {
	case t.InCategory(chroma.Comment):
		return theme.Faint
	case t.InCategory(chroma.Keyword), t == chroma.NameTag:
		return theme.Accent
	case t.InSubCategory(chroma.LiteralString):
		return theme.Good
	case t.InSubCategory(chroma.LiteralNumber), t.InCategory(chroma.Literal):
		return theme.Warn
	case t == chroma.NameFunction, t == chroma.NameClass, t == chroma.NameAttribute, t.InCategory(chroma.Generic):
		return theme.Strong
	}
	return theme.Text
}

func code(name, text string, th *theme.Theme) []string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\t", "    ")
	lexer := lexers.Match(name)
	if lexer == nil {
		return lines(text)
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, text)
	if err != nil {
		return lines(text)
	}
	var out []string
	var b strings.Builder
	for t := tokens(); t != chroma.EOF && len(out) < maxLines; t = tokens() {
		ink := th.Ink(role(t.Type))
		for i, part := range strings.Split(t.Value, "\n") {
			if i > 0 {
				out = append(out, b.String())
				b.Reset()
			}
			b.WriteString(ink.Paint(pathutil.Display(part)))
		}
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}

func lines(text string) []string {
	var out []string
	for l := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if len(out) == maxLines {
			break
		}
		out = append(out, pathutil.Display(l))
	}
	return out
}

// dump writes bytes as hexadecimal, with what can be read of them.
func dump(data []byte, th *theme.Theme, w int) []string {
	per := 16
	if w < 10+per*4 {
		per = 8
	}
	var out []string
	for at := 0; at < len(data) && len(out) < maxLines; at += per {
		row := data[at:min(at+per, len(data))]
		var b strings.Builder
		b.WriteString(th.Paint(theme.Faint, fmt.Sprintf("%08x  ", at)))
		b.WriteString(cell.Fit(spaced(row), per*3))
		b.WriteByte(' ')
		for _, c := range row {
			if c < ' ' || c > '~' {
				c = '.'
			}
			b.WriteByte(c)
		}
		out = append(out, cell.Truncate(b.String(), w, ""))
	}
	return out
}

func spaced(row []byte) string {
	h := hex.EncodeToString(row)
	var b strings.Builder
	for i := 0; i < len(h); i += 2 {
		b.WriteString(h[i : i+2])
		b.WriteByte(' ')
	}
	return b.String()
}

// picture draws an image, two points a cell and not larger than it is, so that it
// fits into w cells and h lines, and says what it is; there are no lines when data holds only its beginning or it is too big, and no facts when it
// is none.
func picture(data []byte, th *theme.Theme, w, h int) (facts string, out []string) {
	conf, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || conf.Width <= 0 || conf.Height <= 0 {
		return "", nil
	}
	facts = fmt.Sprintf("%s picture, %d by %d points", kind, conf.Width, conf.Height)
	if conf.Width > maxPixels/conf.Height {
		return facts, nil
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return facts, nil
	}
	b := img.Bounds()
	cols := min(w, b.Dx(), maxCols)
	rows := max(b.Dy()*cols/b.Dx(), 2)
	if most := 2 * min(max(h, 1), maxLines); rows > most {
		rows = most
		cols = max(b.Dx()*rows/b.Dy(), 1)
	}
	for y := 0; y+1 < rows; y += 2 {
		var line strings.Builder
		for x := range cols {
			px := b.Min.X + x*b.Dx()/cols
			line.WriteString(th.Pixel(img.At(px, b.Min.Y+y*b.Dy()/rows), img.At(px, b.Min.Y+(y+1)*b.Dy()/rows)))
		}
		out = append(out, line.String())
	}
	return facts, out
}
