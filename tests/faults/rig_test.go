//go:build unix

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ferry/tests/proc"
)

// patience bounds a run of the program. It is long because other machines are
// slow; nothing takes that long in passing.
const patience = 2 * time.Minute

// rig is a case in one of its ways: a site and the proxy before it.
type rig struct {
	t     *testing.T
	fault fault
	way   way
	site  *proc.Site
	data  string // folder of the site
	proxy *proxy
	row   row
	ctx   context.Context
}

func newRig(t *testing.T, f fault, w way) *rig {
	t.Helper()
	r := &rig{
		t: t, fault: f, way: w, data: filepath.Join(t.TempDir(), "site"), ctx: t.Context(),
		row: row{name: f.name + ", " + w.String(), failures: map[string]int{}},
	}
	for r.site == nil {
		err := r.begin("--world", "empty", "--addr", ownAddress(t))
		if err != nil && !strings.Contains(err.Error(), syscall.EADDRINUSE.Error()) { // by who runs the same tests beside these
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { r.site.Kill() })
	r.proxy = newProxy(t, r.site.BaseURL)
	return r
}

// given are the ports that a site of the tests has, or has had.
var given sync.Map

// ownAddress is one that the system gives to nobody else while the site is down:
// what it chooses itself it takes from 32768 on. Nor does another case get it.
func ownAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := 20_000 + rand.IntN(12_000)
		if _, taken := given.LoadOrStore(port, true); taken {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return l.Addr().String()
	}
	t.Fatal("every port is taken")
	return ""
}

// serve starts the site again, on the address it had.
func (r *rig) serve() {
	r.t.Helper()
	if err := r.begin("--addr", r.site.Address()); err != nil {
		r.t.Fatal(err)
	}
}

// begin starts the site.
func (r *rig) begin(args ...string) error {
	s, err := proc.Serve(context.Background(), ferry, nil, append(args, "--data", r.data)...)
	if err != nil {
		return err
	}
	s.Calm = true
	r.site = s
	return nil
}

// faults gives the site a plan of what goes wrong.
func (r *rig) faults(list ...map[string]any) {
	r.t.Helper()
	if list == nil {
		list = []map[string]any{}
	}
	status, body, err := r.site.Do(r.ctx, http.MethodPost, r.site.BaseURL+"/_ferry/faults", list)
	if err != nil || status != http.StatusOK {
		r.t.Fatalf("set the faults: %d %s %v", status, body, err)
	}
}

// planned is a fault of the site, and how often it was its turn.
type planned struct {
	Match  string `json:"match"`
	Nth    int    `json:"nth"`
	Seen   int    `json:"seen"`
	Struck int    `json:"struck"`
}

// planned are the faults of the site.
func (r *rig) planned() (list []planned) {
	r.t.Helper()
	_, body, err := r.site.Do(r.ctx, http.MethodGet, r.site.BaseURL+"/_ferry/faults", nil)
	if err != nil || json.Unmarshal(body, &list) != nil {
		r.t.Fatalf("read the faults: %s %v", body, err)
	}
	return list
}

// struck is how often something has gone wrong as planned.
func (r *rig) struck() int {
	r.t.Helper()
	n := r.proxy.struck()
	for _, f := range r.planned() {
		n += f.Struck
	}
	return n
}

// happened checks that what a case plans has gone wrong: of the site each fault
// that is for one request, and there is one; of the proxy any. One that is for
// nothing would pass for one that is mastered.
func (r *rig) happened() {
	r.t.Helper()
	list := r.planned()
	sure := len(list) == 0
	for _, f := range list {
		sure = sure || f.Nth > 0
		if f.Nth > 0 && f.Struck == 0 {
			r.t.Errorf("request %d of %q was to go wrong, and %d came", f.Nth, f.Match, f.Seen)
		}
	}
	if !sure {
		r.t.Errorf("whether one of these strikes is left to chance: %+v", list)
	}
	if r.proxy.planned() && r.proxy.struck() == 0 {
		r.t.Error("no content has met what the proxy was to do to it")
	}
}

// round is one transfer with what goes wrong in it.
type round struct {
	*rig
	n     int
	rnd   *rand.Rand
	home  string // of who calls the program
	from  string // local folder of the tree, or of what is downloaded
	dir   string // remote folder
	tree  tree   // what should arrive
	or    []tree // what else may be seen under the final names until then
	again int64  // bytes beside those of the proxy's account that may be moved again
	env   []string
	limit int64 // of the size of a file that the program may write, in KiB
	runs  int
	last  result
	after func() // at the end
}

