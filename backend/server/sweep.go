package server

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// What nobody comes back for.
const (
	uploadsKept = 7 * 24 * time.Hour // an upload that has not ended
	orphansKept = 24 * time.Hour     // a content file that belongs to nothing
)

// sweepOnce clears up behind clients and processes that have gone away, in the
// background, the first time that something is uploaded.
func (s *Server) sweepOnce() {
	s.sweeping.Do(func() {
		s.background(func(ctx context.Context) {
			// What cannot be cleared up now is found again by the next process.
			if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "clear up old uploads", "error", err)
			}
			if err := s.files.sweepKilled(ctx); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "clear up behind killed processes", "error", err)
			}
		})
	})
}

// sweep drops expired sessions, uploads that were given up, and content files
// that a process has written and not lived to use.
func (s *Server) sweep(ctx context.Context) error {
	now := s.now()
	for _, stmt := range []struct {
		query string
		limit int64
	}{
		// An expired session is told from an unknown one for a while.
		{`DELETE FROM sessions WHERE expires < ?`, now.Add(-uploadsKept).Unix()},
		{`DELETE FROM uploads WHERE created < ?`, now.Add(-uploadsKept).Unix()},
		{`DELETE FROM parts WHERE upload < ? AND upload NOT IN (SELECT id FROM uploads)`, 1 << 62},
	} {
		if _, err := s.db.write.ExecContext(ctx, stmt.query, stmt.limit); err != nil {
			return err
		}
	}
	if err := s.tree.purgeBefore(ctx, now.Add(-restoreFor)); err != nil {
		return err
	}
	dir, err := s.files.folder()
	if err != nil {
		return err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := f.Info()
		if err != nil || f.Name() == tempLock || time.Since(info.ModTime()) < orphansKept {
			continue // gone, or no content, or perhaps just being written
		}
		var used bool
		err = s.db.write.QueryRowContext(ctx, `SELECT EXISTS(SELECT 1 FROM segments WHERE file = ?) OR EXISTS(SELECT 1 FROM parts WHERE file = ?)`,
			f.Name(), f.Name()).Scan(&used)
		if err != nil {
			return err
		}
		if !used {
			s.files.remove(filepath.Base(f.Name()))
		}
	}
	return nil
}
