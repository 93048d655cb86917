package profile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// offline is a store without a key store, as on a server.
func offline(t *testing.T) *Store {
	t.Helper()
	s := Open(t.TempDir())
	s.secrets = s.secrets[1:]
	return s
}

func none(string) string { return "" }

func TestSaveAndGet(t *testing.T) {
	s := offline(t)
	where, err := s.Save(Profile{Name: "work", Values: map[string]string{"base_url": "acme", "method": "api-key"}}, "sekrit")
	if err != nil || !strings.Contains(where, "only you") {
		t.Fatalf("%q, %v", where, err)
	}
	p, err := s.Get("")
	if err != nil || p.Name != "work" || p.Values["base_url"] != "acme" {
		t.Fatalf("the first profile is not the default: %+v, %v", p, err)
	}
	if got, err := s.Secret("work"); err != nil || got != "sekrit" {
		t.Errorf("secret %q, %v", got, err)
	}
	data, err := os.ReadFile(s.Path())
	if err != nil || strings.Contains(string(data), "sekrit") {
		t.Errorf("the secret is in the settings: %s, %v", data, err)
	}
	if runtime.GOOS != "windows" {
		info, err := os.Stat(filepath.Join(s.dir, "secrets.toml"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	if err := s.Delete("work"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Secret("work"); !errors.Is(err, backend.ClassAuthentication) {
		t.Errorf("the secret outlived its profile: %v", err)
	}
}

func TestUnknownProfileNamesTheOthers(t *testing.T) {
	s := offline(t)
	if _, err := s.Save(Profile{Name: "work"}, "x"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Get("elsewhere")
	if err == nil || !strings.Contains(err.Error(), "elsewhere") || backend.AsError(err).Legal[0] != "work" {
		t.Errorf("got %v", err)
	}
}

func TestABrokenFileIsNamedAndKept(t *testing.T) {
	s := offline(t)
	broken := "default = \"x\"\n[profiles.\n"
	if err := os.WriteFile(s.Path(), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Save(Profile{Name: "work"}, "x")
	if err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), s.Path()) {
		t.Errorf("got %v", err)
	}
	if data, _ := os.ReadFile(s.Path()); string(data) != broken {
		t.Errorf("the file was overwritten: %q", data)
	}
}

// Every setting through flag, environment and profile, each beating the next.
func TestPrecedence(t *testing.T) {
	values := map[string][3]string{ // profile, environment, flag
		"base-url": {"a", "b", "c"}, "method": {"password", "session", "api-key"}, "username": {"a", "b", "c"},
		"read-only": {"false", "false", "true"}, "open-timeout": {"1s", "2s", "3s"}, "read-timeout": {"1s", "2s", "3s"},
		"retry-initial": {"1s", "2s", "3"}, "retry-max": {"1s", "2s", "3s"}, "retries": {"1", "2", "0"},
		"source-ip": {"::1", "::2", "::3"}, "language": {"de", "fr", "es"}, "workspace": {"1", "2", "3"},
		"log-level": {"none", "info", "debug"}, "log-file": {"a", "b", "c"}, "theme": {"dark", "light", "plain"},
		"ascii": {"false", "false", "true"}, "local-dir": {"a", "b", "c"}, "notify": {"off", "bell", "notification"},
	}
	if len(values) != len(All()) {
		t.Fatalf("%d settings are tested, there are %d", len(values), len(All()))
	}
	for _, x := range All() {
		v, ok := values[x.Name]
		if !ok {
			t.Errorf("%s is not tested", x.Name)
			continue
		}
		one := func(which int) Settings {
			want := Defaults()
			if err := x.set(&want, v[which]); err != nil {
				t.Fatalf("%s: %v", x.Name, err)
			}
			if want.LogFile != "" {
				want.LogLevel = "info"
			}
			return want
		}
		prof := Profile{Name: "p", Values: map[string]string{x.Key(): v[0]}}
		env := func(k string) string {
			if k == x.Env() {
				return v[1]
			}
			return ""
		}
		for _, c := range []struct {
			flags map[string]string
			env   func(string) string
			p     Profile
			which int
		}{
			{nil, none, prof, 0}, {nil, env, prof, 1}, {map[string]string{x.Name: v[2]}, env, prof, 2},
		} {
			got, err := Resolve(c.flags, c.env, c.p)
			if err != nil || got != one(c.which) {
				t.Errorf("%s, source %d: %+v, %v", x.Name, c.which, got, err)
			}
		}
	}
	if got, err := Resolve(nil, none, Profile{}); err != nil || got != Defaults() || got.OpenTimeout != 30*time.Second {
		t.Errorf("nothing given: %+v, %v", got, err)
	}
	if got, err := Resolve(map[string]string{"log-file": "f", "log-level": "none"}, none, Profile{}); err != nil || got.LogLevel != "none" {
		t.Errorf("a level that was asked for: %+v, %v", got, err)
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for _, c := range []struct {
		flags map[string]string
		env   func(string) string
		p     Profile
		want  []string
	}{
		{map[string]string{"retries": "many"}, none, Profile{}, []string{"--retries", "many"}},
		{nil, func(k string) string {
			if k == "FERRY_READ_TIMEOUT" {
				return "soon"
			}
			return ""
		}, Profile{}, []string{"FERRY_READ_TIMEOUT", "soon"}},
		{map[string]string{"read-timeout": "1e300"}, none, Profile{}, []string{"--read-timeout", "1e300"}},
		{map[string]string{"read-timeout": "NaN"}, none, Profile{}, []string{"--read-timeout", "NaN"}},
		{map[string]string{"read-timeout": "0"}, none, Profile{}, []string{"--read-timeout", "0"}},
		{map[string]string{"open-timeout": "-1s"}, none, Profile{}, []string{"--open-timeout", "-1s"}},
		{map[string]string{"workspace": "-1"}, none, Profile{}, []string{"--workspace", "-1"}},
		{nil, none, Profile{Name: "work", Values: map[string]string{"log_level": "loud"}}, []string{"work", "log_level", "debug"}},
		{nil, none, Profile{Name: "work", Values: map[string]string{"colour": "red"}}, []string{"work", "colour"}},
	} {
		_, err := Resolve(c.flags, c.env, c.p)
		if !errors.Is(err, backend.ClassInvalidParameter) {
			t.Errorf("got %v", err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q does not name %q", err, w)
			}
		}
	}
}

// memory is a key store that works.
type memory map[string]string

func (m memory) set(name, secret string) error { m[name] = secret; return nil }
func (m memory) remove(name string) error      { delete(m, name); return nil }
func (m memory) where() string                 { return "memory" }
func (m memory) get(name string) (string, error) {
	if s, ok := m[name]; ok {
		return s, nil
	}
	return "", errNoSecret
}

// A secret that moves to a better place does not stay in the old one.
func TestSecretIsKeptInOnePlace(t *testing.T) {
	s := offline(t)
	if _, err := s.Save(Profile{Name: "work"}, "old"); err != nil {
		t.Fatal(err)
	}
	file := s.secrets[0]
	s.secrets = []vault{memory{}, file}
	if where, err := s.Save(Profile{Name: "work"}, "new"); err != nil || where != "memory" {
		t.Fatal(where, err)
	}
	if got, err := file.get("work"); err == nil {
		t.Errorf("the old secret is still there: %q", got)
	}
}
