package care

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Emergency access: this project's own choice of numbers.
const (
	// BreakGlassFor is how long an emergency access lasts.
	BreakGlassFor = time.Hour
	// breakGlassesPerDay bounds how often one person may ask for strangers' records within 24 hours, found or not.
	breakGlassesPerDay = 10
	breakReasonLeast   = 8
)

// OpenBreakGlass opens the record of a resident with whom the caller has no relationship, in an emergency and for a reason: for an
// hour, for reading only. The resident is named by the identity number or by the serial number of a consultation. The institution's
// administrators are told at once and review it. Errors: 409 break_glass_needless where the caller sees the record anyway, 404 when
// nobody is found (which is noted as well), 429 after too many.
func (s *Service) OpenBreakGlass(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.BreakGlassInput) (contract.BreakGlassRecord, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleConsultant); err != nil {
		return contract.BreakGlassRecord{}, err
	}
	role, org := clinicalRole(a)
	var f form
	reason := f.text("reason", in.Reason, breakReasonLeast, reasonMost)
	if blank(value(in.IdentityNumber)) == blank(value(in.Serial)) {
		f.add("identityNumber", "break_glass_who")
	}
	if err := f.err(); err != nil {
		return contract.BreakGlassRecord{}, err
	}
	resident, err := s.sought(ctx, in)
	if err != nil {
		return contract.BreakGlassRecord{}, err
	}
	if resident == nil { // a search for nobody is noted, so that trying numbers is seen
		err := s.st.Tx(ctx, func(q *db.Queries) error {
			now, err := s.mayBreak(ctx, q, a)
			if err != nil {
				return err
			}
			return s.logReason(ctx, q, a, now, role, "openBreakGlass", "resident", nil, "NOT_FOUND", reason, nil)
		})
		if err != nil {
			return contract.BreakGlassRecord{}, err
		}
		return contract.BreakGlassRecord{}, problem.NotFound()
	}
	// The number is not kept in the hash of the command in a form that could be guessed back: the resident found stands for it.
	request := struct {
		Resident uuid.UUID
		Reason   string
	}{resident.ID, reason}
	id, _, err := s.create(ctx, a, cmd, "openBreakGlass", request, func(q *db.Queries, id uuid.UUID, _ time.Time) error {
		now, err := s.mayBreak(ctx, q, a)
		if err != nil {
			return err
		}
		related, err := s.related(ctx, q, a, *resident)
		if err != nil {
			return err
		}
		if related {
			return problem.New(http.StatusConflict, "break_glass_needless", nil)
		}
		if err := q.AddBreakGlass(ctx, db.AddBreakGlassParams{ID: id, UserID: a.UserID, Role: role, ActorOrgID: org, ResidentID: resident.ID,
			OrganisationID: resident.OrganisationID, ReasonEnc: s.sealText("break_glass", "reason_enc", id, reason), OpenedAt: now, ExpiresAt: now.Add(BreakGlassFor)}); err != nil {
			return fmt.Errorf("emergency access: %w", err)
		}
		if err := s.logReason(ctx, q, a, now, role, "openBreakGlass", "breakGlass", &id, resultBreakGlass, reason, &resident.ID); err != nil {
			return err
		}
		admins, err := q.InstitutionAdministrators(ctx, db.InstitutionAdministratorsParams{OrganisationID: resident.OrganisationID, Now: now})
		if err != nil {
			return fmt.Errorf("whom to tell: %w", err)
		}
		return notify.Enqueue(ctx, q, notify.Fact{Event: notify.BreakGlass, Users: admins, Subject: id, At: now})
	})
	if err != nil {
		return contract.BreakGlassRecord{}, err
	}
	return s.GetBreakGlass(ctx, a, id)
}

// clinicalRole is the role and organisation in which somebody acts in an emergency, the most responsible first.
func clinicalRole(a identity.Actor) (string, uuid.UUID) {
	for _, role := range []string{RoleConsultant, RoleAttending, RoleNurse} {
		if orgs := a.Organisations(role); len(orgs) > 0 {
			return role, orgs[0]
		}
	}
	return "", uuid.Nil
}

// mayBreak bounds how often somebody asks, one request at a time, and gives the instant.
func (s *Service) mayBreak(ctx context.Context, q *db.Queries, a identity.Actor) (time.Time, error) {
	if _, err := q.LockUser(ctx, a.UserID); err != nil { // many at once are counted as well
		return time.Time{}, fmt.Errorf("emergency access: %w", err)
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return now, err
	}
	n, err := q.EmergencySearches(ctx, db.EmergencySearchesParams{UserID: &a.UserID, Since: now.Add(-24 * time.Hour)})
	if err != nil {
		return now, fmt.Errorf("emergency access: %w", err)
	}
	if n >= breakGlassesPerDay {
		return now, problem.New(http.StatusTooManyRequests, "break_glass_too_often", problem.Args{"max": strconv.Itoa(breakGlassesPerDay)})
	}
	return now, nil
}

// sought finds the resident; nil when there is none, or several.
func (s *Service) sought(ctx context.Context, in contract.BreakGlassInput) (*db.Resident, error) {
	q := s.st.Q()
	var id uuid.UUID
	if serial := strings.ToUpper(strings.TrimSpace(value(in.Serial))); serial != "" {
		found, err := q.ResidentBySerial(ctx, serial)
		if err != nil && !store.IsNone(err) {
			return nil, fmt.Errorf("look for the resident: %w", err)
		}
		id = found
	} else {
		number := strings.ToUpper(strings.TrimSpace(value(in.IdentityNumber)))
		found, err := q.CurrentResidentByIdentity(ctx, s.keep.Lookups(lookupIdentity, idTypeCard+":"+number))
		if err != nil {
			return nil, fmt.Errorf("look for the resident: %w", err)
		}
		if len(found) == 1 {
			id = found[0]
		}
	}
	if id == uuid.Nil {
		return nil, nil
	}
	r, err := q.ResidentByID(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("look for the resident: %w", err)
	}
	return &r, nil
}

