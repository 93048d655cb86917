//go:build linux

// Package sidebyside compares Ferry's transfers with those of the vendor's Go
// SDK: the same trees, up and down, against the same "ferry serve", one after
// the other in one run. Both clients are processes of their own, so that their
// CPU time and memory are theirs alone. It is a module of its own, because the
// SDK is not a dependency of Ferry.
//
//	cd tests/bench/sidebyside
//	go test -run xxx -bench . -benchtime 3x -timeout 2h
//	go test -run xxx -bench '/small/0ms' -benchtime 3x -dir /dev/shm
//
// Of several runs the shortest times count, and the highest memory.
//
// Ferry does not wait for the checksums that the site computes after an upload:
// the other client does not compare any.
package sidebyside

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	scale = flag.Int("scale", 1, "divide the sizes and numbers of the trees, for a quick look")
	place = flag.String("dir", "", "folder for the trees and the site; the system's temporary one when empty")
)

// A workload is a tree that both clients move.
type workload struct {
	name string
	make func(b *testing.B, dir string) totals
}

type totals struct {
	files int
	bytes int64
}

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
)

var workloads = []workload{
	{"large", func(b *testing.B, dir string) totals {
		return totals{1, write(b, filepath.Join(dir, "large.bin"), 1, 2*gib/int64(*scale))}
	}},
	{"small", func(b *testing.B, dir string) (t totals) {
		for i := range max(10_000 / *scale, 20) {
			t.files++
			t.bytes += write(b, filepath.Join(dir, fmt.Sprintf("folder-%02d/file-%05d.dat", i/500, i)), uint64(i), 4*kib)
		}
		return t
	}},
	{"mixed", func(b *testing.B, dir string) (t totals) {
		// 2,000 files and 2 GiB: most are small, most bytes are in a few.
		sizes := []struct {
			count int
			size  int64
		}{{4, 256 * mib}, {40, 16 * mib}, {340, mib}, {1616, 30 * kib}}
		for _, s := range sizes {
			if s.size > mib {
				s.size = max(s.size/int64(*scale), mib)
			}
			for i := range max(s.count / *scale, 1) {
				t.files++
				t.bytes += write(b, filepath.Join(dir, fmt.Sprintf("d%d/%d-%04d.bin", t.files%37, s.size, i)), uint64(t.files), s.size)
			}
		}
		return t
	}},
}

// write makes a file of noise that no compression shortens.
func write(b *testing.B, name string, seed uint64, size int64) int64 {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	var key [32]byte
	copy(key[:], fmt.Sprint(seed))
	_, err = io.CopyN(f, rand.NewChaCha8(key), size)
	if err := errors.Join(err, f.Close()); err != nil {
		b.Fatal(err)
	}
	return size
}

// site is a "ferry serve" that counts requests.
type site struct {
	base, key string
	pid       int
}

// cpu is the processor time that the site has used. It is the same machine's, so
// it bounds what any client can do.
func (s site) cpu(b *testing.B) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.pid))
	if err != nil {
		b.Fatal(err)
	}
	// The name, in parentheses, may hold spaces; times are in ticks of 10 ms.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var user, system int64
	if _, err := fmt.Sscan(fields[11], &user); err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Sscan(fields[12], &system); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

func serve(b *testing.B, ferry, tmp, latency string) site {
	b.Helper()
	cmd := exec.Command(ferry, "serve", "--addr", "127.0.0.1:0", "--empty", "--json", "--fault", "latency="+latency)
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var info struct {
		BaseURL string `json:"base_url"`
		APIKey  string `json:"api_key"`
	}
	if err = errors.Join(err, json.Unmarshal(line, &info)); err != nil {
		b.Fatal(err)
	}
	return site{info.BaseURL, info.APIKey, cmd.Process.Pid}
}

// requests is how many the site has had.
func (s site) requests(b *testing.B) int {
	b.Helper()
	res, err := http.Get(s.base + "/_ferry/faults")
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	var list []struct{ Seen int }
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil || len(list) != 1 {
		b.Fatal(list, err)
	}
	return list[0].Seen
}

// A client is a program that moves trees.
type client struct {
	name     string
	put, get func(local, remote string) []string
	env      func(s site, home string) []string
}

func clients(ferry, sdk string) []client {
	return []client{
		{
			"ferry",
			func(local, remote string) []string { return []string{ferry, "put", "--no-wait", local, remote} },
			func(local, remote string) []string { return []string{ferry, "get", remote, local} },
			func(s site, home string) []string {
				return []string{"FERRY_API_KEY=" + s.key, "FERRY_BASE_URL=" + s.base, "HOME=" + home, "XDG_STATE_HOME=" + home, "XDG_CONFIG_HOME=" + home}
			},
		},
		{
			"sdk",
			func(local, remote string) []string { return []string{sdk, "put", local, remote + "/"} },
			func(local, remote string) []string { return []string{sdk, "get", remote, local + "/"} },
			func(s site, home string) []string {
				return []string{"FILES_API_KEY=" + s.key, "FILES_BASE_URL=" + s.base, "HOME=" + home}
			},
		},
	}
}

// took is what a client needed for a tree.
type took struct {
	wall, cpu, site time.Duration
	peak            int64 // KiB
	requests        int
}

