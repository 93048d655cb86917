package server

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ferry/backend/catalog"
)

// recordAPI answers the endpoints of every resource that is made of records:
// what the catalog says about it, and the rules of those that have more.
type recordAPI struct {
	ctx   context.Context // of the site: work goes on under it when nobody waits
	store *recordStore
	now   func() time.Time
	tree  treeOps // the files; nil where there are none
	rules map[string]*recordRules

	members   memberIndex
	runner    *automationRunner
	stop      func()
	onRestore func(r *record) // carries a restore out; nil where there are no files
}

// recordRules is what a resource does beyond the catalog. Every member may be
// nil.
type recordRules struct {
	// table is the resource whose records a list shows in its own shape.
	table string
	// ops replaces whole operations.
	ops map[string]func(c *recordCall) (*recordReply, error)
	// scope narrows a list by the parameters of the list itself and by what the
	// caller may see.
	scope func(c *recordCall, rows []*record) ([]*record, error)
	// derive gives the fields that are computed when a record is sent; they win
	// over the stored ones.
	derive func(c *recordCall, r *record) (map[string]any, error)
	// save checks and completes a record before it is stored; old is nil for a
	// new one. It runs while the store writes: t is all there is to ask.
	save func(c *recordCall, t *recordTable, r, old *record) error
	// before is asked before save, without a lock, where other resources matter.
	before func(c *recordCall, doc map[string]any, old *record) error
	// after acts on what has been stored or deleted (r nil).
	after func(c *recordCall, r, old *record) error
	// admin: only site admins may write, and only they and auditors may read.
	// Without it whoever owns a record (user_id) may.
	admin bool
	// open lists and objects may be read by everybody.
	open bool
	// owns tells whether a record belongs to the caller, where user_id does not.
	owns func(c *recordCall, r *record) bool
}

// recordCall is one request for records.
type recordCall struct {
	api      *recordAPI
	ctx      context.Context
	ep       *catalog.Endpoint
	resource string
	query    url.Values
	params   map[string]any // as readParams has it
	who      recordCaller
	base     string
	now      time.Time
	zone     func(time.Time) time.Time
	sign     func(path, name, kind string) string // see recordRequest
	kept     []string                             // tokens of the files that this call has stored
	// generated is the pair of GPG keys that this call has made, "" for none.
	generated [2]string
}

// recordCaller is who asks, as far as records care.
type recordCaller struct {
	userID    int64
	siteAdmin bool // may do everything
	auditor   bool // readonly_site_admin: may see everything
	keyID     int64
	root      root   // folder that the caller takes for the root
	within    string // folder that the API key is restricted to, "" for none
}

func (w recordCaller) seesAll() bool { return w.siteAdmin || w.auditor }

// recordReply is an answer: no body for 204.
type recordReply struct {
	status     int
	body       []byte
	next, prev string // cursors of a list
}

// recordRequest is what the HTTP side hands over: a matched endpoint with its raw
// parameters.
type recordRequest struct {
	endpoint *catalog.Endpoint
	path     map[string]string
	query    url.Values
	body     map[string]any
	who      recordCaller
	base     string // where share links lead, "" for the site's own address
	// sign makes a URL for a file parameter; nil leaves the path as it is.
	sign func(path, name, kind string) string
}

// serve answers a request for records. The error is a *wireError where the
// caller is to blame.
func (a *recordAPI) serve(ctx context.Context, rq recordRequest) (*recordReply, error) {
	zone, err := a.zone(ctx)
	if err != nil {
		return nil, err
	}
	c := &recordCall{
		api: a, ctx: ctx, ep: rq.endpoint, resource: rq.endpoint.Resource.Name,
		query: rq.query, who: rq.who, base: rq.base, sign: rq.sign, now: a.now().UTC().Truncate(time.Second), zone: zone,
	}
	rules := a.rulesOf(c.resource)
	if err := c.allowed(rules); err != nil {
		return nil, err
	}
	if c.params, err = readParams(rq.endpoint, rq.path, rq.query, plainBody(rq.body)); err != nil {
		return nil, err
	}
	reply, err := c.answer(rules)
	if err != nil && len(c.kept) > 0 { // what has been refused leaves nothing behind
		err = errors.Join(err, a.store.dropFiles(ctx, c.kept))
	}
	return reply, err
}

