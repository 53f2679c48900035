package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The codes of faults.
const (
	FaultLink       = "link"       // an entry does not follow from the one before
	FaultGap        = "gap"        // an entry is missing within a chain
	FaultHead       = "head"       // a chain ends elsewhere than its head says
	FaultCut        = "cut"        // a chain is shorter than, or not the same as, a checkpoint says
	FaultCheckpoint = "checkpoint" // a checkpoint itself does not hold
	FaultChanged    = "changed"    // a row is not what was chained
	FaultGone       = "gone"       // a row that was chained is not there
	FaultUnchained  = "unchained"  // a row is there that was never chained
	FaultUnreadable = "unreadable" // a sealed value cannot be opened
	FaultDigest     = "digest"     // a signed document is not what its digest says
	FaultSeal       = "seal"       // the system's seal of a document does not fit
	FaultFile       = "file"       // a stored file is missing or not what was stored
	FaultSnapshot   = "snapshot"   // of a Verifier
)

// Fault is one thing that does not hold.
type Fault struct {
	Code         string     `json:"code"`
	Organisation *uuid.UUID `json:"organisation,omitempty"` // whose chain
	Node         string     `json:"node,omitempty"`
	Seq          int64      `json:"seq,omitempty"`
	Kind         string     `json:"kind,omitempty"`
	Object       string     `json:"object,omitempty"` // key of the row
	What         string     `json:"what"`             // a sentence
}

// ChainResult is what was read of one chain.
type ChainResult struct {
	Organisation uuid.UUID `json:"organisation"` // zero: the installation itself
	Name         string    `json:"name"`
	Node         string    `json:"node"`
	Entries      int64     `json:"entries"`
}

// Result is what Verify found. Faults holds the first maxFaults; Found counts all.
type Result struct {
	OK          bool             `json:"ok"`
	At          time.Time        `json:"at"`
	Chains      []ChainResult    `json:"chains"`
	Checked     map[string]int64 `json:"checked"` // by kind of row; reports and adoptions also by seal, files by content
	Waiting     int64            `json:"waiting"` // rows that are not chained yet
	Checkpoints int              `json:"checkpoints"`
	Found       int              `json:"found"`
	Faults      []Fault          `json:"faults"`
}

// maxFaults bounds what a result holds.
const maxFaults = 200

// Verifier proves something that another package keeps. Report takes each fault that it finds; its code and words are the
// verifier's.
type Verifier interface {
	// Name is what it checks, in the plural: "snapshots".
	Name() string
	Verify(ctx context.Context, report func(Fault)) (checked int64, err error)
}

// Options of Verify.
type Options struct {
	Checkpoint *Checkpoint // one that was carried out of the database
	Verifiers  []Verifier
	Told       func(Fault) // hears of every fault, also of those beyond what the result holds; may be nil
}

// Verify proves everything. The error is one of the way, such as a database that does not answer; what does not hold is in the
// result.
func Verify(ctx context.Context, st *store.Store, keep *seal.Keeper, o Options) (Result, error) {
	v := newVerification(st.Q(), keep)
	v.told = o.Told
	now, err := v.q.DatabaseNow(ctx)
	if err != nil {
		return v.out, fmt.Errorf("verify: %w", err)
	}
	v.out.At = now.UTC()
	for _, step := range []func(context.Context) error{v.manifests, v.chains, v.tables, v.documents, v.files,
		func(ctx context.Context) error { return v.checkpoints(ctx, o.Checkpoint) }, v.waiting} {
		if err := step(ctx); err != nil {
			return v.out, fmt.Errorf("verify: %w", err)
		}
	}
	for _, other := range o.Verifiers {
		n, err := other.Verify(ctx, v.fault)
		if err != nil {
			return v.out, fmt.Errorf("verify the %s: %w", other.Name(), err)
		}
		v.out.Checked[other.Name()] += n
	}
	v.out.OK = v.out.Found == 0
	return v.out, nil
}

func newVerification(q *db.Queries, keep *seal.Keeper) *verification {
	return &verification{q: q, keep: keep, names: map[uuid.UUID]string{}, shapes: map[int32][]string{},
		out: Result{Checked: map[string]int64{}, Chains: []ChainResult{}, Faults: []Fault{}}}
}

// verification is one run of Verify, or of ProveRecord.
type verification struct {
	q      *db.Queries
	keep   *seal.Keeper
	names  map[uuid.UUID]string
	shapes map[int32][]string
	buried map[string]bool // what manifests of purges name, as kind/key; nil: not read yet
	told   func(Fault)     // hears of every fault
	out    Result
}

