package world

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"path"
	"strings"
	"sync"
	"time"
)

// staticNames are the files whose bytes are made by an encoder, pictures that
// decode and an archive that unpacks, and those with words of their own. A world
// may have one of its own, named "world/file".
var staticNames = map[string]func() []byte{
	"welcome.png":    func() []byte { return picture(96, 64, 1) },
	"palette.png":    func() []byte { return picture(64, 64, 2) },
	"gradient.png":   func() []byte { return picture(120, 40, 3) },
	"rings.png":      func() []byte { return picture(80, 80, 4) },
	"logo-light.png": func() []byte { return picture(72, 24, 5) },
	"logo-dark.png":  func() []byte { return picture(72, 24, 6) },
	"brand-kit.zip":  brandKit,

	"README.md": func() []byte { return []byte(about + readme) },
	"huge/README.md": func() []byte {
		return []byte(about + strings.Replace(readme, "has 100,000 files", "has 1,000,000 files", 1))
	},
	"small/README.md": func() []byte { return []byte(about + readmeSmall) },
	"site-notice.txt": func() []byte { return []byte(notice) },
}

const about = `# The demo site

This site runs inside Ferry. Everything on it is made up, and everything on it
works: what you upload stays until the program ends, what you delete is gone
from the listing, what you rename is found under its new name.

`

const readme = `## Worth a look

- **Finance/2026** has ledgers, invoices and a payroll that not everybody may
  read.
- **Sensors/2026** has 100,000 files. It opens on its first page and loads on
  as you go down; G loads the rest, Esc stops that.
- **Engineering/logs** has logs that can be viewed without a download.
- **Media** has files that are large enough to watch them being transferred.
- **Archive/deep** goes deep. **Inbox/Odd names** has names that
  nobody would choose.

## Try this

1. Mark a few files with the space bar and press c: they are copied to the
   other pane, and checked.
2. Press 3 for the 3,000 users of the site, then F for the audits.
3. Press 4 for the automations. One of them can be run by hand; watch its run.
4. Press ? wherever you are.
`

const readmeSmall = `## Worth a look

- **Documents** has texts that can be viewed without a download, and a table.
- **Sensors/2026** has 2,500 files. It opens on its first page and loads on as
  you go down; G loads the rest.
- **Odd names** has names that nobody would choose, **Empty** has nothing.
- **Pictures** can be looked at.

## Try this

1. Mark a few files with the space bar and press c: they are copied to the
   other pane, and checked.
2. Press 3 for the users of the site, then F for the audits.
3. Press 4 for the automations. One of them can be run by hand; watch its run.
4. Press ? wherever you are.
`

const notice = `Notice

This site keeps its files in memory and ends with the program that runs it.
Do not keep anything here that you want to see again.

Nightly automations run as on any other site. Some of them fail on purpose, so
that there is something to look into.
`

var staticCache sync.Map // name → []byte

// staticBytes are the bytes of a static file of a world, by its base name.
func staticBytes(world, p string) ([]byte, bool) {
	name := path.Join(world, path.Base(p))
	f, ok := staticNames[name]
	if !ok {
		name = path.Base(p)
		f, ok = staticNames[name]
	}
	if !ok {
		return nil, false
	}
	if b, ok := staticCache.Load(name); ok {
		return b.([]byte), true
	}
	b := f()
	staticCache.Store(name, b)
	return b, true
}

func staticSize(world, p string) int64 {
	b, _ := staticBytes(world, p)
	return int64(len(b))
}

func picture(w, h, kind int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			dx, dy := x-w/2, y-h/2
			ring := uint8((dx*dx + dy*dy) / (6 + kind) % 256)
			img.SetNRGBA(x, y, color.NRGBA{R: uint8(x * 255 / w), G: ring, B: uint8(y * 255 / h), A: 255})
			if kind > 4 {
				base := uint8(235)
				if kind == 6 {
					base = 28
				}
				if (x/6+y/6)%4 == 0 {
					base = 120 + ring/4
				}
				img.SetNRGBA(x, y, color.NRGBA{R: base, G: base, B: base - base/8, A: 255})
			}
		}
	}
	var b bytes.Buffer
	// Encoding into memory cannot fail.
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func brandKit() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name string, data []byte) {
		w, err := z.CreateHeader(&zip.FileHeader{
			Name: name, Method: zip.Deflate, Modified: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		})
		if err == nil {
			_, _ = w.Write(data)
		}
	}
	add("brand-kit/README.txt", []byte("The logos of the demo site and its colours.\n"))
	add("brand-kit/logo-light.png", picture(72, 24, 5))
	add("brand-kit/logo-dark.png", picture(72, 24, 6))
	add("brand-kit/colours.csv", []byte("name,hex\nink,#1f2430\npaper,#f7f4ec\naccent,#2f7f86\n"))
	_ = z.Close()
	return b.Bytes()
}

// pdf is a document of one page that says what it is, padded with comment
// lines to its size. A size too small for that gives noise.
func pdf(p string, seed uint64, size int64) io.ReaderAt {
	title := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`()\`, r) {
			return '?'
		}
		return r
	}, path.Base(p))
	var head bytes.Buffer
	var at []int
	obj := func(body string) {
		at = append(at, head.Len())
		fmt.Fprintf(&head, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	head.WriteString("%PDF-1.4\n")
	obj("<< /Type /Catalog /Pages 2 0 R >>")
	obj("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	obj("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
	text := fmt.Sprintf("BT /F1 18 Tf 60 760 Td (%s) Tj ET", title)
	obj(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
	obj("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	var foot strings.Builder
	fmt.Fprintf(&foot, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, o := range at {
		fmt.Fprintf(&foot, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&foot, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n", len(at)+1)
	// startxref is where the table begins, which depends on how wide it prints.
	tail := func(start int64) string { return fmt.Sprintf("%s%d\n%%%%EOF\n", foot.String(), start) }
	start := size - int64(len(tail(size)))
	if n := size - int64(len(tail(start))); n > start {
		start = n
	}
	end := tail(start)
	start = size - int64(len(end))
	if start <= int64(head.Len()) {
		return &noise{size: size, seed: seed, head: "%PDF-1.4\n"}
	}
	return &document{size: size, head: head.Bytes(), foot: []byte(end), start: start, seed: seed}
}

// document is a head, lines of comments, and a foot.
type document struct {
	size, start int64
	seed        uint64
	head, foot  []byte
}

const hexDigits = "0123456789abcdef"

// at is the byte at an offset.
func (d *document) at(o int64) byte {
	switch {
	case o < int64(len(d.head)):
		return d.head[o]
	case o >= d.start:
		return d.foot[o-d.start]
	case o == d.start-1:
		return '\n'
	}
	switch k := (o - int64(len(d.head))) % 80; k {
	case 0:
		return '%'
	case 79:
		return '\n'
	default:
		return hexDigits[mix(d.seed+uint64(o/16))>>(4*uint(o%16))&15]
	}
}

// ReadAt fills p from offset off (io.ReaderAt).
func (d *document) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errOffset
	}
	n := 0
	for n < len(p) && off < d.size {
		p[n] = d.at(off)
		n, off = n+1, off+1
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
