package consult

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// lawful is a situation in which a remote consultation is possible.
func lawful() Situation {
	always := Licence{Held: true, From: Date{2020, 1, 1}}
	return Situation{
		Day: Date{2026, 10, 20}, Urgency: Urgent, Department: "0304",
		InviterLicence: always, NursePresent: true,
		Attending: &Attending{Licence: always, Level: LevelPhysician},
		Agreements: []Agreement{{From: Date{2026, 1, 1}, To: Date{2026, 12, 31},
			Services: []ServiceType{RemoteConsult, RehabCareGuide}, Departments: []string{"03"}}},
		Invitee: Invitee{Licence: always, Departments: []string{"03", "0403"}},
		Doctor:  &InvitedDoctor{Licence: always, IndependentSince: Date{2023, 10, 20}},
	}
}

func TestDecideService(t *testing.T) {
	over := Licence{Held: true, From: Date{2020, 1, 1}, To: Date{2026, 10, 19}}
	tests := []struct {
		name    string
		change  func(*Situation)
		service ServiceType
		reasons string // rule:code:service
		err     string
	}{
		{"all in order", func(*Situation) {}, RemoteConsult, "", ""},
		{"doctor not yet known", func(s *Situation) { s.Doctor = nil }, RemoteConsult, "", ""},
		{"last day of a licence", func(s *Situation) { s.InviterLicence.To = s.Day }, RemoteConsult, "", ""},
		{"pure care home", func(s *Situation) { s.InviterLicence = Licence{} }, RehabCareGuide,
			"G-RM-02:service_inviter_unlicensed:REMOTE_CONSULT", ""},
		{"licence ran out yesterday", func(s *Situation) { s.InviterLicence = over }, RehabCareGuide,
			"G-RM-02:service_inviter_unlicensed:REMOTE_CONSULT", ""},
		{"nurse alone", func(s *Situation) { s.Attending = nil }, RehabCareGuide,
			"G-RM-03:service_no_attending:REMOTE_CONSULT", ""},
		{"attending's licence ran out", func(s *Situation) { s.Attending.Licence = over }, RehabCareGuide,
			"G-RM-03:service_attending_licence:REMOTE_CONSULT", ""},
		{"assistant physician in a nursing hospital", func(s *Situation) { s.Attending.Level = LevelAssistant }, RehabCareGuide,
			"G-RM-03:service_attending_level:REMOTE_CONSULT", ""},
		{"village doctor in primary care", func(s *Situation) { s.Attending.Level, s.InviterPrimary = LevelVillage, true }, RemoteConsult, "", ""},
		{"two years of practice", func(s *Situation) { s.Doctor.IndependentSince = Date{2023, 10, 21} }, RehabCareGuide,
			"G-RM-04:service_doctor_years:REMOTE_CONSULT", ""},
		{"years unknown", func(s *Situation) { s.Doctor.IndependentSince = Date{} }, RehabCareGuide,
			"G-RM-04:service_doctor_years:REMOTE_CONSULT", ""},
		{"agreement on guidance only", func(s *Situation) { s.Agreements[0].Services = []ServiceType{RehabCareGuide} }, RehabCareGuide,
			"G-RM-06:service_agreement_scope:REMOTE_CONSULT", ""},
		{"agreement on consultations only, nurse alone", func(s *Situation) {
			s.Agreements[0].Services, s.Attending = []ServiceType{RemoteConsult}, nil
		}, "", "G-RM-03:service_no_attending:REMOTE_CONSULT G-RM-06:service_agreement_scope:REHAB_CARE_GUIDE", CodeServiceAgreementScope},
		{"no agreement", func(s *Situation) { s.Agreements = nil }, "",
			"G-RM-06:service_no_agreement:REMOTE_CONSULT G-RM-06:service_no_agreement:REHAB_CARE_GUIDE", CodeServiceNoAgreement},
		{"agreement ran out", func(s *Situation) { s.Agreements[0].To = Date{2026, 10, 19} }, "",
			"G-RM-06:service_agreement_not_in_force:REMOTE_CONSULT G-RM-06:service_agreement_not_in_force:REHAB_CARE_GUIDE", CodeServiceAgreementDates},
		{"old and new agreement", func(s *Situation) {
			s.Agreements = append([]Agreement{{From: Date{2020, 1, 1}, To: Date{2025, 12, 31}}}, s.Agreements...)
		}, RemoteConsult, "", ""},
		{"agreement without the department", func(s *Situation) { s.Department = "0403" }, "",
			"G-RM-06:service_agreement_scope:REMOTE_CONSULT G-RM-06:service_agreement_scope:REHAB_CARE_GUIDE", CodeServiceAgreementScope},
		{"hospital without the department", func(s *Situation) { s.Department = "13"; s.Agreements[0].Departments = []string{"13"} }, "",
			"G-RM-02:service_invitee_department:REMOTE_CONSULT G-RM-02:service_invitee_department:REHAB_CARE_GUIDE", CodeServiceInviteeDept},
		{"hospital's licence ran out", func(s *Situation) { s.Invitee.Licence = over }, "",
			"G-RM-02:service_invitee_unlicensed:REMOTE_CONSULT G-RM-02:service_invitee_unlicensed:REHAB_CARE_GUIDE", CodeServiceInviteeLicence},
		{"doctor's licence ran out", func(s *Situation) { s.Doctor.Licence = over }, "",
			"G-RM-05:service_doctor_licence:REMOTE_CONSULT G-RM-05:service_doctor_licence:REHAB_CARE_GUIDE", CodeServiceDoctorLicence},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := lawful()
			tt.change(&s)
			d := DecideService(s)
			var reasons []string
			for _, r := range d.Reasons {
				reasons = append(reasons, r.Rule+":"+r.Code+":"+string(r.Service))
			}
			if d.Service != tt.service || d.EmergencyOverride || strings.Join(reasons, " ") != tt.reasons {
				t.Errorf("got %+v for %v", d, reasons)
			}
			wantCode(t, d.Err(), tt.err)
		})
	}
}

