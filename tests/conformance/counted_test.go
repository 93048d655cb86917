package conformance

import (
	"net/http"
	"strings"
	"sync/atomic"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
)

// counted counts what a client asks for: ZIP batches, how many of those were
// refused, and files one by one.
type counted struct{ zips, refused, singles atomic.Int64 }

func (c *counted) config() files_sdk.Config {
	return admin().SetCustomClient(&http.Client{Transport: c})
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	switch {
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
