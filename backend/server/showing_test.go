package server

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestReauthentication: what hands out or takes away access asks the user of a
// session once more, and a key never.
func TestReauthentication(t *testing.T) {
	x := openSite(t, Options{})
	s := x.as("admin")
	other := text(x.do("POST", "/users", map[string]any{"username": "somebody", "password": "Correct-Horse-7"}).want(201).object()["id"])
	me := text(s.do("GET", "/users?search=admin", nil).want(200).list()[0]["id"])
	const need = "not-authorized/reauthentication-needed-action"
	key := map[string]any{"name": "asks"}
	for _, rq := range []struct {
		method, path string
		body         map[string]any
	}{
		{"POST", "/api_keys", key},
		{"DELETE", "/api_keys/1", nil},
		{"POST", "/users/" + other + "/2fa/reset", map[string]any{}},
		{"PATCH", "/users/" + other, map[string]any{"change_password": "Another-Horse-8"}},
		{"PATCH", "/users/" + other, map[string]any{"password": "Another-Horse-8"}},
	} {
		var body any
		if rq.body != nil {
			body = rq.body
		}
		s.do(rq.method, rq.path, body).refused(403, need)
	}
	s.do("PATCH", "/users/"+other, map[string]any{"company": "x"}).want(200)
	s.do("PATCH", "/users/"+me, map[string]any{"company": "x"}).want(200)
	s.do("POST", "/api_keys", key, reauthHeader, "wrong").refused(403, "not-authorized/reauthentication-failed")
	s.do("POST", "/api_keys", key, reauthHeader, "ferry-admin").want(201)
	x.do("POST", "/api_keys", key).want(201) // with a key
	for range reauthTries - 1 {
		s.do("POST", "/api_keys", key, reauthHeader, "wrong").refused(403, "not-authorized/reauthentication-failed")
	}
	s.do("POST", "/api_keys", key, reauthHeader, "wrong").refused(403, "not-authorized/reauthentication-failed-final")
	s.do("GET", "/site", nil).want(401)
}

// TestReauthenticationByCode takes a code of the second factor for the password.
func TestReauthenticationByCode(t *testing.T) {
	x := openSite(t, Options{World: "demo"})
	var secret string
	for _, u := range x.s.Info().Users {
		if u.Username == "totp-user" {
			secret = u.TOTPSecret
		}
	}
	code := func() string { return totpCode(secret, uint64(x.clock().Unix())/30) }
	s := &site{t: t, s: x.s, l: x.l}
	id, _ := s.do("POST", "/sessions", map[string]any{"username": "totp-user", "password": "ferry-totp-user", "otp": code()}).want(201).object()["id"].(string)
	s.auth = id
	// The code that has logged him in is spent.
	s.do("POST", "/api_keys", map[string]any{"name": "x"}, reauthHeader, code()).refused(403, "not-authorized/reauthentication-failed")
	x.pass(totpStep)
	s.do("POST", "/api_keys", map[string]any{"name": "x"}, reauthHeader, code()).want(201)
	s.do("POST", "/api_keys", map[string]any{"name": "x"}, reauthHeader, "000000").refused(403, "not-authorized/reauthentication-failed")
}

