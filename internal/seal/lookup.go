package seal

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Lookup gives the 32-byte hash under which an identifier is stored. The caller normalises the value first; kind says
// what it is ("identity_number", "phone").
func (k *Keeper) Lookup(kind, normalised string) []byte {
	return k.ring.Load().lookups[0].hash(kind, normalised)
}

// Lookups gives every hash under which an identifier may be found, that of Lookup first. There are two while the look-up key is
// being rotated.
func (k *Keeper) Lookups(kind, normalised string) [][]byte {
	r := k.ring.Load()
	all := make([][]byte, len(r.lookups))
	for i, l := range r.lookups {
		all[i] = l.hash(kind, normalised)
	}
	return all
}

func (l lookupKey) hash(kind, normalised string) []byte {
	h := hmac.New(sha256.New, l.key[:])
	h.Write(appendText([]byte("lianzhen/lookup\x00"), kind, normalised))
	return h.Sum(nil)
}
