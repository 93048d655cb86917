package server

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"ferry/backend/catalog"
)

// apiError is a wireError with what only some answers carry.
type apiError struct {
	wireError
	Status     int // 0: that of the type
	Data       map[string]any
	RetryAfter string
}

// Unwrap lets the error be taken for the plain one.
func (e *apiError) Unwrap() error { return &e.wireError }

// statuses are those that the classes do not tell (PROTOCOL.md 6): the first
// was recorded as 400 where the vendor's newer list has 422.
func statusOf(c catalog.ErrorClass) int {
	if c.Group == "bad-request" && c.Status == http.StatusUnprocessableEntity {
		return http.StatusBadRequest
	}
	if c.Status == 0 {
		return http.StatusInternalServerError
	}
	return c.Status
}

// closing tells whether the site is being closed, and breaks the connection then:
// what fails now fails because the site has cut it off, and an answer would say
// that the request was wrong.
func (c *call) closing() bool {
	if c.s.ctx.Err() == nil {
		return false
	}
	c.breakOff()
	return true
}

// fail answers with an error (PROTOCOL.md 6).
func (c *call) fail(err error) {
	if c.closing() {
		return
	}
	c.hurry()
	var ae *apiError
	var we *wireError
	if !errors.As(err, &ae) {
		if !errors.As(err, &we) {
			if c.ctx.Err() != nil && errors.Is(err, context.Canceled) {
				return // nobody is there to read it
			}
			c.s.log.LogAttrs(c.ctx, slog.LevelError, "internal error", slog.String("route", c.route), slog.Any("error", err))
			we = &wireError{Type: "internal-server-error", Message: "Internal server error"}
		}
		ae = &apiError{wireError: *we}
	}
	class := catalog.Classify(ae.Type)
	status := ae.Status
	if status == 0 {
		status = statusOf(class)
	}
	title := class.Title
	if ae.Type != class.Type {
		title = catalog.Classify(ae.Type).Title
	}
	b := append([]byte(nil), '{')
	if ae.Data != nil {
		b = append(b, `"data":`...)
		b = appendValue(b, ae.Data, utc)
		b = append(b, ',')
	}
	b = append(b, `"error":`...)
	b = appendText(b, c.who.root.text(ae.Message, ae.paths))
	b = append(b, `,"http-code":`...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, `,"instance":`...)
	b = appendText(b, c.id)
	if len(ae.Fields) > 0 {
		b = appendFieldErrors(b, ae.Fields)
	}
	b = append(b, `,"title":`...)
	b = appendText(b, title)
	b = append(b, `,"type":`...)
	b = appendText(b, ae.Type)
	b = append(b, '}')

	h := c.w.Header()
	h.Set("X-Files-Error-Class", ae.Type)
	if ae.RetryAfter != "" {
		h.Set("Retry-After", ae.RetryAfter)
	}
	if host, ok := ae.Data["host"].(string); ok {
		h.Set("X-Files-Host", host)
	}
	for _, name := range []string{"X-Files-Safe-To-Cache", "X-Files-Cache-For-Seconds", "Content-Length"} {
		h.Del(name)
	}
	_ = c.json(status, b)
}

// appendFieldErrors writes the validation errors in the three recorded forms.
func appendFieldErrors(b []byte, fields map[string][]string) []byte {
	names := slices.Sorted(maps.Keys(fields))
	messages, keys, list := map[string]any{}, map[string]any{}, []any{}
	for _, name := range names {
		var m, k []any
		for _, text := range fields[name] {
			m, k = append(m, text), append(k, fieldKey(text))
			list = append(list, fieldTitle(name)+" "+text)
		}
		messages[name], keys[name] = m, k
	}
	b = append(b, `,"model_errors":`...)
	b = appendValue(b, messages, utc)
	b = append(b, `,"model_error_keys":`...)
	b = appendValue(b, keys, utc)
	b = append(b, `,"errors":`...)
	return appendValue(b, list, utc)
}

// fieldKey is the key of a field message: the word that programs look for.
func fieldKey(text string) string {
	for _, x := range [][2]string{
		{"can't be blank", "blank"},
		{"already been taken", "taken"},
		{"included in the list", "inclusion"},
		{"too short", "too_short"},
		{"too long", "too_long"},
		{"doesn't match", "confirmation"},
	} {
		if containsText(text, x[0]) {
			return x[1]
		}
	}
	return "invalid"
}

// json answers with a body.
func (c *call) json(status int, body []byte) error {
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	if c.r.Method == http.MethodHead {
		return nil
	}
	_, err := c.w.Write(body)
	return ignoreWrite(err)
}

// empty answers without a body, and so without a Content-Type.
func (c *call) empty(status int) error {
	c.w.WriteHeader(status)
	return nil
}

// cacheable marks metadata, listings, downloads and completed uploads
// (PROTOCOL.md 5).
func (c *call) cacheable() {
	c.w.Header().Set("X-Files-Safe-To-Cache", "true")
	c.w.Header().Set("X-Files-Cache-For-Seconds", "900")
}

// ignoreWrite drops the error of a client that has gone: the answer has begun,
// and there is nobody to tell.
func ignoreWrite(error) error { return nil }
