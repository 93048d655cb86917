package api

import (
	"os"
	"testing"

	"ferry/tests/leak"
)

// A client that is closed leaves no goroutine behind, whatever its calls met.
func TestMain(m *testing.M) { os.Exit(leak.Main(m)) }
