package session

import (
	"context"
	"io"

	"ferry/backend"
	"ferry/backend/api"
)

// Site is the client with what the screens need beyond single requests.
type Site struct{ *api.Client }

// Preview gives at most limit bytes from the beginning of a file: one range
// request, never the whole file.
func (s Site) Preview(ctx context.Context, e backend.Entry, limit int64) ([]byte, error) {
	if e.Size == 0 {
		return nil, nil
	}
	f, err := s.Download(ctx, e.Path)
	if err != nil {
		return nil, err
	}
	if e.Size > 0 && e.Size < limit {
		limit = e.Size
	}
	body, err := s.OpenRange(ctx, f.DownloadURI, 0, limit, "")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, limit))
}
