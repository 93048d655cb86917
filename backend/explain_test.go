package backend

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestEveryGroupHasWordsAndAWayOut(t *testing.T) {
	for _, g := range append(APIGroups(), Connection, Client, LocalDisk, Content, Unexpected, APIFailure) {
		x := Explain(&Error{Group: g, Class: "SomethingNewError", Type: string(g) + "/never-seen"})
		if x.Title == "" || x.Title == byGroup[APIFailure].title && g != APIFailure || len(x.Steps) == 0 || len(x.Lines) == 0 && g != Unexpected {
			t.Errorf("%s: %+v", g, x)
		}
	}
}

func TestWordsAreSentences(t *testing.T) {
	check := func(where string, w words) {
		if strings.HasSuffix(w.title, ".") || strings.HasSuffix(w.title, "!") || len(w.title) > 56 || len(w.steps) == 0 {
			t.Errorf("%s: title %q, steps %v", where, w.title, w.steps)
		}
		for _, l := range w.why {
			if !strings.HasSuffix(l, ".") {
				t.Errorf("%s: %q is not a sentence", where, l)
			}
		}
	}
	check("closed", closed)
	for k, w := range byType {
		check(k, w)
	}
	for k, w := range byLocal {
		check(k, w)
	}
	for k, w := range byGroup {
		check(string(k), w)
	}
	for k, w := range byClass {
		check(string(k), w)
	}
}

func TestExplainTellsAllItKnows(t *testing.T) {
	e := &Error{
		Class: "ModelSaveErrorError", Group: ProcessingFailure, Type: "processing-failure/model-save-error",
		Status: 422, Message: "Username is taken", RequestID: "abc", Op: "create user", Path: "operator",
		Fields: map[string][]string{"username": {"is taken"}}, Wait: 12 * time.Second, Legal: []string{"a", "b"},
	}
	got := strings.Join(Explain(e).Lines, "\n")
	for _, want := range []string{"create user", "operator", "Username is taken.", "username: is taken", "12s", "a, b"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
	if c := Explain(e).Code; c != "processing-failure/model-save-error · HTTP 422 · request abc" {
		t.Errorf("code %q", c)
	}
}

// What Ferry refuses by itself is headed by its reason, not by a word for all
// reasons, and a path that ends in a blank shows it.
func TestARefusalIsHeadedByItsReason(t *testing.T) {
	x := Explain(&Error{Class: ClassInvalidParameter, Group: Client, Op: "upload", Path: "a/b ", Message: "the site cannot hold \x1b. Rename it first."})
	if x.Title != "The site cannot hold ␛" || strings.Join(x.Lines, "|") != "While trying to upload: a/b␠|Rename it first." {
		t.Errorf("got %+v", x)
	}
	for _, c := range []Class{ClassInvalidParameter, ClassMissingParameter} {
		if x := Explain(&Error{Class: c, Group: Client}); x.Title != byClass[c].title || len(x.Lines) == 0 {
			t.Errorf("without a reason: %+v", x)
		}
	}
}

// A storage that has lost a file has words of its own.
func TestANameThatTheStorageDoesNotKnow(t *testing.T) {
	for _, typ := range []string{"storage/NoSuchKey", TypeNoContent} {
		x := Explain(&Error{Class: ClassAPI, Group: APIFailure, Type: typ, Status: 404, Message: "The specified key does not exist."})
		if x.Title != noContent.title || strings.Contains(strings.Join(x.Lines, " "), byGroup[APIFailure].why[0]) {
			t.Errorf("%s: got %+v", typ, x)
		}
	}
}

// Files.com says only what it has answered.
func TestOnlyAnAnswerIsTheSites(t *testing.T) {
	for status, want := range map[int]string{0: "The reason: Not now.", 429: "Files.com says: Not now."} {
		e := &Error{Group: RateLimited, Type: "rate-limited/too-many-requests", Status: status, Message: "Not now."}
		if lines := Explain(e).Lines; lines[len(lines)-1] != want {
			t.Errorf("status %d: %q", status, lines)
		}
	}
}

// A command that has ended promises nothing that only a running program does.
func TestAnEndedCommandPromisesNothing(t *testing.T) {
	for _, e := range []*Error{
		{Group: Connection}, {Group: ServiceUnavailable}, {Group: NotAuthenticated, Type: "not-authenticated/invalid-session"},
	} {
		all, end := strings.Join(Explain(e).Lines, " "), strings.Join(ExplainEnd(e).Lines, " ")
		if !strings.Contains(all, " on ") || strings.Contains(end, "wait") || strings.Contains(end, "goes on") {
			t.Errorf("%s: %q and %q", e.Group, all, end)
		}
	}
}

func TestExplainAnyError(t *testing.T) {
	if x := Explain(nil); x.Title != "" {
		t.Errorf("nil: %+v", x)
	}
	if x := Explain(errors.New("odd")); x.Title == "" || !strings.Contains(strings.Join(x.Lines, " "), "odd.") {
		t.Errorf("foreign error: %+v", x)
	}
}

func TestIsMatchesClassAndGroup(t *testing.T) {
	var err error = &Error{Class: "FileNotFoundError", Group: NotFound}
	wrapped := errors.Join(errors.New("outer"), err)
	if !errors.Is(wrapped, NotFound) || !errors.Is(wrapped, Class("FileNotFoundError")) {
		t.Error("class or group does not match")
	}
	if errors.Is(wrapped, NotAuthorized) || errors.Is(wrapped, Class("FolderNotFoundError")) {
		t.Error("another class or group matches")
	}
}

func TestSecretsStayHidden(t *testing.T) {
	c := Credentials{APIKey: "topsecretkey", Password: "hunter2", SessionID: "sid", BaseURL: "x"}
	for _, s := range []string{c.String(), c.GoString(), LoginSession{ID: "sid123"}.String()} {
		for _, secret := range []string{"topsecretkey", "hunter2", "sid123"} {
			if strings.Contains(s, secret) {
				t.Errorf("%q shows %q", s, secret)
			}
		}
	}
}
