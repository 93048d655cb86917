package server

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// confined opens a site with a user whose root is "Vault/Own" and who
// administers it, besides much that lies elsewhere.
func confined(t *testing.T) (x, u *site, id any) {
	x = openSite(t, Options{World: "empty"})
	for _, path := range []string{"Vault/Own/docs/a.txt", "Vault/Own/docs/b.txt", "Vault/Own/c.zip", "Vault/Sibling/hidden.txt", "Away/far.txt"} {
		x.upload(path, "text of "+path).want(201)
	}
	id = x.do("POST", "/users", map[string]any{
		"username": "inner", "password": "ferry-inner", "filesystem_layout": "user_root", "user_root": "/Vault/Own/",
	}).want(201).object()["id"]
	for _, path := range []string{"Vault/Own", "Away"} {
		x.do("POST", "/permissions", map[string]any{"user_id": id, "permission": "admin", "path": path}).want(201)
	}
	return x, x.as("inner"), id
}

// blind fails when an answer tells of anything outside the root, or where the
// root lies: in its body, its headers, or a cursor.
func (a *answer) blind() *answer {
	a.t.Helper()
	text := string(a.body)
	for name, values := range a.header {
		text += "\n" + name + ": " + strings.Join(values, " ")
	}
	for _, c := range a.header["X-Files-Cursor"] {
		b, err := base64.RawStdEncoding.DecodeString(c[strings.LastIndexByte(c, ':')+1:])
		if err != nil {
			a.t.Errorf("%s: cursor %q: %v", a.what, c, err)
		}
		text += "\ncursor: " + string(b)
	}
	for _, word := range []string{"vault", "away", "sibling", "hidden"} {
		if strings.Contains(strings.ToLower(text), word) {
			a.t.Errorf("%s tells of %q:\n%s", a.what, word, text)
		}
	}
	return a
}

// TestConfinedFiles: a user of the layout user_root has the whole of files and
// folders below his root, told from there, and nothing else.
func TestConfinedFiles(t *testing.T) {
	_, u, _ := confined(t)
	if got := u.do("GET", "/folders/?recursive=true", nil).blind().paths(); !slices.Equal(got, []string{"docs", "docs/a.txt", "docs/b.txt", "c.zip"}) {
		t.Errorf("the root shows %v", got)
	}
	first := u.do("GET", "/folders/docs?per_page=1", nil).blind()
	next := url.QueryEscape(first.header.Get("X-Files-Cursor"))
	if got := u.do("GET", "/folders/docs?per_page=1&cursor="+next, nil).want(200).blind().paths(); !slices.Equal(got, []string{"docs/b.txt"}) {
		t.Errorf("the second page is %v", got)
	}
	if got := u.do("GET", "/folders/?search=txt&search_all=true", nil).want(200).blind().paths(); len(got) != 2 {
		t.Errorf("the search finds %v", got)
	}
	u.do("GET", "/folders/docs?search=txt&search_all=true", nil).refused(400, "bad-request/search-all-on-child-path")
	u.do("GET", "/folders/../Vault", nil).blind404(t)
	down := u.do("GET", "/files/docs/a.txt", nil).want(200).blind().object()
	if got := u.send("GET", text(down["download_uri"]), nil); string(got.body) != "text of Vault/Own/docs/a.txt" {
		t.Errorf("the download is %q", got.body)
	}

	renamed := u.do("POST", "/file_actions/begin_upload/docs/a.txt", map[string]any{"with_rename": true}).want(200).blind()
	if path := renamed.list()[0]["path"]; path != "docs/a (2).txt" {
		t.Errorf("the upload goes to %v", path)
	}
	if got := u.upload("docs/new.txt", "new").want(201).blind().object()["path"]; got != "docs/new.txt" {
		t.Errorf("the upload is %v", got)
	}
	if got := u.do("POST", "/folders/more", map[string]any{}).want(201).blind().object()["path"]; got != "more" {
		t.Errorf("the folder is %v", got)
	}
	u.act("copy", "docs/a.txt", "more/copy.txt").want(201).blind()
	u.act("move", "docs/b.txt", "more/moved.txt").want(201).blind()
	u.do("GET", "/files/more/copy.txt?action=stat", nil).want(200).blind()
	u.do("POST", "/file_actions/zip", map[string]any{"paths": []string{"more"}, "destination": "all.zip"}).want(201).blind()
	u.do("POST", "/file_actions/unzip", map[string]any{"path": "all.zip", "destination": "out"}).want(201).blind()
	u.do("GET", "/files/out/more/copy.txt?action=stat", nil).want(200).blind()
	for _, body := range []map[string]any{
		{"paths": []string{"docs/a.txt"}},
		{"paths": []string{}, "encoded_paths": []string{"docs%2Fa.txt"}},
	} {
		u.do("POST", "/zip_downloads", body).want(200).blind()
	}
	u.do("POST", "/zip_downloads", map[string]any{"paths": []string{"docs/none.txt", "docs"}}).want(422).blind()

	u.do("DELETE", "/files/docs", nil).refused(422, "processing-failure/folder-not-empty").blind()
	u.do("POST", "/folders/docs/a.txt/x", map[string]any{}).want(422).blind()
	u.do("POST", "/file_actions/begin_upload/docs/a.txt/x", map[string]any{}).want(422).blind()
	u.do("GET", "/folders/docs/a.txt", nil).want(400).blind()
	u.do("DELETE", "/files/?recursive=true", nil).refused(400, "bad-request/invalid-path")
	u.act("move", "", "more/all").refused(400, "bad-request/invalid-path")
	u.do("POST", "/file_actions/copy/docs/a.txt", map[string]any{"destination": "/", "overwrite": true}).refused(400, "bad-request/invalid-path")
	u.do("PATCH", "/files/docs/a.txt", map[string]any{"priority_color": "red"}).want(200).blind()
}

