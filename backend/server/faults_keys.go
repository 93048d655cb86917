package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// faultKey is a key of a fault that is written as text.
type faultKey struct {
	name, takes string // takes is "" for a key that needs no value
	does        string
	put         func(f *Fault, value string) error
}

// faultKeys are in the order in which one thinks of them: what for, when, what.
var faultKeys = []faultKey{
	{"match", "WHAT", "which requests it is for; without it, or with *, all", written(func(f *Fault) *string { return &f.Match })},
	{"nth", "N", "strikes the N-th of them only, counted from 1", whole(func(f *Fault) *int { return &f.Nth })},
	{"every", "N", "strikes every N-th", whole(func(f *Fault) *int { return &f.Every })},
	{"times", "N", "strikes N times, then no more", whole(func(f *Fault) *int { return &f.Times })},
	{"rate", "PART", "strikes this part of them, by chance: 0.1 is one in ten", putRate},
	{"latency", "TIME", "waits before anything else: 300ms, 2s", written(func(f *Fault) *string { return &f.Latency })},
	{"bandwidth", "BYTES", "lets so many bytes a second through, either way", whole(func(f *Fault) *int { return &f.Bandwidth })},
	{"type", "TYPE", "answers with this error of Files.com (that of status)", written(func(f *Fault) *string { return &f.Type })},
	{"status", "CODE", "answers with this status, 400 to 599 (that of type)", whole(func(f *Fault) *int { return &f.Status })},
	{"message", "TEXT", "what the error says", written(func(f *Fault) *string { return &f.Message })},
	{"retry-after", "SECONDS", "the header Retry-After of the error", written(func(f *Fault) *string { return &f.RetryAfter })},
	{"host", "HOST", "the host that the error sends to", putHost},
	{"body", "HTML", "answers with this page, as a proxy does (status 502)", written(func(f *Fault) *string { return &f.Body })},
	{"drop", "", "breaks the connection without an answer", yes(func(f *Fault) *bool { return &f.Drop })},
	{"truncate", "BYTES", "breaks the connection after so many bytes of answer", putTruncate},
	{"corrupt", "", "a byte of a download is wrong, or the ETag of an upload", yes(func(f *Fault) *bool { return &f.Corrupt })},
	{"end-session", "", "ends the session of the request; an API key has none", yes(func(f *Fault) *bool { return &f.EndSession })},
	{"expire", "", "takes the signed URL of storage.* for expired", yes(func(f *Fault) *bool { return &f.Expire })},
}

func written(of func(*Fault) *string) func(*Fault, string) error {
	return func(f *Fault, v string) error { *of(f) = v; return nil }
}

func whole(of func(*Fault) *int) func(*Fault, string) error {
	return func(f *Fault, v string) (err error) {
		if *of(f), err = strconv.Atoi(v); err != nil {
			return errors.New("a whole number")
		}
		return nil
	}
}

func yes(of func(*Fault) *bool) func(*Fault, string) error {
	return func(f *Fault, v string) (err error) {
		if *of(f) = true; v != "" {
			if *of(f), err = strconv.ParseBool(v); err != nil {
				return errors.New("true or false, or no value at all")
			}
		}
		return nil
	}
}

func putRate(f *Fault, v string) (err error) {
	if f.Rate, err = strconv.ParseFloat(v, 64); err != nil {
		return errors.New("a part between 0 and 1")
	}
	return nil
}

func putTruncate(f *Fault, v string) (err error) {
	if f.Truncate, err = strconv.ParseInt(v, 10, 64); err != nil {
		return errors.New("a whole number")
	}
	return nil
}

func putHost(f *Fault, v string) error {
	f.Data = map[string]any{"host": v}
	return nil
}

// FaultHelp is how a fault is written as text, for people: every key, what match
// takes, examples and how faults change while the site runs.
func FaultHelp() string {
	var b strings.Builder
	b.WriteString("--fault takes keys and values: \"match=storage.get; nth=3; truncate=1000\".\nThe first fault that is for a request and whose turn it is strikes.\n\n")
	for _, k := range faultKeys {
		name := k.name
		if k.takes != "" {
			name += "=" + k.takes
		}
		fmt.Fprintf(&b, "  %-20s %s\n", name, k.does)
	}
	b.WriteString(`
match takes an operation, with * and ? for what may be anything:
  storage.get, storage.put    the bytes of downloads and uploads
  session.create              logins
  folder.list_for             listings of folders
  file.download, user.list    RESOURCE.list, find, create, update, delete ...
  user.*, *.list              all of a resource, or one of all
  GET /folders/Finance*       a method (or *) and a path below /api/rest/v1
* is every request; *.* every operation, but no unknown path.
--log-level debug --log-file FILE logs the operation of every request.

The session ends at the third listing:
  --fault "match=folder.list_for; nth=3; end-session"
A storm of 429, ten requests long:
  --fault "type=rate-limited/too-many-requests; retry-after=2; times=10"
A slow line for content, 50 kB a second:
  --fault "match=storage.*; bandwidth=50000; latency=300ms"
All that a file says, as one fault or as a list in JSON:
  --fault @FILE

While it runs, faults change as a list, with _ for - and data for host; GET
tells them and how often they struck, POST replaces them, DELETE ends them:
  curl -d '[{"match":"storage.put","times":2,"drop":true}]' \
    http://127.0.0.1:8080/_ferry/faults`)
	return b.String()
}

