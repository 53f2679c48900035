package seal

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Lookup gives the 32-byte hash under which an identifier is found. The caller normalises the value first; kind says
// what it is ("identity_number", "phone").
func (k *Keeper) Lookup(kind, normalised string) []byte {
	r := k.ring.Load()
	h := hmac.New(sha256.New, r.lookup[:])
	h.Write(appendText([]byte("lianzhen/lookup\x00"), kind, normalised))
	return h.Sum(nil)
}
