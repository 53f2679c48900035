package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

const keySize = 32

// KEK is the key-encryption key. It wraps data keys and nothing else.
type KEK struct {
	id  string
	key func() [keySize]byte // a function, since printing a struct around it shows no more than an address
}

// NewKEK draws a key-encryption key that is kept nowhere; for a test or to rotate to.
func NewKEK() *KEK {
	var key [keySize]byte
	_, _ = rand.Read(key[:]) // never fails: the runtime stops the program first
	return kekOf(key)
}

func kekOf(key [keySize]byte) *KEK {
	sum := sha256.Sum256(append([]byte("lianzhen/kek/id\x00"), key[:]...))
	return &KEK{id: hex.EncodeToString(sum[:8]), key: func() [keySize]byte { return key }}
}

// LoadOrCreateKEK reads the key from its file (32 bytes in base64, one line) or, when there is none, draws one and writes
// the file with mode 0600. Several processes may do so at once: all get the same key. It refuses a file that everybody
// may read or write or the group may write, and one that does not hold exactly one key. Group reading is allowed, since
// that is how secrets are mounted into a container of another user.
func LoadOrCreateKEK(path string) (*KEK, error) {
	k, err := loadKEK(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := createKEK(path, NewKEK()); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create the key file: %w", err)
	}
	return loadKEK(path)
}

func loadKEK(path string) (*KEK, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("the key file %s is not a regular file", path)
	}
	if info.Mode().Perm()&0o027 != 0 {
		return nil, fmt.Errorf("the key file %s has mode %04o: others may reach the key; set it to 0600", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(raw) != keySize { // the decoder's own message would quote the content
		return nil, fmt.Errorf("the key file %s must hold %d bytes in base64", path, keySize)
	}
	return kekOf([keySize]byte(raw)), nil
}

// createKEK makes the file appear whole or not at all, and never replaces one.
func createKEK(path string, k *KEK) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".kek-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	raw := k.key()
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(raw[:]) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ID names the key: the first 8 bytes of its hash, in hex.
func (k *KEK) ID() string { return k.id }

// String shows the id only, as every other way of printing a KEK does.
func (k KEK) String() string { return "KEK " + k.id }

// GoString is String.
func (k KEK) GoString() string { return k.String() }

// Format is String for every verb.
func (k KEK) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, k.String()) }

// LogValue is String.
func (k KEK) LogValue() slog.Value { return slog.StringValue(k.String()) }
