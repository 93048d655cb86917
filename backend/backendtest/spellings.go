package backendtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// spellingCases: two paths are the same when their comparison forms are
// (PROTOCOL.md 14), and what is made keeps the spelling in which it was made.
var spellingCases = func() (out []testCase) {
	for _, x := range []struct {
		name, made, asked string
		same              bool
	}{
		{"itself", "plain", "plain", true},
		{"case", "Report", "rEPORT", true},
		{"case beyond ASCII", "ÉCLAIR", "éclair", true},
		{"accents", "résumé", "resume", true},
		{"no accents", "resume", "résumé", true},
		{"composed and decomposed", "caf\u00e9", "cafe\u0301", true},
		{"decomposed and composed", "cafe\u0301", "caf\u00e9", true},
		{"stroke", "łódź", "lodz", true},
		{"ß as ss", "Straße", "strasse", true},
		{"æ as ae", "Ærø", "aero", true},
		{"ligature", "o\ufb03ce", "office", true},
		{"full width", "ＡＢＣ", "abc", true},
		{"superscript", "m²", "m2", true},
		{"roman numeral", "part Ⅳ", "part iv", true},
		{"Kelvin sign", "300K", "300k", true},
		{"Greek case", "ΑΒΓ", "αβγ", true},
		{"Cyrillic case", "ПРИВЕТ", "привет", true},
		{"trailing space asked for", "tail", "tail ", true},
		{"trailing tab asked for", "tab", "tab\t", true},
		{"backslash as a slash", "back/slash", `back\slash`, true},
		{"doubled slashes", "dou/ble", "dou//ble", true},
		{"slash before", "lead", "/lead", true},
		{"slash behind", "trail", "trail/", true},
		{"a dot on the way", "dot/x", "dot/./x", true},
		{"two dots that do not climb", "two/x", "two/../x", true},
		{"a zero byte", "zero", "ze\x00ro", true},

		{"another name", "one", "another", false},
		{"longer", "name", "name2", false},
		{"leading space", "lead space", " lead space", false},
		{"inner spaces", "in ner", "in  ner", false},
		{"dash and underscore", "a-b", "a_b", false},
		{"thorn is no th", "þing", "thing", false},
		{"eng is no n", "ŋa", "na", false},
		{"plus and space", "a+b", "a b", false},
		{"percent sign", "a%20b", "a b", false},
		{"three dots are a name", "...", "dots", false},
		{"a dot at the end", "end.", "end", false},
		{"Greek and Latin look alike", "Α", "A", false},
	} {
		out = append(out, testCase{name: "spelling: " + x.name, run: func(t *testing.T, s *suite) {
			ctx, d := t.Context(), s.dir(t, "spell-"+fmt.Sprintf("%x", x.name))
			if _, err := s.c.Mkdir(ctx, d+"/"+x.made, true); err != nil {
				t.Fatal(err)
			}
			// The vendor's Python client escapes slashes too.
			for _, path := range []string{url.PathEscape(d + "/" + x.asked), escape(d) + "/" + strings.ReplaceAll(url.PathEscape(x.asked), "%2F", "/")} {
				w := s.send(t, "GET", "/file_actions/metadata/"+path, nil)
				if !x.same {
					w.refused("not-found")
					continue
				}
				if got := w.ok(200).object(); got["path"] != d+"/"+x.made || got["display_name"] != x.made[strings.LastIndexByte(x.made, '/')+1:] {
					t.Errorf("%s finds %v, called %v", path, got["path"], got["display_name"])
				}
			}
			if x.same {
				s.send(t, "POST", "/folders/"+url.PathEscape(d+"/"+strings.TrimRight(x.asked, " \t")), params{}).refused("processing-failure/destination-exists")
			}
		}})
	}
	for _, name := range awkward {
		out = append(out, testCase{name: fmt.Sprintf("name %q", short(name)), run: func(t *testing.T, s *suite) { roundTripOf(t, s, name) }})
	}
	return out
}()

func short(s string) string {
	if len(s) > 20 {
		return s[:20] + "…"
	}
	return s
}

// awkward are names that break clients and servers which quote too little, too
// much or twice.
var awkward = []string{
	"with space.txt", " leading.txt", "two  spaces.txt", "100%.txt", "%41.txt", "%2F.txt", "%252F.txt", "a+b.txt", "a%20b.txt",
	"hash#tag.txt", "what?.txt", "q?x=1&y=2", "semi;colon.txt", "com,ma.txt", `quo"te.txt`, "apo'strophe.txt", "[brackets].txt", "{braces}.txt",
	"at@home.txt", "dollar$.txt", "colon:.txt", "star*.txt", "pipe|.txt", "<angle>.txt", "back`tick.txt", "tilde~.txt", ".hidden", "..two dots",
	"...", "ends with dot.", "no-extension", "Ünïcödé.txt", "e\u0301 decomposed.txt", "日本語.txt", "العربية.txt", "🚀 family 👩‍👩‍👧.txt", "null", "-rf",
	"CON", strings.Repeat("n", 251) + ".txt", strings.Repeat("日", 80),
}

// roundTripOf takes a name through everything that can be done with a file.
func roundTripOf(t *testing.T, s *suite, name string) {
	ctx, d := t.Context(), s.dir(t, fmt.Sprintf("name-%.40x", name))
	s.put(t, d+"/"+name, []byte(name), time.Time{})
	if got := s.names(t, d, backend.FolderQuery{}); !slices.Equal(got, []string{name}) {
		t.Errorf("the folder lists %q", got)
	}
	e, err := s.c.Find(ctx, d+"/"+name)
	if err != nil || e.Path != d+"/"+name || e.Name != name {
		t.Errorf("found %q called %q, %v", e.Path, e.Name, err)
	}
	if got := string(s.get(t, d+"/"+name, 0, -1)); got != name {
		t.Errorf("content %q", got)
	}
	if _, err := s.c.Mkdir(ctx, d+"/in", false); err != nil {
		t.Fatal(err)
	}
	m, err := s.c.Move(ctx, d+"/"+name, d+"/in/"+name, false)
	s.wait(t, m, err)
	if got := s.names(t, d+"/in", backend.FolderQuery{}); !slices.Equal(got, []string{name}) {
		t.Errorf("moved, the folder lists %q", got)
	}
	if err := s.c.Delete(ctx, d+"/in/"+name, false); err != nil {
		t.Error(err)
	}
	if got := s.names(t, d+"/in", backend.FolderQuery{}); len(got) > 0 {
		t.Errorf("left over: %q", got)
	}
}
