package transfer

import (
	"testing"

	"go.uber.org/goleak"
)

// Close leaves no goroutine behind, whatever the tests did before it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