// ParseFault reads a fault from a flag or the header of a request: JSON, or
// names and values as in "match=storage.get; nth=3; truncate=1000".
func ParseFault(text string) (Fault, error) {
	var f Fault
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		list, err := decodeFaults([]byte(text))
		if err != nil {
			return f, err
		}
		return list[0], list[0].check()
	}
	for item := range strings.SplitSeq(text, ";") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		name, value, _ := strings.Cut(item, "=")
		if err := f.put(strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return f, err
		}
	}
	return f, f.check()
}

// ParseFaults reads the faults of a flag: one as [ParseFault] takes it, or a list
// of them in JSON.
func ParseFaults(text string) ([]Fault, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		f, err := ParseFault(text)
		return []Fault{f}, err
	}
	list, err := decodeFaults([]byte(text))
	for i := range list {
		err = errors.Join(err, list[i].check())
	}
	return list, err
}

func (f *Fault) put(name, value string) error {
	var names []string
	for _, k := range faultKeys {
		if k.name == strings.ReplaceAll(name, "_", "-") {
			if err := k.put(f, value); err != nil {
				return fmt.Errorf("%s takes %w, not %q", k.name, err, value)
			}
			return nil
		}
		names = append(names, k.name)
	}
	return noKey(name, names)
}

// noKey says that a key does not exist, which may have been meant, and which do.
func noKey(name string, names []string) error {
	meant := ""
	near := slices.MinFunc(names, func(a, b string) int { return distance(name, a) - distance(name, b) })
	if distance(name, near) <= len(name)/2 {
		meant = ", perhaps " + near
	}
	return fmt.Errorf("a fault has no %q%s; its keys are %s", name, meant, strings.Join(names, ", "))
}

// faultExample shows what the control endpoint takes.
const faultExample = `a list of faults is wanted, such as [{"match":"storage.get","nth":3,"truncate":1000}]`

// decodeFaults reads a list of faults, or a single one, from JSON. What the
// control endpoint answers can be sent back as it is.
func decodeFaults(b []byte) ([]Fault, error) {
	if b = bytes.TrimSpace(b); bytes.HasPrefix(b, []byte("{")) {
		b = slices.Concat([]byte("["), b, []byte("]"))
	}
	var list []Fault
	var raw []map[string]json.RawMessage
	var kind *json.UnmarshalTypeError
	err := json.Unmarshal(b, &raw)
	switch {
	case len(b) == 0:
		return nil, nil
	case errors.As(err, &kind):
		return nil, errors.New(faultExample)
	case err != nil:
		return nil, fmt.Errorf("this is no JSON: %w; %s", err, faultExample)
	}
	names := jsonKeys()
	for _, f := range raw {
		for _, k := range slices.Sorted(maps.Keys(f)) {
			if !slices.Contains(names, k) && k != "seen" && k != "struck" {
				return nil, noKey(k, names)
			}
		}
		if err := secondsAsText(f, "retry_after"); err != nil {
			return nil, err
		}
	}
	if b, err = json.Marshal(raw); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &list); errors.As(err, &kind) {
		return nil, fmt.Errorf("%s takes no %s", kind.Field, kind.Value)
	} else if err != nil {
		return nil, err
	}
	return list, nil
}

// secondsAsText lets a header of seconds, which may be any text, be written as a
// number too.
func secondsAsText(f map[string]json.RawMessage, key string) error {
	v := string(f[key])
	if v == "" || v[0] != '-' && (v[0] < '0' || v[0] > '9') {
		return nil
	}
	if _, err := strconv.ParseUint(v, 10, 32); err != nil {
		return fmt.Errorf("%s takes a whole number of seconds, or a text, not %s", key, v)
	}
	f[key] = json.RawMessage(strconv.Quote(v))
	return nil
}

// jsonKeys are the keys of a fault that is written as JSON.
func jsonKeys() (names []string) {
	for _, k := range faultKeys {
		if k.name == "host" {
			k.name = "data"
		}
		names = append(names, strings.ReplaceAll(k.name, "-", "_"))
	}
	return names
}
