package care_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

func newResident() contract.ResidentInput {
	return contract.ResidentInput{Name: "李振华", IdType: "01", IdentityNumber: ptr("150102194503150019"), Phone: ptr("138 0000 1234"), Sex: "1", BirthDate: day("1945-03-15"),
		EthnicCode: ptr("02"), PreferredLanguage: ptr("mn"), Ward: "一区", Bed: "1-12", AbilityLevel: ptr(2), Capacity: "FULL", Allergies: ptr("头孢"),
		Risks: &[]string{"FALL", "FALL"}, ConditionCodes: &[]string{"I10"}, AdmittedOn: day("2026-03-01"),
		Guardians: &[]contract.Guardian{{Name: "李 小 梅", Relation: "CHILD", Phone: ptr("0471-6946427")}}}
}

func TestResidentForm(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	type change = func(*contract.ResidentInput)
	for name, c := range map[string]struct {
		change change
		want   map[string]string
	}{
		"check digit":   {func(in *contract.ResidentInput) { in.IdentityNumber = ptr("150102194503150018") }, map[string]string{"identityNumber": "identity_number_checksum"}},
		"length":        {func(in *contract.ResidentInput) { in.IdentityNumber = ptr("1501021945") }, map[string]string{"identityNumber": "identity_number_length"}},
		"letters":       {func(in *contract.ResidentInput) { in.IdentityNumber = ptr("15010219450315001A") }, map[string]string{"identityNumber": "identity_number_characters"}},
		"no number":     {func(in *contract.ResidentInput) { in.IdentityNumber = nil }, map[string]string{"identityNumber": "required"}},
		"another birth": {func(in *contract.ResidentInput) { in.BirthDate = day("1945-03-16") }, map[string]string{"birthDate": "birth_date_differs"}},
		"another sex":   {func(in *contract.ResidentInput) { in.Sex = "2" }, map[string]string{"sex": "sex_differs"}},
		"unborn": {func(in *contract.ResidentInput) {
			in.IdType, in.IdentityNumber, in.BirthDate = "99", nil, day("2027-01-01")
		}, map[string]string{"birthDate": "birth_date_future", "admittedOn": "admitted_before_birth"}},
		"too old": {func(in *contract.ResidentInput) {
			in.IdType, in.IdentityNumber, in.BirthDate = "99", nil, day("1880-01-01")
		}, map[string]string{"birthDate": "birth_date_age"}},
		"passport": {func(in *contract.ResidentInput) { in.IdType, in.IdentityNumber = "03", ptr("E;1") }, map[string]string{"identityNumber": "identity_document"}},
		"phone":    {func(in *contract.ResidentInput) { in.Phone = ptr("123") }, map[string]string{"phone": "phone_format"}},
		"name":     {func(in *contract.ResidentInput) { in.Name = "李4" }, map[string]string{"name": "name_characters"}},
		"bed":      {func(in *contract.ResidentInput) { in.Bed = "  " }, map[string]string{"bed": "required"}},
		"codes": {func(in *contract.ResidentInput) {
			in.EthnicCode, in.PreferredLanguage, in.Risks, in.ConditionCodes = ptr("ZZ"), ptr("xx"), &[]string{"FALL", "BOREDOM"}, &[]string{"X99"}
		}, map[string]string{"ethnicCode": "wrong_value", "preferredLanguage": "wrong_value", "risks/1": "wrong_value", "conditionCodes/0": "wrong_value"}},
		"admission": {func(in *contract.ResidentInput) { in.AdmittedOn = day("2026-04-01") }, map[string]string{"admittedOn": "day_in_future"}},
		"guardian": {func(in *contract.ResidentInput) {
			in.Guardians = &[]contract.Guardian{{Name: "", Relation: "FRIEND", Phone: ptr("1")}}
		}, map[string]string{"guardians/0/name": "name_empty", "guardians/0/relation": "wrong_value", "guardians/0/phone": "phone_format"}},
		"ability":         {func(in *contract.ResidentInput) { in.AbilityLevel = ptr(9) }, map[string]string{"abilityLevel": "out_of_range"}},
		"many at a time":  {func(in *contract.ResidentInput) { in.Name, in.Bed, in.Sex, in.IdentityNumber = "", "", "7", ptr("1") }, map[string]string{"name": "name_empty", "bed": "required", "sex": "wrong_value", "identityNumber": "identity_number_length"}},
		"control letters": {func(in *contract.ResidentInput) { in.Ward = "一\x00区" }, map[string]string{"ward": "wrong_type"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := newResident()
			c.change(&in)
			_, err := w.Care.CreateResident(t.Context(), w.Nurse, uuid.New(), in)
			fields(t, err, c.want)
		})
	}
	is(t, "residents", w.Count(`SELECT count(*) FROM residents WHERE organisation_id = $1`, w.Home), 3)
}

