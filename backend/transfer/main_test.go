package transfer

import (
	"os"
	"testing"

	"ferry/tests/leak"
)

// Close leaves no goroutine behind, whatever the tests did before it.
func TestMain(m *testing.M) { os.Exit(leak.Main(m)) }
