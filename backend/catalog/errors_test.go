package catalog

import (
	"strings"
	"testing"
)

func TestEveryErrorClass(t *testing.T) {
	members := map[string]int{}
	classes := map[string]bool{}
	for _, c := range ErrorClasses() {
		if classes[c.Class] {
			t.Errorf("%s occurs twice", c.Class)
		}
		classes[c.Class] = true
		members[c.Group]++
		if got := Classify(c.Type); got != c {
			t.Errorf("Classify(%q) = %+v, want %+v", c.Type, got, c)
		}
		if named, ok := ClassNamed(c.Class); !ok || named != c {
			t.Errorf("ClassNamed(%q) = %+v", c.Class, named)
		}
		last := c.Type[strings.LastIndexByte(c.Type, '/')+1:]
		if className(last) != c.Class {
			t.Errorf("by the rule %q is %s, not %s", last, className(last), c.Class)
		}
		if title(last) != c.Title || c.Status < 400 || c.Status > 499 {
			t.Errorf("%s has title %q and status %d", c.Class, c.Title, c.Status)
		}
		if group, _, _ := strings.Cut(c.Type, "/"); group != c.Group {
			t.Errorf("%s is of group %s and has type %s", c.Class, c.Group, c.Type)
		}
	}
	for group, want := range map[string]int{
		"bad-request": 51, "not-authenticated": 16, "not-authorized": 53, "not-found": 13,
		"processing-failure": 55, "rate-limited": 7, "service-unavailable": 5, "site-configuration": 7,
	} {
		if members[group] != want {
			t.Errorf("%d classes of %s, want %d", members[group], group, want)
		}
	}
	for _, g := range Groups() {
		want := ErrorClass{Class: g.Class, Group: g.Group, GroupClass: g.Class, Type: g.Group, Title: g.Title, Status: g.Status}
		if got := Classify(g.Group); got != want {
			t.Errorf("Classify(%q) = %+v, want %+v", g.Group, got, want)
		}
		got := Classify(g.Group + "/never-seen-before")
		want.Type, want.Title = g.Group+"/never-seen-before", "Never Seen Before"
		if got != want {
			t.Errorf("a new type of %s: %+v", g.Group, got)
		}
	}
}

func TestClassifyOtherSpellings(t *testing.T) {
	for wire, class := range map[string]string{
		"processing-failure/agent-unavailable":     "AgentUnavailableError",
		"401-two-factor-authentication-error":      "TwoFactorAuthenticationErrorError",
		"bad-request/invalid-username-or-password": "InvalidUsernameOrPasswordError",
		"not-authorized/authentication-required":   "AuthenticationRequiredError",
		"processing-failure/some/folder-not-empty": "FolderNotEmptyError", // by the last part
		"folder-not-empty":                         "FolderNotEmptyError",
		"new-group/file-not-found":                 "FileNotFoundError",
		"new-group/new-type":                       General,
		"new-group":                                General,
		"":                                         General,
		"/":                                        General,
		"--/-":                                     General,
		"download_request_expired":                 General,
		"not-found/":                               "NotFoundError",
	} {
		c := Classify(wire)
		if c.Class != class {
			t.Errorf("Classify(%q) = %+v, want %s", wire, c, class)
		}
		if class == General && (c.Group != "" || c.GroupClass != General || c.Type != wire) {
			t.Errorf("Classify(%q) = %+v", wire, c)
		}
	}
	if c := Classify("not-authorized/authentication-required"); c.Group != "not-authenticated" || c.Status != 401 {
		t.Errorf("the older spelling keeps its group: %+v", c)
	}
	if got := Classify("not-found/ärger-x").Title; got != "Ärger X" {
		t.Errorf("title %q", got)
	}
	if got := Classify("upload_request_expired").Title; got != "Upload Request Expired" {
		t.Errorf("title %q", got)
	}
}

func FuzzClassify(f *testing.F) {
	f.Add("not-found/é-x")
	f.Add("\xff/-\xff")
	f.Fuzz(func(t *testing.T, wire string) {
		if c := Classify(wire); c.Class == "" || c.GroupClass == "" || (c.Group == "") != (c.GroupClass == General) {
			t.Errorf("Classify(%q) = %+v", wire, c)
		}
	})
}
