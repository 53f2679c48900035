package identity

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestNodesThatStartAtOnceShareTheirKeys(t *testing.T) {
	st, err := store.Open(t.Context(), testdb.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	kek := seal.NewKEK()
	keepers := make([]*seal.Keeper, 8)
	var wg sync.WaitGroup
	for i := range keepers {
		wg.Go(func() {
			var err error
			if keepers[i], err = OpenKeeper(t.Context(), st, kek); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	row := uuid.New()
	sealed, hash := keepers[0].Seal("t", "c", row, []byte("x")), keepers[0].Lookup("phone", "1")
	sig, kid := keepers[0].Sign([]byte("digest"))
	for _, k := range keepers {
		if plain, err := k.Open("t", "c", row, sealed); err != nil || string(plain) != "x" {
			t.Fatalf("%q, %v", plain, err)
		}
		if string(k.Lookup("phone", "1")) != string(hash) {
			t.Fatal("look-up hashes differ")
		}
		if err := k.VerifySeal(kid, []byte("digest"), sig); err != nil {
			t.Fatal(err)
		}
	}
	for table, want := range map[string]int{"data_keys": 3, "signing_keys": 4} {
		var n int
		if err := st.Pool.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n); err != nil || n != want {
			t.Errorf("%d %s, %v; want %d", n, table, err, want)
		}
	}
}

func TestAnotherKEKIsRefused(t *testing.T) {
	w := newWorld(t)
	if _, err := OpenKeeper(t.Context(), w.st, seal.NewKEK()); !errors.Is(err, seal.ErrWrongKEK) {
		t.Fatalf("opened with another KEK: %v", err)
	}
	if got := w.text("select count(*)::text from data_keys"); got != "3" {
		t.Errorf("%s data keys: the refusal left some behind", got)
	}
}

func TestRewrapKeys(t *testing.T) {
	w := newWorld(t)
	row := uuid.New()
	sealed := w.k.Seal("t", "c", row, []byte("kept"))
	next := seal.NewKEK()
	if err := RewrapKeys(t.Context(), w.st, next, w.kek); !errors.Is(err, seal.ErrWrongKEK) {
		t.Errorf("rewrapped from the wrong KEK: %v", err)
	}
	if err := RewrapKeys(t.Context(), w.st, w.kek, next); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeeper(t.Context(), w.st, w.kek); !errors.Is(err, seal.ErrWrongKEK) {
		t.Errorf("the former KEK still opens: %v", err)
	}
	k, err := OpenKeeper(t.Context(), w.st, next)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Open("t", "c", row, sealed); err != nil || string(plain) != "kept" {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := New(w.st, k, Config{HashCost: cheap}); err != nil {
		t.Errorf("the signing keys do not open: %v", err)
	}
}

func TestRotateDataKey(t *testing.T) {
	w := newWorld(t)
	there := w.node(w.st).k
	row := uuid.New()
	old := w.k.Seal("t", "c", row, []byte("before"))
	if err := RotateDataKey(t.Context(), w.st, w.kek, w.k, seal.PurposeField, ""); err != nil {
		t.Fatal(err)
	}
	young := w.k.Seal("t", "c", row, []byte("after"))
	if string(old[2:18]) == string(young[2:18]) {
		t.Error("sealed with the same key as before")
	}
	for name, k := range map[string]*seal.Keeper{"here": w.k, "there": there} {
		for want, sealed := range map[string][]byte{"before": old, "after": young} {
			if plain, err := k.Open("t", "c", row, sealed); err != nil || string(plain) != want {
				t.Errorf("%s, %s: %q, %v", name, want, plain, err)
			}
		}
	}
	k, err := OpenKeeper(t.Context(), w.st, w.kek)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Open("t", "c", row, old); err != nil || string(plain) != "before" {
		t.Errorf("after a restart: %q, %v", plain, err)
	}
	if err := RotateDataKey(t.Context(), w.st, w.kek, w.k, seal.PurposeLookup, ""); err == nil {
		t.Error("rotated the look-up key, whose hashes would be lost")
	}
}

func TestDamagedSigningKeyStopsTheStart(t *testing.T) {
	w := newWorld(t)
	w.exec("update signing_keys set public = decode(repeat('00', 32), 'hex') where purpose = 'access'")
	if _, err := New(w.st, w.k, Config{HashCost: cheap}); err == nil {
		t.Error("started with halves that do not fit")
	}
}