// round carries one out.
func (r *rig) round(n int, rnd *rand.Rand) {
	r.t.Helper()
	r.proxy.mu.Lock()
	r.proxy.moves, r.proxy.moved, r.proxy.rate, r.proxy.strike, r.proxy.hits = nil, 0, 0, nil, 0
	r.proxy.mu.Unlock()
	o := &round{rig: r, n: n, rnd: rnd, home: r.t.TempDir(), dir: fmt.Sprintf("round%d", n)}
	o.from = filepath.Join(o.home, "files")
	if r.way.small {
		o.tree = small(rnd, *files)
	} else {
		o.tree = large(rnd, *mib)
	}
	if r.way.up {
		o.tree.write(r.t, o.from)
	} else {
		o.fill(o.tree)
	}
	r.fault.do(o)
	o.verify()
	r.happened()
	r.faults()
	if o.after != nil {
		o.after()
	}
	// Room for the next round.
	if err := os.RemoveAll(o.home); err != nil {
		r.t.Fatal(err)
	}
	r.row.rounds++
	r.row.runs += o.runs
}

// fill puts files on the site, past the proxy.
func (o *round) fill(files tree) {
	o.t.Helper()
	tmp := filepath.Join(o.home, "fill")
	files.write(o.t, tmp)
	o.put(tmp)
}

// put moves a local folder to where the files are on the site, past the proxy.
func (o *round) put(dir string) {
	o.t.Helper()
	cmd := o.command(o.site.BaseURL, "put", dir, o.dir, "--as", "files", "--state-dir", filepath.Join(o.home, "fill-state"))
	cmd.Env = append(cmd.Env, "FERRY_API_KEY="+o.site.APIKey)
	if out, err := cmd.CombinedOutput(); err != nil {
		o.t.Fatalf("fill the site: %v\n%s", err, out)
	}
	if err := os.RemoveAll(dir); err != nil {
		o.t.Fatal(err)
	}
	o.summed()
}

// summed waits until the site has the checksums of all files.
func (o *round) summed() {
	o.t.Helper()
	url := "/folders/" + o.dir + "?recursive=true&type=file&per_page=10000"
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		status, body, err := o.site.Do(o.ctx, http.MethodGet, url, nil)
		var list []struct {
			MD5    string `json:"md5"`
			SHA256 string `json:"sha256"`
		}
		if err != nil || status != http.StatusOK || json.Unmarshal(body, &list) != nil {
			o.t.Fatalf("list the site: %d %v %.200s", status, err, body)
		}
		missing := 0
		for _, f := range list {
			if f.MD5 == "" && f.SHA256 == "" {
				missing++
			}
		}
		if missing == 0 {
			return
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("%d of %d files have no checksum: %.300s", missing, len(list), body)
		}
	}
}

func (o *round) command(base string, args ...string) *exec.Cmd {
	cmd := exec.Command(ferry, args...)
	cmd.Env = append(proc.Home(o.home), "PATH="+os.Getenv("PATH"), "FERRY_BASE_URL="+base,
		"FERRY_RETRY_INITIAL=20ms", "FERRY_RETRY_MAX=200ms")
	cmd.Env = append(cmd.Env, o.env...)
	return cmd
}

// args is the command that moves the tree, the same each time.
func (o *round) args() []string {
	if o.way.up {
		return []string{"put", o.from, o.dir, "--json"}
	}
	return []string{"get", o.dir + "/files", o.home, "--json"}
}

// running is a command on its way.
type running struct {
	o        *round
	cmd      *exec.Cmd
	out, err bytes.Buffer
	over     chan struct{} // closed when it has ended
	base     int64         // bytes that had been moved before
}

// start begins the command.
func (o *round) start() *running {
	o.t.Helper()
	o.runs++
	cmd := o.command(o.proxy.addr, o.args()...)
	if o.env == nil {
		cmd.Env = append(cmd.Env, "FERRY_API_KEY="+o.site.APIKey)
	}
	if o.limit > 0 {
		line := append([]string{"-c", `ulimit -f "$0" && exec "$@"`, fmt.Sprint(o.limit), ferry}, o.args()...)
		env := cmd.Env
		cmd = exec.Command("sh", line...)
		cmd.Env = env
	}
	p := &running{o: o, cmd: cmd, over: make(chan struct{}), base: o.proxy.content()}
	cmd.Stdout, cmd.Stderr = &p.out, &p.err
	if err := cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	end := sync.OnceFunc(func() { _ = cmd.Process.Kill() })
	o.t.Cleanup(end)
	go func() {
		defer close(p.over)
		_ = cmd.Wait() // the exit code says it
	}()
	return p
}

