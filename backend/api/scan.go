package api

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON in one pass, without an intermediate form and tolerantly:
// a value of another type than wanted counts as absent, numbers may be strings
// and strings numbers, null is nothing (PROTOCOL.md 15). The first syntax error
// stays in err and ends everything.
type scanner struct {
	b     []byte
	i     int
	depth int
	err   error
	esc   []byte // scratch for strings with escapes
}

var (
	errJSON      = errors.New("malformed JSON")
	errTruncated = errors.New("truncated JSON")
	errDeep      = errors.New("JSON nested too deeply")
	errNotList   = errors.New("not a JSON array")
	errNotObject = errors.New("not a JSON object")
)

const maxDepth = 200

func (s *scanner) fail(err error) {
	if s.err == nil {
		if s.i >= len(s.b) {
			err = errTruncated
		}
		s.err = err
	}
	s.i = len(s.b)
}

// peek gives the first byte of the next token, 0 at the end.
func (s *scanner) peek() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\n', '\r', '\t':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// eat takes the byte c if it is next.
func (s *scanner) eat(c byte) bool {
	if s.peek() != c || s.err != nil {
		return false
	}
	s.i++
	return true
}

// end checks that nothing but white space is left.
func (s *scanner) end() error {
	if s.err == nil && s.peek() != 0 {
		s.fail(errJSON)
	}
	return s.err
}

// object calls f for each member; f must take the value, and the key is gone
// once it has begun to. Anything but an object is skipped.
func (s *scanner) object(f func(key []byte)) bool {
	if s.peek() != '{' {
		s.skip()
		return false
	}
	s.i++
	if s.depth++; s.depth > maxDepth {
		s.fail(errDeep)
		return false
	}
	defer func() { s.depth-- }()
	if s.eat('}') {
		return true
	}
	for s.err == nil {
		key := s.key()
		if !s.eat(':') {
			s.fail(errJSON)
			return false
		}
		f(key)
		if s.eat(',') {
			continue
		}
		if !s.eat('}') {
			s.fail(errJSON)
		}
		return s.err == nil
	}
	return false
}

// array calls f for each element; f must take it. Anything but an array is
// skipped.
func (s *scanner) array(f func()) bool {
	if s.peek() != '[' {
		s.skip()
		return false
	}
	s.i++
	if s.depth++; s.depth > maxDepth {
		s.fail(errDeep)
		return false
	}
	defer func() { s.depth-- }()
	if s.eat(']') {
		return true
	}
	for s.err == nil {
		f()
		if s.eat(',') {
			continue
		}
		if !s.eat(']') {
			s.fail(errJSON)
		}
		return s.err == nil
	}
	return false
}

// key reads a member's name.
func (s *scanner) key() []byte {
	if s.peek() != '"' {
		s.fail(errJSON)
		return nil
	}
	return s.quoted()
}

// quoted reads a string. The bytes are valid until the next call.
func (s *scanner) quoted() []byte {
	s.i++ // the opening quote
	start := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[start : s.i-1]
		case c == '\\':
			return s.escaped(start)
		case c < ' ':
			s.fail(errJSON)
			return nil
		}
		s.i++
	}
	s.fail(errTruncated)
	return nil
}

// escaped goes on reading a string at its first backslash.
func (s *scanner) escaped(start int) []byte {
	s.esc = append(s.esc[:0], s.b[start:s.i]...)
	for s.i < len(s.b) {
		c := s.b[s.i]
		s.i++
		switch {
		case c == '"':
			return s.esc
		case c < ' ':
			s.fail(errJSON)
			return nil
		case c != '\\':
			s.esc = append(s.esc, c)
			continue
		}
		if s.i >= len(s.b) {
			break
		}
		c = s.b[s.i]
		s.i++
		switch c {
		case '"', '\\', '/':
			s.esc = append(s.esc, c)
		case 'b':
			s.esc = append(s.esc, '\b')
		case 'f':
			s.esc = append(s.esc, '\f')
		case 'n':
			s.esc = append(s.esc, '\n')
		case 'r':
			s.esc = append(s.esc, '\r')
		case 't':
			s.esc = append(s.esc, '\t')
		case 'u':
			s.esc = utf8.AppendRune(s.esc, s.unicode())
		default:
			s.fail(errJSON)
			return nil
		}
	}
	s.fail(errTruncated)
	return nil
}

