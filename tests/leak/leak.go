// Package leak looks for goroutines that outlive the tests of a package.
package leak

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long a goroutine may take to end. It is long because other
// machines are slow: what leaks is still there afterwards.
const patience = time.Minute

// Main runs the tests of a package and gives the exit code, which is that of a
// failure when a goroutine is left.
func Main(m *testing.M) int {
	code := m.Run()
	if code != 0 {
		return code
	}
	// One look of goleak's own takes less than half a second.
	err := goleak.Find()
	for deadline := time.Now().Add(patience); err != nil && time.Now().Before(deadline); {
		err = goleak.Find()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
