package server

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"ferry/backend/catalog"
	"ferry/backend/server/world"
)

var testPresent = time.Date(2026, 11, 20, 14, 30, 0, 0, time.UTC)

// box is the records of a site with a clock that the test sets.
type box struct {
	t    *testing.T
	api  *recordAPI
	db   *sql.DB
	tree *fakeTree
	who  recordCaller

	mu  sync.Mutex
	now time.Time
}

func (b *box) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *box) wait(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func newBox(t *testing.T, w *world.World) *box {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+t.TempDir()+"/records.db")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.Exec(`CREATE TABLE records(resource TEXT, id INTEGER, doc TEXT, secret TEXT, PRIMARY KEY(resource, id))`)
	if err != nil {
		t.Fatal(err)
	}
	b := &box{t: t, db: db, now: testPresent, tree: newFakeTree(), who: recordCaller{userID: 1, siteAdmin: true}}
	b.api = newRecords(newRecordStore(db, w), b.clock, b.tree)
	b.api.runner.waitLong()
	return b
}

// call sends a request as the HTTP side would and gives the decoded answer.
func (b *box) call(method, target string, body map[string]any) (any, *recordReply, error) {
	b.t.Helper()
	path, rawQuery, _ := strings.Cut(target, "?")
	ep, values, ok := catalog.Match(method, path)
	if !ok {
		b.t.Fatalf("no endpoint %s %s", method, path)
	}
	q, err := url.ParseQuery(rawQuery)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		// As it comes over the wire.
		text, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		body = nil
		if err := d.Decode(&body); err != nil {
			b.t.Fatal(err)
		}
	}
	reply, err := b.api.serve(b.t.Context(), recordRequest{endpoint: ep, path: values, query: q, body: body, who: b.who})
	if err != nil {
		return nil, nil, err
	}
	if reply.status != ep.Status {
		b.t.Errorf("%s %s: status %d, want %d", method, target, reply.status, ep.Status)
	}
	if reply.status == 204 {
		if len(reply.body) > 0 {
			b.t.Errorf("%s %s: 204 with a body %s", method, target, reply.body)
		}
		return nil, reply, nil
	}
	var out any
	if err := json.Unmarshal(reply.body, &out); err != nil {
		b.t.Fatalf("%s %s: %v in %s", method, target, err, reply.body)
	}
	return out, reply, nil
}

func (b *box) list(target string) []map[string]any {
	b.t.Helper()
	v, _, err := b.call("GET", target, nil)
	if err != nil {
		b.t.Fatalf("%s: %v", target, err)
	}
	return objects(b.t, v)
}

func objects(t *testing.T, v any) []map[string]any {
	t.Helper()
	list, ok := v.([]any)
	if !ok {
		t.Fatalf("not an array: %v", v)
	}
	out := make([]map[string]any, len(list))
	for i, e := range list {
		out[i], _ = e.(map[string]any)
	}
	return out
}

func (b *box) object(method, target string, body map[string]any) map[string]any {
	b.t.Helper()
	v, _, err := b.call(method, target, body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, target, err)
	}
	m, _ := v.(map[string]any)
	return m
}

// refused checks the type of an error and gives its fields.
func (b *box) refused(method, target string, body map[string]any, wireType string) map[string][]string {
	b.t.Helper()
	_, _, err := b.call(method, target, body)
	var w *wireError
	if !errors.As(err, &w) || w.Type != wireType {
		b.t.Errorf("%s %s: %v, want %s", method, target, err, wireType)
		return nil
	}
	return w.Fields
}

// TestEveryListOfTheCatalog calls each list endpoint that is made of records
// and checks the types of the fields of what comes.
func TestEveryListOfTheCatalog(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	b.object("POST", "/history_exports", map[string]any{})
	b.wait(3 * time.Second)
	n := 0
	for _, ep := range catalog.Endpoints() {
		if ep.Response != "list" || ep.Method != "GET" || ep.Resource.Name == "folder" || ep.Resource.Name == "file" {
			continue
		}
		n++
		path, err := ep.Expand(map[string]string{"path": "Inbox", "user_id": "1", "id": "1"})
		if err != nil {
			t.Fatal(err)
		}
		q := "per_page=50"
		for _, p := range ep.Params {
			if p.Required && p.In != "path" {
				q += "&" + p.Name + "=1"
			}
		}
		list := b.list(path + "?" + q)
		if len(list) > 50 {
			t.Errorf("%s: %d objects on a page of 50", path, len(list))
		}
		shape := ep.Returned()
		for _, o := range list {
			checkShape(t, ep.Path, shape, o)
		}
	}
	if n < 100 {
		t.Errorf("only %d list endpoints", n)
	}
}

