package keymap

// Actions of the activity log.
const (
	ActivityFilter Action = "activity.filter"
	ActivityPath   Action = "activity.path"
)

var activity = []Binding{
	{Action: ActivityFilter, Keys: []string{"f"}, Label: "show one kind of action, or failures only", Short: "filter", Group: ActivityLog},
	{Action: ActivityPath, Keys: []string{"g f"}, Label: "show the path in the file browser", Group: ActivityLog},
}
