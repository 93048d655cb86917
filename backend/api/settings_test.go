package api

import (
	"net/http"
	"strings"
	"testing"

	"ferry/backend"
)

// The six filters and the sort as they travel.
func TestFiltersOnTheWire(t *testing.T) {
	var query string
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		query = strings.NewReplacer("%5B", "[", "%5D", "]").Replace(r.URL.RawQuery)
		reply(w, 200, "[]")
	})
	for _, tc := range []struct {
		filters []backend.Filter
		sort    string
		desc    bool
		want    string
	}{
		{[]backend.Filter{{Field: "not_site_admin", Value: "true"}}, "", false, "filter[not_site_admin]=true"},
		{[]backend.Filter{{Op: backend.Prefix, Field: "username", Value: "a&b"}}, "", false, "filter_prefix[username]=a%26b"},
		{[]backend.Filter{{Op: backend.Greater, Field: "last_login_at", Value: "2024-01-01"}}, "", false, "filter_gt[last_login_at]=2024-01-01"},
		{[]backend.Filter{{Op: backend.GreaterEqual, Field: "last_login_at", Value: "1"}}, "", false, "filter_gteq[last_login_at]=1"},
		{[]backend.Filter{{Op: backend.Less, Field: "last_login_at", Value: "1"}}, "", false, "filter_lt[last_login_at]=1"},
		{[]backend.Filter{{Op: backend.LessEqual, Field: "last_login_at", Value: "1"}}, "", false, "filter_lteq[last_login_at]=1"},
		{[]backend.Filter{{Field: "username", Value: ""}}, "", false, "filter[username]="},
		{nil, "username", false, "sort_by[username]=asc"},
		{nil, "username", true, "sort_by[username]=desc"},
	} {
		_, err := c.Users(t.Context(), backend.Query{Filters: tc.filters, SortBy: tc.sort, Desc: tc.desc})
		if err != nil || query != tc.want {
			t.Errorf("sent %s, want %s: %v", query, tc.want, err)
		}
	}
	bad := backend.Query{Filters: []backend.Filter{{Op: 77, Field: "username"}}}
	_, err1 := c.Users(t.Context(), bad)
	_, err2 := c.AutomationLogs(t.Context(), 1, bad)
	_, err3 := c.Resource("user").List(t.Context(), bad, nil)
	for _, err := range []error{err1, err2, err3} {
		wantError(t, err, backend.ClassInvalidParameter)
	}
}

// Requests leave from the address that was asked for; one that this machine has
// not is said to be the matter.
func TestSourceIP(t *testing.T) {
	var from string
	handle := func(w http.ResponseWriter, r *http.Request) {
		from = r.RemoteAddr
		reply(w, 200, "[]")
	}
	c, _ := site(t, Config{SourceIP: "127.0.0.1"}, handle)
	if _, err := c.List(t.Context(), "", backend.FolderQuery{}); err != nil || !strings.HasPrefix(from, "127.0.0.1:") {
		t.Errorf("from %s: %v", from, err)
	}
	from = ""
	c, _ = site(t, Config{SourceIP: "192.0.2.77", Retries: -1}, handle)
	_, err := c.List(t.Context(), "", backend.FolderQuery{})
	if e := wantError(t, err, backend.ClassAPIConnection); from != "" || !strings.Contains(e.Message, "192.0.2.77") {
		t.Errorf("from %q: %v", from, err)
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	for name, cfg := range map[string]Config{
		"open timeout":   {OpenTimeout: -1},
		"read timeout":   {ReadTimeout: -1},
		"retry delay":    {RetryInitial: -1},
		"maximum delay":  {RetryMax: -1},
		"budget":         {RetryBudget: -1},
		"source address": {SourceIP: "here"},
		"workspace":      {Workspace: -1},
		"language":       {Language: "de\r\nX-Evil: 1"},
		"user agent":     {UserAgent: "a\nb"},
		"site":           {BaseURL: "ftp://files.example.com"},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s was taken", name)
		} else {
			wantError(t, err, backend.ClassInvalidParameter)
		}
	}
	for in, want := range map[string]Level{"": LogNone, "none": LogNone, "INFO": LogInfo, "debug": LogDebug} {
		if got, err := ParseLevel(in); err != nil || got != want {
			t.Errorf("level %q is %v, %v", in, got, err)
		}
	}
	if _, err := ParseLevel("loud"); err == nil {
		t.Error("a level that there is not was taken")
	}
}
