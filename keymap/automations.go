package keymap

// Actions of the automations screen.
const (
	AutomationRun    Action = "automations.run"
	AutomationToggle Action = "automations.toggle"
	AutomationCancel Action = "automations.cancel-run"
	AutomationFilter Action = "automations.filter"
	AutomationPreset Action = "automations.preset"
	AutomationPath   Action = "automations.path"
)

var automations = []Binding{
	{Action: AutomationRun, Keys: []string{"r"}, Label: "run now; the dialog says what it will touch", Short: "run now", Group: Automations, Danger: true},
	{Action: AutomationToggle, Keys: []string{"t"}, Label: "enable or disable", Short: "enable/disable", Group: Automations},
	{Action: AutomationCancel, Keys: []string{"x"}, Label: "cancel this run", Short: "cancel run", Group: Automations, Danger: true},
	{Action: AutomationFilter, Keys: []string{"f"}, Label: "filter: what the site is asked for", Short: "filter", Group: Automations},
	{Action: AutomationPreset, Keys: []string{"F"}, Label: "by last run: failed, running, never ran …", Short: "by last run", Group: Automations},
	{Action: AutomationPath, Keys: []string{"g f"}, Label: "show its folder in the file browser", Group: Automations},
}