// answer carries out the operation.
func (c *recordCall) answer(rules *recordRules) (*recordReply, error) {
	if op, ok := rules.ops[c.ep.Op]; ok {
		return op(c)
	}
	switch {
	case c.ep.Response == "list":
		return c.list(rules)
	case c.ep.Op == "create":
		return c.create(rules)
	case c.ep.Op == "find":
		return c.find(rules)
	case c.ep.Op == "update":
		return c.update(rules)
	case c.ep.Op == "delete":
		return c.remove(rules)
	}
	return c.action(rules)
}

var noRules = &recordRules{}

func (a *recordAPI) rulesOf(resource string) *recordRules {
	if r, ok := a.rules[resource]; ok {
		return r
	}
	if owned(resource) {
		return noRules
	}
	return adminOnly
}

var adminOnly = &recordRules{admin: true}

// owned tells that the records of a resource belong to users.
func owned(resource string) bool {
	res, ok := catalog.Lookup(resource)
	if !ok {
		return false
	}
	_, ok = res.Field("user_id")
	return ok && !strings.HasSuffix(resource, "_log") && resource != "settings_change" && resource != "remote_server"
}

// allowed checks the role of the caller for the operation.
func (c *recordCall) allowed(rules *recordRules) error {
	if c.who.siteAdmin {
		return nil
	}
	reading := c.ep.Method == "GET"
	if reading && (c.who.auditor || rules.open) {
		return nil
	}
	if rules.admin || !reading && c.who.auditor {
		return wireErrorf("not-authorized/site-admin-required", "You must be a site admin to do this")
	}
	return nil
}

// mine tells whether the caller may see and change a record.
func (c *recordCall) mine(rules *recordRules, r *record) bool {
	if c.who.seesAll() || rules.open && c.ep.Method == "GET" {
		return true
	}
	if rules.owns != nil {
		return rules.owns(c, r)
	}
	if c.resource == "user" {
		return r.id == c.who.userID
	}
	return r.doc["user_id"] == c.who.userID
}

// plainBody turns the numbers of a decoded body into int64 and float64.
func plainBody(body map[string]any) map[string]any {
	for k, v := range body {
		body[k] = plain(v)
	}
	return body
}

// zone is the time zone of the site.
func (a *recordAPI) zone(ctx context.Context) (func(time.Time) time.Time, error) {
	site, err := a.site(ctx)
	if err != nil {
		return nil, err
	}
	name, _ := site.doc["default_time_zone"].(string)
	return siteZone(name), nil
}

// site is the record of the site.
func (a *recordAPI) site(ctx context.Context) (*record, error) {
	return a.store.find(ctx, "site", func(*record) bool { return true })
}

// id is the parameter of the path.
func (c *recordCall) id() int64 {
	switch id := c.params["id"].(type) {
	case int64:
		return id
	case string: // of the few whose id is a text
		n, err := strconv.ParseInt(id, 10, 64)
		if err == nil {
			return n
		}
	}
	return 0
}

func (c *recordCall) text(param string) string {
	s, _ := c.params[param].(string)
	return s
}

// row finds the record that the path names and that the caller may see.
func (c *recordCall) row(rules *recordRules) (*record, error) {
	r, err := c.api.store.get(c.ctx, c.resource, c.id())
	if errors.Is(err, errNoRecord) || err == nil && (!c.mine(rules, r) || !c.who.root.visible(c.resource, r.doc)) {
		return nil, notFound()
	}
	return r, err
}

// object answers with one record.
func (c *recordCall) object(rules *recordRules, r *record) (*recordReply, error) {
	b, err := c.append(nil, c.resource, rules, r)
	if err != nil {
		return nil, err
	}
	return &recordReply{status: c.ep.Status, body: b}, nil
}

