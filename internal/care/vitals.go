package care

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// clockAhead is what a tablet's clock may be ahead of the server.
const clockAhead = 2 * time.Minute

// measuredWithin is how old a reading may be that is entered for a request.
const measuredWithin = 7 * 24 * time.Hour

// wantedVitals are those whose absence the doctor sees.
func wantedVitals() []consult.VitalCode {
	return []consult.VitalCode{consult.VitalTemp, consult.VitalPulse, consult.VitalResp, consult.VitalSBP, consult.VitalDBP, consult.VitalSpO2}
}

// AddVitals appends readings from draft until the report is signed. Each broken reading is one field of the refusal
// (vital_needs_confirmation, vital_impossible …); none is stored unless all are. A reading can raise the urgency.
func (s *Service) AddVitals(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.VitalsInput) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	assessed, err := assess(s.codes(), in.Readings)
	if err != nil {
		return contract.Consultation{}, err
	}
	err = s.onConsultation(ctx, a, &cmd, "addVitals", id, in, bedside, func(ch *change) error {
		if !editable(consult.State(ch.c.State)) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		codes := make([]string, len(assessed))
		for i, v := range assessed {
			codes[i] = string(v.Code)
			if err := addVital(ctx, ch, a, s.codes(), v, in.Readings[i], "readings/"+strconv.Itoa(i)); err != nil {
				return err
			}
		}
		ch.touch("vitals")
		if err := ch.record(ctx, eventVitalsAdded, map[string]any{"codes": codes}); err != nil {
			return err
		}
		return s.raiseByVitals(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// assess judges readings one by one and as a set.
func assess(codes *consult.Codes, readings []contract.VitalInput) ([]consult.Assessment, error) {
	if len(readings) == 0 {
		return nil, missing("readings")
	}
	var fields []problem.Field
	refuse := func(i int, err error) {
		path := "readings/" + strconv.Itoa(i)
		for _, r := range consult.Refusals(err) {
			fields = append(fields, problem.Field{Path: path, Code: r.Code, Args: r.Args})
		}
	}
	place := make(map[string]int, len(readings))
	all := make([]consult.Reading, len(readings))
	for i, in := range readings {
		all[i] = reading(in)
		if _, err := codes.CheckVital(all[i]); err != nil {
			refuse(i, err)
		}
		place[in.Code] = i
	}
	if len(fields) > 0 {
		return nil, problem.Invalid(fields...)
	}
	assessed, err := codes.CheckVitals(all)
	for _, r := range consult.Refusals(err) {
		refuse(place[r.Args["vital"]], r)
	}
	for _, v := range assessed {
		refuse(place[string(v.Code)], v.Unconfirmed())
	}
	if len(fields) > 0 {
		return nil, problem.Invalid(fields...)
	}
	return assessed, nil
}

func addVital(ctx context.Context, ch *change, a identity.Actor, codes *consult.Codes, v consult.Assessment, in contract.VitalInput, path string) error {
	spec, _ := codes.Vital(v.Code)
	taken := ch.now
	if in.TakenAt != nil {
		taken = in.TakenAt.UTC()
	}
	if taken.After(ch.now.Add(clockAhead)) || taken.Before(ch.now.Add(-measuredWithin)) {
		return problem.Invalid(problem.Field{Path: path + "/takenAt", Code: "vital_time"})
	}
	source := string(value(in.Source))
	if source == "" {
		source = "MANUAL"
	}
	flag := string(v.Flag)
	if v.Flag == consult.FlagNormal {
		flag = ""
	}
	err := ch.q.AddVital(ctx, db.AddVitalParams{ID: newID(), ResidentID: ch.c.ResidentID, ConsultationID: &ch.c.ID, Code: string(v.Code),
		Loinc: spec.LOINC, Value: v.Value, Qualifier: string(v.Qualifier), Unit: spec.UCUM, Flag: flag, Confirmed: value(in.Confirmed),
		Position: string(value(in.Position)), Device: value(in.Device), Source: source, TakenAt: taken, TakenBy: a.UserID, Now: ch.now})
	if err != nil {
		return fmt.Errorf("store the reading: %w", err)
	}
	return nil
}

// raiseByVitals proposes the urgency anew after readings. It raises a request at once, since waiting for a tap would cost
// time; it never lowers one.
func (s *Service) raiseByVitals(ctx context.Context, ch *change) error {
	proposed, err := s.proposeFor(ctx, ch.q, ch.c.ID, ch.c.Reasons, ch.c.RedFlags)
	if err != nil {
		return err
	}
	before := consult.Urgency(ch.c.Urgency)
	after := before
	if proposed.MoreUrgentThan(before) && proposed.MoreUrgentThan(consult.Urgency(ch.c.UrgencyProposed)) {
		after = proposed
	}
	if after == before && string(proposed) == ch.c.UrgencyProposed {
		if ch.c.State != string(consult.StateDraft) {
			ch.inQueue("updated")
		}
		return nil
	}
	due := ch.c.AcceptDueAt
	if ch.c.OfferedAt != nil && after != before {
		if due, err = acceptDue(ctx, ch.q, after, *ch.c.OfferedAt); err != nil {
			return err
		}
	}
	if err := ch.q.SetUrgency(ctx, db.SetUrgencyParams{ID: ch.c.ID, Urgency: string(after), UrgencyProposed: string(proposed),
		UrgencyReasonEnc: ch.c.UrgencyReasonEnc, AcceptDueAt: due, Now: ch.now}); err != nil {
		return fmt.Errorf("raise the urgency: %w", err)
	}
	ch.c.Urgency, ch.c.UrgencyProposed = string(after), string(proposed)
	return s.reprioritised(ctx, ch, before, proposed)
}
