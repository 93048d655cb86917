package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/file"
	"github.com/Files-com/files-sdk-go/v3/folder"
)

func TestListingByPages(t *testing.T) {
	dir := home(t)
	var want []string
	for i := range 5 {
		mkdir(t, fmt.Sprintf("%s/folder-%d", dir, i))
		want = append(want, fmt.Sprintf("folder-%d", i))
	}
	for i := range 18 {
		put(t, fmt.Sprintf("%s/file-%02d.txt", dir, i), strings.Repeat("x", i))
		want = append(want, fmt.Sprintf("file-%02d.txt", i))
	}
	for _, perPage := range []int64{0, 1, 4, 23, 24, 1000} {
		got := list(t, files_sdk.FolderListForParams{Path: dir, ListParams: files_sdk.ListParams{PerPage: perPage}})
		if !slices.Equal(names(got), want) {
			t.Errorf("%d a page: got %q, want %q", perPage, names(got), want)
		}
	}

	it := must((&folder.Client{Config: admin()}).ListFor(files_sdk.FolderListForParams{Path: dir, ListParams: files_sdk.ListParams{PerPage: 10, MaxPages: 1}}))(t)
	first := all[files_sdk.File](t, it, nil)
	equal(t, "length of the first page", len(first), 10)
	rest := list(t, files_sdk.FolderListForParams{Path: dir, ListParams: files_sdk.ListParams{PerPage: 10, Cursor: it.GetCursor()}})
	if got := append(names(first), names(rest)...); !slices.Equal(got, want) {
		t.Errorf("resumed at the cursor: got %q, want %q", got, want)
	}
	if got := list(t, files_sdk.FolderListForParams{Path: dir + "/folder-3"}); len(got) != 0 {
		t.Errorf("an empty folder lists %q", names(got))
	}
}

// A listing of 100,000 entries comes to its end, each entry once.
func TestListingABigFolder(t *testing.T) {
	it, err := (&folder.Client{Config: admin()}).ListFor(files_sdk.FolderListForParams{
		Path: "Sensors/2026", ListParams: files_sdk.ListParams{PerPage: 10_000},
	})
	check(t, err)
	seen := make(map[string]bool)
	for it.Next() {
		seen[it.File().Path] = true
		if it.EOFPage() && len(seen)%10_000 != 0 {
			t.Fatalf("%d different entries at the end of a page", len(seen))
		}
	}
	check(t, it.Err())
	equal(t, "number of entries", len(seen), 100_000)
}

func TestListingSorted(t *testing.T) {
	dir := home(t)
	base := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	for i, f := range []struct {
		name string
		size int
		days int
	}{{"b.txt", 30, 2}, {"a.txt", 20, 3}, {"C.txt", 10, 1}} {
		upload(t, dir+"/"+f.name, noise(uint64(i), f.size), file.UploadWithProvidedMtime(base.AddDate(0, 0, f.days)))
	}
	for _, c := range []struct {
		field, order string
		want         []string
	}{
		{"path", "asc", []string{"a.txt", "b.txt", "C.txt"}},
		{"path", "desc", []string{"C.txt", "b.txt", "a.txt"}},
		{"size", "asc", []string{"C.txt", "a.txt", "b.txt"}},
		{"size", "desc", []string{"b.txt", "a.txt", "C.txt"}},
		{"provided_modified_at", "asc", []string{"C.txt", "b.txt", "a.txt"}},
		{"provided_modified_at", "desc", []string{"a.txt", "b.txt", "C.txt"}},
	} {
		got := list(t, files_sdk.FolderListForParams{
			Path: dir, SortBy: map[string]any{c.field: c.order}, ListParams: files_sdk.ListParams{PerPage: 2},
		})
		if !slices.Equal(names(got), c.want) {
			t.Errorf("by %s %s: got %q, want %q", c.field, c.order, names(got), c.want)
		}
	}
}

