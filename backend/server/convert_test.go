package server

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"ferry/backend/server/pgp"
)

// migrated waits for the migration that a file action has begun, and gives what
// became of it.
func (x *site) migrated(action, path string, body map[string]any) map[string]any {
	x.t.Helper()
	a := x.do("POST", "/file_actions/"+action+"/"+path, body).want(201).object()
	if a["status"] != "pending" || a["file_migration_id"] == nil {
		x.t.Fatalf("%s %s is %v", action, path, a)
	}
	var m map[string]any
	until(x.t, action+" "+path, func() bool {
		m = x.do("GET", "/file_migrations/"+text(a["file_migration_id"]), nil).want(200).object()
		return m["status"] == "completed" || m["status"] == "failed"
	})
	if m["operation"] != action || m["files_total"] != float64(1) {
		x.t.Errorf("the migration is %v", m)
	}
	return m
}

// A small image that is as high as the result is wide costs no more memory than
// its own pixels.
func TestImageConvertIsBounded(t *testing.T) {
	var in, out bytes.Buffer
	if err := png.Encode(&in, image.NewGray(image.Rect(0, 0, 1, 1<<20))); err != nil {
		t.Fatal(err)
	}
	if err := convertImage(&out, &in, "png", maxSide, 1); err != nil {
		t.Fatal(err)
	}
	if cfg, err := png.DecodeConfig(&out); err != nil || cfg.Width != maxSide || cfg.Height != 1 {
		t.Errorf("%+v, %v", cfg, err)
	}
}

// A panic in a migration is a failure of it alone.
func TestMigrationPanic(t *testing.T) {
	b := &migrationBook{s: &Server{log: slog.New(slog.DiscardHandler)}} // without a clock
	if err := b.safely(t.Context(), &record{id: 1}); err == nil || failureText(err) != "Internal server error" {
		t.Errorf("a panic became %v", err)
	}
}

// fails checks the reason of a failed migration, and that there is no file.
func (x *site) fails(action, path string, body map[string]any, reason string) {
	x.t.Helper()
	m := x.migrated(action, path, body)
	if s := text(m["failure_message"]); m["status"] != "failed" || !strings.Contains(s, reason) {
		x.t.Errorf("%s %s %v: %v, %q, want %q", action, path, body, m["status"], s, reason)
	}
	x.do("GET", "/file_actions/metadata/"+text(body["destination"]), nil).want(404)
}

func (x *site) completes(action, path string, body map[string]any) {
	x.t.Helper()
	if m := x.migrated(action, path, body); m["status"] != "completed" || m["failure_message"] != nil {
		x.t.Fatalf("%s %s: %v, %v", action, path, m["status"], m["failure_message"])
	}
}

// halves is an image whose left half is red and whose right half is clear.
func halves(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w / 2 {
			img.SetNRGBA(x, y, color.NRGBA{R: 200, A: 255})
		}
	}
	return img
}

func encoded(t *testing.T, write func(b *bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestImageConvert reads and writes every format that can be.
func TestImageConvert(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	img := halves(40, 20)
	for name, write := range map[string]func(b *bytes.Buffer) error{
		"a.png":  func(b *bytes.Buffer) error { return png.Encode(b, img) },
		"a.jpg":  func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) },
		"a.gif":  func(b *bytes.Buffer) error { return gif.Encode(b, img, nil) },
		"a.bmp":  func(b *bytes.Buffer) error { return bmp.Encode(b, img) },
		"a.tiff": func(b *bytes.Buffer) error { return tiff.Encode(b, img, nil) },
	} {
		x.upload("in/"+name, encoded(t, write)).want(201)
	}
	// The smallest WebP: one pixel, lossless.
	x.upload("in/a.webp", "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00").want(201)

	x.mkdir("out")
	for _, from := range []string{"png", "jpg", "gif", "bmp", "tiff", "webp"} {
		for to, format := range map[string]string{"png": "png", "JPG": "jpeg", "jpeg": "jpeg", "gif": "gif", "bmp": "bmp", "tif": "tiff"} {
			dest := fmt.Sprintf("out/%s.%s", from, to)
			x.completes("transform", "in/a."+from, map[string]any{
				"destination": dest, "transform_type": "image_convert", "target_format": to, "overwrite": true,
			})
			cfg, is, err := image.DecodeConfig(bytes.NewReader(x.fetch(dest).want(200).body))
			if err != nil || is != format || from != "webp" && (cfg.Width != 40 || cfg.Height != 20) {
				t.Errorf("%s is a %s of %dx%d: %v", dest, is, cfg.Width, cfg.Height, err)
			}
		}
	}
	for _, c := range []struct{ width, height, w, h int }{{20, 0, 20, 10}, {0, 5, 10, 5}, {7, 9, 7, 9}, {80, 0, 80, 40}} {
		body := map[string]any{"destination": "out/sized", "transform_type": "image_convert", "target_format": "jpg", "overwrite": true, "width": c.width, "height": c.height}
		x.completes("transform", "in/a.png", body)
		got, _, err := image.Decode(bytes.NewReader(x.fetch("out/sized").want(200).body))
		if err != nil {
			t.Fatal(err)
		}
		if b := got.Bounds(); b.Dx() != c.w || b.Dy() != c.h {
			t.Errorf("%dx%d became %v", c.width, c.height, b)
		}
		// What was clear is white where a format has no transparency.
		if r, g, b, _ := got.At(c.w-1, c.h/2).RGBA(); r < 0xf000 || g < 0xf000 || b < 0xf000 {
			t.Errorf("what was clear is %x %x %x", r, g, b)
		}
	}
	if got := x.deeds("/history/files/out/sized"); len(got) < 4 || got[0] != "read out/sized" {
		t.Errorf("the history is %v", got)
	}
}

