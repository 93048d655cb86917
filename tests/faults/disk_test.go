//go:build unix

package faults

import (
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// diskFull runs the program with a limit on the size of files, which needs no
// rights and looks to it like a full disk; then without.
func diskFull(o *round) {
	o.t.Helper()
	whole := o.tree.size() / 512 // sh counts blocks
	o.limit = whole/4 + o.rnd.Int64N(whole/2)
	o.full(o.start().wait())
	o.limit = 0
	o.finish(1)
}

// full expects the failure of a full disk, which ends the file and not more.
func (o *round) full(r result) {
	o.t.Helper()
	if r.code != 4 || r.summary().Error == nil || r.summary().Error.Class != "LocalDiskError" {
		o.t.Fatalf("the disk is full, and yet: %s", r)
	}
	o.clear(r)
	o.look()
	o.proxy.charge() // what came and could not be written
}

// smallDisks are the ways of smallDisk: none where this process may not mount.
func smallDisks() []way {
	dir, err := os.MkdirTemp("", "ferry-mount-")
	if err != nil {
		return nil
	}
	defer os.RemoveAll(dir)
	if exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir).Run() != nil {
		return nil
	}
	if exec.Command("umount", dir).Run() != nil {
		return nil
	}
	return []way{downLarge, downSmall}
}

// smallDisk downloads to a file system that is too small; then it grows.
func smallDisk(o *round) {
	o.t.Helper()
	if err := os.MkdirAll(o.from, 0o700); err != nil {
		o.t.Fatal(err)
	}
	mount := func(args ...string) {
		o.t.Helper()
		if out, err := exec.Command("mount", append(args, "-t", "tmpfs", "tmpfs", o.from)...).CombinedOutput(); err != nil {
			o.t.Fatalf("mount: %v %s", err, out)
		}
	}
	mount("-o", fmt.Sprintf("size=%d", o.tree.size()/4+o.rnd.Int64N(o.tree.size()/2)))
	umount := func() { _ = exec.Command("umount", o.from).Run() }
	o.t.Cleanup(umount)
	o.after = umount
	o.full(o.start().wait())
	mount("-o", fmt.Sprintf("remount,size=%d", 2*o.tree.size()+8<<20))
	o.finish(1)
}

// targetChanged lets somebody else put another file where one is to go that has
// not arrived. It is replaced, as the command says, and never added to.
func targetChanged(o *round) {
	o.t.Helper()
	if !o.killed() {
		return
	}
	there := o.other()
	others := tree{}
	for _, name := range o.tree.names() {
		if _, ok := there[name]; !ok && len(others) < 3 {
			others[name] = noise(o.rnd, o.rnd.IntN(len(o.tree[name])+1000))
		}
	}
	o.or = []tree{others}
	if o.way.up && len(others) > 0 { // all may have arrived in the moment of the kill
		o.fill(others)
	} else {
		others.write(o.t, o.from)
	}
	o.finish(1)
}

