package headless

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// site is a folder of two pages.
type site struct{ fail error }

func (s site) List(_ context.Context, path string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	if s.fail != nil {
		return backend.Page[backend.Entry]{}, s.fail
	}
	if q.Cursor == "" {
		return backend.Page[backend.Entry]{Next: "2", Items: []backend.Entry{
			{Path: path + "/sub", Kind: backend.Folder, Size: -1, Permissions: "lrwd"},
		}}, nil
	}
	return backend.Page[backend.Entry]{Items: []backend.Entry{{
		Path: path + "/a\x1b[31mb.txt", Size: 12, Modified: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}}}, nil
}

func (s site) Find(_ context.Context, path string) (backend.Entry, error) {
	return backend.Entry{Path: path, Size: 3}, s.fail
}

func TestListFollowsThePages(t *testing.T) {
	var b bytes.Buffer
	if err := List(t.Context(), site{}, "docs", backend.FolderQuery{}, Output{W: &b}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "docs/sub/") || !strings.Contains(got, "2026-01-02T03:04:05Z") || strings.Contains(got, "\x1b") {
		t.Errorf("got %q", got)
	}
}

// What is known of an entry is read line by line; what is not known has no line.
func TestStatIsReadLineByLine(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		entry backend.Entry
		want  string
	}{
		{
			backend.Entry{Path: "In/a\x1b.txt", Size: 12345, Modified: when, Permissions: "lrwd", Checksums: backend.Checksums{MD5: "d4", CRC32: "aa"}},
			"path:         In/a␛.txt\ntype:         file\nsize:         12,345 bytes (12 kB)\nmodified:     2026-01-02T03:04:05Z\npermissions:  lrwd\nmd5:          d4\ncrc32:        aa\n",
		},
		{backend.Entry{Path: "In", Kind: backend.Folder, Size: -1}, "path:  In/\ntype:  folder\n"},
		{backend.Entry{Path: "one", Size: 1}, "path:  one\ntype:  file\nsize:  1 byte\n"},
	} {
		var b bytes.Buffer
		if err := Stat(t.Context(), single{c.entry}, "x", Output{W: &b}); err != nil || b.String() != c.want {
			t.Errorf("got %q, %v", b.String(), err)
		}
	}
	var b bytes.Buffer
	if err := Stat(t.Context(), single{backend.Entry{Path: "one", Size: 1}}, "x", Output{W: &b, JSON: true}); err != nil || b.String() != `{"path":"one","type":"file","size":1}`+"\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

// single is a site of one entry.
type single struct{ e backend.Entry }

func (s single) List(context.Context, string, backend.FolderQuery) (backend.Page[backend.Entry], error) {
	return backend.Page[backend.Entry]{}, nil
}
func (s single) Find(context.Context, string) (backend.Entry, error) { return s.e, nil }

