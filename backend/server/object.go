package server

import "strconv"

// object writes a JSON object with its fields in the order of the calls.
type object struct{ b []byte }

func newObject() *object { return &object{b: append(make([]byte, 0, 512), '{')} }

func (o *object) key(name string) {
	if len(o.b) > 1 {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, name...) // the names are ours and need no escape
	o.b = append(o.b, '"', ':')
}

func (o *object) text(name, v string) { o.key(name); o.b = appendText(o.b, v) }

func (o *object) number(name string, v int64) { o.key(name); o.b = strconv.AppendInt(o.b, v, 10) }

func (o *object) flag(name string, v bool) { o.key(name); o.b = strconv.AppendBool(o.b, v) }

func (o *object) null(name string) { o.key(name); o.b = append(o.b, "null"...) }

func (o *object) raw(name string, v []byte) { o.key(name); o.b = append(o.b, v...) }

// orNull writes a text, or null for an empty one.
func (o *object) orNull(name, v string) {
	if v == "" {
		o.null(name)
		return
	}
	o.text(name, v)
}

func (o *object) bytes() []byte { return append(o.b, '}') }
