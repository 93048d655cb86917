//go:build unix

package faults

import (
	"maps"
	"net/http"
	"path"
	"time"
)

// sessionEnds ends the session of a login by password on the site, while it is
// used; the program logs in again by itself.
func sessionEnds(o *round) {
	o.t.Helper()
	o.env = []string{"FERRY_USERNAME=admin", "FERRY_PASSWORD=" + o.site.Users[0].Password}
	o.faults(
		map[string]any{"match": "session.create", "nth": 2, "latency": "1ms"}, // it has to come
		map[string]any{"match": "file.*", "nth": o.nth("file.*"), "end_session": true},
		map[string]any{"match": "*.*", "every": 4 + o.rnd.IntN(12), "times": 1, "end_session": true},
	)
	if r := o.start().wait(); r.code != 0 {
		o.t.Fatalf("it did not log in again: %s", r)
	}
	if o.way == upSmall {
		// The queue stands still until the new login: what is under way then is
		// cancelled, also where the site has taken it and only the answer is
		// missing. Which those were cannot be told from outside.
		o.proxy.charge()
	}
}

// nth is a request for content, or any with "*.*", that comes in every run: it
// says which, at random among those that are sure to.
func (o *round) nth(match string) int {
	switch {
	case match == "*.*":
		return 1 + o.rnd.IntN(5)
	case o.way == upSmall:
		return 1 + o.rnd.IntN(len(o.tree)/2+1)
	case o.way == upLarge && o.tree.size() >= 16<<20:
		return 1 + o.rnd.IntN(2)
	}
	return 1 // a download may need no more
}

// strikes plans one fault up to so many times: once at a request that is sure to
// come, and at others by chance.
func (o *round) strikes(times int, rate float64, f map[string]any) {
	o.t.Helper()
	sure, more := maps.Clone(f), maps.Clone(f)
	match, _ := f["match"].(string)
	sure["nth"] = o.nth(match)
	more["rate"], more["times"] = rate, times-1
	if times == 1 {
		o.faults(sure)
		return
	}
	o.faults(sure, more)
}

// storm lets the site push back, with and without telling for how long.
func storm(status int) func(*round) {
	return func(o *round) {
		o.t.Helper()
		f := map[string]any{"match": []string{"*.*", "file.*", "storage.*"}[o.rnd.IntN(3)], "status": status}
		switch {
		case status == http.StatusTooManyRequests:
			f["type"] = "rate-limited/too-many-requests"
		case o.rnd.IntN(2) == 0:
			f["type"] = "service-unavailable/uploads-unavailable"
		default:
			f["body"] = "<html><body>503 Service Temporarily Unavailable</body></html>"
		}
		if o.rnd.IntN(2) == 0 {
			f["retry_after"] = "1"
		}
		o.strikes(3+o.rnd.IntN(5), 0.6, f)
		o.finish(4)
	}
}

// some lets something go wrong with a few of the contents, with the first that
// is not empty and with others at random.
func (o *round) some(most int, wrong func(m *move) mishap) {
	left, first := 1+o.rnd.IntN(most), true
	o.proxy.plan(func(m *move) mishap {
		if left == 0 || o.length(m) == 0 || !first && o.rnd.IntN(3) == 0 {
			return mishap{}
		}
		left, first = left-1, false
		return wrong(m)
	})
}

// length is how long a content is at least; the proxy does not know it yet of
// downloads.
func (o *round) length(m *move) int64 {
	switch {
	case m.archive:
		return 500 // an archive is of eight files or more
	case m.size >= 0:
		return m.size
	}
	for name, b := range o.tree {
		if path.Base(name) == m.key {
			return int64(len(b))
		}
	}
	return 0
}

// at is a random place in a content that is not empty.
func (o *round) at(m *move) int64 {
	if m.archive && o.proxy.hits > 0 { // the proxy's lock is held
		return o.rnd.Int64N(4 << 10)
	}
	return o.rnd.Int64N(o.length(m))
}

// cutOff lets connections end in the middle of a content.
func cutOff(o *round) {
	o.t.Helper()
	if o.rnd.IntN(2) == 0 && !o.way.up {
		before := min(4<<10, o.smallest())
		o.strikes(1+o.rnd.IntN(4), 0.7, map[string]any{"match": "storage.get", "truncate": 1 + o.rnd.Int64N(before)})
	} else {
		o.some(4, func(m *move) mishap { return mishap{cut: true, at: o.at(m)} })
	}
	o.finish(3)
}

// resets lets connections be reset.
func resets(o *round) {
	o.t.Helper()
	if o.rnd.IntN(3) == 0 {
		o.strikes(1+o.rnd.IntN(4), 0.3, map[string]any{"match": "*.*", "drop": true})
	} else {
		o.some(4, func(m *move) mishap { return mishap{cut: true, reset: true, at: o.at(m)} })
	}
	o.finish(3)
}

// corrupted changes a byte on the way. Whatever was sent of such a file is of no
// use any more.
func corrupted(o *round) {
	o.t.Helper()
	if o.rnd.IntN(2) == 0 {
		o.strikes(1, 0, map[string]any{"match": "storage.*", "corrupt": true})
	} else {
		o.some(2, func(m *move) mishap { return mishap{flip: true, at: o.at(m)} })
	}
	o.finish(3)
	lost := o.largest()
	if o.way == downSmall {
		lost = o.tree.size() // of an archive
	}
	o.again += int64(o.struck()) * lost
}

// smallest is the size of the smallest file that is not empty.
func (o *round) smallest() (n int64) {
	for _, b := range o.tree {
		if len(b) > 0 && (n == 0 || int64(len(b)) < n) {
			n = int64(len(b))
		}
	}
	return n
}

func (o *round) largest() (n int64) {
	for _, b := range o.tree {
		n = max(n, int64(len(b)))
	}
	return n
}

// slow holds single contents up. That is no reason to send anything again.
func slow(o *round) {
	o.t.Helper()
	rate := o.largest() / 3
	if o.way == downSmall {
		rate = o.tree.size() / 20 // an archive holds many of them
	}
	o.strikes(3, 0.3, map[string]any{"match": "storage.*", "bandwidth": rate})
	o.finish(1)
	if moved, _ := o.proxy.account(); moved != o.tree.size() && o.way != downSmall {
		o.t.Errorf("%d bytes were moved, of %d", moved, o.tree.size())
	}
}

// stalled lets contents stand still for longer than the program waits.
func stalled(o *round) {
	o.t.Helper()
	o.env = []string{"FERRY_API_KEY=" + o.site.APIKey, "FERRY_READ_TIMEOUT=2s"}
	o.some(2, func(*move) mishap { return mishap{stall: 4 * time.Second} })
	o.finish(3)
}

// expired lets signed addresses run out before they are used.
func expired(o *round) {
	o.t.Helper()
	o.strikes(1+o.rnd.IntN(4), 0.5, map[string]any{"match": "storage.*", "expire": true})
	o.finish(2)
}

// forgotten lets the site lose the uploads that have begun.
func forgotten(o *round) {
	o.t.Helper()
	if o.killed() {
		o.site.Kill()
		o.forgetUploads()
		o.proxy.charge()
		o.serve()
		o.look()
	}
	had := o.recorded()
	o.finish(1)
	if had == 0 {
		return
	}
	said := false
	for _, e := range o.last.events {
		said = said || e.Event == "file" && e.Note != ""
	}
	if !said {
		o.t.Errorf("it does not say that a file started over: %s", o.last)
	}
}
