package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/zalando/go-keyring"

	"ferry/backend"
)

// service is the name under which the key store lists our secrets.
const service = "ferry (Files.com)"

// keychainPatience bounds a key store that does not answer, as happens without
// a desktop session.
const keychainPatience = 3 * time.Second

var errNoSecret = errors.New("no secret is kept for this profile")

// vault is a place for secrets.
type vault interface {
	set(name, secret string) error
	get(name string) (string, error)
	remove(name string) error
	where() string
}

// keep puts a secret into the first place that takes it.
func (s *Store) keep(name, secret string) (where string, err error) {
	var errs []error
	for i, v := range s.secrets {
		err := v.set(name, secret)
		if err == nil {
			for _, old := range s.secrets[i+1:] {
				_ = old.remove(name) // an older secret must not outlive this one
			}
			return v.where(), nil
		}
		errs = append(errs, err)
	}
	return "", s.failed("save the secret", errors.Join(errs...))
}

// Secret gives the API key, password or session id of a profile.
func (s *Store) Secret(name string) (string, error) {
	for _, v := range s.secrets {
		if secret, err := v.get(name); err == nil {
			return secret, nil
		}
	}
	return "", &backend.Error{
		Class: backend.ClassAuthentication, Group: backend.Client, Op: "open profile", Path: name,
		Message: "no secret is kept for this profile; log in once more and save it", Cause: errNoSecret,
	}
}

// keychain is the operating system's key store.
type keychain struct{}

func (keychain) where() string { return "the key store of this system" }

func (keychain) set(name, secret string) error {
	_, err := patiently(func() (string, error) { return "", keyring.Set(service, name, secret) })
	return err
}

func (keychain) get(name string) (string, error) {
	return patiently(func() (string, error) { return keyring.Get(service, name) })
}

func (keychain) remove(name string) error {
	_, err := patiently(func() (string, error) { return "", keyring.Delete(service, name) })
	return err
}

// patiently gives up on a key store that hangs; the call itself cannot be
// cancelled and ends with the process.
func patiently(call func() (string, error)) (string, error) {
	type answer struct {
		secret string
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		s, err := call()
		done <- answer{s, err}
	}()
	t := time.NewTimer(keychainPatience)
	defer t.Stop()
	select {
	case a := <-done:
		return a.secret, a.err
	case <-t.C:
		return "", errors.New("the key store of this system does not answer")
	}
}

// secretFile is the declared fallback: a file that only its owner can read.
type secretFile struct{ path string }

func (f secretFile) where() string { return "the file " + f.path + ", which only you can read" }

func (f secretFile) read() (map[string]string, error) {
	all := map[string]string{}
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	if err := toml.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	return all, nil
}

func (f secretFile) change(do func(map[string]string)) error {
	all, err := f.read()
	if err != nil {
		return err
	}
	do(all)
	data, err := toml.Marshal(all)
	if err != nil {
		return err
	}
	return replace(f.path, data) // CreateTemp makes it 0600
}

func (f secretFile) set(name, secret string) error {
	return f.change(func(m map[string]string) { m[name] = secret })
}

func (f secretFile) remove(name string) error {
	return f.change(func(m map[string]string) { delete(m, name) })
}

func (f secretFile) get(name string) (string, error) {
	all, err := f.read()
	if err != nil {
		return "", err
	}
	if s, ok := all[name]; ok {
		return s, nil
	}
	return "", errNoSecret
}
