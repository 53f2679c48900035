package consult

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// countChecks are the checks by the name that a ruleset gives them; each gives what is wrong, nil when the rule holds.
var countChecks = map[string]func(Facts, Settings) *Finding{
	"service_counts":          countsService,
	"completed":               countsCompleted,
	"consented":               countsConsented,
	"agreed":                  countsAgreed,
	"inviter_licensed":        countsInviter,
	"invitee_licensed":        countsInvitee,
	"attended":                countsAttended,
	"doctor_eligible":         countsDoctor,
	"revisit_proved":          countsRevisit,
	"identified":              countsIdentified,
	"reported":                countsReported,
	"adopted":                 countsAdopted,
	"long_enough":             countsLongEnough,
	"not_duplicate":           countsNotDuplicate,
	"not_duplicate_nor_split": countsNotSplit,
	"report_in_time":          countsInTime,
	"not_backdated":           countsNotBackdated,
	"in_scope":                countsInScope,
	"chain_intact":            func(f Facts, _ Settings) *Finding { return failsIf(f.ChainBroken) },
	"not_drill":               func(f Facts, _ Settings) *Finding { return failsIf(f.Drill) },
	"not_upheld":              func(f Facts, _ Settings) *Finding { return failsIf(f.Upheld) },
	"in_area":                 countsInArea,
	"visit_proved":            countsVisitProved,
	"nurse_eligible":          countsNurse,
	"traced":                  countsTraced,
}

func failsIf(bad bool) *Finding {
	if bad {
		return &Finding{}
	}
	return nil
}

func findingWith(args ...string) *Finding {
	f := &Finding{Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i]] = args[i+1]
	}
	return f
}

func (f Facts) basis() string {
	info, _ := f.Service.Info()
	return info.Basis
}

func (f Facts) atHome() bool { return f.Service.AtHome() }

// held tells whether there was a session at all: in person, by call, or a written question that was answered. What was cancelled
// before fails NC02 and is not reproached with the rest.
func (f Facts) held() bool { return !f.End.IsZero() }

// remoteParties: two institutions and an agreement between them.
func (f Facts) remoteParties() bool {
	return f.basis() == "TELEMEDICINE" || f.Service == OnlineRevisit || f.Service == RehabCareGuide || f.Service == MedGuide
}

// NC01: the type is in the goals.
func countsService(f Facts, _ Settings) *Finding {
	info, ok := f.Service.Info()
	return failsIf(!ok || !info.Countable || info.Goal == "")
}

// NC02: adopted, or for what needs no adoption reported. A session that only waits for its report or for its adoption fails NC11 or
// NC12, which name what is to be done; it is not told a second time, unless that rule is switched off.
func countsCompleted(f Facts, cfg Settings) *Finding {
	done := []State{StateAdopted, StateFollowUp, StateArchived, StateSealed}
	if info, ok := f.Service.Info(); ok && !info.NeedsAdoption {
		done = append(done, StateReported)
	}
	if f.held() && slices.Contains(done, f.State) {
		return nil
	}
	if f.held() && !Terminal(f.State) &&
		(cfg.RuleOn("NC11") && countsReported(f, cfg) != nil || cfg.RuleOn("NC12") && countsAdopted(f, cfg) != nil) {
		return nil
	}
	bad := findingWith("state", string(f.State))
	bad.Fixable = !Terminal(f.State)
	return bad
}

// NC03: a consent at the start; an emergency's approval in time and the consent afterwards within the same hours.
func countsConsented(f Facts, cfg Settings) *Finding {
	if !f.held() || f.Consent.ValidAtStart {
		return nil
	}
	e := f.Consent.Emergency
	if e == nil || f.Urgency != Critical {
		return &Finding{}
	}
	until := e.PassedAt.Add(time.Duration(cfg.Int("emergency_hours")) * time.Hour)
	if e.Approved(cfg) && !f.Consent.AfterwardsAt.IsZero() && !f.Consent.AfterwardsAt.After(until) {
		return nil
	}
	return &Finding{Fixable: true, Until: until}
}

func (f Facts) gate(check string) *Refusal { return gateChecks[check](f.Then, f.Service) }

// NC04: the agreement of the day.
func countsAgreed(f Facts, _ Settings) *Finding {
	return failsIf(f.held() && f.remoteParties() && (f.gate("agreement_in_force") != nil || f.gate("agreement_clauses") != nil))
}

// NC05: the inviter's licence of the day.
func countsInviter(f Facts, _ Settings) *Finding {
	return failsIf(f.held() && f.basis() == "TELEMEDICINE" && f.gate("inviter_licence") != nil)
}

// NC06: the invitee's licence and department of the day.
func countsInvitee(f Facts, _ Settings) *Finding {
	if !f.held() || !f.remoteParties() {
		return nil
	}
	bad := f.gate("invitee_licence") != nil || f.gate("invitee_department") != nil ||
		f.Service == OnlineRevisit && f.gate("internet_approval") != nil
	return failsIf(bad)
}

