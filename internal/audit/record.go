package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Proof is what can be proved of one consultation's record.
type Proof struct {
	At      time.Time
	Entries int // of the chains that speak for it
	Waiting int // rows that are not chained yet; a second later they are
	// CoveredAt is the newest of the signed checkpoints up to which the chains were followed from its entries; nil while an entry is
	// younger than every checkpoint.
	CoveredAt *time.Time
	Faults    []Fault // what does not hold, the first maxFaults
	Found     int
}

// Codes are the codes of the faults, each once, in order; none when all holds.
func (p Proof) Codes() []string {
	out := []string{}
	for _, f := range p.Faults {
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ProveRecord proves the record of one consultation: every row of it is chained and is what was chained, none is missing, its documents
// bear the seal that they were given, its files are those that were stored; and the chains hold together from its entries up to the
// first signed checkpoint after each. It reads a few thousand entries at most where checkpoints are made every hour, and changes
// nothing.
func ProveRecord(ctx context.Context, q *db.Queries, keep *seal.Keeper, consultation uuid.UUID) (Proof, error) {
	v := newVerification(q, keep)
	now, err := q.DatabaseNow(ctx)
	if err != nil {
		return Proof{}, fmt.Errorf("prove a record: %w", err)
	}
	out := Proof{At: now.UTC()}
	r := &recordProof{verification: v, consultation: consultation}
	for _, step := range []func(context.Context) error{v.vocabulary, r.load, r.rows, r.anchored, r.signed, r.stored} {
		if err := step(ctx); err != nil {
			return out, fmt.Errorf("prove a record: %w", err)
		}
	}
	out.Entries, out.Waiting, out.Faults, out.Found = len(r.entries), r.waitingRows, v.out.Faults, v.out.Found
	if !r.uncovered && !r.covered.IsZero() {
		out.CoveredAt = &r.covered
	}
	return out, nil
}

// clockMargin is by how much the instants of entries and checkpoints may be apart: the clock of a database that took over, and
// milliseconds that a checkpoint does not keep.
const clockMargin = time.Minute

// recordProof is one run of ProveRecord.
type recordProof struct {
	*verification
	consultation uuid.UUID
	objects      []db.RecordObjectsRow
	entries      []db.ChainEntry // by chain, in their order
	waitingRows  int
	covered      time.Time
	uncovered    bool
}

// load reads the rows' keys before their entries: what is written in between has no row here that could lack one.
func (r *recordProof) load(ctx context.Context) error {
	var err error
	if r.objects, err = r.q.RecordObjects(ctx, r.consultation); err != nil {
		return err
	}
	var shared []string
	for _, o := range r.objects {
		if o.Kind == "blob" || o.Kind == "consent" || o.Kind == "withdrawal" {
			shared = append(shared, o.Object)
		}
	}
	if r.entries, err = r.q.RecordEntries(ctx, db.RecordEntriesParams{ConsultationID: r.consultation, Objects: shared}); err != nil {
		return err
	}
	numbers, err := r.q.EventNumbers(ctx, r.consultation)
	if err == nil && numbers.Events != numbers.Last {
		r.fault(Fault{Code: FaultGone, Kind: "event", Object: r.consultation.String(), What: fmt.Sprintf("the record has %d events and the last one is number %d: some are missing", numbers.Events, numbers.Last)})
	}
	return err
}

// rows holds each row against its entry, and looks for rows without one.
func (r *recordProof) rows(ctx context.Context) error {
	keys := make([]string, len(r.objects))
	for i, o := range r.objects {
		keys[i] = o.Object
	}
	pending, err := r.q.WaitingOf(ctx, keys)
	if err != nil {
		return err
	}
	chained := map[string]bool{}
	for _, e := range r.entries {
		chained[e.Kind+"/"+e.Object] = true
	}
	for _, o := range r.objects {
		if chained[o.Kind+"/"+o.Object] {
			continue
		}
		if slices.ContainsFunc(pending, func(p db.WaitingOfRow) bool { return p.Kind == o.Kind && p.Object == o.Object }) {
			r.waitingRows++
			continue
		}
		// Chained since the entries were read, or as a row of another record: then it is not what was chained.
		entries, err := r.q.NewestEntries(ctx, db.NewestEntriesParams{Kind: o.Kind, Objects: []string{o.Object}})
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			r.fault(Fault{Code: FaultUnchained, Kind: o.Kind, Object: o.Object,
				What: fmt.Sprintf("the %s %s is in the database and in no chain: it was slipped in, or its entry was removed", nounOf(o.Kind), o.Object)})
			continue
		}
		r.entries = append(r.entries, entries...)
	}
	slices.SortFunc(r.entries, func(a, b db.ChainEntry) int {
		return cmp.Or(bytes.Compare(a.OrganisationID[:], b.OrganisationID[:]), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Seq, b.Seq))
	})
	return r.rowsOf(ctx, r.entries)
}

