package transfer

import (
	"time"

	"ferry/backend"
)

// verdict is what becomes of a file whose target may exist.
type verdict uint8

const (
	write    verdict = iota // the name is free
	replace                 // write over the target
	skip                    // leave the target and do not transfer
	rename                  // take a free name
	question                // a person has to decide
	resume                  // go on behind the bytes that the target has
	clash                   // a folder stands where the file should go
)

// decide applies a policy. target is nil when nothing is there.
func decide(policy backend.Conflict, source backend.Entry, target *backend.Entry) verdict {
	if target == nil {
		return write
	}
	if target.IsDir() {
		if policy == backend.KeepBoth {
			return rename
		}
		return clash
	}
	switch policy {
	case backend.Overwrite:
		return replace
	case backend.Skip:
		return skip
	case backend.Newer:
		if seconds(source.Modified).After(seconds(target.Modified)) {
			return replace
		}
		return skip
	case backend.KeepBoth:
		return rename
	case backend.Resume:
		switch {
		case target.Size == source.Size && seconds(target.Modified).Equal(seconds(source.Modified)):
			return skip
		case target.Size == 0:
			return replace
		case target.Size < source.Size:
			return resume
		} // no beginning of the source is as long
	}
	return question
}

// seconds is the precision of the site.
func seconds(t time.Time) time.Time { return t.Truncate(time.Second) }
