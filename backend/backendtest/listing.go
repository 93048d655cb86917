package backendtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// collation is the order of the characters in names that reproduces every
// recorded listing (PROTOCOL.md 8). What no name can have is left out.
const collation = ` _-,;:!?.'"()[]{}@*&#%` + "`" + `^+<=>|~$0123456789abcz`

var listingCases = slices.Concat(collationCases(), pageCases(), narrowCases(), objectCases(), []testCase{
	{name: "listing: an empty folder is an empty array", run: func(t *testing.T, s *suite) {
		if w := s.send(t, "GET", "/folders/"+s.dir(t, "void"), nil).ok(200); string(w.body) != "[]" || w.header.Get("X-Files-Cursor") != "" {
			t.Errorf("%s with the cursor %q", w.body, w.header.Get("X-Files-Cursor"))
		}
	}},
	{name: "listing: both names of the cursor's header", run: cursorHeaders},
	{name: "listing: a cursor of another sort", run: cursorOfAnotherSort},
	{name: "listing: a cursor of another folder", run: cursorOfAnotherFolder},
	{name: "listing: what is added behind the cursor is found, what is before is not repeated", run: movingPages},
	{name: "listing: an entry that has gone does not end the paging", run: goneCursor},
	{name: "listing: tells when it was cached", run: func(t *testing.T, s *suite) {
		w := s.send(t, "GET", s.fill(t, "/folders/{d}"), nil).ok(200)
		if n, err := strconv.ParseInt(w.header.Get("X-Files-Cached-Response"), 10, 64); err != nil || n < 1_000_000_000 {
			t.Errorf("X-Files-Cached-Response %q", w.header.Get("X-Files-Cached-Response"))
		}
	}},
	{name: "metadata: priority colours", run: colours},
	{name: "metadata: what is not said stays", run: partialChange},
	{name: "metadata: custom metadata is replaced as a whole", run: replacedMetadata},
	{name: "metadata: the limits of custom metadata", run: metadataLimits},
	{name: "metadata: fractions of a provided time are cut off", run: fractions},
	{name: "metadata: a provided time in another zone", run: zones},
	{name: "metadata: an upload renews the time of its folders", run: ancestors},
	{name: "metadata: the type of a file is told by its extension", run: mimeTypes},
})

