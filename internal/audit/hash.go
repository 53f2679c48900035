package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/seal"
)

// saltSize is the length of an entry's salt in bytes.
const saltSize = 32

// place is where an entry stands.
type place struct {
	organisation uuid.UUID
	node         string
	seq          int64
}

// genesis is what the first entry of a chain follows.
func genesis(organisation uuid.UUID, node string) []byte {
	sum := sha256.Sum256(texts(append([]byte("lianzhen/chain/1\x00"), organisation[:]...), node))
	return sum[:]
}

// entryHash binds an entry to the one before it, and to everything that it says.
func entryHash(before []byte, at place, kind, object string, columns []string, when time.Time, commitment []byte) []byte {
	b := append([]byte("lianzhen/chain/entry/1\x00"), before...)
	b = append(b, at.organisation[:]...)
	b = texts(b, at.node)
	b = binary.BigEndian.AppendUint64(b, uint64(at.seq))
	b = texts(b, kind, object)
	b = binary.BigEndian.AppendUint32(b, uint32(len(columns)))
	b = texts(b, columns...)
	b = binary.BigEndian.AppendUint64(b, uint64(when.UnixMicro()))
	b = append(b, commitment...)
	sum := sha256.Sum256(b)
	return sum[:]
}

// commit hides a row's canonical form behind a salt.
func commit(salt []byte, kind, object string, canonical []byte) []byte {
	b := append([]byte("lianzhen/chain/commitment/1\x00"), salt...)
	b = texts(b, kind, object, string(canonical))
	sum := sha256.Sum256(b)
	return sum[:]
}

// texts appends texts with their lengths in front, so that no two lists read the same.
func texts(b []byte, list ...string) []byte {
	for _, t := range list {
		b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
		b = append(b, t...)
	}
	return b
}

// row is one row as the database gives it: columns by name.
type row map[string]any

func readRow(content string) (row, error) {
	d := json.NewDecoder(strings.NewReader(content))
	d.UseNumber()
	var r row
	if err := d.Decode(&r); err != nil {
		return nil, fmt.Errorf("read a row: %w", err)
	}
	return r, nil
}

// subject is the consultation to which a row belongs, nil when there is none.
func (r row) subject() *uuid.UUID {
	text, _ := r["consultation_id"].(string)
	id, err := uuid.Parse(text)
	if err != nil {
		return nil
	}
	return &id
}

// columns lists a row's columns in order.
func (r row) columns() []string { return slices.Sorted(maps.Keys(r)) }

// errUnreadable says that a sealed column of a row cannot be opened.
var errUnreadable = errors.New("cannot be opened: it was changed, or does not belong to this place")

// canonical is the form of a row that an entry commits to: the named columns, sealed ones opened. A sealed column that cannot be
// opened stands as the hash of what lies there, beside errUnreadable.
func (r row) canonical(keep *seal.Keeper, table, key string, columns []string) ([]byte, error) {
	out := make(map[string]any, len(columns))
	var broken error
	for _, c := range columns {
		v, there := r[c]
		if !there {
			return nil, fmt.Errorf("column %s.%s is not there any more", table, c)
		}
		if v != nil && strings.HasSuffix(c, "_enc") {
			plain, err := open(keep, table, c, key, v)
			if err != nil {
				broken = fmt.Errorf("%s.%s %w", table, c, err)
			}
			v = plain
		}
		out[c] = v
	}
	b, err := consult.CanonicalJSON(out)
	if err != nil {
		return nil, err
	}
	return b, broken
}

// open gives the plain form of a sealed column, which the database writes as \x and hex.
func open(keep *seal.Keeper, table, column, key string, v any) (any, error) {
	text, _ := v.(string)
	sealed, err := hex.DecodeString(strings.TrimPrefix(text, `\x`))
	if err != nil {
		return v, errUnreadable
	}
	damaged := func() (any, error) {
		sum := sha256.Sum256(sealed)
		return map[string]any{"damaged": hex.EncodeToString(sum[:])}, errUnreadable
	}
	id, err := uuid.Parse(key)
	if err != nil {
		return damaged()
	}
	plain, err := keep.Open(table, column, id, sealed)
	if err != nil {
		return damaged()
	}
	return map[string]any{"plain": base64.StdEncoding.EncodeToString(plain)}, nil
}
