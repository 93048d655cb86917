package world

import "time"

// maker collects the children of one folder. Its numbers depend on the path of
// the folder alone, so that it does not matter which folder is opened first.
type maker struct {
	w    *World
	path string
	r    rng
	out  []*node
}

const (
	kib = int64(1) << 10
	mib = int64(1) << 20
	gib = int64(1) << 30
)

func (w *World) fillWith(path string, fill func(*maker)) func() []*node {
	return func() []*node {
		m := &maker{w: w, path: path, r: rng(hash(w.seed, "tree/"+path))}
		fill(m)
		return m.out
	}
}

// dir adds a folder; a nil fill leaves it empty.
func (m *maker) dir(name string, fill func(*maker)) *Entry {
	created := m.w.ago(time.Duration(m.r.between(200, 900)) * day)
	n := &node{
		entry: Entry{
			Name: name, Dir: true, Created: created,
			Modified: m.w.ago(time.Duration(m.r.between(3, 60*24)) * time.Hour),
		},
		path: join(m.path, name),
	}
	if fill != nil {
		n.fill = m.w.fillWith(n.path, fill)
	}
	m.out = append(m.out, n)
	return &n.entry
}

// bigDir adds a folder whose files are made by rule.
func (m *maker) bigDir(name string, s *series) *Entry {
	e := m.dir(name, nil)
	m.out[len(m.out)-1].big = s
	return e
}

// file adds a file that was uploaded about age ago.
func (m *maker) file(name string, size int64, age time.Duration) *Entry {
	up := age - time.Duration(m.r.n(int64(age/8)+1))
	n := &node{
		entry: Entry{Name: name, Size: size, Created: m.w.ago(up), Modified: m.w.ago(up)},
		path:  join(m.path, name),
	}
	// Two thirds of the clients say when the file was really written.
	if m.r.chance(66) {
		n.entry.ProvidedModified = m.w.ago(up + time.Duration(m.r.n(int64(6*time.Hour))))
	}
	m.out = append(m.out, n)
	return &n.entry
}

// static adds a file whose bytes are fixed; its size is their length.
func (m *maker) static(name string, age time.Duration) *Entry {
	return m.file(name, staticSize(m.w.Name, join(m.path, name)), age)
}

func (m *maker) size(lo, hi int64) int64 { return m.r.between(lo, hi) }

// age is a moment between lo and hi days ago.
func (m *maker) age(lo, hi int64) time.Duration {
	return time.Duration(m.r.between(lo*24*60, hi*24*60)) * time.Minute
}
