package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Password opens every demo account. It works only while the server listens on loopback.
const Password = "Lianzhen-Demo-2026"

// markKey marks a demo database in the table meta; the value is the day on which it was first seeded.
const markKey = "demo"

// The roster reaches back over the seeded history and ahead; each start moves it on.
const rosterBefore, rosterDays = 40, 14

// ErrNotDemo says that the database holds accounts but no demo mark: it may hold real records.
var ErrNotDemo = errors.New("the database holds accounts and is not marked as a demo: it is not touched")

// seeder writes the demo's rows in one transaction.
type seeder struct {
	q    *db.Queries
	keep *seal.Keeper
	id   *identity.Service
	now  time.Time
}

// publicCost is the hash cost of the demo's passwords while seeding: everybody may know them. A sign-in makes a hash of the
// server's own cost out of it.
func publicCost() identity.HashCost { return identity.HashCost{MemoryKiB: 64, Passes: 1, Lanes: 1} }

// Seed makes sure that the demo is there as of now and tells the accounts. Several nodes may do so at once.
func Seed(ctx context.Context, st *store.Store, keeper *seal.Keeper, now time.Time) ([]contract.DemoAccount, error) {
	now = now.UTC().Truncate(time.Microsecond)
	id, err := identity.New(st, keeper, identity.Config{HashCost: publicCost()})
	if err != nil {
		return nil, fmt.Errorf("seed the demo: %w", err)
	}
	err = st.Tx(ctx, func(q *db.Queries) error {
		s := &seeder{q: q, keep: keeper, id: id, now: now}
		for _, step := range []func(context.Context) error{s.mark, s.places, s.people, s.agreements, s.declarations, s.residents, s.roster, s.measurements, s.prescriptions} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("seed the demo: %w", err)
	}
	if err := seedHistory(ctx, st, keeper, id, now); err != nil {
		return nil, fmt.Errorf("seed the demo's history: %w", err)
	}
	if err := seedFamilies(ctx, st, keeper, id, now); err != nil {
		return nil, fmt.Errorf("seed the demo's family doctors: %w", err)
	}
	if err := seedBookings(ctx, st, keeper, id, now); err != nil {
		return nil, fmt.Errorf("seed the demo's appointments: %w", err)
	}
	if err := seedRounds(ctx, st, keeper, id, now); err != nil {
		return nil, fmt.Errorf("seed the demo's round: %w", err)
	}
	return demoAccounts(), nil
}

// Marked says whether the database is a demo.
func Marked(ctx context.Context, st *store.Store) (bool, error) {
	_, err := st.Q().MetaValue(ctx, markKey)
	if store.IsNone(err) {
		return false, nil
	}
	return err == nil, err
}

func demoAccounts() []contract.DemoAccount {
	names := map[string]string{}
	for _, o := range organisations() {
		names[o.key] = o.name
	}
	out := []contract.DemoAccount{}
	for _, a := range accounts() {
		out = append(out, contract.DemoAccount{Username: a.username, Password: Password, Name: a.name, Role: contract.Role(a.posts[0].role),
			Organisation: names[a.posts[0].organisation]})
	}
	return out
}

// idOf makes the id of a row from its name.
func idOf(kind string, parts ...string) uuid.UUID {
	name := "lianzhen-demo/" + kind
	for _, p := range parts {
		name += "/" + p
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name))
}

func (s *seeder) mark(ctx context.Context) error {
	if err := s.q.LockDemo(ctx); err != nil {
		return err
	}
	_, err := s.q.MetaValue(ctx, markKey)
	if !store.IsNone(err) {
		return err
	}
	n, err := s.q.CountAccounts(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return ErrNotDemo
	}
	return s.q.SetMeta(ctx, db.SetMetaParams{Key: markKey, Value: consult.DateOf(s.now).String()})
}

