package session

import (
	"testing"
	"time"

	"ferry/backend/api"
	"ferry/backend/profile"
)

// Every setting of the client reaches it, from a flag, from the environment and
// from a profile alike.
func TestSettingsReachTheClient(t *testing.T) {
	for name, tc := range map[string]struct {
		value string
		want  any
		got   func(api.Config) any
	}{
		"base-url":      {"acme", "acme", func(c api.Config) any { return c.BaseURL }},
		"read-only":     {"true", true, func(c api.Config) any { return c.ReadOnly }},
		"open-timeout":  {"7s", 7 * time.Second, func(c api.Config) any { return c.OpenTimeout }},
		"read-timeout":  {"8", 8 * time.Second, func(c api.Config) any { return c.ReadTimeout }},
		"retry-initial": {"250ms", 250 * time.Millisecond, func(c api.Config) any { return c.RetryInitial }},
		"retry-max":     {"9s", 9 * time.Second, func(c api.Config) any { return c.RetryMax }},
		"retries":       {"5", 5, func(c api.Config) any { return c.Retries }},
		"source-ip":     {"10.1.2.3", "10.1.2.3", func(c api.Config) any { return c.SourceIP }},
		"language":      {"de", "de", func(c api.Config) any { return c.Language }},
		"workspace":     {"12", int64(12), func(c api.Config) any { return c.Workspace }},
		"log-level":     {"debug", api.LogDebug, func(c api.Config) any { return c.Level }},
	} {
		i := indexOf(name)
		if i < 0 {
			t.Errorf("there is no setting %s", name)
			continue
		}
		x := profile.All()[i]
		for source, in := range map[string]struct {
			flags map[string]string
			env   map[string]string
			saved profile.Profile
		}{
			"flag":        {flags: map[string]string{x.Name: tc.value}},
			"environment": {env: map[string]string{x.Env(): tc.value}},
			"profile":     {saved: profile.Profile{Name: "p", Values: map[string]string{x.Key(): tc.value}}},
		} {
			set, err := profile.Resolve(in.flags, func(k string) string { return in.env[k] }, in.saved)
			if err != nil {
				t.Errorf("%s by %s: %v", name, source, err)
				continue
			}
			o, err := NewOpener(set, "", "Ferry/test", nil)
			if err != nil || tc.got(o.Client) != tc.want {
				t.Errorf("%s by %s: the client has %v, want %v: %v", name, source, tc.got(o.Client), tc.want, err)
			}
			if _, err := api.New(o.Client); err != nil {
				t.Errorf("%s by %s: %v", name, source, err)
			}
		}
	}
}

func indexOf(name string) int {
	for i, x := range profile.All() {
		if x.Name == name {
			return i
		}
	}
	return -1
}

// Nothing given is the vendor's defaults, in the settings and in the client.
func TestDefaultsAreTheVendors(t *testing.T) {
	set, err := profile.Resolve(nil, func(string) string { return "" }, profile.Profile{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOpener(set, "", "Ferry/test", nil)
	if err != nil {
		t.Fatal(err)
	}
	c := o.Client
	if c.OpenTimeout != api.DefaultOpenTimeout || c.ReadTimeout != api.DefaultReadTimeout || c.Retries != api.DefaultRetries ||
		c.RetryInitial != api.DefaultRetryInitial || c.RetryMax != api.DefaultRetryMax || c.Level != api.LogNone {
		t.Errorf("settings without anything given: %+v", c)
	}
	if base, err := api.CompleteBaseURL(c.BaseURL); err != nil || base != api.DefaultBaseURL {
		t.Errorf("site %q, %v", base, err)
	}
}
