package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ferry/backend"
	"ferry/backend/catalog"
)

func decoded(status int, contentType, body string, r *call) *backend.Error {
	h := http.Header{"Content-Type": {contentType}, "X-Request-Id": {"req1, req2"}}
	return decodeError(&http.Response{StatusCode: status, Status: plain(int64(status)) + " " + http.StatusText(status), Header: h}, []byte(body), r)
}

func TestEveryErrorClass(t *testing.T) {
	n := 0
	for _, c := range catalog.ErrorClasses() {
		body := `{"error":"m","http-code":` + plain(int64(c.Status)) + `,"instance":"i","title":"t","type":"` + c.Type + `"}`
		e := decoded(max(c.Status, 400), "application/json", body, &call{})
		if !errors.Is(e, backend.Class(c.Class)) || !errors.Is(e, backend.ErrorGroup(c.Group)) {
			t.Errorf("%s: class %s group %s, want %s %s", c.Type, e.Class, e.Group, c.Class, c.Group)
		}
		n++
	}
	if n != 207 {
		t.Errorf("%d classes, want 207", n)
	}
}

func TestErrorBodies(t *testing.T) {
	api, storage := &call{}, &call{storage: true}
	for _, tc := range []struct {
		name   string
		status int
		ctype  string
		body   string
		r      *call
		class  backend.Class
		group  backend.ErrorGroup
		text   string // part of the message
	}{
		{"full", 422, "application/json", `{"error":"The destination exists.","http-code":422,"instance":"x","title":"Destination Exists","type":"processing-failure/destination-exists"}`, api, backend.ClassDestinationExists, backend.ProcessingFailure, "destination exists"},
		{"group alone", 404, "application/json", `{"error":"Not Found","type":"not-found"}`, api, backend.ClassNotFound, backend.NotFound, "Not Found"},
		{"unknown of a known group", 422, "application/json", `{"error":"x","type":"bad-request/brand-new"}`, api, backend.ClassBadRequest, backend.BadRequest, "x"},
		{"unknown group", 422, "application/json", `{"error":"x","type":"brand-new/thing"}`, api, backend.ClassAPI, backend.APIFailure, "x"},
		{"no type", 500, "application/json", `{"error":"x","http-code":"500"}`, api, backend.ClassAPI, backend.APIFailure, "x"},
		{"errors only", 400, "application/json", `{"errors":["first","second"]}`, api, backend.ClassAPI, backend.APIFailure, "first"},
		{"errors text", 400, "application/json", `{"errors":"only","type":"bad-request"}`, api, backend.ClassBadRequest, backend.BadRequest, "only"},
		{"detail", 400, "application/json", `{"type":"bad-request","detail":"because"}`, api, backend.ClassBadRequest, backend.BadRequest, "because"},
		{"nested", 401, "application/json", `{"error":"2fa","errors":[{"type":"not-authenticated/locked-out","error":"l"}]}`, api, backend.ClassLockedOut, backend.NotAuthenticated, "2fa"},
		{"null members", 400, "application/json", `{"error":null,"type":"bad-request","data":null,"errors":null,"model_errors":null}`, api, backend.ClassBadRequest, backend.BadRequest, ""},
		{"neither", 418, "application/json", `{"hello":"world"}`, api, backend.ClassAPI, backend.APIFailure, "418"},
		{"array", 400, "application/json", `["x"]`, api, backend.ClassAPI, backend.APIFailure, "400"},
		{"truncated", 422, "application/json", `{"error":"The desti`, api, backend.ClassAPI, backend.APIFailure, "422"},
		{"truncated late", 422, "application/json", `{"error":"m","type":"not-found","data":{`, api, backend.ClassNotFound, backend.NotFound, "m"},
		{"html 502", 502, "text/html", "<html><h1>Bad Gateway</h1>", api, backend.ClassAPIConnection, backend.Connection, "web page"},
		{"html 403", 403, "text/html", "<html>", api, backend.ClassAuthentication, backend.NotAuthorized, "web page"},
		{"html 404", 404, "text/html", "<html>", api, backend.ClassAPI, backend.APIFailure, "web page"},
		{"empty 405", 405, "", "", api, backend.ClassAPI, backend.APIFailure, "nothing"},
		{"empty 500", 500, "", "", api, backend.ClassAPIConnection, backend.Connection, "nothing"},
		{"plain 429", 429, "text/plain", "slow", api, backend.ClassRateLimited, backend.RateLimited, "slow"},
		{"binary", 400, "", "\xff\xfe", api, backend.ClassAPI, backend.APIFailure, "nothing readable"},
		{"xml", 403, "application/xml", `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Denied</Message><RequestId>r</RequestId></Error>`, storage, backend.ClassAPI, backend.APIFailure, "Denied"},
		{"xml range", 416, "application/xml", `<Error><Code>InvalidRange</Code><Message>no</Message></Error>`, storage, backend.ClassInvalidRange, backend.ProcessingFailure, "no"},
		{"xml cut", 500, "application/xml", `<Error><Code>Intern`, storage, backend.ClassAPIConnection, backend.Connection, "500"},
	} {
		e := decoded(tc.status, tc.ctype, tc.body, tc.r)
		if e.Class != tc.class || e.Group != tc.group || !strings.Contains(e.Message, tc.text) || e.Status != tc.status {
			t.Errorf("%s: %s %s %d %q", tc.name, e.Class, e.Group, e.Status, e.Message)
		}
		if e.RequestID == "" {
			t.Errorf("%s: no request id", tc.name)
		}
	}
}

