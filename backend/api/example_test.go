package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"ferry/backend"
	"ferry/backend/api"
	"ferry/backend/server"
)

// demo starts a site in the process. On a real one a subdomain and a key are
// all there is to say: api.Config{BaseURL: "mysite", APIKey: key}.
func demo() (cfg api.Config, site server.Info, stop func()) {
	s, err := server.Open(context.Background(), server.Options{
		World: "small", Clock: func() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		panic(err)
	}
	l := s.Listen()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return l.DialContext(ctx, "tcp", "") }
	info := s.Info()
	return api.Config{BaseURL: info.BaseURL, APIKey: info.APIKey, Dial: dial}, info, func() { _ = errors.Join(l.Close(), s.Close()) }
}

// A client lists a folder over all its pages.
func Example() {
	cfg, _, stop := demo()
	defer stop()

	c, err := api.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	for e, err := range c.All(ctx, "", backend.FolderQuery{Type: "folder"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(e.Name)
	}
	// Output:
	// Documents
	// Empty
	// Odd names
	// Pictures
	// Sensors
}

// A user name and a password open a session, which the client goes on with.
// Some accounts want a second step.
func ExampleClient_Login() {
	cfg, site, stop := demo()
	defer stop()

	cfg.APIKey = ""
	c, err := api.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()
	cred := backend.Credentials{Username: site.Users[0].Username, Password: site.Users[0].Password}
	session, err := c.Login(ctx, cred)
	if e := backend.AsError(err); errors.Is(err, backend.ClassTwoFactorAuthenticationError) {
		fmt.Println("a code, please:", e.TwoFactor.Methods)
		cred.OTP, cred.Partial = "123456", e.TwoFactor.Partial
		session, err = c.Login(ctx, cred)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	me, err := c.WhoAmI(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(me.Username, "until", session.Expires.Format(time.TimeOnly))
	if err := c.Logout(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: admin until 18:00:00
}

// Users whose name starts with "s" and who are no administrators, by name. The
// catalog knows which sorts and filters go together, and what goes instead.
func ExampleClient_AllUsers() {
	cfg, _, stop := demo()
	defer stop()

	c, err := api.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()
	for u, err := range c.AllUsers(ctx, backend.Query{
		SortBy: "username",
		Filters: []backend.Filter{
			{Op: backend.Prefix, Field: "username", Value: "s"},
			{Op: backend.Equal, Field: "not_site_admin", Value: "true"},
		},
	}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(u.Username)
	}

	_, err = c.Users(ctx, backend.Query{SortBy: "shoe_size"})
	fmt.Println(errors.Is(err, backend.ClassInvalidSortField), backend.AsError(err).Legal[:4])
	// Output:
	// scanner-east-01
	// scanner-west-01
	// sms-user
	// true [site_id workspace_id company name]
}

// A file travels in parts, to addresses that the site hands out.
func ExampleClient_BeginUpload() {
	cfg, _, stop := demo()
	defer stop()

	c, err := api.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()
	upload := func(path string, content []byte) (backend.Entry, error) {
		parts, err := c.BeginUpload(ctx, path, backend.UploadOptions{Size: int64(len(content)), MkdirParents: true})
		if err != nil {
			return backend.Entry{}, err
		}
		// What is larger than parts[0].Size goes on with BeginUpload, Ref and Part.
		etag, err := c.PutPart(ctx, parts[0], bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return backend.Entry{}, err
		}
		return c.EndUpload(ctx, path, backend.EndOptions{
			Ref: parts[0].Ref, Size: int64(len(content)), Tags: []backend.PartTag{{ETag: etag, Number: parts[0].Number}},
		})
	}
	e, err := upload("Reports/2026/hello.txt", []byte("Hello, site.\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Path, e.Size)

	e, err = c.Download(ctx, e.Path)
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := c.OpenRange(ctx, e.DownloadURI, 7, -1, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer body.Close()
	if _, err := io.Copy(os.Stdout, body); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Reports/2026/hello.txt 13
	// site.
}

// Every failure is a *backend.Error. It is matched by its class or by its
// group, as the vendor's SDKs name them.
func ExampleClient_Mkdir() {
	cfg, _, stop := demo()
	defer stop()

	c, err := api.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()
	if _, err := c.Mkdir(ctx, "Reports", false); err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Mkdir(ctx, "réports", false) // the same name to the site
	switch {
	case errors.Is(err, backend.ClassDestinationExists):
		fmt.Println("it is there already")
	case errors.Is(err, backend.NotAuthorized):
		fmt.Println("not allowed")
	case errors.Is(err, backend.ClassAPIConnection):
		fmt.Println("the site cannot be reached")
	}
	_, err = c.Find(ctx, "Reports/nothing.txt")
	e := backend.AsError(err)
	fmt.Println(errors.Is(err, backend.NotFound), e.Status, e.Op, e.Path)
	// Output:
	// it is there already
	// true 404 find Reports/nothing.txt
}

// Whatever has no method of its own is reached by its name in the catalog, with
// parameters checked by name and type before anything is sent.
func ExampleClient_Resource() {
	cfg, _, stop := demo()
	defer stop()

	c, err := api.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()
	groups := c.Resource("group")
	fmt.Println(strings.Join(groups.Ops(), " "))
	g, err := groups.Create(ctx, map[string]any{"name": "Auditors"})
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err = groups.Update(ctx, g["id"], map[string]any{"notes": "once a year"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g["name"], "|", g["notes"])
	_, err = groups.Create(ctx, map[string]any{"name": "x", "colour": "red"})
	fmt.Println(errors.Is(err, backend.ClassInvalidParameter))
	if err := groups.Delete(ctx, g["id"], nil); err != nil {
		fmt.Println(err)
	}
	// Output:
	// list create find update delete
	// Auditors | once a year
	// true
}

// One call with other credentials; the client keeps its own.
func ExampleClient_WithCredentials() {
	cfg, site, stop := demo()
	defer stop()

	c, err := api.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()
	other, err := c.WithCredentials(backend.Credentials{APIKey: "notakey"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = other.List(ctx, "", backend.FolderQuery{})
	fmt.Println(errors.Is(err, backend.NotAuthenticated))
	_, err = c.WithCredentials(backend.Credentials{APIKey: site.APIKey + "!"})
	fmt.Println(errors.Is(err, backend.ClassAuthentication))
	_, err = c.List(ctx, "", backend.FolderQuery{})
	fmt.Println(err)
	// Output:
	// true
	// true
	// <nil>
}
