package login

import (
	"net"
	"net/url"
	"strings"
	"unicode"
)

// checkSite says what is wrong with a site address, "" when nothing is.
func checkSite(v string) string {
	v = strings.TrimSpace(v)
	if strings.ContainsAny(v, " \t") {
		return "A site address has no blanks in it."
	}
	if !strings.Contains(v, "://") {
		v = "https://" + v
	}
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "":
		return "This is neither a subdomain nor an address such as https://host."
	case u.Scheme != "https" && (u.Scheme != "http" || !here(u.Hostname())):
		return "Only https:// and, to this machine, http:// are possible."
	case u.User != nil:
		return "Leave user name and password out of the address."
	}
	return ""
}

// here tells whether a host is this machine: what is sent there without
// encryption cannot be overheard.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// alphanumeric is the check that the vendor's clients make before any request
// (PROTOCOL.md 2).
func alphanumeric(what string) func(string) string {
	return func(v string) string {
		for _, r := range strings.TrimSpace(v) {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				return "In " + what + " there are letters and digits only."
			}
		}
		return ""
	}
}

func digits(v string) string {
	for _, r := range strings.TrimSpace(v) {
		if !unicode.IsDigit(r) {
			return "The code has digits only."
		}
	}
	return ""
}

func checkProfile(v string) string {
	if strings.ContainsFunc(v, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
	}) {
		return "A profile's name has letters, digits, - and _ only."
	}
	return ""
}
