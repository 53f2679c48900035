package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// maxRound is how many residents one round has: as many as the longest round has minutes for.
const maxRound = 40

// Plans knows which residents are due by a care plan.
type Plans interface {
	// PlansDue gives, of these residents, those whose care plans are due or overdue on a day, with the plans.
	PlansDue(ctx context.Context, q *db.Queries, residents []uuid.UUID, day consult.Date) (map[uuid.UUID][]string, error)
}

// UsePlans plugs in who knows of care plans; without, nobody is due by one.
func (s *Service) UsePlans(p Plans) { s.plans = p }

// GetRoundOptions gives what a round can be made of: institutions, doctors, and of one institution the residents with what speaks for seeing
// each of them on a day. Names are masked for who has not the right to read them.
func (s *Service) GetRoundOptions(ctx context.Context, a identity.Actor, in contract.GetRoundOptionsParams) (contract.RoundOptions, error) {
	out := contract.RoundOptions{Institutions: []contract.OrganisationName{}, Doctors: []contract.RoundDoctor{}, Residents: []contract.RoundCandidate{}}
	if err := require(a, roundStaff()...); err != nil {
		return out, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return out, err
	}
	day := consult.DateOf(now)
	if in.Day != nil {
		day = dateOf(*in.Day)
	}
	partners, err := s.roundPartners(ctx, q, a, day)
	if err != nil {
		return out, err
	}
	var hospitals []uuid.UUID
	for _, p := range partners {
		if !slices.ContainsFunc(out.Institutions, func(o contract.OrganisationName) bool { return o.Id == p.InvitingOrgID }) {
			out.Institutions = append(out.Institutions, contract.OrganisationName{Id: p.InvitingOrgID, Name: p.Organisation})
		}
	}
	org := in.OrganisationId
	if org == nil && len(out.Institutions) > 0 {
		org = &out.Institutions[0].Id
	}
	if org == nil {
		return out, nil
	}
	for _, p := range partners {
		if p.InvitingOrgID == *org {
			hospitals = append(hospitals, p.InvitedOrgID)
		}
	}
	if len(hospitals) == 0 {
		return out, problem.NotFound()
	}
	out.OrganisationId = org
	doctors, err := q.RoundDoctors(ctx, db.RoundDoctorsParams{Hospitals: hospitals, Now: now, UserID: onlySelf(a, *org)})
	if err != nil {
		return out, fmt.Errorf("doctors: %w", err)
	}
	for _, d := range doctors {
		out.Doctors = append(out.Doctors, contract.RoundDoctor{Id: d.ID, Name: d.DisplayName, DepartmentId: d.DepartmentID, Department: d.Department, Hospital: d.Hospital})
	}
	return out, s.roundCandidates(ctx, q, a, *org, day, now, &out)
}

// onlySelf: a hospital doctor who is neither at the bedside nor at the desk plans own rounds.
func onlySelf(a identity.Actor, org uuid.UUID) *uuid.UUID {
	if bedsideIn(a, org) != "" || a.Has(RoleDispatcher) {
		return nil
	}
	return &a.UserID
}

// roundPartners are the institutions and hospitals between which the person can plan rounds.
func (s *Service) roundPartners(ctx context.Context, q *db.Queries, a identity.Actor, day consult.Date) ([]db.RoundPartnersRow, error) {
	rows, err := q.RoundPartners(ctx, db.RoundPartnersParams{Day: day.Time(), Homes: a.Organisations(RoleNurse, RoleAttending), Hospitals: a.Organisations(RoleConsultant, RoleDispatcher)})
	if err != nil {
		return nil, fmt.Errorf("agreements: %w", err)
	}
	return rows, nil
}

func (s *Service) roundCandidates(ctx context.Context, q *db.Queries, a identity.Actor, org uuid.UUID, day consult.Date, now time.Time, out *contract.RoundOptions) error {
	rows, err := q.RoundCandidates(ctx, db.RoundCandidatesParams{OrganisationID: org, Day: day.Time(), Now: now})
	if err != nil {
		return fmt.Errorf("residents: %w", err)
	}
	due, err := s.plansDue(ctx, q, rows, day)
	if err != nil {
		return err
	}
	for _, r := range rows {
		name, err := s.openText("residents", "name_enc", r.ID, r.NameEnc)
		if err != nil {
			return err
		}
		if bedsideIn(a, org) == "" {
			name = consult.MaskName(name)
		}
		out.Residents = append(out.Residents, contract.RoundCandidate{Id: r.ID, Name: name, Sex: contract.Sex(r.Sex), Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now), Ward: r.Ward, Bed: r.Bed,
			Why: roundWhy(r, due), Consented: r.Consented, Busy: r.Busy})
	}
	return nil
}

