package care

import (
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

// takenShown is how long the queue says who took a request.
const takenShown = 15 * time.Minute

// GetQueue gives a doctor one list: what waits in the departments in the order of consult.Less, what the doctor holds, and
// what colleagues took in the last 15 minutes. Names are masked until the request is the doctor's own.
func (s *Service) GetQueue(ctx context.Context, a identity.Actor) (contract.Queue, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Queue{}, err
	}
	var out contract.Queue
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		departments := consultantDepartments(a)
		candidates, err := q.QueueCandidates(ctx, db.QueueCandidatesParams{UserID: a.UserID, Now: now, Departments: departments})
		if err != nil {
			return fmt.Errorf("queue: %w", err)
		}
		held, err := q.QueueMine(ctx, a.UserID)
		if err != nil {
			return fmt.Errorf("queue: %w", err)
		}
		gone, err := q.QueueTaken(ctx, db.QueueTakenParams{Since: now.Add(-takenShown), UserID: a.UserID, Departments: departments})
		if err != nil {
			return fmt.Errorf("queue: %w", err)
		}
		inOrder(candidates, now)

		ids, residents, desk := make([]uuid.UUID, 0, len(candidates)+len(held)), []uuid.UUID{}, []uuid.UUID{}
		for _, r := range candidates {
			ids, residents = append(ids, r.Consultation.ID), append(residents, r.Consultation.ResidentID)
		}
		for _, r := range held {
			ids, residents = append(ids, r.Consultation.ID), append(residents, r.Consultation.ResidentID)
			if by := r.Consultation.AssignedBy; by != nil {
				desk = append(desk, *by)
			}
		}
		mine, err := s.doctorsView(ctx, q, a.UserID, residents, desk, now)
		if err != nil {
			return err
		}
		vitals, err := newestByConsultation(ctx, s.codes(), q, ids)
		if err != nil {
			return err
		}
		out = contract.Queue{ServerTime: now, Waiting: []contract.QueueItem{}, Mine: []contract.QueueItem{}, Taken: []contract.QueueItem{}}
		for _, r := range candidates {
			item, err := s.queueItem(r, vitals[r.Consultation.ID], true, lang(a), now)
			if err != nil {
				return err
			}
			item.OfferedToMe = &r.OfferedToMe
			mine.add(&item, r.Consultation)
			out.Waiting = append(out.Waiting, item)
		}
		for _, r := range held {
			item, err := s.queueItem(db.QueueCandidatesRow(r), vitals[r.Consultation.ID], false, lang(a), now)
			if err != nil {
				return err
			}
			item.Mine = true
			mine.add(&item, r.Consultation)
			out.Mine = append(out.Mine, item)
		}
		for _, r := range gone {
			r.Consultation.ComplaintEnc = nil // a colleague's case: who, not what
			item, err := s.queueItem(db.QueueCandidatesRow(r), nil, true, lang(a), now)
			if err != nil {
				return err
			}
			out.Taken = append(out.Taken, item)
		}
		if handed, err := s.handOversTo(ctx, q, a.UserID, now); err != nil {
			return err
		} else if len(handed) > 0 {
			out.HandOvers = &handed
		}
		return nil
	})
	return out, err
}

// doctorsView is what the queue says to one doctor besides the requests themselves.
type doctorsView struct {
	doctor uuid.UUID
	usual  map[uuid.UUID]uuid.UUID // of each resident
	until  map[uuid.UUID]time.Time // it rings
	names  map[uuid.UUID]string    // of dispatchers
}

func (s *Service) doctorsView(ctx context.Context, q *db.Queries, doctor uuid.UUID, residents, desk []uuid.UUID, now time.Time) (doctorsView, error) {
	v := doctorsView{doctor: doctor, usual: map[uuid.UUID]uuid.UUID{}, until: map[uuid.UUID]time.Time{}}
	usual, err := q.UsualDoctors(ctx, db.UsualDoctorsParams{Residents: residents, Now: now})
	if err != nil {
		return v, fmt.Errorf("usual doctors: %w", err)
	}
	for _, r := range usual {
		v.usual[r.ResidentID] = r.DoctorID
	}
	rings, err := q.PendingUntil(ctx, db.PendingUntilParams{DoctorID: doctor, Now: now})
	if err != nil {
		return v, fmt.Errorf("rings: %w", err)
	}
	for _, r := range rings {
		v.until[r.ConsultationID] = r.ExpiresAt
	}
	v.names, err = names(ctx, q, desk)
	return v, err
}

