package transfer

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/dustin/go-humanize"

	"ferry/backend"
	"ferry/pathutil"
)

// download brings one file to the target folder.
func (e *Engine) download(ctx context.Context, w *work) outcome {
	it, root := w.it, w.req.Target.Path
	if w.src.IsDir() {
		_, err := e.cfg.Local.MkdirIn(ctx, root, it.dst)
		if err != nil {
			if there, ferr := e.cfg.Local.FindIn(ctx, root, it.dst); ferr == nil && !there.IsDir() {
				err = fileStands(it.dst)
			}
		}
		return outcome{err: err, verified: backend.Verified}
	}
	if it.recheck {
		return e.recheckDownload(ctx, w, it.dst)
	}
	if it.again {
		if out, ok := e.thereAlready(ctx, w); ok {
			return out
		}
	}
	prefix := int64(0)
	if it.cp == nil {
		out, kept, go_ := e.placeLocal(ctx, w)
		if !go_ {
			return out
		}
		prefix = kept
	} else if out, go_ := e.placeAgain(ctx, w); !go_ {
		return out
	}
	if dir := path.Dir(it.cp.Dst); dir != "." {
		if _, err := e.cfg.Local.MkdirIn(ctx, root, dir); err != nil {
			return outcome{err: err}
		}
	}
	src, err := e.locate(ctx, w.src.Path)
	if err != nil {
		return outcome{err: err}
	}
	if src.Size >= 0 {
		w.src.Size = src.Size
	}
	w.src.Modified, w.src.Checksums = src.Modified, src.Checksums
	if prefix > 0 && src.Checksums == (backend.Checksums{}) {
		it.cp = nil
		return e.foreign(ctx, w, it.dst, unprovenThere)
	}
	return e.fetch(ctx, w, src, prefix)
}

// What is said of a target that a file was to go on behind.
const (
	unprovenThere = "the site has no checksum that would prove what is there"
	foreignThere  = "what is there is not the beginning of the file"
)

// foreign is the outcome for a target that the download was to go on behind and
// that cannot be shown to belong to it: it is left as it is, and a person decides.
func (e *Engine) foreign(ctx context.Context, w *work, dst, why string) outcome {
	there, err := e.cfg.Local.FindIn(ctx, w.req.Target.Path, dst)
	if err != nil {
		return outcome{err: err}
	}
	w.it.say("%s", why)
	return outcome{existing: &there, foreign: why}
}

// locate asks for the address of the content and what the site knows of it.
func (e *Engine) locate(ctx context.Context, from string) (backend.Entry, error) {
	var src backend.Entry
	err := e.request(ctx, func() (err error) {
		src, err = e.site().Download(ctx, from)
		return err
	})
	return src, err
}

// placeLocal is place for the local side. kept is the number of bytes of an
// existing target that the download goes on behind.
func (e *Engine) placeLocal(ctx context.Context, w *work) (out outcome, kept int64, ok bool) {
	it, root := w.it, w.req.Target.Path
	find := func(rel string) (*backend.Entry, error) {
		en, err := e.cfg.Local.FindIn(ctx, root, rel)
		if missing(err) {
			return nil, nil
		}
		return &en, err
	}
	there, err := find(it.dst)
	if err != nil {
		return outcome{err: err}, 0, false
	}
	if err := it.expected(there); err != nil {
		return outcome{err: err}, 0, false
	}
	// What is to be overwritten may as well come to stand there on the way.
	cp := &checkpoint{Dst: it.dst, Replace: it.policy == backend.Overwrite}
	switch decide(it.policy, w.src, there) {
	case skip:
		return outcome{skipped: true}, 0, false
	case question:
		return outcome{existing: there}, 0, false
	case clash:
		return outcome{err: inTheWay(it.dst)}, 0, false
	case replace:
		cp.Replace = true
	case resume:
		cp.Replace = true
		if !there.Link {
			kept = there.Size
		}
	case rename:
		var failed error
		dir := path.Dir(it.dst)
		name := pathutil.FreeLocalName(path.Base(it.dst), func(name string) bool {
			en, err := find(path.Join(dir, name))
			failed = errors.Join(failed, err)
			return en != nil && failed == nil
		})
		if failed != nil {
			return outcome{err: failed}, 0, false
		}
		if en, err := find(path.Join(dir, name)); err != nil || en != nil {
			// The disk tells spellings apart that the site does not.
			return outcome{err: errors.Join(err, inTheWay(path.Join(dir, name)))}, 0, false
		}
		cp.Dst = path.Join(dir, name)
		it.say("name changed to %s", name)
		e.journal.checkpoint(w.job, it.id, cp) // else the next start would find it taken by this file
	}
	it.cp = cp
	return outcome{}, kept, true
}