// moment waits until a random moment of the run: a share of the bytes, or a time
// in the first half second. It tells whether the run still goes on then.
func (p *running) moment() bool {
	o := p.o
	at, pause := o.rnd.Int64N(o.tree.size()*21/20+1), time.Duration(o.rnd.IntN(40))*time.Millisecond
	if o.rnd.IntN(5) == 0 {
		at, pause = 0, time.Duration(o.rnd.IntN(500))*time.Millisecond
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for o.proxy.content()-p.base < at {
		select {
		case <-p.over:
			return false
		case <-tick.C:
		case <-deadline.C:
			o.t.Fatalf("it stands still: %s %s", p.out.Bytes(), p.err.Bytes())
		}
	}
	select {
	case <-p.over:
		return false
	case <-time.After(pause):
		return true
	}
}

// begun waits until the run has asked the site for something. It tells whether
// the run still goes on then.
func (p *running) begun(requests int) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		select {
		case <-p.over:
			return false
		default:
			if p.o.proxy.requests() > requests {
				return true
			}
		}
	}
	p.o.t.Fatal("it asks for nothing")
	return false
}

// signal sends a signal; a run that has ended does not mind.
func (p *running) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill kills the run and notes what may have to be moved again.
func (p *running) kill() {
	at := time.Now()
	p.signal(syscall.SIGKILL)
	p.wait()
	p.o.lost(at)
}

// killed starts a run and kills it at a random moment. It tells whether the run
// had not ended by then.
func (o *round) killed() bool {
	o.t.Helper()
	o.proxy.hold(line)
	p := o.start()
	if !p.moment() {
		p.wait()
		return false
	}
	p.kill()
	return true
}

// lost says that nobody knows what was recorded just before a moment.
func (o *round) lost(at time.Time) { o.proxy.kill(at, o.landed()) }

// landed tells since when downloaded files are at their places.
func (o *round) landed() func(string) (time.Time, bool) {
	there := map[string]time.Time{}
	if !o.way.up {
		for name := range o.tree {
			if at, err := since(filepath.Join(o.from, name)); err == nil {
				there[filepath.Base(name)] = at
			}
		}
	}
	return func(name string) (time.Time, bool) { at, ok := there[name]; return at, ok }
}

// result is how a run ended.
type result struct {
	code   int
	events []event
	err    string
}

// event is a line of --json.
type event struct {
	Event    string   `json:"event"`
	Name     string   `json:"name"`
	State    string   `json:"state"`
	Note     string   `json:"note"`
	Verified string   `json:"verified"`
	By       string   `json:"by"`
	Resumed  bool     `json:"resumed"`
	Files    int      `json:"files"`
	Done     int      `json:"files_done"`
	Resent   int64    `json:"bytes_resent"`
	Error    *failure `json:"error"`
}

type failure struct {
	Group   string `json:"group"`
	Class   string `json:"class"`
	Message string `json:"message"`
}

// summary is the last line.
func (r result) summary() event {
	for _, e := range r.events {
		if e.Event == "summary" {
			return e
		}
	}
	return event{}
}

func (r result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "exit code %d\n", r.code)
	shown := 0
	for _, e := range r.events {
		if e.Event == "file" && e.State == "done" && e.Note == "" {
			continue
		}
		if shown++; shown < 20 {
			fmt.Fprintf(&b, "%+v", e)
			if e.Error != nil {
				fmt.Fprintf(&b, " %+v", *e.Error)
			}
			b.WriteByte('\n')
		}
	}
	return b.String() + r.err
}

// wait waits for the end.
func (p *running) wait() result {
	p.o.t.Helper()
	select {
	case <-p.over:
	case <-time.After(patience):
		p.signal(syscall.SIGQUIT) // its stacks tell where it stands
		<-p.over
		p.o.t.Fatalf("it does not end: %s\n%s", p.out.Bytes(), p.err.Bytes())
	}
	r := result{code: p.cmd.ProcessState.ExitCode(), err: p.err.String()}
	for line := range strings.Lines(p.out.String()) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); r.code != -1 && (err != nil || e.Event == "") {
			p.o.t.Errorf("no line of JSON: %q: %v", line, err)
		}
		r.events = append(r.events, e)
	}
	p.o.last = r
	return r
}

