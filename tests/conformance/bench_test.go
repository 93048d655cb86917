package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/folder"
)

// The benchmarks are those of package backend/api done with the vendor's client,
// on the same page over the same kind of connection:
//
//	go test -run xxx -bench 'DecodePage$|List100k' -benchmem ./backend/api
//	cd tests/conformance && go test -run xxx -bench Vendor -benchmem

// samplePage is a listing page as a site writes it today, byte for byte that of
// the benchmarks of backend/api.
func samplePage(n int) []byte {
	var b strings.Builder
	b.WriteByte('[')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"path":"Finance/Invoices/2025/invoice-%06d.pdf","created_by_id":null,"created_by_api_key_id":%d,"created_by_as2_incoming_message_id":null,"created_by_automation_id":null,"created_by_bundle_registration_id":null,"created_by_inbox_id":null,"created_by_remote_server_id":null,"created_by_sync_id":null,"custom_metadata":{},"display_name":"invoice-%06d.pdf","type":"file","size":%d,"created_at":"2025-03-0%dT12:00:00Z","last_modified_by_id":null,"mtime":"2025-03-01T12:00:%02dZ","provided_mtime":null,"crc32":"%08x","md5":"%032x","sha1":null,"sha256":null,"mime_type":"application/pdf","region":"us-east-1","permissions":"lrwd"}`,
			i, i, i, 1000+i*7, i%9+1, i%60, i*2654435761&0xffffffff, i)
	}
	b.WriteByte(']')
	return []byte(b.String())
}

func BenchmarkVendorDecodePage(b *testing.B) {
	data := samplePage(1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var items files_sdk.FileCollection
		if err := json.Unmarshal(data, &items); err != nil || len(items) != 1000 {
			b.Fatal(len(items), err)
		}
	}
}

func BenchmarkVendorList100k(b *testing.B) {
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
	client := folder.Client{Config: files_sdk.Config{APIKey: "k1", EndpointOverride: srv.URL}.Init()}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		all := make([]files_sdk.File, 0, pages*per)
		it, err := client.ListFor(files_sdk.FolderListForParams{})
		if err != nil {
			b.Fatal(err)
		}
		for it.Next() {
			all = append(all, it.File())
		}
		if err := it.Err(); err != nil || len(all) != pages*per {
			b.Fatal(len(all), err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(len(all)), "heap-B/entry")
		n += len(all)
		runtime.KeepAlive(all)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
}
