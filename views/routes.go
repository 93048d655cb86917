package views

import (
	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/views/activity"
	"ferry/views/automations"
	"ferry/views/files"
	"ferry/views/resources"
	"ferry/views/syncplan"
	"ferry/views/transfers"
	"ferry/views/users"
)

// routes is the order of the tabs; the key of a tab is its action's.
var routes = []ui.Route{
	ui.RouteFiles, ui.RouteTransfers, ui.RouteUsers, ui.RouteAutomations, ui.RouteActivity, ui.RouteResources,
	ui.RouteSync,
}

// tabs names each screen and the action that shows it.
var tabs = map[ui.Route]struct {
	title  string
	action keymap.Action
}{
	ui.RouteFiles:       {"Files", keymap.GotoFiles},
	ui.RouteTransfers:   {"Transfers", keymap.GotoTransfers},
	ui.RouteUsers:       {"Users", keymap.GotoUsers},
	ui.RouteAutomations: {"Automations", keymap.GotoAutomate},
	ui.RouteActivity:    {"Activity", keymap.GotoActivity},
	ui.RouteResources:   {"Resources", keymap.GotoResources},
	ui.RouteSync:        {"Sync", keymap.GotoSync},
}

// pending is a screen whose tab says how much there waits for somebody.
type pending interface{ Pending() int }

// follows is a screen that wants to know how the transfers stand.
type follows interface {
	Follow(snap backend.TransferSnapshot)
}

// makeScreens gives every screen what it needs of the session: adding a screen
// is one line here and one in tabs.
func makeScreens(env *ui.Env, s *Session) map[ui.Route]ui.Component {
	people := users.New(env, s.Site)
	people.SetSelf(s.Account.UserID)
	return map[ui.Route]ui.Component{
		ui.RouteFiles:       files.New(env, s.Site, s.Disk, s.Queue, s.Files),
		ui.RouteTransfers:   transfers.New(env, s.Queue, transfers.Sides{Site: s.Site, Disk: s.Disk}),
		ui.RouteUsers:       people,
		ui.RouteAutomations: automations.New(env, s.Site),
		ui.RouteActivity:    activity.New(env, s.Site),
		ui.RouteResources:   resources.New(env, s.Resources),
		ui.RouteSync: syncplan.New(env, s.Queue, s.Disk, syncplan.Options{
			ReadOnly: s.Files.ReadOnly, Demo: s.Account.Demo, Login: loginFlags(s),
		}),
	}
}

// loginFlags are those with which a command gets to the site of a session; what
// is secret stays in the environment.
func loginFlags(s *Session) []string {
	switch {
	case s.Account.Demo:
	case s.Profile != "":
		return []string{"--profile", s.Profile}
	case s.Account.BaseURL != "":
		return []string{"--base-url", s.Account.BaseURL}
	}
	return nil
}