// append writes a record as the object of a resource.
func (c *recordCall) append(b []byte, resource string, rules *recordRules, r *record) ([]byte, error) {
	var extra map[string]any
	if rules.derive != nil {
		var err error
		if extra, err = rules.derive(c, r); err != nil {
			return nil, err
		}
	}
	return c.write(b, resource, r.doc, extra), nil
}

// write writes the object of a resource as the caller sees it.
func (c *recordCall) write(b []byte, resource string, doc, extra map[string]any) []byte {
	if files := c.showFiles(resource, doc); files != nil {
		maps.Copy(files, extra)
		extra = files
	}
	if c.who.root != "" {
		doc, extra = c.who.root.object(resource, doc, extra), nil
	}
	return appendObject(b, resource, doc, extra, c.zone)
}

func (c *recordCall) nothing() *recordReply { return &recordReply{status: c.ep.Status} }

func (c *recordCall) find(rules *recordRules) (*recordReply, error) {
	r, err := c.row(rules)
	if err != nil {
		return nil, err
	}
	return c.object(rules, r)
}

// sensitive tells which write-only fields must not lie in the doc.
func sensitive(field string) bool {
	for _, s := range []string{"password", "secret", "private_key", "token", "hash", "access_key", "application_key", "key_id", "api_key", "credentials", "certificate"} {
		if strings.Contains(field, s) {
			return true
		}
	}
	return false
}

// fields are the parameters as they are stored, with what belongs into secret.
func (c *recordCall) fields() (doc, secret map[string]any, err error) {
	doc, hidden, err := stored(c.ep, c.params, c.zone)
	if err != nil {
		return nil, nil, err
	}
	secret = map[string]any{}
	for k, v := range hidden {
		if sensitive(k) {
			secret[k] = v
		} else {
			doc[k] = v
		}
	}
	if err := c.readFiles(doc); err != nil {
		return nil, nil, err
	}
	return doc, secret, nil
}

// owner puts the user into a doc: 0 and none mean the caller (PROTOCOL.md 4),
// somebody else takes a site admin.
func (c *recordCall) owner(doc map[string]any) error {
	if _, ok := c.ep.Resource.Field("user_id"); !ok {
		return nil
	}
	id, _ := doc["user_id"].(int64)
	if id == 0 {
		id = c.who.userID
	}
	if id != c.who.userID && !c.who.siteAdmin {
		return wireErrorf("not-authorized/user-id-without-site-admin", "Only site admins may name another user")
	}
	doc["user_id"] = id
	return nil
}

func (c *recordCall) create(rules *recordRules) (*recordReply, error) {
	doc, hidden, err := c.fields()
	if err != nil {
		return nil, err
	}
	if c.resource != "user" && c.resource != "permission" && c.resource != "notification" && c.resource != "group_user" {
		if err := c.owner(doc); err != nil {
			return nil, err
		}
	}
	c.stamp(doc, true)
	r, err := c.insert(rules, doc, hidden)
	if err != nil {
		return nil, err
	}
	return c.object(rules, r)
}

