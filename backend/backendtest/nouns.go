package backendtest

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/api"
)

var nounCases = []testCase{
	{name: "API keys", run: apiKeys},
	{name: "credentials of one call", run: keyOfOneCall},
	{name: "public keys", run: publicKeys},
	{name: "memberships", admin: true, run: memberships},
	{name: "permissions", admin: true, run: permissions},
	{name: "notifications", run: notifications},
	{name: "behaviors", admin: true, run: behaviors},
	{name: "remote servers and syncs", admin: true, run: syncs},
	{name: "restores", admin: true, run: restores},
	{name: "site", admin: true, run: site},
}

// noun makes an object, finds it by id and in the list, and takes it away with
// the case. Same tells whether what is read is what was made; it is nil for
// kinds that cannot be found by id.
func noun[T any](
	t *testing.T, h api.Typed[T], params, list map[string]any, id func(T) int64, same func(read T) bool,
) T {
	t.Helper()
	ctx := t.Context()
	made, err := h.Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	n := id(made)
	if n == 0 {
		t.Fatalf("what was made has no id: %+v", made)
	}
	t.Cleanup(func() {
		if err := h.Delete(ctxOf(t), n, nil); err != nil && !isNotFound(err) {
			t.Errorf("take it away: %v", err)
		}
	})
	if !same(made) {
		t.Errorf("made %+v", made)
	}
	found := false
	for v, err := range h.All(ctx, backend.Query{}, list) {
		if err != nil {
			t.Fatal(err)
		}
		if id(v) == n {
			if found = true; !same(v) {
				t.Errorf("listed %+v", v)
			}
		}
	}
	if !found {
		t.Errorf("%d is not in the list", n)
	}
	if read, err := h.Find(ctx, n); !errors.Is(err, backend.ClassNotImplemented) && (err != nil || !same(read)) {
		t.Errorf("read %+v, %v", read, err)
	}
	return made
}

func apiKeys(t *testing.T, s *suite) {
	name := s.tag + "-key"
	k := noun(t, s.c.APIKeys(), map[string]any{"name": name, "permission_set": "none", "user_id": 0}, nil,
		func(k backend.APIKey) int64 { return k.ID },
		func(k backend.APIKey) bool { return k.Name == name && k.PermissionSet == "none" })
	if k.Key == "" {
		t.Error("a new key is not told")
	}
	again, err := s.c.APIKeys().Find(t.Context(), k.ID)
	if err != nil || again.Key == k.Key {
		t.Errorf("the key can be read again: %v", err)
	}
	changed, err := s.c.APIKeys().Update(t.Context(), k.ID, map[string]any{"name": name + "-2"})
	if err != nil || changed.Name != name+"-2" {
		t.Errorf("changed %q, %v", changed.Name, err)
	}
}

// A key opens the site for one call, beside the client's own.
func keyOfOneCall(t *testing.T, s *suite) {
	ctx := t.Context()
	k, err := s.c.APIKeys().Create(ctx, map[string]any{"name": s.tag + "-call", "permission_set": "full", "user_id": 0})
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.c.WithCredentials(backend.Credentials{APIKey: k.Key})
	if err != nil {
		t.Fatal(err)
	}
	if acc, err := other.WhoAmI(ctx); err != nil || acc.KeyName != s.tag+"-call" {
		t.Errorf("who am I: %+v, %v", acc, err)
	}
	if err := s.c.APIKeys().Delete(ctx, k.ID, nil); err != nil {
		t.Fatal(err)
	}
	_, err = other.List(ctx, s.root, backend.FolderQuery{})
	refused(t, err, backend.NotAuthenticated)
	if _, err := s.c.List(ctx, s.root, backend.FolderQuery{}); err != nil {
		t.Error(err)
	}
}

func publicKeys(t *testing.T, s *suite) {
	title := s.tag + "-ssh"
	k := noun(t, s.c.PublicKeys(), map[string]any{
		"title": title, "user_id": 0, "generate_keypair": true, "generate_algorithm": "ed25519",
	}, nil,
		func(k backend.PublicKey) int64 { return k.ID },
		func(k backend.PublicKey) bool { return k.Title == title })
	if k.Private == "" || k.Public == "" {
		t.Error("a generated pair is not told")
	}
	_, err := s.c.PublicKeys().Create(t.Context(), map[string]any{"title": title, "user_id": 0, "public_key": "no key"})
	refused(t, err, backend.ClassModelSaveError)
}

func memberships(t *testing.T, s *suite) {
	ctx, u := t.Context(), s.user(t, "joins")
	g, err := s.c.Resource("group").Create(ctx, map[string]any{"name": s.tag + "-joined"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.c.Resource("group").Delete(ctxOf(t), g["id"], nil); err != nil {
			t.Error(err)
		}
	})
	both := map[string]any{"group_id": g["id"], "user_id": u.ID}
	h := s.c.Memberships()
	m, err := h.Create(ctx, both)
	if err != nil || m.UserID != u.ID || m.GroupID != g["id"] || m.Admin {
		t.Fatalf("member %+v, %v", m, err)
	}
	if m, err = h.Update(ctx, m.ID, map[string]any{"group_id": g["id"], "user_id": u.ID, "admin": true}); err != nil || !m.Admin {
		t.Errorf("administrator %+v, %v", m, err)
	}
	p, err := h.List(ctx, backend.Query{}, map[string]any{"group_id": g["id"]})
	if err != nil || len(p.Items) != 1 || !p.Items[0].Admin || p.Items[0].Username != u.Username {
		t.Errorf("members %+v, %v", p.Items, err)
	}
	if err := h.Delete(ctx, m.ID, both); err != nil {
		t.Fatal(err)
	}
	if p, err = h.List(ctx, backend.Query{}, map[string]any{"group_id": g["id"]}); err != nil || len(p.Items) != 0 {
		t.Errorf("members afterwards %+v, %v", p.Items, err)
	}
}