func (v *verification) fault(f Fault) {
	v.out.Found++
	if v.told != nil {
		v.told(f)
	}
	if len(v.out.Faults) < maxFaults {
		v.out.Faults = append(v.out.Faults, f)
	}
}

// at is a fault at an entry.
func (v *verification) at(e db.ChainEntry, code, what string) {
	v.fault(Fault{Code: code, Organisation: &e.OrganisationID, Node: e.Node, Seq: e.Seq, Kind: e.Kind, Object: e.Object,
		What: fmt.Sprintf("%s, entry %d of %s: %s", v.chain(e.OrganisationID, e.Node), e.Seq, e.At.UTC().Format("2006-01-02 15:04:05Z"), what)})
}

func (v *verification) chain(organisation uuid.UUID, node string) string {
	name := v.names[organisation]
	if name == "" {
		name = organisation.String()
	}
	return fmt.Sprintf("chain of %s on node %s", name, node)
}

// page is how many entries or rows are read at a time.
const page = 1000

// chains recalculates every chain and looks at the row of each entry.
func (v *verification) chains(ctx context.Context) error {
	if err := v.vocabulary(ctx); err != nil {
		return err
	}
	list, err := v.q.ChainsThatAreThere(ctx)
	if err != nil {
		return err
	}
	for _, c := range list {
		if err := v.oneChain(ctx, c.OrganisationID, c.Node); err != nil {
			return err
		}
	}
	return nil
}

// vocabulary reads the names of organisations and which columns entries speak for.
func (v *verification) vocabulary(ctx context.Context) error {
	organisations, err := v.q.OrganisationNames(ctx)
	if err != nil {
		return err
	}
	v.names[uuid.Nil] = "the installation itself"
	for _, o := range organisations {
		v.names[o.ID] = o.Name
	}
	shapes, err := v.q.ChainShapes(ctx)
	if err != nil {
		return err
	}
	for _, s := range shapes {
		v.shapes[s.ID] = s.Columns
	}
	return nil
}

func (v *verification) oneChain(ctx context.Context, organisation uuid.UUID, node string) error {
	// The head is read before the entries: what is appended meanwhile lies behind it.
	head, err := v.q.ChainHead(ctx, db.ChainHeadParams{OrganisationID: organisation, Node: node})
	noHead := store.IsNone(err)
	if err != nil && !noHead {
		return err
	}
	hash, seq := genesis(organisation, node), int64(0)
	var atHead []byte
	if head.Seq == 0 {
		atHead = hash
	}
	for {
		entries, err := v.q.ChainEntries(ctx, db.ChainEntriesParams{OrganisationID: organisation, Node: node, After: seq, Batch: page})
		if err != nil {
			return err
		}
		for _, e := range entries {
			v.follows(e, seq, hash)
			// What follows is held against the hash that stands here, so that one change is one fault.
			hash, seq = e.Hash, e.Seq
			if seq == head.Seq {
				atHead = hash
			}
		}
		if err := v.rowsOf(ctx, entries); err != nil {
			return err
		}
		if len(entries) < page {
			break
		}
	}
	v.out.Chains = append(v.out.Chains, ChainResult{Organisation: organisation, Name: v.names[organisation], Node: node, Entries: seq})
	f := Fault{Code: FaultHead, Organisation: &organisation, Node: node, Seq: seq}
	switch {
	case noHead:
		f.What = fmt.Sprintf("%s: has %d entries and no head: the head was removed", v.chain(organisation, node), seq)
	case seq < head.Seq:
		f.What = fmt.Sprintf("%s: ends at entry %d, its head says %d: the tail was cut off", v.chain(organisation, node), seq, head.Seq)
	case !bytes.Equal(atHead, head.Hash):
		f.What = fmt.Sprintf("%s: entry %d is not the one that the head names", v.chain(organisation, node), head.Seq)
	default:
		return nil
	}
	v.fault(f)
	return nil
}

// follows holds an entry against the one before it.
func (v *verification) follows(e db.ChainEntry, seq int64, hash []byte) {
	if e.Seq != seq+1 {
		v.at(e, FaultGap, fmt.Sprintf("the entries %d to %d before it are missing", seq+1, e.Seq-1))
		return
	}
	var columns []string
	if e.Shape != nil {
		columns = v.shapes[*e.Shape]
	}
	if !bytes.Equal(entryHash(hash, place{e.OrganisationID, e.Node, e.Seq}, e.Kind, e.Object, columns, e.At, e.Commitment), e.Hash) {
		v.at(e, FaultLink, fmt.Sprintf("the chain is broken here: the entry (%s %s) or the one before it was changed", nounOf(e.Kind), e.Object))
	}
}

