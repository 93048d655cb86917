package backendtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

var folderCases = []testCase{
	{name: "make a folder", run: makeFolder},
	{name: "names of every kind", run: oddNames},
	{name: "order of a listing", run: listingOrder},
	{name: "pages", run: paging},
	{name: "sort, type and search", run: narrowing},
	{name: "delete", run: deleting},
	{name: "find", run: finding},
}

func makeFolder(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "make")
	e, err := s.c.Mkdir(ctx, d+"/New", false)
	if err != nil || !e.IsDir() || e.Size != -1 || !strings.HasSuffix(e.Path, "make/New") {
		t.Errorf("made %+v %v", e, err)
	}
	_, err = s.c.Mkdir(ctx, d+"/new", false)
	refused(t, err, backend.ClassDestinationExists)
	_, err = s.c.Mkdir(ctx, d+"/a/b", false)
	refused(t, err, backend.ProcessingFailure)
	if _, err = s.c.Mkdir(ctx, d+"/a/b/c", true); err != nil {
		t.Error(err)
	}
	s.put(t, d+"/file", []byte("x"), time.Time{})
	_, err = s.c.Mkdir(ctx, d+"/FILE", false)
	refused(t, err, backend.ClassDestinationExists)
}

// oddNames are spelled back as they were given, and found under their other
// spellings (PROTOCOL.md 14).
func oddNames(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "odd")
	odd := []string{
		"a b", "a+b", "a%2Fb", "100%", "q?x=1&y=2", "#hash", "semi;colon", "it's", `quo"te`, "ünïcödé", "日本語", "😀", "dots...txt", "-dash", "[x]",
	}
	for _, n := range odd {
		if _, err := s.c.Mkdir(ctx, d+"/"+n, false); err != nil {
			t.Errorf("%q: %v", n, err)
		}
	}
	got := s.names(t, d, backend.FolderQuery{})
	for _, n := range odd {
		if !slices.Contains(got, n) {
			t.Errorf("%q is missing in %q", n, got)
		}
	}
	if e, err := s.c.Find(ctx, strings.ToUpper(d)+"/UNICODE"); err != nil || e.Name != "ünïcödé" {
		t.Errorf("another spelling finds %+v %v", e, err)
	}
	for _, n := range odd {
		if err := s.c.Delete(ctx, d+"/"+n, false); err != nil {
			t.Errorf("delete %q: %v", n, err)
		}
	}
	if left := s.names(t, d, backend.FolderQuery{}); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

// listingOrder is that of the recordings (PROTOCOL.md 8).
func listingOrder(t *testing.T, s *suite) {
	d := s.dir(t, "order")
	want := []string{"zeta", "files_test.go", "files-cli", "files.go", "łz", "x_test.go", "X.go"}
	s.dir(t, "order/zeta")
	for _, n := range []string{"X.go", "files.go", "łz", "files-cli", "x_test.go", "files_test.go"} {
		s.put(t, d+"/"+n, nil, time.Time{})
	}
	got := s.names(t, d, backend.FolderQuery{})
	if !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}

func paging(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "pages")
	want := []string{"a", "b", "c", "d", "e"}
	for _, n := range want {
		s.dir(t, "pages/"+n)
	}
	var got []string
	pages := 0
	for cursor := ""; ; pages++ {
		p, err := s.c.List(ctx, d, backend.FolderQuery{Query: backend.Query{PerPage: 2, Cursor: cursor}})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Items) > 2 {
			t.Errorf("page of %d", len(p.Items))
		}
		for _, e := range p.Items {
			got = append(got, e.Name)
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) || pages < 2 {
		t.Errorf("got %q in %d pages", got, pages+1)
	}
	if got := s.names(t, d, backend.FolderQuery{Query: backend.Query{PerPage: 1}}); !slices.Equal(got, want) {
		t.Errorf("all: %q", got)
	}
	_, err := s.c.List(ctx, d, backend.FolderQuery{Query: backend.Query{Cursor: "nonsense"}})
	refused(t, err, backend.BadRequest)
}

func narrowing(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "narrow")
	s.dir(t, "narrow/sub")
	s.put(t, d+"/small.txt", []byte("1"), time.Time{})
	s.put(t, d+"/large.txt", []byte("12345"), time.Time{})
	s.put(t, d+"/sub/deep.txt", []byte("123"), time.Time{})
	for _, tc := range []struct {
		name string
		q    backend.FolderQuery
		want []string
	}{
		{"files", backend.FolderQuery{Type: "file"}, []string{"large.txt", "small.txt"}},
		{"folders", backend.FolderQuery{Type: "folder"}, []string{"sub"}},
		{"by size", backend.FolderQuery{Type: "file", Query: backend.Query{SortBy: "size", Desc: true}}, []string{"large.txt", "small.txt"}},
		{"by size up", backend.FolderQuery{Type: "file", Query: backend.Query{SortBy: "size"}}, []string{"small.txt", "large.txt"}},
	} {
		if got := s.names(t, d, tc.q); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	tree := s.names(t, d, backend.FolderQuery{Recursive: true})
	slices.Sort(tree)
	if want := []string{"deep.txt", "large.txt", "small.txt", "sub"}; !slices.Equal(tree, want) {
		t.Errorf("tree %q, want %q", tree, want)
	}
	eventually(t, "the search", func() bool {
		p, err := s.c.List(ctx, d, backend.FolderQuery{Search: "deep"})
		return err == nil && len(p.Items) == 1 && p.Items[0].Name == "deep.txt"
	})
}

func deleting(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "delete")
	s.put(t, d+"/f/x", []byte("x"), time.Time{})
	e := refusal(t, s.c.Delete(ctx, d+"/f", false), backend.ClassFolderNotEmpty)
	if e.Type != "processing-failure/folder-not-empty" {
		t.Errorf("type %s", e.Type)
	}
	if err := s.c.Delete(ctx, d+"/f", true); err != nil {
		t.Error(err)
	}
	refused(t, s.c.Delete(ctx, d+"/f", true), backend.NotFound)
	_, err := s.c.List(ctx, d+"/f", backend.FolderQuery{})
	refused(t, err, backend.NotFound)
}

func finding(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "find")
	s.put(t, d+"/Report.TXT", []byte("hello"), time.Time{})
	e, err := s.c.Find(ctx, d+"/report.txt")
	if err != nil || e.Name != "Report.TXT" || e.Size != 5 || e.Kind != backend.File || e.DownloadURI != "" {
		t.Errorf("found %+v %v", e, err)
	}
	if e, err = s.c.Find(ctx, d); err != nil || !e.IsDir() || e.Size != -1 {
		t.Errorf("found %+v %v", e, err)
	}
	_, err = s.c.Find(ctx, d+"/nothing")
	refused(t, err, backend.NotFound)
	at := time.Date(2019, 8, 7, 6, 5, 4, 0, time.UTC)
	if e, err = s.c.SetModified(ctx, d+"/Report.TXT", at); err != nil || !e.Modified.Equal(at) {
		t.Errorf("time %+v %v", e, err)
	}
	if e, err = s.c.Find(ctx, d+"/Report.TXT"); err != nil || !e.Modified.Equal(at) {
		t.Errorf("time is not kept: %+v %v", e, err)
	}
}
