package transfer

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"

	"golang.org/x/sync/errgroup"

	"ferry/backend"
	"ferry/pathutil"
)

// Small files of one folder come together in an archive, which costs two
// requests instead of two for each (PROTOCOL.md 9). Whatever goes wrong with an
// archive, its files are fetched one by one then, and fail, if they do, with
// errors of their own.

const (
	archiveFile  = 128 << 10 // the largest file that goes into an archive
	archiveFiles = 64        // files of an archive
	archiveLeast = 8         // fewer are not worth one
	archiveBytes = 2 << 20   // of content; an archive is read into memory
	archiveSlack = 1 << 10   // what an entry may cost beside its content and name
)

// fits tells whether an item may come in an archive.
func (j *job) fits(it *item) bool {
	return j.req.Direction == backend.Download && !it.alone && !it.recheck && !it.again && it.arrived == nil && it.was == nil &&
		it.cp == nil && !it.src.IsDir() && it.src.Size >= 0 && it.src.Size <= archiveFile
}

// nextGroup takes the items at the head of the queue that come in one archive,
// nil when they had better come one by one. wait tells that enough archives are
// on their way.
func (b *book) nextGroup(j *job) (group []*item, wait bool) {
	if b.noArchives || b.e.cfg.Limits.Archives < 0 || len(j.queue) < archiveLeast || !j.fits(j.queue[0]) {
		return nil, false
	}
	dir := pathutil.Fold(pathutil.Dir(j.queue[0].src.Path))
	names := map[string]bool{}
	n, bytes := 0, int64(0)
	for n < len(j.queue) && n < archiveFiles {
		it := j.queue[n]
		name := pathutil.Fold(pathutil.Base(it.src.Path))
		if !j.fits(it) || names[name] || pathutil.Fold(pathutil.Dir(it.src.Path)) != dir || bytes+it.src.Size > archiveBytes {
			break
		}
		names[name] = true
		bytes += it.src.Size
		n++
	}
	if n < archiveLeast || b.archives >= b.e.cfg.Limits.Archives {
		return nil, n >= archiveLeast
	}
	group = make([]*item, n)
	for i := range group {
		group[i] = j.next()
	}
	return group, false
}

// beginGroup runs the items of an archive. They take one place among the files
// at work.
func (b *book) beginGroup(j *job, group []*item) {
	works := make([]*work, len(group))
	for i, it := range group {
		works[i] = b.assign(j, it)
	}
	b.active -= len(works) - 1
	b.archives++
	ctx, turn := b.e.withTurn(j.work)
	for _, it := range group {
		it.turn = turn
	}
	b.e.wg.Go(func() {
		var outs []outcome
		var refused bool
		if err := b.e.guard("download", works[0].src.Path, func() error {
			outs, refused = b.e.archive(ctx, works)
			return nil
		}); err != nil {
			outs = slices.Repeat([]outcome{{err: err}}, len(works))
		}
		b.e.tell(func(b *book) {
			b.active += len(works) - 1
			b.archives--
			b.noArchives = b.noArchives || refused
			for i := len(works) - 1; i >= 0; i-- { // those that go back keep their order
				b.report(works[i], outs[i])
			}
		})
	})
}

// archive brings the files of a group. refused tells that the site does not
// make archives at all.
func (e *Engine) archive(ctx context.Context, works []*work) (outs []outcome, refused bool) {
	outs = make([]outcome, len(works))
	todo := make([]int, 0, len(works))
	made := map[string]error{}
	for i, w := range works {
		out, kept, ok := e.placeLocal(ctx, w)
		switch {
		case !ok:
			outs[i] = out
			continue
		case kept > 0: // goes on behind what is there
			w.it.cp = nil
			outs[i].alone = true
			continue
		}
		dir := path.Dir(w.it.cp.Dst)
		if _, known := made[dir]; !known && dir != "." {
			_, made[dir] = e.cfg.Local.MkdirIn(ctx, w.req.Target.Path, dir)
		}
		if err := made[dir]; err != nil {
			outs[i].err = err
			continue
		}
		todo = append(todo, i)
	}
	if len(todo) == 0 {
		return outs, false
	}
	files, refused, err := e.fetchArchive(ctx, works, todo)
	if err != nil {
		for _, i := range todo {
			works[i].it.cp = nil
			outs[i] = outcome{alone: true}
			if ctx.Err() != nil {
				outs[i] = outcome{err: ctx.Err()}
			}
		}
		return outs, refused
	}
	// Many at a time, so that they share the flushes of their disk.
	var g errgroup.Group
	g.SetLimit(32)
	for _, i := range todo {
		g.Go(func() error {
			w := works[i]
			if err := e.guard("download", w.src.Path, func() error {
				in := files[pathutil.Fold(pathutil.Base(w.src.Path))]
				if outs[i] = e.unpack(ctx, w, in); in != nil && outs[i].alone {
					// What the entry says of itself may be damaged too.
					w.lost(int64(min(in.CompressedSize64, uint64(w.src.Size)+archiveSlack))) //nolint:gosec // sizes are positive here
				}
				return nil
			}); err != nil {
				outs[i] = outcome{err: err}
			}
			if outs[i].alone {
				w.it.cp = nil
				return nil
			}
			if outs[i].err == nil {
				outs[i] = e.takeAway(ctx, w, outs[i])
			}
			return nil
		})
	}
	_ = g.Wait() // the outcomes say it
	return outs, false
}

