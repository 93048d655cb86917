package conformance

import (
	"fmt"
	"strings"
	"testing"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	api_key "github.com/Files-com/files-sdk-go/v3/apikey"
	"github.com/Files-com/files-sdk-go/v3/file"
	"github.com/Files-com/files-sdk-go/v3/group"
	group_user "github.com/Files-com/files-sdk-go/v3/groupuser"
	"github.com/Files-com/files-sdk-go/v3/permission"
	public_key "github.com/Files-com/files-sdk-go/v3/publickey"
	"github.com/Files-com/files-sdk-go/v3/session"
	"github.com/Files-com/files-sdk-go/v3/user"
)

func TestGroupsAndMemberships(t *testing.T) {
	groups, members := &group.Client{Config: admin()}, &group_user.Client{Config: admin()}
	u := makeUser(t, files_sdk.UserCreateParams{Username: unique("member"), Password: "a long enough password"})
	name := unique("Group")
	g := must(groups.Create(files_sdk.GroupCreateParams{Name: name, Notes: "first"}))(t)
	equal(t, "name", g.Name, name)
	_, err := groups.Create(files_sdk.GroupCreateParams{Name: name})
	refused(t, err, files_sdk.ErrModelSaveError)

	g = must(groups.Update(files_sdk.GroupUpdateParams{Id: g.Id, Notes: "second"}))(t)
	equal(t, "notes", g.Notes, "second")

	m := must(members.Create(files_sdk.GroupUserCreateParams{GroupId: g.Id, UserId: u.Id}))(t)
	if m.GroupId != g.Id || m.UserId != u.Id || m.Username != u.Username || m.GroupName != name {
		t.Errorf("the membership is %+v", m)
	}
	equal(t, "group_ids of the user", must((&user.Client{Config: admin()}).Find(files_sdk.UserFindParams{Id: u.Id}))(t).GroupIds, fmt.Sprint(g.Id))
	equal(t, "user_ids of the group", must(groups.Find(files_sdk.GroupFindParams{Id: g.Id}))(t).UserIds, fmt.Sprint(u.Id))

	// No answer names the id of a membership; group and user say which one is meant.
	m = must(members.Update(files_sdk.GroupUserUpdateParams{Id: g.Id, GroupId: g.Id, UserId: u.Id, Admin: yes()}))(t)
	if m.Admin == nil || !*m.Admin {
		t.Errorf("admin is %v", m.Admin)
	}
	it, err := members.List(files_sdk.GroupUserListParams{GroupId: g.Id})
	if got := all[files_sdk.GroupUser](t, it, err); len(got) != 1 || got[0].UserId != u.Id {
		t.Errorf("the group lists %+v", got)
	}
	it, err = members.List(files_sdk.GroupUserListParams{UserId: u.Id})
	if got := all[files_sdk.GroupUser](t, it, err); len(got) != 1 || got[0].GroupId != g.Id {
		t.Errorf("the user lists %+v", got)
	}
	check(t, members.Delete(files_sdk.GroupUserDeleteParams{Id: g.Id, GroupId: g.Id, UserId: u.Id}))
	it, err = members.List(files_sdk.GroupUserListParams{GroupId: g.Id})
	equal(t, "members after the removal", len(all[files_sdk.GroupUser](t, it, err)), 0)

	gs, err := groups.List(files_sdk.GroupListParams{FilterPrefix: map[string]any{"name": name}, SortBy: map[string]any{"name": "asc"}})
	equal(t, "groups of that name", len(all[files_sdk.Group](t, gs, err)), 1)
	check(t, groups.Delete(files_sdk.GroupDeleteParams{Id: g.Id}))
	_, err = groups.Find(files_sdk.GroupFindParams{Id: g.Id})
	refused(t, err, "not-found")
}

// A permission opens a folder to a user, and its removal closes it again.
func TestPermissions(t *testing.T) {
	dir := home(t)
	put(t, dir+"/inner/f.txt", "x")
	client := &permission.Client{Config: admin()}
	u := makeUser(t, files_sdk.UserCreateParams{Username: unique("reader"), Password: "a long enough password"})
	c := anonymous()
	c.SessionId = must((&session.Client{Config: c}).Create(files_sdk.SessionCreateParams{Username: u.Username, Password: "a long enough password"}))(t).Id
	reader := &file.Client{Config: c}
	read := func() error {
		_, err := reader.Find(files_sdk.FileFindParams{Path: dir + "/inner/f.txt"})
		return err
	}
	if read() == nil {
		t.Error("the file can be seen before there is a permission")
	}
	p := must(client.Create(files_sdk.PermissionCreateParams{Path: dir, UserId: u.Id, Permission: "readonly", Recursive: yes()}))(t)
	if p.Path != dir || p.UserId != u.Id || p.Permission != "readonly" || p.Username != u.Username {
		t.Errorf("the permission is %+v", p)
	}
	check(t, read())
	if err := reader.Delete(files_sdk.FileDeleteParams{Path: dir + "/inner/f.txt"}); !files_sdk.IsAuthorizationError(err) {
		t.Errorf("deleting with the right to read gave %v", err)
	}
	it, err := client.List(files_sdk.PermissionListParams{UserId: fmt.Sprint(u.Id)})
	if got := all[files_sdk.Permission](t, it, err); len(got) != 1 || got[0].Id != p.Id {
		t.Errorf("the user's permissions are %+v", got)
	}
	it, err = client.List(files_sdk.PermissionListParams{Path: dir + "/inner"})
	found := false
	for _, q := range all[files_sdk.Permission](t, it, err) {
		found = found || q.Id == p.Id
		if q.Path != "" && q.Path != dir && q.Path != dir+"/inner" {
			t.Errorf("the list of a path holds %q", q.Path)
		}
	}
	if !found {
		t.Error("the list of a path lacks the permission of its parent")
	}
	check(t, client.Delete(files_sdk.PermissionDeleteParams{Id: p.Id}))
	if read() == nil {
		t.Error("the file can be seen after the permission is gone")
	}
	_, err = client.Create(files_sdk.PermissionCreateParams{Path: dir, UserId: u.Id, Permission: "everything"})
	if err == nil {
		t.Error("a permission of an unknown kind was made")
	}
}