func (a *answer) blind404(t *testing.T) {
	t.Helper()
	// "Vault" below the root, where there is none; the answer names what was asked
	// for in no way.
	a.refused(404, "not-found")
	if strings.Contains(string(a.body), "hidden") {
		t.Errorf("%s", a.body)
	}
}

// TestConfinedMigration: what takes its time tells its progress and its log from
// the root as well.
func TestConfinedMigration(t *testing.T) {
	_, u, _ := confined(t)
	for i := range atOnce + 1 {
		u.do("POST", fmt.Sprintf("/folders/many/f%d", i), map[string]any{"mkdir_parents": true}).want(201)
	}
	id := u.act("copy", "many", "again").want(201).object()["file_migration_id"]
	var m map[string]any
	until(t, "the migration to end", func() bool {
		m = u.do("GET", fmt.Sprintf("/file_migrations/%v", id), nil).want(200).blind().object()
		return m["status"] == "completed"
	})
	if m["path"] != "many" || m["dest_path"] != "again" {
		t.Errorf("the migration goes from %v to %v", m["path"], m["dest_path"])
	}
	log := u.send("GET", text(m["log_url"]), nil).want(200).blind()
	if !strings.Contains(string(log.body), `"dest_path":"again/f0"`) {
		t.Errorf("the log is %s", log.body)
	}
}

