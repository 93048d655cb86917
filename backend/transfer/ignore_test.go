package transfer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"ferry/backend"
)

var unwanted = []string{"# what is built", "/Build/", "**/cache", "*.tmp", "!keep.tmp"}

func without(q *backend.TransferRequest) { q.Ignore = unwanted }

// Both directions leave out the same, seen from the source folder, and a dry
// run says so beforehand.
func TestPatternsLeaveOut(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, p := range []string{"build/a", "src/build/b", "src/cache/keep.tmp", "src/x.TMP", "src/keep.tmp", "src/build.txt"} {
			r.write("tree/"+p, []byte(p))
			r.site.put("tree/"+p, []byte(p), stampTime)
		}
		r.start()
		want := []string{"tree/src/build.txt", "tree/src/build/b", "tree/src/keep.tmp"}
		r.done(r.up("tree", "up", without))
		var got []string
		for _, p := range []string{"build/a", "src/build/b", "src/cache/keep.tmp", "src/x.TMP", "src/keep.tmp", "src/build.txt"} {
			if _, ok := r.site.content("up/tree/" + p); ok {
				got = append(got, "tree/"+p)
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("uploaded: %q", got)
		}
		r.done(r.down("tree", "down", without))
		if got = r.files("down"); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
			t.Errorf("downloaded: %q", got)
		}
		for _, req := range []backend.TransferRequest{
			{Direction: backend.Upload, Sources: []backend.Entry{r.entry("tree")}, Target: backend.Location{Side: backend.Remote, Path: "new"}, Ignore: unwanted},
			{Direction: backend.Download, Sources: []backend.Entry{r.remote("tree")}, Target: backend.Location{Side: backend.Local, Path: r.path("new")}, Ignore: unwanted},
		} {
			items, err := r.rehearse(req)
			var got []string
			for _, i := range items {
				if !i.Folder {
					got = append(got, i.Name)
				}
			}
			if slices.Sort(got); err != nil || !slices.Equal(got, want) {
				t.Errorf("dry %v: %q, %v", req.Direction, got, err)
			}
		}
	})
}

// A mirror deletes neither what is left out nor the folders that hold it.
func TestPatternsOfASync(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/new", []byte("n"))
		r.write("l/build/a", []byte("a"))
		r.site.put("r/BUILD/b", []byte("b"), stampTime)
		r.site.put("r/sub/build/c", []byte("c"), stampTime)
		r.site.put("r/gone/cache/d", []byte("d"), stampTime)
		r.start()
		p := r.compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true, Ignore: unwanted})
		told, _ := r.outcomes(p)
		if want := []string{"new done", "sub done", "sub/build done", "sub/build/c done"}; !slices.Equal(told, want) {
			t.Errorf("%q", told)
		}
		for path, want := range map[string]bool{"r/BUILD/b": true, "r/gone/cache/d": true, "r/sub/build/c": false, "r/build/a": false} {
			if _, ok := r.site.content(path); ok != want {
				t.Errorf("%s is there: %v", path, ok)
			}
		}
	})
}

func TestBadPatternsAreRefused(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("a", []byte("a"))
		e := r.start()
		req := backend.TransferRequest{
			Direction: backend.Upload, Sources: []backend.Entry{r.entry("a")},
			Target: backend.Location{Side: backend.Remote, Path: "to"}, Ignore: []string{"ok", "[a"},
		}
		_, added := e.Add(context.Background(), req)
		_, dry := e.DryRun(context.Background(), req)
		_, compared := e.Compare(context.Background(), backend.SyncRequest{Local: r.path("."), Remote: "to", Mode: backend.SyncPush, Ignore: req.Ignore}, nil)
		for _, err := range []error{added, dry, compared} {
			if !errors.Is(err, backend.Client) || !strings.Contains(err.Error(), `"[a"`) {
				t.Errorf("got %v", err)
			}
		}
	})
}
