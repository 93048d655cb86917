package server

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"ferry/backend/catalog"
)

func (f *plannedFault) matches(c *call) bool {
	if f.Match == "" {
		return true
	}
	if ok, _ := path.Match(f.Match, c.route); ok {
		return true
	}
	method, pattern, ok := strings.Cut(f.Match, " ")
	if !ok || method != c.r.Method && method != "*" {
		return false
	}
	at, pattern := strings.TrimPrefix(c.r.URL.Path, catalog.BasePath), strings.TrimPrefix(pattern, catalog.BasePath)
	// A pattern that ends in * reaches over slashes.
	if head, ok := strings.CutSuffix(pattern, "*"); ok && !strings.ContainsAny(head, "*?[") {
		return strings.HasPrefix(at, head)
	}
	ok, _ = path.Match(pattern, at)
	return ok
}

var methods = []string{
	http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete, http.MethodHead, http.MethodOptions, "*",
}

// checkMatch refuses what no request can match.
func checkMatch(m string) error {
	if _, err := path.Match(m, ""); err != nil {
		return fmt.Errorf("match %q: a [ is not closed, or nothing follows a \\", m)
	}
	method, pattern, spaced := strings.Cut(m, " ")
	switch {
	case m == "":
		return nil
	case m != "*" && slices.Contains(methods, m):
		return fmt.Errorf("match %q: a path goes after the method, such as %q", m, m+" /site")
	case strings.HasPrefix(m, "/"):
		return fmt.Errorf("match %q: a method goes before the path, such as %q or %q", m, "GET "+m, "* "+m)
	case spaced && !slices.Contains(methods, method):
		return fmt.Errorf("match %q: %q is no method; there are %s", m, method, strings.Join(methods, ", "))
	case spaced && !strings.ContainsAny(pattern[:min(1, len(pattern))], "/*?["):
		return fmt.Errorf("match %q: the path does not begin with /", m)
	case spaced && strings.HasPrefix(pattern, controlPath):
		return fmt.Errorf("match %q: nothing goes wrong below %s", m, controlPath)
	case spaced:
		return nil
	}
	all := operations()
	for _, o := range all {
		if ok, _ := path.Match(m, o); ok {
			return nil
		}
	}
	return fmt.Errorf("match %q is for no operation; the nearest are %s", m, strings.Join(nearOperations(m, all), ", "))
}

// checkType refuses a type of error that Files.com does not send, which would be
// a slip. One that is invented on purpose has a status of its own.
func checkType(t string, status int) error {
	if t == "" || t == "internal-server-error" || status != 0 || catalog.KnownType(t) {
		return nil
	}
	var all []string
	for _, c := range catalog.ErrorClasses() {
		all = append(all, c.Type)
	}
	for _, g := range catalog.Groups() {
		if g.Alone {
			all = append(all, g.Group)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(distance(t, a)-distance(t, b), strings.Compare(a, b)) })
	return fmt.Errorf("type %q is none of Files.com; the nearest are %s; with a status of its own any type is sent", t, strings.Join(all[:3], ", "))
}

// operations are all routes that a fault can be for.
func operations() []string {
	all := []string{"storage.get", "storage.put", "share.get"}
	for _, e := range catalog.Endpoints() {
		all = append(all, e.Resource.Name+"."+e.Op)
	}
	return all
}

// nearOperations are the three patterns of existing operations that are written
// most nearly like m. The resource counts for more than what is done to it.
func nearOperations(m string, all []string) []string {
	group, op, dotted := strings.Cut(m, ".")
	far := map[string]int{}
	for _, o := range all {
		g, does, _ := strings.Cut(o, ".")
		if !dotted {
			far[g+".*"], far["*."+does] = distance(m, g), distance(m, does)
			continue
		}
		toGroup, toOp := 2*distance(group, g), distance(op, does)
		far[o] = toGroup + toOp
		far[g+".*"] = toGroup + distance(op, "*")
		far["*."+does] = 2*distance(group, "*") + toOp
	}
	near := make([]string, 0, len(far))
	for name := range far {
		near = append(near, name)
	}
	slices.SortFunc(near, func(a, b string) int { return cmp.Or(far[a]-far[b], strings.Compare(a, b)) })
	return near[:3]
}

// distance is how many letters must be put in, left out or changed to make b of
// a (Levenshtein). No name is long: of a long text the beginning counts.
func distance(a, b string) int {
	a = a[:min(len(a), 100)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
