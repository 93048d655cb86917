package table

import (
	"strconv"
	"testing"

	"ferry/keymap"
)

// BenchmarkStep is one cursor step and the picture after it.
func BenchmarkStep(b *testing.B) {
	m := filled(b, 100_000)
	m.Resize(120, 36)
	b.ReportAllocs()
	for b.Loop() {
		m.Do(keymap.Down)
		if m.View() == "" {
			b.Fatal("nothing was drawn")
		}
	}
}

// BenchmarkNarrow types a query of five letters over all rows.
func BenchmarkNarrow(b *testing.B) {
	m := filled(b, 100_000)
	m.Resize(120, 36)
	b.ReportAllocs()
	for b.Loop() {
		for n := 1; n <= 5; n++ {
			m.Narrow("row 9"[:n], name)
		}
		m.Narrow("", name)
	}
}

// BenchmarkNarrowFirst is the first letter typed, when no text is folded yet.
func BenchmarkNarrowFirst(b *testing.B) {
	m := filled(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		m.narrow.keys = nil
		m.Narrow("w", name)
	}
}

// BenchmarkAppend is a page of 1,000 rows behind 100,000 that are sorted.
func BenchmarkAppend(b *testing.B) {
	m := filled(b, 100_000)
	m.Resize(120, 36)
	m.SortLocal(func(a, b row) int { return b.size - a.size })
	page := make([]row, 1000)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		for i := range page {
			n++
			page[i] = row{id: "new" + strconv.Itoa(n), name: "New", size: n}
		}
		m.Append(page, true)
	}
}
