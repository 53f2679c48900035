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

// A round (查房) is one call over a list of residents. Each has a draft from the planning on, and when it is the resident's turn the
// draft becomes a consultation of its own: requested by the nurse who opened the round, accepted by its doctor, with its own gates,
// report and signature, and with the seconds of the call from then until the next one's turn as its evidence.

// The states of a round.
const (
	roundPlanned   = "PLANNED"
	roundRunning   = "RUNNING"
	roundPaused    = "PAUSED" // an emergency of the ward, a break: the call has ended, the place is kept
	roundDone      = "DONE"
	roundCancelled = "CANCELLED"
)

// The states of a resident in a round. They follow from the consultation, so that a command on it alone is enough to change them.
const (
	entryNotYet  = "NOT_YET"
	entryNow     = "NOW"
	entryDone    = "DONE"
	entrySkipped = "SKIPPED"
)

// What can be done with a round.
const (
	roundOpen    = "OPEN"
	roundNext    = "NEXT"
	roundSkip    = "SKIP"
	roundRestore = "RESTORE"
	roundPause   = "PAUSE"
	roundResume  = "RESUME"
	roundEnd     = "END"
	roundCancel  = "CANCEL"
	roundChange  = "CHANGE"
)

// roundSight is how somebody stands to a round. The zero value sees nothing.
type roundSight struct {
	bedside string // NURSE or ATTENDING of the residents' institution
	doctor  bool   // who goes the round
	desk    bool   // plans for the hospital
}

func (v roundSight) any() bool { return v.bedside != "" || v.doctor || v.desk }

// clinical says that names may be read in full.
func (v roundSight) clinical() bool { return v.bedside != "" || v.doctor }

// goes says that the person is one of the two who move on.
func (v roundSight) goes() bool { return v.clinical() }

func (v roundSight) role() string {
	switch {
	case v.doctor:
		return RoleConsultant
	case v.bedside != "":
		return v.bedside
	case v.desk:
		return RoleDispatcher
	}
	return ""
}

// bedsideIn is the role in which somebody stands at the bedside of an institution.
func bedsideIn(a identity.Actor, org uuid.UUID) string {
	for _, role := range []string{RoleAttending, RoleNurse} {
		if a.In(org, role) {
			return role
		}
	}
	return ""
}

func seeRound(a identity.Actor, r db.Round) roundSight {
	return roundSight{bedside: bedsideIn(a, r.OrganisationID), doctor: r.DoctorID == a.UserID && a.In(r.HospitalID, RoleConsultant), desk: a.In(r.HospitalID, RoleDispatcher)}
}

func roundStaff() []string { return []string{RoleNurse, RoleAttending, RoleConsultant, RoleDispatcher} }

// entryState says where a resident stands: whose turn it is depends on the round, whether it is over on the consultation.
func entryState(r db.Round, e db.RoundEntriesRow) string {
	switch {
	case e.RoundEntry.SkippedAt != nil:
		return entrySkipped
	case e.RoundEntry.CalledAt == nil:
		return entryNotYet
	case value(r.CurrentID) == e.RoundEntry.ID && onNow(consult.State(e.State)):
		return entryNow
	}
	return entryDone
}

// onNow: the session is not over.
func onNow(st consult.State) bool {
	switch st {
	case consult.StateWaiting, consult.StateInProgress, consult.StateAbortedTech:
		return true
	}
	return false
}

// ListRounds gives the rounds of some days: of the caller's institutions, the caller's own, those of the hospitals planned for.
func (s *Service) ListRounds(ctx context.Context, a identity.Actor, in contract.ListRoundsParams) ([]contract.RoundRow, error) {
	if err := require(a, roundStaff()...); err != nil {
		return nil, err
	}
	since, before := dateOf(in.From).Start(), dateOf(in.To).AddDays(1).Start()
	if !before.After(since) || before.Sub(since) > 93*24*time.Hour {
		return nil, problem.Invalid(problem.Field{Path: "to", Code: "wrong_value"})
	}
	rows, err := s.st.Q().RoundsSeen(ctx, db.RoundsSeenParams{Since: since, Before: before, Homes: a.Organisations(RoleNurse, RoleAttending), UserID: a.UserID,
		Hospitals: a.Organisations(RoleDispatcher)})
	if err != nil {
		return nil, fmt.Errorf("rounds: %w", err)
	}
	out := make([]contract.RoundRow, len(rows))
	for i, r := range rows {
		out[i] = contract.RoundRow{Id: r.ID, Organisation: r.Organisation, Department: r.Department, Doctor: r.Doctor, DoctorId: r.DoctorID, StartsAt: r.StartsAt.UTC(), EndsAt: r.EndsAt.UTC(),
			State: contract.RoundState(r.State), Residents: int(r.Residents), Called: int(r.Called), Skipped: int(r.Skipped)}
	}
	return out, nil
}

