package pgp

import (
	"bytes"
	"crypto"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/go-crypto/openpgp/s2k"
)

// A key is opened by Argon2 within bounds, and refused beyond them before any
// memory is taken.
func TestWhatAKeyMayCost(t *testing.T) {
	now := time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC)
	for _, v6 := range []bool{false, true} {
		c := &packet.Config{
			DefaultHash: crypto.SHA256, Algorithm: packet.PubKeyAlgoEd25519, V6Keys: v6, Time: func() time.Time { return now },
			AEADConfig: &packet.AEADConfig{},
			S2KConfig:  &s2k.Config{S2KMode: s2k.Argon2S2K, Argon2Config: &s2k.Argon2Config{NumberOfPasses: 1, DegreeOfParallelism: 1, Memory: 1 << 10}},
		}
		e, err := openpgp.NewEntity("Key", "", "key@example.com", c)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.EncryptPrivateKeys([]byte("secret"), c); err != nil {
			t.Fatal(err)
		}
		var whole bytes.Buffer
		if err := e.SerializePrivateWithoutSigning(&whole, c); err != nil {
			t.Fatal(err)
		}
		// The passes, the memory and what stands before them, as they are written.
		passes, memory, err := argon(e.PrivateKey)
		if err != nil || passes != 1 || memory != 10 {
			t.Fatalf("v6 %v: it asks for %d passes with 2^%d KiB: %v", v6, passes, memory, err)
		}
		params := bytes.LastIndex(whole.Bytes(), []byte{1, 1, 10}) // of the subkey
		for _, x := range []struct {
			passes, memory byte
			password       string
			want           error
		}{
			{1, 10, "secret", nil},
			{1, 10, "wrong", ErrPassword},
			{1, 10, "", ErrNeedsPassword},
			{1, maxArgonMemory + 1, "secret", ErrCostly},
			{1, 31, "secret", ErrCostly},
			{255, 16, "secret", ErrCostly},
		} {
			b := bytes.Clone(whole.Bytes())
			b[params], b[params+2] = x.passes, x.memory
			text, err := armored(openpgp.PrivateKeyType, func(w io.Writer) error { _, err := w.Write(b); return err })
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ReadPrivate(text, x.password); !errors.Is(err, x.want) {
				t.Errorf("v6 %v, %d passes with 2^%d KiB, password %q: %v, want %v", v6, x.passes, x.memory, x.password, err, x.want)
			}
		}
	}
}
