package overlay

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// plate is an overlay of a letter and a size, at most its room.
type plate struct {
	letter     string
	want       [2]int
	place      ui.Place
	w, h       int
	heard, did int
}

func (p *plate) Init() tea.Cmd            { return nil }
func (p *plate) Update(tea.Msg) tea.Cmd   { p.heard++; return nil }
func (p *plate) Do(keymap.Action) tea.Cmd { p.did++; return nil }
func (p *plate) Keys() keymap.Set         { return nil }
func (p *plate) Typing() bool             { return false }
func (p *plate) Place() ui.Place          { return p.place }
func (p *plate) Resize(w, h int)          { p.w, p.h = min(w, p.want[0]), min(h, p.want[1]) }
func (p *plate) View() string {
	if p.w <= 0 || p.h <= 0 {
		return ""
	}
	return strings.TrimSuffix(strings.Repeat(strings.Repeat(p.letter, p.w)+"\n", p.h), "\n")
}

func base(w, h int) string { return cell.Block("", w, h) }

func TestTheTopmostHidesTheOthers(t *testing.T) {
	s := New()
	s.Resize(12, 8)
	a, b := &plate{letter: "a", want: [2]int{8, 4}}, &plate{letter: "b", want: [2]int{4, 2}}
	s.Push(a)
	s.Push(b)
	if top, ok := s.Top(); !ok || top != b {
		t.Error("the last one is not on top")
	}
	want := "            \n            \n  aaaaaaaa  \n  aabbbbaa  \n  aabbbbaa  \n  aaaaaaaa  \n            \n            "
	if got := cell.Strip(s.View(base(12, 8), nil)); got != want {
		t.Errorf("got\n%s", got)
	}
	s.Push(a) // comes to the front
	if top, _ := s.Top(); top != a || len(s.All()) != 2 {
		t.Error("pushing again does not bring to the front")
	}
	s.Update("hello")
	if a.heard != 1 || b.heard != 1 {
		t.Errorf("heard %d and %d times", a.heard, b.heard)
	}
	s.Remove(a)
	s.Remove(a)
	s.Remove(b)
	if _, ok := s.Top(); ok || s.View("x", nil) != "x" {
		t.Error("something is left")
	}
}

func TestPlaces(t *testing.T) {
	for place, want := range map[ui.Place]int{ui.Center: 9, ui.Bottom: 17, ui.Top: 2} {
		s := New()
		s.Push(&plate{letter: "x", want: [2]int{200, 2}, place: place})
		s.Resize(40, 20)
		for i, l := range cell.Lines(cell.Strip(s.View(base(40, 20), nil))) {
			if has := strings.Contains(l, "x"); has != (i == want || i == want+1) {
				t.Errorf("place %d, line %d: %q", place, i, l)
			}
		}
	}
}

// Whatever lies on it, a picture keeps the size of the screen, and wide
// characters that a box cuts leave blanks.
func TestTheScreenKeepsItsSize(t *testing.T) {
	th, _ := theme.Named("dark", nil)
	for _, size := range [][2]int{{120, 36}, {40, 10}, {9, 4}, {3, 2}} {
		line := cell.Fit(th.Paint(theme.Folder, strings.Repeat("日本語 ", 30)), size[0])
		screen := strings.TrimSuffix(strings.Repeat(line+"\n", size[1]), "\n")
		for w := 1; w < 30; w++ {
			s := New()
			s.Push(&plate{letter: "語", want: [2]int{w / 2, 5}})
			s.Push(&plate{letter: "x", want: [2]int{w, 40}, place: ui.Bottom})
			s.Push(&plate{letter: "y", want: [2]int{w, 3}, place: ui.Top})
			s.Resize(size[0], size[1])
			got := cell.Lines(s.View(screen, nil))
			if len(got) != size[1] {
				t.Fatalf("%v: %d lines", size, len(got))
			}
			for _, l := range got {
				if cell.Width(l) != size[0] {
					t.Fatalf("%v, box of %d: %q takes %d", size, w, cell.Strip(l), cell.Width(l))
				}
			}
		}
	}
}

func BenchmarkView(b *testing.B) {
	th, _ := theme.Named("dark", nil)
	line := strings.Repeat(th.Paint(theme.Folder, "some/")+" "+th.Paint(theme.Faint, "12.4 MB  "), 8)
	screen := cell.Block(strings.Repeat(line+"\n", 36), 120, 36)
	s := New()
	s.Push(&plate{letter: "x", want: [2]int{72, 24}})
	s.Resize(120, 36)
	b.ReportAllocs()
	for b.Loop() {
		s.View(screen, nil)
	}
}
