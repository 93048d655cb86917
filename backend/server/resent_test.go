package server

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// A part that comes again while its upload ends, which is what a client gets that
// has given up waiting for the answer, neither spoils the file nor the part.
func TestPartsSentAgainWhileTheUploadEnds(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	const text = "the same bytes each time"
	sum := md5.Sum([]byte(text))
	tag := hex.EncodeToString(sum[:])
	for i := range 60 {
		path := fmt.Sprintf("f%d.txt", i)
		begin := x.begin(path, map[string]any{})
		uri, _ := begin["upload_uri"].(string)
		put := func() int { return x.send("PUT", uri, strings.NewReader(text)).status }
		if status := put(); status != 200 {
			t.Fatalf("the part: %d", status)
		}
		var again sync.WaitGroup
		for range 2 {
			again.Go(func() {
				for put() == 200 {
				}
			})
		}
		end := x.do("POST", "/files/"+path, map[string]any{"action": "end", "ref": begin["ref"], "size": len(text), "etags": []any{map[string]any{"etag": tag, "part": "1"}}})
		if end.status != 201 {
			t.Errorf("the end: %d %s", end.status, end.body)
		}
		again.Wait()
		if got := x.fetch(path); got.status != 200 || got.err != nil || string(got.body) != text {
			t.Fatalf("upload %d holds %q: %d %v", i, got.body, got.status, got.err)
		}
	}
}
