package transfer

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
)

// partTries is how often a part is sent before the file counts as failed once.
const partTries = 3

// upload brings one file to the site.
func (e *Engine) upload(ctx context.Context, w *work) outcome {
	it := w.it
	if w.src.IsDir() {
		return w.folders.settle(ctx, it.dst)
	}
	f, err := e.cfg.Local.Open(w.src.Path)
	if err != nil {
		return outcome{err: err}
	}
	defer f.Close()
	identity, info, err := identify(f)
	if err != nil {
		return outcome{err: err}
	}
	w.src.Size, w.src.Modified = info.Size(), info.ModTime().UTC()
	if it.recheck {
		return e.recheckUpload(ctx, w, f)
	}
	if err := remoteHolds(it.rel); err != nil {
		return outcome{err: err} // refused by the scan, and tried again
	}
	if it.cp != nil && it.cp.Identity != "" {
		same := it.cp.Identity == identity
		if same {
			if same, err = e.sentOf(ctx, w, f); err != nil {
				return outcome{err: err}
			}
		}
		if !same {
			it.say("the source changed: starts over")
			w.lost(it.cp.bytes())
			e.forget(w)
		}
	}
	if it.cp == nil {
		if out, go_ := e.place(ctx, w, f); !go_ {
			return out
		}
	} else if out, go_ := e.placeOver(ctx, w, f); !go_ {
		return out
	}
	if it.cp.Identity == "" {
		it.cp.Identity, it.cp.Size, it.cp.Modified = identity, w.src.Size, w.src.Modified
		it.cp.trusted = true
	}
	out := e.send(ctx, w, f)
	if out.err == nil {
		if now, _, err := identify(f); err != nil || now != identity {
			out = outcome{err: errChanged}
		}
	}
	return out
}

// sentOf tells whether what an earlier run has sent is what the file holds: its
// time can be set back, and a part of another content is never mixed in.
func (e *Engine) sentOf(ctx context.Context, w *work, f io.ReaderAt) (bool, error) {
	cp := w.it.cp
	have := cp.have()
	if cp.trusted || len(have) == 0 {
		return true, nil
	}
	w.it.note("compares what was sent with the file")
	good, err := held(ctx, f, have)
	if err != nil {
		return false, e.diskError("read file", w.src.Path, err)
	}
	cp.trusted = len(good) == len(have)
	return cp.trusted, nil
}

// identify tells the content of an open file as far as size and time can.
func identify(f *os.File) (string, os.FileInfo, error) {
	info, err := f.Stat()
	if err != nil {
		return "", nil, err
	}
	return strconv.FormatInt(info.Size(), 36) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 36), info, nil
}

// place decides where the file goes. It leaves a checkpoint and true, or the
// outcome when the file is not to be sent (yet).
func (e *Engine) place(ctx context.Context, w *work, f *os.File) (outcome, bool) {
	it := w.it
	dir, name := pathutil.Dir(it.dst), pathutil.Base(it.dst)
	folder, err := w.folders.ensure(ctx, dir)
	if err != nil {
		return outcome{err: err}, false
	}
	var there *backend.Entry
	switch {
	case it.expect != nil:
		var now backend.Entry
		err := e.request(ctx, func() (err error) {
			now, err = e.site().Find(ctx, it.dst)
			return err
		})
		if err != nil && !missing(err) {
			return outcome{err: err}, false
		}
		if err == nil {
			there = &now
		}
		if err := it.expected(there); err != nil {
			return outcome{err: err}, false
		}
	case it.policy != backend.Overwrite:
		if there, err = w.folders.lookup(ctx, folder, dir, name, w.many(dir)); err != nil {
			return outcome{err: err}, false
		}
	}
	if it.again && twins(w.src, there) {
		if out := e.recheckUpload(ctx, w, f); out.err == nil || backend.Cancelled(out.err) {
			out.before = true
			return out, false // sent before the program ended
		}
	}
	it.again = false
	cp := &checkpoint{Dst: it.dst}
	switch decide(it.policy, w.src, there) {
	case skip:
		return outcome{skipped: true}, false
	case question:
		return outcome{existing: there}, false
	case clash:
		return outcome{err: inTheWay(it.dst)}, false
	case replace:
		cp.Replace = true
	case resume:
		// The site's offset upload is not offered everywhere: what is a beginning
		// of the file is replaced, and nothing else.
		if why, err := e.notBeginning(ctx, f, there); err != nil {
			return outcome{err: err}, false
		} else if why != "" {
			it.say("%s", why)
			return outcome{existing: there, foreign: why}, false
		}
		cp.Replace = true
	case rename:
		free, err := w.folders.free(ctx, folder, dir, name)
		if err != nil {
			return outcome{err: err}, false
		}
		cp.Dst = pathutil.Join(dir, free)
		it.say("name changed to %s", free)
	}
	it.cp = cp
	return outcome{}, true
}

