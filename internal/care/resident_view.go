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
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// openConsultations gives for each resident the request, or else the young draft, that is on its way.
func openConsultations(ctx context.Context, q *db.Queries, residents []uuid.UUID, now time.Time) (map[uuid.UUID]db.OpenConsultationsOfRow, error) {
	rows, err := q.OpenConsultationsOf(ctx, db.OpenConsultationsOfParams{Residents: residents, DraftsSince: now.Add(-draftsShown)})
	if err != nil {
		return nil, fmt.Errorf("load what is on its way: %w", err)
	}
	out := make(map[uuid.UUID]db.OpenConsultationsOfRow, len(rows))
	for _, r := range rows {
		if _, better := out[r.ResidentID]; !better {
			out[r.ResidentID] = r
		}
	}
	return out, nil
}

func (s *Service) residentCard(row db.CurrentResidentsRow, open map[uuid.UUID]db.OpenConsultationsOfRow, masked bool, now time.Time) (contract.ResidentCard, error) {
	r := row.Resident
	name, err := s.openText("residents", "name_enc", r.ID, r.NameEnc)
	if err != nil {
		return contract.ResidentCard{}, err
	}
	c := contract.ResidentCard{Id: r.ID, Name: name, Masked: masked, Initials: initials(name), Sex: contract.Sex(r.Sex),
		Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now), Ward: r.Ward, Bed: r.Bed, Risks: r.Risks,
		ConditionCodes: r.ConditionCodes, HearingImpaired: r.HearingImpaired, SightImpaired: r.SightImpaired,
		PreferredLanguage: r.PreferredLanguage, ConsentValid: row.ConsentValid, FollowUpDueOn: dayPtr(&row.FollowUpDueOn)}
	if r.AbilityLevel != nil {
		level := int(*r.AbilityLevel)
		c.AbilityLevel = &level
	}
	if row.PortraitID != uuid.Nil && !masked {
		c.PortraitId = &row.PortraitID
	}
	if !row.LastConsultationAt.IsZero() {
		c.LastConsultationAt = &row.LastConsultationAt
	}
	if o, ok := open[r.ID]; ok {
		state := contract.State(o.State)
		c.OpenConsultationId, c.OpenState = &o.ID, &state
	}
	if masked {
		c.Name, c.Initials = consult.MaskName(name), ""
	}
	return c, nil
}

// recentShown is how many earlier consultations a resident's page lists.
const recentShown = 10

func (s *Service) residentView(ctx context.Context, q *db.Queries, row db.CurrentResidentsRow, masked bool, now time.Time) (contract.Resident, error) {
	r := row.Resident
	open, err := openConsultations(ctx, q, []uuid.UUID{r.ID}, now)
	if err != nil {
		return contract.Resident{}, err
	}
	card, err := s.residentCard(row, open, masked, now)
	if err != nil {
		return contract.Resident{}, err
	}
	out := contract.Resident{Card: card, IdType: r.IDType, BirthDate: dayOf(r.BirthDate), EthnicCode: some(r.EthnicCode), Capacity: contract.Capacity(r.Capacity),
		AdmittedOn: dayOf(r.AdmittedOn), LeftOn: dayPtr(r.LeftOn), Revision: int(r.Revision), Guardians: []contract.Guardian{},
		LatestVitals: []contract.Vital{}, Consents: []contract.Consent{}, RecentConsultations: []contract.LogRow{}}
	number, err := s.openText("residents", "identity_number_enc", r.ID, r.IdentityNumberEnc)
	if err != nil {
		return out, err
	}
	out.IdentityMasked = some(consult.MaskIdentityNumber(number))
	phone, err := s.openText("residents", "phone_enc", r.ID, r.PhoneEnc)
	if err != nil {
		return out, err
	}
	if masked {
		// An administrator keeps the register, not the record.
		out.Phone = some(consult.MaskPhone(phone))
		return out, nil
	}
	out.Phone = some(phone)
	if out.Allergies, err = s.openText("residents", "allergies_enc", r.ID, r.AllergiesEnc); err != nil {
		return out, err
	}
	if out.Guardians, err = s.guardianViews(ctx, q, r.ID); err != nil {
		return out, err
	}
	vitals, err := q.NewestVitalsOf(ctx, db.NewestVitalsOfParams{ResidentID: r.ID, Since: now.Add(-vitalsShown)})
	if err != nil {
		return out, fmt.Errorf("load the vitals: %w", err)
	}
	for _, v := range vitals {
		out.LatestVitals = append(out.LatestVitals, newestVital(db.NewestVitalsOfConsultationsRow(v)))
	}
	sortAbnormalFirst(s.codes(), out.LatestVitals)
	consents, err := q.ConsentsOf(ctx, r.ID)
	if err != nil {
		return out, fmt.Errorf("load the consents: %w", err)
	}
	people := map[uuid.UUID]db.CasePeopleRow{}
	if err := loadPeople(ctx, q, people, consentPeople(consents...), now); err != nil {
		return out, err
	}
	for _, c := range consents {
		v, err := s.consentView(c, people, true, value(c.ConsultationID), now)
		if err != nil {
			return out, err
		}
		out.Consents = append(out.Consents, v)
	}
	recent, err := q.RecentConsultationsOf(ctx, db.RecentConsultationsOfParams{ResidentID: r.ID, PageSize: recentShown})
	if err != nil {
		return out, fmt.Errorf("load earlier consultations: %w", err)
	}
	out.RecentConsultations, err = s.logRows(ctx, q, recent, false, now)
	return out, err
}

func (s *Service) guardianViews(ctx context.Context, q *db.Queries, resident uuid.UUID) ([]contract.Guardian, error) {
	rows, err := q.ResidentGuardians(ctx, resident)
	if err != nil {
		return nil, fmt.Errorf("load the guardians: %w", err)
	}
	out := make([]contract.Guardian, len(rows))
	for i, g := range rows {
		name, err := s.openText("guardians", "name_enc", g.ID, g.NameEnc)
		if err != nil {
			return nil, err
		}
		phone, err := s.openText("guardians", "phone_enc", g.ID, g.PhoneEnc)
		if err != nil {
			return nil, err
		}
		out[i] = contract.Guardian{Name: name, Relation: g.Relation, Phone: some(phone), IsGuardian: &g.IsGuardian}
	}
	return out, nil
}

// newestVital is a reading as the page shows it.
func newestVital(v db.NewestVitalsOfConsultationsRow) contract.Vital {
	out := contract.Vital{Id: v.ID, Code: v.Code, Unit: v.Unit, Flag: v.Flag, Confirmed: v.Confirmed, Position: some(v.Position),
		Device: some(v.Device), Source: v.Source, TakenAt: v.TakenAt, TakenBy: some(v.TakenByName)}
	if v.Value != nil {
		number := float32(*v.Value)
		out.Value = &number
	}
	if v.Qualifier != "" {
		qualifier := contract.VitalQualifier(v.Qualifier)
		out.Qualifier = &qualifier
	}
	return out
}

// sortAbnormalFirst puts critical readings first, then other abnormal ones, then the table's order.
func sortAbnormalFirst(codes *consult.Codes, list []contract.Vital) {
	rank := func(v contract.Vital) int {
		switch f := consult.VitalFlag(v.Flag); {
		case f.CriticalValue():
			return 0
		case f.Abnormal():
			return 1
		}
		return 2
	}
	order := map[string]int{}
	for i, v := range codes.Vitals() {
		order[v.Code] = i
	}
	slices.SortStableFunc(list, func(a, b contract.Vital) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(order[a.Code], order[b.Code]))
	})
}
