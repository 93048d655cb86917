package server

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ferry/pathutil"
)

// folderQuery is what a listing asks for (PROTOCOL.md 8).
type folderQuery struct {
	path      string
	perPage   int
	only      int // rank, or -1 for both
	sort      string
	desc      bool
	search    string
	metaKey   string
	all       bool
	recursive bool
	since     time.Time
	cursor    *folderCursor
	root      root // what cursors are told from
}

// folderCursor is a place in a listing. The recorded form is the path of the
// last item, "1", and a number; the number carries the rank here, and for the
// other sorts the value (PROTOCOL.md 5).
type folderCursor struct {
	path string
	mode string // "1" for the order of names, else the sort
	n    int64
	back bool
}

// String is the form in which clients get it.
func (c folderCursor) String() string {
	prefix := cursorNext
	if c.back {
		prefix = cursorPrev
	}
	return prefix + base64.RawStdEncoding.EncodeToString([]byte(c.path+"//"+c.mode+"//"+strconv.FormatInt(c.n, 10)))
}

func readFolderCursor(s string) (*folderCursor, error) {
	bad := wireErrorf("bad-request/invalid-cursor", "The cursor is not valid")
	text, next := strings.CutPrefix(s, cursorNext)
	if !next {
		var ok bool
		if text, ok = strings.CutPrefix(s, cursorPrev); !ok {
			return nil, bad
		}
	}
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, bad
	}
	parts := strings.Split(string(b), "//")
	if len(parts) != 3 || parts[0] == "" || pathutil.Normalize(parts[0]) != parts[0] {
		return nil, bad
	}
	n, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return nil, bad
	}
	return &folderCursor{path: parts[0], mode: parts[1], n: n, back: !next}, nil
}

// mode is how the cursors of the listing name its order.
func (f *folderQuery) mode() string {
	m := f.sort
	if m == "path" && !f.desc {
		m = "1"
	}
	if f.desc {
		m += "-desc"
	}
	if f.recursive {
		m += "-all"
	}
	return m
}

// cursorAt is the cursor of an entry.
func (f *folderQuery) cursorAt(n *node, back bool) string {
	c := folderCursor{path: f.root.below(n.path), mode: f.mode(), back: back, n: n.id<<1 | int64(n.rank())}
	if f.sort != "path" {
		c.n = sortNumber(n, f.sort)
	}
	return c.String()
}

func (c *call) readFolderQuery() (*folderQuery, error) {
	f := &folderQuery{only: -1, sort: "path", perPage: defaultPerPage, root: c.who.root}
	var err error
	if f.path, err = c.path(); err != nil {
		return nil, err
	}
	n, err := c.number("per_page", defaultPerPage)
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, badParam("per_page", "a positive number")
	}
	f.perPage = int(min(n, maxPerPage))
	if f.recursive, err = c.flag("recursive"); err != nil {
		return nil, err
	}
	if f.all, err = c.flag("search_all"); err != nil {
		return nil, err
	}
	f.search, f.metaKey = c.query.Get("search"), c.query.Get("search_custom_metadata_key")
	if f.search != "" && f.metaKey == "" { // what stands before the last slash does not count
		f.search = pathutil.Fold(f.search[strings.LastIndexByte(f.search, '/')+1:])
	}
	switch c.query.Get("type") {
	case "":
	case "folder":
		f.only = rankDir
	case "file":
		f.only = rankFile
	default:
		return nil, badParam("type", "folder or file")
	}
	if err := c.readFolderSort(f); err != nil {
		return nil, err
	}
	if s := c.query.Get("modified_at_datetime"); s != "" {
		if f.only < 0 {
			return nil, wireErrorf("bad-request/request-params-invalid", "modified_at_datetime can only be used together with type")
		}
		t, _, ok := readTime(s, utc)
		if !ok {
			return nil, wireErrorf("bad-request/datetime-parse", "modified_at_datetime must contain valid date and time")
		}
		f.since = t
	}
	if f.all && !c.isRoot(f.path) {
		return nil, wireErrorf("bad-request/search-all-on-child-path", "search_all is only allowed for the root folder")
	}
	sorted := len(nested(c.query, "sort_by")) > 0
	if f.recursive && (sorted || f.search != "" || f.all || !f.since.IsZero()) {
		return nil, wireErrorf("bad-request/invalid-sort-filter-combination", "recursive cannot be combined with sort_by, search or modified_at_datetime")
	}
	return f, nil
}

// folderSorts are the fields that a listing can be sorted by.
var folderSorts = map[string]bool{"path": true, "size": true, "modified_at_datetime": true, "provided_modified_at": true}

func (c *call) readFolderSort(f *folderQuery) error {
	sorts := nested(c.query, "sort_by")
	if len(sorts) > 1 {
		return wireErrorf("bad-request/multiple-sort-params-not-allowed", "Only one sort_by parameter is allowed")
	}
	if c.query.Get("sort_by") != "" {
		return wireErrorf("bad-request/invalid-sort-field", "sort_by must name a field: sort_by[field]=asc")
	}
	for _, x := range sorts {
		if !folderSorts[x[0]] {
			return wireErrorf("bad-request/invalid-sort-field", "A folder cannot be sorted by %s", x[0])
		}
		f.sort = x[0]
		switch strings.ToLower(x[1]) {
		case "asc", "":
		case "desc":
			f.desc = true
		default:
			return wireErrorf("bad-request/invalid-sort-field", "The direction of sort_by must be asc or desc")
		}
	}
	text := c.query.Get("cursor")
	if text == "" {
		return nil
	}
	cur, err := readFolderCursor(text)
	if err != nil {
		return err
	}
	if cur.mode != f.mode() {
		return wireErrorf("bad-request/invalid-cursor-type-for-sort", "The cursor belongs to another sort")
	}
	cur.path = f.root.in(cur.path)
	f.cursor = cur
	return nil
}

func (c *call) listFolder() error {
	f, err := c.readFolderQuery()
	if err != nil {
		return err
	}
	v, err := c.view()
	if err != nil {
		return err
	}
	if !strings.Contains(v.rights.at(f.path), string(mayList)) {
		return c.need(f.path, mayRead)
	}
	var page *folderPage
	err = c.s.tree.look(func(q querier) error {
		page, err = c.s.tree.page(c.ctx, q, f, v.rights)
		return err
	})
	if err != nil {
		return asNotFound(err)
	}
	b := make([]byte, 0, 2+len(page.items)*900)
	b = append(b, '[')
	for i, n := range page.items {
		if i > 0 {
			b = append(b, ',')
		}
		c.s.sums.show(c.ctx, n, false)
		b = appendEntry(b, n, v)
	}
	b = append(b, ']')
	if page.next != "" {
		c.w.Header().Set("X-Files-Cursor", page.next)
		c.w.Header().Set("X-Files-Cursor-Next", page.next)
	}
	if page.prev != "" {
		c.w.Header().Set("X-Files-Cursor-Prev", page.prev)
	}
	c.cacheable()
	c.w.Header().Set("X-Files-Cached-Response", strconv.FormatInt(c.now.Unix(), 10))
	return c.json(http.StatusOK, b)
}