func checkShape(t *testing.T, where string, res *catalog.Resource, o map[string]any) {
	t.Helper()
	for name, v := range o {
		f, ok := res.Field(name)
		if !ok || f.WriteOnly {
			t.Errorf("%s: field %s is not of %s", where, name, res.Name)
			continue
		}
		if v == nil {
			continue
		}
		good := true
		switch {
		case f.Type == "int64" || f.Type == "double":
			_, good = v.(float64)
		case f.Type == "boolean":
			_, good = v.(bool)
		case f.Type == "date-time":
			s, _ := v.(string)
			_, err := time.Parse(time.RFC3339, s)
			good = err == nil && (strings.HasSuffix(s, "-05:00") || strings.HasSuffix(s, "-04:00"))
		case strings.HasPrefix(f.Type, "array"):
			_, good = v.([]any)
		case f.Type == "string" || f.Type == "email" || f.Type == "decimal" || f.Type == "date":
			_, good = v.(string)
		}
		if !good {
			t.Errorf("%s: %s.%s is %v (%T), want %s", where, res.Name, name, v, v, f.Type)
		}
	}
}

// TestEverySortAndFilter asks for each single sort and filter that the catalog
// allows and for one that it does not.
func TestEverySortAndFilter(t *testing.T) {
	b := newBox(t, world.Small(testPresent))
	values := map[string]string{"int64": "1", "boolean": "true", "date-time": "2026-01-01", "double": "1", "decimal": "1"}
	for _, ep := range catalog.Endpoints() {
		if ep.Op != "list" || ep.List == nil {
			continue
		}
		res := ep.Returned()
		base := ep.Path + "?"
		for _, p := range ep.Params {
			if p.Required {
				base += p.Name + "=1&"
			}
		}
		for _, f := range ep.List.Sort {
			b.list(base + "sort_by[" + f + "]=desc")
		}
		for param, fields := range map[string][]string{"filter": ep.List.Filter, "filter_prefix": ep.List.Prefix, "filter_gt": ep.List.Gt, "filter_lteq": ep.List.LtEq} {
			for _, f := range fields {
				v := "x"
				if field, ok := res.Field(f); ok && values[field.Type] != "" {
					v = values[field.Type]
				} else if !ok {
					v = values[fieldType(res.Name, f)]
					if f == "not_site_admin" {
						v = "true"
					}
					if v == "" {
						v = "x"
					}
				}
				b.list(base + param + "[" + f + "]=" + v)
			}
		}
		if !undocumentedFilters[ep.Resource.Name] {
			b.refused("GET", base+"filter[no_such_field]=1", nil, "bad-request/invalid-filter-field")
		}
		want := "bad-request/invalid-sort-field"
		if len(ep.List.Sort) == 0 {
			want = "bad-request/does-not-support-sorting"
		}
		if !undocumentedFilters[ep.Resource.Name] {
			b.refused("GET", base+"sort_by[no_such_field]=asc", nil, want)
		}
	}
}

func TestListQueryErrors(t *testing.T) {
	b := newBox(t, world.Small(testPresent))
	for target, want := range map[string]string{
		"/users?sort_by[name]=asc&sort_by[email]=asc": "bad-request/multiple-sort-params-not-allowed",
		"/users?sort_by=name":                         "bad-request/invalid-sort-field",
		"/users?sort_by[name]=sideways":               "bad-request/invalid-sort-field",
		"/users?filter=x":                             "bad-request/invalid-filter-param-format",
		"/users?filter[site_admin]=maybe":             "bad-request/invalid-filter-param-value",
		"/users?filter_gt[last_login_at]=yesterday":   "bad-request/invalid-filter-param-value",
		"/users?filter[email]=a&filter[company]=b":    "bad-request/invalid-sort-filter-combination",
		"/users?cursor=nonsense":                      "bad-request/invalid-cursor",
		"/users?per_page=none":                        "bad-request/request-params-invalid",
		"/users?ids=a,b":                              "bad-request/request-params-invalid",
		"/automation_runs":                            "bad-request/request-params-required",
		"/users/999999":                               "not-found",
		"/users/abc":                                  "not-found",
	} {
		b.refused("GET", target, nil, want)
	}
}

