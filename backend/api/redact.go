package api

import (
	"strconv"
	"strings"
)

// maxLogged bounds what a body takes in the log.
const maxLogged = 4096

// redactBody writes JSON anew without the values of secret names. A text that
// is no JSON might be anything and is not written at all. An object that is a
// session has its id hidden: the id is the key to the site.
func redactBody(data []byte) string {
	check := scanner{b: data}
	check.skip()
	if check.end() != nil {
		return "(" + strconv.Itoa(len(data)) + " bytes that are not JSON)"
	}
	r := redactor{s: scanner{b: data}}
	r.value()
	if r.out.Len() > maxLogged {
		return clip(r.out.String(), maxLogged)
	}
	return r.out.String()
}

type redactor struct {
	s   scanner
	out strings.Builder
}

// value copies one value. After the limit the rest is only passed over.
func (r *redactor) value() {
	if r.out.Len() > maxLogged {
		r.s.skip()
		return
	}
	switch r.s.peek() {
	case '{':
		r.object()
	case '[':
		r.out.WriteByte('[')
		first := true
		r.s.array(func() {
			if !first {
				r.out.WriteByte(',')
			}
			first = false
			r.value()
		})
		r.out.WriteByte(']')
	case '"':
		text := string(r.s.quoted())
		if strings.Contains(text, "://") || looksSecret(text) {
			text = hidden
		}
		r.out.WriteString(strconv.Quote(text))
	default:
		r.out.Write(r.s.literal())
	}
}

func (r *redactor) object() {
	r.out.WriteByte('{')
	first := true
	r.s.object(func(key []byte) {
		name := string(key)
		if !first {
			r.out.WriteByte(',')
		}
		first = false
		r.out.WriteString(strconv.Quote(clip(name, 80)))
		r.out.WriteByte(':')
		isText := r.s.peek() == '"'
		switch {
		case secretName(name), name == "id" && isText: // numeric ids are no secrets, session ids are
			r.s.skip()
			r.out.WriteString(strconv.Quote(hidden))
		default:
			r.value()
		}
	})
	r.out.WriteByte('}')
}

// looksSecret knows the shapes of session ids and keys: long runs of letters
// and digits with both in them, as long as the shortest one seen (PROTOCOL.md
// 2). Checksums fall under it too; the log can do without.
func looksSecret(s string) bool {
	if len(s) < 40 {
		return false
	}
	letters, digits := false, false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = true
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			letters = true
		default:
			return false
		}
	}
	return letters && digits
}
