package app

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/zalando/go-keyring"

	"ferry/backend"
	"ferry/backend/profile"
	"ferry/backend/server"
	"ferry/keymap"
	"ferry/views/login"
)

// serve puts a site on a TCP port of this machine.
func serve(t *testing.T) server.Info {
	t.Helper()
	return serveAt(t, time.Now)
}

// serveAt is serve for a site with a clock of its own.
func serveAt(t *testing.T, clock func() time.Time) server.Info {
	t.Helper()
	site, err := server.Open(t.Context(), server.Options{World: "small", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- site.Serve(context.Background(), ln) }()
	t.Cleanup(func() {
		if err := site.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	info := site.Info()
	info.BaseURL = server.URLOf(ln.Addr())
	return info
}

// account is a login of the demo world.
func account(t *testing.T, info server.Info, name string) server.Login {
	t.Helper()
	for _, u := range info.Users {
		if u.Username == name {
			return u
		}
	}
	t.Fatalf("there is no user %s", name)
	return server.Login{}
}

// atThePrompt opens the prompt for a user name and password, filled in.
func atThePrompt(t *testing.T, base, user, password string) *Driver {
	t.Helper()
	d := New(t, Options{Login: true, Prepare: AtOnce})
	d.Expect("log in to Files.com", "Site", "API key")
	d.Do(keymap.LoginMethod)
	d.Expect("User name", "Password")
	d.Type(base)
	d.Press("tab")
	d.Type(user)
	d.Press("tab")
	d.Type(password)
	return d
}

func TestScenarioTheDemoIsThereAtOnce(t *testing.T) {
	t.Parallel()
	d := New(t, Options{World: "demo", Local: Files(t, map[string]string{"mine.txt": "x"})})
	lines := strings.Split(d.Screen(), "\n")
	for _, want := range []string{"ferry", "Ferry Demo", "admin", "site admin", "session"} {
		if !strings.Contains(lines[0], want) {
			t.Errorf("the top line does not say %q: %s", want, lines[0])
		}
	}
	for i, l := range lines[3:] {
		if strings.Contains(l, "mine.txt") && strings.Index(l, "mine.txt") > strings.Index(l, "││") {
			t.Errorf("line %d: the local pane is not at the left: %s", i, l)
		}
	}
	left, right, ok := strings.Cut(lines[2], "╮╭")
	if !ok || !strings.Contains(left, "local") || !strings.Contains(left, "1 item") || !strings.Contains(right, "site  /") {
		t.Errorf("not two panes with the local one left: %s", lines[2])
	}
	d.Expect("Finance/", "Engineering/", "mine.txt", "13 items")
	for _, want := range []string{"enter open", "copy to local folder", "? help", ": commands"} {
		if !strings.Contains(lines[len(lines)-1], want) {
			t.Errorf("the hint line does not say %q: %s", want, lines[len(lines)-1])
		}
	}
}

func TestScenarioEachRefusedLoginHasItsSentence(t *testing.T) {
	t.Parallel()
	info := serve(t)
	const nobody = "http://127.0.0.1:1" // a port that the system gives to none of the other tests
	for _, c := range []struct{ name, base, user, password, sentence string }{
		{"wrong password", info.BaseURL, "operator", "wrong-password", "User name or password is wrong"},
		{"locked account", info.BaseURL, "locked-user", "ferry-locked-user", "This account is locked"},
		{"unreachable host", nobody, "operator", "ferry-operator", "The site cannot be reached"},
		{"password to be changed", info.BaseURL, "new-password-user", "ferry-new-password-user", "The password must be changed first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := atThePrompt(t, c.base, c.user, c.password)
			d.ExpectNot(c.password)
			d.Press("enter")
			d.Expect(c.sentence, c.base, c.user)
			d.Do(keymap.LoginSecret)
			d.Expect(c.password) // what was typed stays
			d.Do(keymap.LoginSecret)
			d.ExpectNot(c.password)
		})
	}
}

func TestScenarioAfterARefusalTheNextTryWorks(t *testing.T) {
	t.Parallel()
	info := serve(t)
	d := atThePrompt(t, info.BaseURL, "operator", "wrong")
	d.Press("enter")
	d.Expect("User name or password is wrong")
	d.Press("ctrl+u")
	d.Type("ferry-operator")
	d.Press("enter")
	d.Expect("Logged in to", "operator", "site  /")
	d.ExpectNot("log in to Files.com", "site admin")
}

func TestScenarioTheOtherMethods(t *testing.T) {
	t.Parallel()
	info := serve(t)
	d := New(t, Options{Login: true, Prepare: AtOnce})
	d.Type(info.BaseURL)
	d.Press("tab")
	d.Type("NotTheKey")
	d.Press("enter")
	d.Expect("The API key or session is not valid", info.BaseURL)
	d.Press("ctrl+u")
	d.Type(info.APIKey)
	d.Press("enter")
	d.Expect("Logged in to", "Documents/")
	session, err := Client(d).Login(t.Context(), backend.Credentials{BaseURL: info.BaseURL, Username: "operator", Password: "ferry-operator"})
	if err != nil {
		t.Fatal(err)
	}

	e := New(t, Options{Login: true, Prepare: AtOnce, Form: login.Form{Method: login.SessionID, BaseURL: info.BaseURL}})
	e.Type(session.ID)
	e.Press("enter")
	e.Expect("Logged in to", "operator")
}

func TestScenarioF5OpensTheDemoFromThePrompt(t *testing.T) {
	t.Parallel()
	d := New(t, Options{Login: true})
	d.Do(keymap.LoginDemo)
	d.Expect("Ferry Demo", "Documents/", "Logged in to")
}

func TestScenarioOneTimeCodes(t *testing.T) {
	t.Parallel()
	info := serve(t)
	u := account(t, info, "totp-user")
	d := atThePrompt(t, info.BaseURL, u.Username, u.Password)
	d.Press("enter")
	d.Expect("second factor", "One-time code", u.Username)
	now, wrong := time.Now(), "000000"
	for _, near := range []time.Duration{-60, -30, 0, 30, 60} {
		if c, err := totp.GenerateCode(u.TOTPSecret, now.Add(near*time.Second)); err != nil || c == wrong {
			wrong = "999999"
		}
	}
	d.Type(wrong)
	d.Press("enter")
	d.Expect("The one-time code is wrong", "second factor", u.Username)
	code, err := totp.GenerateCode(u.TOTPSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.Type(code)
	d.Press("enter")
	d.Expect("Logged in to", u.Username, "site  /")
}

func TestScenarioYubiKeys(t *testing.T) {
	t.Parallel()
	info := serve(t)
	u := account(t, info, "yubi-user")
	d := atThePrompt(t, info.BaseURL, u.Username, u.Password)
	d.Press("enter")
	d.Expect("second factor", "Yubi key")
	d.Type("cccccccccccc" + strings.Repeat("l", 32))
	d.Press("enter")
	d.Expect("The one-time code is wrong", "second factor")
	d.Type(u.YubiID + strings.Repeat("v", 32))
	d.Press("enter") // the key itself sends this
	d.Expect("Logged in to", u.Username)
}

func TestScenarioALoginIsSavedAsAProfile(t *testing.T) {
	// Not parallel: the key store is one for all.
	info := serve(t)
	dir := t.TempDir()
	for _, c := range []struct {
		name  string
		init  func()
		where string
	}{
		{"in the key store", keyring.MockInit, "key store"},
		{"in a file", func() { keyring.MockInitWithError(os.ErrPermission) }, "only you can read"},
	} {
		c.init()
		at := filepath.Join(dir, c.name)
		keep := profile.Open(at)
		d := New(t, Options{Login: true, Prepare: AtOnce, Keep: keep})
		d.Type(info.BaseURL)
		d.Press("tab")
		d.Type(info.APIKey)
		d.Do(keymap.LoginSave)
		d.Expect("Save as")
		for range 3 { // to the last field
			if !d.Says("Logged in to") && !strings.Contains(Cursor(d), "Save as") {
				d.Press("tab")
			}
		}
		d.Press("ctrl+u")
		d.Type("work")
		d.Press("enter")
		d.Expect("Documents/")
		d.Do(keymap.Messages)
		d.Expect("Saved as profile work", c.where)
		secret, err := keep.Secret("work")
		if err != nil || secret != info.APIKey {
			t.Errorf("%s: the secret is %q, %v", c.name, secret, err)
		}
		p, err := keep.Get("work")
		if err != nil || p.Values["base_url"] != info.BaseURL {
			t.Errorf("%s: saved %v, %v", c.name, p, err)
		}
		files, err := os.ReadDir(at)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join(at, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), info.APIKey) {
				continue
			}
			fi, err := f.Info()
			if err != nil || fi.Mode().Perm() != 0o600 || c.name != "in a file" {
				t.Errorf("%s: %s holds the secret with %v, %v", c.name, f.Name(), fi.Mode(), err)
			}
		}
	}
	keyring.MockInit()
}

func TestScenarioAnEndedSessionIsRenewedInPlace(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	endSession(d)
	d.Expect("The session has ended", "admin", "Documents/", "esc back") // the screen stands as it was
	d.Type("wrong")
	d.Press("enter")
	d.AwaitSays("User name or password is wrong")
	d.Press("ctrl+u")
	d.Type("ferry-admin")
	d.Tap("enter")
	d.AwaitSays("document-01.md") // the work goes on where it was
	d.Hold(0)
	d.Idle()
	d.Expect("Logged in again", "site  /Documents")
	d.Do(keymap.NewFolder)
	d.Type("after")
	d.Press("enter")
	if _, ok := OnSite(d, "Documents/after"); !ok {
		t.Errorf("the renewed session cannot work:\n%s", d.Screen())
	}
}

func TestScenarioLeavingTheRenewalLeavesNothingWaiting(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	endSession(d)
	d.Press("esc")
	d.Hold(0)
	d.Idle() // the listing does not wait for ever
	d.ExpectNot("log in to Files.com")
	d.Expect("There is no login that could be used")
	d.Do(keymap.CardLogin)
	d.Do(keymap.LoginDemo)
	d.Expect("Logged in to", "Documents/")
}

func TestScenarioATransferOutlivesTheSession(t *testing.T) {
	t.Parallel()
	d := New(t, Options{Local: Files(t, map[string]string{"tree/a.txt": "1", "tree/b.txt": "2", "tree/c.txt": "3"})})
	Faults(d, server.Fault{Match: "file.begin_upload", Nth: 2, EndSession: true})
	FocusDisk(d)
	d.Do(keymap.CopyAcross)
	d.UntilSays("Log in again")
	d.AwaitSays("‖ the session has ended") // the queue waits
	d.Expect("esc back")
	d.ExpectNot("F6 save") // this login is not one to be saved
	d.Type("ferry-admin")
	d.Press("enter")
	d.UntilSays("Uploaded tree")
	for _, name := range []string{"a", "b", "c"} {
		if _, ok := OnSite(d, "tree/"+name+".txt"); !ok {
			t.Errorf("%s.txt did not arrive", name)
		}
	}
	d.ExpectNot("the session has ended", "failed")
}

func TestScenarioCodesByMessage(t *testing.T) {
	t.Parallel()
	info := serve(t)
	d := atThePrompt(t, info.BaseURL, "sms-user", "ferry-sms-user")
	d.Press("enter")
	d.Expect("second factor", "A code was sent to your phone.")
	d.Type("424242")
	d.Press("enter")
	d.Expect("Logged in to", "sms-user")
}

func TestScenarioAnAuditorChangesNothing(t *testing.T) {
	t.Parallel()
	info := serve(t)
	d := atThePrompt(t, info.BaseURL, "auditor", "ferry-auditor")
	d.Press("enter")
	d.Expect("Logged in to", "auditor")
	before := d.Screen()
	for _, a := range []keymap.Action{keymap.Delete, keymap.NewFolder, keymap.Rename, keymap.MoveAcross} {
		d.Do(a)
		if it, ok := d.App.Keys().Find(a); !ok || it.Why == "" {
			t.Errorf("%s can be done, or something opened:\n%s", a, d.Screen())
		}
	}
	if strings.Count(before, "╭") != strings.Count(d.Screen(), "╭") {
		t.Errorf("a box opened:\n%s", d.Screen())
	}
}

// endSession opens a folder while the session ends: the prompt is over the
// screen, and the listing waits for it.
func endSession(d *Driver) {
	d.t.Helper()
	Select(d, "Documents")
	Faults(d, server.Fault{Match: "GET /folders/*", Nth: 1, EndSession: true})
	d.Tap("enter")
	d.AwaitSays("Log in again")
	d.Hold(1)
}