func TestUsersPageThroughInEveryOrder(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	for _, q := range []string{"", "sort_by[username]=asc", "sort_by[username]=desc", "sort_by[last_login_at]=asc", "sort_by[last_login_at]=desc", "sort_by[disabled]=desc", "filter[disabled]=true"} {
		seen := map[float64]bool{}
		target, pages := "/users?per_page=450&"+q, 0
		var firsts []string
		next := ""
		for {
			at := target
			if next != "" {
				at += "&cursor=" + url.QueryEscape(next)
			}
			v, reply, err := b.call("GET", at, nil)
			if err != nil {
				t.Fatal(err)
			}
			list := objects(t, v)
			for _, u := range list {
				id, _ := u["id"].(float64)
				if seen[id] {
					t.Fatalf("%s: user %v twice", q, id)
				}
				seen[id] = true
			}
			firsts = append(firsts, fmt.Sprint(list[0]["id"]))
			pages++
			if (reply.prev == "") != (pages == 1) {
				t.Errorf("%s: page %d has the previous cursor %q", q, pages, reply.prev)
			}
			if reply.prev != "" {
				v, _, err := b.call("GET", target+"&cursor="+url.QueryEscape(reply.prev), nil)
				if err != nil {
					t.Fatal(err)
				}
				if back := objects(t, v); fmt.Sprint(back[0]["id"]) != firsts[pages-2] || len(back) != 450 {
					t.Errorf("%s: back from page %d: %v of %d, want %v", q, pages, back[0]["id"], len(back), firsts[pages-2])
				}
			}
			if next = reply.next; next == "" {
				break
			}
		}
		want := 3000
		if strings.HasPrefix(q, "filter") {
			want = len(seen)
		}
		if len(seen) != want || len(seen) == 0 {
			t.Errorf("%s: %d users", q, len(seen))
		}
	}
	_, reply, err := b.call("GET", "/users?per_page=10&sort_by[username]=asc", nil)
	if err != nil {
		t.Fatal(err)
	}
	b.refused("GET", "/users?cursor="+url.QueryEscape(reply.next), nil, "bad-request/invalid-cursor-type-for-sort")
}

func TestUserFilters(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	for _, u := range b.list("/users?per_page=3000&filter_prefix[username]=contractor") {
		if s, _ := u["username"].(string); !strings.HasPrefix(s, "contractor") {
			t.Errorf("prefix: %v", s)
		}
	}
	if n := len(b.list("/users?per_page=10000&filter[not_site_admin]=true")); n != 2996 {
		t.Errorf("%d are no site admins", n)
	}
	if n := len(b.list("/users?per_page=10000&filter[site_admin]=True")); n != 4 {
		t.Errorf("%d are site admins", n)
	}
	late := b.list("/users?per_page=10000&filter_gteq[last_login_at]=2026-11-01")
	early := b.list("/users?per_page=10000&filter_lt[last_login_at]=2026-11-01")
	limit := time.Date(2026, 11, 1, 0, 0, 0, 0, easternDaylight)
	for _, u := range late {
		at, err := time.Parse(time.RFC3339, fmt.Sprint(u["last_login_at"]))
		if err != nil || at.Before(limit) {
			t.Errorf("late: %v", u["last_login_at"])
		}
	}
	if len(late) == 0 || len(early) == 0 || len(late)+len(early) >= 3000 {
		t.Errorf("%d late, %d early", len(late), len(early))
	}
	if got := b.list("/users?search=FINANCE-lead"); len(got) != 1 || got[0]["username"] != "finance-lead" {
		t.Errorf("search: %v", got)
	}
	if got := b.list("/users?ids=3,1"); len(got) != 2 {
		t.Errorf("ids: %d", len(got))
	}
}

func TestGenericResource(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	b.refused("POST", "/clickwraps", map[string]any{"use_with_users": "sometimes"}, "processing-failure/model-save-error")
	b.refused("POST", "/clickwraps", map[string]any{"name": 5}, "bad-request/request-params-invalid")
	b.refused("POST", "/external_events", map[string]any{"status": "success"}, "bad-request/request-params-required")
	b.refused("POST", "/bundles", map[string]any{"paths": []string{"a.txt"}, "expires_at": "0001-01-01T00:00:00Z"}, "bad-request/datetime-parse")
	c := b.object("POST", "/clickwraps", map[string]any{"name": "Terms", "unknown": 1, "-": 5})
	id := fmt.Sprint(c["id"])
	if got := b.object("PATCH", "/clickwraps/"+id, map[string]any{"body": "Text <&>"}); got["name"] != "Terms" || got["body"] != "Text <&>" {
		t.Errorf("updated: %v", got)
	}
	b.object("DELETE", "/clickwraps/"+id, nil)
	b.refused("GET", "/clickwraps/"+id, nil, "not-found")
	b.refused("DELETE", "/clickwraps/"+id, nil, "not-found")
	e := b.object("POST", "/external_events", map[string]any{"status": "success", "body": "done"})
	if e["created_at"] != "2026-11-20T09:30:00-05:00" {
		t.Errorf("created_at %v", e["created_at"])
	}
}

