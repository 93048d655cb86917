package server

import (
	"errors"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
)

// newUser are the fields of a new user that nobody has set (PROTOCOL.md 13).
var newUser = map[string]any{
	"authentication_method": "password", "ftp_permission": true, "sftp_permission": true, "dav_permission": true,
	"restapi_permission": true, "office_integration_enabled": true, "self_managed": true, "require_2fa": "use_system_setting",
	"ssl_required": "use_system_setting", "language": "", "user_root": "", "user_home": "", "filesystem_layout": "site_root",
	"password_validity_days": int64(0), "notification_daily_send_time": int64(18), "billable": true,
}

func (a *recordAPI) userRules() *recordRules {
	rules := &recordRules{save: saveUser, derive: deriveUser, before: checkUser, after: settleUser}
	rules.scope = scopeUsers
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"create": func(c *recordCall) (*recordReply, error) {
			if !c.who.siteAdmin {
				return nil, wireErrorf("not-authorized/site-admin-required", "You must be a site admin to do this")
			}
			return c.create(rules)
		},
		"update": func(c *recordCall) (*recordReply, error) { return c.updateUser(rules) },
		"delete": func(c *recordCall) (*recordReply, error) { return c.deleteUser(rules) },
		"unlock": func(c *recordCall) (*recordReply, error) {
			return c.setUser(rules, map[string]any{"lockout_expires": nil})
		},
		"user_2fa_reset":       func(c *recordCall) (*recordReply, error) { return c.resetTwoFactor(rules) },
		"resend_welcome_email": func(c *recordCall) (*recordReply, error) { return c.welcome(rules) },
	}
	return rules
}

// scopeUsers narrows the list by ids and search; others than admins see it not
// at all.
func scopeUsers(c *recordCall, rows []*record) ([]*record, error) {
	if !c.who.seesAll() {
		return nil, wireErrorf("not-authorized/site-admin-required", "You must be a site admin to do this")
	}
	if text := c.text("ids"); text != "" {
		ids, ok := readIDs(text)
		if !ok {
			return nil, wireErrorf("bad-request/request-params-invalid", "ids must be a list of ids")
		}
		rows = slices.DeleteFunc(rows, func(r *record) bool { return !slices.Contains(ids, r.id) })
	}
	if text := strings.ToLower(c.text("search")); text != "" {
		rows = slices.DeleteFunc(rows, func(r *record) bool {
			for _, f := range []string{"username", "name", "email", "company"} {
				if s, _ := r.doc[f].(string); strings.Contains(strings.ToLower(s), text) {
					return false
				}
			}
			return true
		})
	}
	return rows, nil
}

// deriveUser computes what follows from other records and from the time.
func deriveUser(c *recordCall, r *record) (map[string]any, error) {
	m, err := c.api.membership(c.ctx)
	if err != nil {
		return nil, err
	}
	keys, err := c.api.owned(c.ctx, "api_key", r.id)
	if err != nil {
		return nil, err
	}
	publicKeys, err := c.api.owned(c.ctx, "public_key", r.id)
	if err != nil {
		return nil, err
	}
	extra := map[string]any{
		"api_keys_count": keys, "public_keys_count": publicKeys,
		"group_ids":       joinIDs(m.groups[r.id]),
		"admin_group_ids": anyIDs(m.admins[r.id]),
	}
	if t, ok := r.doc["lockout_expires"].(time.Time); ok && !t.After(c.now) {
		extra["lockout_expires"] = nil
	}
	until, ok := r.doc["authenticate_until"].(time.Time)
	extra["disabled_expired_or_inactive"] = r.doc["disabled"] == true || ok && !until.After(c.now)
	if set, ok := r.doc["password_set_at"].(time.Time); ok {
		if days, _ := r.doc["password_validity_days"].(int64); days > 0 {
			end := set.AddDate(0, 0, int(days))
			extra["password_expire_at"] = end
			extra["password_expired"] = !end.After(c.now)
			extra["days_remaining_until_password_expire"] = max(int64(end.Sub(c.now)/(24*time.Hour)), 0)
		}
	}
	if partner := r.doc["partner_id"]; partner != nil {
		extra["partner_name"] = c.api.name(c.ctx, "partner", partner, "name")
	}
	return extra, nil
}

// checkUser asks the rules that need other resources.
func checkUser(c *recordCall, doc map[string]any, old *record) error {
	bad := fieldErrors{}
	for field, resource := range map[string]string{"primary_group_id": "group", "partner_id": "partner", "sso_strategy_id": "sso_strategy", "responsible_user_id": "user", "responsible_group_id": "group"} {
		id, ok := doc[field].(int64)
		if !ok || id == 0 {
			continue
		}
		if _, err := c.api.store.get(c.ctx, resource, id); errors.Is(err, errNoRecord) {
			bad.add(field, "is invalid")
		}
	}
	if text, given := c.params["group_ids"].(string); given {
		ids, ok := readIDs(text)
		for _, id := range ids {
			if _, err := c.api.store.get(c.ctx, "group", id); errors.Is(err, errNoRecord) {
				ok = false
			}
		}
		if !ok {
			bad.add("group_ids", "is invalid")
		}
		delete(doc, "group_ids")
	}
	site, err := c.api.site(c.ctx)
	if err != nil {
		return err
	}
	shortest, _ := site.doc["password_min_length"].(int64)
	for _, f := range []string{"password", "change_password"} {
		p, given := c.params[f].(string)
		if !given || p == "" {
			continue
		}
		if int64(len([]rune(p))) < shortest {
			bad.add("password", "is too short (minimum is "+joinIDs([]int64{shortest})+" characters)")
		}
		if again, ok := c.params[f+"_confirmation"].(string); ok && again != p {
			bad.add("password_confirmation", "doesn't match Password")
		}
	}
	if err := bad.err(); err != nil {
		return err
	}
	if old == nil {
		zone, _ := site.doc["default_time_zone"].(string)
		for f, v := range newUser {
			if doc[f] == nil {
				doc[f] = v
			}
		}
		if doc["time_zone"] == nil {
			doc["time_zone"] = zone
		}
		doc["last_active_at"] = c.now
	}
	return nil
}

