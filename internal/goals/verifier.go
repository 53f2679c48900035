package goals

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	proof "github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Verifier proves locked returns: figures and rows against the digest, the digest against the system's seal. It is an audit.Verifier.
type Verifier struct {
	st   *store.Store
	keep *seal.Keeper
}

// NewVerifier makes a verifier.
func NewVerifier(st *store.Store, keep *seal.Keeper) Verifier { return Verifier{st, keep} }

// Name is what it checks.
func (Verifier) Name() string { return "snapshots of returns" }

// Verify goes through every locked return.
func (v Verifier) Verify(ctx context.Context, report func(proof.Fault)) (checked int64, err error) {
	const batch = 20
	q := v.st.Q()
	for after := uuid.Nil; ; {
		list, err := q.LockedSnapshots(ctx, db.LockedSnapshotsParams{After: after, Batch: batch})
		if err != nil {
			return checked, fmt.Errorf("locked returns: %w", err)
		}
		for _, row := range list {
			after = row.ID
			checked++
			what, err := v.one(ctx, q, row)
			if err != nil {
				return checked, err
			}
			if what != "" {
				report(proof.Fault{Code: proof.FaultSnapshot, Organisation: &row.OrganisationID, Kind: "snapshot", Object: row.ID.String(),
					What: fmt.Sprintf("the return %s of %s, version %d (%s): %s", row.Kind, row.StartsOn.Format("2006-01-02"), row.Version, row.ID, what)})
			}
		}
		if len(list) < batch {
			return checked, nil
		}
	}
}

// one says what does not hold of a return; nothing when all does.
func (v Verifier) one(ctx context.Context, q *db.Queries, row db.Snapshot) (string, error) {
	var figures []contract.SnapshotFigure
	if json.Unmarshal(row.Figures, &figures) != nil {
		return "its figures cannot be read", nil
	}
	digest, rows, err := snapshotDigest(ctx, q, row, figures)
	switch {
	case err != nil:
		return "", err
	case rows != int(row.RowCount):
		return fmt.Sprintf("it has %d rows, %d were locked", rows, row.RowCount), nil
	case !bytes.Equal(digest, row.Digest):
		return "its figures or rows are not those that were locked", nil
	case v.keep.VerifySeal(row.SealKid, row.Digest, row.Seal) != nil:
		return "the system's seal does not fit", nil
	}
	return "", nil
}
