package care

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// waitingView says where an offered request stands: its place in the departments' queue, by when it will be answered, who
// was asked, and what happens next and when. Only what really happened or really will is said. What the bedside is told of
// time is written down: the promise stays as it was told until it has passed, and the doctors see the same.
func (b *caseView) waitingView(ctx context.Context) (*contract.Waiting, error) {
	s, q, c, departments, now := b.s, b.q, b.c, b.asked, b.now
	own := consult.Waiting{ID: c.ID.String(), Urgency: consult.Urgency(c.Urgency), Since: queuedSince(c), Target: targetOf(c)}
	ahead, err := s.ahead(ctx, q, departments, own, now)
	if err != nil {
		return nil, err
	}
	doctors, err := s.rosterOf(ctx, q, &b.roster, departments, now)
	if err != nil {
		return nil, err
	}
	offers, err := q.OffersOf(ctx, db.OffersOfParams{ConsultationID: c.ID, Epoch: c.Epoch})
	if err != nil {
		return nil, fmt.Errorf("offers: %w", err)
	}
	// Nothing is promised on behalf of who declined: those are not rung for it again.
	doctors = slices.DeleteFunc(doctors, func(d doctorNow) bool {
		return slices.ContainsFunc(offers, func(o db.OffersOfRow) bool { return o.DoctorID == d.id && o.Result == "DECLINED" })
	})
	out := &contract.Waiting{DueAt: utc(c.AcceptDueAt), Steps: []contract.LadderStep{}, Ahead: ahead, Position: ahead + 1, Eligible: len(doctors)}
	for _, d := range doctors {
		if d.here() {
			out.Available++
		}
	}
	if err := s.tellTimes(ctx, q, c, b.v, own, doctors, departments, now, out); err != nil {
		return nil, err
	}
	l := &ladderWords{caseView: b, out: out}
	return out, l.say(ctx, offers)
}

// emergencyPhone is answered everywhere.
const emergencyPhone = "120"

// ladderWords puts the ladder of one request into words.
type ladderWords struct {
	*caseView
	out *contract.Waiting
	// where the hospital has no dispatcher: its name, and whom to call instead
	nobody, phone string
}

func (l *ladderWords) step(code string, args map[string]string, at, due *time.Time, done, current bool) {
	l.out.Steps = append(l.out.Steps, contract.LadderStep{Code: code, Message: reason(l.a, code, args).Message, At: utc(at), DueAt: utc(due), Done: done, Current: current})
}

func (l *ladderWords) say(ctx context.Context, offers []db.OffersOfRow) error {
	if err := l.dispatcher(ctx); err != nil {
		return err
	}
	l.soFar()
	l.past(offers)
	if l.c.DispatcherAlertedAt != nil && l.out.Dispatcher != nil {
		code := "ladder_dispatcher_alerted"
		if l.c.DispatcherID != nil {
			code = "ladder_dispatcher_charge"
		}
		l.step(code, dispatcherArgs(l.out.Dispatcher, l.s.cfg.ConsultPhone), l.c.DispatcherAlertedAt, nil, true, false)
	} else if l.c.DispatcherAlertedAt != nil && l.nobody != "" {
		l.step("ladder_no_dispatcher", map[string]string{"hospital": l.nobody, "phone": l.phone}, l.c.DispatcherAlertedAt, nil, true, false)
	} else if l.c.DispatcherID != nil && l.out.Dispatcher != nil {
		l.step("ladder_dispatcher_charge", dispatcherArgs(l.out.Dispatcher, l.s.cfg.ConsultPhone), nil, nil, true, false)
	}
	// What was done, in the order in which it was; what has no time of its own is the newest.
	slices.SortStableFunc(l.out.Steps, func(x, y contract.LadderStep) int { return cmp.Or(x.At, &l.now).Compare(*cmp.Or(y.At, &l.now)) })
	l.present(offers)
	if written(l.c) {
		return nil
	}
	return l.toCome(ctx)
}