// many tells that more files go into a folder of the target than one or a few.
func (w *work) many(dir string) bool {
	return len(w.req.Sources) > 4 || w.req.Planned || !pathutil.IsSame(dir, w.folders.top)
}

// placeOver decides anew about a file that goes on, when something stands by now
// where it is to go: what nobody has seen is not written over.
func (e *Engine) placeOver(ctx context.Context, w *work, f *os.File) (outcome, bool) {
	it, old := w.it, w.it.cp
	if it.expect == nil && (old.Replace || it.policy == backend.Overwrite) {
		return outcome{}, true
	}
	var there backend.Entry
	err := e.request(ctx, func() (err error) {
		there, err = e.site().Find(ctx, old.Dst)
		return err
	})
	switch {
	case missing(err):
		return outcome{}, true
	case err != nil:
		return outcome{err: err}, false
	case old.Dst == it.dst && twins(w.src, &there):
		if out := e.recheckUpload(ctx, w, f); out.err == nil || backend.Cancelled(out.err) {
			out.before = it.again
			return out, false // it had arrived, and the answer was lost
		}
	}
	if it.expect != nil {
		err := it.expected(&there)
		return outcome{err: err}, err == nil
	}
	it.cp = nil
	out, ok := e.place(ctx, w, f)
	switch {
	case ok && it.cp.Dst == old.Dst:
		old.Replace = it.cp.Replace
		it.cp = old
	case !ok && !out.skipped:
		it.cp = old
	}
	return out, ok
}

// notBeginning tells why a target is not known to be the beginning of a file, ""
// when it is.
func (e *Engine) notBeginning(ctx context.Context, f io.ReaderAt, there *backend.Entry) (why string, err error) {
	if there.Checksums == (backend.Checksums{}) {
		return unprovenThere, nil
	}
	sums, err := hashAll(ctx, f, there.Size, there.Checksums)
	if err != nil {
		return "", err
	}
	if v, _ := judge(sums, there.Checksums); v != backend.Verified {
		return foreignThere, nil
	}
	return "", nil
}

func inTheWay(path string) error {
	return &backend.Error{
		Class: backend.ClassDestinationExists, Group: backend.Client, Type: "client/destination-exists",
		Title: "Destination Exists", Op: "transfer", Path: path,
		Message: "A folder with this name stands where the file should go.",
	}
}

// fileStands is the error for a folder whose name a file has.
func fileStands(path string) error {
	return &backend.Error{
		Class: backend.ClassDestinationExists, Group: backend.Client, Type: "client/destination-exists",
		Title: "Destination Exists", Op: "make folder", Path: path,
		Message: "A file stands where the folder should go.",
	}
}

// send transfers the content under the item's checkpoint, from its beginning or
// from where it was left.
func (e *Engine) send(ctx context.Context, w *work, f *os.File) outcome {
	it, cp := w.it, w.it.cp
	if have := cp.have(); cp.Ref != "" && len(have) > 0 && cp.bytes() == cp.Size {
		// Only the end was missing, or the answer to it.
		return e.end(ctx, w, f, have, crcOf(have, cp.Size), true)
	}
	first, err := e.begin(ctx, w, nextPart(cp.have()))
	if err != nil {
		if cp.Ref != "" && forgotten(err) {
			return outcome{err: errForgotten}
		}
		return outcome{err: err}
	}
	cp.Ref = first.Ref
	if cp.PartSize == 0 {
		cp.Serial = !first.Parallel
		cp.PartSize = partSize(cp.Size, first.Size, first.Available)
		if cp.Size <= cp.PartSize && !cp.Serial {
			return e.sendWhole(ctx, w, f, first)
		}
		e.journal.checkpoint(w.job, it.id, cp)
	}
	it.done.Store(cp.bytes())
	if cp.Serial {
		err = e.sendSerial(ctx, w, f, first)
	} else {
		err = e.sendParallel(ctx, w, f, first)
	}
	if err != nil {
		return outcome{err: err}
	}
	pieces := cp.have()
	return e.end(ctx, w, f, pieces, crcOf(pieces, cp.Size), false)
}