// anchored follows each chain from the record's entries to the first checkpoint after them.
func (r *recordProof) anchored(ctx context.Context) error {
	var reached place // up to where the present chain was followed
	for _, e := range r.entries {
		here := place{e.OrganisationID, e.Node, e.Seq}
		if here.organisation == reached.organisation && here.node == reached.node && here.seq <= reached.seq {
			continue
		}
		fits, err := r.younger(ctx, e)
		if err != nil {
			return err
		}
		if !fits {
			r.at(e, FaultCut, "a checkpoint that is older knows an entry of this number: the chain was calculated anew")
		}
		head, at, err := r.checkpointAfter(ctx, here, e.At)
		if err != nil {
			return err
		}
		if at.IsZero() {
			r.uncovered = true
			head.Seq = e.Seq
		} else if at.After(r.covered) {
			r.covered = at
		}
		if err := r.walk(ctx, here, head); err != nil {
			return err
		}
		reached = place{here.organisation, here.node, head.Seq}
	}
	return nil
}

// checkpointAfter is the head of an entry's chain in the first checkpoint that knows the entry, and when that was made; the zero instant
// when none does. A checkpoint that is not what was signed anchors nothing.
func (r *recordProof) checkpointAfter(ctx context.Context, e place, since time.Time) (Head, time.Time, error) {
	rows, err := r.q.CheckpointsSince(ctx, db.CheckpointsSinceParams{Since: since.Add(-clockMargin), Most: 10})
	if err != nil {
		return Head{}, time.Time{}, err
	}
	for _, row := range rows {
		c := exported(r.keep, row)
		h, err := c.Heads()
		if err != nil || c.check(r.keep) != nil {
			continue // the proof of all chains names it
		}
		for _, head := range h.Chains {
			if head.Organisation == e.organisation && head.Node == e.node && head.Seq >= e.seq {
				return head, row.At.UTC(), nil
			}
		}
	}
	return Head{}, time.Time{}, nil
}

// younger tells whether an entry is younger than the last checkpoint before it, as its number says; a chain that was calculated anew with
// later instants is not.
func (r *recordProof) younger(ctx context.Context, e db.ChainEntry) (bool, error) {
	rows, err := r.q.CheckpointsBackwards(ctx, db.CheckpointsBackwardsParams{Before: e.At.Add(-clockMargin), Most: 1})
	if err != nil || len(rows) == 0 {
		return true, err
	}
	h, err := exported(r.keep, rows[0]).Heads()
	if err != nil {
		return true, nil // the proof of all chains names it
	}
	return !slices.ContainsFunc(h.Chains, func(head Head) bool {
		return head.Organisation == e.OrganisationID && head.Node == e.Node && head.Seq >= e.Seq
	}), nil
}

// walk recalculates a chain from an entry up to a head.
func (r *recordProof) walk(ctx context.Context, from place, to Head) error {
	hash := genesis(from.organisation, from.node)
	seq := from.seq - 1
	if seq > 0 {
		before, err := r.q.ChainEntry(ctx, db.ChainEntryParams{OrganisationID: from.organisation, Node: from.node, Seq: seq})
		switch {
		case store.IsNone(err):
			seq, hash = -1, nil // told as a gap
		case err != nil:
			return err
		default:
			hash = before.Hash
		}
	}
	for after := from.seq - 1; after < to.Seq; {
		entries, err := r.q.ChainEntries(ctx, db.ChainEntriesParams{OrganisationID: from.organisation, Node: from.node, After: after, Batch: page})
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Seq > to.Seq {
				break
			}
			r.follows(e, seq, hash)
			hash, seq = e.Hash, e.Seq
		}
		if len(entries) < page {
			break
		}
		after = entries[len(entries)-1].Seq
	}
	if to.Hash == "" { // no checkpoint knows it yet
		return nil
	}
	f := Fault{Code: FaultCut, Organisation: &from.organisation, Node: from.node, Seq: to.Seq}
	switch {
	case seq < to.Seq:
		f.What = fmt.Sprintf("%s: the checkpoint knows entry %d, which is not there", r.chain(from.organisation, from.node), to.Seq)
	case hex.EncodeToString(hash) != to.Hash:
		f.What = fmt.Sprintf("%s: entry %d is not the one that the checkpoint knows: the chain was calculated anew", r.chain(from.organisation, from.node), to.Seq)
	default:
		return nil
	}
	r.fault(f)
	return nil
}

// signed proves the digest and the seal of the record's documents.
func (r *recordProof) signed(ctx context.Context) error {
	reports, err := r.q.RecordReports(ctx, r.consultation)
	if err != nil {
		return err
	}
	for _, row := range reports {
		r.report(row)
	}
	adoptions, err := r.q.RecordAdoptions(ctx, r.consultation)
	if err != nil {
		return err
	}
	for _, row := range adoptions {
		r.adoption(row)
	}
	return nil
}

