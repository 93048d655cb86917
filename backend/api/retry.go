package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/backend"
)

// outcome is how an attempt went, as far as a repetition is concerned.
type outcome struct {
	err        *backend.Error
	sent       bool          // something may have reached the site
	retryAfter time.Duration // what the answer asks for; negative when it does not
	permanent  bool          // a network error that the next attempt would meet again
}

// repeat tells whether a call may be tried again after an attempt (PROTOCOL.md
// 7, the safe reading): network errors, 429 and 5xx except 501; and, unless the
// call is safe to repeat, only if nothing was sent or the site refused to look
// at it.
func repeat(r *call, o outcome) bool {
	e := o.err
	switch {
	case o.permanent, r.once:
		return false
	case e.Status == 0:
		return !o.sent || r.safe()
	case e.Status == http.StatusTooManyRequests:
		return !finalRefusal(e.Type)
	case r.storage && storageRetryable(e):
		return r.safe()
	case e.Status >= 500 && e.Status != http.StatusNotImplemented:
		return r.safe()
	}
	return false
}

// finalRefusal tells the refusals among the 429 that waiting does not mend, or
// that repeating makes worse.
func finalRefusal(wireType string) bool {
	switch wireType {
	case "rate-limited/too-many-login-attempts", "rate-limited/too-many-concurrent-logins",
		"rate-limited/reauthentication-rate-limited", "rate-limited/duplicate-share-recipient",
		"rate-limited/too-many-shares":
		return true
	}
	return false
}

// storageRetryable knows the codes of storage hosts that mean "again, please"
// (PROTOCOL.md 7).
func storageRetryable(e *backend.Error) bool {
	code, ok := strings.CutPrefix(e.Type, storageType)
	return ok && slices.Contains([]string{
		"RequestTimeout", "InternalError", "TemporarilyUnavailable", "ServiceUnavailable",
		"SlowDown", "RequestLimitExceeded", "DatabaseTimeout",
	}, code) && slices.Contains([]int{400, 403, 429, 500, 503}, e.Status)
}

// backoff is the delay after the given attempt, counted from 1: doubling from
// initial up to limit, spread over the upper half by random in [0, 1), never
// below initial (PROTOCOL.md 7).
func backoff(attempt int, initial, limit time.Duration, random float64) time.Duration {
	d := initial
	for range attempt - 1 {
		if d >= limit {
			break
		}
		d *= 2
	}
	d = min(d, max(limit, initial))
	return max(initial, time.Duration(float64(d)*(0.5+random/2)))
}

// delay is the wait before the next attempt. A Retry-After up to the cap is
// honoured, one beyond it disregarded.
func delay(o outcome, attempt int, initial, limit time.Duration, random float64) time.Duration {
	if o.retryAfter >= 0 && o.retryAfter <= RetryAfterMax {
		return o.retryAfter
	}
	return backoff(attempt, initial, limit, random)
}

// parseRetryAfter reads whole seconds or an HTTP date; of several values the
// first. A date in the past is 0. Ok is false for anything else.
func parseRetryAfter(h http.Header, now time.Time) (d time.Duration, ok bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0, false
	}
	if first, _, many := strings.Cut(v, ","); many {
		if _, err := strconv.ParseUint(strings.TrimSpace(first), 10, 31); err == nil {
			v = strings.TrimSpace(first)
		}
	}
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now)), true
	}
	return 0, false
}

// signedUntil reads the end of a signed address out of its query (PROTOCOL.md
// 9). Ok is false when the address tells none, or not clearly.
func signedUntil(u *url.URL) (time.Time, bool) {
	q := u.Query()
	const layout = "20060102T150405Z"
	for _, vendor := range []struct {
		name    string
		seconds bool // must be there
	}{{"X-Amz", true}, {"X-Files", false}, {"X-Goog", true}} {
		dates := q[vendor.name+"-Date"]
		if len(dates) == 0 {
			continue
		}
		t, err := time.Parse(layout, dates[0])
		if err != nil || len(dates) > 1 {
			return time.Time{}, false
		}
		expires := q[vendor.name+"-Expires"]
		if len(expires) == 0 {
			return t, !vendor.seconds
		}
		n, err := strconv.ParseUint(expires[0], 10, 31)
		if err != nil || len(expires) > 1 {
			return time.Time{}, false
		}
		return t.Add(time.Duration(n) * time.Second), true
	}
	se := q.Get("se")
	if se == "" {
		if inner, err := url.ParseQuery(q.Get("sp")); err == nil {
			se = inner.Get("se")
		}
	}
	t, err := time.Parse(time.RFC3339, se)
	return t, err == nil
}
