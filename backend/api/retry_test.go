package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferry/backend"
)

func TestRepeat(t *testing.T) {
	get, post := &call{method: "GET"}, &call{method: "POST"}
	patch := &call{method: "PATCH", repeatable: true}
	put := &call{method: "PUT", storage: true, repeatable: true}
	status := func(n int, typ string) outcome {
		return outcome{err: &backend.Error{Status: n, Type: typ}, sent: true}
	}
	for _, tc := range []struct {
		name string
		r    *call
		o    outcome
		want bool
	}{
		{"get, broken", get, outcome{err: &backend.Error{}, sent: true}, true},
		{"post, broken after sending", post, outcome{err: &backend.Error{}, sent: true}, false},
		{"post, nothing sent", post, outcome{err: &backend.Error{}}, true},
		{"patch, broken after sending", patch, outcome{err: &backend.Error{}, sent: true}, true},
		{"get, untrusted", get, outcome{err: &backend.Error{}, permanent: true}, false},
		{"get 500", get, status(500, ""), true},
		{"get 501", get, status(501, ""), false},
		{"get 503", get, status(503, ""), true},
		{"post 503", post, status(503, ""), false},
		{"get 400", get, status(400, ""), false},
		{"get 404", get, status(404, "not-found"), false},
		{"get 408", get, status(408, ""), false},
		{"get 422", get, status(422, "service-unavailable/x"), false},
		{"post 429", post, status(429, "rate-limited/too-many-requests"), true},
		{"post 429 bare", post, status(429, ""), true},
		{"post 429 login", post, status(429, "rate-limited/too-many-login-attempts"), false},
		{"put slow down", put, status(503, "storage/SlowDown"), true},
		{"put timeout 400", put, status(400, "storage/RequestTimeout"), true},
		{"put denied", put, status(403, "storage/AccessDenied"), false},
		{"put slow down 404", put, status(404, "storage/SlowDown"), false},
	} {
		if got := repeat(tc.r, tc.o); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestBackoff(t *testing.T) {
	const half, two = 500 * time.Millisecond, 2 * time.Second
	for _, tc := range []struct {
		attempt int
		random  float64
		want    time.Duration
	}{
		{1, 0, half},
		{1, 0.99, half},
		{2, 0, half},
		{2, 1, time.Second},
		{3, 0, time.Second},
		{3, 1, two},
		{9, 1, two},
		{9, 0, time.Second},
	} {
		if got := backoff(tc.attempt, half, two, tc.random); got != tc.want {
			t.Errorf("attempt %d random %v: %v, want %v", tc.attempt, tc.random, got, tc.want)
		}
	}
	if got := backoff(60, time.Second, 500*time.Millisecond, 0.5); got != time.Second {
		t.Errorf("never below the initial delay, got %v", got)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tc := range []struct {
		header []string
		want   time.Duration
		ok     bool
	}{
		{nil, 0, false},
		{[]string{"soon"}, 0, false},
		{[]string{"-1"}, 0, false},
		{[]string{"5"}, 5 * time.Second, true},
		{[]string{" 0 "}, 0, true},
		{[]string{"5", "9"}, 5 * time.Second, true},
		{[]string{"5, 9"}, 5 * time.Second, true},
		{[]string{"60"}, time.Minute, true},
		{[]string{now.Add(8 * time.Second).Format(http.TimeFormat)}, 8 * time.Second, true},
		{[]string{now.Add(-time.Hour).Format(http.TimeFormat)}, 0, true},
		{[]string{"99999999999999999999"}, 0, false},
	} {
		got, ok := parseRetryAfter(http.Header{"Retry-After": tc.header}, now)
		if got != tc.want || ok != tc.ok {
			t.Errorf("%q: %v %v, want %v %v", tc.header, got, ok, tc.want, tc.ok)
		}
	}
}

func TestDelayDisregardsLongRetryAfter(t *testing.T) {
	if got := delay(outcome{retryAfter: 8 * time.Second}, 1, 1, 2, 0); got != 8*time.Second {
		t.Errorf("8 s must be honoured, got %v", got)
	}
	if got := delay(outcome{retryAfter: time.Minute}, 1, time.Second, 2*time.Second, 0); got != time.Second {
		t.Errorf("60 s must be disregarded, got %v", got)
	}
}

func TestSignedUntil(t *testing.T) {
	for _, tc := range []struct{ query, want string }{
		{"X-Amz-Date=20260102T030405Z&X-Amz-Expires=60", "2026-01-02T03:05:05Z"},
		{"X-Amz-Date=20260102T030405Z", ""},
		{"X-Amz-Date=20260102T030405Z&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60", ""},
		{"X-Amz-Date=tomorrow&X-Amz-Expires=60", ""},
		{"X-Files-Date=20260102T030405Z", "2026-01-02T03:04:05Z"},
		{"X-Files-Date=20260102T030405Z&X-Files-Expires=900", "2026-01-02T03:19:05Z"},
		{"X-Goog-Date=20260102T030405Z&X-Goog-Expires=1", "2026-01-02T03:04:06Z"},
		{"sp=se%3D2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"},
		{"sp=r&se=2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"},
		{"a=b", ""},
	} {
		got, ok := signedUntil(&url.URL{RawQuery: tc.query})
		if ok != (tc.want != "") || ok && got.Format(time.RFC3339) != tc.want {
			t.Errorf("%s: %v %v, want %q", tc.query, got, ok, tc.want)
		}
	}
}

// A call is repeated as often as configured, waits where it can be seen, and
// then gives up with the last error.
func TestRetriesAreVisibleAndBounded(t *testing.T) {
	var hits atomic.Int32
	var seen []string
	cfg := Config{Retries: 2, OnWait: func(w Wait) {
		seen = append(seen, fmt.Sprint(w.Op, " ", w.Attempt, " ", w.Delay, " ", w.Over))
	}}
	c, clock := site(t, cfg, func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.Header().Set("Retry-After", "3")
		reply(w, 503, `{"error":"busy","type":"service-unavailable/automations-unavailable"}`)
	})
	_, err := c.List(context.Background(), "", backend.FolderQuery{})
	e := wantError(t, err, backend.ClassAutomationsUnavailable)
	if e.Wait != 3*time.Second || e.Op != "list folder" {
		t.Errorf("wait %v op %q", e.Wait, e.Op)
	}
	if hits.Load() != 3 {
		t.Errorf("%d requests, want 3", hits.Load())
	}
	if got := clock.waits(); !slices.Equal(got, []time.Duration{3 * time.Second, 3 * time.Second}) {
		t.Errorf("waits %v", got)
	}
	want := "list folder 1 3s false|list folder 1 3s true|list folder 2 3s false|list folder 2 3s true"
	if got := strings.Join(seen, "|"); got != want {
		t.Errorf("seen %q, want %q", got, want)
	}
}

func TestRetryBudget(t *testing.T) {
	var hits atomic.Int32
	c, _ := site(t, Config{Retries: 50, RetryBudget: 10 * time.Second}, func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.Header().Set("Retry-After", "4")
		reply(w, 500, "")
	})
	_, err := c.Find(context.Background(), "a")
	wantError(t, err, backend.ClassAPIConnection)
	if hits.Load() != 3 {
		t.Errorf("%d requests, want 3: two waits of 4 s fit into 10 s", hits.Load())
	}
}

func TestUnsafeCallIsSentOnce(t *testing.T) {
	var hits atomic.Int32
	c, _ := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		reply(w, 500, `{"error":"oops","http-code":"500"}`)
	})
	_, err := c.Mkdir(context.Background(), "a", false)
	wantError(t, err, backend.ClassAPI)
	if hits.Load() != 1 {
		t.Errorf("%d requests, want 1", hits.Load())
	}
}

func TestWaitCanBeCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c, _ := site(t, Config{Clock: wallClock{}, OnWait: func(Wait) { cancel() }}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "20")
		reply(w, 429, "")
	})
	_, err := c.Find(ctx, "a")
	if !backend.Cancelled(err) {
		t.Fatalf("not cancelled: %v", err)
	}
	if !strings.Contains(err.Error(), "Cancelled") {
		t.Errorf("message %q", err)
	}
}
