package transfer

import (
	"fmt"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// unixNames are what most disks hold.
var unixNames = backend.DiskNames{System: "linux"}

// nodes makes a side from lines "name size minute [sum]"; a name that ends in a
// slash is a folder, "name@" a link, "name/ holds" a folder with something left
// out.
func nodes(t *testing.T, lines ...string) []node {
	t.Helper()
	var out []node
	for _, l := range lines {
		f := strings.Split(l, "|")
		n := node{rel: strings.TrimRight(f[0], "/@"), entry: backend.Entry{Size: -1}}
		n.entry.Name = path.Base(n.rel)
		n.link = strings.HasSuffix(f[0], "@")
		if strings.HasSuffix(f[0], "/") {
			n.entry.Kind = backend.Folder
			n.holds = len(f) > 1
			out = append(out, n)
			continue
		}
		minute := 0
		if len(f) > 1 {
			if _, err := fmt.Sscan(f[1], &n.entry.Size); err != nil {
				t.Fatal(err)
			}
		}
		if len(f) > 2 {
			if _, err := fmt.Sscan(f[2], &minute); err != nil {
				t.Fatal(err)
			}
			n.entry.Modified = stampTime.Add(time.Duration(minute)*time.Minute + 300*time.Millisecond)
		}
		if len(f) > 3 {
			n.entry.Checksums.MD5 = f[3]
		}
		out = append(out, n)
	}
	return out
}

func planLines(items []backend.PlanItem) string {
	var b strings.Builder
	for _, i := range items {
		tick := " "
		if i.On {
			tick = "x"
		}
		fmt.Fprintf(&b, "%s %s %s %q", tick, i.Kind, i.Action, i.Name)
		if i.Target != "" && i.Target != i.Name {
			fmt.Fprintf(&b, " to %q", i.Target)
		}
		if i.Reason != "" {
			fmt.Fprintf(&b, ": %s", i.Reason)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name          string
		req           backend.SyncRequest
		local, remote []string
		want          string
	}{
		{
			"one way",
			backend.SyncRequest{Mode: backend.SyncPush},
			[]string{"a|1|0", "b|2|5", "c|3|0", "sub/", "sub/new|4|0", "hollow/", "old|5|0"},
			[]string{"a|1|0", "b|2|0", "c|9|0", "extra|7|0", "old|5|3"},
			`  same  "a"
x changed upload "b": the times differ, newer on this machine
x changed upload "c": the sizes differ
  extra  "extra": only on the site
x new upload "hollow": only on this machine
x changed upload "old": the times differ, newer on the site
x new upload "sub/new": only on this machine
`,
		},
		{
			"the other way",
			backend.SyncRequest{Mode: backend.SyncPull},
			[]string{"a|1|0", "mine|1|0"},
			[]string{"a|2|0", "x/", "x/y|3|0"},
			`x changed download "a": the sizes differ
  extra  "mine": only on this machine
x new download "x/y": only on the site
`,
		},
		{
			"a name that ends in a blank cannot go to the site",
			backend.SyncRequest{Mode: backend.SyncPush},
			[]string{"a |1|0", "b /", "b /c|1|0", "ok|1|0"},
			nil,
			`  conflict  "a ": the site cannot hold this name: it refuses a blank at the end
  conflict  "b ": the site cannot hold this name: it refuses a blank at the end
x new upload "ok": only on this machine
`,
		},
		{
			"nor can one that is no text",
			backend.SyncRequest{Mode: backend.SyncPush},
			[]string{"\xff|1|0"},
			nil,
			`  conflict  "\xff": the site cannot hold this name: it is not UTF-8
`,
		},
		{
			"and stays one that only this machine has",
			backend.SyncRequest{Mode: backend.SyncPull},
			[]string{"a |1|0"},
			nil,
			`  extra  "a ": only on this machine
`,
		},
		{
			"both ways: the newer side wins",
			backend.SyncRequest{Mode: backend.SyncBoth},
			[]string{"l|1|0", "up|2|9", "down|2|0", "odd|2|0", "nt|1"},
			[]string{"r|1|0", "up|2|0", "down|2|9", "odd|3|0", "nt|2"},
			`x changed download "down": the times differ, newer on the site
x new upload "l": only on this machine
  conflict  "nt": the sizes differ, neither is newer
  conflict  "odd": the sizes differ, neither is newer
x new download "r": only on the site
x changed upload "up": the times differ, newer on this machine
`,
		},
		{
			"a mirror deletes what only the target has",
			backend.SyncRequest{Mode: backend.SyncPush, Mirror: true},
			[]string{"a|1|0"},
			[]string{"a|1|0", "x/", "x/y/", "x/y/z|3|0", "keep/|holds", "keep/w|1|0"},
			`  same  "a"
  extra  "keep": only on the site; kept for what is left out in it
x extra delete-remote "keep/w": only on the site
x extra delete-remote "x": only on the site
x extra delete-remote "x/y": only on the site
x extra delete-remote "x/y/z": only on the site
`,
		},
		{
			"a mirror of the site",
			backend.SyncRequest{Mode: backend.SyncPull, Mirror: true},
			[]string{"x/", "x/y|1|0", "s/", "s/link@"},
			[]string{"a|1|0"},
			`x new download "a": only on the site
  extra  "s": only on this machine; kept for what is left out in it
x extra delete-local "x": only on this machine
x extra delete-local "x/y": only on this machine
`,
		},
		{
			"the site decides what is the same name",
			backend.SyncRequest{Mode: backend.SyncPull},
			[]string{"Docs/", "Docs/R\u00e9sum\u00e9.txt|1|0"},
			[]string{"docs/", "docs/RESUME.TXT|1|0", "docs/new|2|0"},
			`x new download "docs/new" to "Docs/new": only on the site
  same  "Docs/Résumé.txt": spelled RESUME.TXT on the site
`,
		},
		{
			"names that meet",
			backend.SyncRequest{Mode: backend.SyncPush, Mirror: true},
			[]string{"A/", "A/one|1|0", "a/", "a/two|1|0", `back\slash|1|0`},
			[]string{"a/", "a/three|1|0"},
			`  conflict  "A": several names on this machine are one name on the site: A, a
  conflict  "back\\slash": the site cannot hold this name: it takes a backslash for a slash
`,
		},
		{
			"a file where a folder is",
			backend.SyncRequest{Mode: backend.SyncPush, Mirror: true},
			[]string{"a|1|0", "l@"},
			[]string{"a/", "a/b|1|0", "l|1|0"},
			`  conflict  "a": a file on one side, a folder on the other
  conflict  "l": a symbolic link stands here on this machine
`,
		},
		{
			"by hash",
			backend.SyncRequest{Mode: backend.SyncPush, By: backend.ByHash},
			[]string{"same|1|0|aa", "differs|1|0|aa", "none|1|0", "none2|1|0"},
			[]string{"same|1|7|aa", "differs|1|0|bb", "none|1|0", "none2|1|3"},
			`x changed upload "differs": the contents differ (MD5)
  same  "none": by size and time, no checksum on the site
x changed upload "none2": the times differ, newer on the site, no checksum on the site
  same  "same"
`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := planLines(compare(c.req, unixNames, nodes(t, c.local...), nodes(t, c.remote...)))
			if got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// The order of the listings changes nothing.
func TestCompareDoesNotDependOnOrder(t *testing.T) {
	lines := []string{"x/", "x/y/", "x/y/z|3|0", "x y|1|0", "keep/|holds", "keep/w|1|0"}
	req := backend.SyncRequest{Mode: backend.SyncPull, Mirror: true}
	want := planLines(compare(req, unixNames, nodes(t, lines...), nil))
	for i := range lines {
		turned := append(append([]string{}, lines[i:]...), lines[:i]...)
		if got := planLines(compare(req, unixNames, nodes(t, turned...), nil)); got != want {
			t.Fatalf("got\n%swant\n%s", got, want)
		}
	}
}

// A conflict that was settled since the plan was made is one no more, whether it
// was decided and has lost its tick with the run, or the sides were made the same.
func TestAConflictThatIsSettledIsNone(t *testing.T) {
	remote := []string{"f|3|0"}
	for _, by := range []backend.CompareBy{backend.ByTime, backend.ByHash} {
		p := backend.Plan{Request: backend.SyncRequest{Mode: backend.SyncBoth, By: by}}
		p.Items = compare(p.Request, unixNames, nodes(t, "f|2|0"), nodes(t, remote...))
		if len(p.Items) != 1 || p.Items[0].Kind != backend.PlanConflict {
			t.Fatalf("%+v", p.Items)
		}
		decided, why := p.Items[0].Choose(backend.PlanUpload)
		if decided.On = false; why != "" {
			t.Fatal(why)
		}
		for _, c := range []struct {
			name          string
			item          backend.PlanItem
			local, remote string
			want          bool
		}{
			{"nothing was done", decided, "f|2|0", "f|3|0", false},
			{"carried out", decided, "f|2|0", "f|2|0", true},
			{"made the same by somebody else", p.Items[0], "f|3|0", "f|3|0", by == backend.ByTime},
			{"changed to a third thing", decided, "f|2|0", "f|4|0", false},
			{"of another time", decided, "f|2|0", "f|2|9", false},
			{"gone", decided, "f|2|0", "g|2|0", false},
		} {
			q := p
			q.Items = []backend.PlanItem{c.item}
			got, changes := checkPlan(q, nodes(t, c.local), nodes(t, c.remote))
			if is := got.Items[0].Kind == backend.PlanSame; is != c.want || len(changes) > 0 {
				t.Errorf("%s, by %s: %v, %v", c.name, by, is, changes)
			}
		}
	}
}

func TestAPlanThatNoLongerFitsIsRefused(t *testing.T) {
	local := []string{"new|1|0", "changed|2|5", "same|1|0"}
	remote := []string{"changed|2|0", "same|1|0", "extra|4|0"}
	p := backend.Plan{Items: compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true}, unixNames, nodes(t, local...), nodes(t, remote...))}
	for _, c := range []struct {
		name          string
		local, remote []string
		on            int // ticks left; -1 is refused
	}{
		{"as it was", local, remote, 3},
		{"another file came", append([]string{"x|1|0"}, local...), remote, 3},
		{"the source grew", []string{"new|2|0", "changed|2|5"}, remote, -1},
		{"the source is gone", []string{"changed|2|5"}, remote, -1},
		{"the target changed", local, []string{"changed|3|0", "extra|4|0"}, -1},
		{"the target came", local, []string{"new|9|0", "changed|2|0", "extra|4|0"}, -1},
		{"what is to be deleted changed", local, []string{"changed|2|0", "extra|4|1"}, -1},
		{"partly done", local, []string{"new|1|0", "changed|2|0", "extra|4|0"}, 2},
		{"all done", local, []string{"new|1|0", "changed|2|5"}, 0},
	} {
		got, changes := checkPlan(p, nodes(t, c.local...), nodes(t, c.remote...))
		on := 0
		for _, i := range got.Items {
			if i.On {
				on++
			}
		}
		if (len(changes) > 0) != (c.on < 0) || len(changes) == 0 && on != c.on {
			t.Errorf("%s: %d ticks, %v", c.name, on, changes)
		}
	}
	if p.Totals().Deletions != 1 || p.Totals().Bytes != 3 || p.Totals().Uploads != 2 {
		t.Errorf("totals: %+v", p.Totals())
	}
}

func TestAPlanOfSomebodyElseIsRefused(t *testing.T) {
	item := `{"kind":"new","action":"upload","on":true,"name":"a","target":"a","local":{"name":"a","size":1}}`
	body := func(version int, local, items string) string {
		return fmt.Sprintf(`{"version":%d,"request":{"local":%q,"remote":"r"},"items":[%s]}`, version, local, items)
	}
	if _, err := decodePlan([]byte(body(1, t.TempDir(), item))); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "[]", body(2, t.TempDir(), item), body(1, "relative", item),
		body(1, t.TempDir(), strings.Replace(item, `"target":"a"`, `"target":"../a"`, 1)),
		body(1, t.TempDir(), strings.Replace(item, `{"name":"a"`, `{"name":"/etc/passwd"`, 1)),
		body(1, t.TempDir(), strings.Replace(item, `"local"`, `"remote"`, 1)),
		body(1, t.TempDir(), strings.Replace(item, "upload", "format-disk", 1)),
	} {
		if _, err := decodePlan([]byte(bad)); err == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
}

func FuzzDecodePlan(f *testing.F) {
	f.Add([]byte(`{"version":1,"request":{"local":"/x","remote":"r"},"items":[{"action":"delete-local","on":true,"local":{"name":"../a"}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := decodePlan(b)
		if err != nil {
			return
		}
		for _, i := range p.Items {
			if i.Action != backend.PlanNothing && i.Local != nil && (i.Local.Name == ".." || strings.HasPrefix(i.Local.Name, "../")) {
				t.Errorf("%q climbs out", i.Local.Name)
			}
		}
	})
}

// A plan takes the place of a plan and of nothing else.
func TestAPlanReplacesPlansOnly(t *testing.T) {
	bubble(t, func(r *rig) {
		e := r.start()
		file := r.path("p.json")
		p := backend.Plan{Version: backend.PlanVersion, Site: e.planSite(), Request: backend.SyncRequest{Local: r.dir, Mode: backend.SyncPush}}
		if err := e.SavePlan(file, p); err != nil {
			t.Fatal(err)
		}
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		with := func(old, now string) string { return strings.Replace(string(good), old, now, 1) }
		for content, taken := range map[string]bool{
			string(good):                             false,
			"":                                       false,
			with(`"version": 1`, `"version": 7`):     false,
			with(`"site": "test"`, `"site": "else"`): false,
			with(`"items": null`, `"items": [{`):     false,
			" ":                                      true,
			"a text":                                 true,
			"[]":                                     true,
			"{}":                                     true,
			`{"version": 1, "site": "x", "items": []}`: true,
			`{"version": "1.0", "name": "x"}`:          true,
			with(`"mode": "push"`, `"mode": ""`):       true,
		} {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			err := e.SavePlan(file, p)
			now, rerr := os.ReadFile(file)
			if rerr != nil {
				t.Fatal(rerr)
			}
			x := backend.AsError(err)
			switch {
			case !taken && (err != nil || string(now) != string(good)):
				t.Errorf("over\n%s: %v, and it is\n%s", content, err, now)
			case taken && (x == nil || x.Group != backend.Client || x.Path != file || string(now) != content):
				t.Errorf("over\n%s: %v, and it is\n%s", content, err, now)
			}
		}
		if x := backend.AsError(e.PlanPlace(r.dir)); x == nil || x.Group != backend.Client {
			t.Errorf("a folder: %v", x)
		}
		if x := backend.AsError(e.PlanPlace(r.path("none/p.json"))); x == nil || x.Group != backend.LocalDisk {
			t.Errorf("in a folder that is not there: %v", x)
		}
	})
}

// A plan that cannot be run says what is wrong, where, and what to do.
func TestAPlanThatCannotBeRunSaysWhatToDo(t *testing.T) {
	bubble(t, func(r *rig) {
		e := r.start()
		file := r.path("p.json")
		if err := e.SavePlan(file, backend.Plan{Version: backend.PlanVersion, Site: e.planSite(), Request: backend.SyncRequest{Local: r.dir, Mode: backend.SyncPush}}); err != nil {
			t.Fatal(err)
		}
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		with := func(old, now string) string { return strings.Replace(string(good), old, now, 1) }
		for content, want := range map[string]string{
			string(good):                             "",
			"":                                       "The plan is empty. Compare again",
			"{\n \"version\": 1,\n x":                "The plan is no JSON: invalid character 'x' looking for beginning of object key string, in line 3, column 2. Correct it there",
			"{\n \"version\": 1,\n":                  "The plan breaks off in line 3, column 1. If it is a copy",
			with(`"version": 1`, `"version": "one"`): "version is of kind string and has to be a whole number, in line 2, column",
			with(`"items": null`, `"items": {}`):     "items is of kind object and has to be a list, in line",
			`{"a": 1}`:                               "The file is JSON, but no plan of a sync. Name a file",
			with(`"version": 1`, `"version": 7`):     "The plan has version 7, and this Ferry knows 1. Run it with",
			with(`"site": "test"`, `"site": "else"`): "The plan was made for another site or login: else. Run it with the login",
			with(`"local": "`, `"local": ".`):        "does not name its two folders whole",
			with(`"items": null`, `"items": [{"name":"../x","on":true,"action":"upload","target":"../x","local":{"name":"x","size":1}}]`): `The line of "../x" cannot be run: "../x" lies outside of the folder. Take that line out`,
		} {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := e.LoadPlan(file)
			if want == "" && err == nil {
				continue
			}
			if x := backend.AsError(err); x == nil || !strings.Contains(x.Message, want) || x.Path != file || x.Group != backend.Client {
				t.Errorf("of\n%s: %v", content, err)
			}
		}
	})
}
