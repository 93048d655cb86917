package headless

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Spell lets what the commands below root write for people pass through spell, for
// terminals that lack some signs. JSON is for programs and stays as it is.
func Spell(root *cobra.Command, spell func(string) string) {
	root.SetOut(speller{root.OutOrStdout(), spell})
	root.SetErr(speller{root.ErrOrStderr(), spell})
}

// Laid lets what is written for people to a terminal pass through lay, which breaks
// it into lines. What ends no line is progress, which is short, and stays as it is.
func Laid(terminal io.Writer, lay func(string) string) io.Writer {
	return speller{terminal, func(s string) string {
		if !strings.HasSuffix(s, "\n") {
			return s
		}
		return lay(s)
	}}
}

// speller writes texts with other signs, or in other lines. Each of them comes in one piece.
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
	for {
		s, ok := w.(speller)
		if !ok {
			return w
		}
		w = s.w
	}
}