// TestConfinedRecords: everything else that names a path.
func TestConfinedRecords(t *testing.T) {
	x, u, id := confined(t)
	at := func(what, want string, o map[string]any) {
		t.Helper()
		if o["path"] != want {
			t.Errorf("%s: path %v, want %q", what, o["path"], want)
		}
	}
	only := func(what, want string, list []map[string]any) map[string]any {
		t.Helper()
		if len(list) != 1 {
			t.Fatalf("%s: %d entries: %v", what, len(list), list)
		}
		at(what, want, list[0])
		return list[0]
	}

	t.Run("locks", func(*testing.T) {
		x.do("POST", "/locks/Vault/Sibling/hidden.txt", map[string]any{}).want(201)
		lock := u.do("POST", "/locks/docs/a.txt", map[string]any{}).want(201).blind().object()
		at("the lock", "docs/a.txt", lock)
		only("the locks", "docs/a.txt", u.do("GET", "/locks/?include_children=true", nil).want(200).blind().list())
		only("the locks of the admin", "Vault/Own/docs/a.txt", x.do("GET", "/locks/vault/own?include_children=true", nil).list())
		u.do("DELETE", "/locks/docs/a.txt?token="+text(lock["token"]), nil).want(204)
	})
	t.Run("history", func(t *testing.T) {
		x.act("move", "Away/far.txt", "Vault/Own/arrived.txt").want(201)
		u.do("GET", "/files/docs/a.txt", nil).want(200)
		line := only("the history of a file", "docs/a.txt", slices.DeleteFunc(
			u.do("GET", "/history/files/docs/a.txt", nil).want(200).blind().list(), func(o map[string]any) bool { return o["action"] != "read" }))
		if line["display"] != "inner: read docs/a.txt" {
			t.Errorf("the display is %v", line["display"])
		}
		moved := u.do("GET", "/history/files/arrived.txt", nil).want(200).blind().list()[0]
		if moved["action"] != "move" || moved["path"] != nil || moved["destination"] != "arrived.txt" {
			t.Errorf("what has arrived from elsewhere: %v", moved)
		}
		if n := len(u.do("GET", "/history/folders/", nil).want(200).blind().list()); n < 4 {
			t.Errorf("the history of the root has %d lines", n)
		}
		u.do("GET", fmt.Sprintf("/history/users/%v", id), nil).want(200).blind()
		made := u.do("POST", "/history_exports", map[string]any{"query_path": "docs/a.txt"}).want(201).blind().object()
		if made["query_path"] != "docs/a.txt" {
			t.Errorf("the export is of %v", made["query_path"])
		}
		x.pass(time.Minute)
		results := u.do("GET", fmt.Sprintf("/history_export_results?history_export_id=%v", made["id"]), nil).want(200).blind().list()
		if len(results) < 2 || results[0]["path"] != "docs/a.txt" {
			t.Errorf("the results are %v", results)
		}
	})
	t.Run("bundles", func(t *testing.T) {
		b := u.do("POST", "/bundles", map[string]any{"paths": []string{"docs/a.txt", "/docs"}}).want(201).blind().object()
		if got := fmt.Sprint(b["paths"]); got != "[docs/a.txt docs]" && got != "[docs/a.txt docs/]" {
			t.Errorf("the paths are %v", got)
		}
		u.do("POST", "/bundles", map[string]any{"paths": []string{"docs/none.txt"}}).want(422).blind()
		u.do("POST", "/bundles", map[string]any{"paths": []string{"../Sibling/hidden.txt"}}).want(422)
		link := LocalURL + sharePath + text(b["code"])
		got := u.send("GET", link+"/a.txt", nil).want(302).blind()
		if body := u.send("GET", got.header.Get("Location"), nil).body; string(body) != "text of Vault/Own/docs/a.txt" {
			t.Errorf("the link gives %q", body)
		}
		u.send("GET", link, nil).want(200)
		u.do("GET", "/bundles", nil).want(200).blind()
		for _, o := range u.do("GET", fmt.Sprintf("/bundle_downloads?bundle_id=%v", b["id"]), nil).want(200).blind().list() {
			if !strings.HasPrefix(text(o["path"]), "docs") {
				t.Errorf("a download of %v", o["path"])
			}
		}
		// A link that somebody else has made for him shows what he may see of it.
		x.do("POST", "/bundles", map[string]any{"user_id": id, "paths": []string{"Vault/Own/docs", "Vault/Sibling"}}).want(201)
		y := x.do("POST", "/bundles", map[string]any{"user_id": id, "paths": []string{"Vault/Sibling"}}).want(201).object()
		u.do("GET", "/bundles", nil).want(200).blind()
		u.do("GET", fmt.Sprintf("/bundles/%v", y["id"]), nil).refused(404, "not-found")
	})
	t.Run("permissions", func(t *testing.T) {
		list := u.do("GET", "/permissions", nil).want(200).blind().list()
		only("the permissions", "", list)
		p := u.do("POST", "/permissions", map[string]any{"user_id": id, "path": "docs", "permission": "list"}).want(201).blind().object()
		at("the permission", "docs", p)
		u.do("DELETE", fmt.Sprintf("/permissions/%v", p["id"]), nil).want(204)
		if n := len(u.do("GET", "/permissions?path=docs", nil).want(200).blind().list()); n != 1 {
			t.Errorf("%d permissions for a folder and those above", n)
		}
	})
	t.Run("comments", func(t *testing.T) {
		c := u.do("POST", "/file_comments", map[string]any{"path": "docs/a.txt", "body": "good"}).want(201).blind().object()
		x.do("POST", "/file_comments", map[string]any{"path": "Vault/Sibling/hidden.txt", "body": "bad"}).want(201)
		list := u.do("GET", "/file_comments/files/docs/a.txt", nil).want(200).blind().list()
		if len(list) != 1 || list[0]["id"] != c["id"] {
			t.Errorf("the comments are %v", list)
		}
	})
	t.Run("notifications", func(t *testing.T) {
		at("the notification", "docs", u.do("POST", "/notifications", map[string]any{"path": "docs"}).want(201).blind().object())
		at("one of the root", "", u.do("POST", "/notifications", map[string]any{}).want(201).blind().object())
		x.do("POST", "/notifications", map[string]any{"user_id": id, "path": "Vault"}).want(201)
		only("the notifications", "docs", u.do("GET", "/notifications?path=docs", nil).want(200).blind().list())
		if n := len(u.do("GET", "/notifications?path=docs&include_ancestors=true", nil).want(200).blind().list()); n != 2 {
			t.Errorf("%d notifications", n)
		}
	})
	t.Run("behaviors", func(*testing.T) {
		for _, path := range []string{"Vault", "Vault/Own/docs", "Vault/Sibling"} {
			x.do("POST", "/behaviors", map[string]any{"path": path, "behavior": "webhook", "value": map[string]any{"urls": []string{"https://example.com"}}}).want(201)
		}
		only("the behaviors", "docs", u.do("GET", "/behaviors", nil).want(200).blind().list())
		only("those of a folder", "docs", u.do("GET", "/behaviors/folders/docs?ancestor_behaviors=true", nil).want(200).blind().list())
		sorted := u.do("GET", "/behaviors?sort_by[behavior]=asc&per_page=1", nil).want(200).blind()
		only("a page", "docs", sorted.list())
	})
	t.Run("automations", func(t *testing.T) {
		x.do("POST", "/automations", map[string]any{"automation": "delete_file", "path": "Vault/Sibling", "source": "*"}).want(201)
		a := u.do("POST", "/automations", map[string]any{
			"automation": "copy_file", "path": "docs", "source": "a.*", "destinations": []string{"copies/"}, "trigger": "manual",
		}).want(201).blind().object()
		if fmt.Sprint(a["path"], " ", a["source"], " ", a["destinations"]) != "docs a.* [copies/]" {
			t.Errorf("the automation is %v %v %v", a["path"], a["source"], a["destinations"])
		}
		u.do("POST", fmt.Sprintf("/automations/%v/manual_run", a["id"]), map[string]any{}).want(204)
		ends := func(id any) {
			until(t, "the run to end", func() bool {
				x.pass(5 * time.Second)
				runs := u.do("GET", fmt.Sprintf("/automation_runs?automation_id=%v", id), nil).want(200).blind().list()
				return len(runs) == 1 && runs[0]["completed_at"] != nil
			})
		}
		ends(a["id"])
		x.do("GET", "/files/Vault/Own/copies/a.txt?action=stat", nil).want(200)
		// A replacement does not lead out of the root.
		b := u.do("POST", "/automations", map[string]any{
			"automation": "copy_file", "path": "docs", "source": "a.*", "destinations": []string{"copies/"},
			"destination_replace_from": "Own", "destination_replace_to": "Else",
		}).want(201).object()
		u.do("POST", fmt.Sprintf("/automations/%v/manual_run", b["id"]), map[string]any{}).want(204)
		ends(b["id"])
		x.do("GET", "/files/Vault/Else/copies/a.txt?action=stat", nil).want(404)
		u.do("GET", "/automations", nil).want(200).blind()
	})
	t.Run("himself", func(t *testing.T) {
		o := u.do("GET", fmt.Sprintf("/users/%v", id), nil).want(200).blind().object()
		if o["user_root"] != "" || o["filesystem_layout"] != "user_root" {
			t.Errorf("the user is %v, %v", o["user_root"], o["filesystem_layout"])
		}
		u.do("GET", "/site", nil).want(200).blind()
		k := u.do("POST", "/api_keys", map[string]any{"name": "mine", "path": "docs"}, "X-Files-Reauthentication", "ferry-inner").want(201).blind().object()
		y := &site{t: t, s: x.s, l: x.l, key: text(k["key"])}
		y.do("GET", "/files/docs/a.txt?action=stat", nil).want(200).blind()
		y.do("GET", "/files/c.zip?action=stat", nil).want(403).blind()
	})
}

// TestSealedOrigin: the URL of a file that the world generates does not tell
// where it lies, and works.
func TestSealedOrigin(t *testing.T) {
	x := openSite(t, Options{World: "demo"})
	var file string
	for _, o := range x.do("GET", "/folders/Partners?recursive=true&type=file&per_page=1", nil).want(200).list() {
		file = text(o["path"])
	}
	uri := text(x.do("GET", "/files/"+(&url.URL{Path: file}).EscapedPath(), nil).want(200).object()["download_uri"])
	if strings.Contains(uri, "Partners") {
		t.Errorf("%s", uri)
	}
	x.send("GET", uri, nil).want(200)
	x.send("GET", strings.Replace(uri, "/storage/get/0/", "/storage/get/0/1", 1), io.Reader(nil)).want(http.StatusForbidden)
}
