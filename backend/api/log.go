package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ferry/backend"
)

// logAnswer writes one line for a request that was answered: at info what and
// how long, at debug also headers and what was sent.
func (c *Client) logAnswer(
	ctx context.Context, r *call, req *http.Request, resp *http.Response, body []byte, n int, took time.Duration,
) {
	if c.cfg.Level == LogNone {
		return
	}
	attrs := append(c.lineAttrs(r, req.URL, n, took),
		slog.Int("status", resp.StatusCode), slog.String("request_id", requestID(resp.Header)))
	if c.cfg.Level == LogDebug {
		attrs = append(attrs,
			slog.Any("request_header", redactHeader(req.Header)),
			slog.Any("response_header", redactHeader(resp.Header)))
		if body != nil {
			attrs = append(attrs, slog.String("request_body", redactBody(body)))
		}
	}
	c.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
}

// logFailure writes one line for a request without an answer.
func (c *Client) logFailure(ctx context.Context, r *call, u *url.URL, n int, took time.Duration, e *backend.Error) {
	if c.cfg.Level == LogNone {
		return
	}
	attrs := append(c.lineAttrs(r, u, n, took), slog.String("error", e.Message))
	c.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "request failed", attrs...)
}

// logBody writes the answer's JSON at debug.
func (c *Client) logBody(ctx context.Context, r *call, data []byte) {
	if c.cfg.Level < LogDebug || len(data) == 0 {
		return
	}
	c.cfg.Logger.LogAttrs(ctx, slog.LevelDebug, "answer",
		slog.String("op", r.op), slog.String("body", redactBody(data)))
}

func (c *Client) lineAttrs(r *call, u *url.URL, n int, took time.Duration) []slog.Attr {
	return []slog.Attr{
		slog.String("op", r.op), slog.String("method", r.method), slog.String("path", u.EscapedPath()),
		slog.String("host", u.Host), slog.String("query", redactQuery(u, r.storage)),
		slog.Duration("took", took), slog.Int("attempt", n),
	}
}

// hidden stands where a secret was.
const hidden = "[hidden]"

// secretHeader tells whether a header's value is a secret. Location and the
// like may hold signed addresses.
func secretHeader(name string) bool {
	switch strings.ToLower(name) {
	case "x-filesapi-key", "x-filesapi-auth", "x-files-reauthentication", "authorization", "proxy-authorization",
		"cookie", "set-cookie", "location", "content-location", "referer", "link":
		return true
	}
	return secretName(name)
}

// redactHeader copies a header without its secrets.
func redactHeader(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		if secretHeader(name) {
			out[name] = hidden
			continue
		}
		out[name] = clip(strings.Join(values, ", "), 500)
	}
	return out
}

// redactQuery is the query of an address without secrets. At a storage host
// every value but the numbers of parts counts as one, because the signature may
// have any name.
func redactQuery(u *url.URL, storage bool) string {
	if u.RawQuery == "" {
		return ""
	}
	var b strings.Builder
	for piece := range strings.SplitSeq(u.RawQuery, "&") {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		raw, value, has := strings.Cut(piece, "=")
		name, err := url.QueryUnescape(raw)
		open := err == nil && has && !secretParam(name) && !strings.ContainsAny(value, "?") &&
			(!storage || name == "partNumber" || name == "part_number" || name == "part_offset")
		switch {
		case !has && (storage || err != nil): // a value without a name
			b.WriteString(hidden)
		case open || !has:
			b.WriteString(clip(piece, 200))
		default:
			b.WriteString(clip(raw, 80) + "=" + hidden)
		}
	}
	return b.String()
}

// secretParam tells whether the value of a query parameter may be a secret, for
// itself or for the field that it filters by: "filter[key]".
func secretParam(name string) bool {
	return secretName(name) || slices.ContainsFunc(strings.FieldsFunc(name, func(r rune) bool {
		return r == '[' || r == ']'
	}), secretName)
}

// secretName tells whether the value under a name (a JSON key, a query
// parameter) is or may contain a secret.
func secretName(name string) bool {
	n := strings.ToLower(name)
	switch n {
	case "key", "otp", "code", "token", "id_token", "private_key", "public_key_data", "sig", "signature",
		"credential", "partial_session_id", "session_id", "session", "url", "uri", "value", "definition",
		"bundle_code", "inbox_code":
		return true
	}
	if strings.HasSuffix(n, "_key") || strings.HasSuffix(n, "_certificate") { // certificates may come with their key
		return true
	}
	for _, part := range []string{
		"password", "passwd", "secret", "token", "api_key", "apikey", "private_key", "signature", "credential",
		"_uri", "_url", "session", "passphrase", "otp", "authorization", "encoded_content", "access_key", "sas",
	} {
		if strings.Contains(n, part) {
			return true
		}
	}
	return false
}