// stored opens the record's files.
func (r *recordProof) stored(ctx context.Context) error {
	for after := uuid.Nil; ; {
		list, err := r.q.RecordAttachments(ctx, db.RecordAttachmentsParams{ConsultationID: &r.consultation, After: after, Batch: filesAtOnce})
		if err != nil {
			return err
		}
		for _, a := range list {
			after = a.ID
			r.file(db.AttachmentBlobsRow(a))
		}
		if len(list) < filesAtOnce {
			return nil
		}
	}
}

// Doubts gathers the records of which faults speak. The zero value is ready; it is told by Verify.
type Doubts struct {
	objects map[string][]string // by kind
	breaks  []Fault             // at a place of a chain
	gone    bool                // an event is not there any more
}

// mostDoubted bounds what is gathered of one kind; a database of which more is broken is told by its number.
const mostDoubted = 100_000

// Tell takes a fault.
func (d *Doubts) Tell(f Fault) {
	if d.objects == nil {
		d.objects = map[string][]string{}
	}
	switch f.Code {
	case FaultGap, FaultLink, FaultHead, FaultCut:
		if len(d.breaks) < mostDoubted && f.Organisation != nil {
			d.breaks = append(d.breaks, f)
		}
	}
	d.gone = d.gone || f.Code == FaultGone && f.Kind == "event"
	kind := f.Kind
	switch kind {
	case "reports":
		kind = "report"
	case "adoptions":
		kind = "adoption"
	}
	if _, known := kindOf(kind); known && len(d.objects[kind]) < mostDoubted {
		d.objects[kind] = append(d.objects[kind], f.Object)
	}
}

// Records are the records that the faults put into doubt: those to which what is broken belongs, and those whose entries lie between a
// break of a chain and the last checkpoint before it that still fits.
func (d *Doubts) Records(ctx context.Context, q *db.Queries) ([]uuid.UUID, error) {
	var out []uuid.UUID
	for kind, objects := range d.objects {
		keys := make([]uuid.UUID, 0, len(objects))
		for _, o := range objects {
			if id, err := uuid.Parse(o); err == nil {
				keys = append(keys, id)
			}
		}
		chained, err := q.SubjectsOf(ctx, db.SubjectsOfParams{Kind: kind, Objects: objects})
		if err != nil {
			return nil, fmt.Errorf("records in doubt: %w", err)
		}
		rows, err := q.RecordsOf(ctx, db.RecordsOfParams{Kind: kind, Ids: keys, Objects: objects})
		if err != nil {
			return nil, fmt.Errorf("records in doubt: %w", err)
		}
		out = append(append(out, chained...), rows...)
	}
	if d.gone { // whoever took it out may have taken its record's name out of its entry as well
		rows, err := q.RecordsWithGaps(ctx, mostDoubted)
		if err != nil {
			return nil, fmt.Errorf("records in doubt: %w", err)
		}
		out = append(out, rows...)
	}
	for _, f := range d.breaks {
		first, err := lastSound(ctx, q, f)
		if err != nil {
			return nil, fmt.Errorf("records in doubt: %w", err)
		}
		rows, err := q.SubjectsBetween(ctx, db.SubjectsBetweenParams{OrganisationID: *f.Organisation, Node: f.Node, First: first + 1, Last: f.Seq})
		if err != nil {
			return nil, fmt.Errorf("records in doubt: %w", err)
		}
		out = append(out, rows...)
	}
	slices.SortFunc(out, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(out), nil
}

// lastSound is the number of the last entry before a break that a checkpoint knows as it stands; 0 for none.
func lastSound(ctx context.Context, q *db.Queries, f Fault) (int64, error) {
	before := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) // after every checkpoint
	for {
		rows, err := q.CheckpointsBackwards(ctx, db.CheckpointsBackwardsParams{Before: before, Most: 100})
		if err != nil {
			return 0, err
		}
		for _, row := range rows {
			before = row.At
			h, err := (Checkpoint{Content: row.Content}).Heads()
			if err != nil {
				continue
			}
			for _, head := range h.Chains {
				if head.Organisation != *f.Organisation || head.Node != f.Node || head.Seq >= f.Seq || head.Seq == 0 {
					continue
				}
				e, err := q.ChainEntry(ctx, db.ChainEntryParams{OrganisationID: head.Organisation, Node: head.Node, Seq: head.Seq})
				if err == nil && hex.EncodeToString(e.Hash) == head.Hash {
					return head.Seq, nil
				}
				if err != nil && !store.IsNone(err) {
					return 0, err
				}
			}
		}
		if len(rows) < 100 {
			return 0, nil
		}
	}
}
