package api

import (
	"context"
	"net/http"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// HistoryQuery says which actions of the last 24 hours to list (PROTOCOL.md
// 12). At most one of Path and UserID and Logins is used, in this order.
type HistoryQuery struct {
	backend.Query
	Path   string // of one file or folder; "" is the whole site
	Kind   backend.Kind
	UserID int64
	Logins bool
	From   time.Time // zero: 24 hours ago
	To     time.Time // zero: now
}

// History gives one page of what happened on the whole site in the last 24
// hours.
func (c *Client) History(ctx context.Context, q backend.Query) (backend.Page[backend.LogLine], error) {
	return c.HistoryOf(ctx, HistoryQuery{Query: q})
}

// HistoryOf gives one page of what happened to a path, by a user, or between
// two moments.
func (c *Client) HistoryOf(ctx context.Context, q HistoryQuery) (backend.Page[backend.LogLine], error) {
	op, route, endpoint := "list history", "/history", "list"
	switch path := pathutil.Normalize(q.Path); {
	case path != "" && q.Kind == backend.Folder:
		route, endpoint = withPath("/history/folders", path), "list_for_folder"
	case path != "":
		route, endpoint = withPath("/history/files", path), "list_for_file"
	case q.UserID != 0:
		route, endpoint = withID("/history/users", q.UserID), "list_for_user"
	case q.Logins:
		route, endpoint = "/history/login", "list_logins"
	}
	if err := checkQuery("history", endpoint, q.Query); err != nil {
		return backend.Page[backend.LogLine]{}, named(err, op, q.Path)
	}
	p := listParams(q.Query)
	if !q.From.IsZero() {
		p.add("start_at", stamp(q.From))
	}
	if !q.To.IsZero() {
		p.add("end_at", stamp(q.To))
	}
	return listOf(ctx, c, &call{op: op, path: q.Path, method: http.MethodGet, route: route, query: p}, q.Cursor, setAction)
}

func setAction(l *backend.LogLine, key []byte, s *scanner) {
	switch string(key) {
	case "when":
		l.At = s.time()
	case "action":
		l.What = s.text()
	case "path":
		l.Path = s.text()
	case "username":
		l.Who = s.text()
	case "ip":
		l.From = joinNonEmpty(s.text(), l.From)
	case "interface":
		l.From = joinNonEmpty(l.From, s.text())
	case "failure_type":
		if l.Status = s.text(); l.Status == "none" || l.Status == "" {
			l.Status = "success"
		}
	case "destination":
		if to := s.text(); to != "" {
			l.Text = "to " + to
		}
	case "source":
		if from := s.text(); from != "" && l.Text == "" {
			l.Text = "from " + from
		}
	default:
		s.skip()
	}
}

func joinNonEmpty(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + " " + b
}
