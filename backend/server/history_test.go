package server

import (
	"slices"
	"testing"
	"time"
)

// deeds are the lines of a history as "action path", the newest first.
func (x *site) deeds(path string) (out []string) {
	x.t.Helper()
	for _, o := range x.do("GET", path, nil).want(200).list() {
		line := text(o["action"])
		if p := text(o["path"]); p != "" {
			line += " " + p
		}
		out = append(out, line)
	}
	return out
}

func TestHistoryOfCalls(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	u := x.user("scribe", "full", "d")
	x.mkdir("d")
	u.upload("d/a.txt", "x").want(201)
	u.upload("d/a.txt", "y").want(200)
	u.do("GET", "/files/d/a.txt", nil).want(200)
	u.do("GET", "/files/d/a.txt?action=stat", nil).want(200) // leaves no trace
	u.act("copy", "d/a.txt", "d/b.txt").want(201)
	u.act("move", "d/b.txt", "d/c.txt").want(201)
	u.do("DELETE", "/files/d/c.txt", nil).want(204)
	u.do("DELETE", "/files/d/c.txt", nil).want(404) // nor does a failure
	x.login("username", "scribe", "password", "wrong").want(401)
	want := []string{
		"failedlogin", "destroy d/c.txt", "move d/b.txt", "copy d/a.txt", "read d/a.txt", "update d/a.txt", "create d/a.txt", "create d", "login",
	}
	if got := x.deeds("/history"); !slices.Equal(got, want) {
		t.Errorf("the history is\n%q, want\n%q", got, want)
	}
	if got := x.deeds("/history/files/d/a.txt"); !slices.Equal(got, []string{"copy d/a.txt", "read d/a.txt", "update d/a.txt", "create d/a.txt"}) {
		t.Errorf("of the file it is %q", got)
	}
	if got := x.deeds("/history/files/d/c.txt"); !slices.Equal(got, []string{"destroy d/c.txt", "move d/b.txt"}) {
		t.Errorf("of the file that was moved there it is %q", got)
	}
	if got := x.deeds("/history/login"); !slices.Equal(got, []string{"failedlogin", "login"}) {
		t.Errorf("of logins it is %q", got)
	}
	id := x.do("GET", "/users?search=scribe", nil).want(200).list()[0]["id"]
	if got := u.deeds("/history/users/" + text(id)); len(got) != len(want)-1 {
		t.Errorf("of the user it is %q", got)
	}
	first := x.do("GET", "/history", nil).list()[1]
	for name, v := range map[string]any{
		"username": "scribe", "interface": "restapi", "failure_type": "none", "ip": "127.0.0.1", "user_id": id, "when": "2026-03-04T10:04:05-05:00",
	} {
		if first[name] != v {
			t.Errorf("%s is %v, want %v", name, first[name], v)
		}
	}
	x.pass(25 * time.Hour)
	if got := x.deeds("/history"); len(got) != 0 {
		t.Errorf("after a day it is %q", got)
	}
}