// unicode reads the digits of \uXXXX, and the second half of a surrogate pair.
func (s *scanner) unicode() rune {
	r := s.hex4()
	if !utf16.IsSurrogate(r) {
		return r
	}
	if s.i+6 <= len(s.b) && s.b[s.i] == '\\' && s.b[s.i+1] == 'u' {
		at := s.i
		s.i += 2
		if full := utf16.DecodeRune(r, s.hex4()); full != utf8.RuneError {
			return full
		}
		s.i = at
	}
	return utf8.RuneError
}

func (s *scanner) hex4() rune {
	if s.i+4 > len(s.b) {
		s.fail(errTruncated)
		return utf8.RuneError
	}
	var r rune
	for _, c := range s.b[s.i : s.i+4] {
		r <<= 4
		switch {
		case c >= '0' && c <= '9':
			r |= rune(c - '0')
		case c >= 'a' && c <= 'f':
			r |= rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			r |= rune(c-'A') + 10
		default:
			s.fail(errJSON)
			return utf8.RuneError
		}
	}
	s.i += 4
	return r
}

// skip passes over one value of any type.
func (s *scanner) skip() {
	switch c := s.peek(); c {
	case '{':
		s.object(func([]byte) { s.skip() })
	case '[':
		s.array(s.skip)
	case '"':
		s.quoted()
	default:
		s.literal()
	}
}

// literal reads a number, true, false or null.
func (s *scanner) literal() []byte {
	s.peek()
	start := s.i
	for s.i < len(s.b) {
		c := s.b[s.i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E' {
			s.i++
			continue
		}
		break
	}
	lit := s.b[start:s.i]
	switch {
	case len(lit) == 0:
		s.fail(errJSON)
	case lit[0] == 't' && string(lit) == "true", lit[0] == 'f' && string(lit) == "false", lit[0] == 'n' && string(lit) == "null":
	case lit[0] == '-' || lit[0] >= '0' && lit[0] <= '9':
	default:
		s.i = start
		s.fail(errJSON)
		return nil
	}
	return lit
}

// raw reads a scalar as bytes, valid until the next call; null, objects and
// arrays give none.
func (s *scanner) raw() []byte {
	switch s.peek() {
	case '"':
		return s.quoted()
	case '{', '[':
		s.skip()
		return nil
	}
	lit := s.literal()
	if len(lit) > 0 && lit[0] == 'n' {
		return nil
	}
	return lit
}

// text reads a scalar as a string.
func (s *scanner) text() string { return string(s.raw()) }

// word reads a scalar that has few different values.
func (s *scanner) word() string { return intern(s.raw()) }

// int reads a whole number; anything else is 0. A fraction is cut off.
func (s *scanner) int() int64 {
	n, _ := s.intOK()
	return n
}

