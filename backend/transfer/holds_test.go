//go:build unix

package transfer

import (
	"errors"
	"os"
	"testing"
	"time"

	"ferry/backend"
)

// A backslash is a slash to the site: such a name must not land in another
// folder, over another file, and be counted as moved.
func TestABackslashDoesNotBecomeAFolder(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("col/a/b", []byte("in the folder"))
		r.write(`col/a\b`, []byte("beside it"))
		r.write(`x\y`, []byte("alone"))
		r.start()
		id := r.up("col", "", func(q *backend.TransferRequest) { q.Move = true })
		j := r.until(id, "the end", func(j backend.JobSnapshot) bool { return j.State == backend.JobFailed })
		if j.FilesDone != 1 || j.FilesFailed != 1 || !errors.Is(j.Err, backend.ClassInvalidParameter) {
			t.Errorf("got %+v", j)
		}
		if b, _ := r.site.content("col/a/b"); string(b) != "in the folder" {
			t.Errorf("on the site: %q", b)
		}
		if _, err := os.Stat(r.path(`col/a\b`)); err != nil {
			t.Error("the file that could not be sent is gone")
		}
		refused := func(j backend.JobSnapshot) bool { return j.State == backend.JobFailed && j.FilesFailed == 1 }
		r.site.mkdir("there")
		id = r.up(`x\y`, "there")
		r.until(id, "the refusal", refused)
		// To try again changes nothing about the name.
		r.e.Retry(id)
		time.Sleep(time.Minute)
		r.until(id, "the refusal after another try", refused)
		r.e.RetryItem(id, 1)
		time.Sleep(time.Minute)
		r.until(id, "the refusal after another try of the file", refused)
		for _, p := range []string{"x/y", "there/x/y", "y", "there/y"} {
			if _, ok := r.site.content(p); ok {
				t.Errorf("it was sent to %s", p)
			}
		}
	})
}

// What is no text becomes one character on the way, whatever it was.
func TestANameThatIsNoTextIsRefused(t *testing.T) {
	for name, ok := range map[string]bool{"a": true, "ä": true, "\ufffd": true, "a\xff": false, "\xfe\xff": false} {
		if err := remoteHolds(name); ok != (err == nil) || !ok && !errors.Is(err, backend.ClassInvalidParameter) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
