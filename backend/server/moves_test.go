package server

import (
	"net/url"
	"slices"
	"testing"
	"time"
)

func (x *site) act(kind, from, to string, extra ...string) *answer {
	x.t.Helper()
	body := map[string]any{"destination": to}
	for _, e := range extra {
		body[e] = true
	}
	return x.do("POST", "/file_actions/"+kind+"/"+url.PathEscape(from), body)
}

func (x *site) content(path string) string {
	x.t.Helper()
	a := x.fetch(url.PathEscape(path)).want(200)
	return string(a.body)
}

func TestMove(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("a/one.txt", "one").want(201)
	x.upload("a/two.txt", "two").want(201)
	x.mkdir("b")
	done := x.act("move", "a/one.txt", "b/eins.txt").want(201)
	if string(done.body) != `{"status":"completed"}` {
		t.Errorf("%s", done.body)
	}
	x.do("GET", "/file_actions/metadata/a/one.txt", nil).refused(404, "not-found")
	if got := x.content("b/eins.txt"); got != "one" {
		t.Errorf("it has %q", got)
	}
	for _, c := range []struct {
		kind, from, to string
		status         int
		wireType       string
	}{
		{"move", "a/none", "b/none", 404, "not-found"},
		{"copy", "a/none", "b/none", 404, "not-found"},
		{"move", "a/two.txt", "b/eins.txt", 422, "processing-failure/destination-exists"},
		{"copy", "a/two.txt", "b/EINS.txt", 422, "processing-failure/destination-exists"},
		{"move", "a/two.txt", "c/two.txt", 409, "processing-failure/destination-parent-does-not-exist"},
		{"copy", "a", "c/d/e", 409, "processing-failure/destination-parent-does-not-exist"},
		{"move", "a/two.txt", "b/eins.txt/two.txt", 422, "processing-failure/destination-parent-conflict"},
		{"move", "a/two.txt", "a/two.txt", 400, "bad-request/destination-same"},
		{"copy", "a/two.txt", "A/TWO.txt", 400, "bad-request/destination-same"},
		{"move", "a", "a/inside", 422, "processing-failure/destination-parent-conflict"},
		{"copy", "a", "a/inside", 422, "processing-failure/destination-parent-conflict"},
		{"move", "a", "", 400, "bad-request/request-params-required"},
	} {
		x.act(c.kind, c.from, c.to).refused(c.status, c.wireType)
	}
	x.act("move", "a/two.txt", "b/eins.txt", "overwrite").want(201)
	if got := x.content("b/eins.txt"); got != "two" {
		t.Errorf("what was replaced has %q", got)
	}
	x.act("move", "b", "B").want(201) // a change of case alone
	if got := x.do("GET", "/folders/", nil).paths(); !slices.Equal(got, []string{"a", "B"}) {
		t.Errorf("the root has %v", got)
	}
	x.act("move", "B", "a/moved").want(201)
	if got := x.do("GET", "/folders/a/moved", nil).paths(); !slices.Equal(got, []string{"a/moved/eins.txt"}) {
		t.Errorf("the folder has %v", got)
	}
	x.do("GET", "/folders/b", nil).refused(404, "not-found")
}

func TestCopy(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("src/one.txt", "one").want(201)
	x.upload("src/sub/two.txt", "two").want(201)
	x.act("copy", "src", "dst").want(201)
	x.act("copy", "src", "shape", "structure").want(201)
	x.upload("src/one.txt", "changed").want(200)
	x.do("DELETE", "/files/src/sub?recursive=true", nil).want(204)
	if got := x.content("dst/one.txt") + x.content("dst/sub/two.txt"); got != "onetwo" {
		t.Errorf("the copies have %q", got)
	}
	if got := x.do("GET", "/folders/shape?recursive=true", nil).paths(); !slices.Equal(got, []string{"shape/sub"}) {
		t.Errorf("the structure is %v", got)
	}
	x.act("copy", "src", "dst").refused(422, "processing-failure/destination-exists")
	x.act("copy", "src", "dst", "overwrite").want(201)
	if got := x.content("dst/one.txt") + x.content("dst/sub/two.txt"); got != "changedtwo" {
		t.Errorf("after the second copy they have %q", got)
	}
}

// TestMoveOfGenerated: what the world generates moves, copies and goes like
// everything else.
func TestMoveOfGenerated(t *testing.T) {
	x := openSite(t, Options{World: "small"})
	var file, folder string
	for _, o := range x.do("GET", "/folders/?recursive=true&per_page=10000", nil).want(200).list() {
		p, _ := o["path"].(string)
		if n, _ := o["size"].(float64); o["type"] == "file" && n > 0 && n < 1<<16 && file == "" {
			file, folder = p, dirOf(p)
		}
	}
	if folder == "" {
		t.Fatal("the world has no small file in a folder")
	}
	before := x.content(file)
	inside := x.do("GET", "/folders/"+url.PathEscape(folder), nil).paths()
	x.mkdir("target")
	x.act("move", folder, "target/moved").want(201)
	x.do("GET", "/folders/"+url.PathEscape(folder), nil).refused(404, "not-found")
	if got := x.content("target/moved/" + baseOf(file)); got != before {
		t.Errorf("%s has changed by the move", file)
	}
	if got := x.do("GET", "/folders/target/moved", nil).paths(); len(got) != len(inside) {
		t.Errorf("%d entries became %d", len(inside), len(got))
	}
	x.act("copy", "target/moved", "target/again").want(201)
	x.do("DELETE", "/files/target/moved?recursive=true", nil).want(204)
	if got := x.content("target/again/" + baseOf(file)); got != before {
		t.Errorf("%s has changed by the copy", file)
	}
}