func nounOf(name string) string {
	if k, ok := kindOf(name); ok {
		return k.noun
	}
	return name
}

// rowsOf holds rows against the entries that speak for them.
func (v *verification) rowsOf(ctx context.Context, entries []db.ChainEntry) error {
	for _, k := range kinds() {
		var mine []db.ChainEntry
		var objects []string
		for _, e := range entries {
			if e.Kind == k.name {
				mine, objects = append(mine, e), append(objects, e.Object)
			}
		}
		if len(mine) == 0 {
			continue
		}
		// The rows before the newest entries: what changes in between has a newer entry, or waits for it.
		rows, err := k.load(ctx, v.q, objects)
		if err != nil {
			return err
		}
		newest := map[string]db.ChainEntry{}
		if k.newest {
			rows, err := v.q.NewestEntries(ctx, db.NewestEntriesParams{Kind: k.name, Objects: objects})
			if err != nil {
				return err
			}
			for _, e := range rows {
				newest[e.Object] = e
			}
			pending, err := v.q.StillPending(ctx, db.StillPendingParams{Kind: k.name, Objects: objects})
			if err != nil {
				return err
			}
			for _, o := range pending { // it changed and is not chained anew yet
				newest[o] = db.ChainEntry{}
			}
		}
		found := map[string]content{}
		var missing []string
		for _, r := range rows {
			found[r.Object] = r
		}
		for _, o := range objects {
			if _, there := found[o]; !there {
				missing = append(missing, o)
			}
		}
		buried, err := v.tombstones(ctx, k.name, missing)
		if err != nil {
			return err
		}
		for _, e := range mine {
			if n, several := newest[e.Object]; several && (n.Seq != e.Seq || n.Node != e.Node || n.OrganisationID != e.OrganisationID) {
				continue
			}
			c, there := found[e.Object]
			switch {
			case there:
				v.out.Checked[k.name]++
				v.oneRow(k, e, c)
			case !slices.Contains(buried, e.Object):
				v.at(e, FaultGone, fmt.Sprintf("the %s %s is not there any more", k.noun, e.Object))
			}
		}
	}
	for _, e := range entries {
		what, key, _ := strings.Cut(e.Object, "/")
		switch {
		case e.Kind == kindVanished:
			v.at(e, FaultGone, fmt.Sprintf("the %s %s was gone before it was chained", nounOf(what), key))
		case e.Kind == kindTombstone && !v.buried[e.Object]:
			v.at(e, FaultGone, fmt.Sprintf("the %s %s was deleted, and no manifest of a purge names it", nounOf(what), key))
		}
	}
	return nil
}

// tombstones gives those of some objects that a purge has removed.
func (v *verification) tombstones(ctx context.Context, kind string, objects []string) ([]string, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	if v.buried == nil {
		if err := v.manifests(ctx); err != nil {
			return nil, err
		}
	}
	names := make([]string, len(objects))
	for i, o := range objects {
		names[i] = kind + "/" + o
	}
	rows, err := v.q.NewestEntries(ctx, db.NewestEntriesParams{Kind: kindTombstone, Objects: names})
	if err != nil {
		return nil, err
	}
	pending, err := v.q.StillPending(ctx, db.StillPendingParams{Kind: kindTombstone, Objects: names})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		pending = append(pending, r.Object)
	}
	var buried []string
	for _, n := range pending {
		if v.buried[n] {
			buried = append(buried, strings.TrimPrefix(n, kind+"/"))
		}
	}
	return buried, nil
}

// oneRow holds a row against its entry.
func (v *verification) oneRow(k kind, e db.ChainEntry, c content) {
	if c.OrganisationID != e.OrganisationID && k.name != "blob" {
		v.at(e, FaultChanged, fmt.Sprintf("the %s %s belongs to another organisation now", k.noun, e.Object))
		return
	}
	if e.Salt == nil {
		v.at(e, FaultLink, fmt.Sprintf("the salt of the %s %s was removed, and the row is still there", k.noun, e.Object))
		return
	}
	var columns []string
	if e.Shape != nil {
		columns = v.shapes[*e.Shape]
	}
	r, err := readRow(c.Content)
	var canonical []byte
	if err == nil {
		canonical, err = r.canonical(v.keep, k.table, e.Object, columns)
	}
	switch {
	case err != nil:
		v.at(e, FaultUnreadable, fmt.Sprintf("the %s %s: %v", k.noun, e.Object, err))
	case !bytes.Equal(commit(e.Salt, e.Kind, e.Object, canonical), e.Commitment):
		v.at(e, FaultChanged, fmt.Sprintf("the %s %s is not what it was when it was chained", k.noun, e.Object))
	}
}

