package server

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"ferry/backend/catalog"
)

// onePixel is a small picture.
func onePixel(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// form sends a multipart form: values as pairs, and a file.
func (x *site) form(method, path, field, filename, kind string, data []byte, values ...string) *answer {
	x.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(values); i += 2 {
		if err := w.WriteField(values[i], values[i+1]); err != nil {
			x.t.Fatal(err)
		}
	}
	if field != "" {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename=%q`, field, filename))
		h.Set("Content-Type", kind)
		part, err := w.CreatePart(h)
		if err != nil {
			x.t.Fatal(err)
		}
		if _, err := part.Write(data); err != nil {
			x.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		x.t.Fatal(err)
	}
	headers := []string{"Content-Type", w.FormDataContentType()}
	if x.auth != "" {
		headers = append(headers, "X-FilesAPI-Auth", x.auth)
	} else {
		headers = append(headers, "X-FilesAPI-Key", x.key)
	}
	return x.send(method, LocalURL+"/api/rest/v1"+path, &b, headers...)
}

// attachments counts the files that are kept.
func (x *site) attachments() (n int) {
	x.t.Helper()
	if err := x.s.db.read.QueryRowContext(x.t.Context(), `SELECT count(*) FROM attachments`).Scan(&n); err != nil {
		x.t.Fatal(err)
	}
	return n
}

// TestFileParameters: every parameter of the type file comes as part of a form
// and as an object, is shown where the reference says, and can be fetched.
func TestFileParameters(t *testing.T) {
	x := openSite(t, Options{})
	x.mkdir("Inbox") // shared by the sample
	picture := onePixel(t)
	object := map[string]any{"encoded_content": base64.StdEncoding.EncodeToString(picture), "filename": "dot.png", "type": "image/png"}
	uri := func(o map[string]any, field string) string {
		if m, ok := o[field].(map[string]any); ok {
			if m["name"] != "dot.png" {
				t.Errorf("%s is called %v", field, m["name"])
			}
			return text(m["uri"])
		}
		return text(o[field])
	}
	tried := 0
	for _, ep := range catalog.Endpoints() {
		for _, f := range fileFields(ep.Resource) {
			if _, ok := ep.Param(f.param); !ok {
				continue
			}
			tried++
			name := ep.Resource.Name + "." + ep.Op + " " + f.param
			path, err := ep.Expand(map[string]string{"id": "2", "path": "Documents"})
			if err != nil {
				t.Fatal(err)
			}
			if ep.Op == "update" && strings.Contains(ep.Path, "{id}") {
				path, err = ep.Expand(map[string]string{"id": anyRow(x, ep)})
				if err != nil {
					t.Fatal(err)
				}
			}
			values := map[string]any{}
			if ep.Op == "create" {
				values = required(ep)
				if ep.Resource.Name == "user" {
					values["username"] = "by-object"
				}
			}
			values[f.param] = object
			for _, way := range []string{"object", "form"} {
				var got *answer
				if way == "object" {
					got = x.do(ep.Method, path, values)
				} else {
					var pairs []string
					for k, v := range values {
						switch v := v.(type) {
						case []string:
							for _, e := range v {
								pairs = append(pairs, k+"[]", e)
							}
						case string:
							pairs = append(pairs, k, strings.Replace(v, "by-object", "by-form", 1))
						}
					}
					got = x.form(ep.Method, path, f.param, "dot.png", "image/png", picture, pairs...)
				}
				u := uri(got.want(ep.Status).object(), f.field)
				if back := x.send("GET", u, nil).want(200); !bytes.Equal(back.body, picture) || back.header.Get("Content-Type") != "image/png" {
					t.Errorf("%s as %s: %s gives %d bytes of %s", name, way, f.field, len(back.body), back.header.Get("Content-Type"))
				}
				x.send("GET", strings.Replace(u, "X-Files-Signature=", "X-Files-Signature=0", 1), nil).want(http.StatusForbidden)
			}
		}
	}
	if tried < 12 {
		t.Errorf("only %d file parameters", tried)
	}
}

// TestFileParameterLife: a file goes with what it belongs to, and nothing stays
// of what was refused.
func TestFileParameterLife(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	picture := onePixel(t)
	u := x.form("POST", "/users", "avatar_file", "me.png", "", picture, "username", "face", "name", "Face").want(201).object()
	if u["name"] != "Face" {
		t.Errorf("the name is %v", u["name"])
	}
	path := fmt.Sprintf("/users/%v", u["id"])
	first := x.do("GET", path, nil).want(200).object()["avatar_url"]
	x.send("GET", text(first), nil).want(200)
	second := x.form("PATCH", path, "avatar_file", "me.png", "", picture).want(200).object()["avatar_url"]
	x.send("GET", text(first), nil).want(404)
	x.send("GET", text(second), nil).want(200)
	if o := x.do("PATCH", path, map[string]any{"avatar_delete": true}).want(200).object(); o["avatar_url"] != nil {
		t.Errorf("the avatar is still %v", o["avatar_url"])
	}
	x.send("GET", text(second), nil).want(404)

	for name, a := range map[string]*answer{
		"no image":       x.form("PATCH", path, "avatar_file", "me.png", "image/png", []byte("<script>")),
		"empty":          x.form("PATCH", path, "avatar_file", "me.png", "image/png", nil),
		"too large":      x.form("PATCH", path, "avatar_file", "me.png", "image/png", append(picture, make([]byte, maxAttachment)...)),
		"a taken name":   x.form("POST", "/users", "avatar_file", "me.png", "", picture, "username", "face"),
		"a wrong colour": x.form("PATCH", "/site", "logo_file", "me.png", "", picture, "session_expiry_minutes", "0"),
	} {
		if a.status != 422 || a.object()["type"] != "processing-failure/model-save-error" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	x.form("PATCH", path, "avatar_file", "me.png", "image/png", make([]byte, maxJSONBody)).refused(400, "bad-request/request-body-too-large")
	for _, v := range []any{"a text", 1, map[string]any{"filename": "me.png"}, map[string]any{"encoded_content": "%%"}} {
		x.do("PATCH", path, map[string]any{"avatar_file": v}).refused(400, "bad-request/request-params-invalid")
	}
	x.form("PATCH", path, "name", "me.png", "image/png", picture).refused(400, "bad-request/request-params-invalid") // where none belongs
	if n := x.attachments(); n != 0 {
		t.Errorf("%d files are left", n)
	}

	b := x.form("POST", "/behaviors", "attachment_file", "note.txt", "text/plain", []byte("a note"),
		"behavior", "webhook", "path", "", "value[url]", "https://example.com", "recursive", "false").want(201).object()
	if v, _ := b["value"].(map[string]any); v["url"] != "https://example.com" || b["recursive"] != false {
		t.Errorf("the form came as %v", b)
	}
	if got := x.send("GET", text(b["attachment_url"]), nil).want(200); string(got.body) != "a note" || got.header.Get("Content-Type") != "text/plain" {
		t.Errorf("the attachment is %q of %s", got.body, got.header.Get("Content-Type"))
	}
	x.do("DELETE", fmt.Sprintf("/behaviors/%v", b["id"]), nil).want(204)
	if n := x.attachments(); n != 0 {
		t.Errorf("%d files are left of what was deleted", n)
	}
}

// TestStyles: the first change of a folder's style makes it.
func TestStyles(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.mkdir("a/b")
	u := x.user("keeper", "admin", "a")
	x.do("GET", "/styles/a/b", nil).refused(404, "not-found")
	o := u.form("PATCH", "/styles/a/b", "file", "logo.png", "image/png", onePixel(t), "logo_click_href", "https://example.com/home").want(200).object()
	logo, _ := o["logo"].(map[string]any)
	if o["path"] != "a/b" || logo["name"] != "logo.png" || o["logo_click_href"] != "https://example.com/home" {
		t.Errorf("the style is %v", o)
	}
	if again := u.do("PATCH", "/styles/A/b", map[string]any{"logo_click_href": ""}).want(200).object(); again["id"] != o["id"] || again["logo"] == nil {
		t.Errorf("the change made %v of %v", again, o)
	}
	u.do("PATCH", "/styles/a/b", map[string]any{"logo_click_href": "javascript:alert(1)"}).refused(422, "processing-failure/model-save-error")
	u.do("PATCH", "/styles/a/none", map[string]any{}).refused(404, "not-found")
	v := x.user("reader", "readonly", "a/b")
	v.do("GET", "/styles/a/b", nil).want(200)
	v.do("PATCH", "/styles/a/b", map[string]any{}).refused(403, "not-authorized/folder-admin-permission-required")
	v.do("DELETE", "/styles/a/b", nil).refused(403, "not-authorized/folder-admin-permission-required")
	x.user("stranger").do("GET", "/styles/a/b", nil).refused(404, "not-found")
	u.do("DELETE", "/styles/a/b", nil).want(204)
	u.do("GET", "/styles/a/b", nil).refused(404, "not-found")
	if n := x.attachments(); n != 0 {
		t.Errorf("%d files are left", n)
	}
}
