package server

import (
	"crypto/md5"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A part that comes again while its upload ends, which is what a client gets that
// has given up waiting for the answer, neither spoils the file nor the part.
func TestPartsSentAgainWhileTheUploadEnds(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	const text = "the same bytes each time"
	sum := md5.Sum([]byte(text))
	tag := hex.EncodeToString(sum[:])
	for i := range 60 {
		path := fmt.Sprintf("f%d.txt", i)
		begin := x.begin(path, map[string]any{})
		uri, _ := begin["upload_uri"].(string)
		put := func() int { return x.send("PUT", uri, strings.NewReader(text)).status }
		if status := put(); status != 200 {
			t.Fatalf("the part: %d", status)
		}
		var again sync.WaitGroup
		for range 2 {
			again.Go(func() {
				for put() == 200 {
				}
			})
		}
		end := x.do("POST", "/files/"+path, map[string]any{"action": "end", "ref": begin["ref"], "size": len(text), "etags": []any{map[string]any{"etag": tag, "part": "1"}}})
		if end.status != 201 {
			t.Errorf("the end: %d %s", end.status, end.body)
		}
		again.Wait()
		if got := x.fetch(path); got.status != 200 || got.err != nil || string(got.body) != text {
			t.Fatalf("upload %d holds %q: %d %v", i, got.body, got.status, got.err)
		}
	}
}

// holdWriter keeps everybody else from writing until the returned transaction
// ends. waiting says whether that many wait for it by then.
func (x *site) holdWriter() (tx *sql.Tx, waiting func(count int64) bool) {
	x.t.Helper()
	tx, err := x.s.db.write.BeginTx(x.t.Context(), nil)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { _ = tx.Rollback() }) // after Commit it does nothing
	before := x.s.db.write.Stats().WaitCount
	return tx, func(count int64) bool { return x.s.db.write.Stats().WaitCount-before >= count }
}

// The end of an upload takes the parts as they are once it can write, however
// many come again while it waits for that.
func TestTheEndTakesThePartsAsItFindsThem(t *testing.T) {
	x := openSite(t, Options{World: "empty", DataDir: t.TempDir()})
	x.s.sweeping.Do(func() {}) // it writes, too
	begin, again := x.begin("a.txt", map[string]any{}), x.begin("b.txt", map[string]any{})
	x.put(begin, "as it came first").want(200)
	x.put(again, "as it came again").want(200)
	writer, waiting := x.holdWriter()
	ended := make(chan *answer, 1)
	go func() {
		ended <- x.do("POST", "/files/a.txt", map[string]any{"action": "end", "ref": begin["ref"], "etags": []any{etag("1", "as it came again")}})
	}()
	until(t, "the end", func() bool { return waiting(1) || len(ended) > 0 })
	_, err := writer.ExecContext(t.Context(), `UPDATE OR REPLACE parts SET upload = (SELECT min(upload) FROM parts) WHERE upload = (SELECT max(upload) FROM parts)`)
	if err := errors.Join(err, writer.Commit()); err != nil {
		t.Fatal(err)
	}
	(<-ended).want(201)
	if got := x.fetch("a.txt"); got.status != 200 || got.err != nil || string(got.body) != "as it came again" {
		t.Errorf("the file holds %q: %d %v", got.body, got.status, got.err)
	}
}

// Each part that comes again takes the file of the one before away, those too
// that arrive at the same time: none is left that belongs to nobody.
func TestPartsSentAtTheSameTimeLeaveNoFile(t *testing.T) {
	dir := t.TempDir()
	x := openSite(t, Options{World: "empty", DataDir: dir})
	x.s.sweeping.Do(func() {}) // it writes, too
	begin := x.begin("a.txt", map[string]any{})
	x.put(begin, "text").want(200)
	writer, waiting := x.holdWriter()
	const many = 4
	done := make(chan *answer, many)
	for range many {
		go func() { done <- x.put(begin, "text") }()
	}
	until(t, "all parts", func() bool { return waiting(many) })
	if err := writer.Rollback(); err != nil {
		t.Fatal(err)
	}
	for range many {
		(<-done).want(200)
	}
	if files, err := os.ReadDir(filepath.Join(dir, "content")); err != nil || len(files) != 1 {
		t.Errorf("%d files hold one part: %v", len(files), err)
	}
}
