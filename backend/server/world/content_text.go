package world

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
)

var errOffset = errors.New("world: negative offset")

// textKinds are the generators by extension. Each gets the file's path.
var textKinds = map[string]func(w *World, p string) partFunc{
	".csv":  csvFor,
	".log":  logLines,
	".json": func(*World, string) partFunc { return jsonRecords },
	".md":   func(_ *World, p string) partFunc { return markdown(p) },
	".txt":  func(*World, string) partFunc { return prose },
	".go":   func(_ *World, p string) partFunc { return goSource(p) },
	".sh":   func(*World, string) partFunc { return lines("#!/bin/sh\nset -eu\n", "# ", shellLine) },
	".yaml": func(*World, string) partFunc { return lines("# Settings of the gateway.\n", "# ", yamlLine) },
	".xml":  func(*World, string) partFunc { return xmlRecords },
	".svg":  func(*World, string) partFunc { return svg },
	".srt":  func(*World, string) partFunc { return lines("", "", subtitleLine) },
}

// fit writes the lines that next makes until buf is full; the last line is
// filler of the length that is left, so that every part ends with a whole line.
// next returns a line with its newline; filler makes one of exactly n bytes.
func fit(buf []byte, head string, next func() string, filler func(n int) string) {
	n := copy(buf, head)
	const reserve = 160 // no line is longer
	for len(buf)-n > 2*reserve {
		n += copy(buf[n:], next())
	}
	for n < len(buf) {
		k := len(buf) - n
		if k > reserve {
			k /= 2
		}
		n += copy(buf[n:n+k], filler(k))
	}
}

// exact is s cut or stretched with words to n bytes.
func exact(r *rng, s string, n int) string {
	var b strings.Builder
	b.WriteString(s)
	for b.Len() < n {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(pick(r, words))
	}
	out := b.String()[:n]
	if n > 0 && out[n-1] == ' ' {
		out = out[:n-1] + "s"
	}
	return out
}

// closed is prefix + words + suffix in exactly n bytes; suffix ends the line.
func closed(r *rng, prefix, suffix string, n int) string {
	room := n - len(prefix) - len(suffix)
	if room < 0 {
		return strings.Repeat(" ", max(n-1, 0)) + "\n"
	}
	return prefix + exact(r, "", room) + suffix
}

var words = strings.Fields(`account amount approved archive batch before branch budget carrier change check closed
 collection contract copied credit daily delivery department device document draft early entry file final folder
 forward gateway held import index invoice item label ledger line list location machine manual match meter monthly
 noted number office open order outbound packet page paid partner pending period plan quarter queue quota reading
 received record region release report request review route sample scan schedule sent sheet shipment signed station
 storage summary supplier table total transfer unit update upload vendor verified version warehouse weekly yearly`)