// GetRound gives a round with its residents, and of each who is still to come what stands in the way.
func (s *Service) GetRound(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Round, error) {
	if err := require(a, roundStaff()...); err != nil {
		return contract.Round{}, err
	}
	q := s.st.Q()
	row, err := q.RoundByID(ctx, id)
	if err := one(err, "the round"); err != nil {
		return contract.Round{}, err
	}
	v := seeRound(a, row)
	if !v.any() {
		return contract.Round{}, problem.NotFound()
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.Round{}, err
	}
	if err := s.logAccess(ctx, q, a, v.role(), "getRound", "round", id); err != nil {
		return contract.Round{}, err
	}
	return s.roundView(ctx, q, a, row, v, now)
}

func (s *Service) roundView(ctx context.Context, q *db.Queries, a identity.Actor, r db.Round, v roundSight, now time.Time) (contract.Round, error) {
	names, err := q.RoundNames(ctx, r.ID)
	if err != nil {
		return contract.Round{}, fmt.Errorf("round: %w", err)
	}
	rows, err := q.RoundEntries(ctx, r.ID)
	if err != nil {
		return contract.Round{}, fmt.Errorf("residents of the round: %w", err)
	}
	out := contract.Round{Id: r.ID, OrganisationId: r.OrganisationID, Organisation: names.Organisation, Hospital: names.Hospital, DepartmentId: r.DepartmentID, Department: names.Department,
		DoctorId: r.DoctorID, Doctor: names.Doctor, StartsAt: r.StartsAt.UTC(), EndsAt: r.EndsAt.UTC(), State: contract.RoundState(r.State), Nurse: some(names.Nurse), NurseAt: utc(r.NurseAt),
		DoctorAt: utc(r.DoctorAt), PauseReason: some(r.PauseReason), EndCode: some(r.EndCode), CreatedBy: names.CreatedByName, Revision: int(r.Revision), CurrentId: r.CurrentID,
		Entries: make([]contract.RoundEntry, len(rows)), Doctoring: v.doctor}
	for i, row := range rows {
		e := row.RoundEntry
		name, err := s.openText("residents", "name_enc", e.ResidentID, row.NameEnc)
		if err != nil {
			return out, err
		}
		if !v.clinical() {
			name = consult.MaskName(name)
		}
		state := entryState(r, row)
		entry := contract.RoundEntry{Id: e.ID, ResidentId: e.ResidentID, Name: name, Sex: contract.Sex(row.Sex), Age: consult.AgeAtInstant(consult.DateFromTime(row.BirthDate), now),
			Ward: row.Ward, Bed: row.Bed, Why: e.Why, State: contract.RoundEntryState(state), CalledAt: utc(e.CalledAt), SkipReason: some(e.SkipReason), EffectiveSeconds: int(row.EffectiveSeconds),
			Blocks: []contract.GateReason{}}
		if v.bedside != "" || v.doctor && e.CalledAt != nil {
			entry.ConsultationId, entry.ConsultationState = &e.ConsultationID, some(contract.State(row.State))
		}
		if v.clinical() {
			note, err := s.openText("round_entries", "skip_note_enc", e.ID, e.SkipNoteEnc)
			if err != nil {
				return out, err
			}
			entry.SkipNote = some(note)
			entry.ReportPending = row.State == string(consult.StateReportPending)
		}
		if (state == entryNotYet || state == entrySkipped) && r.EndedAt == nil {
			if _, entry.Blocks, err = s.roundBlocks(ctx, q, a, r, e.ConsultationID, now); err != nil {
				return out, err
			}
		}
		out.Entries[i] = entry
	}
	out.Actions = roundActions(r, rows, v, now)
	return out, nil
}

