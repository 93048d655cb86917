package transfers

import (
	"slices"
	"strings"
	"time"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui/cell"
)

// namedFailures is how many failures a summary names.
const namedFailures = 2

// Summary sums up transfers that have ended in one line: "12 files, 2.3 GB in
// 41 s, all verified". Failures are named, and stand first: the end of a line may
// be cut. The time is that in which any of them ran. well tells that nothing has
// failed or was cancelled.
func Summary(jobs []backend.JobSnapshot) (line string, well bool) {
	var done, proven, skipped, linked, cancelled int
	var bytes int64
	weakest := backend.Verified
	for i := range jobs {
		j := &jobs[i]
		done, skipped, bytes = done+j.FilesDone, skipped+j.FilesSkipped, bytes+j.BytesDone
		linked, proven = linked+j.Links, proven+j.FilesVerified
		if j.FilesDone > 0 {
			weakest = weaker(weakest, j.Verified)
		}
		if j.State == backend.JobCancelled {
			cancelled++
		}
	}
	line = plural(done, "file", "files") + ", " + cell.Size(bytes)
	if took := worked(jobs); took > 0 {
		line += " in " + Took(took)
	}
	if done > 0 {
		line = join(line, checked(weakest, proven, done))
	}
	if skipped > 0 {
		line = join(line, cell.Count(skipped)+" left out")
	}
	line += links(", ", linked)
	if cancelled > 0 {
		line = join(line, plural(cancelled, "transfer", "transfers")+" cancelled")
	}
	if failed, names := Failures(jobs); failed > 0 {
		return cell.Count(failed) + " failed: " + names + "; " + line, false
	}
	return line, cancelled == 0
}

// Failures counts what has failed of transfers and names the first.
func Failures(jobs []backend.JobSnapshot) (failed int, names string) {
	var all []string
	for i := range jobs {
		j := &jobs[i]
		failed += j.FilesFailed
		if j.FilesFailed > 0 || j.State == backend.JobFailed {
			all = append(all, failures(j)...)
		}
	}
	failed = max(failed, len(all))
	named := all[:min(len(all), namedFailures)]
	names = strings.Join(named, ", ")
	if more := failed - len(named); more > 0 && len(named) > 0 {
		names += " and " + plural(more, "other", "others")
	}
	return failed, names
}

// worked is the time in which at least one of the transfers ran: what was queued
// hours later does not count the hours.
func worked(jobs []backend.JobSnapshot) time.Duration {
	type span struct{ from, to time.Time }
	spans := make([]span, 0, len(jobs))
	for i := range jobs {
		if j := &jobs[i]; !j.Started.IsZero() && j.Ended.After(j.Started) {
			spans = append(spans, span{j.Started, j.Ended})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	var sum time.Duration
	var until time.Time
	for _, s := range spans {
		if s.from.Before(until) {
			s.from = until
		}
		if s.to.After(s.from) {
			sum, until = sum+s.to.Sub(s.from), s.to
		}
	}
	return sum
}

// failures names what failed of a transfer, as far as the snapshot holds it.
func failures(j *backend.JobSnapshot) []string {
	var out []string
	for _, it := range j.Items {
		if it.State == backend.JobFailed {
			out = append(out, pathutil.DisplayName(it.Name))
		}
	}
	if len(out) == 0 {
		out = append(out, Label(j))
	}
	return out
}

// weaker is the verdict that says less; a content that differs is the worst.
func weaker(a, b backend.Verification) backend.Verification {
	if a == backend.Mismatch || b == backend.Mismatch {
		return backend.Mismatch
	}
	return min(a, b)
}

func checked(weakest backend.Verification, proven, files int) string {
	if weakest == backend.SizeOnly && proven > 0 {
		return cell.Count(proven) + " of them verified"
	}
	word := map[backend.Verification]string{
		backend.Verified: "verified", backend.SizeOnly: "only their size checked", backend.Mismatch: "not all verified", backend.Unverified: "not verified",
	}[weakest]
	if weakest == backend.Verified && files > 1 {
		return "all verified"
	}
	return word
}

// Took writes how long something took: "0.3 s", "41 s", "2:04".
func Took(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return duration(d)
	case d < time.Minute:
		return seconds(d.Truncate(time.Second))
	}
	return cell.Left(d)
}
