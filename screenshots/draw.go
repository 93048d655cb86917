//go:build unix

package main

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"ferry/tests/term"
)

// The colours of the terminal in the pictures.
var (
	paper = color.RGBA{0x16, 0x18, 0x21, 0xff}
	text  = color.RGBA{0xd8, 0xdb, 0xe6, 0xff}
	ansi  = [16]color.RGBA{
		{0x28, 0x2b, 0x38, 0xff},
		{0xd9, 0x5f, 0x6a, 0xff},
		{0x84, 0xb8, 0x6d, 0xff},
		{0xd9, 0xa8, 0x5b, 0xff},
		{0x6c, 0x96, 0xd9, 0xff},
		{0xb0, 0x82, 0xd0, 0xff},
		{0x5f, 0xb3, 0xbf, 0xff},
		{0xc6, 0xc9, 0xd4, 0xff},
		{0x5b, 0x60, 0x73, 0xff},
		{0xf0, 0x76, 0x80, 0xff},
		{0x9c, 0xd3, 0x83, 0xff},
		{0xf2, 0xc0, 0x6e, 0xff},
		{0x86, 0xb0, 0xf2, 0xff},
		{0xca, 0x9c, 0xea, 0xff},
		{0x7a, 0xd0, 0xdd, 0xff},
		{0xf2, 0xf4, 0xfb, 0xff},
	}
)

const (
	fontSize = 15
	margin   = 14
	colours  = 64 // in the file
)

// fonts are a regular and a bold face of one monospaced family.
type fonts struct {
	regular, bold font.Face
	w, h, base    int
}

func loadFonts(regular, bold string) (*fonts, error) {
	r, err := face(regular)
	if err != nil {
		return nil, err
	}
	b, err := face(bold)
	if err != nil {
		return nil, err
	}
	adv, ok := r.GlyphAdvance('M')
	if !ok {
		return nil, errors.New("the font has no M")
	}
	m := r.Metrics()
	return &fonts{regular: r, bold: b, w: adv.Round(), h: (m.Ascent + m.Descent).Ceil(), base: m.Ascent.Ceil()}, nil
}

func face(path string) (font.Face, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the font (name another one with -font and -bold): %w", err)
	}
	f, err := opentype.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: fontSize, DPI: 96, Hinting: font.HintingFull})
}

// picture draws a screen.
func picture(rows [][]term.Cell, f *fonts) *image.RGBA {
	w, h := len(rows[0])*f.w+2*margin, len(rows)*f.h+2*margin
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			c := row[x]
			n := max(c.Width, 1)
			fg, bg := pick(c.Fg, text), pick(c.Bg, paper)
			if c.Invert {
				fg, bg = bg, fg
			}
			if c.Faint {
				fg = blend(fg, bg)
			}
			box := image.Rect(margin+x*f.w, margin+y*f.h, margin+(x+n)*f.w, margin+(y+1)*f.h)
			draw.Draw(img, box, image.NewUniform(bg), image.Point{}, draw.Src)
			if c.Text != "" && c.Text != " " && !block(img, box, c.Text, fg) {
				face := f.regular
				if c.Bold {
					face = f.bold
				}
				d := font.Drawer{Dst: img, Src: image.NewUniform(fg), Face: face, Dot: fixed.P(box.Min.X, box.Min.Y+f.base)}
				d.DrawString(c.Text)
			}
			if c.Underline {
				line := image.Rect(box.Min.X, box.Max.Y-2, box.Max.X, box.Max.Y-1)
				draw.Draw(img, line, image.NewUniform(fg), image.Point{}, draw.Src)
			}
			x += n - 1
		}
	}
	return img
}

// block draws the signs that have to fill their cell to the edge.
func block(img *image.RGBA, box image.Rectangle, s string, fg color.RGBA) bool {
	r := []rune(s)[0]
	w, h := box.Dx(), box.Dy()
	mx, my := box.Min.X+w/2, box.Min.Y+h/2
	fill := func(x0, y0, x1, y1 int) {
		draw.Draw(img, image.Rect(x0, y0, x1, y1), image.NewUniform(fg), image.Point{}, draw.Src)
	}
	switch {
	case r == '─':
		fill(box.Min.X, my, box.Max.X, my+1)
	case r == '│':
		fill(mx, box.Min.Y, mx+1, box.Max.Y)
	case r == '╭':
		fill(mx, my+2, mx+1, box.Max.Y)
		fill(mx+2, my, box.Max.X, my+1)
		fill(mx+1, my+1, mx+2, my+2)
	case r == '╮':
		fill(mx, my+2, mx+1, box.Max.Y)
		fill(box.Min.X, my, mx-1, my+1)
		fill(mx-1, my+1, mx, my+2)
	case r == '╰':
		fill(mx, box.Min.Y, mx+1, my-1)
		fill(mx+2, my, box.Max.X, my+1)
		fill(mx+1, my-1, mx+2, my)
	case r == '╯':
		fill(mx, box.Min.Y, mx+1, my-1)
		fill(box.Min.X, my, mx-1, my+1)
		fill(mx-1, my-1, mx, my)
	case r == '▀':
		fill(box.Min.X, box.Min.Y, box.Max.X, my)
	case r >= '▉' && r <= '▏': // seven eighths down to one
		fill(box.Min.X, box.Min.Y, box.Min.X+w*int('▐'-r)/8, box.Max.Y)
	case r == '█':
		fill(box.Min.X, box.Min.Y, box.Max.X, box.Max.Y)
	default:
		return false
	}
	return true
}

func pick(c color.Color, own color.RGBA) color.RGBA {
	if c == nil {
		return own
	}
	if i, ok := index(c); ok {
		return ansi[i]
	}
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}
}

func blend(a, b color.RGBA) color.RGBA {
	return color.RGBA{uint8((int(a.R)*3 + int(b.R)*2) / 5), uint8((int(a.G)*3 + int(b.G)*2) / 5), uint8((int(a.B)*3 + int(b.B)*2) / 5), 0xff}
}

func save(path string, img *image.RGBA) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	return errors.Join(enc.Encode(f, few(img)), f.Close())
}

// few gives the picture a palette of its own, which makes the file a third of
// the size: the colours used most often, and for the edges of letters the one
// that is nearest.
func few(img *image.RGBA) *image.Paletted {
	count := map[color.RGBA]int{}
	for i := 0; i < len(img.Pix); i += 4 {
		count[color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 0xff}]++
	}
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	pal := make(color.Palette, 0, colours)
	for _, c := range all[:min(len(all), colours)] {
		pal = append(pal, c)
	}
	at := make(map[color.RGBA]uint8, len(all))
	for _, c := range all {
		at[c] = uint8(pal.Index(c))
	}
	out := image.NewPaletted(img.Bounds(), pal)
	for i := range out.Pix {
		p := img.Pix[4*i : 4*i+3]
		out.Pix[i] = at[color.RGBA{p[0], p[1], p[2], 0xff}]
	}
	return out
}
