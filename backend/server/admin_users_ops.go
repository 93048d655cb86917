package server

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// selfService are the fields that a user who is no admin may change of himself.
var selfService = []string{
	"id", "name", "email", "company", "language", "time_zone", "password", "password_confirmation", "change_password",
	"change_password_confirmation", "notification_daily_send_time", "avatar_file", "avatar_delete", "skip_welcome_screen",
	"subscribe_to_newsletter", "receive_admin_alerts", "announcements_read", "header_text",
}

func (c *recordCall) updateUser(rules *recordRules) (*recordReply, error) {
	if !c.who.siteAdmin {
		if c.id() != c.who.userID {
			return nil, wireErrorf("not-authorized/site-admin-required", "You must be a site admin to do this")
		}
		for p := range c.params {
			if !slices.Contains(selfService, p) {
				return nil, wireErrorf("not-authorized/insufficient-permission-for-params", "You may not change %s", p)
			}
		}
	}
	return c.update(rules)
}

func (c *recordCall) deleteUser(rules *recordRules) (*recordReply, error) {
	if !c.who.siteAdmin {
		return nil, wireErrorf("not-authorized/site-admin-required", "You must be a site admin to do this")
	}
	r, err := c.row(rules)
	if err != nil {
		return nil, err
	}
	if r.doc["site_admin"] == true {
		rows, err := c.api.store.all(c.ctx, "user")
		if err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(u *record) bool { return u.doc["site_admin"] != true || u.doc["disabled"] == true || u.id == r.id })
		if len(rows) == 0 {
			return nil, fieldErrors{"site_admin": {"must remain for at least one user"}}.err()
		}
	}
	if id, ok := c.params["new_owner_id"].(int64); ok && id > 0 {
		if _, err := c.api.store.get(c.ctx, "user", id); err != nil || id == r.id {
			return nil, fieldErrors{"new_owner_id": {"is invalid"}}.err()
		}
	}
	return c.remove(rules)
}

// setUser changes fields of a user that no parameter has named.
func (c *recordCall) setUser(rules *recordRules, doc map[string]any) (*recordReply, error) {
	if !c.who.siteAdmin {
		return nil, wireErrorf("not-authorized/site-admin-required", "You must be a site admin to do this")
	}
	if _, err := c.row(rules); err != nil {
		return nil, err
	}
	_, err := c.api.store.update(c.ctx, "user", c.id(), func(_ *recordTable, r *record) error {
		for k, v := range doc {
			r.doc[k] = v
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c.nothing(), nil
}

func (c *recordCall) resetTwoFactor(rules *recordRules) (*recordReply, error) {
	if !c.who.siteAdmin {
		return nil, wireErrorf("not-authorized/site-admin-required", "You must be a site admin to do this")
	}
	if _, err := c.row(rules); err != nil {
		return nil, err
	}
	_, err := c.api.store.update(c.ctx, "user", c.id(), func(_ *recordTable, r *record) error {
		s := readSecret(r.secret)
		s.clearTwoFactor(r.doc)
		r.secret = s.String()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c.nothing(), nil
}

// welcome sends the welcome mail into the mailbox of the site, the email log.
func (c *recordCall) welcome(rules *recordRules) (*recordReply, error) {
	if !c.who.siteAdmin {
		return nil, wireErrorf("not-authorized/site-admin-required", "You must be a site admin to do this")
	}
	r, err := c.row(rules)
	if err != nil {
		return nil, err
	}
	if r.doc["email"] == nil || r.doc["email"] == "" {
		return nil, fieldErrors{"email": {"can't be blank"}}.err()
	}
	if err := c.sendWelcome(r); err != nil {
		return nil, err
	}
	return c.nothing(), nil
}

// sendWelcome mails a user what he needs to log in, as the site has set it.
func (c *recordCall) sendWelcome(u *record) error {
	site, err := c.api.site(c.ctx)
	if err != nil {
		return err
	}
	text := func(r *record, f string) string { s, _ := r.doc[f].(string); return s }
	message := "Your user name is " + text(u, "username") + "."
	if p := c.text("password"); p != "" && site.doc["include_password_in_welcome_email"] == true {
		message += "\nYour password is " + p + "."
	}
	if sub := text(site, "subdomain"); sub != "" {
		message += "\nThe site is at https://" + sub + ".files.com."
	}
	if custom := text(site, "welcome_custom_text"); custom != "" {
		message = custom + "\n" + message
	}
	subject := cmp.Or(text(site, "welcome_email_subject"), "Welcome to "+text(site, "name"))
	return c.api.mail(c.ctx, text(u, "email"), text(site, "welcome_email_cc"), subject, message)
}

// mail puts a message into the email log.
func (a *recordAPI) mail(ctx context.Context, to, cc, subject, message string) error {
	now := a.now().UTC()
	doc := map[string]any{
		"timestamp": now, "created_at": now, "to": to, "subject": subject, "message": message, "status": "success", "delivery_method": "files_com",
	}
	if cc != "" {
		doc["cc"] = cc
	}
	_, err := a.store.insert(ctx, "email_log", &record{doc: doc}, nil)
	return err
}

// forgetUser removes what belongs to a deleted user; newOwner takes over the
// automations and share links.
func (a *recordAPI) forgetUser(ctx context.Context, id int64, newOwner any) error {
	for _, resource := range slices.Concat(belongings, []string{"automation", "bundle"}) {
		rows, err := a.store.all(ctx, resource)
		if err != nil {
			return err
		}
		var gone []int64
		for _, r := range rows {
			if r.doc["user_id"] != id {
				continue
			}
			if resource != "automation" && resource != "bundle" {
				if err := a.keepDeleted(ctx, resource, r, id); err != nil {
					return err
				}
				gone = append(gone, r.id)
				continue
			}
			_, err := a.store.update(ctx, resource, r.id, func(_ *recordTable, r *record) error {
				if owner, ok := newOwner.(int64); ok && owner > 0 {
					r.doc["user_id"] = owner
				} else {
					r.doc["disabled"] = true
				}
				return nil
			})
			if err != nil && !errors.Is(err, errNoRecord) {
				return err
			}
		}
		if err := a.store.remove(ctx, resource, gone...); err != nil {
			return err
		}
	}
	return nil
}
