package care

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ProveRecord proves the record of a consultation against the hash chains now, and keeps what was found: what does not hold does not
// count (NC18). It changes nothing of the record, so a sealed one may be proved as well.
func (s *Service) ProveRecord(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.RecordProof, error) {
	roles := []string{RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant, RoleInstAdmin, RoleQC}
	if err := require(a, roles...); err != nil {
		return contract.RecordProof{}, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.RecordProof{}, err
	}
	c, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return contract.RecordProof{}, err
	}
	if !v.clinical() && !v.oversees() {
		return contract.RecordProof{}, problem.Forbidden()
	}
	if err := s.prove(ctx, c.ID); err != nil {
		return contract.RecordProof{}, err
	}
	if err := s.audit(ctx, q, a, now, v.role(), "proveRecord", "consultation", &c.ID, ""); err != nil {
		return contract.RecordProof{}, err
	}
	out, err := lastProof(ctx, q, a, c.ID)
	if err != nil || out == nil {
		return contract.RecordProof{}, err
	}
	return *out, nil
}

// prove proves one record and keeps the verdict. Where it is another than before, the consultation is judged anew by the sweep.
func (s *Service) prove(ctx context.Context, id uuid.UUID) error {
	found, err := audit.ProveRecord(ctx, s.st.Q(), s.keep, id)
	if err != nil {
		return err
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		codes := found.Codes()
		before, err := q.PutRecordProof(ctx, db.PutRecordProofParams{ConsultationID: id, ProvedAt: found.At, Entries: int32(found.Entries), Waiting: int32(found.Waiting),
			CoveredAt: found.CoveredAt, Faults: codes})
		if err != nil {
			return fmt.Errorf("keep the proof: %w", err)
		}
		if (len(before) > 0) == (len(codes) > 0) {
			return nil
		}
		if err := q.JudgeAgain(ctx, []uuid.UUID{id}); err != nil {
			return fmt.Errorf("judge again: %w", err)
		}
		return nil
	})
}

// provedAtOnce is how many records with a bad proof are proved again after each proof of everything.
const provedAtOnce = 1000

// ProveDoubted proves those records that a proof of everything puts into doubt, and again those whose last proof found something: what
// was put back from a copy counts again. One that cannot be proved now does not keep the others.
func (s *Service) ProveDoubted(ctx context.Context, doubted []uuid.UUID) error {
	broken, err := s.st.Q().BrokenRecords(ctx, provedAtOnce)
	if err != nil {
		return fmt.Errorf("records with faults: %w", err)
	}
	var errs []error
	for _, id := range doubted {
		errs = append(errs, s.prove(ctx, id))
	}
	for _, id := range broken {
		if !slices.Contains(doubted, id) {
			errs = append(errs, s.prove(ctx, id))
		}
	}
	return errors.Join(errs...)
}

// recordBroken tells whether the last proof of the record found something that does not hold.
func recordBroken(ctx context.Context, q *db.Queries, id uuid.UUID) (bool, error) {
	row, err := q.RecordProof(ctx, id)
	if store.IsNone(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("proof of the record: %w", err)
	}
	return len(row.Faults) > 0, nil
}

// lastProof is the last proof of a record, nil before the first.
func lastProof(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (*contract.RecordProof, error) {
	row, err := q.RecordProof(ctx, id)
	if store.IsNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("proof of the record: %w", err)
	}
	out := contract.RecordProof{At: row.ProvedAt.UTC(), Entries: int(row.Entries), Waiting: int(row.Waiting), CoveredAt: utc(row.CoveredAt), Holds: len(row.Faults) == 0,
		Faults: []contract.RecordFault{}}
	for _, code := range row.Faults {
		out.Faults = append(out.Faults, contract.RecordFault{Code: code, Message: problem.Sentence(a.Locale, "proof_"+code, nil)})
	}
	return &out, nil
}
