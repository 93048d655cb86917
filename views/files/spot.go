package files

import (
	"strings"

	"ferry/backend"
)

// spot is something a pane can show: a folder, or what a search found.
type spot struct {
	dir    string
	search string // "" shows the folder
	all    bool   // the search was in the whole site
	cursor string // path of the row to come back to
}

// trail is the history of a pane, like that of a browser.
type trail struct{ past, future []spot }

// trailLength bounds the history.
const trailLength = 200

// visit remembers where one came from; what was ahead is forgotten.
func (t *trail) visit(from spot) {
	t.past = append(t.past, from)
	if n := len(t.past) - trailLength; n > 0 {
		t.past = t.past[n:]
	}
	t.future = nil
}

// back gives the spot before, and takes from as the one ahead.
func (t *trail) back(from spot) { t.past, t.future = shift(t.past, t.future, from) }

// forward is the reverse of back.
func (t *trail) forward(from spot) { t.future, t.past = shift(t.future, t.past, from) }

func shift(pop, push []spot, from spot) (popped, pushed []spot) {
	return pop[:len(pop)-1], append(push, from)
}

// last is the newest spot of a direction.
func last(spots []spot) (spot, bool) {
	if len(spots) == 0 {
		return spot{}, false
	}
	return spots[len(spots)-1], true
}

// veil is a row that is not shown because its name begins with a dot, and how
// many shown rows stand before it.
type veil struct {
	before int
	entry  backend.Entry
}

func dotted(e backend.Entry) bool { return strings.HasPrefix(e.Name, ".") }