// saveUser checks a user before it is stored.
func saveUser(c *recordCall, t *recordTable, r, old *record) error {
	bad := fieldErrors{}
	name, _ := r.doc["username"].(string)
	switch {
	case strings.TrimSpace(name) == "":
		bad.add("username", "can't be blank")
	case len([]rune(name)) > 255:
		bad.add("username", "is too long (maximum is 255 characters)")
	case name != strings.TrimSpace(name) || strings.ContainsFunc(name, unicode.IsControl) || strings.ContainsAny(name, `/\:"`):
		bad.add("username", "is invalid")
	}
	for _, u := range t.rows {
		other, _ := u.doc["username"].(string)
		if u.id != r.id && strings.EqualFold(other, name) {
			bad.add("username", "has already been taken")
			break
		}
	}
	if email, _ := r.doc["email"].(string); email != "" && !isEmail(email) {
		bad.add("email", "is invalid")
	}
	if days, _ := r.doc["password_validity_days"].(int64); days < 0 {
		bad.add("password_validity_days", "must be greater than or equal to 0")
	}
	if hour, _ := r.doc["notification_daily_send_time"].(int64); hour < 0 || hour > 23 {
		bad.add("notification_daily_send_time", "is not included in the list")
	}
	if ips, _ := r.doc["allowed_ips"].(string); !areIPs(ips) {
		bad.add("allowed_ips", "is invalid")
	}
	if r.doc["authentication_method"] == "sso" {
		if r.doc["sso_strategy_id"] == nil {
			bad.add("sso_strategy_id", "can't be blank")
		}
		r.doc["externally_managed"] = true
	}
	if old != nil && old.doc["site_admin"] == true && (r.doc["site_admin"] != true || r.doc["disabled"] == true) && admins(t) < 2 {
		bad.add("site_admin", "must remain for at least one user")
	}
	if err := bad.err(); err != nil {
		return err
	}
	if r.doc["site_admin"] == true {
		for _, f := range []string{"receive_admin_alerts", "subscribe_to_newsletter"} {
			if _, ok := r.doc[f]; !ok {
				r.doc[f] = false
			}
		}
	} else {
		delete(r.doc, "receive_admin_alerts")
		delete(r.doc, "subscribe_to_newsletter")
	}
	return keepPassword(c, r, old)
}

// admins counts the site admins that can log in.
func admins(t *recordTable) int {
	n := 0
	for _, u := range t.rows {
		if u.doc["site_admin"] == true && u.doc["disabled"] != true {
			n++
		}
	}
	return n
}

// keepPassword replaces what mergeSecret has put into the secret as plain text.
func keepPassword(c *recordCall, r, old *record) error {
	before := ""
	if old != nil {
		before = old.secret
	}
	s := readSecret(before)
	for _, f := range []string{"password", "change_password"} {
		if p, _ := c.params[f].(string); p != "" {
			if err := s.setPassword(p); err != nil {
				return err
			}
			r.doc["password_set_at"] = c.now
			r.doc["require_password_change"] = c.params["require_password_change"] == true
		}
	}
	if c.params["clear_2fa"] == true {
		s.clearTwoFactor(r.doc)
	}
	r.secret = s.String()
	return nil
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	_, host, _ := strings.Cut(s, "@")
	return strings.Contains(host, ".") && !strings.HasSuffix(host, ".")
}

// areIPs reads addresses and networks, one a line.
func areIPs(s string) bool {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == ',' || r == ' ' }) {
		if _, err := netip.ParseAddr(part); err == nil {
			continue
		}
		if _, err := netip.ParsePrefix(part); err != nil {
			return false
		}
	}
	return true
}

// settleUser does what follows from a user being stored or deleted.
func settleUser(c *recordCall, r, old *record) error {
	if r == nil {
		if err := c.api.keepDeleted(c.ctx, "user", old, old.id); err != nil {
			return err
		}
		return c.api.forgetUser(c.ctx, old.id, c.params["new_owner_id"])
	}
	if email, _ := r.doc["email"].(string); old == nil && email != "" {
		site, err := c.api.site(c.ctx)
		if err != nil {
			return err
		}
		if site.doc["welcome_email_enabled"] != false {
			if err := c.sendWelcome(r); err != nil {
				return err
			}
		}
	}
	if text, given := c.params["group_ids"].(string); given {
		ids, _ := readIDs(text)
		if err := c.api.setMembers(c.ctx, "user_id", r.id, ids, nil); err != nil {
			return err
		}
	} else if id, ok := c.params["group_id"].(int64); ok && id > 0 {
		m, err := c.api.membership(c.ctx)
		if err != nil {
			return err
		}
		if err := c.api.setMembers(c.ctx, "user_id", r.id, append(slices.Clone(m.groups[r.id]), id), nil); err != nil {
			return err
		}
	}
	if grant := c.text("grant_permission"); grant != "" {
		names := map[string]string{"full": "full", "read": "readonly", "write": "writeonly", "list": "list"}
		root, _ := r.doc["user_root"].(string)
		for part := range strings.SplitSeq(grant, "+") {
			doc := map[string]any{"user_id": r.id, "path": strings.Trim(root, "/"), "permission": names[part], "recursive": true, "site_id": r.doc["site_id"]}
			if _, err := c.api.store.insert(c.ctx, "permission", &record{doc: doc}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
