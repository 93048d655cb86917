// Package headless is the same jobs without a screen: tables and JSON on
// stdout, progress on stderr, exit codes by error group.
package headless

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// Lister is what ls and stat need of a site.
type Lister interface {
	List(ctx context.Context, path string, q backend.FolderQuery) (backend.Page[backend.Entry], error)
	Find(ctx context.Context, path string) (backend.Entry, error)
}

// Output says how results are written.
type Output struct {
	W    io.Writer
	Err  io.Writer // progress and what is said beside the results; nil swallows it
	JSON bool      // one object a line instead of a table
	Live bool      // somebody looks at Err: show progress there

	end *event // the summary so far, which with writes at the end
}

// row is an entry as JSON writes it. Times are RFC 3339 in UTC, sizes bytes;
// fields that the source does not know are absent.
type row struct {
	Path        string     `json:"path"`
	Type        string     `json:"type"`
	Size        *int64     `json:"size,omitempty"`
	Modified    *time.Time `json:"modified,omitempty"`
	Permissions string     `json:"permissions,omitempty"`
	MD5         string     `json:"md5,omitempty"`
	CRC32       string     `json:"crc32,omitempty"`
}

func rowOf(e backend.Entry) row {
	r := row{Path: e.Path, Type: "file", Permissions: e.Permissions, MD5: e.Checksums.MD5, CRC32: e.Checksums.CRC32}
	if e.IsDir() {
		r.Type = "folder"
	}
	if e.Size >= 0 && !e.IsDir() {
		r.Size = &e.Size
	}
	if !e.Modified.IsZero() {
		t := e.Modified.UTC()
		r.Modified = &t
	}
	return r
}

// List writes the entries of a folder, page by page as they arrive, or the one
// entry of a file.
func List(ctx context.Context, site Lister, path string, q backend.FolderQuery, out Output) error {
	p := newPrinter(out)
	for {
		page, err := site.List(ctx, path, q)
		if errors.Is(err, backend.BadRequest) && q.Cursor == "" {
			if file, ferr := site.Find(ctx, path); ferr == nil && !file.IsDir() {
				page, err = backend.Page[backend.Entry]{Items: []backend.Entry{file}}, nil
			}
		}
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			if err := p.entry(e); err != nil {
				return err
			}
		}
		if err := p.flush(); err != nil {
			return err
		}
		if page.Next == "" {
			return nil
		}
		q.Cursor = page.Next
	}
}

// Stat writes what is known of one entry.
func Stat(ctx context.Context, site Lister, path string, out Output) error {
	e, err := site.Find(ctx, path)
	if err != nil {
		return err
	}
	if out.JSON {
		return newPrinter(out).entry(e)
	}
	return out.facts(e)
}

// facts writes what is known of an entry, a line for each.
func (o Output) facts(e backend.Entry) error {
	r := rowOf(e)
	tab := tabwriter.NewWriter(o.W, 0, 4, 2, ' ', 0)
	name := pathutil.WholeName(e.Path)
	if e.IsDir() {
		name += "/"
	}
	lines := [][2]string{{"path", name}, {"type", r.Type}}
	if r.Size != nil {
		s := counted(int(*r.Size), "byte", "bytes")
		if *r.Size >= 1000 {
			s += " (" + size(*r.Size) + ")"
		}
		lines = append(lines, [2]string{"size", s})
	}
	if r.Modified != nil {
		lines = append(lines, [2]string{"modified", r.Modified.Format(time.RFC3339)})
	}
	lines = append(lines, [2]string{"permissions", r.Permissions}, [2]string{"md5", r.MD5}, [2]string{"crc32", r.CRC32})
	for _, l := range lines {
		if l[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(tab, "%s:\t%s\n", l[0], pathutil.WholeName(l[1])); err != nil {
			return err
		}
	}
	return tab.Flush()
}

type printer struct {
	enc *json.Encoder
	tab *tabwriter.Writer
}

func newPrinter(out Output) *printer {
	if out.JSON {
		enc := json.NewEncoder(out.W)
		enc.SetEscapeHTML(false)
		return &printer{enc: enc}
	}
	return &printer{tab: tabwriter.NewWriter(out.W, 0, 4, 2, ' ', 0)}
}

func (p *printer) entry(e backend.Entry) error {
	if p.enc != nil {
		return p.enc.Encode(rowOf(e))
	}
	name, size := pathutil.WholeName(e.Path), "-"
	if e.IsDir() {
		name += "/"
	} else if e.Size >= 0 {
		size = fmt.Sprint(e.Size)
	}
	when := "-"
	if !e.Modified.IsZero() {
		when = e.Modified.UTC().Format(time.RFC3339)
	}
	_, err := fmt.Fprintf(p.tab, "%s\t%s\t%s\t%s\n", e.Permissions, size, when, name)
	return err
}

func (p *printer) flush() error {
	if p.tab == nil {
		return nil
	}
	return p.tab.Flush()
}