func permissions(t *testing.T, s *suite) {
	d, u := s.dir(t, "permission"), s.user(t, "granted")
	noun(t, s.c.Permissions(), map[string]any{"path": d, "user_id": u.ID, "permission": "readonly", "recursive": true},
		map[string]any{"path": d},
		func(p backend.Permission) int64 { return p.ID },
		func(p backend.Permission) bool {
			return p.Path == d && p.UserID == u.ID && p.Permission == "readonly" && p.Recursive && p.Username == u.Username
		})
	_, err := s.c.Permissions().Create(t.Context(), map[string]any{"path": d, "user_id": u.ID, "permission": "everything"})
	refused(t, err, backend.ClassInvalidParameter)
}

func notifications(t *testing.T, s *suite) {
	d := s.dir(t, "notification")
	noun(t, s.c.Notifications(), map[string]any{
		"path": d, "user_id": 0, "send_interval": "hourly", "notify_on_upload": true,
	}, nil,
		func(n backend.Notification) int64 { return n.ID },
		func(n backend.Notification) bool {
			return n.Path == d && n.SendInterval == "hourly" && n.NotifyOnUpload
		})
}

func behaviors(t *testing.T, s *suite) {
	d := s.dir(t, "behavior")
	b := noun(t, s.c.Behaviors(), map[string]any{
		"path": d, "behavior": "webhook", "value": map[string]any{"urls": []any{"https://hooks.example.com/" + s.tag}, "method": "POST"},
	}, nil,
		func(b backend.Behavior) int64 { return b.ID },
		func(b backend.Behavior) bool {
			return b.Path == d && b.Type == "webhook" && b.Value["method"] == "POST"
		})
	p, err := s.c.Behaviors().ListOp(t.Context(), "list_for", backend.Query{}, map[string]any{"path": d})
	if err != nil || len(p.Items) != 1 || p.Items[0]["id"] != b.ID {
		t.Errorf("behaviors of the folder %v, %v", p.Items, err)
	}
}

func syncs(t *testing.T, s *suite) {
	d, name := s.dir(t, "sync"), s.tag+"-server"
	srv := noun(t, s.c.RemoteServers(), map[string]any{
		"name": name, "server_type": "sftp", "hostname": "files.example.com", "port": 22, "username": "scanner-east", "password": "x",
	}, nil,
		func(r backend.RemoteServer) int64 { return r.ID },
		func(r backend.RemoteServer) bool { return r.Name == name && r.Type == "sftp" && r.Port == 22 })
	sync := noun(t, s.c.Syncs(), map[string]any{
		"name": s.tag + "-sync", "src_path": d, "dest_path": "in", "dest_remote_server_id": srv.ID, "trigger": "manual", "disabled": true,
	}, nil,
		func(y backend.Sync) int64 { return y.ID },
		func(y backend.Sync) bool {
			return y.Name == s.tag+"-sync" && y.DestRemoteServer == srv.ID && y.Disabled
		})
	q := backend.Query{SortBy: "created_at", Filters: []backend.Filter{{Field: "sync_id", Value: strconv.FormatInt(sync.ID, 10)}}}
	if p, err := s.c.SyncRuns().List(t.Context(), q, nil); err != nil || len(p.Items) != 0 {
		t.Errorf("runs of a sync that never ran: %+v, %v", p.Items, err)
	}
}

// restores deletes a file and asks for it back, in its place.
func restores(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "restore")
	since := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	s.put(t, d+"/back.txt", []byte("again"), time.Time{})
	if err := s.c.Delete(ctx, d+"/back.txt", false); err != nil {
		t.Fatal(err)
	}
	made, err := s.c.Restores().Create(ctx, map[string]any{
		"earliest_date": since, "prefix": d + "/", "restoration_type": "files", "restore_in_place": true,
	})
	if err != nil || made.ID == 0 || made.Prefix == "" || !made.InPlace || made.Type != "files" || !made.EarliestDate.Equal(since) {
		t.Fatalf("restore %+v, %v", made, err)
	}
	eventually(t, "the restore", func() bool {
		ok, err := s.c.Exists(ctx, d+"/back.txt")
		return err == nil && ok
	})
	if got := string(s.get(t, d+"/back.txt", 0, -1)); got != "again" {
		t.Errorf("what came back is %q", got)
	}
	p, err := s.c.Restores().List(ctx, backend.Query{}, nil)
	if err != nil || !slices.ContainsFunc(p.Items, func(r backend.Restore) bool { return r.ID == made.ID }) {
		t.Errorf("restores %+v, %v", p.Items, err)
	}
	_, err = s.c.Restores().Create(ctx, map[string]any{"prefix": s.root})
	refused(t, err, backend.ClassMissingParameter)
}

func site(t *testing.T, s *suite) {
	v, err := s.c.Site(t.Context())
	if err != nil || v.ID == 0 || v.Name == "" || v.Subdomain == "" && v.Domain == "" {
		t.Errorf("site %+v, %v", v, err)
	}
	u, err := s.c.Resource("site").Do(t.Context(), "get_usage", nil)
	if err != nil || len(u) == 0 {
		t.Errorf("usage %v, %v", u, err)
	}
}
