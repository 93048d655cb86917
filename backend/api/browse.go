package api

import (
	"context"
	"slices"

	"ferry/backend"
	"ferry/backend/catalog"
)

// Resources are the kinds of objects that have a list, as a screen that browses
// them wants to know them, by name.
func (c *Client) Resources() []backend.Resource {
	var out []backend.Resource
	for _, r := range catalog.Resources() {
		if len(r.Endpoints) == 0 {
			continue
		}
		b := backend.Resource{Name: r.Name, Segment: r.Segment}
		for _, f := range r.Fields {
			if !f.WriteOnly {
				b.Fields = append(b.Fields, backend.ResourceField{Name: f.Name, Type: f.Type})
			}
		}
		list, ok := r.Endpoint("list")
		if !ok {
			list, ok = r.Endpoint("list_for")
		}
		if b.List = ok; ok {
			for _, p := range list.Params {
				if p.Required {
					b.Needs = append(b.Needs, p.Name)
				}
			}
			if list.List != nil {
				b.Sorts = slices.Clone(list.List.Sort)
				b.Filters = list.List.Filterable()
			}
		}
		_, b.Find = r.Endpoint("find")
		_, b.Delete = r.Endpoint("delete")
		out = append(out, b)
	}
	return out
}

// Records gives one page of any resource. Params are what its list cannot do
// without.
func (c *Client) Records(
	ctx context.Context, resource string, params map[string]string, q backend.Query,
) (backend.Page[backend.Record], error) {
	values := make(map[string]any, len(params))
	for k, v := range params {
		values[k] = v
	}
	return c.Resource(resource).List(ctx, q, values)
}

// Record gives one object of any resource by its id.
func (c *Client) Record(ctx context.Context, resource, id string) (backend.Record, error) {
	return c.Resource(resource).Find(ctx, id)
}

// DeleteRecord removes one object of any resource by its id.
func (c *Client) DeleteRecord(ctx context.Context, resource, id string) error {
	return c.Resource(resource).Delete(ctx, id, nil)
}