// NC07: the attending doctor of the inviting side, with a licence of the day, for at least half of the time in which both sides
// were carried. Presence is check-in ∩ the tablet's media; where the authority has ruled so also the attending's own media. A
// written question has the responsible doctor and no time.
func countsAttended(f Facts, cfg Settings) *Finding {
	if !f.held() || f.basis() != "TELEMEDICINE" {
		return nil
	}
	needed := cfg.Int("attending_share")
	share := f.attendedShare(cfg)
	if f.gate("attending_available") != nil {
		share = 0
	} else if f.Written {
		share = 100
	}
	if share >= needed {
		return nil
	}
	return findingWith("share", strconv.FormatInt(share, 10), "needed", strconv.FormatInt(needed, 10))
}

// attendedShare is the attending's part of the effective time in whole percent, rounded down.
func (f Facts) attendedShare(cfg Settings) int64 {
	effective := Intersect(f.MediaDoctor, f.MediaResident)
	total := Total(effective)
	if total == 0 {
		return 0
	}
	present := Intersect(f.CheckIns, f.MediaResident)
	if cfg.On("attending_by_video") {
		present = Union(append(slices.Clone(present), f.MediaAttending...))
	}
	return int64(Total(Intersect(present, effective)) * 100 / total)
}

// NC08: the doctor's licence, years, and for internet care the registration.
func countsDoctor(f Facts, _ Settings) *Finding {
	if !f.held() || f.atHome() && f.Service == NetNursing || f.Service == MedGuide {
		return nil
	}
	checks := []string{"doctor_licence"}
	switch {
	case f.basis() == "TELEMEDICINE":
		checks = append(checks, "doctor_years")
	case f.Service == OnlineRevisit:
		checks = append(checks, "doctor_registered", "doctor_years")
	case f.Service == HomeVisit || f.Service == HomeBedRound:
		checks = append(checks, "visiting_doctor_level")
	}
	if f.Then.Doctor == nil {
		return findingWith("refusal", CodeServiceDoctorLicence)
	}
	for _, c := range checks {
		if r := f.gate(c); r != nil {
			bad := findingWith("refusal", r.Code)
			maps.Copy(bad.Args, r.Args)
			return bad
		}
	}
	return nil
}

// NC09: evidence that the doctor found sufficient, and the same diagnosis (the first three characters of ICD-10 name the
// disease).
func countsRevisit(f Facts, _ Settings) *Finding {
	if !f.held() || f.Service != OnlineRevisit {
		return nil
	}
	if f.Revisit == nil || f.Revisit.Decision != RevisitQualified {
		return &Finding{}
	}
	return failsIf(f.Diagnose != "" && f.Revisit.Diagnosis != "" && diseaseOf(f.Diagnose) != diseaseOf(f.Revisit.Diagnosis))
}

func diseaseOf(icd string) string { return icd[:min(len(icd), 3)] }

// NC10: patient and doctor by their real names.
func countsIdentified(f Facts, _ Settings) *Finding {
	if !f.held() {
		return nil
	}
	switch {
	case !f.Resident.Identified && !f.Doctor.Identified:
		return findingWith("who", "BOTH")
	case !f.Resident.Identified:
		return findingWith("who", "RESIDENT")
	case !f.Doctor.Identified:
		return findingWith("who", "DOCTOR")
	}
	return nil
}

// neverAfter is when a report is too late for ever.
func (f Facts) neverAfter(cfg Settings) time.Time {
	return f.End.AddDate(0, 0, int(cfg.Int("late_days_never")))
}

// NC11: a signed report of a doctor who took part.
func countsReported(f Facts, cfg Settings) *Finding {
	if !f.held() || f.Report != nil && f.Report.ByWhoTook {
		return nil
	}
	return &Finding{Fixable: true, Until: f.neverAfter(cfg)}
}

// NC12: the inviting side's decision on a remote service.
func countsAdopted(f Facts, _ Settings) *Finding {
	info, ok := f.Service.Info()
	if !f.held() || !ok || !info.NeedsAdoption || f.Adopted {
		return nil
	}
	return &Finding{Fixable: true}
}

// NC13: the effective time; a written question needs an opinion of some length and an opened case instead.
func countsLongEnough(f Facts, cfg Settings) *Finding {
	if !f.held() || f.atHome() {
		return nil
	}
	if f.Written {
		needed := int(cfg.Int("written_characters"))
		characters := 0
		if f.Report != nil {
			characters = f.Report.Characters
		}
		switch {
		case !f.Opened:
			return findingWith(argWhy, "not_opened")
		case f.Report != nil && characters < needed:
			return findingWith(argWhy, "characters", "characters", strconv.Itoa(characters), "needed", strconv.Itoa(needed))
		}
		return nil
	}
	needed := cfg.Int("min_seconds")
	if f.Unsuitable {
		needed = cfg.Int("min_seconds_unsuitable")
	}
	seconds := EffectiveSeconds(f.MediaDoctor, f.MediaResident)
	if seconds >= needed {
		return nil
	}
	return findingWith("seconds", strconv.FormatInt(seconds, 10), "needed", strconv.FormatInt(needed, 10))
}