func (s *Service) plansDue(ctx context.Context, q *db.Queries, rows []db.RoundCandidatesRow, day consult.Date) (map[uuid.UUID][]string, error) {
	if s.plans == nil {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	due, err := s.plans.PlansDue(ctx, q, ids, day)
	if err != nil {
		return nil, fmt.Errorf("care plans: %w", err)
	}
	return due, nil
}

func roundWhy(r db.RoundCandidatesRow, due map[uuid.UUID][]string) []string {
	why := []string{}
	for _, w := range []struct {
		holds bool
		code  string
	}{{r.FollowUp, "FOLLOW_UP"}, {len(due[r.ID]) > 0, "PLAN"}, {r.Booked, "BOOKED"}, {r.Panel, "PANEL"}} {
		if w.holds {
			why = append(why, w.code)
		}
	}
	return why
}

// CreateRound plans a round: institution, doctor, time and residents, each of whom gets a draft, so that consent, readings and questions
// can be seen to before. A nurse plans for her institution, a dispatcher for doctors of the hospital, a doctor for himself. Errors: 404 without
// an agreement between the two sides, 422 on the fields, 409 slot_taken.
func (s *Service) CreateRound(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.RoundInput) (contract.Round, error) {
	if err := require(a, roundStaff()...); err != nil {
		return contract.Round{}, err
	}
	id, err := store.Command{User: a.UserID, ID: cmd, Operation: "createRound", Request: in}.Once(ctx, s.st.Tx, func(q *db.Queries) (uuid.UUID, error) {
		now, err := s.clock(ctx, q)
		if err != nil {
			return uuid.Nil, err
		}
		r := db.Round{ID: newID(), OrganisationID: in.OrganisationId, State: roundPlanned, CreatedBy: a.UserID}
		if err := s.roundPlace(ctx, q, a, &r, in, now); err != nil {
			return uuid.Nil, err
		}
		if err := q.AddRound(ctx, db.AddRoundParams{ID: r.ID, OrganisationID: r.OrganisationID, HospitalID: r.HospitalID, DepartmentID: r.DepartmentID, DoctorID: r.DoctorID, StartsAt: r.StartsAt,
			EndsAt: r.EndsAt, CreatedBy: a.UserID, Now: now}); err != nil {
			return uuid.Nil, roundSlot(err)
		}
		w := s.roundWork(q, r, seeRound(a, r), a, now)
		if err := w.list(ctx, nil, in); err != nil {
			return uuid.Nil, err
		}
		if err := w.event(ctx, "PLAN", "", map[string]any{"residents": len(in.Residents), "startsAt": r.StartsAt.UTC()}); err != nil {
			return uuid.Nil, err
		}
		return r.ID, w.tell(ctx)
	})
	if err != nil {
		return contract.Round{}, roundSlot(err)
	}
	return s.GetRound(ctx, a, id)
}

// UpdateRound changes time, doctor or residents of a round that nobody has begun. Drafts of those who leave the list are voided. Errors as
// for CreateRound, 409 revision_stale and round_begun.
func (s *Service) UpdateRound(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.RoundUpdate) (contract.Round, error) {
	if err := require(a, roundStaff()...); err != nil {
		return contract.Round{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body contract.RoundUpdate
	}{id, in}
	_, err := store.Command{User: a.UserID, ID: cmd, Operation: "updateRound", Request: request}.Once(ctx, s.st.Tx, func(q *db.Queries) (uuid.UUID, error) {
		r, v, now, err := s.lockRound(ctx, q, a, id)
		if err != nil {
			return id, err
		}
		rows, err := q.RoundEntries(ctx, id)
		if err != nil {
			return id, fmt.Errorf("residents of the round: %w", err)
		}
		switch {
		case int32(in.Revision) != r.Revision:
			return id, roundMoved()
		case !slices.Contains(roundActions(r, rows, v, now), contract.RoundAction(roundChange)):
			return id, problem.New(http.StatusConflict, "round_begun", nil)
		}
		input := contract.RoundInput{OrganisationId: r.OrganisationID, DoctorId: in.DoctorId, DepartmentId: in.DepartmentId, StartsAt: in.StartsAt, Minutes: in.Minutes, Residents: in.Residents}
		doctor := r.DoctorID
		if err := s.roundPlace(ctx, q, a, &r, input, now); err != nil {
			return id, err
		}
		if r.DoctorID != doctor {
			r.DoctorAt = nil // somebody else has to take it on
		}
		w := s.roundWork(q, r, v, a, now)
		if err := w.list(ctx, rows, input); err != nil {
			return id, err
		}
		if err := w.save(ctx, "CHANGE", map[string]any{"residents": len(in.Residents), "startsAt": r.StartsAt.UTC()}); err != nil {
			return id, err
		}
		return id, w.tell(ctx)
	})
	if err != nil {
		return contract.Round{}, roundSlot(err)
	}
	return s.GetRound(ctx, a, id)
}

// roundSlot: somebody planned across it at the same moment.
func roundSlot(err error) error {
	if store.Violates(err, "rounds_doctor_once") {
		return problem.New(http.StatusConflict, "slot_taken", nil)
	}
	return err
}

// roundPlace checks who, where and when, and puts it into the row.
func (s *Service) roundPlace(ctx context.Context, q *db.Queries, a identity.Actor, r *db.Round, in contract.RoundInput, now time.Time) error {
	var f form
	length := time.Duration(in.Minutes) * time.Minute
	if length < 10*time.Minute || length > 4*time.Hour {
		f.add("minutes", "out_of_range", "min", "10", "max", "240")
	}
	r.StartsAt, r.EndsAt = in.StartsAt.UTC().Truncate(time.Second), in.StartsAt.UTC().Truncate(time.Second).Add(length)
	if !r.EndsAt.After(now) || r.StartsAt.After(now.AddDate(0, 0, 90)) {
		f.add("startsAt", consult.CodeSlot)
	}
	if len(in.Residents) == 0 {
		f.add("residents", "required")
	} else if len(in.Residents) > maxRound {
		f.add("residents", "too_many", "max", fmt.Sprint(maxRound))
	}
	if err := f.err(); err != nil {
		return err
	}
	partners, err := s.roundPartners(ctx, q, a, consult.DateOf(r.StartsAt))
	if err != nil {
		return err
	}
	var hospitals []uuid.UUID
	for _, p := range partners {
		if p.InvitingOrgID == in.OrganisationId {
			hospitals = append(hospitals, p.InvitedOrgID)
		}
	}
	if len(hospitals) == 0 {
		return problem.NotFound()
	}
	doctors, err := q.RoundDoctors(ctx, db.RoundDoctorsParams{Hospitals: hospitals, Now: now, UserID: &in.DoctorId})
	if err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	i := slices.IndexFunc(doctors, func(d db.RoundDoctorsRow) bool { return d.DepartmentID == in.DepartmentId })
	if i < 0 {
		return problem.Invalid(problem.Field{Path: "doctorId", Code: "wrong_value"})
	}
	r.HospitalID, r.DepartmentID, r.DoctorID = doctors[i].HospitalID, in.DepartmentId, in.DoctorId
	if !seeRound(a, *r).any() {
		return problem.Invalid(problem.Field{Path: "doctorId", Code: "wrong_value"}) // a doctor plans own rounds
	}
	if err := q.LockBooking(ctx, db.LockBookingParams{Doctors: []uuid.UUID{r.DoctorID}, Residents: []uuid.UUID{}}); err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	taken, err := q.RoundTaken(ctx, db.RoundTakenParams{DoctorID: &r.DoctorID, ExceptID: r.ID, SlotFrom: r.StartsAt, SlotTo: r.EndsAt, Now: now})
	if err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	if taken {
		return problem.New(http.StatusConflict, "slot_taken", nil)
	}
	return nil
}

// list brings the residents of the round to what is asked for: drafts for those who are new, the others keep theirs.
func (w *roundWork) list(ctx context.Context, have []db.RoundEntriesRow, in contract.RoundInput) error {
	candidates, err := w.q.RoundCandidates(ctx, db.RoundCandidatesParams{OrganisationID: w.r.OrganisationID, Day: consult.DateOf(w.r.StartsAt).Time(), Now: w.now})
	if err != nil {
		return fmt.Errorf("residents: %w", err)
	}
	due, err := w.s.plansDue(ctx, w.q, candidates, consult.DateOf(w.r.StartsAt))
	if err != nil {
		return err
	}
	var f form
	for i, one := range in.Residents {
		path := fmt.Sprintf("residents/%d", i)
		if slices.ContainsFunc(in.Residents[:i], func(other contract.RoundResident) bool { return other.ResidentId == one.ResidentId }) {
			f.add(path, "chosen_twice")
			continue
		}
		if !slices.ContainsFunc(candidates, func(c db.RoundCandidatesRow) bool { return c.ID == one.ResidentId }) {
			f.add(path, "wrong_value")
		}
		f.text(path+"/complaint", value(one.Complaint), 0, 2000)
		if one.Reasons != nil {
			if err := checkChips(*one.Reasons, nil); err != nil {
				return err
			}
		}
	}
	if err := f.err(); err != nil {
		return err
	}
	for _, e := range have {
		if !slices.ContainsFunc(in.Residents, func(one contract.RoundResident) bool { return one.ResidentId == e.RoundEntry.ResidentID }) {
			if err := w.drop(ctx, e); err != nil {
				return err
			}
			if err := w.q.DropRoundEntry(ctx, e.RoundEntry.ID); err != nil {
				return fmt.Errorf("residents of the round: %w", err)
			}
		}
	}
	for i, one := range in.Residents {
		at := slices.IndexFunc(have, func(e db.RoundEntriesRow) bool { return e.RoundEntry.ResidentID == one.ResidentId })
		if at >= 0 {
			if err := w.q.PlaceRoundEntry(ctx, db.PlaceRoundEntryParams{ID: have[at].RoundEntry.ID, Position: int16(i)}); err != nil {
				return fmt.Errorf("residents of the round: %w", err)
			}
			continue
		}
		c := candidates[slices.IndexFunc(candidates, func(c db.RoundCandidatesRow) bool { return c.ID == one.ResidentId })]
		if err := w.add(ctx, i, one, roundWhy(c, due)); err != nil {
			return err
		}
	}
	return nil
}

// add makes the draft of a resident and the place in the list.
func (w *roundWork) add(ctx context.Context, position int, one contract.RoundResident, why []string) error {
	resident, err := w.q.CaseResident(ctx, one.ResidentId)
	if err != nil {
		return fmt.Errorf("resident: %w", err)
	}
	reasons := []string{"OTHER"}
	if one.Reasons != nil && len(*one.Reasons) > 0 {
		reasons = *one.Reasons
	}
	complaint := value(one.Complaint)
	if blank(complaint) {
		complaint = roundComplaint(why, consult.ZH)
	}
	c, err := w.s.insertDraft(ctx, w.q, w.a, contract.ConsultationInput{Id: newID(), ResidentId: resident.ID, Reasons: reasons, RedFlags: []string{}, Complaint: &complaint}, inviters{organisation: resident.OrganisationID}, resident, w.now)
	if err != nil {
		return err
	}
	ch := w.change(c, w.v.role(), &w.a.UserID, sight{})
	if err := ch.record(ctx, eventCreated, map[string]any{"reasons": reasons, "redFlags": []string{}, "drill": false, "roundId": w.r.ID}); err != nil {
		return err
	}
	ch.touch("state")
	w.changes = append(w.changes, ch)
	if err := w.q.AddRoundEntry(ctx, db.AddRoundEntryParams{ID: newID(), RoundID: w.r.ID, Position: int16(position), ResidentID: resident.ID, ConsultationID: c.ID, Why: why}); err != nil {
		return fmt.Errorf("residents of the round: %w", err)
	}
	return nil
}

// drop voids the draft of a resident who is not seen after all; what became of it otherwise stays as it is.
func (w *roundWork) drop(ctx context.Context, e db.RoundEntriesRow) error {
	c, err := w.q.LockConsultation(ctx, e.RoundEntry.ConsultationID)
	if err != nil {
		return fmt.Errorf("draft of the round: %w", err)
	}
	if c.State != string(consult.StateDraft) {
		return nil
	}
	ch := w.change(c, w.v.role(), &w.a.UserID, sight{})
	if err := ch.step(ctx, consult.ActVoid, consult.RoleSystem, endRoundOff, map[string]any{"reason": endRoundOff, "roundId": w.r.ID}); err != nil {
		return err
	}
	if err := w.q.SetClosed(ctx, db.SetClosedParams{ID: c.ID, Now: &w.now, EndCode: endRoundOff}); err != nil {
		return fmt.Errorf("void: %w", err)
	}
	w.changes = append(w.changes, ch)
	return nil
}
