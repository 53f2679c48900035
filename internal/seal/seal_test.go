package seal

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func dataKeys(t testing.TB, kek *KEK, now time.Time) []DataKey {
	t.Helper()
	var list []DataKey
	for _, purpose := range []string{PurposeField, PurposeBlob, PurposeLookup} {
		d, err := NewDataKey(kek, purpose, AlgorithmAES256GCM, now)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

func keeper(t testing.TB) *Keeper {
	t.Helper()
	kek := NewKEK()
	k, err := NewKeeper(kek, dataKeys(t, kek, epoch))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func anyRow() *rapid.Generator[uuid.UUID] {
	return rapid.Custom(func(t *rapid.T) uuid.UUID {
		return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "row"))
	})
}

func TestRoundTrip(t *testing.T) {
	k := keeper(t)
	rapid.Check(t, func(t *rapid.T) {
		table := rapid.SampledFrom([]string{"residents", "blobs", "users"}).Draw(t, "table")
		column := rapid.String().Draw(t, "column")
		row, plain := anyRow().Draw(t, "row"), rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := k.Seal(table, column, row, plain)
		if len(sealed) != len(plain)+Overhead {
			t.Fatalf("%d bytes became %d", len(plain), len(sealed))
		}
		got, err := k.Open(table, column, row, sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %x, %v; sealed %x", got, err, plain)
		}
		if bytes.Equal(sealed, k.Seal(table, column, row, plain)) {
			t.Fatal("sealing twice gave the same value")
		}
	})
}

func TestTextKeepsNullApart(t *testing.T) {
	k := keeper(t)
	row := uuid.New()
	if v := k.SealText("residents", "name_enc", row, ""); v != nil {
		t.Errorf("empty text became %x, want NULL", v)
	}
	if s, err := k.OpenText("residents", "name_enc", row, nil); s != "" || err != nil {
		t.Errorf("NULL opened to %q, %v", s, err)
	}
	if s, err := k.OpenText("residents", "name_enc", row, k.SealText("residents", "name_enc", row, "乌兰其其格")); s != "乌兰其其格" || err != nil {
		t.Errorf("opened %q, %v", s, err)
	}
}

func TestEveryChangedByteRefuses(t *testing.T) {
	k := keeper(t)
	row := uuid.New()
	sealed := k.Seal("residents", "phone_enc", row, []byte("13800000000"))
	for i := range sealed {
		for bit := range 8 {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1 << bit
			if plain, err := k.Open("residents", "phone_enc", row, bad); err == nil || plain != nil {
				t.Fatalf("byte %d bit %d changed and it still opened", i, bit)
			}
		}
	}
	for n := range sealed {
		if _, err := k.Open("residents", "phone_enc", row, sealed[:n]); err == nil {
			t.Fatalf("opened when cut to %d bytes", n)
		}
	}
	if _, err := k.Open("residents", "phone_enc", row, append(bytes.Clone(sealed), 0)); !errors.Is(err, ErrDamaged) {
		t.Fatalf("one byte more: %v", err)
	}
}

func TestAnotherPlaceRefuses(t *testing.T) {
	k := keeper(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(0, 8, -1)
		table, column, row := name.Draw(t, "table"), name.Draw(t, "column"), anyRow().Draw(t, "row")
		table2, column2, row2 := name.Draw(t, "table2"), name.Draw(t, "column2"), anyRow().Draw(t, "row2")
		// The same letters with the border elsewhere are another place too.
		if rapid.Bool().Draw(t, "shift") {
			all := []rune(table + column)
			cut := rapid.IntRange(0, len(all)).Draw(t, "cut")
			table2, column2, row2 = string(all[:cut]), string(all[cut:]), row
		}
		if table == table2 && column == column2 && row == row2 {
			return
		}
		if _, err := k.Open(table2, column2, row2, k.Seal(table, column, row, []byte("x"))); !errors.Is(err, ErrDamaged) {
			t.Fatalf("opened elsewhere: %v", err)
		}
	})
}

