package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"
)

// Lookup gives the 32-byte hash under which an identifier is stored. The caller normalises the value first; kind says
// what it is ("identity_number", "phone").
func (k *Keeper) Lookup(kind, normalised string) []byte {
	return k.Lookups(kind, normalised)[0]
}

// Lookups gives every hash under which an identifier may be stored, that of Lookup first. There are two while the look-up key is
// being rotated. A key that was made for later is tried already and not yet first, so that every node knows it before any uses it.
func (k *Keeper) Lookups(kind, normalised string) [][]byte {
	r := k.ring.Load()
	now := time.Now()
	var all [][]byte
	for _, l := range r.lookups {
		all = append(all, l.hash(kind, normalised))
	}
	for i, l := range r.lookups {
		if !l.created.After(now) {
			all[0], all[i] = all[i], all[0]
			break
		}
	}
	return all
}

// LookupsEver is Lookups with the keys that were retired: for what only its owner knows, such as a recovery code, whose hash nobody
// can make again.
func (k *Keeper) LookupsEver(kind, normalised string) [][]byte {
	all := k.Lookups(kind, normalised)
	for _, l := range k.ring.Load().former {
		all = append(all, l.hash(kind, normalised))
	}
	return all
}

// LookupOldest gives the hash of the oldest key in use: the same on every node while a rotation begins, so that nodes can agree on a
// lock.
func (k *Keeper) LookupOldest(kind, normalised string) []byte {
	list := k.ring.Load().lookups
	return list[len(list)-1].hash(kind, normalised)
}

func (l lookupKey) hash(kind, normalised string) []byte {
	h := hmac.New(sha256.New, l.key[:])
	h.Write(appendText([]byte("lianzhen/lookup\x00"), kind, normalised))
	return h.Sum(nil)
}