// insert stores a new record through the rules of its resource.
func (c *recordCall) insert(rules *recordRules, doc, hidden map[string]any) (*record, error) {
	if rules.before != nil {
		if err := rules.before(c, doc, nil); err != nil {
			return nil, err
		}
	}
	secret, err := mergeSecret("", hidden)
	if err != nil {
		return nil, err
	}
	tmp := &record{doc: doc, secret: secret}
	check := func(t *recordTable) error {
		if rules.save == nil {
			return nil
		}
		return rules.save(c, t, tmp, nil)
	}
	r, err := c.api.store.insert(c.ctx, c.resource, tmp, check)
	if err != nil {
		return nil, err
	}
	if rules.after != nil {
		if err := rules.after(c, r, nil); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// stamp writes the times and defaults that every resource has alike.
func (c *recordCall) stamp(doc map[string]any, isNew bool) {
	res := c.ep.Resource
	has := func(f string) bool { _, ok := res.Field(f); return ok }
	for _, f := range []string{"updated_at", "last_modified_at"} {
		if has(f) {
			doc[f] = c.now
		}
	}
	if !isNew {
		return
	}
	if has("created_at") {
		doc["created_at"] = c.now
	}
	if _, ok := doc["workspace_id"]; !ok && has("workspace_id") {
		doc["workspace_id"] = int64(0)
	}
	if has("site_id") && doc["site_id"] == nil {
		if site, err := c.api.site(c.ctx); err == nil {
			doc["site_id"] = site.id
		}
	}
	if f, ok := res.Field("status"); ok && doc["status"] == nil {
		doc["status"] = "pending"
		if len(f.Values) > 0 {
			doc["status"] = f.Values[0]
		}
	}
}

func (c *recordCall) update(rules *recordRules) (*recordReply, error) {
	old, err := c.row(rules)
	if err != nil {
		return nil, err
	}
	doc, hidden, err := c.fields()
	if err != nil {
		return nil, err
	}
	if id, ok := doc["user_id"].(int64); ok && c.resource != "permission" {
		if id == 0 || id != c.who.userID {
			if err := c.owner(doc); err != nil {
				return nil, err
			}
		}
	}
	c.stamp(doc, false)
	r, err := c.change(rules, old, doc, hidden)
	if err != nil {
		return nil, err
	}
	return c.object(rules, r)
}

// change stores new values of a record through the rules of its resource.
func (c *recordCall) change(rules *recordRules, old *record, doc, hidden map[string]any) (*record, error) {
	if rules.before != nil {
		if err := rules.before(c, doc, old); err != nil {
			return nil, err
		}
	}
	r, err := c.api.store.update(c.ctx, c.resource, old.id, func(t *recordTable, r *record) error {
		for k, v := range doc {
			r.doc[k] = v
		}
		var err error
		if r.secret, err = mergeSecret(r.secret, hidden); err != nil {
			return err
		}
		if rules.save == nil {
			return nil
		}
		return rules.save(c, t, r, old)
	})
	if errors.Is(err, errNoRecord) {
		return nil, notFound()
	}
	if err != nil {
		return nil, err
	}
	if err := c.dropFiles(r, old); err != nil {
		return nil, err
	}
	if rules.after != nil {
		if err := rules.after(c, r, old); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (c *recordCall) remove(rules *recordRules) (*recordReply, error) {
	old, err := c.row(rules)
	if err != nil {
		return nil, err
	}
	if err := c.api.store.remove(c.ctx, c.resource, old.id); err != nil {
		return nil, err
	}
	if err := c.dropFiles(nil, old); err != nil {
		return nil, err
	}
	if rules.after != nil {
		if err := rules.after(c, nil, old); err != nil {
			return nil, err
		}
	}
	return c.nothing(), nil
}

// action answers an operation that has no behaviour of its own in the shape
// that the catalog promises.
func (c *recordCall) action(rules *recordRules) (*recordReply, error) {
	r := &record{}
	if strings.Contains(c.ep.Path, "{id}") {
		var err error
		if r, err = c.row(rules); err != nil {
			return nil, err
		}
	} else {
		rules = noRules
	}
	if c.ep.Response == "none" || c.ep.Status == 204 {
		return c.nothing(), nil
	}
	returns := c.ep.Returned()
	if returns == nil {
		return &recordReply{status: c.ep.Status, body: []byte("{}")}, nil
	}
	b, err := c.append(nil, returns.Name, rules, r)
	if err != nil {
		return nil, err
	}
	return &recordReply{status: c.ep.Status, body: b}, nil
}

// mergeSecret puts write-only values into the secret of a record.
func mergeSecret(secret string, hidden map[string]any) (string, error) {
	if len(hidden) == 0 {
		return secret, nil
	}
	m := map[string]any{}
	if secret != "" {
		// A secret that is no object is a key; write-only fields replace it.
		_ = json.Unmarshal([]byte(secret), &m)
	}
	for k, v := range hidden {
		m[k] = v
	}
	b, err := json.Marshal(m)
	return string(b), err
}
