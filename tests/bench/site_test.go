//go:build linux

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"ferry/tests/proc"
)

// The benchmarks of the site ask "ferry serve" as a process of its own over
// TCP: what a client sees of it, the work of the client included.

// box is a served site with a client of it.
type box struct {
	*proc.Site
	http *http.Client
}

func serve(b *testing.B, args ...string) *box {
	b.Helper()
	s, err := proc.Serve(context.WithoutCancel(b.Context()), binary(b), []string{"HOME=" + b.TempDir()}, args...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Kill)
	return &box{Site: s, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// do makes a request and reads the answer into nothing but what keep says.
func (x *box) do(b *testing.B, method, to, body string, keep func(h http.Header, body []byte)) {
	if strings.HasPrefix(to, "/") {
		to = x.BaseURL + "/api/rest/v1" + to
	}
	req, err := http.NewRequestWithContext(b.Context(), method, to, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	req.Header.Set("X-FilesAPI-Key", x.APIKey)
	res, err := x.http.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	defer res.Body.Close()
	var answer []byte
	if keep == nil {
		_, err = io.Copy(io.Discard, res.Body)
	} else {
		answer, err = io.ReadAll(res.Body)
	}
	if err != nil || res.StatusCode >= 300 {
		b.Errorf("%s %s: %d %v %.200s", method, to, res.StatusCode, err, answer)
		return
	}
	if keep != nil {
		keep(res.Header, answer)
	}
}

// rate measures a piece of work by one client and by sixteen.
func rate(b *testing.B, unit string, work func(b *testing.B)) {
	b.Run("1", func(b *testing.B) {
		for b.Loop() {
			work(b)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit)
	})
	b.Run("16", func(b *testing.B) {
		b.SetParallelism(8) // on each of two cores
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				work(b)
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit)
	})
}

func BenchmarkSiteMetadata(b *testing.B) {
	x := serve(b)
	rate(b, "requests/s", func(b *testing.B) {
		x.do(b, "GET", "/file_actions/metadata/Finance/2026/Invoices/INV-2026-0100.pdf", "", nil)
	})
}

func BenchmarkSitePage(b *testing.B) {
	x := serve(b)
	rate(b, "pages/s", func(b *testing.B) { x.do(b, "GET", "/folders/Sensors/2026?per_page=1000", "", nil) })
}

// BenchmarkSiteUpload is a file of 1,000 bytes: begin, one part, end.
func BenchmarkSiteUpload(b *testing.B) { uploads(b, serve(b)) }

// BenchmarkSiteUploadDurable is the same into a data folder, synced before the
// answers.
func BenchmarkSiteUploadDurable(b *testing.B) { uploads(b, serve(b, "--data", b.TempDir())) }

func uploads(b *testing.B, x *box) {
	content := strings.Repeat("x", 1000)
	var n atomic.Int64
	rate(b, "files/s", func(b *testing.B) {
		name := fmt.Sprintf("Inbox/bench-%d.txt", n.Add(1))
		var parts []struct {
			Ref string `json:"ref"`
			URI string `json:"upload_uri"`
		}
		x.do(b, "POST", "/file_actions/begin_upload/"+name, "{}", func(_ http.Header, body []byte) {
			if err := json.Unmarshal(body, &parts); err != nil {
				b.Error(err)
			}
		})
		if len(parts) == 0 {
			return
		}
		var tag string
		x.do(b, "PUT", parts[0].URI, content, func(h http.Header, _ []byte) { tag = strings.Trim(h.Get("Etag"), `"`) })
		x.do(b, "POST", "/files/"+name, fmt.Sprintf(`{"action":"end","ref":%q,"etags":[{"etag":%q,"part":"1"}],"size":1000}`, parts[0].Ref, tag), nil)
	})
}

// BenchmarkSiteHuge is from the start of the process to the first page of a
// folder of 1,000,000 entries.
func BenchmarkSiteHuge(b *testing.B) { firstPage(b, "huge") }

// BenchmarkSiteSmall is the same with the small world, for comparison.
func BenchmarkSiteSmall(b *testing.B) { firstPage(b, "small") }

func firstPage(b *testing.B, world string) {
	bin, home := binary(b), b.TempDir()
	path := map[string]string{"huge": "/folders/Sensors/2026?per_page=1000", "small": "/folders/?per_page=1000"}[world]
	for b.Loop() {
		s, err := proc.Serve(b.Context(), bin, []string{"HOME=" + home}, "--world", world)
		if err != nil {
			b.Fatal(err)
		}
		if status, body, err := s.Do(b.Context(), "GET", path, nil); err != nil || status != http.StatusOK || len(body) < 1000 {
			b.Error(status, len(body), err)
		}
		s.Kill()
	}
}

// BenchmarkSiteListing1000000 reads a folder of 1,000,000 entries to its end in
// pages of 1,000, and reports the most memory that the process ever had.
func BenchmarkSiteListing1000000(b *testing.B) {
	x := serve(b, "--world", "huge")
	idle := peak(b, x)
	for b.Loop() {
		entries, cursor := 0, ""
		for {
			x.do(b, "GET", "/folders/Sensors/2026?per_page=1000&cursor="+url.QueryEscape(cursor), "", func(h http.Header, body []byte) {
				entries += strings.Count(string(body), `{"path":`)
				cursor = h.Get("X-Files-Cursor")
			})
			if b.Failed() || cursor == "" {
				break
			}
		}
		if entries < 1_000_000 {
			b.Fatalf("%d entries", entries)
		}
	}
	b.ReportMetric(1e6*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(idle), "MiB-at-start")
	b.ReportMetric(float64(peak(b, x)), "MiB-peak")
}

// peak is the largest resident set of a process so far, in MiB.
func peak(b *testing.B, x *box) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", x.Pid()))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return kib >> 10
		}
	}
	b.Fatal("the system does not tell")
	return 0
}
