package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"text/tabwriter"

	"ferry/backend"
)

// ListenTCP opens a port for Serve. The passwords of the demo world are public,
// so an address that other machines can reach has to be allowed on purpose.
// Errors are *backend.Error and name the address.
func ListenTCP(ctx context.Context, addr string, public bool) (net.Listener, error) {
	bad := func(why string, cause error) error {
		return &backend.Error{
			Class: backend.ClassInvalidParameter, Group: backend.Client, Op: "serve", Path: addr, Message: why, Cause: cause,
		}
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, bad("--addr wants host:port, such as 127.0.0.1:8080", err)
	}
	if ip := net.ParseIP(host); !public && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, bad("other machines could reach this address, and the passwords of the demo are public; add --open-to-network if you want that", nil)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, bad("the address cannot be used: "+err.Error(), err)
	}
	return l, nil
}

// WriteText writes the address, the key and the logins as people read them.
func (i Info) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "The demo site is at %s\nAPI key  %s\n\n", i.BaseURL, i.APIKey)
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "user\tpassword\trole\tsecond factor\twhat it shows")
	for _, u := range i.Users {
		second := ""
		switch {
		case u.TOTPSecret != "":
			second = "TOTP " + u.TOTPSecret
		case u.YubiID != "":
			second = "Yubi " + u.YubiID
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", u.Username, u.Password, u.Role, second, u.Note)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	b.WriteString("\nCtrl-C ends it.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
