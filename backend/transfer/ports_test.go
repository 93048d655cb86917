package transfer_test

import (
	"bytes"
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/api"
	"ferry/backend/local"
	"ferry/backend/server"
	"ferry/backend/transfer"
)

var (
	_ transfer.Site  = (*api.Client)(nil)
	_ transfer.Disk  = (*local.FS)(nil)
	_ transfer.Clock = local.Clock{}
)

// open gives an engine on an empty embedded site.
func open(ctx context.Context, t *testing.T) (*transfer.Engine, *api.Client) {
	t.Helper()
	site, err := server.Open(ctx, server.Options{World: "empty"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = site.Close() })
	line := site.Listen()
	t.Cleanup(func() { _ = line.Close() })
	client, err := api.New(api.Config{BaseURL: server.LocalURL, APIKey: site.Info().APIKey, Dial: line.DialContext})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	e, err := transfer.New(transfer.Config{Site: client, Local: local.New(), Clock: local.Clock{}, StateDir: t.TempDir(), SiteID: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return e, client
}

// carry queues a request and waits for its end.
func carry(ctx context.Context, t *testing.T, e *transfer.Engine, req backend.TransferRequest) backend.JobSnapshot {
	t.Helper()
	id, err := e.Add(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	for s := range e.Subscribe(ctx) {
		for _, j := range s.Jobs {
			if j.ID == id && j.State.Ended() {
				return j
			}
		}
	}
	t.Fatalf("never ended: %+v", e.Snapshot())
	return backend.JobSnapshot{}
}

// A tree goes to the embedded site through the real client and comes back byte
// for byte, with its times.
func TestRoundTripOverTheWire(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	e, client := open(ctx, t)
	from, back := t.TempDir(), t.TempDir()
	at := time.Date(2023, 4, 5, 6, 7, 8, 0, time.UTC)
	random := rand.NewChaCha8([32]byte{7})
	for name, size := range map[string]int{
		"tree/big.bin": 23<<20 + 11, "tree/exact.bin": 5 << 20, "tree/empty": 0, "tree/a/b/c/small.txt": 3,
		"tree/a/na\u00efve \u00fcmlaut #1%.txt": 99, "tree/a/b/second": 4096,
	} {
		path := filepath.Join(from, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		data := make([]byte, size)
		_, _ = random.Read(data)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(from, "tree", "hollow"), 0o755); err != nil {
		t.Fatal(err)
	}
	src, err := local.New().Find(ctx, filepath.Join(from, "tree"))
	if err != nil {
		t.Fatal(err)
	}
	j := carry(ctx, t, e, backend.TransferRequest{
		Direction: backend.Upload, Sources: []backend.Entry{src}, Target: backend.Location{Side: backend.Remote},
	})
	if j.State != backend.JobDone || j.FilesDone != 6 || j.Verified < backend.SizeOnly || j.Verified == backend.Mismatch {
		t.Fatalf("got %+v", j)
	}
	there, err := client.Find(ctx, "tree")
	if err != nil {
		t.Fatal(err)
	}
	j = carry(ctx, t, e, backend.TransferRequest{
		Direction: backend.Download, Sources: []backend.Entry{there}, Target: backend.Location{Side: backend.Local, Path: back},
	})
	if j.State != backend.JobDone || j.FilesDone != 6 || j.Verified != backend.Verified {
		t.Fatalf("got %+v", j)
	}
	same(t, from, back, at)
}

// same compares two trees: names, content, modification times of files.
func same(t *testing.T, from, back string, at time.Time) {
	t.Helper()
	var a, b []string
	for root, out := range map[string]*[]string{from: &a, back: &b} {
		err := filepath.WalkDir(root, func(p string, _ fs.DirEntry, err error) error {
			rel, _ := filepath.Rel(root, p)
			*out = append(*out, rel)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(a) != len(b) {
		t.Fatalf("%q came back as %q", a, b)
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("%q came back as %q", a[i], b[i])
		}
		info, err := os.Stat(filepath.Join(back, b[i]))
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			continue
		}
		x, err := os.ReadFile(filepath.Join(from, a[i]))
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.ReadFile(filepath.Join(back, b[i]))
		if err != nil || !bytes.Equal(x, y) {
			t.Errorf("%q differs: %v", a[i], err)
		}
		if !info.ModTime().Equal(at) {
			t.Errorf("%q has time %v", a[i], info.ModTime())
		}
	}
}