// clear checks that a run that did not end well says what happened, in which
// class, and what to do next.
func (o *round) clear(r result) {
	o.t.Helper()
	s := r.summary()
	switch {
	case s.Event == "" && strings.HasPrefix(r.err, "ferry: ") && strings.Count(r.err, "\n") > 2:
		o.row.failures["before it began"]++ // told on stderr alone
		return
	case s.Error == nil || s.Error.Class == "" || s.Error.Group == "" || s.Error.Message == "":
		o.t.Fatalf("the failure is not told: %s", r)
	case !strings.Contains(r.err, "same command again"):
		o.t.Fatalf("nothing says what to do next: %s", r)
	case strings.Contains(r.err, "panic") || strings.Contains(r.err, "goroutine"):
		o.t.Fatalf("it broke: %s", r)
	}
	o.row.failures[s.Error.Class]++
	o.t.Logf("a clear failure: %s: %s", s.Error.Class, s.Error.Message)
}

// finish lets the command go on until it has done all, in at most so many runs;
// those before end in a clear failure. Where it has done all there is nothing
// left to do.
func (o *round) finish(most int) {
	o.t.Helper()
	if o.last.summary().State == "done" {
		return
	}
	for n := 1; ; n++ {
		r := o.start().wait()
		if r.code == 0 {
			return
		}
		o.clear(r)
		o.look()
		if n == most {
			o.t.Fatalf("after %d runs: %s", n, r)
		}
	}
}

// look checks that nothing unfinished can be seen under a final name.
func (o *round) look() {
	o.t.Helper()
	got := o.other()
	if d := got.within(o.tree, o.or...); d != "" {
		o.t.Fatalf("something unfinished is visible: %s\n%s", d, o.last)
	}
}

// other is what is on the side that the files go to.
func (o *round) other() tree {
	o.t.Helper()
	if o.way.up {
		return o.remote()
	}
	if _, err := os.Stat(o.from); errors.Is(err, os.ErrNotExist) {
		return tree{}
	}
	got, _ := onDisk(o.t, o.from)
	return got
}

// remote reads what the site has, past the proxy.
func (o *round) remote() tree {
	o.t.Helper()
	top := o.dir + "/files"
	status, body, err := o.site.Do(o.ctx, http.MethodGet, "/folders/"+top+"?recursive=true&type=file&per_page=10000", nil)
	var list []struct {
		Path string `json:"path"`
	}
	if status == http.StatusNotFound {
		return tree{}
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &list) != nil {
		o.t.Fatalf("list the site: %d %v %.200s", status, err, body)
	}
	got := tree{}
	for _, f := range list {
		b, err := o.site.Content(o.ctx, f.Path)
		if err != nil {
			o.t.Fatal(err)
		}
		got[strings.TrimPrefix(f.Path, top+"/")] = b
	}
	return got
}

// verify checks the end: the same bytes, nothing left over, and nothing moved
// again that need not be.
func (o *round) verify() {
	o.t.Helper()
	if d := o.other().differs(o.tree); d != "" {
		o.t.Errorf("it is not the same: %s\n%s", d, o.last)
	}
	if s := o.last.summary(); s.State != "done" || s.Files != len(o.tree) || s.Done != len(o.tree) ||
		s.Verified != "verified" && (!o.way.up || s.Verified != "size only") { // a busy site may keep its checksums to itself for long
		o.t.Errorf("the summary: %+v, want %d files\n%s", s, len(o.tree), o.last)
	}
	if !o.way.up {
		if _, partials := onDisk(o.t, o.from); len(partials) > 0 {
			o.t.Errorf("partials are left: %v\n%s", partials, o.last)
		}
	}
	o.journal()
	moved, bound := o.proxy.account()
	size := o.tree.size()
	again := moved - size
	bound += o.again
	if !o.way.up && o.way.small {
		bound += int64(len(o.tree)) * 1 << 10 // what archives add
	}
	if again > bound {
		o.t.Errorf("%d bytes were moved again, of %d; %d might have been\n%s", again, size, bound, o.last)
	}
	if own := o.last.summary().Resent; !o.way.up && !o.way.small && own > again {
		// What it read in vain has passed here. An upload may have read what never
		// left, and an archive is smaller than what is in it.
		o.t.Errorf("it says that %d bytes were moved again, but only %d were\n%s", own, again, o.last)
	}
	if again < 0 {
		o.t.Errorf("only %d bytes of %d were moved", moved, size)
	}
	o.row.size += size
	o.row.again += again
	o.row.bound += bound
}
