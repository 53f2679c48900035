package audit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// manifestFormat stands in every manifest.
const manifestFormat = "lianzhen-purge/1"

// Manifest says what a purge has deleted: rows by table, and what was chained by kind and key.
type Manifest struct {
	Format  string           `json:"format"`
	ID      uuid.UUID        `json:"id"`
	At      time.Time        `json:"at"`
	What    string           `json:"what"`   // record, or the name of a table
	Class   string           `json:"class"`  // of retention
	Cutoff  time.Time        `json:"cutoff"` // older than this
	Rows    map[string]int64 `json:"rows"`
	Objects []string         `json:"objects"` // kind/key
}

// Bury lays tombstones over rows that a purge deletes in the same transaction, forgets the salts of their entries, and writes the
// sealed manifest. keys holds the keys of deleted rows by table; tables that are not chained only count.
func Bury(ctx context.Context, q *db.Queries, keep *seal.Keeper, m Manifest, keys map[string][]string) error {
	m.Format, m.ID, m.At, m.Cutoff = manifestFormat, uuid.Must(uuid.NewV7()), m.At.UTC().Truncate(time.Millisecond), m.Cutoff.UTC().Truncate(time.Millisecond)
	m.Objects = []string{}
	for _, k := range kinds() {
		gone := keys[k.table]
		if len(gone) == 0 {
			continue
		}
		chained, err := q.ChainedObjects(ctx, db.ChainedObjectsParams{Kind: k.name, Objects: gone})
		if err != nil {
			return fmt.Errorf("tombstones: %w", err)
		}
		if len(chained) == 0 {
			continue
		}
		if err := q.ForgetSalts(ctx, db.ForgetSaltsParams{Kind: k.name, Objects: chained}); err != nil {
			return fmt.Errorf("tombstones: %w", err)
		}
		names := make([]string, len(chained))
		for i, o := range chained {
			names[i] = k.name + "/" + o
		}
		if err := q.AddPending(ctx, db.AddPendingParams{Kind: kindTombstone, Objects: names}); err != nil {
			return fmt.Errorf("tombstones: %w", err)
		}
		m.Objects = append(m.Objects, names...)
	}
	canonical, err := consult.CanonicalJSON(m)
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	digest := sha256.Sum256(canonical)
	sealed, kid := keep.Sign(digest[:])
	if err := q.AddManifest(ctx, db.AddManifestParams{ID: m.ID, At: m.At, Content: canonical, Digest: digest[:], Seal: sealed, SealKid: kid}); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	return nil
}

// manifests proves the manifests and gathers what they name.
func (v *verification) manifests(ctx context.Context) error {
	v.buried = map[string]bool{}
	for after := uuid.Nil; ; {
		list, err := v.q.ManifestsAfter(ctx, db.ManifestsAfterParams{After: after, Batch: filesAtOnce})
		if err != nil {
			return err
		}
		for _, r := range list {
			after = r.ID
			var m Manifest
			sum := sha256.Sum256(r.Content)
			f := Fault{Kind: "manifest", Object: r.ID.String()}
			switch {
			case json.Unmarshal(r.Content, &m) != nil || m.Format != manifestFormat || string(sum[:]) != string(r.Digest):
				f.Code, f.What = FaultDigest, fmt.Sprintf("the manifest %s of a purge is not what its digest says", r.ID)
				v.fault(f)
				continue
			case v.keep.VerifySeal(r.SealKid, r.Digest, r.Seal) != nil:
				f.Code, f.What = FaultSeal, fmt.Sprintf("the system's seal of the manifest %s of a purge does not fit", r.ID)
				v.fault(f)
				continue
			}
			for _, o := range m.Objects {
				v.buried[o] = true
			}
		}
		if len(list) < filesAtOnce {
			return nil
		}
	}
}
