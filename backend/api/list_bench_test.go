package api

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"

	"ferry/backend"
)

// BenchmarkList100k lists 100,000 entries through the whole client, over TCP,
// and tells the memory that the entries take once they are loaded.
func BenchmarkList100k(b *testing.B) {
	const pages, per = 100, 1000
	data := samplePage(per)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		if n++; n < pages {
			w.Header().Set("X-Files-Cursor", strconv.Itoa(n))
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data)
	}))
	defer srv.Close()
	c, err := New(Config{BaseURL: srv.URL, APIKey: "k1", Dial: (&net.Dialer{}).DialContext})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		all := make([]backend.Entry, 0, pages*per)
		for e, err := range c.All(context.Background(), "", backend.FolderQuery{}) {
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, e)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(len(all)), "heap-B/entry")
		n += len(all)
		runtime.KeepAlive(all)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
}
