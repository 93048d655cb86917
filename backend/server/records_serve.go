package server

import (
	"slices"
	"strings"

	"ferry/backend/catalog"
	"ferry/pathutil"
)

// list answers a list: what the caller may see, narrowed, sorted, one page.
func (c *recordCall) list(rules *recordRules) (*recordReply, error) {
	returns := c.ep.Returned()
	shape := c.resource
	if returns != nil {
		shape = returns.Name
	}
	lq, err := parseList(c.ep, shape, c.query, c.zone, c.who.root)
	if err != nil {
		return nil, err
	}
	lq.newest = newestFirst(c.resource)
	if c.ep.Op != "list" && c.ep.Op != "list_for" && !strings.HasPrefix(c.ep.Op, "list_") {
		// Lists of something else than records, such as regions of holidays.
		return &recordReply{status: c.ep.Status, body: []byte("[]")}, nil
	}
	table := c.resource
	if rules.table != "" {
		table = rules.table
	}
	rows, err := c.api.store.all(c.ctx, table)
	if err != nil {
		return nil, err
	}
	if rows, err = c.narrow(rules, rows); err != nil {
		return nil, err
	}
	if len(lq.filters) > 0 {
		rows = slices.DeleteFunc(rows, func(r *record) bool {
			for i := range lq.filters {
				if !lq.filters[i].match(r.doc[lq.filters[i].field]) {
					return true
				}
			}
			return false
		})
	}
	page, next, prev := lq.page(rows)
	b := make([]byte, 0, 256+len(page)*512)
	b = append(b, '[')
	for i, r := range page {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = c.append(b, shape, rules, r); err != nil {
			return nil, err
		}
	}
	return &recordReply{status: c.ep.Status, body: append(b, ']'), next: next, prev: prev}, nil
}

// narrow applies what the caller may see and the parameters of the list that
// are no filters.
func (c *recordCall) narrow(rules *recordRules, rows []*record) ([]*record, error) {
	if !c.who.seesAll() && !rules.open {
		rows = slices.DeleteFunc(rows, func(r *record) bool { return !c.mine(rules, r) })
	}
	if c.who.root != "" {
		rows = slices.DeleteFunc(rows, func(r *record) bool { return !c.who.root.visible(c.resource, r.doc) })
	}
	if rules.scope != nil {
		return rules.scope(c, rows)
	}
	keep := func(ok func(r *record) bool) {
		rows = slices.DeleteFunc(rows, func(r *record) bool { return !ok(r) })
	}
	for _, p := range c.ep.Params {
		v, given := c.params[p.Name]
		if !given || v == nil {
			continue
		}
		switch {
		case p.Name == "path" && p.In == "path":
			path, _ := v.(string)
			keep(func(r *record) bool {
				s, _ := r.doc["path"].(string)
				return pathutil.IsSame(s, path)
			})
		case p.Name == "ids":
			text, _ := v.(string)
			ids, ok := readIDs(text)
			if !ok {
				return nil, wireErrorf("bad-request/request-params-invalid", "ids must be a list of ids")
			}
			keep(func(r *record) bool { return slices.Contains(ids, r.id) })
		case p.Name == "user_id":
			id, _ := v.(int64)
			if id == 0 {
				id = c.who.userID
			}
			if hasField(c.resource, "user_id") {
				keep(func(r *record) bool { return r.doc["user_id"] == id })
			}
		case strings.HasSuffix(p.Name, "_id") && (hasField(c.resource, p.Name) || p.Name == "bundle_id"):
			keep(func(r *record) bool { return r.doc[p.Name] == v })
		}
	}
	return rows, nil
}

func hasField(resource, field string) bool {
	res, ok := catalog.Lookup(resource)
	if !ok {
		return false
	}
	_, ok = res.Field(field)
	return ok
}