func picture(t *testing.T, w, h int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPreviews: text and images have one to download, made smaller; nothing
// else has, and nothing is shown that was not asked for.
func TestPreviews(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	long := strings.Repeat("ä", previewText) // two bytes each, and cut in the middle of none
	for name, content := range map[string]string{
		"a.png": picture(t, 600, 300), "b.txt": "x" + long, "c.pdf": "%PDF-1.7", "d.jpg": "no picture", "e.txt": "a\x00b", "f.bin": "x",
		"g.png": picture(t, 5000, 4000), "h.mp4": "x",
	} {
		x.upload(name, content).want(201)
	}
	want := map[string][2]any{
		"a.png": {"complete", "image"}, "b.txt": {"complete", "text"}, "c.pdf": {"not_generated", "pdf_native"}, "d.jpg": {"invalid", "image"},
		"e.txt": {"invalid", "text"}, "f.bin": {"not_generated", nil}, "g.png": {"file_too_large", "image"}, "h.mp4": {"not_generated", "video"},
	}
	uris := map[string]string{}
	for _, o := range x.do("GET", "/folders/?with_previews=true&preview_size=large", nil).want(200).list() {
		path, _ := o["path"].(string)
		p, _ := o["preview"].(map[string]any)
		if got := [2]any{p["status"], p["type"]}; got != want[path] || p["size"] != "large" || p["id"] != o["preview_id"] {
			t.Errorf("%s: %v, want %v", path, p, want[path])
		}
		if uri, ok := p["download_uri"].(string); ok != (p["status"] == "complete") {
			t.Errorf("%s: %v", path, p)
		} else if ok {
			uris[path] = uri
		}
	}
	if r := x.send("GET", uris["b.txt"], nil).want(200); !strings.HasPrefix("x"+long, string(r.body)) || len(r.body) != previewText-1 ||
		!strings.HasPrefix(r.header.Get("Content-Type"), "text/plain") {
		t.Errorf("%d bytes of %s", len(r.body), r.header.Get("Content-Type"))
	}
	o := x.do("GET", "/file_actions/metadata/a.png?with_previews=true", nil).want(200).object()
	uri, _ := o["preview"].(map[string]any)["download_uri"].(string)
	cfg, err := png.DecodeConfig(bytes.NewReader(x.send("GET", uri, nil).want(200).body))
	if err != nil || cfg.Width != 256 || cfg.Height != 128 {
		t.Errorf("%+v %v", cfg, err)
	}
	x.send("GET", strings.Replace(uri, "preview/small", "preview/large", 1), nil).want(403)
	x.pass(time.Hour)
	x.send("GET", uri, nil).want(403)
	if o := x.do("GET", "/file_actions/metadata/a.png", nil).want(200).object(); o["preview"] != nil {
		t.Errorf("nobody asked for %v", o["preview"])
	}
	x.do("GET", "/folders/?with_previews=true&preview_size=giant", nil).refused(400, "bad-request/request-params-invalid")
}

// TestShareLinks follows the URL of a share link as a browser does.
func TestShareLinks(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("out/one.txt", "one").want(201)
	x.upload("out/deep/two.txt", "two").want(201)
	x.upload("single.txt", "single").want(201)
	make := func(p map[string]any) (url, id string) {
		o := x.do("POST", "/bundles", p).want(201).object()
		return LocalURL + "/f/" + text(o["code"]), text(o["id"])
	}
	url, id := make(map[string]any{"paths": []string{"single.txt"}})
	r := x.send("GET", url, nil).want(302)
	if got := string(x.send("GET", r.header.Get("Location"), nil).want(200).body); got != "single" {
		t.Errorf("%q", got)
	}
	down := x.do("GET", "/bundle_downloads?bundle_id="+id, nil).want(200).list()
	if len(down) != 1 || down[0]["path"] != "single.txt" || down[0]["download_method"] != "file" {
		t.Errorf("%v", down)
	}
	if got := x.do("GET", "/bundle_downloads?bundle_id=99", nil).want(200).list(); len(got) != 0 {
		t.Errorf("another link has %v", got)
	}
	if got := x.do("GET", "/bundle_actions?bundle_id="+id, nil).want(200).list(); len(got) != 1 || got[0]["action"] != "read" {
		t.Errorf("%v", got)
	}

	url, _ = make(map[string]any{"paths": []string{"out", "single.txt"}, "password": "open sesame", "max_uses": 2})
	x.send("GET", url, nil).want(401)
	x.send("GET", url+"?password=wrong", nil).want(401)
	r = x.send("GET", url+"?password=open+sesame", nil).want(200)
	z, err := zip.NewReader(bytes.NewReader(r.body), int64(len(r.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if !slices.Equal(names, []string{"out/", "out/deep/", "out/deep/two.txt", "out/one.txt", "single.txt"}) {
		t.Errorf("%v", names)
	}
	r = x.send("GET", url+"/out/deep/two.txt?password=open+sesame", nil).want(302)
	if got := string(x.send("GET", r.header.Get("Location"), nil).want(200).body); got != "two" {
		t.Errorf("%q", got)
	}
	x.send("GET", url+"?password=open+sesame", nil).want(404) // used twice

	url, _ = make(map[string]any{"paths": []string{"out"}, "permissions": "preview_only"})
	x.send("GET", url, nil).want(403)
	url, id = make(map[string]any{"paths": []string{"out"}, "expires_at": x.clock().Add(time.Hour).Format(time.RFC3339)})
	x.send("HEAD", url, nil).want(200)
	x.send("GET", url+"/single.txt", nil).want(404)
	x.send("GET", url+"/../single.txt", nil).want(404)
	x.pass(2 * time.Hour)
	x.send("GET", url, nil).want(404)
	x.do("DELETE", "/bundles/"+id, nil).want(204)
	x.send("GET", url, nil).want(404)
	x.send("GET", LocalURL+"/f/", nil).want(404)
}

// TestUserRoot: a user whose layout is user_root takes that folder for the root.
func TestUserRoot(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("Clients/North/in/a.txt", "north").want(201)
	x.upload("Clients/South/b.txt", "south").want(201)
	id := x.do("POST", "/users", map[string]any{
		"username": "north", "password": "ferry-north", "filesystem_layout": "user_root", "user_root": "Clients/North/",
	}).want(201).object()["id"]
	x.do("POST", "/permissions", map[string]any{"user_id": id, "path": "Clients/North", "permission": "full"}).want(201)
	x.key = ""
	u := x.as("north")
	if got := u.do("GET", "/folders/", nil).paths(); !slices.Equal(got, []string{"in"}) {
		t.Errorf("%v", got)
	}
	if got := u.do("GET", "/folders/?recursive=true", nil).paths(); !slices.Equal(got, []string{"in", "in/a.txt"}) {
		t.Errorf("%v", got)
	}
	if got := string(u.fetch("in/a.txt").want(200).body); got != "north" {
		t.Errorf("%q", got)
	}
	if o := u.upload("in/c.txt", "new").want(201).object(); o["path"] != "in/c.txt" || o["permissions"] != "lrwd" {
		t.Errorf("%v", o)
	}
	u.do("POST", "/file_actions/copy/in/c.txt", map[string]any{"destination": "d.txt"}).want(201)
	u.do("POST", "/file_actions/zip", map[string]any{"paths": []string{"in"}, "destination": "all.zip"}).want(201)
	u.do("GET", "/file_actions/metadata/Clients/South/b.txt", nil).want(404)
	u.do("DELETE", "/files/in/a.txt", nil).want(204)
	if _, err := x.s.tree.get(t.Context(), "Clients/North/d.txt"); err != nil {
		t.Error(err)
	}
	if _, err := x.s.tree.get(t.Context(), "Clients/North/in/a.txt"); err == nil {
		t.Error("it is still there")
	}
}

// TestMigrationLog reads the log_url of a migration.
func TestMigrationLog(t *testing.T) {
	x := openSite(t, Options{World: "demo"})
	id := text(x.do("POST", "/file_actions/copy/Finance", map[string]any{"destination": "Finance copy"}).want(201).object()["file_migration_id"])
	var o map[string]any
	until(t, "the migration", func() bool {
		o = x.do("GET", "/file_migrations/"+id, nil).want(200).object()
		return o["status"] == "completed"
	})
	uri, _ := o["log_url"].(string)
	lines := strings.Split(strings.TrimSpace(string(x.send("GET", uri, nil).want(200).body)), "\n")
	for _, l := range lines {
		var m map[string]any
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatal(err)
		}
		at, _ := m["timestamp"].(string)
		if m["type"] != "file_migration" || m["operation"] != "copy" || m["status"] != "success" || !strings.HasSuffix(at, "+00:00") {
			t.Errorf("%s", l)
		}
	}
	if total, _ := o["files_total"].(float64); total == 0 || len(lines) < int(total) {
		t.Errorf("%d lines", len(lines))
	}
	x.send("GET", strings.Replace(uri, "/"+id+"?", "/77?", 1), nil).want(403)
}
