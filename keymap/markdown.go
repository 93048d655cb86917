package keymap

import (
	"fmt"
	"strings"
)

// Markdown is the page of all keys, KEYS.md, in the order of declaration.
func (m *Map) Markdown() string {
	var b strings.Builder
	b.WriteString("# Keys\n\n")
	b.WriteString("Made by `go run . keys`; the program, its help and this page read the same table. ")
	b.WriteString("`^d` is Ctrl with d, `gg` is g twice. Actions marked ! change or destroy something; they ask first.\n")
	var last Group
	for _, b2 := range m.All() {
		if b2.Group != last {
			last = b2.Group
			fmt.Fprintf(&b, "\n## %s\n\n| keys | what it does | action |\n|---|---|---|\n", last)
		}
		danger := ""
		if b2.Danger {
			danger = " !"
		}
		fmt.Fprintf(&b, "| %s | %s%s | `%s` |\n", mdKeys(b2.Keys), strings.ReplaceAll(b2.Label, "|", "\\|"), danger, b2.Action)
	}
	return b.String()
}

func mdKeys(keys []string) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = "`" + strings.ReplaceAll(Caption(k), "|", "\\|") + "`"
		if k == "`" {
			out[i] = "`` ` ``"
		}
	}
	return strings.Join(out, " ")
}
