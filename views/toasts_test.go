package views

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
)

// told plays the turns of toasts to their end and gives what was shown.
func told(a *App) []string {
	var out []string
	for a.toasts.shown.text != "" {
		if n := len(out); n == 0 || out[n-1] != a.toasts.shown.text {
			out = append(out, a.toasts.shown.text)
		}
		id := a.toasts.id
		a.Update(turnEnds{id, true})
		a.Update(turnEnds{id, false})
	}
	return out
}

func TestToastsOneUponTheOtherAreAllShown(t *testing.T) {
	a, _ := withProbe(t)
	a.say(ui.Note, "a.csv queued for /Finance")
	a.say(ui.Warning, "Failed: a.csv: You may not write here")
	a.say(ui.Success, "Uploaded b.csv")
	a.say(ui.Success, "Uploaded b.csv") // once is enough
	if s := cell.Strip(a.lastLine()); !strings.Contains(s, "a.csv queued for /Finance +2 ") {
		t.Errorf("the first does not stay, or not with the number of the others: %q", s)
	}
	want := []string{"a.csv queued for /Finance", "Failed: a.csv: You may not write here", "Uploaded b.csv"}
	if got := told(a); !slices.Equal(got, want) {
		t.Errorf("shown %q", got)
	}
	if got := cell.Width(a.lastLine()); got != a.w {
		t.Errorf("the line takes %d of %d", got, a.w)
	}
}

func TestNewsDoesNotCutAWarningShort(t *testing.T) {
	a, _ := withProbe(t)
	a.say(ui.Warning, "Failed: a.csv")
	a.Update(turnEnds{a.toasts.id, true}) // it could be read
	a.say(ui.Success, "Uploaded b.csv")
	if got := a.toasts.shown.text; got != "Failed: a.csv" {
		t.Errorf("a warning gave way to %q", got)
	}
	a.say(ui.Warning, "Failed: c.csv")
	if got := a.toasts.shown.text; got != "Failed: c.csv" {
		t.Errorf("after a warning that was read the next one waits behind news: %q", got)
	}
	if got := told(a); !slices.Equal(got, []string{"Failed: c.csv", "Uploaded b.csv"}) {
		t.Errorf("shown %q", got)
	}
}

func TestOfTooManyToastsNewsGoesFirst(t *testing.T) {
	a, _ := withProbe(t)
	a.say(ui.Note, "first")
	a.say(ui.Warning, "bad 1")
	for _, s := range []string{"a", "b", "c", "d", "e", "f"} {
		a.say(ui.Success, s)
	}
	a.say(ui.Warning, "bad 2")
	if got := told(a); !slices.Equal(got, []string{"first", "bad 1", "bad 2", "e", "f"}) {
		t.Errorf("shown %q", got)
	}
	a.say(ui.Warning, "bad 0")
	for _, s := range []string{"bad 1", "bad 2", "bad 3", "bad 4", "bad 5"} {
		a.say(ui.Warning, s)
	}
	a.say(ui.Success, "news")
	if got := told(a); !slices.Equal(got, []string{"bad 0", "bad 2", "bad 3", "bad 4", "bad 5"}) {
		t.Errorf("shown %q", got)
	}
}

// The answer to a key is looked for at once; what it covers comes back.
func TestTheAnswerToAKeyDoesNotWait(t *testing.T) {
	a, p := withProbe(t)
	p.set = keymap.Of(keymap.Delete, keymap.Rename).Disable("you may not delete here", keymap.Delete).Disable("one at a time", keymap.Rename)
	a.say(ui.Warning, "Failed: a.csv")
	a.Update(key("d"))
	a.Update(key("r"))
	if got := told(a); !slices.Equal(got, []string{"One at a time", "Failed: a.csv"}) {
		t.Errorf("shown %q", got)
	}
	a.say(ui.Success, "Uploaded b.csv") // news is over for who goes on
	a.Update(key("d"))
	if got := told(a); !slices.Equal(got, []string{"You may not delete here"}) {
		t.Errorf("shown %q", got)
	}
}

// News does not fall behind the hands, but what went wrong still waits for eyes.
func TestWhoGoesOnSeesTheNewest(t *testing.T) {
	a, _ := withProbe(t)
	a.say(ui.Success, "job is disabled")
	a.Update(key("j"))
	a.say(ui.Success, "job is enabled")
	if got := told(a); !slices.Equal(got, []string{"job is enabled"}) {
		t.Errorf("shown %q", got)
	}
	a.say(ui.Warning, "Failed: a.csv")
	a.Update(key("j"))
	a.say(ui.Success, "job is disabled")
	if got := told(a); !slices.Equal(got, []string{"Failed: a.csv", "job is disabled"}) {
		t.Errorf("shown %q", got)
	}
}

// A turn ends though the session is gone: nothing would show the next one.
func TestATurnOutlastsTheSession(t *testing.T) {
	a, _ := withProbe(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a.env.Ctx = ctx
	a.env.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	for _, m := range messages(a.say(ui.Note, "first")) {
		a.Update(m)
	}
	if got := a.toasts.shown.text; got != "" {
		t.Errorf("%q never ends", got)
	}
}

// What is wrong with the settings is said at the start, and the program goes on.
func TestWarningsAreSaidAtTheStart(t *testing.T) {
	a, _ := withProbe(t)
	a.cfg.Warnings = []string{"x is both this and that", "y hides yy"}
	a.Init()
	s := screenOf(a)
	if !strings.Contains(s, "! x is both this and that +1") {
		t.Errorf("it does not say so:\n%s", s)
	}
	if log := strings.Join(a.logLines(), "\n"); !strings.Contains(log, "x is both this and that") || !strings.Contains(log, "y hides yy") {
		t.Errorf("the log has\n%s", log)
	}
}