// NC14: the earliest counts, others only by approval.
func countsNotDuplicate(f Facts, cfg Settings) *Finding {
	if !f.held() || f.Earlier == "" || slices.Contains(f.Approved, "NC14") {
		return nil
	}
	bad := findingWith("serial", f.Earlier, "hours", strconv.FormatInt(cfg.Int("duplicate_hours"), 10))
	bad.Fixable, bad.Approval = true, true
	return bad
}

// NC14 since 2026-11: as countsNotDuplicate, and the same for parts of one service that was split (Facts.SplitFrom).
func countsNotSplit(f Facts, cfg Settings) *Finding {
	if bad := countsNotDuplicate(f, cfg); bad != nil {
		return bad
	}
	if !f.held() || f.SplitFrom == "" || slices.Contains(f.Approved, "NC14") {
		return nil
	}
	bad := findingWith(argWhy, "split", "serial", f.SplitFrom, "hours", strconv.FormatInt(cfg.Int("duplicate_hours"), 10))
	bad.Fixable, bad.Approval = true, true
	return bad
}

// NC15: the report within a day, after a rescue within six hours; later by approval, after a week never.
func countsInTime(f Facts, cfg Settings) *Finding {
	if !f.held() || f.Report == nil {
		return nil // NC11 says so
	}
	limit := lateLimit(f.ToEmergency || f.Consent.Emergency != nil, cfg)
	late := f.Report.SignedAt.Sub(f.End)
	never := f.Report.SignedAt.After(f.neverAfter(cfg))
	if late <= limit || !never && slices.Contains(f.Approved, "NC15") {
		return nil
	}
	bad := findingWith("hours", strconv.FormatInt(int64(math.Ceil(late.Hours())), 10))
	bad.Fixable, bad.Approval = !never, !never
	return bad
}

// NC16: the server itself saw it happen; nobody arrived at a home before the visit was assessed and booked.
func countsNotBackdated(f Facts, _ Settings) *Finding {
	switch {
	case !f.held() || f.Written:
		return nil
	case f.atHome():
		return failsIf(!f.HomeProof.CheckedIn || f.HomeProof.Backdated)
	}
	return failsIf(len(Union(f.MediaDoctor)) == 0 || len(Union(f.MediaResident)) == 0)
}

// NC17: an elder in the registry on the day.
func countsInScope(f Facts, cfg Settings) *Finding {
	if !f.held() {
		return nil
	}
	day := DateOf(f.End)
	if !f.Start.IsZero() {
		day = DateOf(f.Start)
	}
	r := f.Resident
	there := r.Institution && !day.Before(r.AdmittedOn) && (r.LeftOn.IsZero() || !day.After(r.LeftOn)) || r.Contracted
	age := int(cfg.Int("min_age"))
	if there && (r.YoungerToo || AgeAt(r.Birth, day) >= age) {
		return nil
	}
	return findingWith("age", strconv.Itoa(age))
}

// NC21: the institution lies in the area to which it reports, or the other way round where an area reports by itself.
func countsInArea(f Facts, _ Settings) *Finding {
	if _, known := f.Codes.Division(f.Area); !known {
		return &Finding{}
	}
	return failsIf(f.ReportingArea != "" && !f.Codes.DivisionWithin(f.Area, f.ReportingArea) && !f.Codes.DivisionWithin(f.ReportingArea, f.Area))
}

// NC22: check-in and check-out, contract or bed, record and a signature of the resident or family.
func countsVisitProved(f Facts, cfg Settings) *Finding {
	if !f.held() || !f.atHome() || f.HomeProof.complete() {
		return nil
	}
	return &Finding{Fixable: f.HomeProof.CheckedIn, Until: f.End.AddDate(0, 0, int(cfg.Int("visit_proof_days")))}
}

// NC23: the nurse of Internet+ nursing.
func countsNurse(f Facts, cfg Settings) *Finding {
	return failsIf(f.held() && f.Service == NetNursing && !f.Then.Visit.Nurse.eligible(f.Then.Day, cfg))
}

// NC24: the log of the process, and the recording where one was made by consent.
func countsTraced(f Facts, _ Settings) *Finding {
	return failsIf(f.held() && (f.Events == 0 || f.RecordingLost))
}

// Characters counts what a text says, without white space.
func Characters(texts ...string) int {
	n := 0
	for _, t := range texts {
		for _, r := range t {
			if !isBlank(string(r)) && utf8.ValidRune(r) {
				n++
			}
		}
	}
	return n
}
