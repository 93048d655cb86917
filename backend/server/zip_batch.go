package server

import (
	"sync"
	"time"
)

// batchBook keeps the lists of files that wait to be fetched as archives, for
// as long as their URLs hold.
type batchBook struct {
	mu   sync.Mutex
	list map[string]batch
}

type batch struct {
	paths   []string
	expires time.Time
}

// batchFor is how long a list is kept: a little longer than its URL holds.
const batchFor = 2 * downloadFor

// put keeps a list and forgets those that have expired.
func (b *batchBook) put(paths []string, now time.Time) (id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.list == nil {
		b.list = map[string]batch{}
	}
	for k, x := range b.list {
		if !x.expires.After(now) {
			delete(b.list, k)
		}
	}
	id = newHex(16)
	b.list[id] = batch{paths, now.Add(batchFor)}
	return id
}

func (b *batchBook) get(id string) ([]string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	x, ok := b.list[id]
	return x.paths, ok
}
