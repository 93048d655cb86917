//go:build unix

package faults

import (
	"net/http"
	"time"
)

// sessionEnds ends the session of a login by password on the site, while it is
// used; the program logs in again by itself.
func sessionEnds(o *round) {
	o.t.Helper()
	o.env = []string{"FERRY_USERNAME=admin", "FERRY_PASSWORD=" + o.site.Users[0].Password}
	o.faults(
		map[string]any{"match": "file.*", "nth": 1 + o.rnd.IntN(3), "end_session": true},
		map[string]any{"match": "*.*", "nth": 4 + o.rnd.IntN(12), "end_session": true},
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

// storm lets the site push back, with and without telling for how long.
func storm(status int) func(*round) {
	return func(o *round) {
		o.t.Helper()
		f := map[string]any{"match": []string{"*.*", "file.*", "storage.*"}[o.rnd.IntN(3)], "rate": 0.6, "times": 3 + o.rnd.IntN(5), "status": status}
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
		o.faults(f)
		o.finish(4)
	}
}

// some lets something go wrong with a few of the contents, at random.
func (o *round) some(most int, wrong func(m *move) mishap) {
	left := 1 + o.rnd.IntN(most)
	o.proxy.plan(func(m *move) mishap {
		if left == 0 || o.rnd.IntN(3) == 0 {
			return mishap{}
		}
		left--
		return wrong(m)
	})
}

// at is a random place in a content.
func (o *round) at(m *move) int64 {
	if m.size > 0 {
		return o.rnd.Int64N(m.size)
	}
	return o.rnd.Int64N(4 << 10) // of a download whose length the proxy does not know yet
}

// cutOff lets connections end in the middle of a content.
func cutOff(o *round) {
	o.t.Helper()
	if o.rnd.IntN(2) == 0 && !o.way.up {
		o.faults(map[string]any{"match": "storage.get", "truncate": 1 + o.rnd.IntN(4<<10), "times": 1 + o.rnd.IntN(4), "rate": 0.7})
	} else {
		o.some(4, func(m *move) mishap { return mishap{cut: true, at: o.at(m)} })
	}
	o.finish(3)
}

// resets lets connections be reset.
func resets(o *round) {
	o.t.Helper()
	if o.rnd.IntN(3) == 0 {
		o.faults(map[string]any{"match": "*.*", "drop": true, "times": 1 + o.rnd.IntN(4), "rate": 0.3})
	} else {
		o.some(4, func(m *move) mishap { return mishap{cut: true, reset: true, at: o.at(m)} })
	}
	o.finish(3)
}

// corrupted changes a byte on the way. Whatever was sent of such a file is of no
// use any more.
func corrupted(o *round) {
	o.t.Helper()
	struck := 0
	if o.rnd.IntN(2) == 0 {
		o.faults(map[string]any{"match": "storage.*", "corrupt": true, "nth": 1 + o.rnd.IntN(3)})
	} else {
		o.some(2, func(m *move) mishap {
			if m.size == 0 {
				return mishap{}
			}
			struck++ // the proxy's lock is held
			return mishap{flip: true, at: o.at(m)}
		})
	}
	o.finish(3)
	lost := o.largest()
	if o.way == downSmall {
		lost = o.tree.size() // of an archive
	}
	o.again += int64(o.struck()+struck) * lost
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
	o.faults(map[string]any{"match": "storage.*", "bandwidth": o.largest() / 3, "rate": 0.3, "times": 2})
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
	o.faults(map[string]any{"match": "storage.*", "expire": true, "times": 1 + o.rnd.IntN(4), "rate": 0.5})
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
