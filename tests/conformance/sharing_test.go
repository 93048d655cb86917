package conformance

import (
	"slices"
	"testing"
	"time"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/bundle"
	bundle_recipient "github.com/Files-com/files-sdk-go/v3/bundlerecipient"
	"github.com/Files-com/files-sdk-go/v3/file"
	"github.com/Files-com/files-sdk-go/v3/history"
	"github.com/Files-com/files-sdk-go/v3/lock"
)

func TestBundles(t *testing.T) {
	dir := home(t)
	put(t, dir+"/f.txt", "x")
	client := &bundle.Client{Config: admin()}
	expires := time.Now().AddDate(0, 1, 0).UTC().Truncate(time.Second)
	b := must(client.Create(files_sdk.BundleCreateParams{
		Paths: []string{dir}, Description: "first", Password: "open sesame 1", Permissions: "read", ExpiresAt: &expires, MaxUses: 5,
	}))(t)
	if b.Id == 0 || b.Code == "" || b.Url == "" || b.Description != "first" || b.Permissions != "read" || b.MaxUses != 5 {
		t.Errorf("the bundle is %+v", b)
	}
	if b.PasswordProtected == nil || !*b.PasswordProtected || b.ExpiresAt == nil || !b.ExpiresAt.Equal(expires) {
		t.Errorf("password_protected is %v and expires_at %v", b.PasswordProtected, b.ExpiresAt)
	}
	equal(t, "description", must(client.Update(files_sdk.BundleUpdateParams{Id: b.Id, Description: "second"}))(t).Description, "second")
	equal(t, "code", must(client.Find(files_sdk.BundleFindParams{Id: b.Id}))(t).Code, b.Code)
	it, err := client.List(files_sdk.BundleListParams{SortBy: map[string]any{"expires_at": "desc"}})
	if !slices.ContainsFunc(all[files_sdk.Bundle](t, it, err), func(o files_sdk.Bundle) bool { return o.Id == b.Id }) {
		t.Error("the list lacks the new bundle")
	}
	check(t, client.Share(files_sdk.BundleShareParams{Id: b.Id, To: []string{"finance-lead@example.com"}, Note: "please read"}))
	people, err := (&bundle_recipient.Client{Config: admin()}).List(files_sdk.BundleRecipientListParams{BundleId: b.Id})
	if got := all[files_sdk.BundleRecipient](t, people, err); len(got) != 1 || got[0].Recipient != "finance-lead@example.com" {
		t.Errorf("the recipients are %+v", got)
	}
	check(t, client.Delete(files_sdk.BundleDeleteParams{Id: b.Id}))
	_, err = client.Find(files_sdk.BundleFindParams{Id: b.Id})
	refused(t, err, "not-found")

	_, err = client.Create(files_sdk.BundleCreateParams{Paths: []string{dir + "/absent"}})
	if e := refused(t, err, files_sdk.ErrModelSaveError); e.ModelErrors["filename"] == nil {
		t.Errorf("model_errors is %v, want one of filename", e.ModelErrors)
	}
}

func TestLocks(t *testing.T) {
	dir := home(t)
	put(t, dir+"/f #1.txt", "x")
	client := &lock.Client{Config: admin()}
	l := must(client.Create(files_sdk.LockCreateParams{Path: dir + "/f #1.txt", Timeout: 600, Exclusive: yes()}))(t)
	if l.Path != dir+"/f #1.txt" || l.Token == "" || l.Timeout != 600 || l.Scope != "exclusive" || l.Type != "write" {
		t.Errorf("the lock is %+v", l)
	}
	locks := func(p files_sdk.LockListForParams) []files_sdk.Lock {
		t.Helper()
		it, err := client.ListFor(p)
		return all[files_sdk.Lock](t, it, err)
	}
	if got := locks(files_sdk.LockListForParams{Path: dir + "/f #1.txt"}); len(got) != 1 || got[0].Token != l.Token {
		t.Errorf("the locks of the file are %+v", got)
	}
	if got := locks(files_sdk.LockListForParams{Path: dir, IncludeChildren: yes()}); len(got) != 1 {
		t.Errorf("the locks in the folder are %+v", got)
	}
	// A lock tells others; it does not stop a write.
	put(t, dir+"/f #1.txt", "y")
	check(t, client.Delete(files_sdk.LockDeleteParams{Path: dir + "/f #1.txt", Token: l.Token}))
	equal(t, "locks after the removal", len(locks(files_sdk.LockListForParams{Path: dir + "/f #1.txt"})), 0)
}

func TestHistory(t *testing.T) {
	dir := home(t)
	mkdir(t, dir+"/sub")
	put(t, dir+"/a.txt", "x")
	download(t, dir+"/a.txt")
	client := &file.Client{Config: admin()}
	settle(t, must(client.Copy(files_sdk.FileCopyParams{Path: dir + "/a.txt", Destination: dir + "/sub/b.txt"}))(t))
	settle(t, must(client.Move(files_sdk.FileMoveParams{Path: dir + "/a.txt", Destination: dir + "/c.txt"}))(t))
	check(t, client.Delete(files_sdk.FileDeleteParams{Path: dir + "/c.txt"}))

	past := &history.Client{Config: admin()}
	it, err := past.ListForFolder(files_sdk.HistoryListForFolderParams{Path: dir, ListParams: files_sdk.ListParams{PerPage: 2}})
	seen := make(map[string]bool)
	for _, a := range all[files_sdk.Action](t, it, err) {
		seen[a.Action] = true
		if a.When == nil || time.Since(*a.When) > time.Hour || a.Interface != "restapi" || a.Ip == "" {
			t.Errorf("the line %+v lacks time, interface or address", a)
		}
	}
	for _, want := range []string{"create", "read", "copy", "move", "destroy"} {
		if !seen[want] {
			t.Errorf("the history of the folder lacks %q: %v", want, seen)
		}
	}
	it, err = past.ListForFile(files_sdk.HistoryListForFileParams{Path: dir + "/sub/b.txt"})
	if got := all[files_sdk.Action](t, it, err); len(got) == 0 {
		t.Error("the copied file has no history")
	}

	operator := login(t, "operator")
	it, err = past.ListLogins(files_sdk.HistoryListLoginsParams{SortBy: map[string]any{"created_at": "desc"}, ListParams: files_sdk.ListParams{PerPage: 50, MaxPages: 1}})
	var who int64
	for _, a := range all[files_sdk.Action](t, it, err) {
		equal(t, "action of a login", a.Action == "login" || a.Action == "failedlogin", true)
		if a.Username == "operator" && a.Action == "login" {
			who = a.UserId
		}
	}
	if who == 0 {
		t.Fatalf("the login of the operator (session %s) is not in the history", operator.SessionId)
	}
	it, err = past.ListForUser(files_sdk.HistoryListForUserParams{UserId: who, ListParams: files_sdk.ListParams{PerPage: 50, MaxPages: 1}})
	got := all[files_sdk.Action](t, it, err)
	if len(got) == 0 {
		t.Error("the operator has no history")
	}
	for _, a := range got {
		equal(t, "user", a.UserId, who)
	}
}