func TestListAsJSONKeepsTheBytesOfAName(t *testing.T) {
	var b bytes.Buffer
	if err := List(t.Context(), site{}, "docs", backend.FolderQuery{}, Output{W: &b, JSON: true}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"type":"folder"`) || strings.Contains(lines[0], "size") ||
		!strings.Contains(lines[1], `\u001b`) || !strings.Contains(lines[1], `"size":12`) {
		t.Errorf("got %q", lines)
	}
}

func TestExitCodesTellTheGroup(t *testing.T) {
	seen := map[int]string{}
	for _, g := range append(backend.APIGroups(), backend.Client, backend.Connection, backend.LocalDisk, backend.Content) {
		c := ExitCode(fmt.Errorf("outer: %w", &backend.Error{Group: g}))
		if was, ok := seen[c]; ok || c < 2 {
			t.Errorf("%s gives %d, as %q does", g, c, was)
		}
		seen[c] = string(g)
	}
	if ExitCode(nil) != 0 || ExitCode(errors.New("x")) != 1 || ExitCode(context.Canceled) != 130 {
		t.Error("plain codes are wrong")
	}
}

// Content that went wrong on its way is told from what Ferry has refused to send.
func TestDamageHasWordsOfItsOwn(t *testing.T) {
	titles := map[string]backend.Class{}
	for _, c := range []backend.Class{backend.ClassChecksumMismatch, backend.ClassSourceChanged, backend.ClassUploadForgotten, backend.ClassShort, backend.ClassUnlike, "NewError"} {
		err := &backend.Error{Class: c, Group: backend.Content, Message: "It is torn."}
		var b bytes.Buffer
		Report(nil, &b, nil, err)
		title, rest, _ := strings.Cut(b.String(), "\n")
		if was, twice := titles[title]; twice || ExitCode(err) != 5 || strings.Contains(b.String(), "before it was sent") || !strings.Contains(rest, "It is torn.") {
			t.Errorf("%s (%q), code %d: %s", c, was, ExitCode(err), b.String())
		}
		titles[title] = c
	}
}

// A login that is refused says what it was made of, and how a script gives the
// code of a second factor.
func TestARefusedLoginNamesWhatWasUsed(t *testing.T) {
	const used = "FERRY_PASSWORD"
	for slug, want := range map[string]string{
		"invalid-username-or-password":    "Check FERRY_PASSWORD.",
		"two-factor-authentication-error": "Set FERRY_OTP to a",
		"one-time-password-incorrect":     "Set FERRY_OTP to the newest",
	} {
		var b bytes.Buffer
		err := LoggedInWith(used, &backend.Error{Group: backend.NotAuthenticated, Type: "not-authenticated/" + slug, Status: 401})
		Report(nil, &b, nil, err)
		if s := b.String(); ExitCode(err) != 11 || !strings.Contains(s, want) || strings.Contains(s, "FERRY_API_KEY") || strings.Contains(s, "ype the") {
			t.Errorf("%s: %s", slug, s)
		}
	}
	if LoggedInWith(used, nil) != nil {
		t.Error("no failure became one")
	}
}

// A login that is refused for more than its password is told so, once, and what
// helps.
func TestALoginThatIsNotOpenSaysWhatHelps(t *testing.T) {
	for _, c := range []struct {
		group         backend.ErrorGroup
		wire, message string
		title, next   string
	}{
		{backend.NotAuthenticated, "not-authenticated/invalid-username-or-password", "Invalid username or password", "User name or password is wrong", "Check FERRY_PASSWORD."},
		{backend.NotAuthenticated, "not-authenticated/invalid-username-or-password", "This account is disabled or has expired.", "This account cannot be used", backend.AskToOpen},
		{backend.NotAuthenticated, "not-authenticated/locked-out", "", "This account is locked", backend.OpensAgain},
		{backend.NotAuthorized, "not-authorized/password-change-required", "", "The password must be changed first", backend.ChangeFirst},
		{backend.NotAuthorized, "not-authorized/two-factor-authentication-required", "", "This account must set up a second factor first", backend.SetUpFirst},
	} {
		var b bytes.Buffer
		err := LoggedInWith("FERRY_PASSWORD", &backend.Error{Group: c.group, Type: c.wire, Message: c.message, Status: 401})
		Report(nil, &b, nil, err)
		s := b.String()
		if !strings.HasPrefix(s, "ferry: "+c.title+".\n") || strings.Count(s, c.next) != 1 || failureOf(err).Next != c.next ||
			strings.Count(s, "Check ") > strings.Count(c.next, "Check ") || strings.Contains(s, "for the right") {
			t.Errorf("%s %s: %s", c.wire, c.message, s)
		}
	}
}

// What a login may not do is not mended by another try.
func TestFilesThatAreDeniedNeedAnotherLogin(t *testing.T) {
	denied := &backend.Error{Group: backend.NotAuthorized, Type: "not-authorized/write-permission-required", Message: "No."}
	broken := &backend.Error{Group: backend.ProcessingFailure, Type: "processing-failure/file-locked", Message: "No."}
	for _, c := range []struct {
		errs []error
		want string
	}{
		{[]error{denied}, otherLogin},
		{[]error{denied, denied}, otherLogin},
		{[]error{denied, broken}, tryAgain},
	} {
		w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}}
		for _, err := range c.errs {
			w.items = append(w.items, backend.ItemSnapshot{Name: "a", State: backend.JobFailed, Err: err})
		}
		w.snaps = []backend.TransferSnapshot{{Jobs: []backend.JobSnapshot{{ID: 1, State: backend.JobFailed, FilesTotal: len(c.errs), FilesFailed: len(c.errs), Err: denied}}}}
		_, stderr, err := w.ferry(t, "put", "a", "x")
		if ExitCode(err) != 12 || !strings.Contains(stderr, c.want) || failureOf(err).Next != c.want {
			t.Errorf("%v: %v %q", c.errs, err, stderr)
		}
	}
}

// A pipe does not become readable: it is to be left out.
func TestAPipeIsToBeLeftOut(t *testing.T) {
	pipe := &backend.Error{Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: backend.TypeNotRegular, Message: "Only regular files can be transferred."}
	for _, err := range []error{pipe, unread{pipe, 1}} {
		var b bytes.Buffer
		Report(nil, &b, nil, err)
		if s := b.String(); ExitCode(err) != 4 || strings.Contains(s, "readable") || !strings.Contains(s, "This is no regular file") || !strings.Contains(s, "Leave it out with --ignore") {
			t.Errorf("%s", s)
		}
	}
}

func TestReportExplains(t *testing.T) {
	var b bytes.Buffer
	err := &backend.Error{Group: backend.NotFound, Type: "not-found", Path: "a\nb", Op: "list folder", Status: 404}
	if got := Stat(t.Context(), site{fail: err}, "x", Output{W: &b}); !errors.Is(got, backend.NotFound) {
		t.Fatalf("got %v", got)
	}
	Report(nil, &b, nil, err)
	if got := b.String(); !strings.Contains(got, "This is not there") || !strings.Contains(got, "HTTP 404") || strings.Contains(got, "a\nb") {
		t.Errorf("got %q", got)
	}
	b.Reset()
	Report(nil, &b, nil, context.Canceled)
	if b.Len() != 0 {
		t.Errorf("an interrupt was reported: %q", b.String())
	}
}

// Who finds another program at the same download is told to wait for it.
func TestTheAdviceAboutATakenPlace(t *testing.T) {
	err := &backend.Error{Group: backend.LocalDisk, Type: backend.TypePartialTaken}
	if a := advice(err); !strings.HasPrefix(a, "Wait for the other program") {
		t.Error(a)
	}
}
