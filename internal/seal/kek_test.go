package seal

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
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

// A new key stands in front of the former ones; a keeper that was opened before reads the file for the key that it does not know.
func TestKEKRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	first, err := LoadOrCreateKEK(path)
	if err != nil {
		t.Fatal(err)
	}
	keys := dataKeys(t, first, epoch)
	running, err := NewKeeper(first, keys)
	if err != nil {
		t.Fatal(err)
	}
	second, err := AddKEK(path)
	if err != nil {
		t.Fatal(err)
	}
	if second.ID() == first.ID() || !slices.Equal(second.Former(), []string{first.ID()}) {
		t.Fatalf("the file holds %s and %v", second, second.Former())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := NewKeeper(second, keys); err != nil {
		t.Errorf("before the rewrap: %v", err)
	}
	for i := range keys {
		if keys[i], err = keys[i].Rewrap(second, second); err != nil {
			t.Fatal(err)
		}
	}
	if err := running.Load(keys, nil); err != nil {
		t.Errorf("a keeper that was opened before: %v", err)
	}
	if n, err := ForgetKEKs(path); err != nil || n != 1 {
		t.Errorf("forgot %d, %v", n, err)
	}
	last, err := LoadOrCreateKEK(path)
	if err != nil || last.ID() != second.ID() || len(last.Former()) != 0 {
		t.Fatalf("after forgetting: %v, %v", last, err)
	}
	if _, err := NewKeeper(last, keys); err != nil {
		t.Errorf("after forgetting: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".kek-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