// crcOf is the checksum of a file that arrived in pieces.
func crcOf(pieces []piece, size int64) backend.Checksums {
	if crc, ok := joined(slices.Clone(pieces), size); ok {
		return backend.Checksums{CRC32: crcText(crc)}
	}
	return backend.Checksums{}
}

func nextPart(have []piece) int {
	n := 1
	for _, p := range have {
		n = max(n, p.N+1)
	}
	return n
}

// begin asks for the address of a part: of a new upload without a ref.
func (e *Engine) begin(ctx context.Context, w *work, n int) (backend.Part, error) {
	var part backend.Part
	err := e.request(ctx, func() (err error) {
		part, err = e.beginHere(ctx, w, n)
		return err
	})
	return part, err
}

// beginHere is begin for who is inside the gate.
func (e *Engine) beginHere(ctx context.Context, w *work, n int) (backend.Part, error) {
	cp := w.it.cp
	parts, err := e.site().BeginUpload(ctx, cp.Dst, backend.UploadOptions{
		Size: cp.Size, Part: n, Ref: cp.Ref, MkdirParents: true,
	})
	if err != nil {
		return backend.Part{}, err
	}
	if len(parts) == 0 {
		return backend.Part{}, &backend.Error{
			Class: backend.ClassAPI, Group: backend.APIFailure, Op: "begin upload", Path: cp.Dst,
			Message: "The site gave no address to send the file to.",
		}
	}
	return parts[0], nil
}

// sendWhole sends a file of one part: the bytes are hashed while they pass.
func (e *Engine) sendWhole(ctx context.Context, w *work, f *os.File, part backend.Part) outcome {
	h := newHasher(backend.Checksums{})
	p, err := e.put(ctx, w, f, span{N: 1, Length: w.it.cp.Size}, part, func() io.Writer {
		h = newHasher(backend.Checksums{})
		return h
	})
	if err != nil {
		return outcome{err: err}
	}
	w.it.cp.add(p) // a queue that is parked now need not send it again
	out := e.end(ctx, w, f, []piece{p}, h.sums(), false)
	if out.late && strings.EqualFold(p.ETag, out.sums.MD5) {
		// The receipt of the only part is the MD5 of what the site has
		// (PROTOCOL.md 10); its own checksums will come later and say the same.
		// A receipt of another kind says nothing.
		out.late, out.verified, out.by = false, backend.Verified, "MD5"
	}
	return out
}

// sendSerial follows the site's own schedule of sizes, one part after another.
func (e *Engine) sendSerial(ctx context.Context, w *work, f *os.File, part backend.Part) error {
	cp := w.it.cp
	off, n := cp.bytes(), nextPart(cp.have())
	for off < cp.Size || n == 1 {
		length := part.Size
		if length <= 0 {
			length = smallestPart
		}
		s := span{N: n, Off: off, Length: min(length, cp.Size-off)}
		w.it.note("part %d", n)
		p, err := e.put(ctx, w, f, s, part, nil)
		if err != nil {
			return err
		}
		e.arrived(w, p)
		off, n = off+s.Length, n+1
		if off >= cp.Size {
			break
		}
		if part, err = e.begin(ctx, w, n); err != nil {
			return err
		}
	}
	return nil
}

// arrived keeps a finished part in memory and in the journal.
func (e *Engine) arrived(w *work, p piece) {
	w.it.cp.add(p)
	e.journal.piece(w.job, w.it.id, p)
}