func (s *seeder) places(ctx context.Context) error {
	for _, o := range organisations() {
		id := idOf("organisation", o.key)
		credit := o.credit
		row := db.DemoOrganisationParams{ID: id, Kind: o.kind, TypeCode: o.typeCode, Name: o.name, CreditCode: &credit, Level: o.level,
			RegionCode: o.division, Address: o.address, Phone: o.phone, PilotMember: o.pilot}
		if o.parent != "" {
			parent := idOf("organisation", o.parent)
			row.ReportingParentID = &parent
		}
		if err := s.q.DemoOrganisation(ctx, row); err != nil {
			return fmt.Errorf("%s: %w", o.key, err)
		}
		for _, l := range o.licences {
			departments := l.departments
			if departments == nil {
				departments = []string{}
			}
			if err := s.q.DemoLicence(ctx, db.DemoLicenceParams{ID: idOf("licence", o.key, l.kind), OrganisationID: id, Kind: l.kind, Number: l.number,
				DepartmentCodes: departments, ValidFrom: day(l.from)}); err != nil {
				return fmt.Errorf("%s: %w", o.key, err)
			}
		}
		for _, code := range o.departments {
			d, _ := consult.DepartmentByCode(code)
			if err := s.q.DemoDepartment(ctx, db.DemoDepartmentParams{ID: idOf("department", o.key, code), OrganisationID: id, Code: code,
				Name: d.ZH, Phone: o.phone + "转80" + code}); err != nil {
				return fmt.Errorf("%s: %w", o.key, err)
			}
		}
	}
	return nil
}

func (s *seeder) people(ctx context.Context) error {
	began := consult.Date{Year: 2024, Month: time.January, Day: 1}.Start()
	for _, a := range accounts() {
		id := idOf("user", a.username)
		if _, err := s.q.SignInUser(ctx, id); store.IsNone(err) {
			hash, err := s.id.HashPassword(ctx, Password)
			if err != nil {
				return err
			}
			languages := a.languages
			if languages == nil {
				languages = []string{"zh-CN"}
			}
			if err := s.q.DemoAccount(ctx, db.DemoAccountParams{ID: id, Username: a.username, DisplayName: a.name, PasswordHash: hash, Languages: languages,
				PhoneEnc: s.keep.SealText("users", "phone_enc", id, a.phone)}); err != nil {
				return fmt.Errorf("%s: %w", a.username, err)
			}
		} else if err != nil {
			return err
		}
		for _, p := range a.posts {
			row := db.DemoMembershipParams{ID: idOf("membership", a.username, p.organisation, p.department, p.role), UserID: id,
				OrganisationID: idOf("organisation", p.organisation), DepartmentID: departmentOf(p), Role: p.role, ValidFrom: began}
			if err := s.q.DemoMembership(ctx, row); err != nil {
				return fmt.Errorf("%s: %w", a.username, err)
			}
		}
		if l := a.licence; l != nil {
			row := db.DemoProfessionalLicenceParams{ID: idOf("professional", a.username), UserID: id, OrganisationID: idOf("organisation", a.posts[0].organisation),
				Kind: l.kind, Number: l.number, TitleCode: l.title, Category: l.category, Scope: l.scope, ValidFrom: day(l.from)}
			if l.since != "" {
				since := day(l.since)
				row.IndependentSince = &since
			}
			if err := s.q.DemoProfessionalLicence(ctx, row); err != nil {
				return fmt.Errorf("%s: %w", a.username, err)
			}
		}
	}
	return nil
}

func departmentOf(p post) *uuid.UUID {
	if p.department == "" {
		return nil
	}
	id := idOf("department", p.organisation, p.department)
	return &id
}

