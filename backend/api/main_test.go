package api

import (
	"testing"

	"go.uber.org/goleak"
)

// A client that is closed leaves no goroutine behind, whatever its calls met.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