func TestListingFilteredByTypeAndSearch(t *testing.T) {
	dir := home(t)
	mkdir(t, dir+"/deep/deeper")
	put(t, dir+"/report.txt", "a")
	put(t, dir+"/deep/deeper/Report 2.txt", "b")
	put(t, dir+"/deep/other.txt", "c")
	for _, c := range []struct {
		what string
		p    files_sdk.FolderListForParams
		want []string
	}{
		{"files", files_sdk.FolderListForParams{Path: dir, Type: "file"}, []string{"report.txt"}},
		{"folders", files_sdk.FolderListForParams{Path: dir, Type: "folder"}, []string{"deep"}},
		{"search", files_sdk.FolderListForParams{Path: dir, Search: "report"}, []string{"Report 2.txt", "report.txt"}},
		{"search without a hit", files_sdk.FolderListForParams{Path: dir, Search: "absent"}, nil},
	} {
		got := names(list(t, c.p))
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}

func TestListingRecursively(t *testing.T) {
	dir := home(t)
	mkdir(t, dir+"/a/b")
	mkdir(t, dir+"/empty")
	want := []string{dir, dir + "/a", dir + "/a/b", dir + "/empty"}
	for _, p := range []string{"/1.txt", "/a/2.txt", "/a/b/3.txt", "/a/b/4.txt"} {
		put(t, dir+p, p)
		want = append(want, dir+p)
	}
	slices.Sort(want)
	for _, perPage := range []int64{0, 3} {
		// The true spelling of the folder has to come back for another one.
		for _, path := range []string{dir, strings.ToUpper(dir)} {
			it, err := (&file.Client{Config: admin()}).ListForRecursive(files_sdk.FolderListForParams{
				Path: path, ListParams: files_sdk.ListParams{PerPage: perPage},
			})
			var got []string
			for _, f := range all[file.RecursiveItem](t, it, err) {
				check(t, f.Err())
				got = append(got, f.Path)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s, %d a page: got %q, want %q", path, perPage, got, want)
			}
		}
	}
}

func TestMetadata(t *testing.T) {
	dir := home(t)
	mtime := time.Date(2024, 2, 29, 23, 59, 58, 0, time.UTC)
	upload(t, dir+"/a.txt", []byte("hello"), file.UploadWithProvidedMtime(mtime))

	f := find(t, dir+"/a.txt")
	equal(t, "path", f.Path, dir+"/a.txt")
	equal(t, "display_name", f.DisplayName, "a.txt")
	equal(t, "type", f.Type, "file")
	equal(t, "size", f.Size, 5)
	equal(t, "mime_type", f.MimeType, "text/plain")
	equal(t, "download_uri", f.DownloadUri, "")
	equal(t, "permissions", f.Permissions, "lrwd")
	if f.ProvidedMtime == nil || !f.ProvidedMtime.Equal(mtime) {
		t.Errorf("provided_mtime is %v, want %v", f.ProvidedMtime, mtime)
	}
	if f.CreatedAt == nil || f.Mtime == nil {
		t.Errorf("created_at is %v and mtime %v", f.CreatedAt, f.Mtime)
	}
	d := find(t, dir)
	equal(t, "type", d.Type, "directory")
	if d.IsLocked == nil || d.SubfoldersLocked == nil {
		t.Error("the folder lacks is_locked or subfolders_locked?")
	}
	equal(t, "path under another spelling", find(t, strings.ToUpper(dir)+"/A.TXT").Path, dir+"/a.txt")

	client := &file.Client{Config: admin()}
	changed := must(client.Update(files_sdk.FileUpdateParams{
		Path: dir + "/a.txt", ProvidedMtime: new(mtime.AddDate(1, 0, 1)), PriorityColor: "red",
		CustomMetadata: map[string]any{"ticket": "A-17"},
	}))(t)
	if changed.ProvidedMtime == nil || !changed.ProvidedMtime.Equal(mtime.AddDate(1, 0, 1)) {
		t.Errorf("the changed provided_mtime is %v", changed.ProvidedMtime)
	}
	f = must(client.Find(files_sdk.FileFindParams{Path: dir + "/a.txt", WithPriorityColor: yes()}))(t)
	equal(t, "priority_color", f.PriorityColor, "red")
	if m, ok := f.CustomMetadata.(map[string]any); !ok || m["ticket"] != "A-17" {
		t.Errorf("custom_metadata is %v", f.CustomMetadata)
	}
	gone(t, dir+"/absent.txt")

	stat := must(client.DownloadUri(files_sdk.FileDownloadParams{Path: dir + "/a.txt", Action: "stat"}))(t)
	equal(t, "download_uri of action=stat", stat.DownloadUri, "")
	equal(t, "size of action=stat", stat.Size, 5)
}

// The sums of a file appear a moment after its upload.
func TestChecksums(t *testing.T) {
	dir := home(t)
	put(t, dir+"/sum.txt", "hello")
	until(t, "the appearance of the sums", func() bool {
		f := find(t, dir+"/sum.txt")
		if f.Md5 == "" || f.Crc32 == "" {
			return false
		}
		equal(t, "md5", f.Md5, "5d41402abc4b2a76b9719d911017c592")
		equal(t, "crc32", f.Crc32, "3610a686")
		return true
	})
}
