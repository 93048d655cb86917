package cell

import (
	"strings"
	"testing"
)

func TestHang(t *testing.T) {
	long := strings.Repeat("x", 40)
	for _, c := range []struct{ in, want string }{
		{"short\n", "short\n"},
		{"", ""},
		{
			"ferry: there is no command of that name here\n  ferry --help tells how it is called.\n",
			"ferry: there is no command of\n    that name here\n  ferry --help tells how it is\n      called.\n",
		},
		{"exactly thirty cells, no more.\n", "exactly thirty cells, no more.\n"},
		{"two  blanks  stay  two  between  words", "two  blanks  stay  two\n    between  words"},
		{"in " + long + " whole", "in\n    " + long + "\n    whole"},
		{"  " + long, "  " + long},
		{"漢字漢字 漢字漢字 漢字漢字 漢字漢字", "漢字漢字 漢字漢字 漢字漢字\n    漢字漢字"},
		{"twenty-nine cells, and blanks  \n", "twenty-nine cells, and blanks  \n"},
	} {
		if got := Hang(c.in, 30, 4); got != c.want {
			t.Errorf("Hang(%q) =\n%q, want\n%q", c.in, got, c.want)
		}
	}
	if s := "in a room of that kind nothing is broken"; Hang(s, 20, 4) != s || Hang(s, 0, 4) != s {
		t.Error("a narrow room, or none, is not left alone")
	}
}
