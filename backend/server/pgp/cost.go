package pgp

import (
	"bytes"
	"io"
	"sync"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/go-crypto/openpgp/s2k"
)

// A key says itself how much memory Argon2 takes to make its key out of the
// password: up to two TiB. These are four times what programs ask for, and what
// it may cost over all passes.
const (
	maxArgonMemory = 18 // of the memory in KiB the power of two: 256 MiB
	maxArgonWork   = 1 << 20
)

// opening is held while a key is opened.
var opening sync.Mutex

// affordable refuses to open a key whose password costs too much.
func affordable(e *openpgp.Entity) error {
	keys := []*packet.PrivateKey{e.PrivateKey}
	for _, s := range e.Subkeys {
		keys = append(keys, s.PrivateKey)
	}
	work := 0
	for _, k := range keys {
		if k == nil || !k.Encrypted {
			continue
		}
		passes, memory, err := argon(k)
		if err != nil {
			return ErrNoKey
		}
		if passes > 0 && memory > maxArgonMemory {
			return ErrCostly
		}
		if work += passes << memory; work > maxArgonWork {
			return ErrCostly
		}
	}
	return nil
}

// argon reads what a locked key asks for: passes, 0 where it is not opened by
// Argon2, and the power of two of the memory in KiB. The library keeps this to
// itself, so it is read from what it would write (RFC 9580, 5.5.3 and 3.7.1.4).
func argon(k *packet.PrivateKey) (passes int, memory uint8, err error) {
	whole, err := body(k)
	if err != nil {
		return 0, 0, err
	}
	public, err := body(&k.PublicKey)
	if err != nil {
		return 0, 0, err
	}
	b := whole[min(len(public), len(whole)):]
	at := 2 // usage and cipher
	if k.Version >= 5 {
		at++ // how long all of this is
	}
	if len(b) > 0 && packet.S2KType(b[0]) == packet.S2KAEAD {
		at++
	}
	if k.Version == 6 {
		at++ // how long the following is
	}
	const salt = s2k.Argon2SaltSize
	if len(b) <= at || s2k.Mode(b[at]) != s2k.Argon2S2K {
		return 0, 0, nil
	}
	if b = b[at+1:]; len(b) < salt+3 {
		return 0, 0, ErrNoKey
	}
	return int(b[salt]), b[salt+2], nil
}

// body is what a packet holds behind its head.
func body(p interface{ Serialize(w io.Writer) error }) ([]byte, error) {
	var b bytes.Buffer
	if err := p.Serialize(&b); err != nil {
		return nil, err
	}
	o, err := packet.NewOpaqueReader(&b).Next()
	if err != nil {
		return nil, err
	}
	return o.Contents, nil
}