// placeAgain decides anew about a file that goes on, when something stands by
// now where it was to go.
func (e *Engine) placeAgain(ctx context.Context, w *work) (outcome, bool) {
	it, old, root := w.it, w.it.cp, w.req.Target.Path
	if old.Replace && it.expect == nil {
		return outcome{}, true
	}
	there, err := e.cfg.Local.FindIn(ctx, root, old.Dst)
	switch {
	case missing(err):
		return outcome{}, true
	case err != nil:
		return outcome{err: err}, false
	case it.expect != nil:
		err := it.expected(&there)
		return outcome{err: err}, err == nil
	}
	it.cp = nil
	out, _, ok := e.placeLocal(ctx, w)
	switch {
	case ok && it.cp.Dst == old.Dst:
		old.Replace = it.cp.Replace
		it.cp = old
	case ok, out.skipped:
		// Under another name, or not at all.
		e.cfg.Local.RemovePartialIn(root, partialName(e.cfg.SiteID, w.src.Path, old.Dst)) //nolint:errcheck,gosec // best effort
	default:
		it.cp = old
	}
	return out, ok
}

// partialName is the stable name of the unfinished file beside its target.
func partialName(site, source, dst string) string {
	sum := crc32.ChecksumIEEE([]byte(site + "\x00" + pathutil.Fold(source) + "\x00" + dst))
	base := path.Base(dst)
	if r := []rune(base); len(r) > 60 { // names are limited to 255 bytes
		base = string(r[:60])
	}
	for len(base) > 220 {
		_, size := utf8.DecodeLastRuneInString(base)
		base = base[:len(base)-size]
	}
	return path.Join(path.Dir(dst), fmt.Sprintf(".%s.%08x.ferry-part", base, sum))
}

// unfinished tells whether a name is that of a partial.
func unfinished(name string) bool {
	return strings.HasPrefix(name, ".") &&
		(strings.HasSuffix(name, ".ferry-part") || strings.HasSuffix(name, ".ferry-part-mismatch"))
}

// fetch transfers the content into the partial and makes it visible.
func (e *Engine) fetch(ctx context.Context, w *work, src backend.Entry, prefix int64) (out outcome) {
	it, cp, root := w.it, w.it.cp, w.req.Target.Path
	partial := partialName(e.cfg.SiteID, w.src.Path, cp.Dst)
	f, release, err := e.openPartial(ctx, root, partial, cp.Dst)
	if err != nil {
		return outcome{err: err}
	}
	defer release()
	closed := false
	defer func() {
		if !closed {
			f.Close() //nolint:gosec // nothing of it is used any more
		}
		useless := out.err != nil && treat(out.err) == giveUp && len(cp.have()) == 0
		if w.dropped.Load() || useless {
			e.cfg.Local.RemovePartialIn(root, partial) //nolint:errcheck,gosec // best effort
		}
	}()
	g := newGetter(e, w, f, src)
	if err := g.prepare(ctx, prefix); err != nil {
		return outcome{err: err}
	}
	sums, err := g.run(ctx)
	if err != nil {
		return outcome{err: e.diskError("write file", it.dst, err)}
	}
	if src.Checksums == (backend.Checksums{}) && src.Size > wholeFile {
		e.lookForSums(ctx, &src)
	}
	closed = true
	out = e.reveal(ctx, w, f, partial, src, sums)
	if out.err == nil && src.Checksums == (backend.Checksums{}) && !src.Created.IsZero() {
		// It was sent to the site a moment ago. What lies on a mounted storage,
		// which tells no time of creation, gets no checksums ever.
		out.late, out.sums = true, sums
	}
	return out
}