func TestRotationOpensOldValues(t *testing.T) {
	kek := NewKEK()
	keys := dataKeys(t, kek, epoch)
	k, err := NewKeeper(kek, keys)
	if err != nil {
		t.Fatal(err)
	}
	row := uuid.New()
	old := k.Seal("t", "c", row, []byte("before"))
	hash := k.Lookup("phone", "13800000000")

	keys[0].Retired = true
	young, err := NewDataKey(kek, PurposeField, AlgorithmAES256GCM, epoch.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Load(append([]DataKey{young}, keys...), nil); err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Open("t", "c", row, old); err != nil || string(plain) != "before" {
		t.Fatalf("a value from before: %q, %v", plain, err)
	}
	now := k.Seal("t", "c", row, []byte("after"))
	if id := uuid.UUID(now[idOffset:nonceOffset]); id != young.ID {
		t.Errorf("sealed with %s, want the youngest %s", id, young.ID)
	}
	if !bytes.Equal(hash, k.Lookup("phone", "13800000000")) {
		t.Error("a new field key changed the look-up hashes")
	}
	if err := k.Load([]DataKey{young, keys[1], keys[2]}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Open("t", "c", row, old); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("without its key: %v", err)
	}
}

func TestFilesHaveTheirOwnKey(t *testing.T) {
	k := keeper(t)
	row := uuid.New()
	field, blob := k.Seal("chat", "content", row, nil), k.Seal("blobs", "content", row, nil)
	if bytes.Equal(field[idOffset:nonceOffset], blob[idOffset:nonceOffset]) {
		t.Error("fields and files share a key")
	}
}

func TestRewrap(t *testing.T) {
	from, to := NewKEK(), NewKEK()
	keys := dataKeys(t, from, epoch)
	k, err := NewKeeper(from, keys)
	if err != nil {
		t.Fatal(err)
	}
	row := uuid.New()
	sealed, hash := k.Seal("t", "c", row, []byte("kept")), k.Lookup("phone", "1")
	for i := range keys {
		if keys[i], err = keys[i].Rewrap(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := NewKeeper(from, keys); !errors.Is(err, ErrWrongKEK) {
		t.Errorf("with the former KEK: %v", err)
	}
	if k, err = NewKeeper(to, keys); err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Open("t", "c", row, sealed); err != nil || string(plain) != "kept" {
		t.Errorf("after the rewrap: %q, %v", plain, err)
	}
	if !bytes.Equal(hash, k.Lookup("phone", "1")) {
		t.Error("the rewrap changed the look-up hashes")
	}
}

func TestWrappedKeysAreBoundToTheirRow(t *testing.T) {
	kek := NewKEK()
	good := dataKeys(t, kek, epoch)
	for what, change := range map[string]func(d *DataKey){
		"id":        func(d *DataKey) { d.ID = uuid.New() },
		"purpose":   func(d *DataKey) { d.Purpose = PurposeBlob },
		"algorithm": func(d *DataKey) { d.Algorithm = AlgorithmHMACSHA256 },
		"wrapped":   func(d *DataKey) { d.Wrapped = bytes.Clone(d.Wrapped); d.Wrapped[20] ^= 1 },
		"short":     func(d *DataKey) { d.Wrapped = d.Wrapped[:10] },
		"kek":       func(d *DataKey) { d.KEKID = "0000000000000000" },
	} {
		bad := append([]DataKey{}, good...)
		change(&bad[0])
		if _, err := NewKeeper(kek, bad); err == nil {
			t.Errorf("a data key with another %s was opened", what)
		}
	}
	if _, err := NewKeeper(kek, good[:2]); err == nil {
		t.Error("opened without a look-up key")
	}
	if _, err := NewDataKey(kek, "soup", AlgorithmAES256GCM, epoch); err == nil {
		t.Error("made a key for no known purpose")
	}
}

func TestLookup(t *testing.T) {
	k, other := keeper(t), keeper(t)
	a := k.Lookup("phone", "13800000000")
	if len(a) != 32 || !bytes.Equal(a, k.Lookup("phone", "13800000000")) {
		t.Error("the same value has another hash")
	}
	for what, b := range map[string][]byte{
		"another value": k.Lookup("phone", "13800000001"), "another kind": k.Lookup("identity", "13800000000"),
		"another key": other.Lookup("phone", "13800000000"), "a moved border": k.Lookup("phone1", "3800000000"),
	} {
		if bytes.Equal(a, b) {
			t.Errorf("%s has the same hash", what)
		}
	}
}

func TestSystemSeal(t *testing.T) {
	kek := NewKEK()
	keys := dataKeys(t, kek, epoch)
	k, err := NewKeeper(kek, keys)
	if err != nil {
		t.Fatal(err)
	}
	first, err := k.NewSealKey(AlgorithmEd25519, epoch)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Load(keys, []SealKey{first}); err != nil {
		t.Fatal(err)
	}
	digest := []byte("0123456789abcdef0123456789abcdef")
	sig, kid := k.Sign(digest)
	second, err := k.NewSealKey(AlgorithmEd25519, epoch.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Load(keys, []SealKey{second, first}); err != nil {
		t.Fatal(err)
	}
	if err := k.VerifySeal(kid, digest, sig); err != nil {
		t.Errorf("a seal of the former key: %v", err)
	}
	if _, now := k.Sign(digest); now != second.KID.String() {
		t.Errorf("signed with %s, want the youngest", now)
	}
	for what, err := range map[string]error{
		"another digest": k.VerifySeal(kid, digest[1:], sig),
		"another key":    k.VerifySeal(second.KID.String(), digest, sig),
		"no such key":    k.VerifySeal("nobody", digest, sig),
		"a short seal":   k.VerifySeal(kid, digest, sig[1:]),
	} {
		if !errors.Is(err, ErrBadSeal) {
			t.Errorf("%s: %v", what, err)
		}
	}
	swapped := first
	swapped.Public = second.Public
	if err := k.Load(keys, []SealKey{swapped}); !errors.Is(err, ErrDamaged) {
		t.Errorf("a seal key with another public half: %v", err)
	}
	moved := first
	moved.KID = second.KID
	if err := k.Load(keys, []SealKey{moved}); !errors.Is(err, ErrDamaged) {
		t.Errorf("a seal key moved to another id: %v", err)
	}
}

// Another node made a key: the first value that it sealed brings the key here, and forged ids ask at most once in a while.
func TestUnknownKeysAreAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kek := NewKEK()
		shared := dataKeys(t, kek, time.Now())
		var seals []SealKey
		open := func() *Keeper {
			k, err := NewKeeper(kek, shared)
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		here, there := open(), open()
		asked := 0
		here.Follow(func() ([]DataKey, []SealKey, error) { asked++; return shared, seals, nil })

		young, err := NewDataKey(kek, PurposeField, AlgorithmAES256GCM, time.Now().Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		shared = append(shared, young)
		if err := there.Load(shared, nil); err != nil {
			t.Fatal(err)
		}
		row := uuid.New()
		sealed := there.Seal("t", "c", row, []byte("from there"))
		if plain, err := here.Open("t", "c", row, sealed); err != nil || string(plain) != "from there" {
			t.Fatalf("a value of the new key: %q, %v", plain, err)
		}
		forged := bytes.Clone(sealed)
		forged[idOffset] ^= 1
		for range 100 {
			if _, err := here.Open("t", "c", row, forged); !errors.Is(err, ErrUnknownKey) {
				t.Fatalf("a forged key id: %v", err)
			}
		}
		if asked != 1 {
			t.Errorf("asked %d times within a moment, want once", asked)
		}

		s, err := there.NewSealKey(AlgorithmEd25519, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		seals = append(seals, s)
		if err := there.Load(shared, seals); err != nil {
			t.Fatal(err)
		}
		sig, kid := there.Sign([]byte("digest"))
		time.Sleep(askEvery) // on the bubble's clock
		if err := here.VerifySeal(kid, []byte("digest"), sig); err != nil || asked != 2 {
			t.Errorf("a seal of the new key: %v after %d questions", err, asked)
		}
		time.Sleep(askEvery)
		here.Follow(func() ([]DataKey, []SealKey, error) { return nil, nil, errors.New("database gone") })
		if _, err := here.Open("t", "c", row, forged); !errors.Is(err, ErrUnknownKey) {
			t.Errorf("with no answer: %v", err)
		}
		if _, err := here.Open("t", "c", row, sealed); err != nil {
			t.Errorf("a failed question lost the keys: %v", err)
		}
	})
}

func TestKeysDoNotPrint(t *testing.T) {
	kek := NewKEK()
	k, err := NewKeeper(kek, dataKeys(t, kek, epoch))
	if err != nil {
		t.Fatal(err)
	}
	raw := kek.key()
	key := string(raw[:])
	for _, v := range []any{kek, *kek, k, struct{ K *KEK }{kek}, struct{ k KEK }{*kek}, struct{ k *KEK }{kek}, struct{ k *Keeper }{k}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			text := fmt.Sprintf(verb, v)
			for _, form := range []string{key, fmt.Sprintf("%x", key), fmt.Sprintf("%d", raw[:]), strings.Trim(fmt.Sprintf("%d", raw[:]), "[]")} {
				if strings.Contains(text, form) {
					t.Errorf("%s of %T shows the key", verb, v)
				}
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	k := keeper(f)
	row := uuid.New()
	good := k.Seal("t", "c", row, []byte("plain"))
	f.Add(good)
	f.Add(good[:Overhead])
	f.Add([]byte{})
	f.Add([]byte{version, algAES256})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		plain, err := k.Open("t", "c", row, sealed)
		if err == nil && !bytes.Equal(sealed, good) {
			t.Fatalf("%x opened to %x", sealed, plain)
		}
	})
}

// Each cipher seals, says so in the value, and opens what the other has sealed before.
func TestCiphers(t *testing.T) {
	kek := NewKEK()
	keys := dataKeys(t, kek, epoch)
	k, err := NewKeeper(kek, keys)
	if err != nil {
		t.Fatal(err)
	}
	row := uuid.New()
	former := k.Seal("t", "c", row, []byte("AES"))
	for _, purpose := range []string{PurposeField, PurposeBlob} {
		young, err := NewDataKey(kek, purpose, AlgorithmSM4GCM, epoch.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, young)
	}
	if err := k.Load(keys, nil); err != nil {
		t.Fatal(err)
	}
	sealed := k.Seal("t", "c", row, []byte("SM4"))
	if former[1] != algAES256 || sealed[1] != algSM4 {
		t.Errorf("the values say %d and %d", former[1], sealed[1])
	}
	for want, value := range map[string][]byte{"AES": former, "SM4": sealed} {
		if plain, err := k.Open("t", "c", row, value); err != nil || string(plain) != want {
			t.Errorf("%s: %q, %v", want, plain, err)
		}
	}
	again, err := k.Reseal("t", "c", row, former)
	if err != nil || KeyOf(again) != k.Sealing("t") || KeyOf(former) == KeyOf(again) {
		t.Errorf("sealed anew: %v", err)
	}
	if plain, err := k.Open("t", "c", row, again); err != nil || string(plain) != "AES" {
		t.Errorf("sealed anew: %q, %v", plain, err)
	}
	lied := bytes.Clone(sealed)
	lied[1] = algAES256
	if _, err := k.Open("t", "c", row, lied); !errors.Is(err, ErrDamaged) {
		t.Errorf("another algorithm's number: %v", err)
	}
	if _, err := NewDataKey(kek, PurposeField, "ROT13", epoch); err == nil {
		t.Error("made a key for no known cipher")
	}
	swapped := keys[len(keys)-1]
	swapped.Algorithm = AlgorithmAES256GCM
	if _, err := NewKeeper(kek, append(keys[:len(keys)-1:len(keys)-1], swapped)); err == nil {
		t.Error("a wrapped key was opened for another cipher")
	}
}

// The system's seal is Ed25519 or SM2; each verifies what it sealed, also after the other has taken over.
func TestSealAlgorithms(t *testing.T) {
	kek := NewKEK()
	keys := dataKeys(t, kek, epoch)
	k, err := NewKeeper(kek, keys)
	if err != nil {
		t.Fatal(err)
	}
	digest := []byte("0123456789abcdef0123456789abcdef")
	var seals []SealKey
	type sealed struct {
		sig []byte
		kid string
	}
	var all []sealed
	for i, algorithm := range []string{AlgorithmEd25519, AlgorithmSM2, AlgorithmEd25519} {
		s, err := k.NewSealKey(algorithm, epoch.Add(time.Duration(i)*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		seals = append(seals, s)
		if err := k.Load(keys, seals); err != nil {
			t.Fatal(err)
		}
		sig, kid := k.Sign(digest)
		if k.SealAlgorithm(kid) != algorithm || !bytes.Equal(k.SealPublic(kid), s.Public) {
			t.Errorf("%s: sealed with %s", algorithm, k.SealAlgorithm(kid))
		}
		all = append(all, sealed{sig, kid})
	}
	for i, s := range all {
		if err := k.VerifySeal(s.kid, digest, s.sig); err != nil {
			t.Errorf("seal %d: %v", i, err)
		}
		if err := k.VerifySeal(s.kid, digest[1:], s.sig); !errors.Is(err, ErrBadSeal) {
			t.Errorf("seal %d of another digest: %v", i, err)
		}
		if err := k.VerifySeal(all[(i+1)%3].kid, digest, s.sig); !errors.Is(err, ErrBadSeal) {
			t.Errorf("seal %d of another key: %v", i, err)
		}
	}
	lied := seals[1]
	lied.Algorithm = AlgorithmEd25519
	if err := k.Load(keys, []SealKey{lied}); !errors.Is(err, ErrDamaged) {
		t.Errorf("an SM2 key as Ed25519: %v", err)
	}
}

// While a look-up key is rotated, values are found under either; afterwards under the new one alone.
func TestLookupRotation(t *testing.T) {
	kek := NewKEK()
	keys := dataKeys(t, kek, epoch)
	k, err := NewKeeper(kek, keys)
	if err != nil {
		t.Fatal(err)
	}
	former := k.Lookup("phone", "1")
	young, err := NewDataKey(kek, PurposeLookup, "", epoch.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	keys = append(keys, young)
	if err := k.Load(keys, nil); err != nil {
		t.Fatal(err)
	}
	both := k.Lookups("phone", "1")
	if len(both) != 2 || bytes.Equal(both[0], former) || !bytes.Equal(both[1], former) || !bytes.Equal(both[0], k.Lookup("phone", "1")) {
		t.Errorf("hashes during a rotation: %x, before it %x", both, former)
	}
	for i := range keys {
		keys[i].Retired = keys[i].Retired || keys[i].Purpose == PurposeLookup && keys[i].ID != young.ID
	}
	if err := k.Load(keys, nil); err != nil {
		t.Fatal(err)
	}
	if after := k.Lookups("phone", "1"); len(after) != 1 || !bytes.Equal(after[0], both[0]) {
		t.Errorf("hashes after it: %x", after)
	}
	if ever := k.LookupsEver("phone", "1"); len(ever) != 2 || !bytes.Equal(ever[0], both[0]) || !bytes.Equal(ever[1], former) {
		t.Errorf("hashes under every key: %x", ever)
	}
}
