package server

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// storagePath is where the bytes travel. It is on the host of the API, so its
// URLs are signed in the way of Files.com's own hosts (PROTOCOL.md 9 and 10).
const storagePath = "/storage/"

// How long signed URLs hold, as recorded.
const (
	uploadFor   = 900 * time.Second
	downloadFor = 60 * time.Second
)

const signedTime = "20060102T150405Z"

// sign makes an absolute URL that holds for a while. free are parameters that
// the client may change.
func (c *call) sign(path string, values, free url.Values, lasts time.Duration) string {
	values.Set("X-Files-Date", c.now.Format(signedTime))
	values.Set("X-Files-Expires", strconv.Itoa(int(lasts/time.Second)))
	values.Set("X-Files-Signature", c.s.signature(path, values))
	query := values.Encode()
	if len(free) > 0 {
		query += "&" + free.Encode()
	}
	scheme := "http://"
	if c.r.TLS != nil {
		scheme = "https://"
	}
	return scheme + c.r.Host + path + "?" + query
}

// signature covers the path and the signed parameters.
func (s *Server) signature(path string, values url.Values) string {
	mac := hmac.New(sha256.New, s.db.key)
	for _, part := range []string{path, values.Get("X-Files-Date"), values.Get("X-Files-Expires"), values.Get("name"), values.Get("key")} {
		mac.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// seal hides a text in a URL: where a file lies is for nobody to see who may
// fetch it. The same text gives the same result, so that URLs can be compared.
func (s *Server) seal(text string) string {
	mac := hmac.New(sha256.New, s.db.key)
	mac.Write([]byte("seal:" + text))
	iv := mac.Sum(nil)[:aes.BlockSize]
	out := append([]byte(nil), iv...)
	out = append(out, text...)
	s.keyStream(iv).XORKeyStream(out[aes.BlockSize:], out[aes.BlockSize:])
	return base64.RawURLEncoding.EncodeToString(out)
}

// unseal reads what seal has written; false for anything else.
func (s *Server) unseal(text string) (string, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < aes.BlockSize {
		return "", false
	}
	out := b[aes.BlockSize:]
	s.keyStream(b[:aes.BlockSize]).XORKeyStream(out, out)
	return string(out), s.seal(string(out)) == text
}

func (s *Server) keyStream(iv []byte) cipher.Stream { return cipher.NewCTR(s.db.block, iv) }

// storageError is an answer of a storage host, which is XML (PROTOCOL.md 6).
type storageError struct {
	status        int
	code, message string
}

// Error is the message.
func (e *storageError) Error() string { return e.message }

var errURLExpired = &storageError{http.StatusForbidden, "AccessDenied", "Request has expired"}

// checkSigned refuses a URL that was changed or has expired.
func (c *call) checkSigned() error {
	q := c.query
	if !hmac.Equal([]byte(q.Get("X-Files-Signature")), []byte(c.s.signature(c.r.URL.Path, q))) {
		return &storageError{http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."}
	}
	from, err := time.Parse(signedTime, q.Get("X-Files-Date"))
	if err != nil {
		return errURLExpired
	}
	seconds, err := strconv.Atoi(q.Get("X-Files-Expires"))
	if err != nil || c.expired || !c.now.Before(from.Add(time.Duration(seconds)*time.Second)) {
		return errURLExpired
	}
	return nil
}

// failStorage answers with an error as storage hosts do.
func (c *call) failStorage(e *storageError) error {
	if c.closing() {
		return nil
	}
	c.hurry()
	type body struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		RequestID string `xml:"RequestId"`
		HostID    string `xml:"HostId"`
	}
	b, err := xml.Marshal(body{Code: e.code, Message: e.message, RequestID: strings.ToUpper(c.id[:16]), HostID: c.id})
	if err != nil {
		return err
	}
	b = append([]byte(xml.Header), b...)
	h := c.w.Header()
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	c.w.WriteHeader(e.status)
	_, err = c.w.Write(b)
	return ignoreWrite(err)
}
