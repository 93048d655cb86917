package conformance

import (
	"net/http"
	"strings"
	"sync/atomic"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
)

// counted counts what a client asks for: ZIP batches, how many of those were
// refused, files one by one, and parts of uploads: those to an address that the
// site gave out as it is, and those to one that the client has rewritten.
type counted struct{ zips, refused, singles, given, rewritten atomic.Int64 }

func (c *counted) config() files_sdk.Config {
	return admin().SetCustomClient(&http.Client{Transport: c})
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodPut && query.Has("part_offset") && !query.Has("partNumber"):
		c.rewritten.Add(1)
	case r.Method == http.MethodPut:
		c.given.Add(1)
	case strings.HasSuffix(r.URL.Path, "/zip_downloads"):
		c.zips.Add(1)
		if err != nil || res.StatusCode >= http.StatusBadRequest {
			c.refused.Add(1)
		}
	case strings.Contains(r.URL.Path, "/api/rest/v1/files/"):
		c.singles.Add(1)
	}
	return res, err
}