// bigFolder is a folder of the demo in which there is much.
func (x *site) bigFolder() (big string) {
	x.t.Helper()
	for _, p := range x.do("GET", "/folders/?type=folder", nil).paths() {
		err := x.s.tree.look(func(q querier) error {
			n, err := x.s.tree.find(x.t.Context(), q, p)
			if err != nil {
				return err
			}
			size, err := x.s.tree.count(x.t.Context(), q, n)
			if size.files > 10_000 {
				big = p
			}
			return err
		})
		if err != nil {
			x.t.Fatal(err)
		}
	}
	if big == "" {
		x.t.Fatal("there is no big folder")
	}
	return big
}

// stepped lets migrations go on a step with everything that is sent, and all the
// way when it is closed.
func (x *site) stepped() chan<- time.Time {
	step := make(chan time.Time)
	x.s.migrations.tick = step
	return step
}

func TestMigration(t *testing.T) {
	x := openSite(t, Options{World: "demo"})
	step := x.stepped()
	big := x.bigFolder()
	o := x.act("copy", big, "Copied").want(201).object()
	if o["status"] != "pending" {
		t.Fatalf("a large copy answers %v", o)
	}
	id := "/file_migrations/" + text(o["file_migration_id"])
	last := 0.0
	look := func() (status any, moved float64) {
		m := x.do("GET", id, nil).want(200).object()
		moved, _ = m["files_moved"].(float64)
		if moved < last {
			t.Fatalf("the progress goes from %v to %v", last, moved)
		}
		if m["path"] != big || m["dest_path"] != "Copied" || m["operation"] != "copy" {
			t.Fatalf("%v", m)
		}
		return m["status"], moved
	}
	if status, moved := look(); status != "pending" || moved != 0 {
		t.Errorf("before the first step it is %v with %v", status, moved)
	}
	for range 3 {
		step <- time.Time{}
		until(t, "progress", func() bool { _, moved := look(); return moved > last })
		status, moved := look()
		if status != "in_progress" {
			t.Errorf("with %v it is %v", moved, status)
		}
		last = moved
	}
	close(step)
	until(t, "the end of the migration", func() bool {
		status, moved := look()
		last = moved
		return status == "completed" || status == "failed"
	})
	if status, _ := look(); status != "completed" {
		t.Errorf("it is %v", status)
	}
	m := x.do("GET", id, nil).object()
	if m["files_moved"] != m["files_total"] || last < 200 {
		t.Errorf("at the end %v of %v", m["files_moved"], m["files_total"])
	}
	x.do("GET", "/folders/Copied", nil).want(200)
	if logs := x.do("GET", "/file_migration_logs?per_page=5", nil).want(200).list(); len(logs) != 5 || logs[0]["status"] != "success" {
		t.Errorf("the log is %v", logs)
	}
	x.do("GET", "/file_migrations/999999", nil).refused(404, "not-found")
	x.as("operator").do("GET", id, nil).refused(404, "not-found")
}

func TestMigrationFails(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	for i := range 15 {
		for j := range 15 {
			x.mkdir("big/" + string(rune('a'+i)) + "/" + string(rune('a'+j)))
		}
	}
	step := x.stepped()
	o := x.act("move", "big", "target").want(201).object()
	x.mkdir("target") // somebody was faster
	close(step)
	id := "/file_migrations/" + text(o["file_migration_id"])
	var m map[string]any
	until(t, "the end of the migration", func() bool {
		m = x.do("GET", id, nil).want(200).object()
		return m["status"] == "completed" || m["status"] == "failed"
	})
	if m["status"] != "failed" || m["failure_message"] != "The destination exists." {
		t.Errorf("%v", m)
	}
	x.do("GET", "/folders/big/a/a", nil).want(200)
}

// TestMigrationSurvives: a site that is closed goes on with it when it is
// opened again.
func TestMigrationSurvives(t *testing.T) {
	dir := t.TempDir()
	x := openSite(t, Options{World: "demo", DataDir: dir})
	x.stepped() // never
	big := x.bigFolder()
	o := x.act("copy", big, "Copied").want(201).object()
	if err := x.s.Close(); err != nil {
		t.Fatal(err)
	}
	y := openSite(t, Options{World: "demo", DataDir: dir})
	until(t, "the copy", func() bool { return y.do("GET", "/folders/Copied?per_page=1", nil).status == 200 })
	until(t, "the end of the migration", func() bool {
		m := y.do("GET", "/file_migrations/"+text(o["file_migration_id"]), nil).want(200).object()
		if m["status"] == "failed" {
			t.Fatalf("%v", m)
		}
		return m["status"] == "completed"
	})
}
