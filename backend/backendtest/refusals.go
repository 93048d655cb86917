package backendtest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// fill puts the folder of the shared files in the place of {d}. It holds
// file.txt, full/inside.txt and the empty folder empty; cases leave them alone.
func (s *suite) fill(t *testing.T, text string) string {
	t.Helper()
	if s.shared == "" {
		d := s.dir(t, "shared")
		s.dir(t, "shared/empty")
		s.put(t, d+"/file.txt", []byte("hello\n"), time.Time{})
		s.put(t, d+"/full/inside.txt", []byte("inside"), time.Time{})
		s.shared = d
	}
	return strings.ReplaceAll(text, "{d}", s.shared)
}

// filled is fill for a body.
func (s *suite) filled(t *testing.T, body any) any {
	t.Helper()
	switch x := body.(type) {
	case string:
		return s.fill(t, x)
	case map[string]any:
		out := map[string]any{}
		for k, v := range x {
			out[k] = s.filled(t, v)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, v := range x {
			out[i] = s.filled(t, v)
		}
		return out
	}
	return body
}

type params = map[string]any

// refusalCases are requests about files that a site refuses, each with the wire
// type of the error; a type that ends in a slash is a group whose classes the
// references do not tell apart. Every error is looked at whole (see refused).
var refusalCases = func() (out []testCase) {
	long := strings.Repeat("x", 300)
	many := params{}
	for i := range 33 {
		many[fmt.Sprint("key", i)] = "v"
	}
	for _, x := range []struct {
		name, method, path string
		body               any
		kind               string
	}{
		{"folder that is there", "POST", "/folders/{d}/empty", params{}, "processing-failure/destination-exists"},
		{"folder that is there in another case", "POST", "/folders/{d}/EMPTY", params{}, "processing-failure/destination-exists"},
		{"folder that is there with its parents", "POST", "/folders/{d}/empty", params{"mkdir_parents": true}, "processing-failure/destination-exists"},
		{"folder in the place of a file", "POST", "/folders/{d}/file.txt", params{}, "processing-failure/destination-exists"},
		{"folder in a file", "POST", "/folders/{d}/file.txt/x", params{"mkdir_parents": true}, "processing-failure/"},
		{"folder without its parent", "POST", "/folders/{d}/no/where", params{}, "processing-failure/destination-parent-does-not-exist"},
		{"folder for the root", "POST", "/folders/", params{}, "processing-failure/destination-exists"},
		{"folder with a name of 300 characters", "POST", "/folders/{d}/" + long, params{}, "processing-failure/"},
		{"folder with a time that is none", "POST", "/folders/{d}/t", params{"provided_mtime": "yesterday"}, "bad-request/datetime-parse"},
		{"folder with a flag that is none", "POST", "/folders/{d}/t", params{"mkdir_parents": "perhaps"}, "bad-request/"},
		{"body that breaks off", "POST", "/folders/{d}/t", `{"mkdir_parents":`, "bad-request/"},
		{"body that is no object", "POST", "/folders/{d}/t", `[1,2]`, "bad-request/"},

		{"metadata of nothing", "GET", "/file_actions/metadata/{d}/nothing", nil, "not-found"},
		{"metadata below nothing", "GET", "/file_actions/metadata/{d}/no/where", nil, "not-found"},
		{"metadata below a file", "GET", "/file_actions/metadata/{d}/file.txt/x", nil, "not-found"},
		{"metadata with a preview of no size", "GET", "/file_actions/metadata/{d}/file.txt?with_previews=true&preview_size=huge", nil, "bad-request/"},

		{"listing of nothing", "GET", "/folders/{d}/nothing", nil, "not-found"},
		{"listing of a file", "GET", "/folders/{d}/file.txt", nil, "bad-request/"},
		{"listing by a field that is none", "GET", "/folders/{d}?sort_by[color]=asc", nil, "bad-request/invalid-sort-field"},
		{"listing by two fields", "GET", "/folders/{d}?sort_by[size]=asc&sort_by[path]=asc", nil, "bad-request/multiple-sort-params-not-allowed"},
		{"listing in a direction that is none", "GET", "/folders/{d}?sort_by[size]=up", nil, "bad-request/"},
		{"listing by a sort without a field", "GET", "/folders/{d}?sort_by=size", nil, "bad-request/"},
		{"listing from a cursor that is none", "GET", "/folders/{d}?cursor=nonsense", nil, "bad-request/invalid-cursor"},
		{"listing from a cursor without content", "GET", "/folders/{d}?cursor=c2:next:", nil, "bad-request/invalid-cursor"},
		{"listing of the type directory", "GET", "/folders/{d}?type=directory", nil, "bad-request/"},
		{"listing since without a type", "GET", "/folders/{d}?modified_at_datetime=2024-01-01", nil, "bad-request/"},
		{"listing since a time that is none", "GET", "/folders/{d}?type=file&modified_at_datetime=soon", nil, "bad-request/datetime-parse"},
		{"listing with pages of nothing", "GET", "/folders/{d}?per_page=0", nil, "bad-request/"},
		{"listing with pages of less than nothing", "GET", "/folders/{d}?per_page=-1", nil, "bad-request/"},
		{"listing with pages of no number", "GET", "/folders/{d}?per_page=many", nil, "bad-request/"},
		{"search of the whole site below a folder", "GET", "/folders/{d}?search=x&search_all=true", nil, "bad-request/search-all-on-child-path"},
		{"tree that is sorted", "GET", "/folders/{d}?recursive=true&sort_by[size]=asc", nil, "bad-request/"},
		{"tree that is searched", "GET", "/folders/{d}?recursive=true&search=x", nil, "bad-request/"},
		{"tree since a time", "GET", "/folders/{d}?recursive=true&type=file&modified_at_datetime=2024-01-01", nil, "bad-request/"},

		{"change of nothing", "PATCH", "/files/{d}/nothing", params{"provided_mtime": "2024-01-01T00:00:00Z"}, "not-found"},
		{"change to a time that is none", "PATCH", "/files/{d}/file.txt", params{"provided_mtime": "soon"}, "bad-request/datetime-parse"},
		{"change to the zero time of Go", "PATCH", "/files/{d}/file.txt", params{"provided_mtime": "0001-01-01T00:00:00Z"}, "bad-request/datetime-parse"},
		{"colour that is none", "PATCH", "/files/{d}/file.txt", params{"priority_color": "plaid"}, "processing-failure/invalid-priority-color"},
		{"metadata with 33 keys", "PATCH", "/files/{d}/file.txt", params{"custom_metadata": many}, "processing-failure/"},
		{"metadata with a key of 257 characters", "PATCH", "/files/{d}/file.txt", params{"custom_metadata": params{long[:257]: "v"}}, "processing-failure/"},
		{"metadata with a value of 1025 characters", "PATCH", "/files/{d}/file.txt", params{"custom_metadata": params{"k": strings.Repeat("v", 1025)}}, "processing-failure/"},
		{"metadata that is a list", "PATCH", "/files/{d}/file.txt", params{"custom_metadata": []any{"a"}}, "bad-request/"},

		{"deletion of nothing", "DELETE", "/files/{d}/nothing", nil, "not-found"},
		{"deletion of a full folder", "DELETE", "/files/{d}/full", nil, "processing-failure/folder-not-empty"},
		{"deletion of a full folder, said to be flat", "DELETE", "/files/{d}/full?recursive=false", nil, "processing-failure/folder-not-empty"},
		{"deletion with a flag that is none", "DELETE", "/files/{d}/full?recursive=perhaps", nil, "bad-request/"},

		{"download of nothing", "GET", "/files/{d}/nothing", nil, "not-found"},
		{"download of a folder", "GET", "/files/{d}/empty", nil, "bad-request/cannot-download-directory"},
		{"statistics of nothing", "GET", "/files/{d}/nothing?action=stat", nil, "not-found"},
		{"redirect to a folder", "GET", "/files/{d}/empty?action=redirect", nil, "bad-request/cannot-download-directory"},
		{"download with an action that is none", "GET", "/files/{d}/file.txt?action=burn", nil, "bad-request/"},

		{"upload in the place of a folder", "POST", "/file_actions/begin_upload/{d}/empty", params{}, "processing-failure/destination-exists"},
		{"upload without a parent", "POST", "/file_actions/begin_upload/{d}/no/where.txt", params{}, "processing-failure/destination-parent-does-not-exist"},
		{"upload below a file", "POST", "/file_actions/begin_upload/{d}/file.txt/x", params{"mkdir_parents": true}, "processing-failure/"},
		{"upload to the root", "POST", "/file_actions/begin_upload/", params{}, "bad-request/"},
		{"upload of part 0", "POST", "/file_actions/begin_upload/{d}/u", params{"part": 0}, "bad-request/"},
		{"upload of part 10001", "POST", "/file_actions/begin_upload/{d}/u", params{"part": 10001}, "bad-request/part-number-too-large"},
		{"upload of no number of parts", "POST", "/file_actions/begin_upload/{d}/u", params{"part": "first"}, "bad-request/"},
		{"upload that goes on with nothing", "POST", "/file_actions/begin_upload/{d}/u", params{"restart": 5}, "bad-request/invalid-upload-offset"},
		{"upload that goes on beyond the end", "POST", "/file_actions/begin_upload/{d}/file.txt", params{"restart": 7}, "bad-request/invalid-upload-offset"},
		{"upload that goes on before the start", "POST", "/file_actions/begin_upload/{d}/file.txt", params{"restart": -1}, "bad-request/invalid-upload-offset"},
		{"upload by a ref that is none", "POST", "/file_actions/begin_upload/{d}/u", params{"ref": "put-999999999"}, "not-found/file-upload-not-found"},
		{"upload by a ref of another form", "POST", "/file_actions/begin_upload/{d}/u", params{"ref": "nonsense"}, "not-found/file-upload-not-found"},
		{"end of an upload without a ref", "POST", "/files/{d}/u", params{"action": "end"}, "bad-request/"},
		{"end of an upload that never began", "POST", "/files/{d}/u", params{"action": "end", "ref": "put-999999999"}, "not-found/file-upload-not-found"},
		{"end of an upload with an action that is none", "POST", "/files/{d}/u", params{"action": "finish"}, "bad-request/"},

		{"copy without a destination", "POST", "/file_actions/copy/{d}/file.txt", params{}, "bad-request/"},
		{"copy of nothing", "POST", "/file_actions/copy/{d}/nothing", params{"destination": "{d}/x"}, "not-found"},
		{"copy onto itself", "POST", "/file_actions/copy/{d}/file.txt", params{"destination": "{d}/file.txt"}, "bad-request/destination-same"},
		{"copy onto itself in another case", "POST", "/file_actions/copy/{d}/file.txt", params{"destination": "{d}/FILE.txt"}, "bad-request/destination-same"},
		{"copy onto a file", "POST", "/file_actions/copy/{d}/file.txt", params{"destination": "{d}/full/inside.txt"}, "processing-failure/destination-exists"},
		{"copy onto a folder", "POST", "/file_actions/copy/{d}/file.txt", params{"destination": "{d}/empty"}, "processing-failure/destination-exists"},
		{"copy into nothing", "POST", "/file_actions/copy/{d}/file.txt", params{"destination": "{d}/no/where"}, "processing-failure/destination-parent-does-not-exist"},
		{"copy into a file", "POST", "/file_actions/copy/{d}/full", params{"destination": "{d}/file.txt/x"}, "processing-failure/"},
		{"copy of a folder into itself", "POST", "/file_actions/copy/{d}/full", params{"destination": "{d}/full/again"}, "processing-failure/"},
		{"move without a destination", "POST", "/file_actions/move/{d}/file.txt", params{}, "bad-request/"},
		{"move of nothing", "POST", "/file_actions/move/{d}/nothing", params{"destination": "{d}/x"}, "not-found"},
		{"move onto itself", "POST", "/file_actions/move/{d}/file.txt", params{"destination": "{d}/file.txt"}, "bad-request/destination-same"},
		{"move onto a file", "POST", "/file_actions/move/{d}/file.txt", params{"destination": "{d}/full/inside.txt"}, "processing-failure/destination-exists"},
		{"move into nothing", "POST", "/file_actions/move/{d}/file.txt", params{"destination": "{d}/no/where"}, "processing-failure/destination-parent-does-not-exist"},
		{"move of a folder into itself", "POST", "/file_actions/move/{d}/full", params{"destination": "{d}/full/again"}, "processing-failure/"},
		{"progress of no migration", "GET", "/file_migrations/999999999", nil, "not-found"},
		{"progress of no number", "GET", "/file_migrations/first", nil, "not-found"},

		{"archive of nothing named", "POST", "/file_actions/zip", params{"destination": "{d}/a.zip"}, "bad-request/"},
		{"archive without a destination", "POST", "/file_actions/zip", params{"paths": []any{"{d}/file.txt"}}, "bad-request/"},
		{"archive of nothing", "POST", "/file_actions/zip", params{"paths": []any{"{d}/nothing"}, "destination": "{d}/a.zip"}, "not-found"},
		{"archive onto a file", "POST", "/file_actions/zip", params{"paths": []any{"{d}/full"}, "destination": "{d}/file.txt"}, "processing-failure/destination-exists"},
		{"archive into nothing", "POST", "/file_actions/zip", params{"paths": []any{"{d}/full"}, "destination": "{d}/no/a.zip"}, "processing-failure/destination-parent-does-not-exist"},
		{"content of what is no archive", "GET", "/file_actions/zip_list/{d}/file.txt", nil, "processing-failure/invalid-zip-file"},
		{"content of no archive", "GET", "/file_actions/zip_list/{d}/nothing", nil, "not-found"},
		{"unpacking of what is no archive", "POST", "/file_actions/unzip", params{"path": "{d}/file.txt", "destination": "{d}/empty"}, "processing-failure/invalid-zip-file"},
		{"unpacking of nothing", "POST", "/file_actions/unzip", params{"path": "{d}/nothing", "destination": "{d}/empty"}, "not-found"},
		{"unpacking without a destination", "POST", "/file_actions/unzip", params{"path": "{d}/file.txt"}, "bad-request/"},
		{"unpacking of nothing named", "POST", "/file_actions/unzip", params{"destination": "{d}/empty"}, "bad-request/"},
		{"batch without paths", "POST", "/zip_downloads", params{"encoded_paths": []any{"{d}/file.txt"}}, "bad-request/"},
		{"batch of nothing", "POST", "/zip_downloads", params{"paths": []any{}}, "bad-request/"},

		{"lock on nothing", "POST", "/locks/{d}/nothing", params{"timeout": 60}, "not-found"},
		{"lock that was not taken", "DELETE", "/locks/{d}/file.txt?token=0123456789abcdef0123456789abcdef", nil, "not-found"},
		{"lock without its token", "DELETE", "/locks/{d}/file.txt", nil, "bad-request/"},

		{"restore without a date", "POST", "/restores", params{"prefix": "{d}"}, "bad-request/"},
		{"restore from a date that is none", "POST", "/restores", params{"prefix": "{d}", "earliest_date": "soon"}, "bad-request/datetime-parse"},
		{"restore of a kind that is none", "POST", "/restores", params{"prefix": "{d}", "earliest_date": "2026-01-01", "restoration_type": "hopes"}, "processing-failure/model-save-error"},
		{"share link without paths", "POST", "/bundles", params{}, "bad-request/"},
		{"share link to nothing", "POST", "/bundles", params{"paths": []any{"{d}/nothing"}}, "processing-failure/model-save-error"},
	} {
		out = append(out, testCase{name: "refused: " + x.name, run: func(t *testing.T, s *suite) {
			s.send(t, x.method, s.fill(t, x.path), s.filled(t, x.body)).refused(x.kind)
		}})
	}
	return append(out,
		testCase{name: "refused: a full folder, named in the message", run: func(t *testing.T, s *suite) {
			e := s.send(t, "DELETE", s.fill(t, "/files/{d}/full"), nil).refused("processing-failure/folder-not-empty")
			if text, _ := e["error"].(string); text != s.fill(t, "Folder {d}/full not empty") {
				t.Errorf("the message is %q", text)
			}
		}},
		testCase{name: "refused: a batch with what is not there", run: refusedBatch},
		testCase{name: "refused: nothing was changed by all that", run: func(t *testing.T, s *suite) {
			var got []string
			for _, f := range s.send(t, "GET", s.fill(t, "/folders/{d}?recursive=true"), nil).ok(200).list() {
				path, _ := f["path"].(string)
				got = append(got, strings.TrimPrefix(path, s.shared+"/"))
			}
			if text := strings.Join(got, " "); text != "empty full full/inside.txt file.txt" {
				t.Errorf("the shared files are %s", text)
			}
		}},
	)
}()

// A batch names everything that it cannot have, with the recorded words
// (PROTOCOL.md 9).
func refusedBatch(t *testing.T, s *suite) {
	w := s.send(t, "POST", "/zip_downloads", s.filled(t, params{"paths": []any{}, "encoded_paths": []any{"{d}/nothing%2B", "{d}/empty", "{d}/file.txt"}}))
	e := w.refused("processing-failure/model-save-error")
	list, _ := e["errors"].([]any)
	want := []string{
		s.fill(t, "Paths does not match existing file at: {d}/nothing+"),
		s.fill(t, "Paths cannot be downloaded at: {d}/empty"),
	}
	if len(list) != 2 || list[0] != want[0] || list[1] != want[1] {
		t.Errorf("errors %q, want %q", list, want)
	}
}
