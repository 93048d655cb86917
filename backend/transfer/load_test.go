package transfer

import (
	"errors"
	"log/slog"
	"reflect"
	"strconv"
	"testing"
	"time"

	"ferry/backend"
)

// failedJob keeps a transfer of some files of which a few failed in a journal, as
// one that has ended.
func failedJob(t testing.TB, dir string, scanned bool, items []*item) {
	t.Helper()
	keptJob(t, dir, scanned, items, backend.JobFailed)
}

// keptJob keeps a transfer in a journal, in whatever state.
func keptJob(t testing.TB, dir string, scanned bool, items []*item, state backend.JobState) {
	t.Helper()
	j, _, err := openJournal(dir, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	jb := &job{id: 1, site: "test", req: backend.TransferRequest{Sources: []backend.Entry{{Path: "from", Kind: backend.Folder}}}, pos: 1}
	j.add(jb)
	j.items(jb.id, items)
	for _, it := range items {
		switch it.state {
		case backend.JobDone, backend.JobCancelled:
			j.done(jb.id, it)
		case backend.JobFailed:
			j.failed(jb.id, it)
		}
	}
	if scanned {
		j.scanned(jb.id, nil, 0, nil)
	}
	if state.Ended() {
		j.ended(jb.id, state, time.Unix(2, 0))
	}
}

// opened is the only job of a journal.
func opened(t testing.TB, dir string) *job {
	t.Helper()
	j, left, err := openJournal(dir, "test", slog.New(slog.DiscardHandler))
	if err != nil || len(left) != 1 {
		t.Fatal(left, err)
	}
	j.close()
	return left[0]
}

// Of a job that has ended what arrived is counted by the database; it comes to the
// same as looking at each file, which a job does that is not scanned yet.
func TestEndedJobsAreCounted(t *testing.T) {
	add := func(items *[]*item, kind backend.Kind, s backend.JobState, v backend.Verification, by string, size int64) {
		n := len(*items) + 1
		name := strconv.Itoa(n)
		it := &item{id: int64(n), rel: name, dst: name, state: s, verified: v, by: by, src: backend.Entry{Path: "from/" + name, Kind: kind, Size: size}}
		if s == backend.JobFailed {
			it.err = errors.New("no")
		}
		*items = append(*items, it)
	}
	var items []*item
	for n := range int64(3) {
		add(&items, backend.File, backend.JobDone, backend.Verified, "MD5", -1)
		add(&items, backend.File, backend.JobDone, backend.SizeOnly, "", 10+n)
		add(&items, backend.File, backend.JobDone, backend.Verified, "CRC32", 100+n)
		add(&items, backend.File, backend.JobCancelled, backend.Unverified, "", 1000)
		add(&items, backend.Folder, backend.JobDone, backend.Verified, "", -1)
		add(&items, backend.Folder, backend.JobCancelled, backend.Unverified, "", -1)
		add(&items, backend.File, backend.JobFailed, backend.Unverified, "", 7)
	}
	add(&items, backend.File, backend.JobDone, backend.Verified, "CRC32", 5)
	jobs := map[bool]*job{}
	for _, scanned := range []bool{false, true} {
		dir := t.TempDir()
		failedJob(t, dir, scanned, items)
		j := opened(t, dir)
		if len(j.failed) != 3 || j.nextID != int64(len(items)) {
			t.Errorf("scanned %v: %d failed, the last is %d", scanned, len(j.failed), j.nextID)
		}
		if want := map[bool]int{false: len(items)}[scanned]; len(j.known) != want {
			t.Errorf("scanned %v: it knows %v", scanned, j.known)
		}
		j.failed, j.known, j.scanned = nil, nil, false
		jobs[scanned] = j
	}
	each, counted := jobs[false], jobs[true]
	if counted.filesTotal != 16 || counted.filesDone != 10 || counted.filesSkipped != 6 || counted.bytesDone != 33+303+5 {
		t.Errorf("counted %+v", counted)
	}
	if each.err.Error() != counted.err.Error() {
		t.Errorf("%v and %v", each.err, counted.err)
	}
	each.err, counted.err = nil, nil
	if !reflect.DeepEqual(each, counted) {
		t.Errorf("each:\n%+v\ncounted:\n%+v", each, counted)
	}
}

// What each command pays for a large one that has failed and was not given again.
func BenchmarkJournalOfAFailedJob(b *testing.B) {
	items := make([]*item, 10_000)
	for n := range items {
		name := strconv.Itoa(n)
		items[n] = &item{id: int64(n + 1), state: backend.JobDone, verified: backend.Verified, by: "CRC32", rel: name, dst: name, src: backend.Entry{Path: "from/" + name, Size: 1000}}
	}
	items[5000].state, items[5000].err = backend.JobFailed, errors.New("no")
	dir := b.TempDir()
	failedJob(b, dir, true, items)
	b.ReportAllocs()
	for b.Loop() {
		if j := opened(b, dir); j.filesDone != 9999 || len(j.failed) != 1 {
			b.Fatal(j.filesDone, len(j.failed))
		}
	}
}

// What each command pays for a large one that was interrupted and was not given
// again.
func BenchmarkAnUnrelatedCommand(b *testing.B) {
	items := make([]*item, 100_000)
	for n := range items {
		name := strconv.Itoa(n)
		items[n] = &item{id: int64(n + 1), rel: name, dst: name, src: backend.Entry{Path: "from/" + name, Size: 1000}}
		if n < len(items)/2 {
			items[n].state, items[n].verified, items[n].by = backend.JobDone, backend.Verified, "CRC32"
		}
	}
	dir := b.TempDir()
	keptJob(b, dir, true, items, backend.JobQueued)
	b.ReportAllocs()
	for b.Loop() {
		if j := opened(b, dir); !j.unread {
			b.Fatal("it was read")
		}
	}
}
