package catalog

import (
	"slices"
	"strings"
	"testing"
)

func TestCounts(t *testing.T) {
	withEndpoints, undocumented, paged := 0, 0, 0
	methods := map[string]int{}
	for _, r := range Resources() {
		if len(r.Endpoints) > 0 {
			withEndpoints++
		}
	}
	for _, e := range Endpoints() {
		methods[e.Method]++
		if e.Undocumented {
			undocumented++
		}
		if e.Paged {
			paged++
		}
	}
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"resources", len(Resources()), 150},
		{"resources with endpoints", withEndpoints, 123},
		{"endpoints", len(Endpoints()), 420 + 1}, // and the ZIP download
		{"undocumented", undocumented, 2},
		{"paged lists", paged, 122},
		{"GET", methods["GET"], 205},
		{"POST", methods["POST"], 99 + 1},
		{"PATCH", methods["PATCH"], 53},
		{"DELETE", methods["DELETE"], 63},
		{"error classes", len(ErrorClasses()), 207},
		{"groups", len(Groups()), 8},
		{"SDK classes", len(SDKClasses()), 11},
	} {
		if c.got != c.want {
			t.Errorf("%d %s, want %d", c.got, c.what, c.want)
		}
	}
}

// TestTable checks that every line of the table was understood.
func TestTable(t *testing.T) {
	kinds := map[string]int{}
	for line := range strings.Lines(resourceTable) {
		kind, _, _ := strings.Cut(line, "\t")
		kinds[kind]++
	}
	var params, fields, lists, combos int
	for _, r := range Resources() {
		fields += len(r.Fields)
		for _, f := range r.Fields {
			if f.Name == "" || f.Type == "" {
				t.Errorf("%s has the field %+v", r.Name, f)
			}
		}
		for _, e := range r.Endpoints {
			params += len(e.Params)
			if e.Resource != r || e.Op == "" || e.Status/100 != 2 || !slices.Contains([]string{"list", "object", "none"}, e.Response) {
				t.Errorf("%s has the endpoint %+v", r.Name, e)
			}
			if e.Returns != "" && e.Returned() == nil {
				t.Errorf("%s %s returns the unknown class %s", e.Method, e.Path, e.Returns)
			}
			for _, p := range e.Params {
				if p.Name == "" || p.Type == "" || !slices.Contains([]string{"path", "query", "body"}, p.In) {
					t.Errorf("%s %s has the parameter %+v", e.Method, e.Path, p)
				}
				if p.In == "path" && !strings.Contains(e.Path, "{"+p.Name+"}") {
					t.Errorf("%s %s has no place for %s", e.Method, e.Path, p.Name)
				}
			}
			if e.List == nil {
				continue
			}
			lists++
			if c := e.List.Combinations; c.AnySubsetOf != nil {
				combos++
			} else {
				if c.Filter != nil {
					combos++
				}
				if c.Prefix != nil {
					combos++
				}
			}
		}
	}
	got := map[string]int{
		"R": len(Resources()), "E": len(Endpoints()), "P": params, "F": fields, "L": lists, "C": combos,
	}
	for kind, n := range kinds {
		if got[kind] != n {
			t.Errorf("%d lines of kind %s, %d understood", n, kind, got[kind])
		}
	}
}

func TestLookup(t *testing.T) {
	for name, want := range map[string]string{
		"user": "user", "users": "user", "files": "file", "file": "file", "folders": "folder",
		"api_keys": "api_key", "site": "site", "history": "history", "sync_runs": "sync_run",
		"file_upload_part": "file_upload_part", "settings": "settings",
	} {
		r, ok := Lookup(name)
		if !ok || r.Name != want {
			t.Errorf("Lookup(%q) = %v, %v", name, r, ok)
		}
	}
	for _, name := range []string{"", "nobody", "api/rest", "User"} {
		if r, ok := Lookup(name); ok {
			t.Errorf("Lookup(%q) found %s", name, r.Name)
		}
	}
	names := make([]string, 0, 150)
	for _, r := range Resources() {
		names = append(names, r.Name)
		if byClass, ok := ByClass(r.Class); !ok || byClass != r {
			t.Errorf("class %s is not %s", r.Class, r.Name)
		}
		if r.Segment != "" {
			if bySegment, _ := Lookup(r.Segment); bySegment != r {
				t.Errorf("segment %s is not %s", r.Segment, r.Name)
			}
		}
	}
	if !slices.IsSorted(names) {
		t.Error("the resources are not in order")
	}
}

func TestDetails(t *testing.T) {
	user, _ := Lookup("user")
	list, _ := user.Endpoint("list")
	if p, ok := list.Param("per_page"); !ok || p.Max != 10000 || p.Type != "int64" || p.In != "query" || p.Required {
		t.Errorf("users per_page: %+v", p)
	}
	if f, ok := user.Field("password"); !ok || !f.WriteOnly || f.ReadOnly {
		t.Errorf("users password: %+v", f)
	}
	if f, ok := user.Field("last_login_at"); !ok || !f.ReadOnly || f.Type != "date-time" {
		t.Errorf("users last_login_at: %+v", f)
	}
	if f, _ := user.Field("allowed_ips"); f.Example != "10.0.0.0/8\n127.0.0.1" {
		t.Errorf("users allowed_ips: %q", f.Example)
	}
	if f, _ := user.Field("authentication_method"); !slices.Contains(f.Values, "password_and_ssh_key") {
		t.Errorf("users authentication_method: %v", f.Values)
	}
	if _, ok := user.Field("nothing"); ok {
		t.Error("users have a field nothing")
	}
	if _, ok := user.Endpoint("explode"); ok {
		t.Error("users explode")
	}
	folder, _ := Lookup("folder")
	listFor, _ := folder.Endpoint("list_for")
	if p, ok := listFor.Param("recursive"); !ok || !p.Undocumented || p.In != "query" {
		t.Errorf("folders recursive: %+v", p)
	}
	if _, ok := listFor.Param("nothing"); ok {
		t.Error("folders have a parameter nothing")
	}
	examples := map[string]int{}
	for _, r := range Resources() {
		for _, f := range r.Fields {
			switch f.Example.(type) {
			case nil:
				examples["none"]++
			case string:
				examples["string"]++
			case bool:
				examples["bool"]++
			case int64, float64:
				examples["number"]++
			case []any, map[string]any:
				examples["structure"]++
			default:
				t.Errorf("%s.%s has an example of type %T", r.Name, f.Name, f.Example)
			}
		}
	}
	if n := examples["none"]; n != 2268-605 {
		t.Errorf("%d fields without an example, want %d: %v", n, 2268-605, examples)
	}
}

func BenchmarkFirstUse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		read()
	}
}
