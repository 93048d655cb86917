package world

import (
	"encoding/json"
	"time"
)

// Login is an account with a known password. These are demo data and are told
// to whoever starts the site.
type Login struct {
	UserID     int64
	Username   string
	Password   string
	TOTPSecret string // base32; "" without that method
	YubiID     string // the twelve modhex characters that begin its codes
	Role       string // "site admin", "user", "readonly site admin"
	Note       string // one sentence: what the account shows
	doc        func(w *World, d Doc)
}

// Secret is what the site keeps of a login and never sends.
type Secret struct {
	Password string `json:"password,omitempty"` // demo logins only, in plain text
	Hash     string `json:"hash,omitempty"`     // what a client has set
	TOTP     string `json:"totp,omitempty"`
	Yubi     string `json:"yubi,omitempty"`
	SMS      string `json:"sms,omitempty"` // the code that every message carries
}

// The keys of the demo site.
const (
	AdminKey    = "FerryDemoAdminKey2026"
	OperatorKey = "FerryDemoOperatorKey2026"
	FilesKey    = "FerryDemoFilesOnlyKey2026"
)

// Logins are the accounts with known passwords, in the order of their user ids,
// which begin at 1. They exist in every world.
func (w *World) Logins() []Login {
	second := func(method string) func(*World, Doc) {
		return func(_ *World, d Doc) {
			d["active_2fa"], d["type_of_2fa"], d["type_of_2fa_for_display"] = true, method, method
			d["require_2fa"] = "always_require"
		}
	}
	list := []Login{
		{Username: "admin", Role: "site admin", Note: "May do everything.", doc: func(_ *World, d Doc) {
			d["site_admin"], d["billing_permission"] = true, true
			d["receive_admin_alerts"], d["subscribe_to_newsletter"] = true, false
		}},
		{Username: "operator", Role: "user", Note: w.operates()},
		{Username: "auditor", Role: "readonly site admin", Note: "Sees everything, changes nothing.", doc: func(_ *World, d Doc) {
			d["readonly_site_admin"] = true
		}},
		{Username: "totp-user", Role: "user", TOTPSecret: "FERRYDEMOTOTPKEY", Note: "Needs a one-time code (TOTP).", doc: second("totp")},
		{Username: "yubi-user", Role: "user", YubiID: "ccccccdeferr", Note: "Needs a Yubi code: 44 characters that begin with the id.", doc: second("yubi")},
		{Username: "sms-user", Role: "user", Note: "Needs the code 424242 as if from a text message.", doc: second("sms")},
		{Username: "locked-user", Role: "user", Note: "Is locked out after wrong passwords.", doc: func(w *World, d Doc) {
			d["lockout_expires"] = w.Now.Add(6 * time.Hour)
		}},
		{Username: "disabled-user", Role: "user", Note: "Is disabled.", doc: func(_ *World, d Doc) {
			d["disabled"], d["disabled_expired_or_inactive"] = true, true
		}},
		{Username: "expired-user", Role: "user", Note: "Was allowed in until last month.", doc: func(w *World, d Doc) {
			d["authenticate_until"], d["disabled_expired_or_inactive"] = w.ago(30*day), true
		}},
		{Username: "new-password-user", Role: "user", Note: "Must change the password first.", doc: func(_ *World, d Doc) {
			d["require_password_change"] = true
		}},
	}
	for i := range list {
		list[i].UserID = int64(i + 1)
		list[i].Password = "ferry-" + list[i].Username
	}
	return list
}

// operates says where the operator may do something, as permissions has it.
func (w *World) operates() string {
	switch w.Name {
	case "small":
		return "Works in Documents; reads Pictures."
	case "empty":
		return "An ordinary user."
	}
	return "Works in Finance, Inbox and Partners; reads Public."
}

func (l Login) secret() string {
	s := Secret{Password: l.Password, TOTP: l.TOTPSecret, Yubi: l.YubiID}
	if l.Username == "sms-user" {
		s.SMS = "424242"
	}
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(b)
}
