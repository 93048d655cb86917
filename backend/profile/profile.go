// Package profile keeps sites and settings in the XDG folders, secrets in the
// operating system's key store.
package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"ferry/backend"
)

// Profile is one saved site. Values are settings by their key; the secret is
// kept elsewhere.
type Profile struct {
	Name   string
	Values map[string]string
}

// file is config.toml.
type file struct {
	Default  string                       `toml:"default,omitempty"`
	Keys     map[string][]string          `toml:"keys,omitempty"`
	Profiles map[string]map[string]string `toml:"profiles,omitempty"`
}

// Store is the saved profiles of one folder.
type Store struct {
	dir     string
	secrets []vault
}

// Open uses the folder dir, which need not exist yet.
func Open(dir string) *Store {
	return &Store{dir: dir, secrets: []vault{keychain{}, secretFile{filepath.Join(dir, "secrets.toml")}}}
}

// Path is the file that holds the profiles.
func (s *Store) Path() string { return filepath.Join(s.dir, "config.toml") }

func (s *Store) read() (file, error) {
	var f file
	data, err := os.ReadFile(s.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, s.failed("read the profiles", err)
	}
	if err := toml.Unmarshal(data, &f); err != nil {
		var bad *toml.DecodeError
		if errors.As(err, &bad) {
			row, col := bad.Position()
			err = fmt.Errorf("line %d, column %d: %w", row, col, err)
		}
		return f, s.failed("read the profiles", err)
	}
	return f, nil
}

func (s *Store) failed(op string, err error) error {
	return &backend.Error{
		Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Op: op, Path: s.Path(), Message: err.Error(), Cause: err,
	}
}

// List gives the names of all profiles and which of them is the default one.
func (s *Store) List() (names []string, standard string, err error) {
	f, err := s.read()
	if err != nil {
		return nil, "", err
	}
	return slices.Sorted(maps.Keys(f.Profiles)), f.Default, nil
}

// Keys are the changed key bindings: action → keys.
func (s *Store) Keys() (map[string][]string, error) {
	f, err := s.read()
	return f.Keys, err
}

// Get gives a profile; an empty name is the default one. Without a default and
// without a name it gives an empty profile.
func (s *Store) Get(name string) (Profile, error) {
	f, err := s.read()
	if err != nil {
		return Profile{}, err
	}
	if name == "" {
		name = f.Default
	}
	if name == "" {
		return Profile{}, nil
	}
	v, ok := f.Profiles[name]
	if !ok {
		return Profile{}, &backend.Error{
			Class: backend.ClassInvalidParameter, Group: backend.Client, Op: "open profile", Path: name,
			Message: fmt.Sprintf("there is no profile %q in %s", name, s.Path()), Legal: slices.Sorted(maps.Keys(f.Profiles)),
		}
	}
	return Profile{Name: name, Values: maps.Clone(v)}, nil
}

// Save keeps a profile and its secret. The first one becomes the default. where
// tells where the secret went, in words for the screen.
func (s *Store) Save(p Profile, secret string) (where string, err error) {
	f, err := s.read()
	if err != nil {
		return "", err // a file that cannot be read is not overwritten
	}
	if f.Profiles == nil {
		f.Profiles = map[string]map[string]string{}
	}
	if f.Default == "" {
		f.Default = p.Name
	}
	f.Profiles[p.Name] = p.Values
	if where, err = s.keep(p.Name, secret); err != nil {
		return "", err
	}
	return where, s.write(f)
}

// Delete forgets a profile and its secret.
func (s *Store) Delete(name string) error {
	f, err := s.read()
	if err != nil {
		return err
	}
	delete(f.Profiles, name)
	if f.Default == name {
		f.Default = ""
	}
	for _, v := range s.secrets {
		_ = v.remove(name) // it may never have been there
	}
	return s.write(f)
}

func (s *Store) write(f file) error {
	data, err := toml.Marshal(f)
	if err != nil {
		return s.failed("save the profiles", err)
	}
	if err := replace(s.Path(), data); err != nil {
		return s.failed("save the profiles", err)
	}
	return nil
}

// replace writes a file as a whole or not at all, readable by its owner only.
func replace(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already when all went well
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