func (s *seeder) agreements(ctx context.Context) error {
	year := consult.DateOf(s.now).Year
	for _, g := range agreements() {
		err := s.q.DemoAgreement(ctx, db.DemoAgreementParams{ID: idOf("agreement", g.key), Number: g.number, InvitingOrgID: idOf("organisation", g.inviting),
			InvitedOrgID: idOf("organisation", g.invited), ServiceTypes: g.services, DepartmentCodes: g.departments,
			ValidFrom: consult.Date{Year: year - 1, Month: time.January, Day: 1}.Time(), ValidTo: consult.Date{Year: year + 2, Month: time.December, Day: 31}.Time(),
			ClausePurpose:    "使老年人在机构内和家中即可获得医院医师的远程诊疗指导，减少不必要的转运。",
			ClauseConditions: "双方持有有效的执业许可或备案，邀请方有医师陪同，受邀方医师独立临床工作三年以上；设备与网络符合要求。",
			ClauseContent:    "按约定的诊疗科目提供远程会诊、慢性病管理、康复护理指导；受邀方出具经医师签名的诊疗意见。",
			ClauseProcess:    "邀请方取得书面知情同意后提出申请，受邀方在时限内响应；会诊结束后24小时内出具意见，邀请方记录采纳情况。",
			ClauseRights:     "邀请方负责诊断与治疗的决定；受邀方对意见负责；双方各自保存记录，保护老年人的隐私。",
			ClauseLiability:  "发生医疗损害争议时依法承担各自责任；诊治决定的责任由邀请方承担，意见存在过错的由受邀方承担相应责任。"})
		if err != nil {
			return fmt.Errorf("%s: %w", g.key, err)
		}
	}
	return nil
}

// declarations are made each year in July, that of the security grade in January; the partner hospital has not made all of them.
func (s *seeder) declarations(ctx context.Context) error {
	today := consult.DateOf(s.now)
	july := consult.Date{Year: today.Year, Month: time.July, Day: 1}
	if july.After(today) {
		july = july.AddYears(-1)
	}
	for _, d := range declarations() {
		dated, last := july, consult.DeclarationLongest(july)
		if d.code == "SECURITY_GRADE" {
			dated, last = consult.Date{Year: today.Year, Month: time.January, Day: 1}, consult.Date{Year: today.Year, Month: time.December, Day: 31}
		}
		if err := s.q.DemoDeclaration(ctx, db.DemoDeclarationParams{ID: idOf("declaration", d.organisation, d.code, dated.String()), OrganisationID: idOf("organisation", d.organisation),
			Code: d.code, Document: d.document, DatedOn: dated.Time(), ValidTo: last.Time(), DeclaredBy: idOf("user", d.by), DeclaredAt: dated.Start()}); err != nil {
			return fmt.Errorf("%s %s: %w", d.organisation, d.code, err)
		}
	}
	return nil
}

// prescriptions are references that a pharmacist is asked about.
func (s *seeder) prescriptions(ctx context.Context) error {
	for _, p := range prescriptions() {
		id := idOf("medication", p.resident, p.number)
		if err := s.q.DemoPrescription(ctx, db.DemoPrescriptionParams{ID: id, ResidentID: idOf("resident", p.resident), NameEnc: s.keep.SealText("medications", "name_enc", id, p.medicine),
			DoseEnc: s.keep.SealText("medications", "dose_enc", id, p.dose), Frequency: p.frequency, StartedOn: consult.DateOf(s.now).Time(), RxNumber: p.number,
			RxInstitution: p.institution, RxSupplyWeeks: p.weeks, AskedID: idOf("organisation", p.asked), CreatedBy: idOf("user", p.by), At: s.now}); err != nil {
			return fmt.Errorf("%s: %w", p.number, err)
		}
	}
	return nil
}

