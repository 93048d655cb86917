package transfer

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/backend"
)

// One write that fails must not take those along that were committed with it.
func TestABadWriteOfTheJournalStaysAlone(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	j, _, err := openJournal(dir, "here", log)
	if err != nil {
		t.Fatal(err)
	}
	begin := make(chan struct{})
	j.put(op{do: func(*sql.Tx) error { <-begin; return nil }}) // what follows is one group
	req := backend.TransferRequest{Sources: []backend.Entry{{Path: "/a"}}}
	j.add(&job{id: 1, site: "here", req: req})
	j.put(op{do: func(*sql.Tx) error { return errors.New("bad") }})
	j.add(&job{id: 2, site: "here", req: req})
	close(begin)
	j.close()
	j, left, err := openJournal(dir, "here", log)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	if len(left) != 2 {
		t.Errorf("%d jobs are left, want 2", len(left))
	}
}

// A question that was asked in one group with a bad write is asked again: its
// answer has nothing twice.
func TestAQuestionBesideABadWriteIsAnsweredOnce(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	j, _, err := openJournal(dir, "here", log)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	j.add(&job{id: 1, site: "here", req: backend.TransferRequest{Sources: []backend.Entry{{Path: "/a"}}}})
	it := &item{id: 1, src: backend.Entry{Path: "/a"}, rel: "a", dst: "a"}
	j.items(1, []*item{it})
	it.state = backend.JobDone
	j.done(1, it)
	for name, ask := range map[string]func() int{
		"settled":  func() int { return len(j.settled(1)) },
		"finished": func() int { return len(j.finished(1)) },
		"keys":     func() int { return len(j.keys(1)) },
	} {
		busy, begin, got := make(chan struct{}), make(chan struct{}), make(chan int)
		j.put(op{do: func(*sql.Tx) error { close(busy); <-begin; return nil }})
		<-busy // what follows is one group
		go func() { got <- ask() }()
		for len(j.ops) == 0 {
			time.Sleep(time.Millisecond)
		}
		j.put(op{do: func(*sql.Tx) error { return errors.New("bad") }})
		close(begin)
		if n := <-got; n != 1 {
			t.Errorf("%s: %d answers", name, n)
		}
	}
}