func TestResidentIsSealedAndFound(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	in := newResident()
	in.IdentityNumber = ptr("150102450315001") // the old form of 15 digits
	cmd := uuid.New()
	r := must(w.Care.CreateResident(ctx, w.Nurse, cmd, in))(t)
	is(t, "initials", r.Card.Initials, "lzh")
	is(t, "age", r.Card.Age, 80) // the 81st birthday is five days ahead
	is(t, "identity", *r.IdentityMasked, "150***********0019")
	is(t, "kind of document", r.IdType, "01")
	is(t, "phone", *r.Phone, "13800001234")
	is(t, "guardian", r.Guardians[0].Name, "李小梅")
	is(t, "guardian's phone", *r.Guardians[0].Phone, "0471-6946427")
	is(t, "risks", len(r.Card.Risks), 1)
	again := must(w.Care.CreateResident(ctx, w.Nurse, cmd, in))(t)
	is(t, "the repetition", again.Card.Id, r.Card.Id)

	var row string
	if err := w.Store.Pool.QueryRow(ctx, `SELECT r::text || g::text FROM residents r JOIN guardians g ON g.resident_id = r.id WHERE r.id = $1`, r.Card.Id).Scan(&row); err != nil {
		t.Fatal(err)
	}
	raw := must(w.Store.Pool.Query(ctx, `SELECT name_enc, identity_number_enc, phone_enc, allergies_enc FROM residents WHERE id = $1`, r.Card.Id))(t)
	defer raw.Close()
	for raw.Next() {
		values := make([][]byte, 4)
		if err := raw.Scan(&values[0], &values[1], &values[2], &values[3]); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			for _, plain := range []string{"李振华", "150102194503150019", "13800001234", "头孢"} {
				if bytes.Contains(v, []byte(plain)) {
					t.Errorf("%s is readable", plain)
				}
			}
		}
	}
	for _, plain := range []string{"李", "150102194503150019", "13800001234", "6946427", "头孢"} {
		if strings.Contains(row, plain) {
			t.Errorf("%s is readable in %s", plain, row)
		}
	}

	t.Run("the same person twice", func(t *testing.T) {
		in := newResident() // with the number of 18
		_, err := w.Care.CreateResident(ctx, w.Nurse, uuid.New(), in)
		p := refused(t, err, "resident_exists")
		is(t, "status", p.Status, 409)
		is(t, "field", p.Fields[0].Path, "identityNumber")
		must(w.Care.CreateResident(ctx, w.PureNurse, uuid.New(), in))(t) // another institution does not know
		left := update(in, 1)
		left.LeftOn = dayp("2026-03-09")
		must(w.Care.UpdateResident(ctx, w.Nurse, r.Card.Id, left))(t)
		must(w.Care.CreateResident(ctx, w.Nurse, uuid.New(), in))(t) // after the first has left
	})
}

func update(in contract.ResidentInput, revision int) contract.ResidentUpdate {
	return contract.ResidentUpdate{AbilityLevel: in.AbilityLevel, AdmittedOn: in.AdmittedOn, Allergies: in.Allergies, Bed: in.Bed, BirthDate: in.BirthDate,
		Capacity: in.Capacity, ConditionCodes: in.ConditionCodes, EthnicCode: in.EthnicCode, Guardians: in.Guardians, HearingImpaired: in.HearingImpaired,
		IdType: contract.ResidentUpdateIdType(in.IdType), IdentityNumber: in.IdentityNumber, Name: in.Name, Phone: in.Phone, PreferredLanguage: in.PreferredLanguage,
		Revision: revision, Risks: in.Risks, Sex: in.Sex, SightImpaired: in.SightImpaired, Ward: in.Ward}
}

