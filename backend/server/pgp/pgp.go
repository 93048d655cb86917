// Package pgp encrypts and decrypts files with OpenPGP keys, in the form that
// GnuPG reads and writes.
package pgp

import (
	"bufio"
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Key is a key that has been read: a public one, or a pair whose private half
// is open.
type Key struct{ entity *openpgp.Entity }

// The reasons why a key is refused. Their texts are made to stand behind the
// name of a field.
var (
	ErrNoKey         = errors.New("is not an OpenPGP key")
	ErrSeveralKeys   = errors.New("must hold one key")
	ErrPrivate       = errors.New("holds a private key")
	ErrNotPrivate    = errors.New("holds no private key")
	ErrPassword      = errors.New("does not open the private key")
	ErrCostly        = errors.New("asks for more memory or time to be opened than there is for it")
	ErrNeedsPassword = errors.New("can't be blank: the private key is protected by one")
)

// messageType is the heading of a message in armor.
const messageType = "PGP MESSAGE"

// config is what is written: ciphers that every GnuPG in use knows.
func config(now time.Time) *packet.Config {
	return &packet.Config{
		DefaultHash: crypto.SHA256, DefaultCipher: packet.CipherAES256, DefaultCompressionAlgo: packet.CompressionZIP,
		Time: func() time.Time { return now },
	}
}

func read(text string) (*openpgp.Entity, error) {
	list, err := openpgp.ReadArmoredKeyRing(strings.NewReader(text))
	if err != nil || len(list) == 0 {
		return nil, ErrNoKey
	}
	if len(list) > 1 {
		return nil, ErrSeveralKeys
	}
	return list[0], nil
}

// ReadPublic reads an armored public key.
func ReadPublic(text string) (*Key, error) {
	e, err := read(text)
	if err != nil {
		return nil, err
	}
	if e.PrivateKey != nil {
		return nil, ErrPrivate
	}
	return &Key{e}, nil
}

// ReadPrivate reads an armored private key and opens it with a password, ""
// for a key without one.
func ReadPrivate(text, password string) (*Key, error) {
	e, err := read(text)
	if err != nil {
		return nil, err
	}
	if e.PrivateKey == nil {
		return nil, ErrNotPrivate
	}
	locked := e.PrivateKey.Encrypted
	for _, s := range e.Subkeys {
		locked = locked || s.PrivateKey != nil && s.PrivateKey.Encrypted
	}
	if locked {
		if password == "" {
			return nil, ErrNeedsPassword
		}
		if err := affordable(e); err != nil {
			return nil, err
		}
		opening.Lock() // each takes the memory that it asks for
		defer opening.Unlock()
		if err := e.DecryptPrivateKeys([]byte(password)); err != nil {
			return nil, ErrPassword
		}
	}
	return &Key{e}, nil
}

// Fingerprint is that of the primary key, in upper-case hex.
func (k *Key) Fingerprint() string { return fmt.Sprintf("%X", k.entity.PrimaryKey.Fingerprint) }

// Expires is when the key ends; zero for never.
func (k *Key) Expires() time.Time {
	sig, _ := k.entity.PrimarySelfSignature()
	if sig == nil || sig.KeyLifetimeSecs == nil || *sig.KeyLifetimeSecs == 0 {
		return time.Time{}
	}
	return k.entity.PrimaryKey.CreationTime.Add(time.Duration(*sig.KeyLifetimeSecs) * time.Second).UTC()
}

// Public is the public key in armor.
func (k *Key) Public() (string, error) {
	return armored(openpgp.PublicKeyType, k.entity.Serialize)
}

func armored(kind string, write func(w io.Writer) error) (string, error) {
	var b bytes.Buffer
	w, err := armor.Encode(&b, kind, nil)
	if err != nil {
		return "", err
	}
	if err := errors.Join(write(w), w.Close()); err != nil {
		return "", err
	}
	return b.String() + "\n", nil
}

// NewKey is what a generated key is to be.
type NewKey struct {
	Name, Email string
	Password    string    // protects the private key; "" leaves it open
	Expires     time.Time // zero for never
	Now         time.Time
}

// Generate makes a pair, both in armor.
func Generate(n NewKey) (public, private string, err error) {
	c := config(n.Now)
	c.Algorithm, c.RSABits = packet.PubKeyAlgoRSA, 3072
	if !n.Expires.IsZero() {
		c.KeyLifetimeSecs = uint32(n.Expires.Sub(n.Now) / time.Second)
	}
	e, err := openpgp.NewEntity(n.Name, "", n.Email, c)
	if err != nil {
		return "", "", err
	}
	if public, err = armored(openpgp.PublicKeyType, e.Serialize); err != nil {
		return "", "", err
	}
	if n.Password != "" {
		if err := e.EncryptPrivateKeys([]byte(n.Password), c); err != nil {
			return "", "", err
		}
	}
	private, err = armored(openpgp.PrivateKeyType, func(w io.Writer) error { return e.SerializePrivateWithoutSigning(w, c) })
	return public, private, err
}

// CanEncrypt tells whether something can be encrypted to the key now.
func (k *Key) CanEncrypt(now time.Time) bool {
	_, ok := k.entity.EncryptionKey(now)
	return ok
}

// CanSign tells whether the key can sign now.
func (k *Key) CanSign(now time.Time) bool {
	key, ok := k.entity.SigningKey(now)
	return ok && key.PrivateKey != nil && !key.PrivateKey.Encrypted
}

// Message is how something is encrypted.
type Message struct {
	To     []*Key
	Signer *Key   // nil for no signature
	Armor  bool   // as text
	Name   string // of the file, kept in the message
	Now    time.Time
}

// Encrypt writes what src holds into dst for whoever has one of the keys.
func Encrypt(dst io.Writer, src io.Reader, m Message) error {
	var out io.WriteCloser = nopCloser{dst}
	if m.Armor {
		w, err := armor.Encode(dst, messageType, nil)
		if err != nil {
			return err
		}
		out = w
	}
	to := make([]*openpgp.Entity, len(m.To))
	for i, k := range m.To {
		to[i] = k.entity
	}
	var signer *openpgp.Entity
	if m.Signer != nil {
		signer = m.Signer.entity
	}
	w, err := openpgp.Encrypt(out, to, signer, &openpgp.FileHints{IsBinary: true, FileName: m.Name, ModTime: m.Now}, config(m.Now))
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, src); err != nil {
		return err
	}
	return errors.Join(w.Close(), out.Close())
}

