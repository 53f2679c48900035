package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// checkpointFormat stands in every checkpoint.
const checkpointFormat = "lianzhen-checkpoint/1"

// CheckpointEvery is how often checkpoints are made where something was added.
const CheckpointEvery = time.Hour

// Heads is what a checkpoint says: how far each chain had come.
type Heads struct {
	Format       string    `json:"format"`
	Installation string    `json:"installation"`
	At           time.Time `json:"at"`
	Previous     string    `json:"previous"` // SHA-256 of the content of the checkpoint before, hex; empty: the first
	Chains       []Head    `json:"chains"`
}

// Head is the end of one chain.
type Head struct {
	Organisation uuid.UUID `json:"organisation"` // zero: the installation itself
	Node         string    `json:"node"`
	Seq          int64     `json:"seq"`
	Hash         string    `json:"hash"` // hex
}

// Checkpoint is a signed checkpoint as it is carried out of the database.
type Checkpoint struct {
	Content   json.RawMessage `json:"checkpoint"` // Heads
	Algorithm string          `json:"algorithm"`
	KID       string          `json:"kid"`
	PublicKey string          `json:"publicKey"` // hex; for readers without this program
	Signature string          `json:"signature"` // hex
}

// Heads reads what the checkpoint says; it proves nothing.
func (c Checkpoint) Heads() (Heads, error) {
	var h Heads
	if err := json.Unmarshal(c.Content, &h); err != nil || h.Format != checkpointFormat {
		return h, errors.New("this is not a checkpoint of Lianzhen")
	}
	return h, nil
}

// ErrCheckpointSeal says that a checkpoint's seal does not fit.
var ErrCheckpointSeal = errors.New("the checkpoint's seal does not fit: it was changed, or is not of this installation")

// check proves the seal. Spaces and the order of keys do not matter.
func (c Checkpoint) check(keep *seal.Keeper) error {
	canonical, err := consult.CanonicalJSON(c.Content)
	if err != nil {
		return ErrCheckpointSeal
	}
	signature, err := hex.DecodeString(c.Signature)
	if err != nil {
		return ErrCheckpointSeal
	}
	digest := sha256.Sum256(canonical)
	if keep.VerifySeal(c.KID, digest[:], signature) != nil {
		return ErrCheckpointSeal
	}
	return nil
}

// ReadCheckpoint reads an exported checkpoint.
func ReadCheckpoint(text []byte) (Checkpoint, error) {
	var c Checkpoint
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, errors.New("this is not a checkpoint of Lianzhen")
	}
	_, err := c.Heads()
	return c, err
}

// MakeCheckpoint signs the heads of all chains and keeps the checkpoint. Where nothing was added since the newest one, that one is
// given again. With another node at it, made is false and the newest one is given.
func MakeCheckpoint(ctx context.Context, st *store.Store, keep *seal.Keeper) (c Checkpoint, made bool, err error) {
	err = st.Tx(ctx, func(q *db.Queries) error {
		made = false
		got, err := q.TryCheckpointLock(ctx)
		if err != nil {
			return err
		}
		h := Heads{Format: checkpointFormat, Chains: []Head{}}
		newest, err := q.NewestCheckpoint(ctx)
		there := err == nil
		if err != nil && !store.IsNone(err) {
			return err
		}
		if h.Installation, err = q.Installation(ctx); err != nil {
			return err
		}
		heads, err := q.ChainHeads(ctx)
		if err != nil {
			return err
		}
		for _, r := range heads {
			h.Chains = append(h.Chains, Head{Organisation: r.OrganisationID, Node: r.Node, Seq: r.Seq, Hash: hex.EncodeToString(r.Hash)})
		}
		if there {
			c = exported(keep, newest)
			before, err := c.Heads()
			if err != nil {
				return err
			}
			if !got || same(before.Chains, h.Chains) {
				return nil
			}
			sum := sha256.Sum256(newest.Content)
			h.Previous = hex.EncodeToString(sum[:])
		}
		now, err := q.DatabaseNow(ctx)
		if err != nil {
			return err
		}
		h.At = now.UTC().Truncate(time.Millisecond)
		canonical, err := consult.CanonicalJSON(h)
		if err != nil {
			return err
		}
		digest := sha256.Sum256(canonical)
		signature, kid := keep.Sign(digest[:])
		row := db.ChainCheckpoint{ID: uuid.Must(uuid.NewV7()), At: h.At, Content: canonical, Algorithm: keep.SealAlgorithm(kid), Kid: kid, Signature: signature}
		c, made = exported(keep, row), true
		return q.AddCheckpoint(ctx, db.AddCheckpointParams(row))
	})
	if err != nil {
		return c, false, fmt.Errorf("checkpoint: %w", err)
	}
	return c, made, nil
}

func same(a, b []Head) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func exported(keep *seal.Keeper, r db.ChainCheckpoint) Checkpoint {
	return Checkpoint{Content: r.Content, Algorithm: r.Algorithm, KID: r.Kid, PublicKey: hex.EncodeToString(keep.SealPublic(r.Kid)), Signature: hex.EncodeToString(r.Signature)}
}