func TestResidentUpdate(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	r := must(w.Care.CreateResident(ctx, w.Nurse, uuid.New(), newResident()))(t)
	in := update(newResident(), r.Revision)
	in.IdentityNumber, in.Bed, in.Guardians = nil, "2-01", nil // the form shows the number masked and sends none
	r = must(w.Care.UpdateResident(ctx, w.Nurse, r.Card.Id, in))(t)
	is(t, "the number stays", *r.IdentityMasked, "150***********0019")
	is(t, "bed", r.Card.Bed, "2-01")
	is(t, "guardians", len(r.Guardians), 0)
	_, err := w.Care.UpdateResident(ctx, w.Nurse, r.Card.Id, in)
	refused(t, err, "revision_stale")

	in.Revision = r.Revision
	in.BirthDate = day("1945-03-16")
	_, err = w.Care.UpdateResident(ctx, w.Nurse, r.Card.Id, in)
	fields(t, err, map[string]string{"birthDate": "birth_date_differs"}) // against the stored number
	in.BirthDate = day("1945-03-15")
	in.LeftOn = dayp("2026-02-01")
	_, err = w.Care.UpdateResident(ctx, w.Nurse, r.Card.Id, in)
	fields(t, err, map[string]string{"leftOn": "left_before_admitted"})
	in.LeftOn = dayp("2026-05-01")
	_, err = w.Care.UpdateResident(ctx, w.Nurse, r.Card.Id, in)
	fields(t, err, map[string]string{"leftOn": "day_in_future"})
	in.LeftOn, in.OrganisationId = nil, &w.PureHome
	_, err = w.Care.UpdateResident(ctx, w.Nurse, r.Card.Id, in)
	fields(t, err, map[string]string{"organisationId": "wrong_value"})
	in.OrganisationId = nil

	t.Run("of two at once one wins", func(t *testing.T) {
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { _, errs[i] = w.Care.UpdateResident(ctx, w.Nurse, r.Card.Id, in) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				refused(t, err, "revision_stale")
			}
		}
		is(t, "won", won, 1)
	})
	t.Run("nobody leaves in the middle of a consultation", func(t *testing.T) {
		w.Offered(w.Nurse, r.Card.Id)
		in.Revision, in.LeftOn = r.Revision+1, dayp("2026-03-10")
		_, err := w.Care.UpdateResident(ctx, w.Nurse, r.Card.Id, in)
		refused(t, err, "resident_in_consultation")
	})
	for _, a := range []identity.Actor{w.PureNurse, w.StrangerNurse} {
		_, err := w.Care.UpdateResident(ctx, a, r.Card.Id, in)
		refused(t, err, "not_found")
	}
	for _, a := range []identity.Actor{w.Wang, w.County, w.Sys} {
		_, err := w.Care.UpdateResident(ctx, a, r.Card.Id, in)
		refused(t, err, "forbidden")
	}
}

