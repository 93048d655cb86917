package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ferry/backend/server/world"
)

// heldTree stands still in its first copy until it is let go.
type heldTree struct {
	treeOps
	in, out chan struct{}
}

func (h *heldTree) Copy(ctx context.Context, user int64, from, to string, overwrite bool) error {
	select {
	case <-h.in: // not the first
	default:
		close(h.in)
		<-h.out
	}
	return h.treeOps.Copy(ctx, user, from, to, overwrite)
}

// Work goes on when who has asked for it goes away, and nobody waits for a lock
// meanwhile. A run that is canceled stops, and stays canceled.
func TestRunsWorkOnTheirOwn(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		b := newBox(t, world.Empty(testPresent))
		b.tree.add("In/a.csv")
		b.tree.add("In/b.csv")
		held := &heldTree{b.tree, make(chan struct{}), make(chan struct{})}
		b.api.tree = held
		a := b.object("POST", "/automations", map[string]any{"automation": "copy_file", "trigger": "manual", "path": "In", "source": "*.csv", "destinations": []string{"Out/"}})
		b.object("POST", fmt.Sprintf("/automations/%v/manual_run", a["id"]), nil)
		b.wait(10 * time.Second)

		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() { left <- b.api.runner.stepThrough(ctx, b.clock()) }()
		<-held.in
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who goes away gets %v", err)
		}
		id, err := b.api.store.find(t.Context(), "automation_run", func(*record) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		// This takes the lock.
		b.object("POST", fmt.Sprintf("/automations/%v/manual_run", a["id"]), nil)
		status, files := "success", "In/a.csv In/b.csv Out/a.csv Out/b.csv"
		if cancel {
			status, files = "canceled", "In/a.csv In/b.csv Out/a.csv"
			if _, err := b.api.runner.cancel(t.Context(), id, b.clock()); err != nil {
				t.Fatal(err)
			}
		}
		close(held.out)
		if err := b.api.runner.stepThrough(t.Context(), b.clock()); err != nil {
			t.Fatal(err)
		}
		run, err := b.api.store.get(t.Context(), "automation_run", id.id)
		if err != nil || run.doc["status"] != status || run.doc["failed_operations"] != int64(0) {
			t.Errorf("the run ended as %v %v", run.doc, err)
		}
		if got := strings.Join(b.paths(), " "); got != files {
			t.Errorf("the tree has %s", got)
		}
	}
}

// A panic in the work of a run is an error for who asks, and the end of nothing.
func TestAPanicInARun(t *testing.T) {
	b := newBox(t, world.Empty(testPresent))
	b.tree.add("In/a.csv")
	b.api.tree = &heldTree{b.tree, nil, nil} // closing a nil channel panics
	a := b.object("POST", "/automations", map[string]any{"automation": "copy_file", "trigger": "manual", "path": "In", "source": "*.csv", "destinations": []string{"Out/"}})
	b.object("POST", fmt.Sprintf("/automations/%v/manual_run", a["id"]), nil)
	b.wait(10 * time.Second)
	if err := b.api.runner.stepThrough(t.Context(), b.clock()); err == nil || !strings.Contains(err.Error(), "panic") {
		t.Errorf("it says %v", err)
	}
	b.api.tree = b.tree
	if runs := b.runs(a["id"]); runs[0]["status"] != "success" {
		t.Errorf("tried again it is %v", runs[0]["status"])
	}
}

// lines reads a log by its address.
func (x *site) lines(uri any) (out []map[string]any) {
	x.t.Helper()
	s, _ := uri.(string)
	if s == "" {
		x.t.Fatalf("the address of the log is %v", uri)
	}
	for l := range strings.Lines(string(x.send("GET", s, nil).want(200).body)) {
		var m map[string]any
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			x.t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// The logs of runs can be fetched at their addresses, and at no other.
func TestRunLogs(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("src/a.txt", "a").want(201)
	s := x.do("POST", "/syncs", map[string]any{"name": "s", "src_path": "src", "dest_path": "dest"}).want(201).object()
	run := x.synced(s["id"], "manual_run")
	if l := x.lines(run["log_url"]); len(l) != 1 || l[0]["type"] != "sync" || l[0]["operation"] != "copy" || l[0]["path"] != "src/a.txt" || l[0]["status"] != "success" {
		t.Errorf("the log of the sync is %v", l)
	}
	id := x.run(map[string]any{"automation": "copy_file", "path": "src", "source": "*", "destinations": []string{"out/"}}, false)
	if o := x.do("GET", "/automation_runs/"+id, nil).want(200).object(); o["status_messages_url"] != nil {
		t.Errorf("a run that has not ended has a log: %v", o)
	}
	x.pass(5 * time.Second)
	o := x.do("GET", "/automation_runs/"+id, nil).want(200).object()
	if l := x.lines(o["status_messages_url"]); len(l) != 1 || l[0]["type"] != "automation" || l[0]["operation"] != "copy" || l[0]["path"] != "src/a.txt" || l[0]["dest_path"] != "out/a.txt" {
		t.Errorf("the log of the automation is %v", l)
	}
	uri, _ := o["status_messages_url"].(string)
	x.send("GET", strings.Replace(uri, "/automation/"+id+"?", "/sync/"+id+"?", 1), nil).want(403)
	x.pass(2 * time.Hour)
	x.send("GET", uri, nil).want(403)
}

// A sync carries all files, however many they are.
func TestSyncOfMany(t *testing.T) {
	b := newBox(t, world.Empty(testPresent))
	const all = 2100
	for i := range all {
		b.tree.add(fmt.Sprintf("src/f%04d", i))
	}
	s := b.object("POST", "/syncs", map[string]any{"name": "s", "src_path": "src", "dest_path": "dest"})
	b.object("POST", fmt.Sprintf("/syncs/%v/manual_run", s["id"]), nil)
	b.wait(10 * time.Second)
	if err := b.api.runner.stepThrough(t.Context(), b.clock()); err != nil {
		t.Fatal(err)
	}
	run := b.list("/sync_runs")[0]
	if run["status"] != "success" || run["successful_files"] != float64(all) {
		t.Errorf("the run is %v", run)
	}
	if n := len(b.paths()); n != 2*all {
		t.Errorf("%d files are there", n)
	}
	if n := len(b.list("/sync_logs?per_page=1000")); n != 1000 {
		t.Errorf("the first page of the log has %d lines", n)
	}
}

// The log of a migration of more files than it holds says so.
func TestLongMigrationLog(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	const some, doubled = 35, 6 // 2240 files
	for i := range some {
		x.upload(fmt.Sprintf("src/0/f%02d", i), "x").want(201)
	}
	who := editor{now: x.s.now()}
	for i := range doubled {
		for j := range 1 << i {
			r := relocation{from: fmt.Sprintf("src/%d", j), to: fmt.Sprintf("src/%d", 1<<i+j)}
			if _, err := x.s.tree.relocate(t.Context(), r, who); err != nil {
				t.Fatal(err)
			}
		}
	}
	l, err := x.s.migrations.lines(t.Context(), relocation{from: "src", to: "copy"})
	if err != nil {
		t.Fatal(err)
	}
	last, _ := l[len(l)-1]["message"].(string)
	const left = some<<doubled + 1<<doubled + 1 - maxMigrationLog
	if len(l) != maxMigrationLog+1 || !strings.Contains(last, fmt.Sprintf(" %d files and folders more", left)) {
		t.Errorf("the log has %d lines and ends with %q", len(l), last)
	}
}
