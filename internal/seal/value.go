package seal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"

	"github.com/google/uuid"
)

// A sealed value: version, algorithm, key id, nonce, ciphertext with tag.
const (
	version     = 1
	algAES256   = 1
	algSM4      = 2
	idOffset    = 2
	nonceOffset = idOffset + 16
	textOffset  = nonceOffset + nonceSize
	nonceSize   = 12
	tagSize     = 16

	// Overhead is by how many bytes a sealed value is longer than its plain one.
	Overhead = textOffset + tagSize
)

// blobTable has a data key of its own, so that the keys of files and of fields rotate apart.
const blobTable = "blobs"

var (
	// ErrDamaged says that a value was changed, or was sealed for another table, column or row.
	ErrDamaged = errors.New("sealed value: changed or not from this place")
	// ErrUnknownKey says that no open key has the value's key id.
	ErrUnknownKey = errors.New("sealed value: unknown key")
	// ErrUnknownFormat says that the value's version or algorithm is none of ours.
	ErrUnknownFormat = errors.New("sealed value: unknown format")
)

// Seal seals a value for one column of one row. The result is [Overhead] bytes longer.
func (k *Keeper) Seal(table, column string, row uuid.UUID, plain []byte) []byte {
	r := k.ring.Load()
	id := r.field
	if table == blobTable {
		id = r.blob
	}
	c := r.ciphers[id]
	out := make([]byte, textOffset, Overhead+len(plain))
	out[0], out[1] = version, c.number
	copy(out[idOffset:], id[:])
	_, _ = rand.Read(out[nonceOffset:textOffset])
	return c.aead.Seal(out, out[nonceOffset:textOffset], plain, place(table, column, row, out[:nonceOffset]))
}

// Open gives the value that was sealed for exactly this column of this row, or ErrDamaged, ErrUnknownKey or
// ErrUnknownFormat.
func (k *Keeper) Open(table, column string, row uuid.UUID, sealed []byte) ([]byte, error) {
	plain, err := k.ring.Load().open(table, column, row, sealed)
	if errors.Is(err, ErrUnknownKey) {
		id := uuid.UUID(sealed[idOffset:nonceOffset])
		if k.ask(func(r *ring) bool { _, ok := r.ciphers[id]; return ok }) {
			return k.ring.Load().open(table, column, row, sealed)
		}
	}
	return plain, err
}

func (r *ring) open(table, column string, row uuid.UUID, sealed []byte) ([]byte, error) {
	if len(sealed) < Overhead {
		return nil, ErrDamaged
	}
	if sealed[0] != version || sealed[1] != algAES256 && sealed[1] != algSM4 {
		return nil, ErrUnknownFormat
	}
	c, ok := r.ciphers[uuid.UUID(sealed[idOffset:nonceOffset])]
	if !ok {
		return nil, ErrUnknownKey
	}
	if sealed[1] != c.number || (c.purpose == PurposeBlob) != (table == blobTable) {
		return nil, ErrDamaged
	}
	plain, err := c.aead.Open([]byte{}, sealed[nonceOffset:textOffset], sealed[textOffset:], place(table, column, row, sealed[:nonceOffset]))
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// KeyOf names the key that sealed a value; nil for what is no sealed value.
func KeyOf(sealed []byte) uuid.UUID {
	if len(sealed) < Overhead {
		return uuid.Nil
	}
	return uuid.UUID(sealed[idOffset:nonceOffset])
}

// Sealing names the key that seals values of a table now.
func (k *Keeper) Sealing(table string) uuid.UUID {
	r := k.ring.Load()
	if table == blobTable {
		return r.blob
	}
	return r.field
}

// Reseal gives the same plain value sealed with the present key.
func (k *Keeper) Reseal(table, column string, row uuid.UUID, sealed []byte) ([]byte, error) {
	plain, err := k.Open(table, column, row, sealed)
	if err != nil {
		return nil, err
	}
	return k.Seal(table, column, row, plain), nil
}

// SealText is Seal for text; "" becomes nil, so that an empty column stays NULL.
func (k *Keeper) SealText(table, column string, row uuid.UUID, plain string) []byte {
	if plain == "" {
		return nil
	}
	return k.Seal(table, column, row, []byte(plain))
}

// OpenText is Open for text; nil becomes "".
func (k *Keeper) OpenText(table, column string, row uuid.UUID, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := k.Open(table, column, row, sealed)
	return string(plain), err
}

// place is the additional data: where the value belongs and what it says of itself. Lengths stand before texts, so that
// no two places read the same.
func place(table, column string, row uuid.UUID, header []byte) []byte {
	b := appendText([]byte("lianzhen/value\x00"), table, column)
	b = append(b, row[:]...)
	return append(b, header...)
}

func appendText(b []byte, texts ...string) []byte {
	for _, t := range texts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
		b = append(b, t...)
	}
	return b
}
