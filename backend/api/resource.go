package api

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"

	"ferry/backend"
	"ferry/backend/catalog"
)

// Resource is the handle of any kind of object of the API, driven by the
// catalog: what has no method of its own in this package is reached with it.
// Parameters are checked by name and type before anything is sent.
type Resource struct {
	c    *Client
	name string
	kind *catalog.Resource // nil when there is no such resource
}

// Resource gives the handle of a resource by its name in singular ("bundle") or
// as in its paths ("bundles"). An unknown name shows at the first call.
func (c *Client) Resource(name string) *Resource {
	kind, _ := catalog.Lookup(name)
	return &Resource{c: c, name: name, kind: kind}
}

// Ops are the operations that the resource has: list, find, create, update,
// delete, and its named actions.
func (r *Resource) Ops() []string {
	if r.kind == nil {
		return nil
	}
	ops := make([]string, len(r.kind.Endpoints))
	for i, e := range r.kind.Endpoints {
		ops[i] = e.Op
	}
	return ops
}

// List gives one page. Params are parameters beyond paging, sorting and
// filtering; nil for none.
func (r *Resource) List(ctx context.Context, q backend.Query, params map[string]any) (backend.Page[backend.Record], error) {
	return r.ListOp(ctx, r.listOp(), q, params)
}

// ListOp gives one page of another list of the resource: "list_for_user".
func (r *Resource) ListOp(
	ctx context.Context, op string, q backend.Query, params map[string]any,
) (backend.Page[backend.Record], error) {
	k, err := r.listCall(op, q, params)
	if err != nil {
		return backend.Page[backend.Record]{}, err
	}
	return listOf(ctx, r.c, k, q.Cursor, setRecord)
}

// listOp is the name of the resource's list; some go by path only.
func (r *Resource) listOp() string {
	if r.kind != nil {
		if _, ok := r.kind.Endpoint("list"); !ok {
			return "list_for"
		}
	}
	return "list"
}

func (r *Resource) listCall(op string, q backend.Query, params map[string]any) (*call, error) {
	ep, err := r.endpoint(op)
	if err == nil {
		err = checkList(ep, q)
	}
	var k *call
	if err == nil {
		k, err = r.call(ep, params)
	}
	if err != nil {
		return nil, named(err, r.what(op), "")
	}
	k.query = append(listParams(q), k.query...)
	return k, nil
}

// Find gives one object by its id, which may also be a path.
func (r *Resource) Find(ctx context.Context, id any) (backend.Record, error) {
	return r.Do(ctx, "find", r.key("find", id, nil))
}

// Create makes an object.
func (r *Resource) Create(ctx context.Context, params map[string]any) (backend.Record, error) {
	return r.Do(ctx, "create", params)
}

// Update changes fields of an object.
func (r *Resource) Update(ctx context.Context, id any, params map[string]any) (backend.Record, error) {
	return r.Do(ctx, "update", r.key("update", id, params))
}

// Delete removes an object. Params are what some resources want besides the id
// (the token of a lock); nil for none.
func (r *Resource) Delete(ctx context.Context, id any, params map[string]any) error {
	_, err := r.Do(ctx, "delete", r.key("delete", id, params))
	return err
}

// key puts an id under the name that the endpoint's path has for it.
func (r *Resource) key(op string, id any, params map[string]any) map[string]any {
	all := maps.Clone(params)
	if all == nil {
		all = map[string]any{}
	}
	name := "id"
	if r.kind != nil {
		if ep, ok := r.kind.Endpoint(op); ok {
			for _, p := range ep.Params {
				if p.In == "path" {
					name = p.Name
				}
			}
		}
	}
	if id != nil {
		all[name] = id
	}
	return all
}

// Do carries out an operation that answers with one object or with nothing; of
// nothing the record is nil.
func (r *Resource) Do(ctx context.Context, op string, params map[string]any) (backend.Record, error) {
	a, k, err := r.send(ctx, op, params)
	if err != nil || a == nil {
		return nil, err
	}
	rec, err := decodeOne(a.data, setRecord)
	if err != nil {
		return nil, named(unreadable(a, err), k.op, k.path)
	}
	return rec, nil
}

// send carries out an operation. The answer is nil when there is none.
func (r *Resource) send(ctx context.Context, op string, params map[string]any) (*answer, *call, error) {
	ep, err := r.endpoint(op)
	var k *call
	if err == nil {
		k, err = r.call(ep, params)
	}
	if err != nil {
		return nil, nil, named(err, r.what(op), "")
	}
	a, err := r.c.do(ctx, k)
	if err != nil {
		return nil, k, err
	}
	if ep.Response == "none" || len(bytes.TrimSpace(a.data)) == 0 {
		a = nil
	}
	return a, k, nil
}

func (r *Resource) what(op string) string {
	return strings.ReplaceAll(op+" "+r.name, "_", " ")
}

func (r *Resource) endpoint(op string) (*catalog.Endpoint, error) {
	if r.kind == nil {
		e := invalid("resource", "Files.com has no resource named "+r.name+".")
		return nil, e
	}
	ep, ok := r.kind.Endpoint(op)
	if !ok {
		return nil, &backend.Error{
			Class: backend.ClassNotImplemented, Group: backend.Client, Title: "Not Implemented",
			Message: "Files.com cannot " + strings.ReplaceAll(op, "_", " ") + " this kind of object.", Legal: r.Ops(),
		}
	}
	return ep, nil
}

// call makes the request of an endpoint from checked parameters.
func (r *Resource) call(ep *catalog.Endpoint, values map[string]any) (*call, error) {
	k := &call{op: r.what(ep.Op), method: ep.Method, repeatable: ep.Method == "PATCH"}
	inPath := map[string]string{}
	body := optional{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p, ok := ep.Param(name)
		if !ok {
			e := invalid(name, "There is no parameter "+name+" here.")
			for _, p := range ep.Params {
				e.Legal = append(e.Legal, p.Name)
			}
			return nil, e
		}
		v, err := checkValue(p, values[name])
		if err != nil {
			return nil, err
		}
		switch p.In {
		case "path":
			inPath[name] = plain(v)
			k.path = inPath[name]
		case "query":
			if v != nil {
				k.query.put(name, v)
			}
		default:
			body[name] = v
		}
	}
	for _, p := range ep.Params {
		if _, ok := values[p.Name]; p.Required && !ok {
			if p.In == "path" && p.Name == "path" { // the root
				inPath[p.Name] = ""
				continue
			}
			return nil, missing(p.Name)
		}
	}
	route, err := ep.Expand(inPath)
	if err != nil {
		return nil, invalid("path", err.Error())
	}
	k.route = route
	if len(body) > 0 {
		k.body = body
	}
	return k, nil
}

// setRecord puts a member of any object into a record.
func setRecord(r *backend.Record, key []byte, s *scanner) {
	if *r == nil {
		*r = backend.Record{}
	}
	name := fieldName(key)
	(*r)[name] = s.any()
}

// fieldName gives the name of a field without memory for those of the catalog.
func fieldName(key []byte) string {
	if s, ok := fieldNames()[string(key)]; ok {
		return s
	}
	return string(key)
}
