package seal

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "kek")
	a, err := LoadOrCreateKEK(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	b, err := LoadOrCreateKEK(path)
	if err != nil || b.key() != a.key() || b.ID() != a.ID() {
		t.Errorf("read again: %v, %v; want %v", b, err, a)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text))); err != nil || [32]byte(raw) != a.key() {
		t.Errorf("the file holds something else than the key in base64: %v", err)
	}
}

func TestKeyFileIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kek")
	ids := make([]string, 16)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			k, err := LoadOrCreateKEK(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = k.ID()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("several keys: %v", ids)
		}
	}
}

func TestBadKeyFiles(t *testing.T) {
	secret := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		ok   bool
	}{
		"good":           {secret + "\n", 0o600, true},
		"read only":      {secret, 0o400, true},
		"mounted":        {secret, 0o440, true},
		"world-readable": {secret, 0o644, false},
		"world-writable": {secret, 0o602, false},
		"group-writable": {secret, 0o660, false},
		"short":          {base64.StdEncoding.EncodeToString([]byte("short-secret")), 0o600, false},
		"long":           {secret + secret, 0o600, false},
		"empty":          {"", 0o600, false},
		"not base64":     {"!!!" + secret, 0o600, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kek")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil { // past the umask
				t.Fatal(err)
			}
			k, err := LoadOrCreateKEK(path)
			if (err == nil) != c.ok {
				t.Fatalf("%v, %v", k, err)
			}
			if err != nil && (strings.Contains(err.Error(), "0123456789") || strings.Contains(err.Error(), secret[:12]) || strings.Contains(err.Error(), "c2hvcnQ")) {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
	if _, err := LoadOrCreateKEK(t.TempDir()); err == nil {
		t.Error("took a folder for a key file")
	}
}