// TestTransformFailures: what cannot be done fails and says why; nothing is
// made that only looks like it.
func TestTransformFailures(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("a.png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, halves(4, 2)) })).want(201)
	x.upload("doc.docx", "words").want(201)
	x.upload("cut.png", string(x.fetch("a.png").body[:50])).want(201)
	x.mkdir("folder")
	with := func(kind, format string, more ...any) map[string]any {
		m := map[string]any{"destination": "out." + format, "transform_type": kind, "target_format": format}
		for i := 0; i+1 < len(more); i += 2 {
			m[text(more[i])] = more[i+1]
		}
		return m
	}
	x.fails("transform", "doc.docx", with("document_convert", "pdf"), "no converter for documents")
	x.fails("transform", "a.png", with("files_transform_script_execute", "png", "script", "exit"), "does not run scripts")
	x.fails("transform", "a.png", with("image_convert", "webp"), "not as webp")
	x.fails("transform", "a.png", with("image_convert", "gif", "destination", "out.png"), "ends in .png")
	x.fails("transform", "doc.docx", with("image_convert", "gif"), "not an image")
	x.fails("transform", "cut.png", with("image_convert", "gif"), "damaged")
	x.fails("transform", "folder", with("image_convert", "gif"), "is a folder")
	x.fails("transform", "a.png", with("image_convert", "png", "width", 16384, "height", 16384), "would have more than 16 million pixels")

	do := func(path string, body map[string]any) *answer {
		return x.do("POST", "/file_actions/transform/"+path, body)
	}
	do("none.png", with("image_convert", "gif")).refused(404, "not-found")
	do("a.png", with("image_convert", "png", "destination", "a.png")).refused(400, "bad-request/destination-same")
	do("a.png", with("image_convert", "png", "destination", "cut.png")).refused(422, "processing-failure/destination-exists")
	do("a.png", with("image_convert", "png", "destination", "folder", "overwrite", true)).refused(422, "processing-failure/destination-exists")
	do("a.png", with("image_convert", "png", "destination", "none/b.png")).refused(409, "processing-failure/destination-parent-does-not-exist")
	do("a.png", with("polish", "png")).refused(400, "bad-request/request-params-invalid")
	do("a.png", with("image_convert", "png", "width", -1)).refused(400, "bad-request/request-params-invalid")
	u := x.user("reader", "readonly", "")
	u.do("POST", "/file_actions/transform/a.png", with("image_convert", "gif")).refused(403, "not-authorized/write-permission-required")
}

// gpgKey makes a key on the site.
func (x *site) gpgKey(name string, more map[string]any) map[string]any {
	x.t.Helper()
	body := map[string]any{"name": name, "generate_keypair": true, "generate_full_name": name, "generate_email": "key@example.com"}
	for k, v := range more {
		body[k] = v
	}
	return x.do("POST", "/gpg_keys", body).want(201).object()
}

// TestGPG encrypts and decrypts, back and forth, with keys that were generated
// and uploaded.
func TestGPG(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	content := strings.Repeat("What is to stay between us.\n", 5000)
	x.upload("plain.txt", content).want(201)
	mine := x.gpgKey("mine", map[string]any{"private_key_password": "a phrase", "generate_expires_at": "2027-03-04T15:04:05Z"})
	signer := x.gpgKey("signer", nil)
	if !strings.HasPrefix(text(mine["generated_private_key"]), "-----BEGIN PGP PRIVATE KEY BLOCK-----") || mine["private_key_password_md5"] == nil {
		t.Errorf("the generated key is %v", mine)
	}
	if end, err := time.Parse(time.RFC3339, text(mine["expires_at"])); err != nil || !end.Equal(time.Date(2027, 3, 4, 15, 4, 5, 0, time.UTC)) {
		t.Errorf("it ends %v, %v", mine["expires_at"], err)
	}
	// Afterwards nothing tells the keys.
	for _, a := range []*answer{x.do("GET", fmt.Sprintf("/gpg_keys/%v", mine["id"]), nil), x.do("GET", "/gpg_keys", nil)} {
		if s := string(a.want(200).body); strings.Contains(s, "BEGIN PGP") || strings.Contains(s, "a phrase") {
			t.Errorf("%s shows the key: %s", a.what, s)
		}
	}
	id, sign := mine["id"], signer["id"]

	for _, armor := range []bool{false, true} {
		x.completes("gpg_encrypt", "plain.txt", map[string]any{
			"destination": "sealed", "gpg_key_ids": []any{id}, "signing_key_id": sign, "armor": armor, "overwrite": true,
		})
		sealed := string(x.fetch("sealed").want(200).body)
		if strings.HasPrefix(sealed, "-----BEGIN PGP MESSAGE-----") != armor || strings.Contains(sealed, "between us") {
			t.Errorf("armor %v: %.60q", armor, sealed)
		}
		x.completes("gpg_decrypt", "sealed", map[string]any{"destination": "open.txt", "gpg_key_ids": fmt.Sprint(id), "overwrite": true})
		if got := string(x.fetch("open.txt").want(200).body); got != content {
			t.Errorf("armor %v: %d bytes came back, %.60q", armor, len(got), got)
		}
		// The one who has the generated key reads it elsewhere as well.
		private, err := pgp.ReadPrivate(text(mine["generated_private_key"]), "a phrase")
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := pgp.Decrypt(&b, strings.NewReader(sealed), []*pgp.Key{private}, false, x.clock()); err != nil || b.String() != content {
			t.Errorf("armor %v: %v", armor, err)
		}
	}
	x.completes("gpg_decrypt", "sealed", map[string]any{"destination": "open.txt", "use_all_private_keys": true, "overwrite": true})

	x.fails("gpg_decrypt", "sealed", map[string]any{"destination": "out", "gpg_key_ids": []any{sign}}, "None of the keys can decrypt")
	x.fails("gpg_decrypt", "plain.txt", map[string]any{"destination": "out", "gpg_key_ids": []any{id}}, "not an OpenPGP message")
	x.completes("gpg_encrypt", "plain.txt", map[string]any{"destination": "binary", "gpg_key_ids": []any{id}})
	broken := x.fetch("binary").body
	x.upload("cut", string(broken[:len(broken)-40])).want(201)
	x.fails("gpg_decrypt", "cut", map[string]any{"destination": "out", "gpg_key_ids": []any{id}}, "The ")
	broken[len(broken)-5] ^= 1
	x.upload("changed", string(broken)).want(201)
	x.fails("gpg_decrypt", "changed", map[string]any{"destination": "out", "gpg_key_ids": []any{id}}, "integrity check")
	x.completes("gpg_decrypt", "changed", map[string]any{"destination": "taken", "gpg_key_ids": []any{id}, "ignore_mdc_error": true})

	do := func(action string, body map[string]any) *answer {
		return x.do("POST", "/file_actions/"+action+"/plain.txt", body)
	}
	do("gpg_encrypt", map[string]any{"destination": "x"}).refused(400, "bad-request/request-params-required")
	do("gpg_encrypt", map[string]any{"destination": "x", "gpg_key_ids": []any{4711}}).refused(400, "bad-request/request-params-invalid")
	do("gpg_encrypt", map[string]any{"destination": "open.txt", "gpg_key_ids": []any{id}}).refused(422, "processing-failure/destination-exists")
	u := x.user("other", "full", "")
	u.do("POST", "/file_actions/gpg_decrypt/sealed", map[string]any{"destination": "stolen", "gpg_key_ids": []any{id}}).refused(400, "bad-request/request-params-invalid")
	u.do("GET", fmt.Sprintf("/gpg_keys/%v", id), nil).refused(404, "not-found")
	u.fails("gpg_decrypt", "sealed", map[string]any{"destination": "stolen", "use_all_private_keys": true}, "no private key")

	// A key that has expired encrypts no more, and still decrypts.
	x.pass(366 * 24 * time.Hour)
	x.fails("gpg_encrypt", "plain.txt", map[string]any{"destination": "late", "gpg_key_ids": []any{id}}, "expired")
	x.completes("gpg_decrypt", "sealed", map[string]any{"destination": "late", "gpg_key_ids": []any{id}})
}

// TestGPGKeys: what is no key, or not the one that it should be, is refused by
// field; a private key brings its public one.
func TestGPGKeys(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	public, private, err := pgp.Generate(pgp.NewKey{Name: "Up", Email: "up@example.com", Password: "phrase", Now: x.clock()})
	if err != nil {
		t.Fatal(err)
	}
	foreign, _, err := pgp.Generate(pgp.NewKey{Name: "Else", Email: "else@example.com", Now: x.clock()})
	if err != nil {
		t.Fatal(err)
	}
	refused := func(field string, body map[string]any) {
		t.Helper()
		body["name"] = "key"
		a := x.do("POST", "/gpg_keys", body).refused(422, "processing-failure/model-save-error").object()
		if m, _ := a["model_errors"].(map[string]any); m[field] == nil {
			t.Errorf("%s is not refused: %v", field, a["model_errors"])
		}
	}
	refused("public_key", map[string]any{})
	refused("public_key", map[string]any{"public_key": "no key"})
	refused("public_key", map[string]any{"public_key": private})
	refused("private_key", map[string]any{"private_key": public})
	refused("private_key_password", map[string]any{"private_key": private})
	refused("private_key_password", map[string]any{"private_key": private, "private_key_password": "wrong"})
	refused("private_key", map[string]any{"public_key": foreign, "private_key": private, "private_key_password": "phrase"})
	refused("generate_full_name", map[string]any{"generate_keypair": true, "generate_email": "a@example.com"})
	refused("generate_email", map[string]any{"generate_keypair": true, "generate_full_name": "A"})
	refused("generate_expires_at", map[string]any{"generate_keypair": true, "generate_full_name": "A", "generate_email": "a@example.com", "generate_expires_at": "2020-01-01"})

	o := x.do("POST", "/gpg_keys", map[string]any{"name": "up", "private_key": private, "private_key_password": "phrase"}).want(201).object()
	if o["public_key_md5"] == nil || o["private_key_md5"] != md5Of(private) || o["generated_private_key"] != nil || o["expires_at"] != nil {
		t.Errorf("the key is %v", o)
	}
	path := fmt.Sprintf("/gpg_keys/%v", o["id"])
	x.upload("a.txt", "text").want(201)
	x.completes("gpg_encrypt", "a.txt", map[string]any{"destination": "a.gpg", "gpg_key_ids": []any{o["id"]}})
	x.completes("gpg_decrypt", "a.gpg", map[string]any{"destination": "b.txt", "gpg_key_ids": []any{o["id"]}})
	if got := string(x.fetch("b.txt").body); got != "text" {
		t.Errorf("%q came back", got)
	}
	// Another public key takes the place of the pair.
	if o := x.do("PATCH", path, map[string]any{"public_key": foreign}).want(200).object(); o["private_key_md5"] != nil || o["public_key_md5"] != md5Of(foreign) {
		t.Errorf("the changed key is %v", o)
	}
	x.fails("gpg_decrypt", "a.gpg", map[string]any{"destination": "c.txt", "gpg_key_ids": []any{o["id"]}}, "has no private key")
	x.do("DELETE", path, nil).want(204)
	// A partner's keys are named by the partner.
	partner := x.do("POST", "/partners", map[string]any{"name": "partner", "root_folder": "p"}).want(201).object()["id"]
	x.do("POST", "/gpg_keys", map[string]any{"name": "theirs", "public_key": public, "partner_id": partner}).want(201)
	x.completes("gpg_encrypt", "a.txt", map[string]any{"destination": "p.gpg", "gpg_key_partner_id": partner})
	x.user("plain", "full", "").do("POST", "/file_actions/gpg_encrypt/a.txt", map[string]any{"destination": "q", "gpg_key_partner_id": partner}).
		refused(403, "not-authorized/site-admin-required")
}
