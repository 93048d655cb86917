package conformance

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	api_key "github.com/Files-com/files-sdk-go/v3/apikey"
	"github.com/Files-com/files-sdk-go/v3/file"
	"github.com/Files-com/files-sdk-go/v3/folder"
	"github.com/Files-com/files-sdk-go/v3/session"
)

func TestLogInWithAPassword(t *testing.T) {
	c := login(t, "operator")
	it, err := (&folder.Client{Config: c}).ListFor(files_sdk.FolderListForParams{})
	if got := all[files_sdk.File](t, it, err); len(got) == 0 {
		t.Error("the session sees an empty root folder")
	}
	check(t, (&session.Client{Config: c}).Delete())
	it, err = (&folder.Client{Config: c}).ListFor(files_sdk.FolderListForParams{})
	check(t, err)
	for it.Next() {
		t.Fatal("an ended session lists a folder")
	}
	if !files_sdk.IsNotAuthenticated(it.Err()) {
		t.Errorf("got %v, want an authentication error", it.Err())
	}
}

func TestLoginsThatAreRefused(t *testing.T) {
	sessions := &session.Client{Config: anonymous()}
	for _, c := range []struct {
		name, username, password string
		want                     files_sdk.ResponseErrorType
	}{
		{"wrong password", "auditor", "not the password", files_sdk.ErrInvalidUsernameOrPassword},
		{"unknown user", "nobody-of-that-name", "x", files_sdk.ErrInvalidUsernameOrPassword},
		{"locked out", "locked-user", password(t, "locked-user"), files_sdk.ErrLockedOut},
		{"second factor", "totp-user", password(t, "totp-user"), files_sdk.ErrTwoFactorAuthenticationError},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sessions.Create(files_sdk.SessionCreateParams{Username: c.username, Password: c.password})
			e := refused(t, err, c.want)
			equal(t, "status", e.HttpCode, 401)
			if !files_sdk.IsAuthenticationError(err) {
				t.Error("IsAuthenticationError is false")
			}
		})
	}
	for _, username := range []string{"disabled-user", "expired-user", "new-password-user"} {
		t.Run(username, func(t *testing.T) {
			s, err := sessions.Create(files_sdk.SessionCreateParams{Username: username, Password: password(t, username)})
			if err == nil {
				t.Fatalf("%s got session %q", username, s.Id)
			}
			var e files_sdk.ResponseError
			if !errors.As(err, &e) || e.Type == "" {
				t.Errorf("got %v (%T), want an error of the API", err, err)
			}
		})
	}
}

func TestTwoFactorLogin(t *testing.T) {
	sessions := &session.Client{Config: anonymous()}
	pass := password(t, "totp-user")
	_, err := sessions.Create(files_sdk.SessionCreateParams{Username: "totp-user", Password: pass})
	e := refused(t, err, files_sdk.ErrTwoFactorAuthenticationError)
	if !slices.Contains(e.TwoFactorAuthenticationMethod, "totp") || e.PartialSessionId == "" {
		t.Errorf("the error's data is %+v, want the method totp and a partial session", e.Data)
	}
	_, err = sessions.Create(files_sdk.SessionCreateParams{Username: "totp-user", Password: pass, Otp: "000"})
	refused(t, err, files_sdk.ErrOneTimePasswordIncorrect)

	secret := ""
	for _, u := range site.Users {
		if u.Username == "totp-user" {
			secret = u.TOTPSecret
		}
	}
	s := must(sessions.Create(files_sdk.SessionCreateParams{Username: "totp-user", Password: pass, Otp: totp(t, secret)}))(t)
	c := anonymous()
	c.SessionId = s.Id
	check(t, (&session.Client{Config: c}).Delete())

	_, err = sessions.Create(files_sdk.SessionCreateParams{Username: "yubi-user", Password: password(t, "yubi-user")})
	e = refused(t, err, files_sdk.ErrTwoFactorAuthenticationError)
	if !slices.Contains(e.TwoFactorAuthenticationMethod, "yubi") {
		t.Errorf("the methods are %v, want yubi", e.TwoFactorAuthenticationMethod)
	}
	s = must(sessions.Create(files_sdk.SessionCreateParams{
		Username: "yubi-user", PartialSessionId: e.PartialSessionId, Otp: yubi(),
	}))(t)
	c.SessionId = s.Id
	check(t, (&session.Client{Config: c}).Delete())
}

// yubi is a code of the demo user's Yubi key, another one each time: the id of
// the key and 32 characters of its alphabet.
func yubi() string {
	code := []byte("ccccccdeferr")
	for range 32 {
		code = append(code, "cbdefghijklnrtuv"[rand.IntN(16)])
	}
	return string(code)
}

// totp is the code of RFC 6238 for now: SHA-1, 30 seconds, six digits.
func totp(t *testing.T, secret string) string {
	t.Helper()
	key := must(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret))(t)
	mac := hmac.New(sha1.New, key)
	check(t, binary.Write(mac, binary.BigEndian, time.Now().Unix()/30))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1000000)
}

func TestAPIKey(t *testing.T) {
	key := must((&api_key.Client{Config: admin()}).FindCurrent())(t)
	if key.Id == 0 || key.PermissionSet != "full" {
		t.Errorf("the key in use is %+v", key)
	}
	_, err := (&file.Client{Config: withKey("WrongKeyOfTheRightForm")}).Find(files_sdk.FileFindParams{Path: "Public"})
	refused(t, err, files_sdk.ErrInvalidCredentials)
	if !files_sdk.IsNotAuthenticated(err) || !errors.Is(err, files_sdk.ErrNotAuthenticated) {
		t.Error("the client does not take the error for one of authentication")
	}
	_, err = (&file.Client{Config: anonymous()}).Find(files_sdk.FileFindParams{Path: "Public"})
	if !files_sdk.IsNotAuthenticated(err) {
		t.Errorf("without any login: got %v, want an authentication error", err)
	}
	_, err = (&session.Client{Config: withKey(site.APIKey)}).Create(files_sdk.SessionCreateParams{})
	if err == nil {
		t.Error("a key without user name and password made a session")
	}
}
