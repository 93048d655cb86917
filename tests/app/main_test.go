package app

import (
	"os"
	"testing"

	"github.com/zalando/go-keyring"
)

// TestMain keeps the tests away from the person's own trash, settings and key
// store.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	keyring.MockInit()
	home, err := os.MkdirTemp("", "ferry-home-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(home)
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"} {
		if err := os.Setenv(name, home); err != nil {
			panic(err)
		}
	}
	return m.Run()
}