// put sends one part inside the gate. An expired address is renewed by the ref;
// a failure that may pass is repeated. tee gets the bytes of the last attempt.
func (e *Engine) put(ctx context.Context, w *work, f *os.File, s span, part backend.Part, tee func() io.Writer) (piece, error) {
	it, renewals := w.it, 0
	enter := e.gate.enter // the parts of one file leave room for others
	if tee != nil {
		enter = e.gate.goOn
	}
	for try := 1; ; {
		h := newHasher(backend.Checksums{CRC32: "only"})
		var sink io.Writer = h
		if tee != nil {
			sink = io.MultiWriter(h, tee())
		}
		var sent int64
		body := &stream{ctx: ctx, t: e.throttle, lane: w.lane(), r: io.TeeReader(io.NewSectionReader(f, s.Off, s.Length), sink), passed: w.passed, count: func(n int) {
			sent += int64(n)
			it.done.Add(int64(n))
		}}
		var etag string
		begun := false // the request that carries the part
		err := e.carry(ctx, w, s.Length, enter, "upload part", func() (_ int64, err error) {
			if !part.Expires.IsZero() && part.Expires.Sub(e.cfg.Clock.Now()) < addressLife || part.Number != s.N {
				if part, err = e.beginHere(ctx, w, s.N); err != nil {
					return 0, err
				}
			}
			begun = true
			etag, err = e.site().PutPart(ctx, part, body, s.Length)
			if err == nil && sent != s.Length {
				err = errChanged // the file is shorter than it was
			}
			return sent, err
		})
		if err == nil {
			return piece{span: s, ETag: etag, CRC: h.crc.Sum32()}, nil
		}
		it.done.Add(-sent)
		w.lost(sent)
		switch {
		case ctx.Err() != nil:
			return piece{}, ctx.Err()
		case !begun && forgotten(err):
			return piece{}, errForgotten
		case !begun:
			return piece{}, err
		case sent < s.Length && truncated(f, s):
			return piece{}, errChanged
		case expired(err) && renewals < partTries:
			renewals++
			part.Number = 0 // asks for a new address
			continue
		case forgotten(err), backend.AsError(err).Status == 404:
			return piece{}, errors.Join(errForgotten, err)
		case !part.Retry:
			// The site cannot take a part twice: the upload is lost.
			return piece{}, errors.Join(errForgotten, err)
		}
		if t := treat(err); try >= partTries || t != again && t != parkNet && !wordless(err) {
			return piece{}, err
		}
		if err := sleep(ctx, e.cfg.Clock, backoff(try, err)); err != nil {
			return piece{}, err
		}
		try++
		part.Number = 0
	}
}

func truncated(f *os.File, s span) bool {
	info, err := f.Stat()
	return err != nil || info.Size() < s.Off+s.Length
}

// end makes the upload visible and compares what the site has with what was
// sent. unsure says that it may be visible already: an end without an answer may
// have worked.
func (e *Engine) end(ctx context.Context, w *work, f *os.File, pieces []piece, sums backend.Checksums, unsure bool) outcome {
	cp := w.it.cp
	o := backend.EndOptions{Ref: cp.Ref, Size: cp.Size, Modified: cp.Modified, MkdirParents: true}
	for _, p := range pieces {
		if p.ETag != "" {
			o.Tags = append(o.Tags, backend.PartTag{ETag: p.ETag, Number: p.N})
		}
	}
	if now, _, err := identify(f); err != nil || now != cp.Identity {
		return outcome{err: errChanged} // before it becomes visible
	}
	var got backend.Entry
	unsure = unsure || w.it.again
	for try := 1; ; try++ {
		err := e.goOn(ctx, func() (err error) {
			got, err = e.site().EndUpload(ctx, cp.Dst, o)
			return err
		})
		if err == nil {
			break
		}
		if forgotten(err) {
			if !unsure || !e.ended(ctx, cp, sums, &got) {
				return outcome{err: errors.Join(errForgotten, err)}
			}
			break
		}
		if t := treat(err); try >= partTries || t != again && t != parkNet {
			return outcome{err: err}
		}
		unsure = true
		if err := sleep(ctx, e.cfg.Clock, backoff(try, err)); err != nil {
			return outcome{err: err}
		}
	}
	w.it.done.Store(cp.Size)
	return e.compare(ctx, w, f, got, sums)
}

// ended looks whether an end whose answer was lost has worked.
func (e *Engine) ended(ctx context.Context, cp *checkpoint, sums backend.Checksums, got *backend.Entry) bool {
	err := e.request(ctx, func() (err error) {
		*got, err = e.site().Find(ctx, cp.Dst)
		return err
	})
	if err != nil || got.Size != cp.Size || !seconds(got.Modified).Equal(seconds(cp.Modified)) {
		return false
	}
	v, _ := judge(sums, got.Checksums)
	return v != backend.Mismatch
}

// compare judges an upload by what the site says about the file.
func (e *Engine) compare(ctx context.Context, w *work, f io.ReaderAt, got backend.Entry, sums backend.Checksums) outcome {
	if got.Size >= 0 && got.Size != w.src.Size {
		return outcome{err: mismatch(got.Path, "The length"), verified: backend.Mismatch}
	}
	if got.Checksums == (backend.Checksums{}) {
		return outcome{verified: backend.SizeOnly, late: true, sums: sums}
	}
	if !common(sums, got.Checksums) {
		var err error
		if sums, err = hashAll(ctx, f, w.src.Size, got.Checksums); err != nil {
			return outcome{err: err}
		}
	}
	v, by := judge(sums, got.Checksums)
	if v == backend.Mismatch {
		return outcome{err: mismatch(w.it.dst, by), verified: v, by: by}
	}
	return outcome{verified: v, by: by, sums: sums}
}