// soFar says which departments were asked, step by step.
func (l *ladderWords) soFar() {
	rows := l.steps
	for i := 0; i < len(rows); {
		j := i
		var where []string
		for ; j < len(rows) && rows[j].Step == rows[i].Step; j++ {
			where = append(where, rows[j].Hospital+rows[j].Name)
		}
		switch {
		case rows[i].Step == int16(consult.StepDepartment):
			l.step("ladder_department", map[string]string{"name": rows[i].Name, "hospital": rows[i].Hospital}, l.c.OfferedAt, nil, true, false)
		default:
			l.step("ladder_widened", map[string]string{"departments": list(where, lang(l.a))}, &rows[i].Since, nil, true, false)
		}
		i = j
	}
}

// past says who did not answer, could not be reached, or said no.
func (l *ladderWords) past(offers []db.OffersOfRow) {
	var silent, unreached []string
	var silentAt, unreachedAt *time.Time // of the last of them
	latest := func(at, before *time.Time) *time.Time {
		if before != nil && (at == nil || before.After(*at)) {
			return before
		}
		return at
	}
	for _, o := range offers {
		switch {
		case o.Result == "LAPSED" && o.ReasonCode == "GONE":
			unreached, unreachedAt = append(unreached, o.DisplayName), latest(o.ResolvedAt, unreachedAt)
		case o.Result == "LAPSED", o.Result == "PENDING" && !o.ExpiresAt.After(l.now):
			silent, silentAt = append(silent, o.DisplayName), latest(&o.ExpiresAt, silentAt)
		}
	}
	lan := lang(l.a)
	if len(silent) > 0 {
		l.step("ladder_no_answer", map[string]string{"doctors": list(silent, lan)}, silentAt, nil, true, false)
	}
	if len(unreached) > 0 {
		l.step("ladder_unreached", map[string]string{"doctors": list(unreached, lan)}, unreachedAt, nil, true, false)
	}
	for _, o := range offers {
		if o.Result != "DECLINED" {
			continue
		}
		why := o.ReasonCode
		for _, t := range slices.Concat(DeclineReasons(), ReleaseReasons()) {
			if t.Code == o.ReasonCode {
				why = t.Zh
				if lan == consult.EN {
					why = t.En
				}
			}
		}
		l.step("ladder_declined", map[string]string{"doctor": o.DisplayName, "reason": why}, o.ResolvedAt, nil, true, false)
	}
}

// present says what happens now.
func (l *ladderWords) present(offers []db.OffersOfRow) {
	var ringing []string
	var since, until *time.Time
	for _, o := range offers {
		if o.Result == "PENDING" && o.ExpiresAt.After(l.now) {
			ringing = append(ringing, o.DisplayName)
			if since == nil {
				since, until = &o.OfferedAt, &o.ExpiresAt
			}
		}
	}
	switch {
	case written(l.c):
		l.step("ladder_written", nil, nil, nil, false, true)
	case len(ringing) > 0:
		l.out.DoctorName = &ringing[0]
		l.step("ladder_ringing", map[string]string{"doctors": list(ringing, lang(l.a))}, since, until, false, true)
	case l.out.Available == 0:
		l.step("ladder_nobody", map[string]string{"phone": l.s.cfg.ConsultPhone}, nil, nil, false, true)
	case l.c.RingDueAt != nil && l.c.RingDueAt.After(l.now) && len(offers) > 0:
		l.step("ladder_paused", nil, nil, l.c.RingDueAt, false, true)
	default:
		l.step("ladder_all_busy", nil, nil, nil, false, true)
	}
}

