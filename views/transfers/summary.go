package transfers

import (
	"strings"
	"time"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui/cell"
)

// namedFailures is how many failures a summary names.
const namedFailures = 2

// Summary sums up transfers that have ended in one line: "12 files, 2.3 GB in
// 41 s, all verified". Failures are named; well tells that there are none.
func Summary(jobs []backend.JobSnapshot) (line string, well bool) {
	var done, failed, skipped, linked, cancelled int
	var bytes int64
	var began, ended time.Time
	weakest := backend.Verified
	var names []string
	for i := range jobs {
		j := &jobs[i]
		done, failed, skipped, bytes = done+j.FilesDone, failed+j.FilesFailed, skipped+j.FilesSkipped, bytes+j.BytesDone
		linked += j.Links
		if !j.Started.IsZero() && (began.IsZero() || j.Started.Before(began)) {
			began = j.Started
		}
		if j.Ended.After(ended) {
			ended = j.Ended
		}
		if j.FilesDone > 0 {
			weakest = weaker(weakest, j.Verified)
		}
		if j.State == backend.JobCancelled {
			cancelled++
		}
		if j.FilesFailed > 0 || j.State == backend.JobFailed {
			names = append(names, failures(j)...)
		}
	}
	line = plural(done, "file", "files") + ", " + cell.Size(bytes)
	if took := ended.Sub(began); !began.IsZero() && took > 0 {
		line += " in " + Took(took)
	}
	if done > 0 {
		line = join(line, checked(weakest, done))
	}
	if skipped > 0 {
		line = join(line, cell.Count(skipped)+" left out")
	}
	line += links(", ", linked)
	if cancelled > 0 {
		line = join(line, plural(cancelled, "transfer", "transfers")+" cancelled")
	}
	failed = max(failed, len(names))
	if failed == 0 {
		return line, cancelled == 0
	}
	line = join(line, cell.Count(failed)+" failed: ")
	named := names[:min(len(names), namedFailures)]
	line += strings.Join(named, ", ")
	if more := failed - len(named); more > 0 {
		line += " and " + plural(more, "other", "others")
	}
	return line, false
}

// failures names what failed of a transfer, as far as the snapshot holds it.
func failures(j *backend.JobSnapshot) []string {
	var out []string
	for _, it := range j.Items {
		if it.State == backend.JobFailed {
			out = append(out, pathutil.Display(it.Name))
		}
	}
	if len(out) == 0 {
		out = append(out, pathutil.Display(j.Label))
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

func checked(weakest backend.Verification, files int) string {
	word := map[backend.Verification]string{
		backend.Verified: "verified", backend.SizeOnly: "checked at least by size", backend.Mismatch: "not all verified", backend.Unverified: "not verified",
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
