package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	imagedraw "image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	"golang.org/x/image/tiff"
	_ "golang.org/x/image/webp" // images that can be read

	"ferry/backend/server/pgp"
	"ferry/pathutil"
)

func (s *Server) addConversionRoutes() {
	s.handle("file.transform", func(c *call) error { return c.convert("transform") })
	s.handle("file.gpg_encrypt", func(c *call) error { return c.convert("gpg_encrypt") })
	s.handle("file.gpg_decrypt", func(c *call) error { return c.convert("gpg_decrypt") })
}

// conversion is a file that is made from another one, read from the record of
// its migration.
type conversion struct {
	s   *Server
	doc map[string]any
	src *node
	now time.Time
}

// isConversion tells such a migration from a copy or a move.
func isConversion(operation string) bool {
	return operation == "transform" || operation == "zip" || operation == "unzip" || strings.HasPrefix(operation, "gpg_")
}

// convert begins a transformation of a file (PROTOCOL.md 11). What is wrong with
// the call is told at once, as with a copy; what is wrong with the file, or
// cannot be done here, by the migration.
func (c *call) convert(operation string) error {
	from, err := c.path()
	if err != nil {
		return err
	}
	to, overwrite, err := c.destination()
	if err != nil {
		return err
	}
	options, err := c.conversionOptions(operation)
	if err != nil {
		return err
	}
	if err := c.need(from, mayRead); err != nil {
		return err
	}
	if err := c.need(to, mayWrite); err != nil {
		return err
	}
	if c.isRoot(to) {
		return errMoveRoot
	}
	src, err := c.node(from)
	if err != nil {
		return err
	}
	if pathutil.IsSame(src.path, to) {
		return wireErrorf("bad-request/destination-same", "The destination is the same as the source")
	}
	if err := checkName(to); err != nil {
		return err
	}
	err = c.s.tree.look(func(q querier) error {
		switch old, err := c.s.tree.find(c.ctx, q, to); {
		case errors.Is(err, errNoNode):
		case err != nil:
			return err
		case !overwrite || old.dir:
			return errExists
		default:
			return unlocked(old)
		}
		return c.s.tree.hasParent(c.ctx, q, to)
	})
	if err != nil {
		return err
	}
	id, err := c.s.migrations.start(c, operation, relocation{from: src.path, to: to, overwrite: overwrite}, 1, options)
	if err != nil {
		return err
	}
	return c.pending(id)
}

// maxSide is the longest side of an image that is made.
const maxSide = 16384

// conversionOptions are the parameters besides those of every file action, as
// the migration keeps them.
func (c *call) conversionOptions(operation string) (map[string]any, error) {
	if operation != "transform" {
		return c.gpgOptions(operation)
	}
	kind, err := c.required("transform_type")
	if err != nil {
		return nil, err
	}
	if p, ok := c.ep.Param("transform_type"); ok && !inList(p.Values, kind) {
		return nil, badParam("transform_type", strings.Join(p.Values, ", "))
	}
	format, err := c.required("target_format")
	if err != nil {
		return nil, err
	}
	width, err1 := c.number("width", 0)
	height, err2 := c.number("height", 0)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if width < 0 || width > maxSide || height < 0 || height > maxSide {
		return nil, badParam("width and height", fmt.Sprintf("from 1 to %d", maxSide))
	}
	return map[string]any{"transform_type": kind, "target_format": format, "width": width, "height": height}, nil
}

// failure is the reason why a conversion has failed, as its migration tells it.
func failure(format string, args ...any) error {
	return wireErrorf("processing-failure/file-processing-error", format, args...)
}

// run carries a conversion out.
func (b *migrationBook) convert(ctx context.Context, rec *record, e editor) error {
	text := func(f string) string { s, _ := rec.doc[f].(string); return s }
	if text("operation") == "zip" {
		return b.zip(ctx, rec, e)
	}
	src, err := b.s.tree.get(ctx, text("path"))
	if err != nil {
		return err
	}
	if text("operation") == "unzip" {
		return b.unzip(ctx, rec, src, e)
	}
	if src.dir {
		return failure("The source is a folder.")
	}
	v := &conversion{s: b.s, doc: rec.doc, src: src, now: e.now}
	var write func(ctx context.Context, w io.Writer, r io.Reader) error
	switch operation := text("operation"); operation {
	case "transform":
		write, err = v.transform(text("transform_type"), strings.ToLower(strings.TrimPrefix(text("target_format"), ".")))
	default:
		write, err = v.gpg(ctx, operation)
	}
	if err != nil {
		return err
	}
	var content content
	err = b.s.tree.look(func(q querier) error {
		content, err = b.s.tree.open(ctx, q, src)
		return err
	})
	if err != nil {
		return err
	}
	defer content.Close()
	return b.s.storeFile(ctx, e, newFile{path: text("dest_path"), overwrite: rec.doc["overwrite"] == true}, func(w io.Writer) error {
		return write(ctx, w, contextReader{ctx, io.NewSectionReader(content, 0, src.size)})
	})
}

