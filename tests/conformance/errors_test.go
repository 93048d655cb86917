package conformance

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/file"
	"github.com/Files-com/files-sdk-go/v3/folder"
	"github.com/Files-com/files-sdk-go/v3/user"
)

func TestErrorsByType(t *testing.T) {
	dir := home(t)
	put(t, dir+"/f.txt", "x")
	files, users := &file.Client{Config: admin()}, &user.Client{Config: admin()}
	listing := func(p files_sdk.FolderListForParams) func() error {
		return func() error {
			it, err := (&folder.Client{Config: admin()}).ListFor(p)
			if err == nil {
				it.Next()
				err = it.Err()
			}
			return err
		}
	}
	people := func(p files_sdk.UserListParams) func() error {
		return func() error {
			it, err := users.List(p)
			if err == nil {
				it.Next()
				err = it.Err()
			}
			return err
		}
	}
	for _, c := range []struct {
		what   string
		do     func() error
		want   files_sdk.ResponseErrorType
		status int
	}{
		{"missing folder", listing(files_sdk.FolderListForParams{Path: dir + "/absent"}), "not-found", 404},
		{"download of a folder", func() error {
			_, err := files.Download(files_sdk.FileDownloadParams{Path: dir})
			return err
		}, files_sdk.ErrCannotDownloadDirectory, 400},
		{"wrong cursor", listing(files_sdk.FolderListForParams{Path: dir, ListParams: files_sdk.ListParams{Cursor: "nonsense"}}), files_sdk.ErrInvalidCursor, 400},
		{"wrong sort of a folder", listing(files_sdk.FolderListForParams{Path: dir, SortBy: map[string]any{"colour": "asc"}}), files_sdk.ErrInvalidSortField, 400},
		{"two sorts", listing(files_sdk.FolderListForParams{Path: dir, SortBy: map[string]any{"path": "asc", "size": "asc"}}), files_sdk.ErrMultipleSortParamsNotAllowed, 400},
		{"search of the whole site from a folder", listing(files_sdk.FolderListForParams{Path: dir, Search: "x", SearchAll: yes()}), files_sdk.ErrSearchAllOnChildPath, 400},
		{"wrong sort of users", people(files_sdk.UserListParams{SortBy: map[string]any{"colour": "asc"}}), files_sdk.ErrInvalidSortField, 400},
		{"wrong filter of users", people(files_sdk.UserListParams{Filter: map[string]any{"colour": "red"}}), files_sdk.ErrInvalidFilterField, 400},
		{"wrong cursor of users", people(files_sdk.UserListParams{ListParams: files_sdk.ListParams{Cursor: "nonsense"}}), files_sdk.ErrInvalidCursor, 400},
		{"missing user", func() error { _, err := users.Find(files_sdk.UserFindParams{Id: 987654321}); return err }, "not-found", 404},
	} {
		t.Run(c.what, func(t *testing.T) {
			err := c.do()
			equal(t, "status", refused(t, err, c.want).HttpCode, c.status)
			group, _, _ := strings.Cut(string(c.want), "/")
			if !errors.Is(err, files_sdk.ResponseErrorGroup(group)) || !errors.Is(err, c.want) {
				t.Errorf("the error does not match its type and its group %q", group)
			}
			equal(t, "IsNotExist", files_sdk.IsNotExist(err), group == "not-found")
			equal(t, "IsBadRequest", files_sdk.IsBadRequest(err), group == "bad-request")
		})
	}
}

func TestErrorsOfFields(t *testing.T) {
	_, err := (&user.Client{Config: admin()}).Create(files_sdk.UserCreateParams{Username: "admin"})
	e := refused(t, err, files_sdk.ErrModelSaveError)
	equal(t, "status", e.HttpCode, 422)
	if len(e.ModelErrors) == 0 || e.ModelErrors["username"] == nil {
		t.Errorf("model_errors is %v, want one of username", e.ModelErrors)
	}
	if len(e.ModelErrorKeys) == 0 {
		t.Error("model_error_keys is empty")
	}
}

func TestPermissionsAreEnforced(t *testing.T) {
	dir := home(t)
	put(t, dir+"/f.txt", "x")
	operator := login(t, "operator")
	files := &file.Client{Config: operator}
	_, err := files.Download(files_sdk.FileDownloadParams{Path: dir + "/f.txt"})
	if !files_sdk.IsAuthorizationError(err) && !files_sdk.IsNotFound(err) {
		t.Errorf("reading without the right gave %v", err)
	}
	if err := files.Delete(files_sdk.FileDeleteParams{Path: dir + "/f.txt"}); !files_sdk.IsAuthorizationError(err) && !files_sdk.IsNotFound(err) {
		t.Errorf("deleting without the right gave %v", err)
	}
	_, err = (&user.Client{Config: operator}).Create(files_sdk.UserCreateParams{Username: "made-by-operator"})
	if !files_sdk.IsAuthorizationError(err) {
		t.Errorf("creating a user without the right gave %v", err)
	}
	_, err = (&folder.Client{Config: login(t, "auditor")}).Create(files_sdk.FolderCreateParams{Path: dir + "/by-auditor"})
	if !files_sdk.IsAuthorizationError(err) {
		t.Errorf("a read-only administrator making a folder gave %v", err)
	}
}

// What every answer carries, and what only errors do.
func TestHeaders(t *testing.T) {
	dir := home(t)
	var head http.Header
	note := files_sdk.ResponseOption(func(r *http.Response) error { head = r.Header; return nil })
	must((&file.Client{Config: admin()}).Find(files_sdk.FileFindParams{Path: dir}, note))(t)
	if len(head.Get("X-Request-Id")) != 32 || head.Get("Content-Type") != "application/json" {
		t.Errorf("the headers are %v", head)
	}
	_, err := (&file.Client{Config: admin()}).Find(files_sdk.FileFindParams{Path: dir + "/absent"}, note)
	e := refused(t, err, "not-found")
	equal(t, "X-Files-Error-Class", head.Get("X-Files-Error-Class"), "not-found")
	equal(t, "instance", e.Instance, head.Get("X-Request-Id"))
}

func TestRequestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (&file.Client{Config: admin()}).Find(files_sdk.FileFindParams{Path: "Public"}, files_sdk.WithContext(ctx))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