// measure runs a client once.
func measure(b *testing.B, s site, c client, args []string) took {
	b.Helper()
	before, siteBefore := s.requests(b), s.cpu(b)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(c.env(s, b.TempDir()), "PATH="+os.Getenv("PATH"), "TMPDIR="+os.TempDir())
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	began := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %v\n%s", args, err, said.Bytes())
	}
	wall := time.Since(began)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("the system does not tell what a process has used")
	}
	return took{
		wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), site: s.cpu(b) - siteBefore,
		peak: usage.Maxrss, requests: s.requests(b) - before,
	}
}

// least takes the shorter times and the higher peak of two runs. What a run takes
// beyond the shortest is the machine's: a virtual one that hands out memory for
// the first time alone adds 1.5 s of processor time to a GiB.
func least(a, b took) took {
	return took{
		wall: min(a.wall, b.wall), cpu: min(a.cpu, b.cpu), site: min(a.site, b.site),
		peak: max(a.peak, b.peak), requests: max(a.requests, b.requests),
	}
}

// report tells what b.N runs have taken.
func report(b *testing.B, t totals, runs []took) {
	b.Helper()
	best := runs[0]
	for _, r := range runs[1:] {
		best = least(best, r)
	}
	b.ReportMetric(best.wall.Seconds(), "s")
	b.ReportMetric(float64(t.files)/best.wall.Seconds(), "files/s")
	b.ReportMetric(float64(t.bytes)/mib/best.wall.Seconds(), "MiB/s")
	b.ReportMetric(best.cpu.Seconds()/(float64(t.bytes)/gib), "cpu-s/GiB")
	b.ReportMetric(best.site.Seconds(), "site-cpu-s")
	b.ReportMetric(float64(best.peak)/1024, "peak-MiB")
	b.ReportMetric(float64(best.requests)/float64(t.files), "req/file")
	b.ReportMetric(0, "ns/op")
}

// sameAs compares a downloaded tree with the one that was sent.
func sameAs(b *testing.B, want, got string, t totals) {
	b.Helper()
	files := 0
	err := filepath.WalkDir(want, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		rel, err := filepath.Rel(want, p)
		if err != nil {
			return err
		}
		if out, err := exec.Command("cmp", p, filepath.Join(got, rel)).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %s", rel, out)
		}
		return nil
	})
	if err != nil || files != t.files {
		b.Fatalf("%d of %d files: %v", files, t.files, err)
	}
}

func build(b *testing.B, dir, pkg, name string) string {
	b.Helper()
	bin := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-o", bin, ".")
	cmd.Dir = pkg
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return bin
}

// Benchmark is workload/latency/direction/client.
func Benchmark(b *testing.B) {
	root := *place
	if root == "" {
		root = b.TempDir()
	}
	ferry, sdk := build(b, b.TempDir(), "../../..", "ferry"), build(b, b.TempDir(), "sdk", "sdk")
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			dir, err := os.MkdirTemp(root, w.name)
			if err != nil {
				b.Fatal(err)
			}
			defer os.RemoveAll(dir)
			src := filepath.Join(dir, "src")
			t := w.make(b, src)
			for _, latency := range []string{"0ms", "20ms"} {
				b.Run(latency, func(b *testing.B) {
					s := serve(b, ferry, dir, latency)
					for _, c := range clients(ferry, sdk) {
						b.Run("up/"+c.name, func(b *testing.B) {
							var runs []took
							for i := range b.N {
								runs = append(runs, measure(b, s, c, c.put(src, fmt.Sprintf("%s-%d", c.name, i))))
							}
							report(b, t, runs)
						})
					}
					warm(b, s, clients(ferry, sdk)[1], dir)
					for _, c := range clients(ferry, sdk) {
						b.Run("down/"+c.name, func(b *testing.B) {
							var runs []took
							for i := range b.N {
								to := filepath.Join(dir, fmt.Sprintf("%s-%d", c.name, i))
								if err := os.MkdirAll(to, 0o700); err != nil {
									b.Fatal(err)
								}
								runs = append(runs, measure(b, s, c, c.get(to, "ferry-0")))
								if i == 0 {
									sameAs(b, src, strings.TrimSuffix(found(b, to), "/"), t)
								}
								if err := os.RemoveAll(to); err != nil {
									b.Fatal(err)
								}
							}
							report(b, t, runs)
						})
					}
				})
			}
		})
	}
}

// warm lets the site do once what the first download makes it do, and waits for
// it: checksums are computed when somebody has asked for a file.
func warm(b *testing.B, s site, c client, dir string) {
	b.Helper()
	to := filepath.Join(dir, "warm")
	if err := os.MkdirAll(to, 0o700); err != nil {
		b.Fatal(err)
	}
	args := c.get(to, "ferry-0")
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(c.env(s, b.TempDir()), "PATH="+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	if err := os.RemoveAll(to); err != nil {
		b.Fatal(err)
	}
	// A machine that is too slow for its quiet second goes on all the same.
	for used, since, end := s.cpu(b), time.Now(), time.Now().Add(time.Minute); time.Since(since) < time.Second && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if now := s.cpu(b); now > used+10*time.Millisecond {
			used, since = now, time.Now()
		}
	}
}

// found is where a client has put the tree: in a folder of its name or not.
func found(b *testing.B, to string) string {
	b.Helper()
	for _, dir := range []string{"ferry-0/src", "src", "ferry-0", "."} {
		if info, err := os.Stat(filepath.Join(to, dir)); err == nil && info.IsDir() {
			return filepath.Join(to, dir)
		}
	}
	b.Fatal("nothing was downloaded")
	return ""
}
