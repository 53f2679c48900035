package care

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// GetBoard shows a dispatcher everything that waits in the own hospitals, CRITICAL first and then what is latest, who was asked
// with what result, and the hospitals' doctors. Residents' names are masked and free text is left out.
func (s *Service) GetBoard(ctx context.Context, a identity.Actor) (contract.Board, error) {
	if err := require(a, RoleDispatcher); err != nil {
		return contract.Board{}, err
	}
	hospitals := a.Organisations(RoleDispatcher)
	var out contract.Board
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		out = contract.Board{ServerTime: now, Rows: []contract.BoardRow{}, Doctors: []contract.BoardDoctor{}}
		if out.Rows, err = s.boardRows(ctx, q, hospitals, now); err != nil {
			return err
		}
		out.Doctors, err = s.boardDoctors(ctx, q, a, hospitals, now)
		return err
	})
	return out, err
}

func (s *Service) boardRows(ctx context.Context, q *db.Queries, hospitals []uuid.UUID, now time.Time) ([]contract.BoardRow, error) {
	waiting, err := q.BoardCandidates(ctx, db.BoardCandidatesParams{Organisations: hospitals, Now: now})
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	ids, people := make([]uuid.UUID, len(waiting)), []uuid.UUID{}
	for i, r := range waiting {
		ids[i] = r.Consultation.ID
		if d := r.Consultation.DispatcherID; d != nil {
			people = append(people, *d)
		}
	}
	vitals, err := newestByConsultation(ctx, s.codes(), q, ids)
	if err != nil {
		return nil, err
	}
	asked, until, err := boardRings(ctx, q, ids, now)
	if err != nil {
		return nil, err
	}
	charge, err := names(ctx, q, people)
	if err != nil {
		return nil, err
	}
	rows := make([]contract.BoardRow, len(waiting))
	for i, r := range waiting {
		c := r.Consultation
		c.ComplaintEnc = nil // free text is for those who treat
		item, err := s.queueItem(db.QueueCandidatesRow{Consultation: c, NameEnc: r.NameEnc, Sex: r.Sex, BirthDate: r.BirthDate, Bed: r.Bed,
			PreferredLanguage: r.PreferredLanguage, HearingImpaired: r.HearingImpaired, Institution: r.Institution, Department: r.Department,
			DoctorName: r.DoctorName, AcceptSeconds: r.AcceptSeconds, Photos: r.Photos}, vitals[c.ID], true, consult.ZH, now)
		if err != nil {
			return nil, err
		}
		row := boardRow(item)
		row.InstitutionId, row.ResidentId, row.InstitutionPhone = c.InvitingOrgID, c.ResidentID, some(r.InstitutionPhone)
		row.LadderStep, row.NextStepAt = int(c.LadderStep), utc(c.LadderDueAt)
		row.LateBySeconds = int(now.Sub(value(c.OfferedAt).Add(targetOf(c))).Seconds())
		row.Asked, row.RingingUntil = asked[c.ID], until[c.ID]
		if row.Asked == nil {
			row.Asked = []contract.AskedDoctor{}
		}
		if c.DispatcherID != nil {
			row.Dispatcher = &contract.Person{Id: *c.DispatcherID, Name: charge[*c.DispatcherID], Role: RoleDispatcher}
		}
		rows[i] = row
	}
	slices.SortFunc(rows, func(x, y contract.BoardRow) int {
		critical := func(r contract.BoardRow) int {
			if r.Urgency == contract.Urgency(consult.Critical) {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(critical(x), critical(y)), cmp.Compare(y.LateBySeconds, x.LateBySeconds), x.OfferedAt.Compare(y.OfferedAt),
			cmp.Compare(x.Serial, y.Serial))
	})
	return rows, nil
}

// boardRow is a row of the queue on the board.
func boardRow(i contract.QueueItem) contract.BoardRow {
	return contract.BoardRow{Id: i.Id, Serial: i.Serial, State: i.State, Epoch: i.Epoch, Urgency: i.Urgency, OfferedAt: i.OfferedAt, DueAt: i.DueAt,
		TargetSeconds: i.TargetSeconds, Resident: i.Resident, Institution: i.Institution, Department: i.Department, ServiceType: i.ServiceType,
		Reasons: i.Reasons, RedFlags: i.RedFlags, Vitals: i.Vitals, Photos: i.Photos, Completeness: i.Completeness, Mode: i.Mode, PromiseBy: i.PromiseBy}
}

// boardRings gives who was rung for each request, and until when it rings anybody.
func boardRings(ctx context.Context, q *db.Queries, ids []uuid.UUID, now time.Time) (map[uuid.UUID][]contract.AskedDoctor, map[uuid.UUID]*time.Time, error) {
	rings, err := q.BoardRings(ctx, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("rings: %w", err)
	}
	asked, until := map[uuid.UUID][]contract.AskedDoctor{}, map[uuid.UUID]*time.Time{}
	for _, r := range rings {
		asked[r.ConsultationID] = append(asked[r.ConsultationID], contract.AskedDoctor{DoctorId: r.DoctorID, Name: r.DisplayName,
			Result: contract.AskedDoctorResult(r.Result), Reason: some(r.ReasonCode), At: r.OfferedAt.UTC(), Delivered: r.Delivered})
		if e := r.ExpiresAt.UTC(); r.Result == "PENDING" && e.After(now) && (until[r.ConsultationID] == nil || e.After(*until[r.ConsultationID])) {
			until[r.ConsultationID] = &e
		}
	}
	return asked, until, nil
}

// boardDoctors lists who may answer in the hospitals, those who could be assigned first.
func (s *Service) boardDoctors(ctx context.Context, q *db.Queries, a identity.Actor, hospitals []uuid.UUID, now time.Time) ([]contract.BoardDoctor, error) {
	departments, err := q.DepartmentsOfHospitals(ctx, hospitals)
	if err != nil {
		return nil, fmt.Errorf("departments: %w", err)
	}
	doctors, err := s.doctorsFor(ctx, q, departments, now)
	if err != nil {
		return nil, err
	}
	known, err := q.DepartmentsByID(ctx, departments)
	if err != nil {
		return nil, fmt.Errorf("departments: %w", err)
	}
	ids := make([]uuid.UUID, len(doctors))
	for i, d := range doctors {
		ids[i] = d.id
	}
	people, err := q.CasePeople(ctx, db.CasePeopleParams{Ids: ids, Day: consult.DateOf(now).Time()})
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	titles := map[uuid.UUID]string{}
	for _, p := range people {
		titles[p.ID] = p.TitleCode
	}
	out := make([]contract.BoardDoctor, len(doctors))
	for i, d := range doctors {
		row := contract.BoardDoctor{Presence: shownPresence(d.presence, d.busy), Busy: d.busy,
			Person: contract.Person{Id: d.id, Name: d.name, Role: RoleConsultant, TitleCode: some(titles[d.id]), Title: titleOf(a, titles[d.id])}}
		if j := slices.IndexFunc(known, func(k db.DepartmentsByIDRow) bool { return slices.Contains(d.departments, k.ID) }); j >= 0 {
			row.Department, row.Person.Department, row.Person.Organisation = known[j].Name, some(known[j].Name), some(known[j].Hospital)
		}
		if row.Presence == PresenceBackSoon {
			row.BackAt = d.presence.BackAt
		}
		if !d.idleSince.IsZero() && !d.busy {
			row.IdleSince = utc(&d.idleSince)
		}
		out[i] = row
	}
	slices.SortStableFunc(out, func(x, y contract.BoardDoctor) int {
		rank := func(d contract.BoardDoctor) int {
			return slices.Index([]contract.Presence{PresenceAvailable, PresenceInCall, PresenceBackSoon, PresenceOff}, d.Presence)
		}
		return cmp.Or(rank(x)-rank(y), cmp.Compare(x.Department, y.Department), cmp.Compare(x.Person.Name, y.Person.Name))
	})
	return out, nil
}

// names are the display names of people by id.
func names(ctx context.Context, q *db.Queries, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	out := map[uuid.UUID]string{}
	if len(ids) == 0 {
		return out, nil
	}
	people, err := q.NamesOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	for _, p := range people {
		out[p.ID] = p.DisplayName
	}
	return out, nil
}
