package world

import "testing"

func BenchmarkUsers(b *testing.B) {
	for b.Loop() {
		Demo(present).Users()
	}
}

func BenchmarkEntryOfTheBigFolder(b *testing.B) {
	f, _ := Demo(present).Folder("Sensors/2026")
	i := 0
	for b.Loop() {
		f.Entry(i % f.Len())
		i++
	}
}

func BenchmarkContent(b *testing.B) {
	w := Demo(present)
	for _, name := range []string{"a.csv", "a.mov", "a.pdf"} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 1<<20)
			r := w.Content(name, 1<<20)
			b.SetBytes(int64(len(buf)))
			for b.Loop() {
				if _, err := r.ReadAt(buf, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
