package pathutil

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLocalName(t *testing.T) {
	for _, c := range []struct{ goos, name, want string }{
		{"linux", "plain.txt", "plain.txt"},
		{"linux", `a:b\c?"<>|*.txt`, `a:b\c?"<>|*.txt`},
		{"linux", "a/b", "a／b"},
		{"linux", "a\x00b", "a␀b"},
		{"linux", "a\nb", "a\nb"},
		{"linux", "", "_"},
		{"linux", ".", "．"},
		{"linux", "..", "．．"},
		{"linux", "...", "..."},
		{"linux", "CON", "CON"},
		{"linux", "a\xff", "a\xff"},
		{"darwin", "a:b", "a:b"},
		{"darwin", "a\xff", "a\ufffd"},
		{"windows", "plain.txt", "plain.txt"},
		{"windows", `a:b\c?"<>|*.txt`, `a：b＼c？＂＜＞｜＊.txt`},
		{"windows", "tab\there", "tab␉here"},
		{"windows", "end.", "end．"},
		{"windows", "end..", "end.．"},
		{"windows", "end ", "end\u3000"},
		{"windows", "CON", "ＣON"},
		{"windows", "con.txt", "ｃon.txt"},
		{"windows", "nul .tar.gz", "ｎul .tar.gz"},
		{"windows", "Com7", "Ｃom7"},
		{"windows", "LPT²", "ＬPT²"},
		{"windows", "conin$", "ｃonin$"},
		{"windows", "COM", "COM"},
		{"windows", "COM10", "COM10"},
		{"windows", "CONSOLE", "CONSOLE"},
		{"windows", "aux:", "aux："},
		{"windows", "AUX.", "AUX．"},
		{"windows", "..", "．．"},
	} {
		got, mapped := LocalName(c.name, c.goos)
		if got != c.want || mapped != (c.want != c.name) {
			t.Errorf("%s: LocalName(%q) = %q, %v, want %q", c.goos, c.name, got, mapped, c.want)
		}
	}
}

func TestLocalNameTooLong(t *testing.T) {
	long := strings.Repeat("ä", 200)
	a, _ := LocalName(long+"1.pdf", "linux")
	b, _ := LocalName(long+"2.pdf", "linux")
	if len(a) > 255 || len(a) < 250 || !strings.HasSuffix(a, ".pdf") || !utf8.ValidString(a) {
		t.Errorf("cut to %q, %d bytes", a, len(a))
	}
	if a == b {
		t.Errorf("two long names became the same one, %q", a)
	}
	if _, mapped := LocalName(long+".pdf", "windows"); mapped {
		t.Error("204 UTF-16 units fit on Windows")
	}
	if w, mapped := LocalName(strings.Repeat("😀", 128), "windows"); !mapped || nameLen(w, "windows") > 255 {
		t.Errorf("256 UTF-16 units became %q", w)
	}
}

func FuzzLocalName(f *testing.F) {
	f.Add("a/b", 0)
	f.Add("CON .x. ", 1)
	f.Add("\xff:\x00", 2)
	f.Add(strings.Repeat("x", 300)+". ", 1)
	f.Add(".."+strings.Repeat("\xf0", 300), 0)
	f.Fuzz(func(t *testing.T, name string, system int) {
		goos := []string{"linux", "windows", "darwin"}[uint(system)%3]
		got, mapped := LocalName(name, goos)
		if mapped != (got != name) {
			t.Errorf("mapped is %v for %q, %q", mapped, name, got)
		}
		if again, _ := LocalName(got, goos); again != got {
			t.Errorf("%s: %q becomes %q, then %q", goos, name, got, again)
		}
		if got == "" || got == "." || got == ".." || strings.ContainsAny(got, "/\x00") || nameLen(got, goos) > maxLocalName {
			t.Errorf("%s: %q becomes %q", goos, name, got)
		}
		if goos == "windows" {
			if strings.ContainsAny(got, `<>:"/\|?*`) || strings.HasSuffix(got, ".") || strings.HasSuffix(got, " ") || reserved(got) {
				t.Errorf("windows cannot hold %q, from %q", got, name)
			}
		}
		plain := utf8.ValidString(name) && Normalize(name) == name && Depth(name) == 1 && nameLen(got, goos) < 240
		if plain && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) && !IsSame(name, got) {
			t.Errorf("%s: %q and %q are not the same to the site", goos, name, got)
		}
	})
}

func TestDisplayHome(t *testing.T) {
	for path, want := range map[string]string{
		"/home/ops": "~", "/home/ops/a\x1b": "~/a" + Display("\x1b"), "/home/opsx": "/home/opsx", "/srv": "/srv",
	} {
		if got := DisplayHome(path, "/home/ops"); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
	if got := DisplayHome("/a", ""); got != "/a" {
		t.Errorf("without a home: %q", got)
	}
}
