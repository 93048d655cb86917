package world

// Record is one row of a resource before the site stores it.
type Record struct {
	ID     int64
	Doc    map[string]any // nil, bool, int64, float64, string, time.Time, []any, map[string]any
	Secret string         // what must never be sent: the password of a login
}
