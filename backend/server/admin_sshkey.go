package server

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/md5" // the old form of fingerprints
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

// fingerprints are the old and the new form for the blob of a public key.
func fingerprints(blob []byte) (md5Form, sha256Form string) {
	sum := md5.Sum(blob)
	text := hex.EncodeToString(sum[:])
	var parts []string
	for i := 0; i < len(text); i += 2 {
		parts = append(parts, text[i:i+2])
	}
	wide := sha256.Sum256(blob)
	return strings.Join(parts, ":"), base64.RawStdEncoding.EncodeToString(wide[:])
}

// generateKey makes a pair: the private key as PKCS #8 in PEM, the public one
// as a line of OpenSSH. The lengths are those of PROTOCOL.md 13.
func generateKey(algorithm string, length any) (private, public string, err error) {
	n, _ := length.(int64)
	var signer crypto.Signer
	var name string
	var blob []byte
	switch algorithm {
	case "", "rsa":
		if n == 0 {
			n = 4096
		}
		if n < 1024 || n > 4096 || n%8 != 0 {
			return "", "", fieldErrors{"generate_length": {"is not included in the list"}}.err()
		}
		key, err := rsa.GenerateKey(rand.Reader, int(n))
		if err != nil {
			return "", "", fmt.Errorf("generate a key: %w", err)
		}
		signer, name = key, "ssh-rsa"
		blob = wire(nil, []byte(name))
		blob = wire(blob, positive(big.NewInt(int64(key.E))))
		blob = wire(blob, positive(key.N))
	case "ed25519":
		pub, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return "", "", fmt.Errorf("generate a key: %w", err)
		}
		signer, name = key, "ssh-ed25519"
		blob = wire(wire(nil, []byte(name)), pub)
	case "ecdsa":
		curve, ok := map[int64]elliptic.Curve{0: elliptic.P256(), 256: elliptic.P256(), 384: elliptic.P384(), 521: elliptic.P521()}[n]
		if !ok {
			return "", "", fieldErrors{"generate_length": {"is not included in the list"}}.err()
		}
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			return "", "", fmt.Errorf("generate a key: %w", err)
		}
		point, err := key.PublicKey.Bytes()
		if err != nil {
			return "", "", fmt.Errorf("generate a key: %w", err)
		}
		size := fmt.Sprintf("nistp%d", curve.Params().BitSize)
		signer, name = key, "ecdsa-sha2-"+size
		blob = wire(wire(wire(nil, []byte(name)), []byte(size)), point)
	default:
		return "", "", fieldErrors{"generate_algorithm": {"is not included in the list"}}.err()
	}
	der, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return "", "", fmt.Errorf("generate a key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return string(text), name + " " + base64.StdEncoding.EncodeToString(blob), nil
}

// wire appends a string of the SSH protocol: its length, then its bytes.
func wire(b, s []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// positive is a number of the SSH protocol, which must not look negative.
func positive(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) > 0 && b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return b
}