// tables looks for rows that no entry speaks for.
func (v *verification) tables(ctx context.Context) error {
	for _, k := range kinds() {
		for after := ""; ; {
			objects, err := k.list(ctx, v.q, after, page)
			if err != nil {
				return err
			}
			if len(objects) == 0 {
				break
			}
			after = objects[len(objects)-1]
			known, err := v.q.ChainedObjects(ctx, db.ChainedObjectsParams{Kind: k.name, Objects: objects})
			if err != nil {
				return err
			}
			there := make(map[string]bool, len(known))
			for _, o := range known {
				there[o] = true
			}
			for _, o := range objects {
				if !there[o] {
					v.fault(Fault{Code: FaultUnchained, Kind: k.name, Object: o, What: fmt.Sprintf("the %s %s is in the database and in no chain: it was slipped in, or its entry was removed", k.noun, o)})
				}
			}
			if len(objects) < page {
				break
			}
		}
	}
	return nil
}

// checkpoints holds the chains against the checkpoints of the database, and the given one.
func (v *verification) checkpoints(ctx context.Context, given *Checkpoint) error {
	rows, err := v.q.Checkpoints(ctx)
	if err != nil {
		return err
	}
	previous := ""
	for _, r := range rows {
		c := exported(v.keep, r)
		h, err := c.Heads()
		if err == nil {
			err = c.check(v.keep)
		}
		if err == nil && h.Previous != previous {
			err = errors.New("the checkpoint before it is missing or was changed")
		}
		if err != nil {
			v.fault(Fault{Code: FaultCheckpoint, Object: r.ID.String(), What: fmt.Sprintf("checkpoint of %s in the database: %v", r.At.UTC().Format(time.RFC3339), err)})
		}
		sum := sha256.Sum256(r.Content)
		previous = hex.EncodeToString(sum[:])
		v.out.Checkpoints++
	}
	if len(rows) > 0 {
		if err := v.against(ctx, exported(v.keep, rows[len(rows)-1]), "the newest checkpoint in the database"); err != nil {
			return err
		}
	}
	if given == nil {
		return nil
	}
	installation, err := v.q.Installation(ctx)
	if err != nil {
		return err
	}
	h, err := given.Heads()
	if err == nil {
		err = given.check(v.keep)
	}
	if err == nil && h.Installation != installation {
		err = errors.New("it is of another installation")
	}
	if err != nil {
		v.fault(Fault{Code: FaultCheckpoint, What: fmt.Sprintf("the given checkpoint: %v", err)})
		return nil
	}
	v.out.Checkpoints++
	return v.against(ctx, *given, "the given checkpoint of "+h.At.UTC().Format(time.RFC3339))
}

// against looks for each head of a checkpoint in its chain.
func (v *verification) against(ctx context.Context, c Checkpoint, name string) error {
	h, err := c.Heads()
	if err != nil {
		return nil // told already
	}
	for _, head := range h.Chains {
		if head.Seq == 0 {
			continue
		}
		e, err := v.q.ChainEntry(ctx, db.ChainEntryParams{OrganisationID: head.Organisation, Node: head.Node, Seq: head.Seq})
		f := Fault{Code: FaultCut, Organisation: &head.Organisation, Node: head.Node, Seq: head.Seq}
		switch {
		case store.IsNone(err):
			f.What = fmt.Sprintf("%s: %s knows entry %d, which is not there: the tail was cut off", v.chain(head.Organisation, head.Node), name, head.Seq)
		case err != nil:
			return err
		case hex.EncodeToString(e.Hash) != head.Hash:
			f.What = fmt.Sprintf("%s: entry %d is not the one that %s knows: the chain was cut and calculated anew", v.chain(head.Organisation, head.Node), head.Seq, name)
		default:
			continue
		}
		v.fault(f)
	}
	return nil
}

func (v *verification) waiting(ctx context.Context) error {
	f, err := v.q.PendingFigures(ctx)
	v.out.Waiting = f.Waiting
	return err
}