func TestAPIKeys(t *testing.T) {
	client := &api_key.Client{Config: admin()}
	k := must(client.Create(files_sdk.ApiKeyCreateParams{Name: unique("key"), Description: "first", PermissionSet: "full"}))(t)
	if k.Key == "" {
		t.Fatal("the new key is not shown")
	}
	equal(t, "id of the key in use", must((&api_key.Client{Config: withKey(k.Key)}).FindCurrent())(t).Id, k.Id)

	k2 := must(client.Update(files_sdk.ApiKeyUpdateParams{Id: k.Id, Description: "second"}))(t)
	equal(t, "description", k2.Description, "second")
	again := must(client.Find(files_sdk.ApiKeyFindParams{Id: k.Id}))(t)
	if again.Key == k.Key {
		t.Error("the whole key is shown a second time")
	}
	it, err := client.List(files_sdk.ApiKeyListParams{ListParams: files_sdk.ListParams{PerPage: 2}})
	found := false
	for _, a := range all[files_sdk.ApiKey](t, it, err) {
		found = found || a.Id == k.Id
	}
	if !found {
		t.Error("the list lacks the new key")
	}
	check(t, client.Delete(files_sdk.ApiKeyDeleteParams{Id: k.Id}))
	_, err = (&api_key.Client{Config: withKey(k.Key)}).FindCurrent()
	refused(t, err, files_sdk.ErrInvalidCredentials)
}

func TestAPIKeyOfFilesOnly(t *testing.T) {
	client := &api_key.Client{Config: admin()}
	dir := home(t)
	put(t, dir+"/f.txt", "x")
	k := must(client.Create(files_sdk.ApiKeyCreateParams{Name: unique("key"), PermissionSet: "files_only"}))(t)
	t.Cleanup(func() { check(t, client.Delete(files_sdk.ApiKeyDeleteParams{Id: k.Id})) })
	must((&file.Client{Config: withKey(k.Key)}).Find(files_sdk.FileFindParams{Path: dir + "/f.txt"}))(t)
	_, err := (&user.Client{Config: withKey(k.Key)}).Create(files_sdk.UserCreateParams{Username: unique("x")})
	if !files_sdk.IsAuthorizationError(err) {
		t.Errorf("a key for files made a user: %v", err)
	}
}

func TestPublicKeys(t *testing.T) {
	client := &public_key.Client{Config: admin()}
	u := makeUser(t, files_sdk.UserCreateParams{Username: unique("sftp"), Password: "a long enough password"})
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
	k := must(client.Create(files_sdk.PublicKeyCreateParams{UserId: u.Id, Title: "scanner", PublicKey: key}))(t)
	if k.Id == 0 || k.UserId != u.Id || k.Title != "scanner" || k.Fingerprint == "" {
		t.Errorf("the key is %+v", k)
	}
	equal(t, "title", must(client.Update(files_sdk.PublicKeyUpdateParams{Id: k.Id, Title: "scanner 2"}))(t).Title, "scanner 2")
	made := must(client.Create(files_sdk.PublicKeyCreateParams{UserId: u.Id, Title: "made here", GenerateKeypair: yes(), GenerateAlgorithm: "ed25519"}))(t)
	if !strings.Contains(made.GeneratedPrivateKey, "PRIVATE KEY") || !strings.HasPrefix(made.GeneratedPublicKey, "ssh-ed25519 ") {
		t.Errorf("the generated pair is %q and %q", made.GeneratedPrivateKey, made.GeneratedPublicKey)
	}
	it, err := client.List(files_sdk.PublicKeyListParams{UserId: u.Id})
	got := all[files_sdk.PublicKey](t, it, err)
	equal(t, "number of keys", len(got), 2)
	for _, k := range got {
		equal(t, "private key in the list", k.GeneratedPrivateKey, "")
		check(t, client.Delete(files_sdk.PublicKeyDeleteParams{Id: k.Id}))
	}
	_, err = client.Find(files_sdk.PublicKeyFindParams{Id: k.Id})
	refused(t, err, "not-found")
}
