package users

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/ui"
	"ferry/ui/dialog"
	"ferry/ui/form"
)

const dayFormat = "2 Jan 2006"

const anyState = "any"

// filterForm asks what the site is to be asked for.
func (s *Screen) filterForm() tea.Cmd {
	f := s.asked
	state := map[string]string{"": anyState, "true": "disabled", "false": "enabled"}[f.disabled]
	var box *dialog.FormBox
	box = dialog.NewForm(s.env, dialog.FormSpec{
		Title: "Filter users", Verb: "filter",
		Fields: []form.Field{
			{Key: "prefix", Label: "Starts with", Value: f.prefix, Placeholder: "the beginning of the user name"},
			{Key: "admins", Label: "Site admins", Value: map[bool]string{false: "shown", true: "left out"}[f.notAdmin], Kind: form.Choice, Choices: []string{"shown", "left out"}},
			{Key: "before", Label: "Login before", Value: day8(f.before), Placeholder: "for example 2026-08-25, or 90d", Check: s.checkDate, Help: "Who never logged in is found by an audit."},
			{Key: "after", Label: "Login from", Value: day8(f.after), Placeholder: "for example 2026-08-25, or 90d", Check: s.checkDate},
			{Key: "state", Label: "State", Value: state, Kind: form.Choice, Choices: []string{anyState, "enabled", "disabled"}},
		},
		Submit: func(v, _ map[string]string) tea.Cmd {
			got := filters{
				prefix:   strings.TrimSpace(v["prefix"]),
				notAdmin: v["admins"] == "left out",
				disabled: map[string]string{"disabled": "true", "enabled": "false"}[v["state"]],
			}
			got.before, _ = s.date(v["before"])
			got.after, _ = s.date(v["after"])
			if !got.before.IsZero() && !got.after.IsZero() && !got.after.Before(got.before) {
				box.Fail(map[string][]string{"after": {"No day is both from this one on and before the other one."}}, "")
				return nil
			}
			return ui.Batch(box.Done(), ui.Say(filterMsg(got)))
		},
	})
	return ui.Open(box)
}

func day8(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// date reads a day as people write it: 2026-08-25, 25 Aug 2026, or 90d for so
// many days ago. Nothing typed is the zero time.
func (s *Screen) date(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, true
	}
	now := s.env.Now()
	if n, ok := strings.CutSuffix(text, "d"); ok {
		days, err := strconv.Atoi(strings.TrimSpace(n))
		if err != nil || days < 0 || days > 100*366 {
			return time.Time{}, false
		}
		y, m, d := now.Date()
		return time.Date(y, m, d-days, 0, 0, 0, 0, now.Location()), true
	}
	for _, layout := range []string{time.DateOnly, dayFormat, "2 January 2006"} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// checkDate says how a date is written when it is not one.
func (s *Screen) checkDate(text string) string {
	if _, ok := s.date(text); ok {
		return ""
	}
	return "Write a day as 2026-08-25 or 25 Aug 2026, or 90d for 90 days ago."
}