func TestWhoSeesResidents(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	is(t, "the nurse sees", len(must(w.Care.ListResidents(ctx, w.Nurse))(t)), 3)
	is(t, "the attending doctor sees", len(must(w.Care.ListResidents(ctx, w.Attending))(t)), 3)
	is(t, "another home sees", len(must(w.Care.ListResidents(ctx, w.PureNurse))(t)), 1)
	for _, card := range must(w.Care.ListResidents(ctx, w.HomeAdmin))(t) {
		if !card.Masked || card.Initials != "" || !strings.HasSuffix(card.Name, "*") {
			t.Errorf("an administrator sees %+v", card)
		}
	}
	for _, a := range []identity.Actor{w.Wang, w.County, w.Sys} {
		_, err := w.Care.ListResidents(ctx, a)
		refused(t, err, "forbidden")
		_, err = w.Care.GetResident(ctx, a, w.Resident)
		refused(t, err, "forbidden")
	}
	is(t, "the hospital's administrator sees", len(must(w.Care.ListResidents(ctx, w.HospitalAdmin))(t)), 0)
	_, err := w.Care.GetResident(ctx, w.HomeAdmin, w.Resident)
	refused(t, err, "forbidden")
	r := must(w.Care.GetResident(ctx, w.Nurse, w.Resident))(t)
	is(t, "name", r.Card.Name, "张秀英")
	is(t, "allergies", r.Allergies, "青霉素")
	is(t, "the read is logged", w.Count(`SELECT count(*) FROM access_log WHERE action = 'getResident' AND object_id = $1 AND user_id = $2`, w.Resident, w.Nurse.UserID), 1)
	for _, id := range []uuid.UUID{w.PureResident, w.StrangersResident, uuid.New()} {
		_, err := w.Care.GetResident(ctx, w.Nurse, id)
		refused(t, err, "not_found")
	}
	gone := w.Nurse
	gone.Memberships = nil // what identity gives once the membership has ended
	_, err = w.Care.GetResident(ctx, gone, w.Resident)
	refused(t, err, "forbidden")
	// A nurse who now works elsewhere.
	elsewhere := w.PureNurse
	elsewhere.UserID = w.Nurse.UserID
	_, err = w.Care.GetResident(ctx, elsewhere, w.Resident)
	refused(t, err, "not_found")

	t.Run("an administrator keeps the register, not the record", func(t *testing.T) {
		in := newResident()
		r := must(w.Care.CreateResident(ctx, w.HomeAdmin, uuid.New(), in))(t)
		if r.Allergies != "" || len(r.Guardians) != 0 || *r.Phone != "138****1234" || r.Card.Name != "李**" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("an administrator deletes nothing that was not shown", func(t *testing.T) {
		form := newResident()
		form.Name, form.IdType, form.IdentityNumber = "钱振华", "99", nil
		old := must(w.Care.CreateResident(ctx, w.Nurse, uuid.New(), form))(t)
		in := update(form, old.Revision)
		in.Bed, in.Allergies, in.Phone, in.Guardians = "9-99", nil, nil, nil
		must(w.Care.UpdateResident(ctx, w.HomeAdmin, old.Card.Id, in))(t)
		r := must(w.Care.GetResident(ctx, w.Nurse, old.Card.Id))(t)
		is(t, "bed", r.Card.Bed, "9-99")
		is(t, "allergies", r.Allergies, "头孢")
		is(t, "telephone", *r.Phone, *old.Phone)
		is(t, "guardian", r.Guardians[0].Name, "李小梅")
	})
	t.Run("several institutions", func(t *testing.T) {
		both := w.Nurse
		both.Memberships = append(append([]identity.Membership{}, w.Nurse.Memberships...), w.PureNurse.Memberships...)
		in := newResident()
		in.IdType, in.IdentityNumber = "99", nil
		_, err := w.Care.CreateResident(ctx, both, uuid.New(), in)
		fields(t, err, map[string]string{"organisationId": "required"})
		in.OrganisationId = &w.PureHome
		must(w.Care.CreateResident(ctx, both, uuid.New(), in))(t)
		in.OrganisationId = &w.Stranger
		_, err = w.Care.CreateResident(ctx, both, uuid.New(), in)
		refused(t, err, "not_found")
	})
}

func TestResidentCardFollowsTheConsultation(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	card := func() contract.ResidentCard {
		t.Helper()
		for _, c := range must(w.Care.ListResidents(ctx, w.Nurse))(t) {
			if c.Id == w.Resident {
				return c
			}
		}
		t.Fatal("not listed")
		return contract.ResidentCard{}
	}
	c := card()
	if c.ConsentValid || c.OpenConsultationId != nil || c.LastConsultationAt != nil || c.FollowUpDueOn != nil || c.PortraitId != nil {
		t.Errorf("%+v", c)
	}
	k := w.Draft(w.Nurse, w.Resident)
	is(t, "a draft is on its way", *card().OpenState, "DRAFT")
	must(w.Care.AddVitals(ctx, w.Nurse, uuid.New(), k.Id, contract.VitalsInput{Readings: []contract.VitalInput{
		{Code: "TEMP", Value: number(36.6)}, {Code: "SBP", Value: number(188)}, {Code: "DBP", Value: number(99)}}}))(t)
	w.Consent(w.Nurse, k.Id)
	is(t, "consent", card().ConsentValid, true)
	k = w.Submit(w.Nurse, k.Id, "EMERGENT")
	is(t, "open", *card().OpenConsultationId, k.Id)
	k = w.Claim(w.Wang, k)
	talk := w.Connect(w.Nurse, w.Wang, k)
	talk.Talk(5 * time.Minute)
	k = w.Sign(w.Wang, k, w.Content())
	k = w.Adopt(w.Attending, k)
	c = card()
	if c.OpenConsultationId != nil || c.LastConsultationAt == nil || c.FollowUpDueOn == nil || c.FollowUpDueOn.Format(time.DateOnly) != "2026-03-17" {
		t.Errorf("%+v", c)
	}
	r := must(w.Care.GetResident(ctx, w.Nurse, w.Resident))(t)
	is(t, "newest readings, abnormal first", r.LatestVitals[0].Code, "SBP")
	is(t, "readings", len(r.LatestVitals), 3)
	is(t, "consents", len(r.Consents), 1)
	is(t, "signer", *r.Consents[0].SignerName, "张秀英")
	is(t, "earlier consultations", len(r.RecentConsultations), 1)
	is(t, "diagnosis", *r.RecentConsultations[0].Diagnosis, "I10 原发性高血压")
	is(t, "name on the resident's own page", r.RecentConsultations[0].ResidentName, "张秀英")
	w.Clock.Pass(25 * time.Hour)
	is(t, "readings after a day", len(must(w.Care.GetResident(ctx, w.Nurse, w.Resident))(t).LatestVitals), 0)
	w.Clock.Pass(366 * 24 * time.Hour)
	is(t, "consent after a year", card().ConsentValid, false)
}
