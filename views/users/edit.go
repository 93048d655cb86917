package users

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
	"ferry/ui/form"
	"ferry/views/paged"
)

// The keys of the fields are the names that the site gives them in its field
// errors (PROTOCOL.md 13, users).
const (
	fUsername = "username"
	fName     = "name"
	fEmail    = "email"
	fCompany  = "company"
	fGroups   = "group_ids"
	fPassword = "password"
	fAuth     = "authentication_method"
	fAdmin    = "site_admin"
	f2FA      = "require_2fa"
	fRoot     = "user_root"
	fNotes    = "notes"
)

const (
	yes = "yes"
	no  = "no"
)

// sendMsg asks for a form to be sent; id 0 creates.
type sendMsg struct {
	box  *dialog.FormBox
	id   int64
	edit backend.UserEdit
}

var (
	authMethods = []string{"password", "none", "email_signup", "sso", "password_and_ssh_key"}
	requires    = []string{"use_system_setting", "always_require", "never_require"}
)

// spaced writes a value of the site as words.
func spaced(v string) string { return strings.ReplaceAll(v, "_", " ") }

func (s *Screen) fields(u backend.User, passwordLabel string) []form.Field {
	return []form.Field{
		{Key: fUsername, Label: "User name", Value: u.Username, Required: true, Check: checkUsername},
		{Key: fName, Label: "Name", Value: u.Name},
		{Key: fEmail, Label: "E-mail", Value: u.Email, Check: checkEmail},
		{Key: fCompany, Label: "Company", Value: u.Company},
		{Key: fGroups, Label: "Groups", Value: s.groupField(u), Placeholder: "names, with commas between them", Check: s.checkGroups},
		{Key: fPassword, Label: passwordLabel, Kind: form.Secret},
		{Key: fAuth, Label: "Logs in with", Value: u.AuthMethod, Kind: form.Choice, Choices: withValue(authMethods, u.AuthMethod), Words: spaced},
		{Key: fAdmin, Label: "Site admin", Value: yesNo(u.SiteAdmin), Kind: form.Bool},
		{Key: f2FA, Label: "Second factor", Value: u.Require2FA, Kind: form.Choice, Choices: withValue(requires, u.Require2FA), Words: spaced},
		{Key: fRoot, Label: "Home folder", Value: u.UserRoot},
		{Key: fNotes, Label: "Notes", Value: u.Notes},
	}
}

// withValue makes sure that a value newer than this program stays choosable.
func withValue(choices []string, v string) []string {
	if v == "" || slices.Contains(choices, v) {
		return choices
	}
	return append([]string{v}, choices...)
}

func yesNo(b bool) string {
	if b {
		return yes
	}
	return no
}

// checkUsername says what is wrong with a user name before the site does.
func checkUsername(v string) string {
	if strings.TrimSpace(v) == "" {
		return "A user name is needed."
	}
	return ""
}

func checkEmail(v string) string {
	if v != "" && !strings.Contains(v, "@") {
		return "An e-mail address has an @."
	}
	return ""
}

// groupField is the groups of a user as they are typed.
func (s *Screen) groupField(u backend.User) string {
	list := make([]string, len(u.GroupIDs))
	for i, id := range u.GroupIDs {
		list[i] = paged.ID(id)
		if n, ok := s.groups[id]; ok && !strings.Contains(n, ",") {
			list[i] = n
		}
	}
	return strings.Join(list, ", ")
}

// groupIDs reads names or ids of groups with commas between them.
func (s *Screen) groupIDs(text string) (ids []int64, unknown string) {
	ids = []int64{}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		found := false
		for id, name := range s.groups {
			if strings.EqualFold(name, part) || paged.ID(id) == part {
				ids, found = append(ids, id), true
				break
			}
		}
		if !found {
			return nil, part
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), ""
}

func (s *Screen) checkGroups(text string) string {
	if _, unknown := s.groupIDs(text); unknown != "" {
		return "There is no group " + pathutil.Display(unknown) + "."
	}
	return ""
}

