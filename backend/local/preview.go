package local

import (
	"context"
	"io"

	"ferry/backend"
)

// Preview gives at most limit bytes from the beginning of a file.
func (f *FS) Preview(ctx context.Context, e backend.Entry, limit int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := f.Open(e.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit))
	if err != nil {
		return nil, wrap("preview", e.Path, err)
	}
	return data, nil
}
