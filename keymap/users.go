package keymap

// Actions of the users screen.
const (
	UserCreate   Action = "users.create"
	UserEdit     Action = "users.edit"
	UserToggle   Action = "users.toggle"
	UserDelete   Action = "users.delete"
	UserUnlock   Action = "users.unlock"
	UserReset2FA Action = "users.reset-2fa"
	UserWelcome  Action = "users.welcome"
	UserFilter   Action = "users.filter"
	UserAudit    Action = "users.audit"
)

var users = []Binding{
	{Action: UserCreate, Keys: []string{"a"}, Label: "add a user", Short: "add", Group: Users},
	{Action: UserEdit, Keys: []string{"e"}, Label: "edit this user", Short: "edit", Group: Users},
	{Action: UserToggle, Keys: []string{"t"}, Label: "enable or disable; all marked ones together", Short: "enable/disable", Group: Users},
	{Action: UserDelete, Keys: []string{"d", "f8", "delete"}, Label: "delete; the user name must be typed", Short: "delete", Group: Users, Danger: true},
	{Action: UserUnlock, Keys: []string{"U"}, Label: "unlock after too many wrong passwords", Short: "unlock", Group: Users},
	{Action: UserReset2FA, Keys: []string{"x"}, Label: "reset the second factor", Short: "reset 2FA", Group: Users, Danger: true},
	{Action: UserWelcome, Keys: []string{"m"}, Label: "send the welcome mail again", Short: "welcome mail", Group: Users},
	{Action: UserFilter, Keys: []string{"f"}, Label: "filter: what the site is asked for", Short: "filter", Group: Users},
	{Action: UserAudit, Keys: []string{"F"}, Label: "audits: never logged in, unused, locked, no second factor …", Short: "audits", Group: Users},
}
