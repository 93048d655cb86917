// Package catalog is what Files.com offers, as data: every resource with its
// endpoints, fields, and legal sorts, filters and combinations, and every error
// class with its group.
//
// The data are the two tables beside this file, read once, at the first
// question. Everything returned is shared by all callers: read it, do not change
// it. Paths are relative to [BasePath].
package catalog

import "sync"

//go:generate go run ./gen -from ../../../shared/api

// BasePath is where the endpoints of a site begin (PROTOCOL.md 1).
const BasePath = "/api/rest/v1"

// Resource is one kind of object of the API. Some have fields only, because
// they occur inside others.
type Resource struct {
	Name      string // in singular: "user"
	Class     string // as SDKs call it: "User"
	Segment   string // first element of its paths: "users"; "" without endpoints
	Endpoints []*Endpoint
	Fields    []Field
}

// Endpoint is one operation of a resource.
type Endpoint struct {
	Resource *Resource
	Op       string // "list", "find", "create", "update", "delete", or a named action
	Method   string // of HTTP
	Path     string // with parameters in braces: "/users/{id}"
	Params   []Param
	Status   int    // of success
	Response string // "list", "object", "none", as the reference has it
	Returns  string // class of what comes back, "" for nothing
	Paged    bool   // takes cursor and per_page
	List     *List  // what may be sorted and filtered, nil for nothing

	Undocumented bool // known from the vendor's clients only
}

// Param is one parameter of an endpoint.
type Param struct {
	Name     string
	Type     string // "string", "int64", "boolean", "object", "file", "double", "array(…)"
	In       string // "path", "query" or "body"
	Required bool
	Values   []string // closed list, nil when open; the live service may know more
	Max      int      // largest legal number, 0 when unknown

	Undocumented bool
}

// Field is one attribute of a resource.
type Field struct {
	Name      string
	Type      string // as of a Param, also "date-time", "date", "decimal", "email", or a class
	Values    []string
	WriteOnly bool // accepted, never returned
	ReadOnly  bool // no endpoint of the resource takes it
	// Example is a telling value as JSON has it (string, bool, int64, float64,
	// []any, map[string]any), nil when there is none.
	Example any
}

// index is the tables, read.
type index struct {
	resources []*Resource // by name
	endpoints []*Endpoint // by resource and the order of the reference
	byName    map[string]*Resource
	byClass   map[string]*Resource
	routes    map[string][]*route // by method and first element
	errors    errorIndex
}

var load = sync.OnceValue(read)

// read builds the index from the tables.
func read() *index {
	ix := &index{
		byName:  make(map[string]*Resource, 300),
		byClass: make(map[string]*Resource, 160),
		routes:  make(map[string][]*route, 300),
	}
	ix.readResources(resourceTable)
	ix.addRoutes()
	ix.errors.read(errorTable)
	return ix
}

// Resources returns every resource by name.
func Resources() []*Resource { return load().resources }

// Endpoints returns every endpoint, resource by resource, the undocumented ones
// among them.
func Endpoints() []*Endpoint { return load().endpoints }

// Lookup finds a resource by its name ("user") or by the first element of its
// paths ("users").
func Lookup(name string) (*Resource, bool) {
	r, ok := load().byName[name]
	return r, ok
}

// ByClass finds a resource by its class ("User"), which is how [Endpoint.Returns]
// and the types of fields name one.
func ByClass(class string) (*Resource, bool) {
	r, ok := load().byClass[class]
	return r, ok
}

// Endpoint finds an operation of the resource.
func (r *Resource) Endpoint(op string) (*Endpoint, bool) {
	for _, e := range r.Endpoints {
		if e.Op == op {
			return e, true
		}
	}
	return nil, false
}

// Field finds an attribute of the resource.
func (r *Resource) Field(name string) (*Field, bool) {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return &r.Fields[i], true
		}
	}
	return nil, false
}

// Param finds a parameter of the endpoint.
func (e *Endpoint) Param(name string) (*Param, bool) {
	for i := range e.Params {
		if e.Params[i].Name == name {
			return &e.Params[i], true
		}
	}
	return nil, false
}

// Returned is the resource that the endpoint answers with, nil when it answers
// with nothing or with something that has no class.
func (e *Endpoint) Returned() *Resource { return load().byClass[e.Returns] }
