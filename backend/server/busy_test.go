package server

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestBusySite: many clients at once never see a broken answer, and what each
// of them has written is there.
func TestBusySite(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "disk": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			x := openSite(t, Options{World: "small", DataDir: dir})
			x.mkdir("shared")
			var all sync.WaitGroup
			for w := range 6 {
				all.Go(func() { busyClient(x, w) })
			}
			all.Wait()
			if got := x.do("GET", "/folders/shared?per_page=1000", nil).paths(); len(got) != 6*4 {
				t.Errorf("%d entries are left: %v", len(got), got)
			}
		})
	}
}

// busyClient works in a folder that it shares. It reports by Error, for it runs
// beside the test.
func busyClient(x *site, w int) {
	check := func(a *answer, want ...int) *answer {
		for _, s := range want {
			if a.err == nil && a.status == s {
				return a
			}
		}
		x.t.Errorf("%s: %d %v %.200s", a.what, a.status, a.err, a.body)
		return a
	}
	for i := range 6 {
		at := fmt.Sprintf("shared/w%d-%d.txt", w, i)
		begin := check(x.do("POST", "/file_actions/begin_upload/"+at, map[string]any{}), 200)
		if begin.status != 200 {
			return
		}
		part := begin.list()[0]
		uri, _ := part["upload_uri"].(string)
		put := check(x.send("PUT", uri, strings.NewReader(at)), 200)
		etags := []any{map[string]any{"etag": strings.Trim(put.header.Get("ETag"), `"`), "part": 1}}
		check(x.do("POST", "/files/"+at, map[string]any{"action": "end", "ref": part["ref"], "etags": etags}), 201)
		check(x.do("POST", "/folders/shared", map[string]any{}), 422)
		check(x.do("GET", "/folders/shared?sort_by[size]=desc&per_page=5", nil), 200)
		check(x.do("GET", "/folders/?recursive=true&per_page=50", nil), 200)
		switch i {
		case 1:
			check(x.act("move", at, at+".moved"), 201)
		case 2:
			check(x.do("DELETE", "/files/"+at, nil), 204)
		case 3:
			check(x.act("copy", at, at+".copy"), 201)
			check(x.do("DELETE", "/files/"+at+".copy", nil), 204)
		case 4:
			check(x.do("GET", "/users?per_page=3", nil), 200)
			check(x.do("DELETE", "/files/"+at, nil), 204)
		}
	}
}
