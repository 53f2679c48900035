package care

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// resultBreakGlass marks accesses that only an emergency allowed.
const resultBreakGlass = "BREAK_GLASS"

// ListAccesses says who opened whose record when and in which role: records of the caller's institutions, and what their own people
// opened elsewhere. Newest first; residents' names are masked.
func (s *Service) ListAccesses(ctx context.Context, a identity.Actor, in contract.ListAccessesParams) (contract.AccessPage, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.AccessPage{}, err
	}
	out := contract.AccessPage{Rows: []contract.AccessRow{}}
	p, err := accessFilter(a, in)
	if err != nil {
		return out, err
	}
	size := int(p.PageSize)
	p.PageSize++ // one more tells whether there is another page
	rows, err := s.st.Q().Accesses(ctx, p)
	if err != nil {
		return out, fmt.Errorf("accesses: %w", err)
	}
	if len(rows) > size {
		rows = rows[:size]
		out.Next = some(cursorOf(rows[size-1].At, rows[size-1].ID))
	}
	for _, r := range rows {
		name, err := s.openText("residents", "name_enc", r.ResidentID, r.NameEnc)
		if err != nil {
			return out, err
		}
		reason, err := s.openText("access_log", "reason_enc", r.ID, r.ReasonEnc)
		if err != nil {
			return out, err
		}
		out.Rows = append(out.Rows, contract.AccessRow{Id: r.ID, At: r.At, UserId: r.UserID, UserName: r.UserName, UserOrganisation: some(r.UserOrganisation),
			Role: r.Role, Action: r.Action, ResidentId: r.ResidentID, ResidentName: consult.MaskName(name), Bed: some(r.Bed), Serial: some(r.Serial),
			Emergency: r.Result == resultBreakGlass, Reason: some(reason)})
	}
	return out, nil
}

func accessFilter(a identity.Actor, in contract.ListAccessesParams) (db.AccessesParams, error) {
	var f form
	p := db.AccessesParams{Organisations: a.Organisations(RoleInstAdmin), Resident: in.ResidentId, Person: in.UserId, Emergency: value(in.Emergency), PageSize: pageDefault}
	if in.From != nil {
		start := dateOf(*in.From).Start()
		p.Since = &start
	}
	if in.To != nil {
		end := dateOf(*in.To).AddDays(1).Start()
		p.Before = &end
	}
	if p.Since != nil && p.Before != nil && !p.Before.After(*p.Since) {
		f.add("to", "period_order")
	}
	if in.Limit != nil {
		if *in.Limit < 1 || *in.Limit > pageMost {
			f.add("limit", "out_of_range", "min", "1", "max", "200")
		}
		p.PageSize = int32(*in.Limit)
	}
	if in.Cursor != nil {
		at, id, ok := readCursor(*in.Cursor)
		if !ok {
			f.add("cursor", "wrong_value")
		}
		p.AfterAt, p.AfterID = &at, id
	}
	return p, f.err()
}

// Bounds of a reason that somebody gives for looking, in characters.
const (
	reasonLeast = 4
	reasonMost  = 300
)

// Unmask shows one masked value of a resident of the caller's institution, once, for a reason that its administrator can read.
func (s *Service) Unmask(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.UnmaskRequest) (contract.Unmasked, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleInstAdmin); err != nil {
		return contract.Unmasked{}, err
	}
	out := contract.Unmasked{Field: contract.UnmaskedField(in.Field)}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		r, err := q.ResidentByID(ctx, id)
		if err := one(err, "the resident"); err != nil {
			return err
		}
		if !a.In(r.OrganisationID, RoleNurse, RoleAttending, RoleInstAdmin) {
			return problem.NotFound()
		}
		var f form
		reason := f.text("reason", in.Reason, reasonLeast, reasonMost)
		if err := f.err(); err != nil {
			return err
		}
		column, sealed := "name_enc", r.NameEnc
		switch in.Field {
		case "IDENTITY_NUMBER":
			column, sealed = "identity_number_enc", r.IdentityNumberEnc
		case "PHONE":
			column, sealed = "phone_enc", r.PhoneEnc
		}
		if out.Value, err = s.openText("residents", column, id, sealed); err != nil {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		return s.logReason(ctx, q, a, now, bedsideRole(a, r.OrganisationID), "unmask", "resident", &id, string(in.Field), reason, &id)
	})
	return out, err
}

// logReason appends an access with the reason that was given for it.
func (s *Service) logReason(ctx context.Context, q *db.Queries, a identity.Actor, now time.Time, role, action, objectType string, object *uuid.UUID, result, reason string, resident *uuid.UUID) error {
	id := newID()
	err := q.AppendAccessFor(ctx, db.AppendAccessForParams{ID: id, At: now, UserID: &a.UserID, Role: role, Action: action, ObjectType: objectType,
		ObjectID: object, Result: result, ReasonEnc: s.sealText("access_log", "reason_enc", id, reason), ResidentID: resident})
	if err != nil {
		return fmt.Errorf("access log: %w", err)
	}
	return nil
}

// logSight appends the opening of a consultation; what only an emergency allowed says so.
func (s *Service) logSight(ctx context.Context, q *db.Queries, a identity.Actor, v sight, action string, c db.Consultation) error {
	if v.glass == "" {
		return s.logAccess(ctx, q, a, v.role(), action, "consultation", c.ID)
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return err
	}
	return s.logReason(ctx, q, a, now, v.role(), action, "consultation", &c.ID, resultBreakGlass, "", &c.ResidentID)
}

// broken is the role in which the actor has broken the glass of a resident's record, while it holds; "" otherwise.
func (s *Service) broken(ctx context.Context, q *db.Queries, a identity.Actor, resident uuid.UUID, now time.Time) (string, error) {
	if !a.Has(RoleNurse, RoleAttending, RoleConsultant) {
		return "", nil
	}
	role, err := q.BreakGlassInForce(ctx, db.BreakGlassInForceParams{UserID: a.UserID, ResidentID: resident, Now: now})
	if store.IsNone(err) || err == nil && !a.Has(role) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("emergency access: %w", err)
	}
	return role, nil
}