func collationCases() (out []testCase) {
	chars := strings.Split(collation, "")
	list := func(t *testing.T, s *suite) []string {
		if s.sorted == nil {
			d := s.dir(t, "collation")
			for _, c := range slices.Backward(chars) {
				s.dir(t, "collation/x"+c+"x")
			}
			s.sorted = s.names(t, d, backend.FolderQuery{})
		}
		return s.sorted
	}
	for i := 1; i < len(chars); i++ {
		a, b := "x"+chars[i-1]+"x", "x"+chars[i]+"x"
		out = append(out, testCase{name: fmt.Sprintf("order: %q before %q", a, b), run: func(t *testing.T, s *suite) {
			got := list(t, s)
			if at, bt := slices.Index(got, a), slices.Index(got, b); at < 0 || bt < 0 || at > bt {
				t.Errorf("%q is at %d, %q at %d", a, at, b, bt)
			}
		}})
	}
	for _, x := range [][]string{
		{"shorter first", "a", "ab", "abc"},
		{"no case", "apple", "Banana", "cherry", "Date"},
		{"accents count as their letters", "lx", "ły", "lz"},
		{"extension behind the stem", "X 3_2.dmg", "X 3.dmg", "X 3a.dmg"},
		{"digits as characters, not as numbers", "f1", "f10", "f2"},
	} {
		out = append(out, testCase{name: "order: " + x[0], run: func(t *testing.T, s *suite) {
			d := s.dir(t, "order-"+strings.ReplaceAll(x[0], " ", "-"))
			for _, n := range slices.Backward(x[1:]) {
				if _, err := s.c.Mkdir(t.Context(), d+"/"+n, false); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.names(t, d, backend.FolderQuery{}); !slices.Equal(got, x[1:]) {
				t.Errorf("listed as %q, want %q", got, x[1:])
			}
		}})
	}
	return out
}

// many is a folder of three folders and six files of different sizes, times and
// names, made once.
func (s *suite) many(t *testing.T) string {
	t.Helper()
	d := s.root + "/many"
	if s.filledMany {
		return d
	}
	for _, n := range []string{"c-dir", "a-dir", "b-dir"} {
		s.dir(t, "many/"+n)
	}
	for i, n := range []string{"f.txt", "d.txt", "b.txt", "a.txt", "c.txt", "e.txt"} {
		s.put(t, d+"/"+n, []byte(strings.Repeat("x", 10*(i+1))), time.Date(2020+i, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	s.filledMany = true
	return d
}

// pageCases: whatever the sort and the size of the pages, all entries come once
// and in order, and the way back gives them again.
func pageCases() (out []testCase) {
	dirs, files := []string{"a-dir", "b-dir", "c-dir"}, []string{"a.txt", "b.txt", "c.txt", "d.txt", "e.txt", "f.txt"}
	bySize := []string{"f.txt", "d.txt", "b.txt", "a.txt", "c.txt", "e.txt"}
	reversed := func(l []string) []string { l = slices.Clone(l); slices.Reverse(l); return l }
	for _, x := range []struct {
		name, query string
		want        []string
		page        []int
	}{
		{"by name", "", slices.Concat(dirs, files), []int{1, 2, 3, 4, 8, 9, 10}},
		{"by name, said", "sort_by[path]=asc", slices.Concat(dirs, files), []int{4}},
		{"by name, downwards", "sort_by[path]=desc", slices.Concat(reversed(dirs), reversed(files)), []int{2, 3, 9}},
		{"files by name", "type=file", files, []int{1, 4, 6}},
		{"folders by name", "type=folder", dirs, []int{1, 2, 3}},
		{"files by size", "type=file&sort_by[size]=asc", bySize, []int{1, 4, 6}},
		{"files by size, downwards", "type=file&sort_by[size]=desc", reversed(bySize), []int{2, 5}},
		{"files by time", "type=file&sort_by[modified_at_datetime]=asc", bySize, []int{4}},
		{"files by time, downwards", "type=file&sort_by[modified_at_datetime]=desc", reversed(bySize), []int{4}},
		{"files by provided time", "type=file&sort_by[provided_modified_at]=asc", bySize, []int{4}},
		{"files by provided time, downwards", "type=file&sort_by[provided_modified_at]=desc", reversed(bySize), []int{4}},
		{"files since 2023", "type=file&modified_at_datetime=2023-01-01", []string{"a.txt", "c.txt", "e.txt"}, []int{2}},
	} {
		for _, n := range x.page {
			out = append(out, testCase{name: fmt.Sprintf("pages of %d %s", n, x.name), run: func(t *testing.T, s *suite) {
				s.walkPages(t, "/folders/"+s.many(t)+"?"+x.query, n, x.want)
			}})
		}
	}
	for _, n := range []int{1, 2, 5, 100} {
		out = append(out, testCase{name: fmt.Sprintf("pages of %d of a tree", n), run: func(t *testing.T, s *suite) {
			d := s.dir(t, fmt.Sprint("tree-", n))
			for _, f := range []string{"a/x/deep.txt", "a/y.txt", "b/z.txt", "top.txt"} {
				s.put(t, d+"/"+f, nil, time.Time{})
			}
			var got []string
			cursor := ""
			for range 20 {
				w := s.send(t, "GET", fmt.Sprintf("/folders/%s?recursive=true&per_page=%d&cursor=%s", d, n, cursor), nil).ok(200)
				for _, f := range w.list() {
					path, _ := f["path"].(string)
					got = append(got, strings.TrimPrefix(path, d+"/"))
				}
				if cursor = w.header.Get("X-Files-Cursor"); cursor == "" {
					break
				}
			}
			slices.Sort(got)
			if want := []string{"a", "a/x", "a/x/deep.txt", "a/y.txt", "b", "b/z.txt", "top.txt"}; !slices.Equal(got, want) {
				t.Errorf("the tree is %q, want %q", got, want)
			}
		}})
	}
	return out
}

// walkPages goes to the end of a listing and, where the site offers it, back.
func (s *suite) walkPages(t *testing.T, path string, perPage int, want []string) {
	t.Helper()
	page := func(cursor string) (*wire, []string) {
		w := s.send(t, "GET", fmt.Sprintf("%s&per_page=%d&cursor=%s", path, perPage, cursor), nil).ok(200)
		var names []string
		for _, f := range w.list() {
			name, _ := f["display_name"].(string)
			names = append(names, name)
		}
		if len(names) > perPage {
			t.Errorf("a page of %d", len(names))
		}
		return w, names
	}
	var got, first []string
	var w *wire
	cursor, pages := "", 0
	for {
		var names []string
		w, names = page(cursor)
		if pages++; pages == 1 {
			first = names
			if w.header.Get("X-Files-Cursor-Prev") != "" {
				t.Error("the first page has one before it")
			}
		} else if w.header.Get("X-Files-Cursor-Prev") == "" {
			t.Errorf("page %d has none before it", pages)
		}
		got = append(got, names...)
		if cursor = w.header.Get("X-Files-Cursor"); cursor == "" || pages > len(want)+1 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q in %d pages, want %q", got, pages, want)
	}
	var back []string
	for cursor = w.header.Get("X-Files-Cursor-Prev"); cursor != "" && len(back) <= len(want); cursor = w.header.Get("X-Files-Cursor-Prev") {
		w, back = page(cursor)
	}
	if pages > 1 && !slices.Equal(back, first) {
		t.Errorf("the way back ends with %q, want %q", back, first)
	}
}

// narrowCases: what a listing shows of a tree.
func narrowCases() (out []testCase) {
	for _, x := range []struct{ name, query, want string }{
		{"a part of a name", "search=port", "Report.txt report-2.txt"},
		{"a name in another case", "search=REPORT", "Report.txt report-2.txt"},
		{"with accents left out", "search=resume", "résumé.txt"},
		{"what stands before the last slash does not count", "search=nowhere/port", "Report.txt report-2.txt"},
		{"a folder", "search=deep", "deep"},
		{"files only", "search=e&type=file", "Report.txt other.bin report-2.txt résumé.txt"},
		{"folders only", "search=e&type=folder", "deep"},
		{"nothing", "search=zzz", ""},
		{"metadata by key", "search_custom_metadata_key=owner&search=ann", "Report.txt"},
		{"metadata by any key", "search_custom_metadata_key=*&search=blue", "Report.txt"},
		{"metadata by another key", "search_custom_metadata_key=colour&search=ann", ""},
		{"metadata of the folder alone", "search_custom_metadata_key=*&search=below", ""},
	} {
		out = append(out, testCase{name: "search: " + x.name, run: func(t *testing.T, s *suite) {
			d := s.root + "/search"
			if !s.filledSearch {
				for f, meta := range map[string]params{
					"Report.txt": {"owner": "Ann", "colour": "blue"}, "deep/report-2.txt": {"owner": "below"}, "résumé.txt": nil, "other.bin": nil,
				} {
					s.put(t, d+"/"+f, []byte("x"), time.Time{})
					if meta != nil {
						s.send(t, "PATCH", "/files/"+d+"/"+escape(f), params{"custom_metadata": meta}).ok(200)
					}
				}
				s.filledSearch = true
			}
			var got []string
			ok := func() bool {
				got = nil
				for _, f := range s.send(t, "GET", "/folders/"+d+"?"+x.query, nil).ok(200).list() {
					name, _ := f["display_name"].(string)
					got = append(got, name)
				}
				slices.Sort(got)
				return strings.Join(got, " ") == x.want
			}
			if s.Embedded == nil { // a search finds what is new a while later
				eventually(t, "the search", ok)
			} else if !ok() {
				t.Errorf("found %q, want %s", got, x.want)
			}
		}})
	}
	return append(out, testCase{name: "search: the whole site", run: func(t *testing.T, s *suite) {
		name := "whole-" + s.tag + ".txt"
		s.put(t, s.dir(t, "whole")+"/"+name, nil, time.Time{})
		eventually(t, "the search", func() bool {
			l := s.send(t, "GET", "/folders/?search_all=true&search="+name, nil).ok(200).list()
			return len(l) == 1 && l[0]["display_name"] == name
		})
	}})
}

// recorded are the fields of the file object in the order of the recordings
// (PROTOCOL.md 8 and 15); a bar in front marks those of files alone, an equals
// sign those of folders.
var recorded = strings.Fields(`path created_by_id created_by_api_key_id created_by_as2_incoming_message_id created_by_automation_id
	created_by_bundle_registration_id created_by_inbox_id created_by_remote_server_id created_by_sync_id custom_metadata display_name type
	size created_at last_modified_by_id last_modified_by_api_key_id last_modified_by_automation_id last_modified_by_bundle_registration_id
	last_modified_by_remote_server_id last_modified_by_sync_id mtime provided_mtime crc32 md5 sha1 sha256 |mime_type |region permissions
	=subfolders_locked? =is_locked`)

// objectCases look at the object of files and folders wherever it comes.
func objectCases() (out []testCase) {
	for _, x := range []struct {
		name, method, path string
		body               any
		dir                bool
		more               string
	}{
		{"a file's metadata", "GET", "/file_actions/metadata/{d}/file.txt", nil, false, ""},
		{"a folder's metadata", "GET", "/file_actions/metadata/{d}/full", nil, true, ""},
		{"a download", "GET", "/files/{d}/file.txt", nil, false, "download_uri"},
		{"a download that only asks", "GET", "/files/{d}/file.txt?action=stat", nil, false, ""},
		{"a file with its colour", "GET", "/file_actions/metadata/{d}/file.txt?with_priority_color=true", nil, false, "priority_color"},
		{"a new folder", "POST", "/folders/{d}/empty/object", params{}, true, ""},
		{"a change", "PATCH", "/files/{d}/file.txt", params{"provided_mtime": "2024-01-02T03:04:05Z"}, false, ""},
	} {
		out = append(out, testCase{name: "object of " + x.name, run: func(t *testing.T, s *suite) {
			w := s.send(t, x.method, s.fill(t, x.path), x.body)
			if w.status != 201 {
				w.ok(200)
			} else {
				defer s.takeAway(t, s.fill(t, "/files/{d}/empty/object"))
			}
			var want []string
			for _, f := range recorded {
				if name, only := strings.CutPrefix(f, "|"); only && !x.dir || !only && f[0] != '=' {
					want = append(want, name)
				} else if f[0] == '=' && x.dir {
					want = append(want, f[1:])
				}
			}
			if x.more != "" {
				want = append(want, x.more)
			}
			got := w.keys()
			if s.Embedded == nil { // the real site may have learnt more fields
				got = slices.DeleteFunc(got, func(k string) bool { return !slices.Contains(want, k) })
			}
			if !slices.Equal(got, want) {
				t.Errorf("fields %q, want %q", got, want)
			}
			o := w.object()
			if size, isNumber := o["size"].(float64); x.dir == isNumber || !x.dir && size != 6 {
				t.Errorf("size %v", o["size"])
			}
			if meta, ok := o["custom_metadata"].(map[string]any); !ok || len(meta) != 0 {
				t.Errorf("custom_metadata %v", o["custom_metadata"])
			}
			for _, f := range []string{"created_at", "mtime"} {
				text, _ := o[f].(string)
				if at, err := time.Parse("2006-01-02T15:04:05Z", text); err != nil || at.IsZero() {
					t.Errorf("%s %v is no time in UTC and whole seconds", f, o[f])
				}
			}
			if rights, _ := o["permissions"].(string); s.admin && rights != "lrwd" {
				t.Errorf("permissions %q", rights)
			}
		}})
	}
	return out
}

func cursorHeaders(t *testing.T, s *suite) {
	w := s.send(t, "GET", "/folders/"+s.many(t)+"?per_page=2", nil).ok(200)
	next := w.header.Get("X-Files-Cursor")
	if !strings.HasPrefix(next, "c2:next:") {
		t.Errorf("the cursor is %q", next)
	}
	if s.Embedded != nil && w.header.Get("X-Files-Cursor-Next") != next {
		t.Errorf("the documented header is %q", w.header.Get("X-Files-Cursor-Next"))
	}
	if back := s.send(t, "GET", "/folders/"+s.many(t)+"?per_page=2&cursor="+next, nil).ok(200).header.Get("X-Files-Cursor-Prev"); !strings.HasPrefix(back, "c2:prev:") {
		t.Errorf("the way back is %q", back)
	}
}

func cursorOfAnotherSort(t *testing.T, s *suite) {
	d := s.many(t)
	next := s.send(t, "GET", "/folders/"+d+"?per_page=2", nil).ok(200).header.Get("X-Files-Cursor")
	for _, sort := range []string{"sort_by[size]=asc", "sort_by[path]=desc"} {
		s.send(t, "GET", "/folders/"+d+"?"+sort+"&cursor="+next, nil).refused("bad-request/invalid-cursor-type-for-sort")
	}
}

func cursorOfAnotherFolder(t *testing.T, s *suite) {
	next := s.send(t, "GET", "/folders/"+s.many(t)+"?per_page=2", nil).ok(200).header.Get("X-Files-Cursor")
	s.send(t, "GET", s.fill(t, "/folders/{d}?cursor=")+next, nil).refused("bad-request/invalid-cursor")
}

func movingPages(t *testing.T, s *suite) {
	d := s.dir(t, "moving")
	for _, n := range []string{"b", "d", "f"} {
		s.dir(t, "moving/"+n)
	}
	next := s.send(t, "GET", "/folders/"+d+"?per_page=2", nil).ok(200).header.Get("X-Files-Cursor")
	s.dir(t, "moving/a")
	s.dir(t, "moving/e")
	var got []string
	for _, f := range s.send(t, "GET", "/folders/"+d+"?cursor="+next, nil).ok(200).list() {
		name, _ := f["display_name"].(string)
		got = append(got, name)
	}
	if !slices.Equal(got, []string{"e", "f"}) {
		t.Errorf("behind the cursor are %q", got)
	}
}

func goneCursor(t *testing.T, s *suite) {
	d := s.dir(t, "gone")
	for _, n := range []string{"a", "b", "c", "d"} {
		s.dir(t, "gone/"+n)
	}
	next := s.send(t, "GET", "/folders/"+d+"?per_page=2", nil).ok(200).header.Get("X-Files-Cursor")
	s.send(t, "DELETE", "/files/"+d+"/b", nil).ok(204)
	if l := s.send(t, "GET", "/folders/"+d+"?cursor="+next, nil).ok(200).list(); len(l) != 2 || l[0]["display_name"] != "c" {
		t.Errorf("behind the cursor are %v", l)
	}
}

func colours(t *testing.T, s *suite) {
	d := s.dir(t, "colours")
	s.put(t, d+"/f", nil, time.Time{})
	s.send(t, "PATCH", "/files/"+d+"/f", params{"priority_color": "red"}).ok(200)
	at := "/file_actions/metadata/" + d + "/f"
	if o := s.send(t, "GET", at+"?with_priority_color=true", nil).ok(200).object(); o["priority_color"] != "red" {
		t.Errorf("the colour is %v", o["priority_color"])
	}
	if _, told := s.send(t, "GET", at, nil).ok(200).object()["priority_color"]; told {
		t.Error("the colour is told without being asked for")
	}
	if l := s.send(t, "GET", "/folders/"+d+"?with_priority_color=true", nil).ok(200).list(); len(l) != 1 || l[0]["priority_color"] != "red" {
		t.Errorf("the listing has %v", l)
	}
	s.send(t, "PATCH", "/files/"+d+"/f", params{"priority_color": nil}).ok(200)
	if o := s.send(t, "GET", at+"?with_priority_color=true", nil).ok(200).object(); o["priority_color"] != nil {
		t.Errorf("the colour is %v", o["priority_color"])
	}
}

func partialChange(t *testing.T, s *suite) {
	d := s.dir(t, "partial")
	s.put(t, d+"/f", nil, time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC))
	s.send(t, "PATCH", "/files/"+d+"/f", params{"custom_metadata": params{"k": "v"}}).ok(200)
	o := s.send(t, "PATCH", "/files/"+d+"/f", params{"priority_color": "blue"}).ok(200).object()
	meta, _ := o["custom_metadata"].(map[string]any)
	if o["provided_mtime"] != "2021-01-01T00:00:00Z" || meta["k"] != "v" {
		t.Errorf("what was not said is %v, %v", o["provided_mtime"], meta)
	}
}

func replacedMetadata(t *testing.T, s *suite) {
	d := s.dir(t, "replaced-metadata")
	for _, m := range []map[string]any{{"a": "1", "b": "2"}, {"c": "3"}, {}} {
		s.send(t, "PATCH", "/files/"+d, params{"custom_metadata": m}).ok(200)
		got, _ := s.send(t, "GET", "/file_actions/metadata/"+d, nil).ok(200).object()["custom_metadata"].(map[string]any)
		if fmt.Sprint(got) != fmt.Sprint(m) {
			t.Errorf("metadata %v, want %v", got, m)
		}
	}
}

func metadataLimits(t *testing.T, s *suite) {
	d := s.dir(t, "metadata-limits")
	m := params{strings.Repeat("k", 256): strings.Repeat("v", 1024), "ü": strings.Repeat("日", 1024)}
	for i := range 30 {
		m[fmt.Sprint(i)] = ""
	}
	s.send(t, "PATCH", "/files/"+d, params{"custom_metadata": m}).ok(200)
	got, _ := s.send(t, "GET", "/file_actions/metadata/"+d, nil).ok(200).object()["custom_metadata"].(map[string]any)
	if len(got) != 32 || got["ü"] != m["ü"] {
		t.Errorf("%d keys are kept", len(got))
	}
}

func fractions(t *testing.T, s *suite) {
	d := s.dir(t, "fractions")
	for _, text := range []string{"2010-11-17T20:34:58.651387237Z", "2010-11-17T20:34:58.9Z", "2010-11-17T20:34:58Z"} {
		if o := s.send(t, "PATCH", "/files/"+d, params{"provided_mtime": text}).ok(200).object(); o["provided_mtime"] != "2010-11-17T20:34:58Z" {
			t.Errorf("%s became %v", text, o["provided_mtime"])
		}
	}
}

func zones(t *testing.T, s *suite) {
	d := s.dir(t, "zones")
	o := s.send(t, "PATCH", "/files/"+d, params{"provided_mtime": "2020-06-01T12:00:00+02:00"}).ok(200).object()
	if o["provided_mtime"] != "2020-06-01T10:00:00Z" {
		t.Errorf("the time became %v", o["provided_mtime"])
	}
}

func ancestors(t *testing.T, s *suite) {
	d := s.dir(t, "ancestors/a/b")
	before := s.send(t, "GET", "/file_actions/metadata/"+s.root+"/ancestors", nil).ok(200).object()["mtime"]
	if s.Embedded != nil {
		s.Embedded.Wait(2 * time.Second)
	} else {
		time.Sleep(1100 * time.Millisecond) // the times are whole seconds
	}
	s.put(t, d+"/f", nil, time.Time{})
	for _, p := range []string{"", "/a", "/a/b"} {
		after := s.send(t, "GET", "/file_actions/metadata/"+s.root+"/ancestors"+p, nil).ok(200).object()["mtime"]
		if fmt.Sprint(after) <= fmt.Sprint(before) {
			t.Errorf("ancestors%s has the time %v, before it was %v", p, after, before)
		}
	}
}

func mimeTypes(t *testing.T, s *suite) {
	d := s.dir(t, "mime")
	for name, want := range map[string]string{
		"a.txt": "text/plain", "a.text": "application/octet-stream", "a.PNG": "image/png", "a.json": "application/json",
		"a.pdf": "application/pdf", "a": "application/octet-stream", "txt": "application/octet-stream", "a.txt.unknown": "application/octet-stream",
	} {
		s.put(t, d+"/"+name, []byte("%PDF"), time.Time{})
		if o := s.send(t, "GET", "/file_actions/metadata/"+d+"/"+name, nil).ok(200).object(); o["mime_type"] != want {
			t.Errorf("%s is %v, want %s", name, o["mime_type"], want)
		}
	}
}
