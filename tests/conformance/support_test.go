package conformance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/file"
	file_migration "github.com/Files-com/files-sdk-go/v3/filemigration"
	"github.com/Files-com/files-sdk-go/v3/folder"
	"github.com/Files-com/files-sdk-go/v3/session"
)

// deadline bounds every wait; nothing comes near it unless it hangs.
const deadline = 5 * time.Minute

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// admin is the configuration of a client with the key of the site's
// administrator.
func admin() files_sdk.Config { return withKey(site.APIKey) }

func withKey(key string) files_sdk.Config {
	return files_sdk.Config{APIKey: key, EndpointOverride: site.BaseURL}.Init()
}

func anonymous() files_sdk.Config {
	return files_sdk.Config{EndpointOverride: site.BaseURL}.Init()
}

// login is the configuration of a client with a session of a demo user.
func login(t *testing.T, username string) files_sdk.Config {
	t.Helper()
	c := anonymous()
	s := must((&session.Client{Config: c}).Create(files_sdk.SessionCreateParams{Username: username, Password: password(t, username)}))(t)
	c.SessionId = s.Id
	return c
}

func password(t *testing.T, username string) string {
	t.Helper()
	for _, u := range site.Users {
		if u.Username == username {
			return u.Password
		}
	}
	t.Fatalf("ferry serve names no user %q", username)
	return ""
}

// must ends the test on an error: v := must(f())(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%v (%T)", err, err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v (%T)", err, err)
	}
}

// refused wants an error of the type, as the site spells it on the wire.
func refused(t *testing.T, err error, want files_sdk.ResponseErrorType) files_sdk.ResponseError {
	t.Helper()
	var e files_sdk.ResponseError
	if !errors.As(err, &e) {
		t.Fatalf("got %v (%T), want an error of type %s", err, err, want)
	}
	if e.Type != string(want) {
		t.Fatalf("got type %q (%v), want %q", e.Type, err, want)
	}
	if e.ErrorMessage == "" || e.Title == "" || e.HttpCode < 400 || e.Instance == "" {
		t.Errorf("the error lacks message, title, status or request id: %+v", e)
	}
	return e
}

// equal compares two values and says what they are.
func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

type iterator interface {
	Next() bool
	Current() any
	Err() error
}

// all reads a list to its end, over as many pages as it takes.
func all[T any](t *testing.T, it iterator, err error) []T {
	t.Helper()
	check(t, err)
	var out []T
	for it.Next() {
		v, ok := it.Current().(T)
		if !ok {
			t.Fatalf("the list holds a %T", it.Current())
		}
		out = append(out, v)
	}
	check(t, it.Err())
	return out
}

// home makes a folder of the test's own and removes it afterwards.
func home(t *testing.T) string {
	t.Helper()
	p := "Conformance " + strconv.FormatUint(rand.Uint64(), 36)
	must((&folder.Client{Config: admin()}).Create(files_sdk.FolderCreateParams{Path: p}))(t)
	t.Cleanup(func() {
		if err := (&file.Client{Config: admin()}).Delete(files_sdk.FileDeleteParams{Path: p, Recursive: yes()}); err != nil {
			t.Errorf("cannot remove %s: %v", p, err)
		}
	})
	return p
}

func mkdir(t *testing.T, p string) {
	t.Helper()
	must((&folder.Client{Config: admin()}).Create(files_sdk.FolderCreateParams{Path: p, MkdirParents: yes()}))(t)
}

func put(t *testing.T, p, content string) {
	t.Helper()
	upload(t, p, []byte(content))
}

func upload(t *testing.T, p string, content []byte, more ...file.UploadOption) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	check(t, (&file.Client{Config: admin()}).Upload(append([]file.UploadOption{
		file.UploadWithContext(ctx),
		file.UploadWithReader(bytes.NewReader(content)),
		file.UploadWithSize(int64(len(content))),
		file.UploadWithDestinationPath(p),
	}, more...)...))
}

func download(t *testing.T, p string) []byte {
	t.Helper()
	var b []byte
	must((&file.Client{Config: admin()}).Download(files_sdk.FileDownloadParams{Path: p}, files_sdk.ResponseBodyOption(func(r io.ReadCloser) (err error) {
		b, err = io.ReadAll(r)
		return err
	})))(t)
	return b
}

func find(t *testing.T, p string) files_sdk.File {
	t.Helper()
	return must((&file.Client{Config: admin()}).Find(files_sdk.FileFindParams{Path: p}))(t)
}

func gone(t *testing.T, p string) {
	t.Helper()
	_, err := (&file.Client{Config: admin()}).Find(files_sdk.FileFindParams{Path: p})
	refused(t, err, "not-found")
}

// settle waits for what a copy or a move left to do.
func settle(t *testing.T, a files_sdk.FileAction) files_sdk.FileMigration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	m := must((&file_migration.Client{Config: admin()}).Wait(a, func(files_sdk.FileMigration) {}, files_sdk.WithContext(ctx)))(t)
	equal(t, "status of the migration", m.Status, "completed")
	return m
}

func list(t *testing.T, p files_sdk.FolderListForParams) []files_sdk.File {
	t.Helper()
	it, err := (&folder.Client{Config: admin()}).ListFor(p)
	return all[files_sdk.File](t, it, err)
}

// until polls until done says so.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(deadline); !done(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%s did not happen within %v", what, deadline)
		}
	}
}

// names are the last elements of the paths.
func names(fs []files_sdk.File) []string {
	out := make([]string, 0, len(fs))
	for _, f := range fs {
		out = append(out, f.Path[strings.LastIndexByte(f.Path, '/')+1:])
	}
	return out
}

// noise is content that no compression and no repetition can fake.
func noise(seed uint64, n int) []byte {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	b := make([]byte, n)
	if _, err := rand.NewChaCha8(key).Read(b); err != nil {
		panic(err)
	}
	return b
}