// roundActions lists what the person may do with the round now; the steps ask the same.
func roundActions(r db.Round, rows []db.RoundEntriesRow, v roundSight, now time.Time) []contract.RoundAction {
	out := []contract.RoundAction{}
	add := func(ok bool, act string) {
		if ok {
			out = append(out, contract.RoundAction(act))
		}
	}
	planned, running, opened := r.State == roundPlanned, r.State == roundRunning, r.NurseAt != nil && r.DoctorAt != nil
	toCome := slices.ContainsFunc(rows, func(e db.RoundEntriesRow) bool { return entryState(r, e) == entryNotYet })
	add(planned && (v.doctor && r.DoctorAt == nil || v.bedside != "" && r.NurseAt == nil) && roundTime(r, now), roundOpen)
	add(v.goes() && opened && (planned || running) && toCome, roundNext)
	add((planned || running || r.State == roundPaused) && v.goes(), roundSkip)
	add((planned || running || r.State == roundPaused) && v.goes(), roundRestore)
	add(running && v.goes(), roundPause)
	add(r.State == roundPaused && v.goes(), roundResume)
	add((running || r.State == roundPaused) && v.goes(), roundEnd)
	add(planned && r.CurrentID == nil, roundCancel)
	add(planned && r.CurrentID == nil, roundChange)
	return out
}

// roundTime: shortly before its time, and then on its day.
func roundTime(r db.Round, now time.Time) bool {
	return !now.Before(r.StartsAt.Add(-consult.SlotEarly))
}

// roundBlocks says what keeps a resident from being called, and the service that is possible: a ward round where the agreement has it, else
// what the rules choose. No reasons mean that nothing does.
func (s *Service) roundBlocks(ctx context.Context, q *db.Queries, a identity.Actor, r db.Round, id uuid.UUID, now time.Time) (string, []contract.GateReason, error) {
	reasons := []contract.GateReason{}
	blocked := func(code string) {
		reasons = append(reasons, contract.GateReason{Code: code, Message: problem.Sentence(a.Locale, code, nil), Due: "SUBMIT", Effect: "BLOCKS", Mark: "K", Hard: true})
	}
	c, err := q.GetConsultation(ctx, id)
	if err != nil {
		return "", nil, fmt.Errorf("draft of the round: %w", err)
	}
	if c.State != string(consult.StateDraft) {
		blocked("round_draft_gone")
		return "", reasons, nil
	}
	switch _, err := q.OpenRequestOf(ctx, c.ResidentID); {
	case err == nil:
		blocked("round_resident_busy")
		return "", reasons, nil
	case !store.IsNone(err):
		return "", nil, fmt.Errorf("open request: %w", err)
	}
	services, err := s.draftServices(ctx, q, a, c, &r.DepartmentID, now)
	if err != nil {
		return "", nil, err
	}
	consent, err := s.standingConsent(ctx, q, c, now)
	if err != nil {
		return "", nil, err
	}
	service, wanted := chosenService(services), consult.Verdict{}
	for _, o := range services {
		if o.Service == consult.RemoteRound {
			wanted = o.Verdict
			if o.Cleared() && !o.Override && o.department != nil {
				service = string(consult.RemoteRound)
			}
		}
	}
	if service != "" && (consent != nil || c.Urgency == string(consult.Critical)) {
		return service, reasons, nil
	}
	if consent == nil {
		mend := consult.Label(consult.VocabMend, "SIGN_CONSENT", lang(a))
		reasons = append(reasons, contract.GateReason{Rule: "G-RM-07", Code: "consent_required", Message: problem.Sentence(a.Locale, "consent_required", nil), Due: "SUBMIT", Effect: "BLOCKS", Mark: "STATUTE",
			Mend: some("SIGN_CONSENT"), MendLabel: some(mend)})
	}
	for _, reason := range wanted.Reasons {
		if service == "" && reason.Effect == consult.EffectBlocks && reason.Mend != "SIGN_CONSENT" {
			reasons = append(reasons, s.gateReason(a, reason))
		}
	}
	if len(reasons) == 0 {
		blocked(consult.CodeGatesNotPassed)
	}
	return service, reasons, nil
}

// roundMoved: somebody moved on meanwhile.
func roundMoved() error { return problem.New(http.StatusConflict, "round_moved", nil) }
