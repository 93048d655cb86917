package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxMoments bounds how many moments at which something is due a clock that is
// put forward stops at; what is left is as if the site had slept through it.
const maxMoments = 2000

// The clock is set to a time between these: what is counted in nanoseconds since
// 1970 does not reach much further.
var (
	firstMoment = time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)
	lastMoment  = time.Date(2261, 1, 1, 0, 0, 0, 0, time.UTC)
)

// now is the time of the site, in whole seconds of UTC as it is sent.
func (s *Server) now() time.Time {
	return s.clock().Add(time.Duration(s.shift.Load())).UTC().Truncate(time.Second)
}

// loadClock takes over how the clock was set when the site was open before.
func (s *Server) loadClock(ctx context.Context) error {
	text, err := s.db.meta(ctx, "clock_shift", "0")
	if err != nil {
		return err
	}
	shift, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("setting clock_shift: %w", err)
	}
	s.shift.Store(shift)
	return nil
}

// SetTime sets the clock of the site, which then goes on from there. Put
// forward it stops on its way wherever an automation is due, so that three days
// bring three daily runs; put back it only shows another time. The data folder
// remembers it. A time that the clock cannot hold is refused.
func (s *Server) SetTime(ctx context.Context, to time.Time) error {
	real := s.clock()
	if to.Before(firstMoment) || to.After(lastMoment) || !real.Add(to.Sub(real)).Equal(to) {
		return badParam("now", "a time from "+firstMoment.Format(time.DateOnly)+" to "+lastMoment.Format(time.DateOnly))
	}
	s.setting.Lock()
	defer s.setting.Unlock()
	set := func(t time.Time) { s.shift.Store(int64(t.Sub(s.clock()))) }
	from := s.now()
	if to.Before(from) {
		set(to)
		s.records.runner.forgetPlans()
	}
	for range maxMoments {
		at, err := s.records.runner.nextMoment(ctx, s.now())
		if err != nil {
			return err
		}
		if at.IsZero() || at.After(to) {
			break
		}
		set(at)
		if err := s.records.runner.stepThrough(ctx, at); err != nil {
			return err
		}
	}
	set(to)
	shift := s.shift.Load()
	if err := s.db.setMeta(ctx, "clock_shift", strconv.FormatInt(shift, 10)); err != nil {
		return err
	}
	return s.records.runner.stepThrough(ctx, s.now())
}

// forgetPlans makes the runner find out anew when the clock starts what.
func (r *automationRunner) forgetPlans() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.next)
}

// nextMoment is the first moment after now at which a run begins, goes on or is
// tried again; zero when there is none.
func (r *automationRunner) nextMoment(ctx context.Context, now time.Time) (time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(ctx); err != nil {
		return time.Time{}, err
	}
	if err := r.schedule(ctx, now); err != nil {
		return time.Time{}, err
	}
	var first time.Time
	take := func(at time.Time) {
		if at.After(now) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	for _, at := range r.next {
		take(at)
	}
	for _, id := range r.syncs {
		run, err := r.api.store.get(ctx, "sync_run", id)
		if err == nil {
			created, _ := run.doc["created_at"].(time.Time)
			take(created.Add(runQueuedFor))
		} else if !errors.Is(err, errNoRecord) {
			return time.Time{}, err
		}
	}
	for i, ids := range [][]int64{r.active, r.retry} {
		for _, id := range ids {
			run, err := r.api.store.get(ctx, "automation_run", id)
			if errors.Is(err, errNoRecord) {
				continue
			}
			if err != nil {
				return time.Time{}, err
			}
			if i == 1 {
				at, _ := run.doc["retry_at"].(time.Time)
				take(at)
				continue
			}
			created, _ := run.doc["created_at"].(time.Time)
			take(created.Add(runQueuedFor))
			take(created.Add(runQueuedFor + runRunningFor))
		}
	}
	return first, nil
}

// clockSetting is what the control endpoint takes and shows.
type clockSetting struct {
	Now     *time.Time `json:"now,omitempty"`     // the time of the site
	Advance string     `json:"advance,omitempty"` // to put it forward: "36h"
	Shift   string     `json:"shift,omitempty"`   // how far it is off the real time, in answers
}

// serveClock is GET, POST and DELETE of /_ferry/clock.
func (c *call) serveClock() error {
	switch c.r.Method {
	case http.MethodGet:
	case http.MethodDelete:
		if err := c.s.SetTime(c.ctx, c.s.clock()); err != nil {
			return err
		}
	case http.MethodPost:
		to, err := c.readClock()
		if err != nil {
			return err
		}
		if err := c.s.SetTime(c.ctx, to); err != nil {
			return err
		}
	default:
		return wireErrorf("bad-request/method-not-allowed", "%s is not allowed here", c.r.Method)
	}
	now := c.s.now()
	b, err := json.Marshal(clockSetting{Now: &now, Shift: time.Duration(c.s.shift.Load()).Round(time.Second).String()})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, b)
}

func (c *call) readClock() (time.Time, error) {
	var in clockSetting
	d := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, 1<<12))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil && !errors.Is(err, io.EOF) {
		return time.Time{}, wireErrorf("bad-request/invalid-body", "The clock cannot be read: %v", err)
	}
	switch {
	case in.Now != nil && in.Advance == "":
		return in.Now.UTC(), nil
	case in.Now == nil && in.Advance != "":
		by, err := time.ParseDuration(in.Advance)
		if err != nil {
			return time.Time{}, badParam("advance", "a duration, such as 36h")
		}
		return c.s.now().Add(by), nil
	}
	return time.Time{}, badParam("now or advance", "given, one of them")
}
