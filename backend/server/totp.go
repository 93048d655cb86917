package server

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// totpStep is how long a code lasts (RFC 6238).
const totpStep = 30 * time.Second

// totpCode is the six digits of a base32 secret in a step of 30 seconds since
// 1970 (RFC 6238, RFC 4226); "" when the secret cannot be read.
func totpCode(secret string, step uint64) string {
	secret = strings.ToUpper(strings.TrimRight(strings.ReplaceAll(secret, " ", ""), "="))
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(key) == 0 {
		return ""
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash takes everything
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	code := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%06d", code%1_000_000)
}

// totpIs tells whether a code is the one of now, or of the step before or after
// for clocks that differ, and of which step it is.
func totpIs(secret, code string, now time.Time) (at int64, ok bool) {
	step := now.Unix() / int64(totpStep/time.Second)
	for _, d := range []int64{0, -1, 1} {
		want := totpCode(secret, uint64(step+d))
		if want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step + d, true
		}
	}
	return 0, false
}