// fetchArchive gets an archive and gives its files by the comparison form of
// their names.
func (e *Engine) fetchArchive(ctx context.Context, works []*work, todo []int) (files map[string]*zip.File, refused bool, err error) {
	paths := make([]string, 0, len(todo))
	most := int64(64 << 10)
	for _, i := range todo {
		paths = append(paths, works[i].src.Path)
		most += works[i].src.Size + 2*int64(len(works[i].src.Path)) + archiveSlack
	}
	var b bytes.Buffer
	err = e.carry(ctx, works[0], most, e.gate.enter, "download", func() (n int64, err error) {
		uri, err := e.site().DownloadArchive(ctx, paths)
		if err != nil {
			// A list of paths that cannot be had is refused otherwise.
			refused = missing(err) || errors.Is(err, backend.NotAuthorized)
			return 0, err
		}
		body, err := e.site().OpenRange(ctx, uri, 0, -1, "")
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, body.Close()) }()
		b.Grow(int(most) + bytes.MinRead)
		return b.ReadFrom(io.LimitReader(&stream{ctx: ctx, r: wire{body}, t: e.throttle, lane: works[0].lane(), count: func(int) {}, passed: works[0].passed}, most+1))
	})
	if err == nil && int64(b.Len()) > most {
		err = errChanged // other files than were planned
	}
	if err != nil {
		works[0].lost(int64(b.Len()))
		return nil, refused, err
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		works[0].lost(int64(b.Len()))
		return nil, false, errShort
	}
	files = make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		files[pathutil.Fold(f.Name)] = f
	}
	return files, false, nil
}

// unpack writes one file of an archive and makes it visible. What is not as it
// was planned is fetched alone, with what the site says of it then.
func (e *Engine) unpack(ctx context.Context, w *work, in *zip.File) (out outcome) {
	it, root := w.it, w.req.Target.Path
	if in == nil || in.UncompressedSize64 != uint64(w.src.Size) { //nolint:gosec // sizes are positive here
		return outcome{alone: true}
	}
	r, err := in.Open()
	if err != nil {
		return outcome{alone: true}
	}
	defer r.Close()
	partial := partialName(e.cfg.SiteID, w.src.Path, it.cp.Dst)
	f, release, err := e.openPartial(ctx, root, partial, it.cp.Dst)
	if err != nil {
		return outcome{err: err}
	}
	defer release()
	defer func() { // as fetch does; a small file is not gone on with
		f.Close() //nolint:gosec // it is closed, unless something broke off
		if w.dropped.Load() || out.err != nil && treat(out.err) == giveUp {
			e.cfg.Local.RemovePartialIn(root, partial) //nolint:errcheck,gosec // best effort
		}
	}()
	h := newHasher(w.src.Checksums)
	n, err := copyAt(f, 0, w.src.Size, r, h)
	if err == nil {
		err = f.Truncate(n) // of what lay there before
	}
	if err == nil {
		// The end of an entry is where its checksum is compared.
		_, err = r.Read(make([]byte, 1))
		if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil || n != w.src.Size {
		f.Close()                                                        //nolint:gosec // nothing of it is used any more
		e.cfg.Local.RemovePartialIn(root, partial)                       //nolint:errcheck,gosec // best effort
		if disk := e.diskError("write file", it.dst, err); disk != err { //nolint:errorlint // tells whether it was one of the disk
			return outcome{err: disk}
		}
		return outcome{alone: true}
	}
	it.done.Store(n)
	src := w.src
	if src.Checksums == (backend.Checksums{}) {
		// The archive carries a checksum of each file.
		src.Checksums.CRC32 = crcText(in.CRC32)
	}
	out = e.reveal(ctx, w, f, partial, src, h.sums())
	if out.err != nil && out.verified == backend.Mismatch {
		return outcome{alone: true} // changed since it was listed
	}
	return out
}