func (s *scanner) intOK() (int64, bool) {
	b := s.raw()
	if len(b) == 0 {
		return 0, false
	}
	var n int64
	neg := b[0] == '-'
	digits := b
	if neg {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return parseLong(b)
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return parseLong(b)
		}
		n = n*10 + int64(c-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}

func parseLong(b []byte) (int64, bool) {
	t := strings.TrimSpace(string(b))
	if n, err := strconv.ParseInt(t, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(t, 64)
	if err != nil || f != f || f > 1<<62 || f < -(1<<62) {
		return 0, false
	}
	return int64(f), true
}

func (s *scanner) float() float64 {
	f, err := strconv.ParseFloat(s.text(), 64)
	if err != nil {
		return 0
	}
	return f
}

// bool reads true, "true", 1 and "1" as true.
func (s *scanner) bool() bool {
	switch string(s.raw()) {
	case "true", "True", "1":
		return true
	}
	return false
}

// time reads a moment; anything else is zero.
func (s *scanner) time() time.Time { return parseTime(s.raw()) }

// parseTime reads the form of file objects by hand, because a page has
// thousands of them, and leaves the others to package time.
func parseTime(b []byte) time.Time {
	if len(b) == 20 && b[4] == '-' && b[7] == '-' && b[10] == 'T' && b[13] == ':' && b[16] == ':' && b[19] == 'Z' {
		y, mo, d := num(b[0:4]), num(b[5:7]), num(b[8:10])
		h, mi, se := num(b[11:13]), num(b[14:16]), num(b[17:19])
		if y >= 0 && mo >= 1 && mo <= 12 && d >= 1 && d <= 31 && h >= 0 && h < 24 && mi >= 0 && mi < 60 && se >= 0 && se < 60 {
			return time.Date(y, time.Month(mo), d, h, mi, se, 0, time.UTC)
		}
	}
	if len(b) == 0 {
		return time.Time{}
	}
	text := string(b)
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05 MST",
		"2006-01-02 15:04:05 -0700", time.DateTime, time.DateOnly,
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func num(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// ints reads an array of numbers or a comma-separated string of them.
func (s *scanner) ints() []int64 {
	var out []int64
	if s.peek() == '[' {
		s.array(func() {
			if n, ok := s.intOK(); ok {
				out = append(out, n)
			}
		})
		return out
	}
	for p := range strings.SplitSeq(s.text(), ",") {
		if n, err := strconv.ParseInt(strings.TrimSpace(p), 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// strings reads an array of strings, or a single one.
func (s *scanner) strings() []string {
	var out []string
	if s.peek() == '[' {
		s.array(func() {
			if b := s.raw(); b != nil {
				out = append(out, string(b))
			}
		})
		return out
	}
	if t := s.text(); t != "" {
		out = append(out, t)
	}
	return out
}

// stringMap reads field → messages.
func (s *scanner) stringMap() map[string][]string {
	m := map[string][]string{}
	s.object(func(key []byte) {
		name := string(key)
		if v := s.strings(); len(v) > 0 {
			m[name] = v
		}
	})
	if len(m) == 0 {
		return nil
	}
	return m
}

// any reads a value as encoding/json would, numbers as int64 where they are
// whole and float64 otherwise.
func (s *scanner) any() any {
	switch s.peek() {
	case '{':
		m := map[string]any{}
		s.object(func(key []byte) {
			name := string(key)
			m[name] = s.any()
		})
		return m
	case '[':
		l := []any{}
		s.array(func() { l = append(l, s.any()) })
		return l
	case '"':
		return string(s.quoted())
	}
	lit := s.literal()
	if len(lit) == 0 {
		return nil
	}
	switch lit[0] {
	case 't':
		return true
	case 'f':
		return false
	case 'n':
		return nil
	}
	if n, err := strconv.ParseInt(string(lit), 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(string(lit), 64); err == nil {
		return f
	}
	return json.Number(lit)
}

// errorList reads the array of an error body: texts, or error objects.
func (s *scanner) errorList() (texts, types []string) {
	one := func() {
		if s.peek() != '{' {
			if t := s.text(); t != "" {
				texts = append(texts, t)
			}
			return
		}
		s.object(func(key []byte) {
			switch string(key) {
			case "error", "message":
				texts = append(texts, s.text())
			case "type":
				types = append(types, s.text())
			default:
				s.skip()
			}
		})
	}
	if s.peek() == '[' {
		s.array(one)
	} else {
		one()
	}
	return texts, types
}

// errorData reads the data object of an error body.
func (s *scanner) errorData() errorData {
	var d errorData
	s.object(func(key []byte) {
		switch string(key) {
		case "two_factor_authentication_methods":
			d.methods = s.strings()
		case "partial_session_id":
			d.partial = s.text()
		case "host":
			d.host = s.text()
		case "lockout_expires", "locked_until":
			d.until = s.time()
		default:
			s.skip()
		}
	})
	return d
}
