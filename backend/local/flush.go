package local

import (
	"os"
	"sync"
)

// flusher makes files durable. Flushing a thousand small files one by one takes
// most of the time of their download, so those that come while a flush is
// running wait and then share one flush of their volume.
type flusher struct {
	one    func(*os.File) error // flushes a file
	volume func(*os.File) error // flushes everything on its volume

	mu    sync.Mutex
	lanes map[uint64]*lane // by volume
}

type lane struct {
	busy    bool
	waiting []*flush
}

type flush struct {
	f    *os.File
	done chan error // takes one value without blocking
}

// sync returns when everything written to f is on the disk.
func (s *flusher) sync(f *os.File) error {
	volume, ok := volumeOf(f)
	if !ok {
		return s.one(f)
	}
	mine := &flush{f: f, done: make(chan error, 1)}
	s.mu.Lock()
	l := s.lanes[volume]
	if l == nil {
		l = &lane{}
		if s.lanes == nil {
			s.lanes = map[uint64]*lane{}
		}
		s.lanes[volume] = l
	}
	l.waiting = append(l.waiting, mine)
	if !l.busy {
		l.busy = true
		go s.run(l) // ends when nobody waits
	}
	s.mu.Unlock()
	return <-mine.done
}

// run serves a volume until nobody waits.
func (s *flusher) run(l *lane) {
	for {
		s.mu.Lock()
		group := l.waiting
		l.waiting = nil
		if len(group) == 0 {
			l.busy = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		var err error
		if len(group) == 1 {
			err = s.one(group[0].f)
		} else {
			err = s.volume(group[0].f)
		}
		for _, w := range group {
			w.done <- err
		}
	}
}