func (v doctorsView) add(item *contract.QueueItem, c db.Consultation) {
	item.Usual = v.usual[c.ResidentID] == v.doctor
	if until, rings := v.until[c.ID]; rings {
		item.RingingUntil = utc(&until)
	}
	if c.AssignedBy != nil {
		item.AssignedBy = some(v.names[*c.AssignedBy])
	}
}

// inOrder sorts requests as they are served; written questions come after those that wait for a call.
func inOrder(rows []db.QueueCandidatesRow, now time.Time) {
	slices.SortFunc(rows, func(x, y db.QueueCandidatesRow) int {
		a, b := waitingOf(x), waitingOf(y)
		switch {
		case written(x.Consultation) != written(y.Consultation):
			if written(x.Consultation) {
				return 1
			}
			return -1
		case consult.Less(a, b, now):
			return -1
		case consult.Less(b, a, now):
			return 1
		}
		return 0
	})
}

// waitingOf is what the order looks at. Without a target of its own (SCHEDULED) a request is measured by its deadline.
func waitingOf(r db.QueueCandidatesRow) consult.Waiting {
	c := r.Consultation
	w := consult.Waiting{ID: c.ID.String(), Urgency: consult.Urgency(c.Urgency), Since: queuedSince(c)}
	switch {
	case r.AcceptSeconds != nil:
		w.Target = time.Duration(*r.AcceptSeconds) * time.Second
	case c.AcceptDueAt != nil:
		w.Target = c.AcceptDueAt.Sub(value(c.OfferedAt))
	default:
		w.Target = consult.AcceptTarget(consult.Routine, w.Since, time.Time{})
	}
	return w
}

func (s *Service) queueItem(r db.QueueCandidatesRow, vitals []contract.Vital, masked bool, l consult.Lang, now time.Time) (contract.QueueItem, error) {
	c := r.Consultation
	name, err := s.openText("residents", "name_enc", c.ResidentID, r.NameEnc)
	if err != nil {
		return contract.QueueItem{}, err
	}
	if masked {
		name = consult.MaskName(name)
	}
	complaint, err := s.openText("consultations", "complaint_enc", c.ID, c.ComplaintEnc)
	if err != nil {
		return contract.QueueItem{}, err
	}
	if vitals == nil {
		vitals = []contract.Vital{}
	}
	w := waitingOf(r)
	target := int(w.Target / time.Second)
	due := c.AcceptDueAt
	if due == nil && r.AcceptSeconds != nil {
		at := value(c.OfferedAt).Add(w.Target)
		due = &at
	}
	photos := int(r.Photos)
	return contract.QueueItem{Id: c.ID, Serial: c.Serial, State: contract.State(c.State), Epoch: c.Epoch, Urgency: contract.Urgency(c.Urgency),
		OfferedAt: w.Since, AskedAt: utc(c.AskedAt), DueAt: due, TargetSeconds: &target,
		Resident: contract.QueueResident{Name: name, Sex: contract.Sex(r.Sex), Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now),
			Bed: r.Bed, Language: some(r.PreferredLanguage), HearingImpaired: &r.HearingImpaired},
		Institution: r.Institution, Department: r.Department, ServiceType: c.ServiceType, Reasons: c.Reasons, RedFlags: c.RedFlags,
		Complaint: some(complaintIn(complaint, l)), Vitals: vitals, Photos: &photos, DoctorName: some(r.DoctorName), Mode: contract.Mode(c.Mode), PromiseBy: utc(c.PromiseBy),
		Slot: slotView(c), ReportDueAt: utc(c.ReportDueAt),
		Completeness: dots(len(c.Reasons) > 0, complaint != "", len(vitals) > 0, c.ConsentID != nil)}, nil
}

// dots counts what is there: reason, complaint, vitals, consent.
func dots(there ...bool) int {
	n := 0
	for _, t := range there {
		if t {
			n++
		}
	}
	return n
}

// newestByConsultation gives the newest reading of each code, abnormal ones first.
func newestByConsultation(ctx context.Context, codes *consult.Codes, q *db.Queries, ids []uuid.UUID) (map[uuid.UUID][]contract.Vital, error) {
	rows, err := q.NewestVitalsOfConsultations(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load the vitals: %w", err)
	}
	out := map[uuid.UUID][]contract.Vital{}
	for _, v := range rows {
		if v.ConsultationID != nil {
			out[*v.ConsultationID] = append(out[*v.ConsultationID], newestVital(v))
		}
	}
	for _, list := range out {
		sortAbnormalFirst(codes, list)
	}
	return out, nil
}