// Whoever asks a journal that has been closed is told nothing, and at once: the
// queue still has room then, but nobody comes for what is in it.
func TestAClosedJournalAnswers(t *testing.T) {
	j, _, err := openJournal("", "here", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	j.add(&job{id: 1, site: "here", req: backend.TransferRequest{Sources: []backend.Entry{{Path: "/a"}}}})
	j.items(1, []*item{{id: 1, src: backend.Entry{Path: "/a"}, rel: "a", dst: "a"}})
	if n := len(j.keys(1)); n != 1 {
		t.Fatalf("%d keys before the end", n)
	}
	j.close()
	asked := make(chan int)
	go func() {
		for range queued + 1 { // until the queue is full, and once more
			n := len(j.keys(1)) + len(j.finished(1)) + len(j.settled(1))
			_, failed := j.files(context.Background(), 1, backend.FilesQuery{})
			if !errors.Is(failed, errClosed) {
				n++
			}
			asked <- n
		}
		close(asked)
	}()
	for {
		select {
		case n, more := <-asked:
			if n != 0 {
				t.Fatalf("%d answers", n)
			}
			if !more {
				return
			}
		case <-time.After(5 * time.Minute):
			t.Fatal("nobody answers")
		}
	}
}

// asBefore is the journal as it was before it had a version.
const asBefore = `
CREATE TABLE jobs (
	id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, req TEXT NOT NULL,
	state INTEGER NOT NULL DEFAULT 0, scanned INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE items (
	job INTEGER NOT NULL, id INTEGER NOT NULL, kind INTEGER NOT NULL, src TEXT NOT NULL, size INTEGER NOT NULL,
	modified INTEGER NOT NULL, rel TEXT NOT NULL, dst TEXT NOT NULL, policy INTEGER NOT NULL,
	state INTEGER NOT NULL, verified INTEGER NOT NULL DEFAULT 0, sum TEXT NOT NULL DEFAULT '',
	err TEXT NOT NULL DEFAULT '', checkpoint TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (job, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE pieces (
	job INTEGER NOT NULL, item INTEGER NOT NULL, n INTEGER NOT NULL, off INTEGER NOT NULL, length INTEGER NOT NULL,
	etag TEXT NOT NULL, crc INTEGER NOT NULL,
	PRIMARY KEY (job, item, off)
) STRICT, WITHOUT ROWID;
INSERT INTO jobs (id, site, req) VALUES (3, 'there', '{"Sources":[{"Path":"/other"}]}');
INSERT INTO jobs (id, site, req, scanned) VALUES
	(4, 'here', '{"Direction":1,"Sources":[{"Path":"a"}],"Target":{"Side":0,"Path":"/in"},"Conflict":2,"Ignore":["*.tmp"]}', 1);
INSERT INTO items VALUES
	(4, 1, 0, 'a/done', 5, 1700000000000000000, 'a/done', 'a/done', 2, 5, 2, 'MD5', '', ''),
	(4, 2, 0, 'a/half', 90, 1700000000000000000, 'a/half', 'a/half', 2, 0, 0, '', '',
		'{"identity":"e1","size":90,"modified":"2024-02-29T12:30:45Z","dst":"a/half","replace":false,"ref":"","part_size":0,"serial":false}'),
	(4, 3, 0, 'a/no', 7, 0, 'a/no', 'a/no', 2, 6, 0, '',
		'download "a/no": You may (or may not) read it. (not-authorized/insufficient-permission-for-folder)', ''),
	(4, 4, 0, 'a/odd', 7, 0, 'a/odd', 'a/odd', 2, 6, 0, '', 'something else (in brackets)', ''),
	(4, 5, 0, 'a/full', 7, 0, 'a/full', 'a/full', 2, 6, 0, '', 'write file "x": The disk is full. (local/disk-full)', '');
INSERT INTO pieces VALUES (4, 2, 1, 0, 40, '', 77), (9, 1, 1, 0, 40, '', 77);
`

func prepare(t *testing.T, path, script string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// Nothing of a journal that an older program left is lost, whether it is opened
// or taken over from another slot.
func TestOldJournal(t *testing.T) {
	for _, name := range []string{"transfers.db", "transfers-7.db"} {
		t.Run(name, func(t *testing.T) {
			dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
			prepare(t, filepath.Join(dir, name), asBefore)
			for range 2 { // the second time it is a journal of today
				j, left, err := openJournal(dir, "here", log)
				if err != nil {
					t.Fatal(err)
				}
				if len(left) != 1 {
					t.Fatalf("%d jobs are left, want 1", len(left))
				}
				job := left[0]
				if err := j.fill(job); err != nil {
					t.Fatal(err)
				}
				if job.req.Conflict != backend.Skip || len(job.req.Ignore) != 1 || job.req.Target.Path != "/in" || !job.scanned {
					t.Errorf("got %+v", job.req)
				}
				if job.filesTotal != 5 || job.filesDone != 1 || job.verified != backend.Verified || job.by != "MD5" || job.kept != 40 {
					t.Errorf("got %+v", job)
				}
				if len(job.queue) != 1 || job.queue[0].cp.Identity != "e1" || len(job.queue[0].cp.pieces) != 1 {
					t.Errorf("got %+v", job.queue)
				}
				var got []string
				for _, it := range job.failed {
					e := backend.AsError(it.err)
					got = append(got, string(e.Group)+"|"+e.Type+"|"+e.Message)
				}
				want := []string{
					`not-authorized|not-authorized/insufficient-permission-for-folder|download "a/no": You may (or may not) read it.`,
					`api||something else (in brackets)`,
					`local|local/disk-full|write file "x": The disk is full.`,
				}
				if !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
				if job.byHand || job.pos == 0 {
					t.Errorf("paused by hand: %v, place %d", job.byHand, job.pos)
				}
				j.close()
			}
			// The jobs of another site wait for it.
			j, left, err := openJournal(dir, "there", log)
			if err != nil || len(left) != 1 || left[0].req.Sources[0].Path != "/other" {
				t.Fatalf("got %v, %v", left, err)
			}
			j.close()
		})
	}
}

// A journal of a newer program is left alone.
func TestNewerJournal(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	path := filepath.Join(dir, "transfers.db")
	prepare(t, path, asBefore+`PRAGMA user_version = 99;`)
	j, left, err := openJournal(dir, "here", log)
	if err != nil || len(left) != 0 {
		t.Fatalf("got %v, %v", left, err)
	}
	j.add(&job{id: j.next, site: "here", req: backend.TransferRequest{Sources: []backend.Entry{{Path: "/a"}}}})
	j.close()
	if j, left, err = openJournal(dir, "here", log); err != nil || len(left) != 1 {
		t.Fatalf("got %v, %v", left, err)
	}
	j.close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var version, jobs int
	if err := db.QueryRow(`SELECT (SELECT user_version FROM pragma_user_version), count(*) FROM jobs`).Scan(&version, &jobs); err != nil {
		t.Fatal(err)
	}
	if version != 99 || jobs != 2 {
		t.Errorf("the newer journal was changed: version %d, %d jobs", version, jobs)
	}
}

// What is kept of an error is everything that a card, an exit code or a decision
// needs, and no more.
func TestErrorsAreKeptWhole(t *testing.T) {
	in := &backend.Error{
		Class: backend.ClassFolderNotEmpty, Group: backend.ProcessingFailure, Type: "processing-failure/folder-not-empty",
		Status: 422, Title: "Folder Not Empty", Message: "It is not.", RequestID: "r-1", Op: "delete", Path: "a/b", Host: "h",
		Fields: map[string][]string{"path": {"is odd"}}, Wait: 3 * time.Second, Until: stampTime, Legal: []string{"x"},
		TwoFactor: &backend.TwoFactor{}, Cause: errors.New("Put https://h/?signature=sesame"),
	}
	text := keepError(in)
	if strings.Contains(text, "sesame") {
		t.Errorf("a secret is kept: %s", text)
	}
	want := *in
	want.TwoFactor, want.Cause = nil, nil
	if got := keptError(text); !reflect.DeepEqual(got, &want) {
		t.Errorf("got %+v, want %+v", got, &want)
	}
	if keptError("") != nil || keepError(nil) != "" {
		t.Error("no error became one")
	}
	if !reflect.DeepEqual(backend.Explain(keptError(text)), backend.Explain(in)) {
		t.Error("the card says something else")
	}
	for _, err := range []error{errChanged, errForgotten, errShort, mismatch("x", "MD5"), errors.Join(errForgotten, apiError("not-found", 404))} {
		if got, want := treat(keptError(keepError(err))), treat(err); got != want {
			t.Errorf("%v is treated as %v, was %v", err, got, want)
		}
		if !errors.Is(err, backend.Content) || errors.Is(err, backend.Client) {
			t.Errorf("%v is told as if it had not been sent", err)
		}
	}
}

// Who gives up waiting for the files of a job need not wait until the queue of
// writes has room.
func TestAReadingOfFilesIsGivenUpAtAFullQueue(t *testing.T) {
	j, _, err := openJournal(t.TempDir(), "here", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	begun, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	defer close(goOn)
	nothing := op{do: func(*sql.Tx) error { return nil }}
	j.put(op{do: func(*sql.Tx) error { once.Do(func() { close(begun) }); <-goOn; return nil }})
	<-begun
	for full := false; !full; {
		select {
		case j.ops <- nothing:
		default:
			full = true
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := j.files(ctx, 1, backend.FilesQuery{})
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it ends with %v", err)
		}
	case <-time.After(5 * time.Minute):
		t.Error("it waits for the writes of others")
	}
}

// What stands against the journal is named, not only that it could not be opened.
func TestAJournalThatCannotBeOpenedSaysWhy(t *testing.T) {
	taken, inner := filepath.Join(t.TempDir(), "file"), t.TempDir()
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(inner, "transfers.db")
	if err := os.Mkdir(db, 0o700); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(t.TempDir(), "gone")
	_, below, err := openJournal(taken, "here", slog.New(slog.DiscardHandler))
	if e := backend.AsError(err); below != nil || e.Type != backend.TypeJournal || !strings.HasPrefix(e.Message, "the folder "+taken+" cannot be made: ") {
		t.Errorf("%+v", err)
	}
	_, _, err = openJournal(inner, "here", slog.New(slog.DiscardHandler))
	if e := backend.AsError(err); e.Type != backend.TypeJournal || !strings.HasPrefix(e.Message, "the file "+db+" cannot be written to: ") {
		t.Errorf("%v", err)
	}
	for _, c := range []struct {
		dir  string
		err  error
		want string
	}{
		{gone, errors.New("unable to open database file (14)"), "the folder " + gone + " cannot be written to: "},
		{inner, &fs.PathError{Op: "chmod", Path: db, Err: fs.ErrPermission}, "the file " + db + " cannot be used: permission"},
		{inner, errNewer, errNewer.Error()},
		{inner, errors.New("database is locked (SQLITE_BUSY)"), "database is locked"},
	} {
		if e := backend.AsError(journalError(c.dir, c.err)); !strings.HasPrefix(e.Message, c.want) {
			t.Errorf("%v: %q, want %q", c.err, e.Message, c.want)
		}
	}
	if left, _ := os.ReadDir(inner); len(left) != 1 {
		t.Errorf("a probe is left: %v", left)
	}
}