func sentence(r *rng) string {
	n := int(r.between(6, 14))
	var b strings.Builder
	for i := range n {
		s := pick(r, words)
		if i == 0 {
			s = strings.ToUpper(s[:1]) + s[1:]
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	b.WriteByte('.')
	return b.String()
}

// partRNG is the sequence of one part.
func partRNG(seed uint64, i int64) *rng {
	r := rng(mix(seed + uint64(i)*0x9e37))
	return &r
}

func prose(buf []byte, seed uint64, i, _ int64) {
	r := partRNG(seed, i)
	fit(buf, "", func() string {
		if r.chance(12) {
			return "\n"
		}
		return sentence(r) + "\n"
	}, func(n int) string { return closed(r, "", "\n", n) })
}

func lines(head, comment string, line func(r *rng, i int64) string) partFunc {
	return func(buf []byte, seed uint64, i, _ int64) {
		r := partRNG(seed, i)
		at := i * 100
		h := head
		if i > 0 {
			h = ""
		}
		fit(buf, h, func() string { at++; return line(r, at) },
			func(n int) string { return closed(r, comment, "\n", n) })
	}
}

func shellLine(r *rng, _ int64) string {
	return fmt.Sprintf("gateway-ctl %s --%s %d\n", pick(r, words), pick(r, words), r.n(900))
}

func yamlLine(r *rng, i int64) string {
	if i%5 == 1 {
		return fmt.Sprintf("%s_%d:\n", pick(r, words), i)
	}
	return fmt.Sprintf("  %s_%d: %d\n", pick(r, words), i, r.n(9000))
}

func subtitleLine(r *rng, i int64) string {
	at := time.Duration(i) * 3 * time.Second
	stamp := func(d time.Duration) string {
		return fmt.Sprintf("%02d:%02d:%02d,000", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d\n%s --> %s\n%s\n\n", i, stamp(at), stamp(at+2*time.Second), exact(r, "", 40))
}

func markdown(p string) partFunc {
	title := strings.TrimSuffix(path.Base(p), path.Ext(p))
	title = strings.ReplaceAll(title, "-", " ")
	return func(buf []byte, seed uint64, i, _ int64) {
		r := partRNG(seed, i)
		head := ""
		if i == 0 && len(title) < 60 && len(buf) > 80 {
			head = "# " + title + "\n\n"
		}
		n := 0
		fit(buf, head, func() string {
			n++
			switch r.n(9) {
			case 0:
				return "\n## " + exact(r, "", int(r.between(10, 26))) + "\n\n"
			case 1, 2:
				return "- **" + pick(r, words) + "**: " + exact(r, "", int(r.between(20, 50))) + "\n"
			case 3:
				return "- [" + pick(r, []string{"x", " "}) + "] " + exact(r, "", int(r.between(15, 40))) + "\n"
			case 4:
				return "\n"
			default:
				return sentence(r) + "\n"
			}
		}, func(n int) string { return closed(r, "", "\n", n) })
	}
}

func goSource(p string) partFunc {
	name := strings.TrimSuffix(path.Base(p), ".go")
	pkg := "gateway"
	if name == "main" {
		pkg = "main"
	}
	return func(buf []byte, seed uint64, i, _ int64) {
		r := partRNG(seed, i)
		head := ""
		if i == 0 {
			head = "// Package " + pkg + " moves files between the edge and the store.\npackage " + pkg + "\n\n"
		}
		n := i * 100
		fit(buf, head, func() string {
			n++
			w := pick(r, words)
			return fmt.Sprintf("// %s%d is the %s of a %s.\nfunc %s%d(n int) int {\n\treturn n + %d\n}\n\n", w, n, pick(r, words), pick(r, words), w, n, r.n(4096))
		}, func(n int) string { return closed(r, "// ", "\n", n) })
	}
}

func logLines(w *World, p string) partFunc {
	end := w.Now
	isError := strings.Contains(path.Base(p), "error")
	host := path.Base(path.Dir(p))
	return func(buf []byte, seed uint64, i, n int64) {
		r := partRNG(seed, i)
		at := end.Add(-time.Duration(n-i) * 40 * time.Second)
		fit(buf, "", func() string {
			at = at.Add(time.Duration(r.between(60, 1400)) * time.Millisecond)
			level := pick(r, []string{"INFO ", "INFO ", "INFO ", "DEBUG", "WARN "})
			if isError {
				level = pick(r, []string{"ERROR", "WARN "})
			}
			return fmt.Sprintf("%s %s %s %s path=/%s/%d status=%d bytes=%d ms=%d\n",
				at.Format("2006-01-02T15:04:05.000Z"), level, host, pick(r, []string{"GET", "GET", "PUT", "POST", "DELETE"}),
				pick(r, words), r.n(9000), pick(r, []int{200, 200, 200, 201, 204, 304, 404, 503}), r.n(90_000), r.n(900))
		}, func(n int) string {
			return closed(r, at.Format("2006-01-02T15:04:05.000Z")+" INFO  "+host+" ", "\n", n)
		})
	}
}

var csvShapes = []struct {
	match, head string
	row         func(r *rng, w *World, i int64) string
}{
	{"reading", "sequence,station,celsius,humidity,battery,note\n", func(r *rng, _ *World, i int64) string {
		return fmt.Sprintf("%d,scanner-%02d,%d.%d,%d,%d.%d,", i, r.between(1, 16), r.between(-4, 31), r.n(10), r.between(30, 95), r.between(2, 3), r.n(10))
	}},
	{"ledger", "entry,date,account,debit,credit,text\n", func(r *rng, w *World, i int64) string {
		return fmt.Sprintf("%d,%s,%d,%d.%02d,0.00,", 100_000+i, w.ago(time.Duration(r.n(30))*day).Format("2006-01-02"), 4000+r.n(900), r.n(90_000), r.n(100))
	}},
	{"", "id,date,status,quantity,amount,text\n", func(r *rng, w *World, i int64) string {
		return fmt.Sprintf("%d,%s,%s,%d,%d.%02d,", i, w.ago(time.Duration(r.n(200))*day).Format("2006-01-02"),
			pick(r, []string{"open", "paid", "sent", "held", "closed"}), r.n(400), r.n(9000), r.n(100))
	}},
}

func csvFor(w *World, p string) partFunc {
	shape := csvShapes[len(csvShapes)-1]
	for _, s := range csvShapes {
		if strings.HasPrefix(path.Base(p), s.match) {
			shape = s
			break
		}
	}
	return func(buf []byte, seed uint64, i, _ int64) {
		r := partRNG(seed, i)
		head := ""
		if i == 0 {
			head = shape.head
		}
		at := i * 1000
		fit(buf, head, func() string {
			at++
			return shape.row(r, w, at) + exact(r, "", int(r.between(8, 30))) + "\n"
		}, func(n int) string { at++; return closed(r, shape.row(r, w, at), "\n", n) })
	}
}

// framed is a file that needs a first and a last line around its records, with
// a separator between records: JSON, XML, SVG.
func framed(buf []byte, seed uint64, i, n int64, head, foot string, record func(r *rng, at int64) (prefix, suffix string), sep string) {
	r := partRNG(seed, i)
	if len(buf) < len(head)+len(foot)+200 && n == 1 {
		k := copy(buf, head)
		for ; k < len(buf)-len(foot); k++ {
			buf[k] = '\n'
		}
		copy(buf[max(len(buf)-len(foot), 0):], foot)
		return
	}
	h := ""
	if i == 0 {
		h = head
	}
	body := buf
	last := i == n-1
	if last {
		body = buf[:len(buf)-len(foot)]
		copy(buf[len(body):], foot)
	}
	at := i * 1000
	fit(body, h, func() string {
		at++
		p, s := record(r, at)
		return p + exact(r, "", int(r.between(8, 30))) + s + sep + "\n"
	}, func(k int) string {
		at++
		p, s := record(r, at)
		return closed(r, p, s+sep+"\n", k)
	})
	if last && sep != "" {
		// The last record has no separator after it.
		if k := bytes.LastIndex(body, []byte(sep+"\n")); k >= 0 {
			body[k] = ' '
		}
	}
}

func jsonRecords(buf []byte, seed uint64, i, n int64) {
	framed(buf, seed, i, n, "[\n", "]\n", func(r *rng, at int64) (string, string) {
		return fmt.Sprintf(`  {"id": %d, "state": %q, "value": %d, "text": "`, at, pick(r, []string{"open", "closed", "held"}), r.n(90_000)), `"}`
	}, ",")
}

func xmlRecords(buf []byte, seed uint64, i, n int64) {
	framed(buf, seed, i, n, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<order>\n", "</order>\n", func(r *rng, at int64) (string, string) {
		return fmt.Sprintf(`  <item number="%d" quantity="%d">`, at, r.between(1, 400)), "</item>"
	}, "")
}

func svg(buf []byte, seed uint64, i, n int64) {
	framed(buf, seed, i, n, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 600\">\n", "</svg>\n", func(r *rng, _ int64) (string, string) {
		return fmt.Sprintf(`  <text x="%d" y="%d">`, r.n(800), r.n(600)), "</text>"
	}, "")
}
