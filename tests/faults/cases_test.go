//go:build unix

package faults

import (
	"syscall"
	"time"
)

// line is the rate at which contents pass in the cases that need the time to
// strike: bytes a second.
const line = 24 << 20

var faults = []fault{
	{"kill the program", everyWay, killProgram},
	{"kill the site", everyWay, killSite},
	{"kill both", everyWay, killBoth},
	{"interrupt", everyWay, interrupt},
	{"reboot", everyWay, reboot},
	{"the session ends", everyWay, sessionEnds},
	{"too many requests", everyWay, storm(429)},
	{"unavailable", everyWay, storm(503)},
	{"cut off", everyWay, cutOff},
	{"corrupted", everyWay, corrupted},
	{"reset", everyWay, resets},
	{"slow", everyWay, slow},
	{"stalled", everyWay, stalled},
	{"expired addresses", everyWay, expired},
	{"forgotten uploads", []way{upLarge, upSmall}, forgotten},
	{"disk full", []way{downLarge}, diskFull},
	{"small disk", smallDisks(), smallDisk},
	{"target changed", everyWay, targetChanged},
	{"partial changed", []way{downLarge}, partialChanged},
	{"source changed", everyWay, sourceChanged},
	{"source changes", everyWay, sourceChanges},
}

func killProgram(o *round) {
	for range 1 + o.rnd.IntN(3) {
		if !o.killed() {
			break
		}
		o.look()
	}
	o.finish(1)
}

func killSite(o *round) {
	o.proxy.hold(line)
	p := o.start()
	for range 1 + o.rnd.IntN(2) {
		if !p.moment() {
			break
		}
		at := time.Now()
		o.site.Kill()
		o.lost(at) // what it has answered may not have reached the program
		time.Sleep(time.Duration(o.rnd.IntN(400)) * time.Millisecond)
		o.serve()
		o.look()
	}
	if r := p.wait(); r.code != 0 {
		o.clear(r)
		o.look()
		o.finish(1)
	}
}

func killBoth(o *round) {
	o.proxy.hold(line)
	p := o.start()
	if p.moment() {
		at := time.Now()
		if o.rnd.IntN(2) == 0 {
			p.kill()
			o.site.Kill()
		} else {
			o.site.Kill()
			time.Sleep(time.Duration(o.rnd.IntN(100)) * time.Millisecond)
			p.kill()
		}
		o.lost(at)
		o.serve()
		o.look()
	}
	if p.wait(); o.last.code > 0 {
		o.clear(o.last)
	}
	o.finish(1)
}

// interrupt ends the program the way people and systems do: it stops at once,
// says so, and has recorded all it has done.
func interrupt(o *round) {
	o.proxy.hold(line)
	for range 1 + o.rnd.IntN(2) {
		before := o.proxy.requests()
		p := o.start()
		if !p.begun(before) || !p.moment() {
			p.wait()
			break
		}
		sig := syscall.SIGINT
		if o.rnd.IntN(2) == 0 {
			sig = syscall.SIGTERM
		}
		at := time.Now()
		p.signal(sig)
		r := p.wait()
		if r.code == 0 || r.code == -1 && r.summary().State == "done" {
			break // it was just done, or so near its end that nobody listened any more
		}
		o.lost(at)
		if r.code != 130 {
			o.t.Fatalf("%v: %s", sig, r)
		}
		o.look()
	}
	o.finish(1)
}
