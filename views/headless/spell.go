package headless

import (
	"io"

	"github.com/spf13/cobra"
)

// Spell lets what the commands below root write for people pass through spell, for
// terminals that lack some signs. JSON is for programs and stays as it is.
func Spell(root *cobra.Command, spell func(string) string) {
	root.SetOut(speller{root.OutOrStdout(), spell})
	root.SetErr(speller{root.ErrOrStderr(), spell})
}

// speller writes texts with other signs. Each of them comes in one piece.
type speller struct {
	w     io.Writer
	spell func(string) string
}

func (s speller) Write(p []byte) (int, error) {
	if _, err := io.WriteString(s.w, s.spell(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// plain is where a writer leads to.
func plain(w io.Writer) io.Writer {
	if s, ok := w.(speller); ok {
		return s.w
	}
	return w
}