func TestCriticalIsNotDelayed(t *testing.T) {
	tests := []struct {
		name     string
		change   func(*Situation)
		service  ServiceType
		override bool
	}{
		{"all in order", func(*Situation) {}, RemoteConsult, false},
		{"nurse alone", func(s *Situation) { s.Attending = nil }, RehabCareGuide, false},
		{"no agreement", func(s *Situation) { s.Agreements = nil }, RemoteConsult, true},
		{"nurse alone, no agreement", func(s *Situation) { s.Attending, s.Agreements = nil, nil }, RehabCareGuide, true},
		{"two years of practice, no agreement", func(s *Situation) { s.Doctor.IndependentSince, s.Agreements = Date{2025, 1, 1}, nil }, RehabCareGuide, true},
		{"hospital's licence ran out", func(s *Situation) { s.Invitee.Licence = Licence{} }, "", false},
		{"doctor's licence ran out", func(s *Situation) { s.Doctor.Licence = Licence{} }, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := lawful()
			s.Urgency = Critical
			tt.change(&s)
			d := DecideService(s)
			if d.Service != tt.service || d.EmergencyOverride != tt.override {
				t.Errorf("got %+v", d)
			}
			if (d.Err() == nil) != (tt.service != "") {
				t.Errorf("error %v", d.Err())
			}
		})
	}
}

// In whatever situation: a remote consultation without override means every rule holds; nothing is refused without a
// reason; CRITICAL gets a service wherever the answering side is licensed.
func TestDecideServiceProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
		s := lawful()
		s.Urgency = rapid.SampledFrom([]Urgency{Critical, Emergent, Routine}).Draw(t, "urgency")
		inviter, attending, agreement := yes("inviter"), yes("attending"), yes("agreement")
		invitee, department, doctor, years := yes("invitee"), yes("department"), yes("doctor"), yes("years")
		if !inviter {
			s.InviterLicence = Licence{}
		}
		if !attending {
			s.Attending = nil
		}
		if !agreement {
			s.Agreements = nil
		}
		if !invitee {
			s.Invitee.Licence = Licence{}
		}
		if !department {
			s.Invitee.Departments = nil
		}
		if !doctor {
			s.Doctor.Licence = Licence{}
		}
		if !years {
			s.Doctor.IndependentSince = s.Day
		}
		d := DecideService(s)
		answering := invitee && department && doctor
		all := inviter && attending && agreement && answering && years
		if (d.Service == RemoteConsult && !d.EmergencyOverride) != all {
			t.Fatalf("%+v", d)
		}
		if (d.Service == "") == (answering && (agreement || s.Urgency == Critical)) {
			t.Fatalf("%+v", d)
		}
		if d.EmergencyOverride && s.Urgency != Critical {
			t.Fatal("an override without an emergency")
		}
		if !all && len(d.Reasons) == 0 {
			t.Fatal("no reason given")
		}
		if (d.Err() == nil) != (d.Service != "") {
			t.Fatalf("%+v, %v", d, d.Err())
		}
	})
}
