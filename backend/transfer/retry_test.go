package transfer

import (
	"testing"
	"time"
)

// The pauses between tries never end, however often it was tried.
func TestBackoffDoesNotRunOver(t *testing.T) {
	for n := 6; n < 200; n++ {
		if d := backoff(n, nil); d != 30*time.Second {
			t.Fatalf("try %d waits %s", n, d)
		}
	}
}
