package transfer

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/local"
)

// still is a book of many jobs that nobody runs: the engine is closed at once.
func still(b *testing.B, state backend.JobState, jobs int) *book {
	b.Helper()
	e, err := New(Config{Site: newFakeSite(), Local: local.New(), Clock: local.Clock{}, SiteID: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			b.Error(err)
		}
	})
	bk := newBook(e, nil)
	for n := range jobs {
		src := backend.Entry{Path: "from/" + strconv.Itoa(n), Name: strconv.Itoa(n), Size: 1000}
		j := bk.find(bk.add(backend.TransferRequest{
			Direction: backend.Download, Sources: []backend.Entry{src},
			Target: backend.Location{Side: backend.Local, Path: filepath.Join(b.TempDir(), "in")},
		}))
		j.scanned, j.filesTotal, j.bytesTotal = true, 1, 1000
		switch state {
		case backend.JobDone:
			j.started, j.state, j.ended = time.Unix(1, 0), state, time.Unix(2, 0)
			j.filesDone, j.bytesDone = 1, 1000
		case backend.JobPaused:
			j.paused, j.byHand = true, true
		default:
			b.Fatal(state)
		}
	}
	return bk
}

// What the owner does at every turn, and ten times a second, with a long queue.
func BenchmarkTenThousandJobs(b *testing.B) {
	for _, c := range []struct {
		name  string
		state backend.JobState
	}{{"ended", backend.JobDone}, {"waiting", backend.JobPaused}} {
		bk := still(b, c.state, 10_000)
		b.Run(c.name+"/snapshot", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bk.snapshot()
			}
		})
		b.Run(c.name+"/turn", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bk.find(7_000)
				bk.dispatch()
			}
		})
	}
}

// One job of ten thousand files: with some at work, many waiting.
func BenchmarkTenThousandFiles(b *testing.B) {
	bk := still(b, backend.JobPaused, 1)
	j := bk.jobs[0]
	items := make([]*item, 10_000)
	for n := range items {
		items[n] = &item{src: backend.Entry{Path: "from/" + strconv.Itoa(n), Size: 1000}, rel: strconv.Itoa(n), dst: strconv.Itoa(n)}
	}
	j.scanned = true
	bk.planned(j.id, items)
	j.started = time.Unix(1, 0)
	for range 256 {
		bk.assign(j, j.next())
	}
	b.Run("snapshot", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bk.snapshot()
		}
	})
	b.Run("turn", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bk.find(j.id)
			bk.dispatch()
		}
	})
}