func (s *Screen) create() tea.Cmd {
	blank := backend.User{AuthMethod: authMethods[0], Require2FA: requires[0]}
	return s.open("Add a user", "adding the user", 0, s.fields(blank, "Password"), func(values, _ map[string]string) backend.UserEdit {
		for k, v := range values {
			if v == "" {
				delete(values, k)
			}
		}
		return s.userEdit(values)
	})
}

func (s *Screen) edit() tea.Cmd {
	u, ok := s.list.Table.Cursor()
	if !ok {
		return nil
	}
	return s.open("Edit "+pathutil.Display(u.Username), "saving", u.ID, s.fields(u, "New password"), func(_, changed map[string]string) backend.UserEdit {
		return s.userEdit(changed)
	})
}

func (s *Screen) open(title, busy string, id int64, fields []form.Field, edit func(values, changed map[string]string) backend.UserEdit) tea.Cmd {
	var box *dialog.FormBox
	box = dialog.NewForm(s.env, dialog.FormSpec{
		Title: title, Verb: map[bool]string{true: "add", false: "save"}[id == 0], Fields: fields, Busy: busy,
		Submit: func(values, changed map[string]string) tea.Cmd {
			return ui.Say(sendMsg{box, id, edit(values, changed)})
		},
	})
	return ui.Open(box)
}

// userEdit turns typed values into what is sent: only what is there.
func (s *Screen) userEdit(v map[string]string) backend.UserEdit {
	text := func(key string) *string {
		if x, ok := v[key]; ok {
			return &x
		}
		return nil
	}
	e := backend.UserEdit{
		Username: text(fUsername), Name: text(fName), Email: text(fEmail), Company: text(fCompany), Notes: text(fNotes),
		Password: text(fPassword), AuthMethod: text(fAuth), Require2FA: text(f2FA), UserRoot: text(fRoot),
	}
	if x, ok := v[fAdmin]; ok {
		admin := x == yes
		e.SiteAdmin = &admin
	}
	if x, ok := v[fGroups]; ok {
		if ids, unknown := s.groupIDs(x); unknown == "" {
			e.GroupIDs = &ids
		}
	}
	return e
}

// send creates or updates. The form stays open until the site has said yes.
func (s *Screen) send(m sendMsg) tea.Cmd {
	dir := s.dir
	s.box = m.box
	return s.save.Load(s.env.Ctx, func(ctx context.Context) (backend.User, error) {
		if m.id == 0 {
			return dir.CreateUser(ctx, m.edit)
		}
		return dir.UpdateUser(ctx, m.id, m.edit)
	})
}

// saved closes the form, or shows at its fields what the site did not accept.
func (s *Screen) saved(u backend.User, err error) tea.Cmd {
	box := s.box
	if box == nil {
		return nil
	}
	if err == nil {
		s.box = nil
		s.list.Put(u)
		s.list.Table.Select(idOf(u))
		return ui.Batch(box.Done(), ui.Toast(ui.Success, fmt.Sprintf("%s is saved", pathutil.Display(u.Username))))
	}
	if backend.Cancelled(err) {
		return nil
	}
	fields, message := fieldErrors(err)
	box.Fail(fields, message)
	return nil
}

// fieldErrors is an error as a form shows it: at the fields it has, and in one
// sentence for the rest.
func fieldErrors(err error) (at map[string][]string, message string) {
	x, e := backend.Explain(err), backend.AsError(err)
	at = map[string][]string{}
	message = x.Title
	if e.Message != "" && len(e.Fields) == 0 {
		message += ". " + e.Message
	}
	for f, list := range e.Fields {
		key := fieldKey(f)
		for _, m := range list {
			if key == "" {
				message += ". " + f + ": " + m
				continue
			}
			at[key] = append(at[key], pathutil.Display(m))
		}
	}
	return at, pathutil.Display(message)
}

// fieldKey finds the field of the form that a name in an error means.
func fieldKey(name string) string {
	switch name {
	case "change_password", "password_confirmation", "change_password_confirmation":
		return fPassword
	case "groups", "group_id":
		return fGroups
	case fUsername, fName, fEmail, fCompany, fGroups, fPassword, fAuth, fAdmin, f2FA, fRoot, fNotes:
		return name
	}
	return ""
}