// lookForSums asks once more for the checksums of a large file, which the site
// may have computed while it came: so it is compared before it is visible.
func (e *Engine) lookForSums(ctx context.Context, src *backend.Entry) {
	err := e.goOn(ctx, func() error {
		now, err := e.site().Find(ctx, src.Path)
		if err == nil && now.Size == src.Size && now.Modified.Equal(src.Modified) {
			src.Checksums = now.Checksums
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		e.cfg.Log.Info("no checksums", "path", src.Path, "err", err)
	}
}

// reveal judges a complete partial and makes it visible. f is closed in every
// case.
func (e *Engine) reveal(ctx context.Context, w *work, f *os.File, partial string, src backend.Entry, sums backend.Checksums) outcome {
	it, cp, root := w.it, w.it.cp, w.req.Target.Path
	out := e.compareDownload(ctx, f, src, sums)
	if out.verified == backend.Mismatch {
		if cp.Adopted > 0 {
			f.Close() //nolint:gosec // nothing of it is used any more
			w.lost(cp.bytes() - cp.Adopted)
			e.cfg.Local.RemovePartialIn(root, partial) //nolint:errcheck,gosec // best effort
			return e.foreign(ctx, w, cp.Dst, foreignThere)
		}
		aside := partial + "-mismatch" // out of the way, so that the damage can be looked at
		if err := e.cfg.Local.SetAsideIn(f, root, partial, aside); err == nil {
			it.say("the damaged copy is kept as %s", path.Base(aside))
		}
		return out
	}
	if out.err != nil {
		f.Close() //nolint:gosec // nothing of it is used any more
		return out
	}
	if err := ctx.Err(); err != nil {
		f.Close() //nolint:gosec // stopped before it became visible
		return outcome{err: err}
	}
	if cp.Adopted > 0 {
		// The copy of the beginning may have been lost and fetched since: only the
		// target itself tells what is about to be replaced.
		if is, err := e.stillBeginning(ctx, f, root, cp); err != nil || !is {
			f.Close() //nolint:gosec // nothing of it is used any more
			if err != nil {
				return outcome{err: err}
			}
			w.lost(cp.bytes())
			e.cfg.Local.RemovePartialIn(root, partial) //nolint:errcheck,gosec // best effort
			return e.foreign(ctx, w, cp.Dst, foreignThere)
		}
	}
	if err := e.cfg.Local.CommitIn(f, root, partial, cp.Dst, src.Modified, cp.Replace); err != nil {
		return outcome{err: err}
	}
	e.cfg.Local.RemovePartialIn(root, partial+"-mismatch") //nolint:errcheck,gosec // of an earlier try, usually absent
	return out
}

// stillBeginning tells whether what stands at the target, which a download went on
// behind, is the beginning of what has come. Where nothing stands, nothing is lost.
func (e *Engine) stillBeginning(ctx context.Context, f *os.File, root string, cp *checkpoint) (bool, error) {
	t, err := e.cfg.Local.Open(root + string(os.PathSeparator) + cp.Dst)
	if missing(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer t.Close()
	info, err := t.Stat()
	if err != nil {
		return false, e.diskError("verify", cp.Dst, err)
	}
	if info.Size() != cp.Adopted {
		return false, nil
	}
	const sha = "only"
	there, err := hashAll(ctx, t, cp.Adopted, backend.Checksums{SHA256: sha})
	if err != nil {
		return false, e.diskError("verify", cp.Dst, err)
	}
	come, err := hashAll(ctx, f, cp.Adopted, backend.Checksums{SHA256: sha})
	if err != nil {
		return false, e.diskError("verify", cp.Dst, err)
	}
	return there.SHA256 != "" && there.SHA256 == come.SHA256, nil
}

// compareDownload judges the partial by what the site says about the source.
func (e *Engine) compareDownload(ctx context.Context, f *os.File, src backend.Entry, sums backend.Checksums) outcome {
	info, err := f.Stat()
	if err != nil {
		return outcome{err: e.diskError("verify", src.Path, err)}
	}
	if src.Size >= 0 && info.Size() != src.Size {
		return outcome{err: mismatch(src.Path, "The length"), verified: backend.Mismatch}
	}
	if src.Checksums == (backend.Checksums{}) {
		return outcome{verified: backend.SizeOnly}
	}
	if !common(sums, src.Checksums) {
		if sums, err = hashAll(ctx, f, info.Size(), src.Checksums); err != nil {
			return outcome{err: err}
		}
	}
	v, by := judge(sums, src.Checksums)
	if v == backend.Mismatch {
		return outcome{err: mismatch(src.Path, by), verified: v, by: by}
	}
	return outcome{verified: v, by: by}
}

// diskError explains an error of the open partial; others stay as they are.
func (e *Engine) diskError(op, path string, err error) error {
	var onPath *os.PathError
	if errors.As(err, &onPath) {
		return e.cfg.Local.Explain(op, path, err)
	}
	return err
}

// roomFor refuses a file that the disk cannot hold before it is begun.
func (e *Engine) roomFor(root, name string, need int64) error {
	free, err := e.cfg.Local.Free(root)
	if err != nil || free >= need {
		return nil //nolint:nilerr // not every disk tells; writing will
	}
	return &backend.Error{
		Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: "local/disk-full", Title: "Disk Full",
		Op: "download", Path: name, Message: "The file needs " + humanize.Bytes(uint64(need-free)) + " more than is free on the disk.",
	}
}

// What is written at a time: the system does more in fewer calls. A file that
// comes in ranges has few writers, so each may hold more.
const (
	chunk     = 256 << 10
	wideChunk = 512 << 10
)

var chunks, wideChunks = buffers(chunk), buffers(wideChunk)

// buffers are kept for the next file.
func buffers(size int) *sync.Pool {
	return &sync.Pool{New: func() any {
		b := make([]byte, size)
		return &b
	}}
}

// copyAt writes r into f at off, at most length bytes, and hashes them.
func copyAt(f *os.File, off, length int64, r io.Reader, h io.Writer) (int64, error) {
	pool := chunks
	if length > wholeFile && length < math.MaxInt64 {
		pool = wideChunks
	}
	whole := pool.Get().(*[]byte) //nolint:forcetypeassert // nothing else is in it
	defer pool.Put(whole)
	buf := *whole
	var n int64
	for n < length {
		m, err := io.ReadFull(r, buf[:min(int64(len(buf)), length-n)])
		if m > 0 {
			if _, werr := f.WriteAt(buf[:m], off+n); werr != nil {
				return n, werr
			}
			h.Write(buf[:m]) //nolint:errcheck,gosec // hashes never fail
			n += int64(m)
		}
		// ReadFull says so at the end of the stream; a broken connection is an error of its own (wire).
		if errors.Is(err, io.EOF) || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
