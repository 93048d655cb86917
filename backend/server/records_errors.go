package server

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// wireError is an error answer before it has a request id: its type decides
// title and status.
type wireError struct {
	Type    string
	Message string
	Fields  map[string][]string // model_errors, with processing-failure/model-save-error
	paths   []string            // of the site, in the message
}

// Error is the message.
func (e *wireError) Error() string { return e.Message }

func wireErrorf(wireType, format string, args ...any) error {
	e := &wireError{Type: wireType, Message: fmt.Sprintf(format, args...)}
	for _, a := range args {
		if p, ok := a.(sitePath); ok {
			e.paths = append(e.paths, string(p))
		}
	}
	return e
}

func notFound() error { return wireErrorf("not-found", "Not Found") }

// fieldErrors collects what is wrong with the fields of an object.
type fieldErrors map[string][]string

func (f fieldErrors) add(field, message string) { f[field] = append(f[field], message) }

// err is the error that tells all of them; nil when there are none.
func (f fieldErrors) err() error {
	if len(f) == 0 {
		return nil
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		for _, m := range f[name] {
			parts = append(parts, fieldTitle(name)+" "+m)
		}
	}
	return &wireError{Type: "processing-failure/model-save-error", Message: strings.Join(parts, ", "), Fields: f}
}

// fieldTitle is a field in words: "user_root" is "User root".
func fieldTitle(name string) string {
	s := strings.ReplaceAll(name, "_", " ")
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
