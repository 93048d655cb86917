package views

import (
	"strings"
	"testing"

	"ferry/backend"
	"ferry/ui"
)

// What was left out is not called a success.
func TestOutcomeOfWhatWasLeftOut(t *testing.T) {
	kind, text := outcome(&backend.JobSnapshot{
		Direction: backend.Upload, Label: "big.bin", State: backend.JobDone, FilesTotal: 1, FilesSkipped: 1,
	})
	if kind != ui.Note || !strings.Contains(text, "Left out: big.bin") {
		t.Errorf("%v %q", kind, text)
	}
}