// toCome says what will be done when nobody answers, and when. Steps at which nobody new can be asked are left out.
func (l *ladderWords) toCome(ctx context.Context) error {
	plan, err := l.s.planOf(ctx, l.q, l.c, l.steps, l.now)
	if err != nil {
		return err
	}
	l.plan = plan
	names, err := l.names(ctx, plan)
	if err != nil {
		return err
	}
	for step := consult.LadderStep(l.c.LadderStep); ; {
		next, ok := step.Next()
		if !ok {
			break
		}
		step = next
		due := step.Due(*l.c.OfferedAt, targetOf(l.c))
		if step == consult.StepDispatcher {
			switch {
			case l.c.DispatcherID == nil && l.out.Dispatcher != nil:
				l.step("ladder_to_dispatcher", dispatcherArgs(l.out.Dispatcher, l.s.cfg.ConsultPhone), nil, &due, false, false)
			case l.nobody != "" && l.c.DispatcherAlertedAt == nil:
				l.step("ladder_to_nobody", map[string]string{"hospital": l.nobody, "phone": l.phone}, nil, &due, false, false)
			}
			continue
		}
		if len(plan[step]) == 0 {
			continue
		}
		var words []string
		for _, d := range names {
			if slices.Contains(plan[step], d.ID) {
				words = append(words, d.Hospital+d.Name)
			}
		}
		code := map[consult.LadderStep]string{consult.StepRelated: "ladder_to_related", consult.StepHospital: "ladder_to_hospital",
			consult.StepPartners: "ladder_to_partners"}[step]
		l.step(code, map[string]string{"departments": list(words, lang(l.a))}, nil, &due, false, false)
	}
	l.step("ladder_newcomers", nil, nil, nil, false, false)
	// Before the target has passed, who would be called is no more than a name in the step to come.
	if l.c.DispatcherAlertedAt == nil && l.c.DispatcherID == nil {
		l.out.Dispatcher = nil
	}
	return nil
}

// names are the departments of all steps that are still to come.
func (l *ladderWords) names(ctx context.Context, plan map[consult.LadderStep][]uuid.UUID) ([]db.DepartmentsByIDRow, error) {
	var ids []uuid.UUID
	for step, departments := range plan {
		if step > consult.LadderStep(l.c.LadderStep) {
			ids = append(ids, departments...)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := l.q.DepartmentsByID(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("departments: %w", err)
	}
	return rows, nil
}

// dispatcher names who looks after the request: who took charge, else who is on duty.
func (l *ladderWords) dispatcher(ctx context.Context) error {
	if l.c.InvitedOrgID == nil {
		return nil
	}
	people, err := l.s.dispatchersOf(ctx, l.q, *l.c.InvitedOrgID, l.now)
	if err != nil {
		return err
	}
	var id uuid.UUID
	var name string
	var phone []byte
	switch {
	case l.c.DispatcherID != nil:
		id = *l.c.DispatcherID
		known, err := names(ctx, l.q, []uuid.UUID{id})
		if err != nil {
			return err
		}
		name = known[id]
		if phone, err = l.q.PhoneOf(ctx, id); err != nil {
			return fmt.Errorf("phone: %w", err)
		}
	case len(people) > 0:
		id, name, phone = people[0].ID, people[0].DisplayName, people[0].PhoneEnc
	default:
		h, err := l.q.CaseOrganisation(ctx, *l.c.InvitedOrgID)
		if err != nil {
			return fmt.Errorf("hospital: %w", err)
		}
		l.nobody, l.phone = h.Name, cmp.Or(h.Phone, l.s.cfg.ConsultPhone, emergencyPhone)
		return nil
	}
	number, err := l.s.openText("users", "phone_enc", id, phone)
	if err != nil {
		return err
	}
	if number == "" {
		number = l.file.HospitalPhone
	}
	l.out.Dispatcher = &contract.DispatcherRef{Name: name, Phone: some(number)}
	return nil
}

func dispatcherArgs(d *contract.DispatcherRef, otherwise string) map[string]string {
	phone := value(d.Phone)
	if phone == "" {
		phone = otherwise
	}
	return map[string]string{"name": d.Name, "phone": phone}
}

// list joins names as the language does.
func list(words []string, l consult.Lang) string {
	if l == consult.EN {
		return strings.Join(words, ", ")
	}
	return strings.Join(words, "、")
}

// inAudience says whether one of the actor's departments is asked now.
func (s *Service) inAudience(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, now time.Time) (bool, error) {
	own := consultantDepartments(a)
	if len(own) == 0 {
		return false, nil
	}
	asked, err := q.AudienceDepartments(ctx, db.AudienceDepartmentsParams{ConsultationID: c.ID, Now: now})
	if err != nil {
		return false, fmt.Errorf("audience: %w", err)
	}
	return overlap(own, asked), nil
}

func overlap(a, b []uuid.UUID) bool {
	return slices.ContainsFunc(a, func(x uuid.UUID) bool { return slices.Contains(b, x) })
}
