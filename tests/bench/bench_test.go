//go:build unix

// Package bench holds the figures of the README. Run it alone, on a machine
// that does nothing else:
//
//	go test -run xxx -bench . ./tests/bench
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/backend/api"
	"ferry/backend/server"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/table"

	"ferry/tests/app"
	"ferry/tests/term"
)

// binary builds the program once.
func binary(b *testing.B) string {
	b.Helper()
	bin := filepath.Join(b.TempDir(), "ferry")
	build := exec.Command("go", "build", "-o", bin, "../..")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// firstFrame is the time from the start of the process to the first frame in
// which both panes are filled.
func firstFrame(b *testing.B, local string) {
	bin := binary(b)
	home := b.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	for b.Loop() {
		t, err := term.Start(ctx, 120, 36, []string{"HOME=" + home}, bin, "demo", "--local-dir", local)
		if err != nil {
			b.Fatal(err)
		}
		err = t.Until(ctx, "a complete frame", func(s string) bool {
			return strings.Contains(s, "Finance/") && strings.Contains(s, "invoice") && strings.Contains(s, "commands")
		})
		b.StopTimer()
		if err != nil {
			b.Fatal(err)
		}
		if err := t.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkFirstFrame(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "invoice.pdf"), nil, 0o600); err != nil {
		b.Fatal(err)
	}
	firstFrame(b, dir)
}

func BenchmarkFirstFrame100kLocalFiles(b *testing.B) {
	dir := b.TempDir()
	for i := range 100_000 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("invoice-%06d.pdf", i)), nil, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	firstFrame(b, dir)
}

func entries(n int) []backend.Entry {
	out := make([]backend.Entry, n)
	when := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for i := range out {
		name := fmt.Sprintf("sensor-%06d.csv", i)
		out[i] = backend.Entry{Path: "Archive/" + name, Name: name, Size: int64(i) * 37, Modified: when.Add(-time.Duration(i) * time.Minute), Permissions: "lrwd"}
	}
	return out
}

// columns are those of the site's pane.
func columns(env *ui.Env) *table.Model[backend.Entry] {
	return table.New(env, func(e backend.Entry) string { return e.Path },
		table.Column[backend.Entry]{Title: "Name", Middle: true, Cell: func(e backend.Entry) string { return e.Name }},
		table.Column[backend.Entry]{Title: "Size", Width: 9, Right: true, Cell: func(e backend.Entry) string { return cell.Size(e.Size) }},
		table.Column[backend.Entry]{Title: "Rights", Width: 6, Cell: func(e backend.Entry) string { return e.Permissions }},
	)
}

// page is a page of 1,000 entries as the embedded site serves it.
func page(b *testing.B) (body []byte) {
	b.Helper()
	site, err := server.Open(b.Context(), server.Options{World: "demo"})
	if err != nil {
		b.Fatal(err)
	}
	inside := site.Listen()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://demo.files.com/api/rest/v1/folders/"+app.BigFolder+"?per_page=1000", nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("X-FilesAPI-Key", site.Info().APIKey)
	resp, err := inside.Client().Do(req)
	if err != nil {
		b.Fatal(err)
	}
	body, err = io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close(), inside.Close(), site.Close()); err != nil {
		b.Fatal(err)
	}
	return body
}

// A page of 1,000 entries from the first byte of the request, over loopback, to
// the rows of the table.
func BenchmarkListingPage(b *testing.B) {
	body := page(b)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Files-Cursor", "more")
		_, _ = w.Write(body)
	}))
	defer srv.Close()
	c, err := api.New(api.Config{BaseURL: srv.URL, APIKey: "Key1"})
	if err != nil {
		b.Fatal(err)
	}
	th, _ := theme.Named("dark", nil)
	env := ui.NewEnv(b.Context(), th, keymap.Default(), time.Now)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		t := columns(env)
		t.Resize(120, 34)
		p, err := c.List(b.Context(), app.BigFolder, backend.FolderQuery{Query: backend.Query{PerPage: 1000}})
		if err != nil || len(p.Items) != 1000 || p.Next == "" {
			b.Fatalf("%d entries, %v", len(p.Items), err)
		}
		t.Append(p.Items, true)
	}
}

// One step of the cursor in the middle of a table of 100,000 rows.
func BenchmarkTableStep(b *testing.B) {
	th, _ := theme.Named("dark", nil)
	env := ui.NewEnv(context.Background(), th, keymap.Default(), time.Now)
	t := columns(env)
	t.Append(entries(100_000), false)
	t.Resize(120, 34)
	for range 500 {
		t.Do(keymap.PageDown)
	}
	b.ReportAllocs()
	for b.Loop() {
		t.Do(keymap.Down)
		_ = t.View()
	}
}

// The same through the whole program: Update and View of App with both panes,
// the site's folder of 100,000 entries loaded.
func BenchmarkAppStep100k(b *testing.B) {
	d := app.New(b, app.Options{World: "demo"})
	app.OpenBigFolder(d)
	d.Do(keymap.Last)
	d.Until("the end of the folder", func(s string) bool { return strings.Contains(s, "100,0") })
	down, up := app.Key("j"), app.Key("k")
	for range 50 {
		d.App.Update(up)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		var k tea.KeyPressMsg
		if k = down; i%2 == 1 {
			k = up
		}
		i++
		d.App.Update(k)
		_ = d.App.View()
	}
}
