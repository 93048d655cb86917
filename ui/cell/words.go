package cell

import (
	"fmt"
	"strconv"
	"time"
)

var units = [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}

// Size writes a number of bytes in decimal units, as Files.com does: "18.4 MB".
// Less than nothing is unknown and written as a dash.
func Size(n int64) string {
	if n < 0 {
		return signs().Dash
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f, u := float64(n), 0
	for f >= 999.5 && u < len(units)-1 {
		f, u = f/1000, u+1
	}
	if f < 99.95 {
		return strconv.FormatFloat(f, 'f', 1, 64) + " " + units[u]
	}
	return strconv.FormatFloat(f, 'f', 0, 64) + " " + units[u]
}

// Count writes a number with commas: "12,000".
func Count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Rate writes bytes per second.
func Rate(bps float64) string { return Size(int64(max(bps, 0))) + "/s" }

// Left writes the time that work still takes: "2:04", "11:20:00", "1 d 20 h",
// "12 d": at most eight cells. It is a dash when it is not known.
func Left(d time.Duration) string {
	if d < 0 {
		return signs().Dash
	}
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 3600:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	case s < 24*3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	case s < 10*24*3600:
		return fmt.Sprintf("%d d %d h", s/86400, s/3600%24)
	}
	return fmt.Sprintf("%d d", s/86400)
}

// Ago writes a moment as people tell it: relative within a week, then as a
// date. The zero time is "never".
func Ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	t, now = t.Local(), now.Local()
	d := now.Sub(t)
	days := int(midnight(now).Sub(midnight(t)).Hours()/24 + 0.5)
	switch {
	case d < -time.Minute:
		return ahead(t, now)
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min ago"
	case days == 0:
		return t.Format("15:04")
	case days == 1:
		return "yesterday"
	case days < 7:
		return t.Format("Mon 15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}

// Day writes a moment in the least room: the time of a day of today, the day
// within half a year, else the year.
func Day(t, now time.Time) string {
	if t.IsZero() {
		return signs().Dash
	}
	t, now = t.Local(), now.Local()
	switch d := now.Sub(t); {
	case midnight(t).Equal(midnight(now)):
		return t.Format("15:04")
	case d < halfYear && d > -halfYear:
		return t.Format("2 Jan")
	}
	return t.Format("2006")
}

// ahead is Ago for what is still to come.
func ahead(t, now time.Time) string {
	d := t.Sub(now)
	switch {
	case d < time.Hour:
		return "in " + strconv.Itoa(int(d.Minutes()+0.5)) + " min"
	case midnight(t).Equal(midnight(now)):
		return t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// Moment writes a moment short, for columns, as ls does: "21 Nov 14:02" within
// half a year, else "21 Nov 2026". The zero time is a dash.
func Moment(t, now time.Time) string {
	if t.IsZero() {
		return signs().Dash
	}
	t, now = t.Local(), now.Local()
	if d := now.Sub(t); d < halfYear && d > -time.Hour {
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

const halfYear = 183 * 24 * time.Hour

// Stamp writes a moment exactly, in local time: "21 Nov 2026 14:02:11".
func Stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2 Jan 2006 15:04:05 MST")
}