func (s *seeder) residents(ctx context.Context) error {
	today := consult.DateOf(s.now)
	for i, r := range residents() {
		id := idOf("resident", r.key)
		number, err := consult.ParseIdentityNumber(r.identity, today)
		if err != nil {
			return fmt.Errorf("%s: %w", r.key, err)
		}
		phone := fmt.Sprintf("1394710%04d", 200+i)
		ability := int16(r.ability)
		row := db.DemoResidentParams{ID: id, OrganisationID: idOf("organisation", r.home), NameEnc: s.keep.SealText("residents", "name_enc", id, r.name),
			IdentityNumberEnc:  s.keep.SealText("residents", "identity_number_enc", id, number.Number),
			IdentityNumberHmac: s.keep.Lookup("identity_number", "01:"+number.Number),
			PhoneEnc:           s.keep.SealText("residents", "phone_enc", id, phone), PhoneHmac: s.keep.Lookup("phone", phone),
			Sex: string(number.Sex), BirthDate: number.Birth.Time(), EthnicCode: r.ethnic, PreferredLanguage: or(r.language, "zh-CN"), Ward: r.ward, Bed: r.bed,
			AbilityLevel: &ability, Capacity: or(r.capacity, "FULL"), AllergiesEnc: s.keep.SealText("residents", "allergies_enc", id, r.allergies),
			HearingImpaired: r.hearing, SightImpaired: r.sight, Risks: list(r.risks), ConditionCodes: list(r.conditions),
			AdmittedOn: day(fmt.Sprintf("2024-%02d-15", i%12+1))}
		if r.doctor != "" {
			doctor := idOf("user", r.doctor)
			row.UsualDoctorID = &doctor
		}
		n, err := s.q.DemoResident(ctx, row)
		if err != nil {
			return fmt.Errorf("%s: %w", r.key, err)
		}
		if n == 0 {
			continue // there, with the guardians that people have given since
		}
		for j, g := range r.guardians {
			gid := idOf("guardian", r.key, g.name)
			if err := s.q.InsertGuardian(ctx, db.InsertGuardianParams{ID: gid, ResidentID: id, NameEnc: s.keep.SealText("guardians", "name_enc", gid, g.name),
				Relation: g.relation, PhoneEnc: s.keep.SealText("guardians", "phone_enc", gid, g.phone), IsGuardian: g.legal, Position: int16(j)}); err != nil {
				return fmt.Errorf("%s: %w", r.key, err)
			}
		}
	}
	return nil
}

// roster puts people on duty, past days included, so that a shift covers every hour of the history and now.
func (s *seeder) roster(ctx context.Context) error {
	today := consult.DateOf(s.now)
	for _, d := range duties() {
		for i := -rosterBefore; i <= rosterDays; i++ {
			on := today.AddDays(i)
			start := on.Start().Add(time.Duration(d.from) * time.Hour)
			err := s.q.DemoShift(ctx, db.DemoShiftParams{ID: idOf("shift", d.username, on.String()), OrganisationID: idOf("organisation", d.organisation),
				UserID: idOf("user", d.username), Role: d.role, StartsAt: start, EndsAt: start.Add(time.Duration(d.hours) * time.Hour)})
			if err != nil {
				return fmt.Errorf("%s on %s: %w", d.username, on, err)
			}
		}
	}
	return nil
}

// measurements are those of the last morning round: at 07:30 today, or yesterday before that hour.
func (s *seeder) measurements(ctx context.Context) error {
	on := consult.DateOf(s.now)
	round := func(d consult.Date) time.Time { return d.Start().Add(7*time.Hour + 30*time.Minute) }
	if round(on).After(s.now) {
		on = on.AddDays(-1)
	}
	for _, r := range residents() {
		nurse := idOf("user", "nurse.li")
		if r.home == kangning {
			nurse = idOf("user", "nurse.wu")
		}
		for _, m := range r.vitals {
			value := m.value
			assessed, err := consult.CheckVital(consult.Reading{Code: consult.VitalCode(m.code), Value: &value})
			if err != nil {
				return fmt.Errorf("%s %s: %w", r.key, m.code, err)
			}
			flag := string(assessed.Flag)
			if assessed.Flag == consult.FlagNormal {
				flag = ""
			}
			spec, _ := consult.VitalByCode(assessed.Code)
			err = s.q.DemoVital(ctx, db.DemoVitalParams{ID: idOf("vital", r.key, m.code, on.String()), ResidentID: idOf("resident", r.key), Code: m.code,
				Loinc: spec.LOINC, Value: *assessed.Value, Unit: spec.UCUM, Flag: flag, TakenAt: round(on), TakenBy: nurse})
			if err != nil {
				return fmt.Errorf("%s %s: %w", r.key, m.code, err)
			}
		}
	}
	return nil
}

// day reads a date of the tables above; a wrong one is a wrong program.
func day(s string) time.Time {
	d, err := consult.ParseDate(s)
	if err != nil {
		panic("demo: " + s)
	}
	return d.Time()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}