type nopCloser struct{ io.Writer }

// Close does nothing.
func (nopCloser) Close() error { return nil }

// The reasons why something cannot be decrypted.
var (
	ErrNotEncrypted = errors.New("the file is not an OpenPGP message")
	ErrWrongKey     = errors.New("none of the keys can decrypt the file")
	ErrSignature    = errors.New("the signature of the file is not valid")
	ErrTampered     = errors.New("the integrity check of the file failed (MDC)")
	ErrDamaged      = errors.New("the file is damaged")
)

// Decrypt writes what src, a message in armor or not, holds into dst. ignoreMDC
// takes a message whose integrity is not protected or not given. The error of a
// reader or writer comes back as it is.
func Decrypt(dst io.Writer, src io.Reader, keys []*Key, ignoreMDC bool, now time.Time) error {
	var ring openpgp.EntityList
	for _, k := range keys {
		ring = append(ring, k.entity)
	}
	from := &source{r: src}
	body := bufio.NewReader(from)
	var in io.Reader = body
	if head, _ := body.Peek(64); bytes.Contains(head, []byte("-----BEGIN PGP")) {
		block, err := armor.Decode(body)
		if err != nil {
			return from.or(ErrNotEncrypted)
		}
		if block.Type != messageType {
			return ErrNotEncrypted
		}
		in = block.Body
	}
	c := config(now)
	c.InsecureAllowUnauthenticatedMessages = ignoreMDC
	md, err := openpgp.ReadMessage(in, ring, nil, c)
	switch {
	case errors.Is(err, pgperrors.ErrKeyIncorrect):
		return ErrWrongKey
	case errors.Is(err, pgperrors.ErrMDCMissing):
		return ErrTampered
	case err != nil:
		return from.or(ErrNotEncrypted)
	case !md.IsEncrypted:
		return ErrNotEncrypted
	}
	to := &sink{w: dst}
	if _, err := io.Copy(to, md.UnverifiedBody); err != nil {
		switch {
		case to.err != nil:
			return to.err
		case isMDC(err):
			if !ignoreMDC {
				return ErrTampered
			}
		default:
			return from.or(ErrDamaged)
		}
	}
	if md.SignatureError != nil && !errors.Is(md.SignatureError, pgperrors.ErrUnknownIssuer) {
		if isMDC(md.SignatureError) {
			if ignoreMDC {
				return nil
			}
			return ErrTampered
		}
		return ErrSignature
	}
	return nil
}

func isMDC(err error) bool {
	return errors.Is(err, pgperrors.ErrMDCHashMismatch) || errors.Is(err, pgperrors.ErrMDCMissing)
}

// source remembers the error of a reader, which the packets would hide.
type source struct {
	r   io.Reader
	err error
}

// Read reads on.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func (s *source) or(err error) error {
	if s.err != nil {
		return s.err
	}
	return err
}

// sink remembers the error of a writer.
type sink struct {
	w   io.Writer
	err error
}

// Write writes on.
func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		s.err = err
	}
	return n, err
}
