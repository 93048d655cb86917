package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ferry/backend"
)

func TestDecodeEntriesIsTolerant(t *testing.T) {
	items, err := decodeEntries([]byte(` [
	 {"path":"Docs","display_name":"Docs","type":"directory","size":null,"created_at":null,"mtime":"2024-05-01T10:00:00Z","provided_mtime":null,"subfolders_locked?":true,"is_locked":true,"permissions":"lrwd","unknown":{"a":[1,{"b":null}]}},
	 {"path":"Docs/a \u00e9\ud83d\ude00.txt","type":"file","size":"12","mtime":"2024-05-01T10:00:00Z","provided_mtime":"2020-01-02T05:04:05+02:00","crc32":"01ABCDEF","md5":null,"mime_type":"text/plain","region":"us-east-1","priority_color":"red"},
	 {"size":-1,"path":"/x//y/../z/","type":"file","custom_metadata":{}},
	 7
	] `))
	if err != nil {
		t.Fatal(err)
	}
	want := []backend.Entry{
		{Path: "Docs", Name: "Docs", Kind: backend.Folder, Size: -1, Modified: time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC), Permissions: "lrwd", Locked: true},
		{
			Path: "Docs/a é😀.txt", Name: "a é😀.txt", Size: 12, Modified: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC),
			Checksums: backend.Checksums{CRC32: "01ABCDEF"}, MIME: "text/plain", Region: "us-east-1", Priority: "red",
		},
		{Path: "x/y/z", Name: "z", Size: -1},
	}
	if !reflect.DeepEqual(items, want) {
		t.Errorf("got  %+v\nwant %+v", items, want)
	}
}

func TestScannerTypes(t *testing.T) {
	type all struct {
		i, j, k int64
		f       float64
		b, c    bool
		is, js  []int64
		ss      []string
		at      time.Time
	}
	got, err := decodeOne([]byte(`{"i":"42","j":4.9e1,"k":[1],"f":"1.5","b":"true","c":0,"is":"1, 2,x","js":[3,"4",null],"ss":["a",null,5],"at":"2024-01-02T03:04:05.678-04:00"}`),
		func(v *all, key []byte, s *scanner) {
			switch string(key) {
			case "i":
				v.i = s.int()
			case "j":
				v.j = s.int()
			case "k":
				v.k = s.int()
			case "f":
				v.f = s.float()
			case "b":
				v.b = s.bool()
			case "c":
				v.c = s.bool()
			case "is":
				v.is = s.ints()
			case "js":
				v.js = s.ints()
			case "ss":
				v.ss = s.strings()
			case "at":
				v.at = s.time()
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	want := all{42, 49, 0, 1.5, true, false, []int64{1, 2}, []int64{3, 4}, []string{"a", "5"}, time.Date(2024, 1, 2, 7, 4, 5, 678e6, time.UTC)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestMalformedJSONIsAnError(t *testing.T) {
	for _, in := range []string{
		``, `{}`, `null`, `[`, `[{`, `[{"path"`, `[{"path":`, `[{"path":"a}]`, `[{"path":"a"}`, `[{"path":"a"},]`,
		`[{"path" "a"}]`, `[{"path":"\u12"}]`, `[{"path":"\x"}]`, "[{\"path\":\"a\nb\"}]", `[{"a":tru}]`, `[] x`, `<html>`,
		strings.Repeat("[", 100000), `[{"a":` + strings.Repeat(`{"b":`, 100000),
	} {
		if items, err := decodeEntries([]byte(in)); err == nil {
			t.Errorf("%.30q: no error, %v", in, items)
		}
	}
}

// The scanner agrees with encoding/json about every text that both accept, and
// accepts all that it does.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u00e9\ud83d\ude00\n",null,true]}`, `[]`, `"\ud800"`, `-0`, `1e400`, `{"":{}}`, `[1,]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if !utf8.ValidString(in) {
			return // names travel as they are; encoding/json replaces bad bytes
		}
		s := scanner{b: []byte(in)}
		got := s.any()
		err := s.end()
		var want any
		d := json.NewDecoder(strings.NewReader(in))
		if wantErr := d.Decode(&want); wantErr != nil || d.More() {
			return
		}
		if strings.Count(in, "[")+strings.Count(in, "{") > maxDepth {
			return
		}
		if rest := strings.TrimSpace(in[d.InputOffset():]); rest != "" {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		a, _ := json.Marshal(normal(got))
		b, _ := json.Marshal(normal(want))
		if string(a) != string(b) {
			t.Fatalf("%q: %s, want %s", in, a, b)
		}
	})
}

// normal makes whole numbers floats, as encoding/json has them.
func normal(v any) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v + 0 // -0 is 0
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = normal(v[k])
		}
	}
	return v
}

// samplePage is a listing page as the site writes it today.
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

func TestDecodePageAllocates(t *testing.T) {
	data := samplePage(1000)
	if _, err := decodeEntries(data); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(20, func() { _, _ = decodeEntries(data) }); n > 20 {
		t.Errorf("%v allocations for 1,000 entries, want at most 20", n)
	}
}

func BenchmarkDecodePage(b *testing.B) {
	data := samplePage(1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if items, err := decodeEntries(data); err != nil || len(items) != 1000 {
			b.Fatal(len(items), err)
		}
	}
}

// BenchmarkDecodePageJSON is the same page through encoding/json.
func BenchmarkDecodePageJSON(b *testing.B) {
	type entry struct {
		Path          string     `json:"path"`
		DisplayName   string     `json:"display_name"`
		Type          string     `json:"type"`
		Size          *int64     `json:"size"`
		CreatedAt     *time.Time `json:"created_at"`
		Mtime         *time.Time `json:"mtime"`
		ProvidedMtime *time.Time `json:"provided_mtime"`
		CRC32         string     `json:"crc32"`
		MD5           string     `json:"md5"`
		MIME          string     `json:"mime_type"`
		Region        string     `json:"region"`
		Permissions   string     `json:"permissions"`
	}
	data := samplePage(1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var items []entry
		if err := json.Unmarshal(data, &items); err != nil || len(items) != 1000 {
			b.Fatal(len(items), err)
		}
	}
}