// partialChanged changes a byte of what has arrived of an unfinished file.
func partialChanged(o *round) {
	o.t.Helper()
	if !o.killed() {
		return
	}
	var partials []string
	if _, err := os.Stat(o.from); err == nil {
		_, partials = onDisk(o.t, o.from)
	}
	for _, name := range partials {
		f, err := os.OpenFile(filepath.Join(o.from, name), os.O_RDWR, 0)
		if err != nil {
			o.t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			o.t.Fatal(err)
		}
		if info.Size() > 0 {
			at, b := o.rnd.Int64N(info.Size()), []byte{0}
			if _, err := f.ReadAt(b, at); err != nil {
				o.t.Fatal(err)
			}
			b[0] ^= 1
			if _, err := f.WriteAt(b, at); err != nil {
				o.t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			o.t.Fatal(err)
		}
	}
	o.proxy.charge()
	o.finish(1)
}

// another changes some files of the source: content, perhaps size, and time.
func (o *round) another() tree {
	changes := tree{}
	for _, name := range o.tree.names() {
		if o.way.small && o.rnd.IntN(10) > 0 {
			continue
		}
		n := len(o.tree[name])
		if o.rnd.IntN(2) == 0 {
			n = o.rnd.IntN(n+1000) + 1
		}
		changes[name] = noise(o.rnd, n)
	}
	return changes
}

// change carries changes of the source out.
func (o *round) change(changes tree) {
	o.t.Helper()
	before := tree{}
	after := tree{}
	for name, b := range o.tree {
		before[name], after[name] = b, b
	}
	later := changed.Add(time.Duration(1+o.rnd.IntN(1000)) * time.Hour)
	if o.way.up {
		for name, b := range changes {
			fresh := filepath.Join(o.home, "fresh")
			writeFile(o.t, fresh, b, later)
			if err := os.Rename(fresh, filepath.Join(o.from, name)); err != nil {
				o.t.Fatal(err)
			}
		}
	} else if len(changes) > 0 { // of few files none may have been chosen
		tmp := filepath.Join(o.home, "later")
		for name, b := range changes {
			writeFile(o.t, filepath.Join(tmp, name), b, later)
		}
		o.put(tmp)
	}
	for name, b := range changes {
		after[name] = b
	}
	o.or, o.tree = append(o.or, before), after
	o.proxy.charge()
}

// sourceChanged changes the source between two runs.
func sourceChanged(o *round) {
	o.t.Helper()
	o.killed()
	o.change(o.another())
	o.last = result{}
	o.finish(1)
}

// sourceChanges changes the source while it is read. What arrives then is one or
// the other, and the same command afterwards brings the new one. A file that changes
// once on the site starts over; that is no failure.
func sourceChanges(o *round) {
	o.t.Helper()
	o.proxy.hold(line)
	p := o.start()
	p.moment()
	o.change(o.another())
	if r := p.wait(); r.code != 0 {
		if !o.way.up {
			o.t.Fatalf("it did not start over: %s", r)
		}
		o.clear(r)
	}
	o.look()
	o.proxy.charge()
	o.last = result{}
	o.finish(2)
}

// reboot copies what the program keeps at a random moment and lets it go on from
// there later: whatever it did since is lost on this side, not on the other.
func reboot(o *round) {
	o.t.Helper()
	o.proxy.hold(line)
	before := o.proxy.requests()
	p := o.start()
	if !p.begun(before) || !p.moment() {
		p.wait()
		o.finish(1)
		return
	}
	p.signal(syscall.SIGSTOP)
	for deadline := time.Now().Add(patience); !p.stopped(); {
		if time.Now().After(deadline) {
			o.t.Fatal("it does not stop")
		}
	}
	at := time.Now()
	landed := o.landed()
	kept := filepath.Join(o.home, "kept")
	copyTree(o, o.state(), filepath.Join(kept, "state"))
	if !o.way.up {
		copyTree(o, o.from, filepath.Join(kept, "files"))
	}
	p.signal(syscall.SIGCONT)
	p.moment()
	p.signal(syscall.SIGKILL)
	p.wait()
	for from, to := range map[string]string{"state": o.state(), "files": o.from} {
		if from == "files" && o.way.up {
			continue
		}
		if err := os.RemoveAll(to); err != nil {
			o.t.Fatal(err)
		}
		copyTree(o, filepath.Join(kept, from), to)
	}
	o.proxy.kill(at, landed)
	if o.way.up && !o.way.small && len(o.remote()) > 0 {
		o.proxy.charge() // it was finished meanwhile, and the parts are gone
	}
	o.look()
	o.last = result{}
	o.finish(1)
}

// stopped tells whether the process has been stopped.
func (p *running) stopped() bool {
	pid := fmt.Sprint(p.cmd.Process.Pid)
	if runtime.GOOS == "linux" { // which need not have ps
		b, err := os.ReadFile("/proc/" + pid + "/stat")
		_, state, _ := strings.Cut(string(b), ") ")
		return err != nil || strings.HasPrefix(state, "T")
	}
	out, err := exec.Command("ps", "-o", "state=", "-p", pid).Output()
	return err != nil || strings.HasPrefix(strings.TrimSpace(string(out)), "T")
}

// copyTree copies a folder with its times; one that is missing stays so.
func copyTree(o *round, from, to string) {
	o.t.Helper()
	if _, err := os.Stat(from); err != nil {
		return
	}
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		writeFile(o.t, filepath.Join(to, rel), b, info.ModTime())
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// forgetUploads takes the unfinished uploads out of the site's database.
func (o *round) forgetUploads() {
	o.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(o.data, "site.db"))
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"parts", "uploads"} {
		if _, err := db.Exec(`DELETE FROM ` + table); err != nil {
			o.t.Fatal(err)
		}
	}
}
