package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

const keySize = 32

// KEK is the key-encryption key. It wraps data keys and nothing else. One from a file also knows the former keys that stand in the
// file after it, and reads the file again for one that it does not know.
type KEK struct {
	id     string
	key    func() [keySize]byte // a function, since printing a struct around it shows no more than an address
	former *formerKEKs          // nil: none
}

// formerKEKs are the other keys of a key file.
type formerKEKs struct {
	path string
	mu   sync.Mutex
	byID map[string]*KEK
}

// find gives the key of an id: this one, or one of the file.
func (k *KEK) find(id string) (*KEK, bool) {
	if id == k.id || k.former == nil {
		return k, id == k.id
	}
	k.former.mu.Lock()
	defer k.former.mu.Unlock()
	if f, ok := k.former.byID[id]; ok {
		return f, true
	}
	list, err := readKEKs(k.former.path)
	if err != nil {
		return nil, false
	}
	for _, f := range list {
		k.former.byID[f.id] = f
	}
	f, ok := k.former.byID[id]
	return f, ok
}

// wrapper is the cipher that wraps data keys of an algorithm: SM4 wraps those of SM4, AES-256 all others.
func (k *KEK) wrapper(algorithm string) cipher.AEAD {
	raw := k.key()
	if algorithm == AlgorithmSM4GCM {
		return newAEAD(AlgorithmSM4GCM, sha256.Sum256(append([]byte("lianzhen/kek/sm4\x00"), raw[:]...)))
	}
	return newAEAD(AlgorithmAES256GCM, raw)
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

// maxKEKs is how many keys a key file may hold.
const maxKEKs = 8

// LoadOrCreateKEK reads the key from its file (32 bytes in base64 on the first line, former keys on the lines after it) or, when
// there is none, draws one and writes the file with mode 0600. Several processes may do so at once: all get the same key. It refuses
// a file that everybody may read or write or the group may write, and one with a line that is no key. Group reading is allowed, since
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
	list, err := readKEKs(path)
	if err != nil {
		return nil, err
	}
	k := list[0]
	k.former = &formerKEKs{path: path, byID: map[string]*KEK{}}
	for _, f := range list[1:] {
		k.former.byID[f.id] = f
	}
	return k, nil
}

func readKEKs(path string) ([]*KEK, error) {
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
	var list []*KEK
	for line := range bytes.Lines(bytes.TrimSpace(text)) {
		raw, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(line)))
		if err != nil || len(raw) != keySize || len(list) == maxKEKs { // the decoder's own message would quote the content
			list = nil
			break
		}
		list = append(list, kekOf([keySize]byte(raw)))
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the key file %s must hold %d bytes in base64 on each line, at most %d lines", path, keySize, maxKEKs)
	}
	return list, nil
}

// AddKEK draws a new key and puts it in front of those of the file, in one step that a crash leaves done or not.
func AddKEK(path string) (*KEK, error) {
	list, err := readKEKs(path)
	if err != nil {
		return nil, err
	}
	if len(list) == maxKEKs {
		return nil, fmt.Errorf("the key file %s holds %d keys already: forget the former ones first", path, maxKEKs)
	}
	if err := replaceKEKs(path, append([]*KEK{NewKEK()}, list...)); err != nil {
		return nil, fmt.Errorf("change the key file: %w", err)
	}
	return loadKEK(path)
}

// ForgetKEKs leaves only the first key in the file and says how many others it took out. What former keys wrapped, also in backups
// of the database, opens no more.
func ForgetKEKs(path string) (int, error) {
	list, err := readKEKs(path)
	if err != nil || len(list) == 1 {
		return 0, err
	}
	if err := replaceKEKs(path, list[:1]); err != nil {
		return 0, fmt.Errorf("change the key file: %w", err)
	}
	return len(list) - 1, nil
}

// replaceKEKs puts another file in the place of the key file.
func replaceKEKs(path string, list []*KEK) error {
	f, err := writeKEKs(filepath.Dir(path), list)
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil {
		if err := os.Chmod(f, info.Mode().Perm()); err != nil {
			return errors.Join(err, os.Remove(f))
		}
	}
	if err := os.Rename(f, path); err != nil {
		return errors.Join(err, os.Remove(f))
	}
	return syncDir(filepath.Dir(path))
}

// writeKEKs writes keys to a new file in dir with mode 0600 and gives its name.
func writeKEKs(dir string, list []*KEK) (string, error) {
	f, err := os.CreateTemp(dir, ".kek-*") // mode 0600
	if err != nil {
		return "", err
	}
	for _, k := range list {
		raw := k.key()
		if _, err = f.WriteString(base64.StdEncoding.EncodeToString(raw[:]) + "\n"); err != nil {
			break
		}
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// createKEK makes the file appear whole or not at all, and never replaces one.
func createKEK(path string, k *KEK) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := writeKEKs(dir, []*KEK{k})
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f) }()
	if err := os.Link(f, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// Former lists the ids of the other keys of the file, as far as they are known.
func (k *KEK) Former() []string {
	if k.former == nil {
		return nil
	}
	k.former.mu.Lock()
	defer k.former.mu.Unlock()
	return slices.Sorted(maps.Keys(k.former.byID))
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