func TestErrorDetails(t *testing.T) {
	e := decoded(422, "application/json", `{"error":"m","type":"processing-failure/model-save-error","model_errors":{"username":["is taken","is short"],"email":"is bad"},"model_error_keys":{"username":["taken"]}}`, &call{})
	if !slices.Equal(e.Fields["username"], []string{"is taken", "is short"}) || !slices.Equal(e.Fields["email"], []string{"is bad"}) {
		t.Errorf("fields %v", e.Fields)
	}
	e = decoded(401, "application/json", `{"error":"2FA","type":"not-authenticated/two-factor-authentication-error","data":{"partial_session_id":"p1","two_factor_authentication_methods":["totp","yubi"],"u2f_sign_requests":[{"app_id":"a"}]}}`, &call{})
	if e.TwoFactor == nil || e.TwoFactor.Partial != "p1" || e.TwoFactor.Preferred() != "yubi" {
		t.Errorf("two factor %+v", e.TwoFactor)
	}
	if e = decoded(403, "application/xml", `<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>`, &call{storage: true}); !backend.URIExpired(e) {
		t.Errorf("expired address not recognised: %+v", e)
	}
	if e = decoded(403, "application/json", `{"error":"x","type":"upload_request_expired"}`, &call{storage: true}); !backend.URIExpired(e) {
		t.Errorf("expired address of a transfer host not recognised: %+v", e)
	}
}

func TestSDKClasses(t *testing.T) {
	ctx := context.Background()
	c, _ := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, "[]") })
	_, err := New(Config{APIKey: "not ok!"})
	wantError(t, err, backend.ClassAuthentication)
	_, err = c.EndUpload(ctx, "a", backend.EndOptions{})
	wantError(t, err, backend.ClassMissingParameter)
	_, err = c.List(ctx, "", backend.FolderQuery{Type: "directory"})
	wantError(t, err, backend.ClassInvalidParameter)
	_, err = c.Resource("user").Do(ctx, "fly", nil)
	wantError(t, err, backend.ClassNotImplemented)
	_, err = c.Login(ctx, backend.Credentials{})
	wantError(t, err, backend.ClassMissingParameter)
}

// A storage that has nothing at the address of a content, and no code for that, has
// words of its own; no other answer without a code has.
func TestAContentThatIsNotThere(t *testing.T) {
	get, put := &call{storage: true}, &call{storage: true, raw: func() (io.Reader, error) { return nil, nil }}
	for _, c := range []struct {
		status int
		ctype  string
		body   string
		r      *call
		want   string
	}{
		{404, "text/html", "<html>", get, backend.TypeNoContent},
		{404, "", "", get, backend.TypeNoContent},
		{410, "text/plain", "Gone", get, backend.TypeNoContent},
		{404, "application/xml", `<Error><Code>NoSuchKey</Code><Message>no</Message></Error>`, get, "storage/NoSuchKey"},
		{400, "", "", get, ""},
		{404, "", "", put, ""},
		{404, "", "", &call{}, ""},
	} {
		if e := decoded(c.status, c.ctype, c.body, c.r); e.Type != c.want {
			t.Errorf("%d %q: %q, want %q", c.status, c.body, e.Type, c.want)
		}
	}
}
