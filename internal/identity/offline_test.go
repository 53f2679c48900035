package identity

import (
	"bytes"
	"testing"
	"time"
)

// The key of a person's devices is theirs alone, always the same, and lies sealed.
func TestTheKeyOfADevice(t *testing.T) {
	w := newWorld(t)
	w.user("dr.su")
	w.user("nurse.li")
	first, err := w.OfflineKey(t.Context(), w.login("dr.su").Actor)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.OfflineKey(t.Context(), w.login("dr.su").Actor)
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.OfflineKey(t.Context(), w.login("nurse.li").Actor)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Key) != 32 || !bytes.Equal(first.Key, again.Key) || bytes.Equal(first.Key, other.Key) {
		t.Errorf("keys of %d bytes: the same person's %v, another's %v", len(first.Key), bytes.Equal(first.Key, again.Key), bytes.Equal(first.Key, other.Key))
	}
	if kept := first.Until.Sub(w.clock.now()); kept < 71*time.Hour || kept > OfflineFor {
		t.Errorf("kept for %v", kept)
	}
	rows, err := w.st.Pool.Query(t.Context(), "SELECT key_enc FROM offline_keys")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var sealed []byte
		if err := rows.Scan(&sealed); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(sealed, first.Key) || bytes.Contains(sealed, other.Key) {
			t.Error("a key lies open")
		}
	}
	if n != 2 {
		t.Errorf("%d keys of two people", n)
	}
}
