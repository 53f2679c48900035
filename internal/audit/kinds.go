package audit

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The kinds of entries that are no rows of a table.
const (
	kindTombstone = "tombstone" // the object was purged; it is named as kind/key
	kindVanished  = "vanished"  // the object was gone before it was chained
)

// content is one row that is chained, as the database gives it.
type content struct {
	Object         string
	OrganisationID uuid.UUID
	Content        string // JSON
}

// kind is one sort of rows that are chained.
type kind struct {
	name, table string
	noun        string // in sentences
	// speaksFor says which columns an entry covers.
	speaksFor func(column string) bool
	// newest: only the newest entry of an object is held against its row.
	newest bool
	// load gives rows by their keys; those that are not there are left out.
	load func(ctx context.Context, q *db.Queries, objects []string) ([]content, error)
	// list gives keys in order, after one.
	list func(ctx context.Context, q *db.Queries, after string, batch int32) ([]string, error)
}

func all(string) bool { return true }

// kinds is the table of what is chained. The triggers of migration 13 use the same names.
func kinds() []kind {
	return []kind{
		{name: "event", table: "consultation_events", noun: "event", speaksFor: all, load: byID((*db.Queries).ChainedEvents, func(r db.ChainedEventsRow) content { return content(r) }),
			list: ids(func(ctx context.Context, q *db.Queries, after uuid.UUID, n int32) ([]string, error) {
				return q.EventIds(ctx, db.EventIdsParams{After: after, Batch: n})
			})},
		{name: "report", table: "reports", noun: "signed report", speaksFor: all, load: byID((*db.Queries).ChainedReports, func(r db.ChainedReportsRow) content { return content(r) }),
			list: ids(func(ctx context.Context, q *db.Queries, after uuid.UUID, n int32) ([]string, error) {
				return q.ReportIds(ctx, db.ReportIdsParams{After: after, Batch: n})
			})},
		{name: "adoption", table: "adoptions", noun: "signed adoption", speaksFor: all, load: byID((*db.Queries).ChainedAdoptions, func(r db.ChainedAdoptionsRow) content { return content(r) }),
			list: ids(func(ctx context.Context, q *db.Queries, after uuid.UUID, n int32) ([]string, error) {
				return q.AdoptionIds(ctx, db.AdoptionIdsParams{After: after, Batch: n})
			})},
		{name: "attachment", table: "attachments", noun: "attachment", speaksFor: func(c string) bool { return !strings.HasPrefix(c, "scan") },
			load: byID((*db.Queries).ChainedAttachments, func(r db.ChainedAttachmentsRow) content { return content(r) }),
			list: ids(func(ctx context.Context, q *db.Queries, after uuid.UUID, n int32) ([]string, error) {
				return q.AttachmentIds(ctx, db.AttachmentIdsParams{After: after, Batch: n})
			})},
		{name: "blob", table: "blobs", noun: "stored file", speaksFor: all, newest: true,
			load: func(ctx context.Context, q *db.Queries, objects []string) ([]content, error) {
				rows, err := q.ChainedBlobs(ctx, objects)
				return convert(rows, func(r db.ChainedBlobsRow) content { return content(r) }), err
			},
			list: func(ctx context.Context, q *db.Queries, after string, n int32) ([]string, error) {
				return q.BlobKeys(ctx, db.BlobKeysParams{After: after, Batch: n})
			}},
		{name: "consent", table: "consents", noun: "consent",
			speaksFor: func(c string) bool { return !strings.HasPrefix(c, "withdraw") && !strings.HasPrefix(c, "followed_by") },
			load:      byID((*db.Queries).ChainedConsents, func(r db.ChainedConsentsRow) content { return content(r) }),
			list: ids(func(ctx context.Context, q *db.Queries, after uuid.UUID, n int32) ([]string, error) {
				return q.ConsentIds(ctx, db.ConsentIdsParams{After: after, Batch: n})
			})},
		{name: "withdrawal", table: "consents", noun: "withdrawal of a consent", newest: true,
			speaksFor: func(c string) bool { return c == "id" || strings.HasPrefix(c, "withdraw") },
			load:      byID((*db.Queries).ChainedConsents, func(r db.ChainedConsentsRow) content { return content(r) }),
			list: ids(func(ctx context.Context, q *db.Queries, after uuid.UUID, n int32) ([]string, error) {
				return q.WithdrawalIds(ctx, db.WithdrawalIdsParams{After: after, Batch: n})
			})},
		{name: "access", table: "access_log", noun: "access", speaksFor: all, load: byID((*db.Queries).ChainedAccesses, func(r db.ChainedAccessesRow) content { return content(r) }),
			list: ids(func(ctx context.Context, q *db.Queries, after uuid.UUID, n int32) ([]string, error) {
				return q.AccessIds(ctx, db.AccessIdsParams{After: after, Batch: n})
			})},
		{name: "manifest", table: "purge_manifests", noun: "manifest of a purge", speaksFor: all, load: byID((*db.Queries).ChainedManifests, func(r db.ChainedManifestsRow) content { return content(r) }),
			list: ids(func(ctx context.Context, q *db.Queries, after uuid.UUID, n int32) ([]string, error) {
				return q.ManifestIds(ctx, db.ManifestIdsParams{After: after, Batch: n})
			})},
	}
}

func kindOf(name string) (kind, bool) {
	list := kinds()
	i := slices.IndexFunc(list, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return list[i], true
}

func byID[R any](query func(*db.Queries, context.Context, []uuid.UUID) ([]R, error), as func(R) content) func(context.Context, *db.Queries, []string) ([]content, error) {
	return func(ctx context.Context, q *db.Queries, objects []string) ([]content, error) {
		keys := make([]uuid.UUID, 0, len(objects))
		for _, o := range objects {
			if id, err := uuid.Parse(o); err == nil {
				keys = append(keys, id)
			}
		}
		rows, err := query(q, ctx, keys)
		return convert(rows, as), err
	}
}

func ids(query func(context.Context, *db.Queries, uuid.UUID, int32) ([]string, error)) func(context.Context, *db.Queries, string, int32) ([]string, error) {
	return func(ctx context.Context, q *db.Queries, after string, batch int32) ([]string, error) {
		id := uuid.Nil
		if after != "" {
			var err error
			if id, err = uuid.Parse(after); err != nil {
				return nil, err
			}
		}
		return query(ctx, q, id, batch)
	}
}

func convert[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}

// columnsOf are the columns of a row that an entry of the kind speaks for.
func (k kind) columnsOf(r row) []string {
	return slices.DeleteFunc(r.columns(), func(c string) bool { return !k.speaksFor(c) })
}