// related says that the caller works at the resident's own institution and so opens the record as everybody there does.
func (s *Service) related(_ context.Context, _ *db.Queries, a identity.Actor, r db.Resident) (bool, error) {
	return a.In(r.OrganisationID, RoleNurse, RoleAttending), nil
}

// GetBreakGlass gives the record while the emergency access holds, to who opened it; each reading is noted.
func (s *Service) GetBreakGlass(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.BreakGlassRecord, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleConsultant); err != nil {
		return contract.BreakGlassRecord{}, err
	}
	var out contract.BreakGlassRecord
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		g, err := q.BreakGlassByID(ctx, id)
		if err := one(err, "the emergency access"); err != nil {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		role, err := s.broken(ctx, q, a, g.ResidentID, now)
		if err != nil {
			return err
		}
		if g.UserID != a.UserID || role == "" || !g.ExpiresAt.After(now) || g.Justified != nil && !*g.Justified {
			return problem.NotFound()
		}
		row, err := q.ResidentCardByID(ctx, db.ResidentCardByIDParams{ID: g.ResidentID, Now: now})
		if err := one(err, "the resident"); err != nil {
			return err
		}
		org, err := q.OrganisationByID(ctx, g.OrganisationID)
		if err := one(err, "the institution"); err != nil {
			return err
		}
		out = contract.BreakGlassRecord{Id: g.ID, OpenedAt: g.OpenedAt, ExpiresAt: g.ExpiresAt, Organisation: org.Name, OrganisationPhone: some(org.Phone)}
		if out.Resident, err = s.residentView(ctx, q, db.CurrentResidentsRow(row), false, now); err != nil {
			return err
		}
		return s.logReason(ctx, q, a, now, role, "getBreakGlass", "breakGlass", &g.ID, resultBreakGlass, "", &g.ResidentID)
	})
	return out, err
}

// ListBreakGlass gives the emergency accesses to the records of the caller's institutions, those to be reviewed first.
func (s *Service) ListBreakGlass(ctx context.Context, a identity.Actor) ([]contract.BreakGlass, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return nil, err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.st.Q().BreakGlasses(ctx, a.Organisations(RoleInstAdmin))
	if err != nil {
		return nil, fmt.Errorf("emergency accesses: %w", err)
	}
	out := make([]contract.BreakGlass, len(rows))
	for i, r := range rows {
		if out[i], err = s.breakGlassView(r, now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) breakGlassView(r db.BreakGlassesRow, now time.Time) (contract.BreakGlass, error) {
	out := contract.BreakGlass{Id: r.ID, UserName: r.UserName, UserOrganisation: r.UserOrganisation, Role: r.Role, ResidentId: r.ResidentID, Bed: some(r.Bed), OpenedAt: r.OpenedAt,
		ExpiresAt: r.ExpiresAt, InForce: r.ExpiresAt.After(now), Opened: int(r.Opened), Justified: r.Justified, ReviewedAt: r.ReviewedAt, Reviewer: some(r.Reviewer)}
	name, err := s.openText("residents", "name_enc", r.ResidentID, r.NameEnc)
	if err != nil {
		return out, err
	}
	out.ResidentName = consult.MaskName(name)
	if out.Reason, err = s.openText("break_glass", "reason_enc", r.ID, r.ReasonEnc); err != nil {
		return out, err
	}
	note, err := s.openText("break_glass", "note_enc", r.ID, r.NoteEnc)
	out.Note = some(note)
	return out, err
}

// ReviewBreakGlass is the administrator's word on an emergency access: justified or not, with a note where it was not; one that was not
// ends at once. It is said
// once; a second one is 409 break_glass_reviewed. Nobody reviews what they opened themselves.
func (s *Service) ReviewBreakGlass(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.BreakGlassReview) error {
	if err := require(a, RoleInstAdmin); err != nil {
		return err
	}
	request := struct {
		ID   uuid.UUID
		Body contract.BreakGlassReview
	}{id, in}
	_, _, err := s.create(ctx, a, cmd, "reviewBreakGlass", request, func(q *db.Queries, _ uuid.UUID, now time.Time) error {
		g, err := q.LockBreakGlass(ctx, id)
		if err := one(err, "the emergency access"); err != nil {
			return err
		}
		if !a.In(g.OrganisationID, RoleInstAdmin) {
			return problem.NotFound()
		}
		if g.UserID == a.UserID {
			return problem.Forbidden()
		}
		var f form
		least := 0
		if !in.Justified {
			least = reasonLeast
		}
		note := f.text("note", value(in.Note), least, reasonMost)
		if err := f.err(); err != nil {
			return err
		}
		n, err := q.ReviewBreakGlass(ctx, db.ReviewBreakGlassParams{ID: id, ReviewedBy: &a.UserID, Now: &now, Justified: &in.Justified,
			NoteEnc: s.sealText("break_glass", "note_enc", id, note)})
		if err != nil {
			return fmt.Errorf("review: %w", err)
		}
		if n != 1 {
			return problem.New(http.StatusConflict, "break_glass_reviewed", nil)
		}
		result := "JUSTIFIED"
		if !in.Justified {
			result = "NOT_JUSTIFIED"
		}
		return s.logReason(ctx, q, a, now, RoleInstAdmin, "reviewBreakGlass", "breakGlass", &id, result, note, &g.ResidentID)
	})
	return err
}
