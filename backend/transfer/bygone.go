package transfer

import (
	"cmp"
	"context"
	"slices"
	"time"

	"ferry/backend"
)

// Keep says how long the journal has jobs that failed and that nobody tries again:
// where no person looks at them, they would gather without end. The zero value
// keeps all of them.
type Keep struct {
	For  time.Duration // since they ended; 0 is for ever
	Most int           // the newest of them; 0 is all
}

// bygone takes the failed jobs out of the journal that are not to be kept, and
// gives the others. What has not ended is never among them.
func (e *Engine) bygone(left []*job) []*job {
	now, k := e.cfg.Clock.Now(), e.cfg.Failed
	var failed []*job
	for _, j := range left {
		if j.state == backend.JobFailed && !j.ended.IsZero() {
			failed = append(failed, j)
		}
	}
	slices.SortStableFunc(failed, func(a, b *job) int { return cmp.Compare(b.ended.UnixNano(), a.ended.UnixNano()) })
	gone := map[*job]bool{}
	for n, j := range failed {
		old, many := k.For > 0 && now.Sub(j.ended) > k.For, k.Most > 0 && n >= k.Most
		if gone[j] = old || many; !gone[j] {
			continue
		}
		e.cfg.Log.Info("failed transfer forgotten", "label", j.label(), "to", j.req.Target.Path, "ended", j.ended, "failed", len(j.failed))
		e.removeLeft(j)
		e.journal.remove(j.id)
	}
	return slices.DeleteFunc(left, func(j *job) bool { return gone[j] })
}

// removeLeft takes away what a failed download has left beside its targets. What
// was written to since, or is open, is of another transfer of the same file.
func (e *Engine) removeLeft(j *job) {
	if j.req.Direction != backend.Download {
		return
	}
	root := j.req.Target.Path
	for _, it := range j.failed {
		if it.cp == nil {
			continue
		}
		partial := partialName(e.cfg.SiteID, it.src.Path, it.cp.Dst)
		there, err := e.cfg.Local.FindIn(context.Background(), root, partial)
		if err == nil && !there.Modified.After(j.ended) {
			err = e.cfg.Local.RemovePartialIn(root, partial)
		}
		if err != nil && !missing(err) {
			e.cfg.Log.Warn("partial not removed", "path", partial, "err", err)
		}
	}
}