func TestChangesSurviveARestart(t *testing.T) {
	w := world.Demo(testPresent)
	b := newBox(t, w)
	u := b.object("POST", "/users", map[string]any{"username": "newcomer", "password": "long enough", "authenticate_until": "2027-01-02T03:04:05"})
	b.object("DELETE", "/users/500", nil)
	b.object("PATCH", "/users/501", map[string]any{"company": "Moved"})
	again := newRecords(newRecordStore(b.db, world.Demo(testPresent)), b.clock, b.tree)
	b.api = again
	got := b.object("GET", fmt.Sprintf("/users/%v", u["id"]), nil)
	if got["username"] != "newcomer" || got["authenticate_until"] != "2027-01-02T03:04:05-05:00" {
		t.Errorf("%v", got)
	}
	b.refused("GET", "/users/500", nil, "not-found")
	if got := b.object("GET", "/users/501", nil); got["company"] != "Moved" {
		t.Errorf("%v", got["company"])
	}
	r, err := again.userByName(t.Context(), "NEWCOMER")
	if err != nil || !readSecret(r.secret).passwordIs("long enough") || readSecret(r.secret).passwordIs("wrong") {
		t.Errorf("password: %v", err)
	}
	next := b.object("POST", "/users", map[string]any{"username": "second"})
	if next["id"] == u["id"] {
		t.Error("an id is used twice")
	}
}

func TestRoles(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	b.who = recordCaller{userID: 3, auditor: true}
	if len(b.list("/users")) == 0 || len(b.list("/automations")) == 0 {
		t.Error("an auditor sees nothing")
	}
	b.refused("POST", "/users", map[string]any{"username": "x"}, "not-authorized/site-admin-required")
	b.refused("DELETE", "/automations/1001", nil, "not-authorized/site-admin-required")
	b.who = recordCaller{userID: 2}
	b.refused("GET", "/users", nil, "not-authorized/site-admin-required")
	b.refused("GET", "/users/1", nil, "not-found")
	if u := b.object("GET", "/users/2", nil); u["username"] != "operator" {
		t.Errorf("own user: %v", u["username"])
	}
	b.refused("PATCH", "/users/2", map[string]any{"site_admin": true}, "not-authorized/insufficient-permission-for-params")
	b.object("PATCH", "/users/2", map[string]any{"name": "Operator of the day"})
	b.refused("POST", "/groups", map[string]any{"name": "x"}, "not-authorized/site-admin-required")
	b.refused("GET", "/remote_servers", nil, "not-authorized/site-admin-required")
	b.refused("POST", "/api_keys", map[string]any{"name": "x", "user_id": 1}, "not-authorized/user-id-without-site-admin")
	for _, k := range b.list("/api_keys") {
		if k["user_id"] != 2.0 {
			t.Errorf("sees the key of %v", k["user_id"])
		}
	}
	b.refused("POST", "/permissions", map[string]any{"path": "Legal", "user_id": 2}, "not-authorized/folder-admin-permission-required")
}

func TestEasternTime(t *testing.T) {
	for utc, want := range map[string]string{
		"2026-03-08T06:59:59Z": "2026-03-08T01:59:59-05:00",
		"2026-03-08T07:00:00Z": "2026-03-08T03:00:00-04:00",
		"2026-11-01T05:59:59Z": "2026-11-01T01:59:59-04:00",
		"2026-11-01T06:00:00Z": "2026-11-01T01:00:00-05:00",
		"2027-01-01T02:00:00Z": "2026-12-31T21:00:00-05:00",
	} {
		at, err := time.Parse(time.RFC3339, utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := easternTime(at).Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", utc, got, want)
		}
	}
}

func BenchmarkListUsers(b *testing.B) {
	w := world.Demo(testPresent)
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE records(resource TEXT, id INTEGER, doc TEXT, secret TEXT, PRIMARY KEY(resource, id))`); err != nil {
		b.Fatal(err)
	}
	api := newRecords(newRecordStore(db, w), func() time.Time { return testPresent }, nil)
	ep, _, _ := catalog.Match("GET", "/users")
	for b.Loop() {
		q := url.Values{"sort_by[last_login_at]": {"desc"}, "per_page": {"1000"}, "filter[not_site_admin]": {"true"}}
		if _, err := api.serve(b.Context(), recordRequest{endpoint: ep, query: q, who: recordCaller{userID: 1, siteAdmin: true}}); err != nil {
			b.Fatal(err)
		}
	}
}
