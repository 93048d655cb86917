package server

import (
	"strconv"
	"strings"
	"time"
)

// clockTime reads "06:30"; an hour of -1 means every hour ("*:00").
func clockTime(s string) (hour, minute int, ok bool) {
	h, m, found := strings.Cut(s, ":")
	if !found {
		return 0, 0, false
	}
	minute, err := strconv.Atoi(m)
	if err != nil || minute < 0 || minute > 59 {
		return 0, 0, false
	}
	if h == "*" {
		return -1, minute, true
	}
	hour, err = strconv.Atoi(h)
	return hour, minute, err == nil && hour >= 0 && hour <= 23
}

// nextRun is the first moment after a time at which a clock starts an
// automation; zero when none does. zone is that of the site.
func nextRun(d map[string]any, after time.Time, zone func(time.Time) time.Time) time.Time {
	switch d["trigger"] {
	case "daily":
		interval, _ := d["interval"].(string)
		day := zone(after)
		// Midnights of the days to come; no interval is longer than a year.
		for range 367 {
			day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location())
			if fallsOn(interval, day, d) {
				return day.UTC()
			}
		}
	case "custom_schedule":
		days, _ := d["schedule_days_of_week"].([]any)
		times, _ := d["schedule_times_of_day"].([]any)
		day := zone(after)
		for range 8 {
			best := time.Time{}
			for _, v := range times {
				s, _ := v.(string)
				hour, minute, ok := clockTime(s)
				if !ok || !containsDay(days, day.Weekday()) {
					continue
				}
				from, to := hour, hour
				if hour < 0 {
					from, to = 0, 23
				}
				for h := from; h <= to; h++ {
					at := time.Date(day.Year(), day.Month(), day.Day(), h, minute, 0, 0, day.Location())
					if at.After(after) && (best.IsZero() || at.Before(best)) {
						best = at
					}
				}
			}
			if !best.IsZero() {
				return best.UTC()
			}
			day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location())
		}
	}
	return time.Time{}
}

func containsDay(days []any, want time.Weekday) bool {
	for _, v := range days {
		if n, ok := v.(int64); ok && time.Weekday(n) == want {
			return true
		}
	}
	return false
}

// fallsOn tells whether a day begins (or, with _end, is the last of) a period.
func fallsOn(interval string, day time.Time, d map[string]any) bool {
	recurring := map[int64]bool{}
	if n, ok := d["recurring_day"].(int64); ok && n > 0 {
		recurring[n] = true
	}
	if list, ok := d["recurring_days"].([]any); ok {
		for _, v := range list {
			if n, ok := v.(int64); ok {
				recurring[n] = true
			}
		}
	}
	tomorrow := day.AddDate(0, 0, 1)
	switch interval {
	case "week":
		return day.Weekday() == time.Monday
	case "week_end":
		return day.Weekday() == time.Sunday
	case "month":
		if len(recurring) > 0 {
			return recurring[int64(day.Day())]
		}
		return day.Day() == 1
	case "month_end":
		return tomorrow.Day() == 1
	case "quarter":
		return day.Day() == 1 && (day.Month()-1)%3 == 0
	case "quarter_end":
		return tomorrow.Day() == 1 && (tomorrow.Month()-1)%3 == 0
	case "year":
		return day.YearDay() == 1
	case "year_end":
		return tomorrow.YearDay() == 1
	}
	return interval == "day"
}
