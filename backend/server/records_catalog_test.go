package server

import (
	"fmt"
	"strings"
	"testing"

	"ferry/backend/catalog"
	"ferry/backend/server/world"
)

// elsewhere are the resources that are not made of records: files and what
// belongs to them, and sessions.
var elsewhere = map[string]bool{
	"file": true, "folder": true, "session": true, "file_migration": true, "restore": true,
}

// special gives the parameters that a rule asks for beyond the catalog.
var special = map[string]map[string]any{
	"user":         {"username": "brand-new"},
	"group_user":   {"group_id": 501, "user_id": 30},
	"permission":   {"path": "Inbox", "user_id": 30},
	"automation":   {"automation": "create_folder", "destinations": []string{"x"}},
	"public_key":   {"generate_keypair": true, "generate_algorithm": "ed25519", "title": "x"},
	"bundle":       {"paths": []string{"Inbox"}},
	"gpg_key":      {"public_key": samplePublicKey},
	"file_comment": {"path": "Inbox"},
	"notification": {"path": "Inbox"},
}

// samplePublicKey was made by GnuPG.
const samplePublicKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEZ3SFgBYJKwYBBAHaRw8BAQdAqNLRuFUHbStYbCc0gCcU/oFhu00FM2sMMA72
KXpaysO0H1NhbXBsZSBLZXkgPHNhbXBsZUBleGFtcGxlLmNvbT6IkAQTFggAOBYh
BHnB4tSB8CcWfoE1l4MzVEYNH1GIBQJndIWAAhsDBQsJCAcCBhUKCQgLAgQWAgMB
Ah4BAheAAAoJEIMzVEYNH1GIBxkBAM5/6D78bfIIypjNfFuROH/nHrSUwiQYV5gg
soikmOqtAQDjveVWTjsKqRckRUnhvdi8zvhdZYbIqjJkUUQd8i7wC7g4BGd0hYAS
CisGAQQBl1UBBQEBB0D6u1u4dq2TT4OqevOSKiqZlx/mcE9SXHyo0T+2U38qcgMB
CAeIeAQYFggAIBYhBHnB4tSB8CcWfoE1l4MzVEYNH1GIBQJndIWAAhsMAAoJEIMz
VEYNH1GIUtoA/1GKNYWqDo/oiRs4d7GZcWJiM70hM3VEHoNdhIwr90UJAQDD/NOL
OISm9Lyok7VpWeHfGAB+2q/sWz+qAndaRwKKBA==
=9sFV
-----END PGP PUBLIC KEY BLOCK-----
`

// sample is a value for a parameter.
func sample(p *catalog.Param, f *catalog.Field) any {
	values := p.Values
	if values == nil && f != nil {
		values = f.Values
	}
	if len(values) > 0 && !strings.HasPrefix(p.Type, "array") {
		return values[0]
	}
	if f != nil && f.Type == "date-time" {
		return "2027-01-02T03:04:05Z"
	}
	switch p.Type {
	case "int64":
		return 1
	case "double":
		return 1.5
	case "boolean":
		return true
	case "object":
		return map[string]any{"a": 1}
	case "array(string)":
		if len(values) > 0 {
			return []string{values[0]}
		}
		return []string{"a"}
	case "array(int64)":
		return []int{1}
	case "array(object)":
		return []any{map[string]any{"a": 1}}
	}
	return "sample"
}

// wrong is a value that a parameter of the type cannot take; nil when there is
// none.
func wrong(p *catalog.Param) any {
	switch p.Type {
	case "file":
		return nil
	case "string":
		return map[string]any{"a": 1}
	}
	return "sure not"
}

func required(ep *catalog.Endpoint) map[string]any {
	body := map[string]any{}
	for i := range ep.Params {
		p := &ep.Params[i]
		if p.Required && p.In != "path" {
			f, _ := ep.Resource.Field(p.Name)
			body[p.Name] = sample(p, f)
		}
	}
	for k, v := range special[ep.Resource.Name] {
		body[k] = v
	}
	return body
}

// TestEveryRecordHasALife creates, finds, changes and deletes a record of each
// resource that allows it, and gives each parameter of the wrong type once.
func TestEveryRecordHasALife(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	b.tree.add("Inbox/a.txt")
	// What the sample id of a reaction means.
	if _, err := b.api.store.putBack(t.Context(), "file_comment", &record{id: 1, doc: map[string]any{"id": int64(1), "path": "Inbox/a.txt"}}); err != nil {
		t.Fatal(err)
	}
	lives := 0
	for _, res := range catalog.Resources() {
		create, ok := res.Endpoint("create")
		if !ok || elsewhere[res.Name] || strings.Contains(create.Path, "{") {
			continue
		}
		lives++
		body := required(create)
		o := b.object("POST", create.Path, body)
		checkShape(t, create.Path, create.Returned(), o)
		for i := range create.Params {
			p := &create.Params[i]
			if p.Required && special[res.Name][p.Name] == nil {
				less := required(create)
				delete(less, p.Name)
				b.refused("POST", create.Path, less, "bad-request/request-params-required")
			}
			if w := wrong(p); w != nil {
				bad := required(create)
				bad[p.Name] = w
				if p.Type == "array(string)" || p.Type == "array(int64)" {
					bad[p.Name] = map[string]any{"a": 1}
				}
				b.refused("POST", create.Path, bad, "bad-request/request-params-invalid")
			}
		}
		id := fmt.Sprint(o["id"])
		if o["id"] == nil {
			continue
		}
		if ep, ok := res.Endpoint("find"); ok {
			path, err := ep.Expand(map[string]string{"id": id})
			if err != nil {
				t.Fatal(err)
			}
			if got := b.object("GET", path, nil); fmt.Sprint(got["id"]) != id {
				t.Errorf("%s: %v", path, got)
			}
			missing, _ := ep.Expand(map[string]string{"id": "99999999"})
			b.refused("GET", missing, nil, "not-found")
		}
		if ep, ok := res.Endpoint("update"); ok {
			path, err := ep.Expand(map[string]string{"id": id})
			if err != nil {
				t.Fatal(err)
			}
			checkShape(t, path, ep.Returned(), b.object("PATCH", path, required(ep)))
		}
		if ep, ok := res.Endpoint("delete"); ok {
			path, err := ep.Expand(map[string]string{"id": id})
			if err != nil {
				t.Fatal(err)
			}
			for i := range ep.Params {
				if p := &ep.Params[i]; p.Required && p.In != "path" {
					path += fmt.Sprintf("?%s=%v", p.Name, sample(p, nil))
				}
			}
			b.object("DELETE", path, nil)
			b.refused("DELETE", path, nil, "not-found")
		}
	}
	if lives < 40 {
		t.Errorf("only %d resources can be created", lives)
	}
}

// TestEveryAction calls what is left: the named operations.
func TestEveryAction(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	b.tree.add("Inbox/a.txt")
	n := 0
	for _, ep := range catalog.Endpoints() {
		switch ep.Op {
		case "list", "create", "find", "update", "delete", "list_for", "cancel", "rerun", "find_node", "find_current", "update_current", "delete_current":
			continue
		}
		if elsewhere[ep.Resource.Name] || ep.Resource.Name == "history" || ep.Resource.Name == "settings" {
			continue
		}
		n++
		id := "1"
		if strings.Contains(ep.Path, "{id}") {
			if id = b.anyID(ep.Resource); id == "" {
				t.Errorf("%s: nothing to act on", ep.Path)
				continue
			}
		}
		path, err := ep.Expand(map[string]string{"id": id, "path": "Inbox", "user_id": "1"})
		if err != nil {
			t.Fatal(err)
		}
		body := required(ep)
		if ep.Op == "share" {
			body = map[string]any{"to": []string{"visitor@example.com"}}
		}
		if ep.Method == "GET" {
			path += "?"
			for k, v := range body {
				path += fmt.Sprintf("%s=%v&", k, v)
			}
			body = nil
		}
		v, _, err := b.call(ep.Method, path, body)
		if err != nil {
			t.Errorf("%s %s: %v", ep.Method, path, err)
			continue
		}
		if o, ok := v.(map[string]any); ok && ep.Returned() != nil {
			checkShape(t, path, ep.Returned(), o)
		}
	}
	if n < 30 {
		t.Errorf("only %d actions", n)
	}
}

// anyID is the id of a record that can be acted on, created when there is none.
func (b *box) anyID(res *catalog.Resource) string {
	rows, err := b.api.store.all(b.t.Context(), res.Name)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range rows {
		if r.doc["trigger"] != "action" && r.doc["disabled"] != true && r.doc["automation"] != "v2" {
			return fmt.Sprint(r.id)
		}
	}
	if ep, ok := res.Endpoint("create"); ok {
		return fmt.Sprint(b.object("POST", ep.Path, required(ep))["id"])
	}
	r, err := b.api.store.insert(b.t.Context(), res.Name, &record{doc: map[string]any{}}, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return fmt.Sprint(r.id)
}
