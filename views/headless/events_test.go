package headless

import (
	"bytes"
	"strings"
	"testing"

	"ferry/backend"
)

// What had to be moved again is in every summary of a transfer for programs; people
// are told when there is some.
func TestWhatWasMovedAgainIsSummedUp(t *testing.T) {
	for again, want := range map[int64]struct{ json, said string }{0: {`"bytes_resent":0`, ""}, 1_500_000: {`"bytes_resent":1500000`, "; 1.5 MB moved again"}} {
		sum := totalOf(backend.TransferSnapshot{Jobs: []backend.JobSnapshot{
			{ID: 1, State: backend.JobDone, FilesDone: 1, FilesTotal: 1, Resent: again}, {ID: 2, State: backend.JobDone, Resent: 7},
		}}, map[backend.JobID]bool{1: true})
		var b bytes.Buffer
		if err := (Output{W: &b, JSON: true}).emit(sum.event("done", false)); err != nil || !strings.Contains(b.String(), want.json) {
			t.Errorf("%v, %s", err, b.String())
		}
		if said := sum.sum(); strings.Contains(said, "moved again") != (want.said != "") || !strings.Contains(said, want.said) {
			t.Errorf("said %q, want %q", said, want.said)
		}
	}
}
