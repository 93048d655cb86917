package preview

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"ferry/theme"
	"ferry/ui/cell"
)

func dark(t testing.TB) *theme.Theme {
	t.Helper()
	th, ok := theme.Named("dark", nil)
	if !ok {
		t.Fatal("no dark theme")
	}
	return th
}

func TestCodeIsHighlightedAndKeepsItsText(t *testing.T) {
	got := Text("main.go", []byte("package main\n\n// hello\nfunc main() {}\n"), dark(t), 60, 40)
	if len(got) < 4 || cell.Strip(got[0]) != "package main" || !strings.Contains(got[0], "\x1b[") || cell.Strip(got[2]) != "// hello" {
		t.Errorf("got %q", got)
	}
}

func TestHostileTextCannotReachTheTerminal(t *testing.T) {
	got := strings.Join(Text("x.unknown", []byte(strings.Repeat("plain words ", 20)+"a\x1b]0;title\x07b\u202ec\n"), dark(t), 60, 40), "\n")
	if strings.ContainsAny(got, "\x1b\x07\u202e") {
		t.Errorf("got %q", got)
	}
}

func TestBytesAreDumped(t *testing.T) {
	got := Text("x.bin", []byte{0, 1, 2, 3, 'A', 0xff, 0, 0, 0, 0}, dark(t), 80, 40)
	if len(got) != 1 || !strings.Contains(got[0], "00 01 02 03 41 ff") || !strings.Contains(got[0], "A") {
		t.Errorf("got %q", got)
	}
}

// All of a picture is seen, however it lies in the room.
func TestAPictureFitsBothWays(t *testing.T) {
	for _, c := range []struct{ dx, dy, w, h, cols, rows int }{
		{400, 100, 80, 30, 80, 10},   // the width bounds it
		{100, 400, 80, 30, 14, 28},   // the height does
		{90, 2000, 80, 30, 2, 28},    //
		{1, 5000, 80, 30, 1, 28},     //
		{20, 10, 80, 30, 20, 5},      // it is not made larger
		{400, 400, 80, 2, 2, 1},      // hardly any room
		{30, 1, 80, 30, 30, 1},       // less than a line
		{400, 300, 200, 90, 120, 45}, // the most cells there are
	} {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, c.dx, c.dy))); err != nil {
			t.Fatal(err)
		}
		got := Text("x.png", b.Bytes(), dark(t), c.w, c.h)[captionLines:]
		if len(got) != c.rows || cell.Width(got[0]) != c.cols {
			t.Errorf("%d by %d in %d by %d takes %d by %d, not %d by %d",
				c.dx, c.dy, c.w, c.h, cell.Width(got[0]), len(got), c.cols, c.rows)
		}
	}
}

func TestPicture(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 20, 10))
	for i := range 20 {
		img.Set(i, 0, color.RGBA{255, 0, 0, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	got := Text("x.png", b.Bytes(), dark(t), 60, 40)
	if len(got) != 7 || !strings.Contains(got[0], "20 by 10") || !strings.Contains(got[2], "255;0;0") {
		t.Errorf("%d lines: %q", len(got), got)
	}
	plain, _ := theme.Named("plain", nil)
	if s := strings.Join(Text("x.png", b.Bytes(), plain, 60, 40)[2:], ""); strings.Contains(s, "\x1b") {
		t.Errorf("plain theme: %q", s)
	}
}

func TestAPictureThatIsNotWholeIsNamed(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 300, 200))); err != nil {
		t.Fatal(err)
	}
	got := Text("x.png", b.Bytes()[:100], dark(t), 80, 40)
	if len(got) < 3 || !strings.Contains(got[0], "png picture, 300 by 200 points") || !strings.Contains(got[2], "89 50 4e 47") {
		t.Errorf("got %q", got)
	}
}

func TestOtherEncodingsOfUnicode(t *testing.T) {
	for _, data := range []string{"\xff\xfea\x00b\x00\n\x00", "\xfe\xff\x00a\x00b\x00\n\x00", "\xef\xbb\xbfab\n"} {
		if got := Text("x.csv", []byte(data), dark(t), 80, 40); len(got) != 1 || cell.Strip(got[0]) != "ab" {
			t.Errorf("%q: %q", data, got)
		}
	}
}

func BenchmarkText(b *testing.B) {
	data := bytes.Repeat([]byte("func name(a, b int) string { return \"text\" + fmt.Sprint(a, b) } // why\n"), Bytes/72)
	th := dark(b)
	b.ReportAllocs()
	for b.Loop() {
		Text("main.go", data, th, 60, 40)
	}
}

func TestTextKeepsItsLinesAndTheRestFits(t *testing.T) {
	long := strings.Repeat("wide 日本語 ", 40)
	if got := Text("a.txt", []byte(long), dark(t), 33, 40); len(got) != 1 || cell.Strip(got[0]) != long {
		t.Errorf("text: %q", got)
	}
	for _, l := range Text("a.bin", []byte(strings.Repeat("\x00\x01", 100)), dark(t), 43, 40) {
		if cell.Width(l) > 43 {
			t.Errorf("%q takes %d cells", l, cell.Width(l))
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("a.go", []byte("package x"))
	f.Add("a.png", []byte("\x89PNG\r\n\x1a\n"))
	th := dark(f)
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		for _, l := range Text(name, data, th, 40, 40) {
			if strings.ContainsAny(cell.Strip(l), "\x1b\x07\r\n\t") {
				t.Errorf("%q holds a control character", l)
			}
		}
	})
}
