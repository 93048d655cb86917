package backend

// Resource is one kind of object of the API as far as a list of it needs to be
// known (PROTOCOL.md 12 and 13); package catalog has the rest.
type Resource struct {
	Name    string // in singular, as the API writes it: "api_key"
	Segment string // first element of its paths: "api_keys"
	Fields  []ResourceField
	// Needs are the parameters that its list cannot do without.
	Needs   []string
	Sorts   []string // fields that its list can be sorted by
	Filters []string // fields that its list can be filtered by, each alone
	List    bool     // it has a list
	Find    bool     // one can be asked for by its id
	Delete  bool     // one can be deleted by its id
}

// ResourceField is one attribute of a Resource.
type ResourceField struct {
	Name string
	Type string // "string", "int64", "boolean", "date-time", "array(…)", …
}

// Record is one object of any resource, as JSON has it: string, bool, float64 or
// json.Number, nil, []any, map[string]any.
type Record map[string]any
