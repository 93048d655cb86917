package world

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestRecordsAreWellFormed(t *testing.T) {
	for name, w := range worlds() {
		for res := range recordMakers {
			seen := map[int64]bool{}
			last := int64(0)
			for _, r := range w.Records(res) {
				if r.ID <= 0 || seen[r.ID] || r.ID <= last {
					t.Fatalf("%s %s: id %d", name, res, r.ID)
				}
				seen[r.ID], last = true, r.ID
				if r.Doc["id"] != r.ID {
					t.Fatalf("%s %s %d: doc has id %v", name, res, r.ID, r.Doc["id"])
				}
				for k, v := range r.Doc {
					switch x := v.(type) {
					case nil, bool, int64, float64, string, []any, map[string]any:
					case time.Time:
						if x.IsZero() || x.Location() != time.UTC || x.Nanosecond()%1e6 != 0 {
							t.Errorf("%s %s %d: %s is %v", name, res, r.ID, k, x)
						}
						past := strings.HasPrefix(k, "last_") || k == "created_at" || k == "when" || k == "timestamp" || k == "password_set_at" || k == "first_login_at"
						if past && x.After(w.Now) {
							t.Errorf("%s %s %d: %s is in the future", name, res, r.ID, k)
						}
					default:
						t.Errorf("%s %s %d: %s is a %T", name, res, r.ID, k, v)
					}
				}
			}
		}
	}
}

func recordHash(t *testing.T, w *World) string {
	h := sha256.New()
	for res := range recordMakers {
		_ = w.Records(res)
	}
	for _, res := range []string{"user", "group", "group_user", "permission", "api_key", "automation", "automation_run", "automation_log", "sync_run", "bundle", "history"} {
		b, err := json.Marshal(w.Records(res))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(h, "%s %s\n", res, b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestRecordsAreDeterministic(t *testing.T) {
	if a, b := recordHash(t, Demo(present)), recordHash(t, Demo(present)); a != b {
		t.Errorf("two demo worlds differ: %s %s", a, b)
	}
}

func TestUsersAreBelievable(t *testing.T) {
	w := Demo(present)
	users := w.Users()
	if len(users) != 3000 {
		t.Fatalf("%d users", len(users))
	}
	names := map[string]bool{}
	var never, today, month, old, disabled, locked, admins, twoFactor int
	for _, u := range users {
		n, _ := u.Doc["username"].(string)
		if names[n] {
			t.Errorf("username %q occurs twice", n)
		}
		names[n] = true
		at, ok := u.Doc["last_login_at"].(time.Time)
		switch age := w.Now.Sub(at); {
		case !ok:
			never++
		case age < day:
			today++
		case age > 180*day:
			old++
		case age > 30*day:
			month++
		}
		if u.Doc["disabled"] == true {
			disabled++
		}
		if u.Doc["lockout_expires"] != nil {
			locked++
		}
		if u.Doc["site_admin"] == true {
			admins++
		}
		if u.Doc["active_2fa"] == true {
			twoFactor++
		}
	}
	for what, n := range map[string]int{"never": never, "today": today, "over a month": month, "over half a year": old, "disabled": disabled, "locked": locked, "2fa": twoFactor} {
		if n < 5 {
			t.Errorf("only %d users: %s", n, what)
		}
	}
	if admins != 4 {
		t.Errorf("%d site admins", admins)
	}
}

func TestRunsHaveEveryStatus(t *testing.T) {
	w := Demo(present)
	count := map[any]int{}
	for _, r := range w.Records("automation_run") {
		count[r.Doc["status"]]++
	}
	for _, s := range []string{"success", "failure", "partial_failure", "skipped", "canceled"} {
		if count[s] == 0 {
			t.Errorf("no run with status %s in %v", s, count)
		}
	}
	kinds, triggers := map[any]bool{}, map[any]bool{}
	for _, a := range w.Records("automation") {
		kinds[a.Doc["automation"]], triggers[a.Doc["trigger"]] = true, true
	}
	if len(kinds) != 8 || len(triggers) != 6 {
		t.Errorf("%d types, %d triggers", len(kinds), len(triggers))
	}
}
