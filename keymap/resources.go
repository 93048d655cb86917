package keymap

// Actions of the resources screen.
const (
	ResourceDelete Action = "resources.delete"
	ResourceFilter Action = "resources.filter"
)

var resources = []Binding{
	{Action: ResourceDelete, Keys: []string{"d", "f8", "delete"}, Label: "delete this object; its id must be typed", Short: "delete", Group: Resources, Danger: true},
	{Action: ResourceFilter, Keys: []string{"f"}, Label: "filter: what the site is asked for", Short: "filter", Group: Resources},
}