// zip packs what a migration is about.
func (b *migrationBook) zip(ctx context.Context, rec *record, e editor) error {
	var nodes []*node
	paths, _ := rec.doc["paths"].([]any)
	for _, p := range paths {
		path, _ := p.(string)
		n, err := b.s.tree.get(ctx, path)
		if err != nil {
			return err
		}
		nodes = append(nodes, n)
	}
	dest, _ := rec.doc["dest_path"].(string)
	return b.s.pack(ctx, e, newFile{path: dest, overwrite: rec.doc["overwrite"] == true}, nodes)
}

// unzip unpacks what a migration is about. One that was interrupted begins
// again, over what it has made.
func (b *migrationBook) unzip(ctx context.Context, rec *record, src *node, e editor) error {
	z, content, err := b.s.openZip(ctx, src)
	if err != nil {
		return err
	}
	defer content.Close()
	dest, _ := rec.doc["dest_path"].(string)
	only, _ := rec.doc["filename"].(string)
	into := newFile{path: dest, overwrite: rec.doc["overwrite"] == true || rec.doc["begun"] == true, parents: true}
	if rec.doc["begun"] != true {
		_, err := b.s.records.store.update(ctx, "file_migration", rec.id, func(_ *recordTable, r *record) error {
			r.doc["begun"] = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	ip, _ := rec.doc["ip"].(string)
	return b.s.unpackAll(ctx, e, z, into, only, func(path string) error {
		made := deed{who: recordCaller{userID: e.user, keyID: e.key}, action: "create", path: path, client: ip}
		if err := b.s.records.recordDeed(ctx, made); err != nil {
			return err
		}
		return b.s.records.runner.onAction(ctx, "create", path)
	})
}

// imageFormats are the formats that can be written, by their names.
var imageFormats = map[string]string{
	"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "bmp": "bmp", "tif": "tiff", "tiff": "tiff",
}

// transform finds out how a file becomes another format.
func (v *conversion) transform(kind, format string) (func(ctx context.Context, w io.Writer, r io.Reader) error, error) {
	switch kind {
	case "document_convert":
		return nil, failure("This site has no converter for documents: %s was not made.", format)
	case "files_transform_script_execute":
		return nil, failure("This site does not run scripts.")
	}
	to, ok := imageFormats[format]
	if !ok {
		return nil, failure("Images can be written as png, jpeg, gif, bmp and tiff here, not as %s.", format)
	}
	dest, _ := v.doc["dest_path"].(string)
	if ext := strings.ToLower(strings.TrimPrefix(path.Ext(dest), ".")); ext != "" && imageFormats[ext] != to {
		return nil, failure("The name of the destination ends in .%s, which is not a name for %s.", ext, format)
	}
	if v.src.size > previewFile {
		return nil, failure("The image is larger than %d MiB.", previewFile>>20)
	}
	width, _ := v.doc["width"].(int64)
	height, _ := v.doc["height"].(int64)
	return func(_ context.Context, w io.Writer, r io.Reader) error {
		v.s.drawing.Lock()
		defer v.s.drawing.Unlock()
		return convertImage(w, r, to, int(width), int(height))
	}, nil
}

// convertImage writes an image in another format. A side that is 0 follows from
// the other one; both 0 leave the size as it is.
func convertImage(w io.Writer, r io.Reader, format string, width, height int) error {
	// The size is in the first bytes: what is too large is not decoded.
	head := &headReader{r: r}
	cfg, _, err := image.DecodeConfig(head)
	if err != nil {
		return failure("The file is not an image in a format that can be read here (png, jpeg, gif, bmp, tiff, webp).")
	}
	if tooManyPixels(cfg.Width, cfg.Height) {
		return failure("The image has more than %d million pixels.", previewPixels>>20)
	}
	switch {
	case width == 0 && height == 0:
		width, height = cfg.Width, cfg.Height
	case width == 0:
		width = max(1, (cfg.Width*height+cfg.Height/2)/cfg.Height)
	case height == 0:
		height = max(1, (cfg.Height*width+cfg.Width/2)/cfg.Width)
	}
	if tooManyPixels(width, height) {
		return failure("The image would have more than %d million pixels.", previewPixels>>20)
	}
	src, _, err := image.Decode(head.again())
	if err != nil {
		return failure("The image is damaged: %v.", err)
	}
	if width != cfg.Width || height != cfg.Height {
		scaled := image.NewNRGBA(image.Rect(0, 0, width, height))
		scaler(width, cfg.Height).Scale(scaled, scaled.Bounds(), src, src.Bounds(), draw.Src, nil)
		src = scaled
	}
	switch format {
	case "jpeg":
		return jpeg.Encode(w, onWhite(src), &jpeg.Options{Quality: 90})
	case "gif":
		return gif.Encode(w, src, nil)
	case "bmp":
		return bmp.Encode(w, onWhite(src))
	case "tiff":
		return tiff.Encode(w, src, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
	}
	return png.Encode(w, src)
}

// scaler is how an image is scaled: finely, unless what lies between the two
// passes, as wide as the result and as high as the source at 32 bytes a pixel,
// would need too much memory.
func scaler(width, fromHeight int) draw.Scaler {
	if width*fromHeight > previewPixels/4 {
		return draw.ApproxBiLinear
	}
	return draw.CatmullRom
}

func tooManyPixels(w, h int) bool {
	return w <= 0 || h <= 0 || w > previewPixels || h > previewPixels || w*h > previewPixels
}

// onWhite is an image without transparency, for formats that have none.
func onWhite(src image.Image) image.Image {
	if o, ok := src.(interface{ Opaque() bool }); ok && o.Opaque() {
		return src
	}
	out := image.NewRGBA(src.Bounds())
	imagedraw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, imagedraw.Src)
	imagedraw.Draw(out, out.Bounds(), src, src.Bounds().Min, imagedraw.Over)
	return out
}

// headReader remembers what it has read, so that it can be read again.
type headReader struct {
	r    io.Reader
	seen []byte
}

// Read reads on.
func (h *headReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.seen = append(h.seen, p[:n]...)
	return n, err
}

// again reads from the beginning, without remembering.
func (h *headReader) again() io.Reader {
	return io.MultiReader(bytes.NewReader(h.seen), h.r)
}

// gpgOptions are those of encryption and decryption.
func (c *call) gpgOptions(operation string) (map[string]any, error) {
	out := map[string]any{"as_admin": c.who.siteAdmin}
	ids, err := c.ids("gpg_key_ids")
	if err != nil {
		return nil, err
	}
	partner, err := c.number("gpg_key_partner_id", 0)
	if err != nil {
		return nil, err
	}
	if partner != 0 && !c.who.siteAdmin {
		return nil, wireErrorf("not-authorized/site-admin-required", "You must be a site admin to use the keys of a partner")
	}
	flags := []string{"use_all_private_keys", "ignore_mdc_error"}
	var all []any
	for _, id := range ids {
		all = append(all, id)
	}
	if operation == "gpg_encrypt" {
		flags = []string{"armor"}
		signer, err := c.number("signing_key_id", 0)
		if err != nil {
			return nil, err
		}
		out["signing_key_id"] = signer
		if signer != 0 {
			ids = append(ids, signer)
		}
	}
	for _, f := range flags {
		if out[f], err = c.flag(f); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		r, err := c.s.records.store.get(c.ctx, "gpg_key", id)
		if errors.Is(err, errNoRecord) || err == nil && !mayUseKey(r, c.who.userID, c.who.siteAdmin) {
			return nil, wireErrorf("bad-request/request-params-invalid", "There is no GPG key %d", id)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(all) == 0 && partner == 0 && out["use_all_private_keys"] != true {
		return nil, wireErrorf("bad-request/request-params-required", "gpg_key_ids is required")
	}
	out["gpg_key_ids"], out["gpg_key_partner_id"] = all, partner
	return out, nil
}

// ids is a parameter that is a list of ids: an array, or text with commas.
func (c *call) ids(name string) ([]int64, error) {
	v, ok := c.param(name)
	if !ok {
		return nil, nil
	}
	list, ok := coerceList("int64", plain(v))
	if !ok {
		return nil, badParam(name, "an array of ids")
	}
	values, _ := list.([]any)
	var out []int64
	for _, e := range values {
		n, _ := e.(int64)
		out = append(out, n)
	}
	return out, nil
}

// mayUseKey tells whether somebody may encrypt, sign or decrypt with a key.
func mayUseKey(r *record, userID int64, admin bool) bool {
	return admin || r.doc["user_id"] == userID && r.doc["partner_id"] == nil
}

// gpg finds the keys of an encryption or decryption.
func (v *conversion) gpg(ctx context.Context, operation string) (func(ctx context.Context, w io.Writer, r io.Reader) error, error) {
	private := operation == "gpg_decrypt"
	keys, err := v.keys(ctx, private)
	if err != nil {
		return nil, err
	}
	if private {
		if len(keys) == 0 {
			return nil, failure("There is no private key to decrypt with.")
		}
		return func(_ context.Context, w io.Writer, r io.Reader) error {
			err := pgp.Decrypt(&limitedWriter{w, maxUnzipped}, r, keys, v.doc["ignore_mdc_error"] == true, v.now)
			return gpgFailure(err)
		}, nil
	}
	if len(keys) == 0 {
		return nil, failure("There is no public key to encrypt with.")
	}
	m := pgp.Message{To: keys, Armor: v.doc["armor"] == true, Name: v.src.name, Now: v.now}
	if id, _ := v.doc["signing_key_id"].(int64); id != 0 {
		r, err := v.s.records.store.get(ctx, "gpg_key", id)
		if err != nil {
			return nil, failure("The signing key %d is gone.", id)
		}
		if m.Signer, err = privateKey(r); err != nil {
			return nil, failure("The key %q has no private key to sign with.", r.doc["name"])
		}
		if !m.Signer.CanSign(v.now) {
			return nil, failure("The key %q cannot sign: it has expired, or it is not made for that.", r.doc["name"])
		}
	}
	return func(_ context.Context, w io.Writer, r io.Reader) error { return pgp.Encrypt(w, r, m) }, nil
}

// keys are those that a conversion names.
func (v *conversion) keys(ctx context.Context, private bool) (out []*pgp.Key, err error) {
	rows, err := v.s.records.store.all(ctx, "gpg_key")
	if err != nil {
		return nil, err
	}
	wanted := map[int64]bool{}
	ids, _ := v.doc["gpg_key_ids"].([]any)
	for _, id := range ids {
		n, _ := id.(int64)
		wanted[n] = true
	}
	partner, _ := v.doc["gpg_key_partner_id"].(int64)
	user, _ := v.doc["user_id"].(int64)
	all := private && v.doc["use_all_private_keys"] == true
	for _, r := range rows {
		named := wanted[r.id]
		delete(wanted, r.id)
		if !named && (partner == 0 || r.doc["partner_id"] != partner) && !all || !mayUseKey(r, user, v.doc["as_admin"] == true) {
			continue
		}
		var k *pgp.Key
		if private {
			k, err = privateKey(r)
		} else {
			k, err = publicKey(r)
			if err == nil && !k.CanEncrypt(v.now) {
				return nil, failure("The key %q cannot encrypt: it has expired, or it is not made for that.", r.doc["name"])
			}
		}
		switch {
		case err == nil:
			out = append(out, k)
		case named && private:
			return nil, failure("The key %q has no private key to decrypt with.", r.doc["name"])
		case named:
			return nil, failure("The key %q has no public key to encrypt with.", r.doc["name"])
		}
	}
	for id := range wanted {
		return nil, failure("The key %d is gone.", id)
	}
	return out, nil
}

// gpgFailure is an error of a decryption as its migration tells it.
func gpgFailure(err error) error {
	for _, reason := range []error{pgp.ErrNotEncrypted, pgp.ErrWrongKey, pgp.ErrSignature, pgp.ErrTampered, pgp.ErrDamaged} {
		if errors.Is(err, reason) {
			s := reason.Error()
			return failure("%s%s.", strings.ToUpper(s[:1]), s[1:])
		}
	}
	return err
}

// limitedWriter refuses more than so many bytes: what is packed small can be
// large.
type limitedWriter struct {
	w    io.Writer
	left int64
}

// Write writes on.
func (l *limitedWriter) Write(p []byte) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, failure("The content is too large to be unpacked here.")
	}
	return l.w.Write(p)
}

// pending is the answer of an action that a migration carries out.
func (c *call) pending(id int64) error {
	out := newObject()
	out.text("status", "pending")
	out.number("file_migration_id", id)
	return c.json(http.StatusCreated, out.bytes())
}
