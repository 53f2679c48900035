package care_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	// Three requests whose order is not that of their arrival: CRITICAL is pinned, then waited/target decides.
	routine := w.Offered(w.Nurse, w.Resident)
	w.Clock.Pass(30 * time.Minute)
	urgent := w.Draft(w.Nurse, w.Second)
	w.Consent(w.Nurse, urgent.Id)
	urgent = w.Submit(w.Nurse, urgent.Id, "URGENT")
	w.Clock.Pass(10 * time.Minute)
	critical := w.Draft(w.PureNurse, w.PureResident)
	critical = w.Submit(w.PureNurse, critical.Id, "CRITICAL")
	foreign := w.Offered(w.StrangerNurse, w.StrangersResident)

	q := must(w.Care.GetQueue(ctx, w.Wang))(t)
	got := []uuid.UUID{}
	for _, item := range q.Waiting {
		got = append(got, item.Id)
		if item.Id == foreign.Id {
			t.Error("another hospital's request")
		}
	}
	if want := []uuid.UUID{critical.Id, urgent.Id, routine.Id}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	for i := 1; i < len(q.Waiting); i++ {
		key := func(item contract.QueueItem) consult.Waiting {
			return consult.Waiting{ID: item.Id.String(), Urgency: consult.Urgency(item.Urgency), Since: item.OfferedAt, Target: time.Duration(*item.TargetSeconds) * time.Second}
		}
		if !consult.Less(key(q.Waiting[i-1]), key(q.Waiting[i]), q.ServerTime) {
			t.Errorf("place %d is before place %d", i, i-1)
		}
	}
	first := q.Waiting[1]
	is(t, "masked", first.Resident.Name, "乌****")
	asked := 0 // one doctor at a time; the first did not answer in time
	must(w.Care.Sweep(ctx))(t)
	for _, doctor := range []identity.Actor{w.Wang, w.Zhao} {
		if item := must(w.Care.GetQueue(ctx, doctor))(t).Waiting[1]; *item.OfferedToMe {
			asked++
			is(t, "rings until", *item.RingingUntil, w.Clock.Now().Add(consult.RingTime))
		}
	}
	is(t, "doctors who are rung", asked, 1)
	is(t, "dots", first.Completeness, 3)
	is(t, "institution", first.Institution, "阳光颐养院")

	must(w.Care.AddVitals(ctx, w.Nurse, uuid.New(), urgent.Id, contract.VitalsInput{Readings: []contract.VitalInput{
		{Code: "TEMP", Value: number(36.6)}, {Code: "SPO2", Value: number(92)}}}))(t)
	w.Clock.Pass(time.Minute)
	must(w.Care.AddVitals(ctx, w.Nurse, uuid.New(), urgent.Id, contract.VitalsInput{Readings: []contract.VitalInput{{Code: "SPO2", Value: number(91)}}}))(t)
	item := must(w.Care.GetQueue(ctx, w.Wang))(t).Waiting[1]
	is(t, "dots with readings", item.Completeness, 4)
	is(t, "one reading of each", len(item.Vitals), 2)
	is(t, "abnormal first", item.Vitals[0].Code, "SPO2")
	is(t, "the newest", *item.Vitals[0].Value, 91)

	urgent = w.Claim(w.Zhao, urgent)
	q = must(w.Care.GetQueue(ctx, w.Zhao))(t)
	is(t, "mine", len(q.Mine), 1)
	is(t, "the name after the claim", q.Mine[0].Resident.Name, "乌兰其其格")
	is(t, "nothing of my own is taken by others", len(q.Taken), 0)
	q = must(w.Care.GetQueue(ctx, w.Wang))(t)
	is(t, "waiting", len(q.Waiting), 2)
	is(t, "taken", len(q.Taken), 1)
	is(t, "the winner", *q.Taken[0].DoctorName, "赵医生")
	is(t, "masked for the loser", q.Taken[0].Resident.Name, "乌****")
	if q.Taken[0].Complaint != nil || len(q.Taken[0].Vitals) != 0 {
		t.Error("a colleague's case is told")
	}
	w.Clock.Pass(16 * time.Minute)
	is(t, "taken after a quarter of an hour", len(must(w.Care.GetQueue(ctx, w.Wang))(t).Taken), 0)

	for _, a := range []identity.Actor{w.Nurse, w.Attending, w.HospitalAdmin, w.County, w.Sys} {
		_, err := w.Care.GetQueue(ctx, a)
		refused(t, err, "forbidden")
	}
	t.Run("an audience that has ended", func(t *testing.T) {
		w.Exec(`UPDATE audience SET until = $1 WHERE consultation_id = $2`, w.Clock.Now(), routine.Id)
		is(t, "waiting", len(must(w.Care.GetQueue(ctx, w.Wang))(t).Waiting), 1)
		page := must(w.Care.ListConsultations(ctx, w.Wang, contract.ListConsultationsParams{}))(t)
		if slices.ContainsFunc(page.Rows, func(r contract.LogRow) bool { return r.Id == routine.Id }) {
			t.Error("the log still has it")
		}
	})
	is(t, "another hospital's queue", len(must(w.Care.GetQueue(ctx, w.StrangerDoctor))(t).Waiting), 1)
	gone := w.Wang
	gone.Memberships = w.Gao.Memberships // moved to another department
	is(t, "after a move", len(must(w.Care.GetQueue(ctx, gone))(t).Waiting), 0)
}

func TestWorklist(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	list := func(a identity.Actor) contract.Worklist { t.Helper(); return must(w.Care.GetWorklist(ctx, a))(t) }

	k := w.Draft(w.Nurse, w.Resident)
	is(t, "a draft of today", len(list(w.Nurse).Active), 1)
	is(t, "the name at the bedside", list(w.Attending).Active[0].ResidentName, "张秀英")
	is(t, "another home", len(list(w.PureNurse).Active), 0)
	w.Consent(w.Nurse, k.Id)
	k = w.Submit(w.Nurse, k.Id, "ROUTINE")
	k = w.Claim(w.Wang, k)
	is(t, "the doctor holds", len(list(w.Wang).Active), 1)
	is(t, "a colleague", len(list(w.Zhao).Active), 0)
	talk := w.Connect(w.Nurse, w.Wang, k)
	talk.Talk(4 * time.Minute)
	k = must(w.Care.FinishConsultation(ctx, w.Wang, uuid.New(), k.Id, contract.EpochRequest{Epoch: k.Epoch}))(t)
	is(t, "a report to sign", len(list(w.Wang).ReportsPending), 1)
	k = w.Sign(w.Wang, k, w.Content())
	is(t, "signed", len(list(w.Wang).ReportsPending), 0)
	is(t, "to adopt, the attending doctor", len(list(w.Attending).ToAdopt), 1)
	is(t, "to adopt, the nurse", len(list(w.Nurse).ToAdopt), 0)
	is(t, "tasks before adoption", len(list(w.Nurse).Tasks), 0)
	k = w.Adopt(w.Attending, k)
	tasks := list(w.Nurse).Tasks
	is(t, "tasks", len(tasks), 2)
	is(t, "text", tasks[0].Advice.Text, "氨氯地平改为每日一次5mg")
	is(t, "decided by", *tasks[0].Advice.DecidedBy, "陈医生")
	is(t, "the nurse's follow-ups", len(list(w.Nurse).FollowUps), 1)
	is(t, "the doctor's follow-ups", len(list(w.Wang).FollowUps), 1)
	is(t, "a colleague's follow-ups", len(list(w.Zhao).FollowUps), 0)
	is(t, "another home's follow-ups", len(list(w.StrangerNurse).FollowUps), 0)
	for _, task := range tasks {
		must(w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), task.Advice.Id, contract.NoteRequest{}))(t)
	}
	is(t, "tasks when done", len(list(w.Nurse).Tasks), 0)
	w.Draft(w.Nurse, w.Second)
	w.Clock.Pass(24 * time.Hour)
	is(t, "yesterday's draft", len(list(w.Nurse).Active), 0)
	for _, a := range []identity.Actor{w.HomeAdmin, w.County, w.Sys} {
		_, err := w.Care.GetWorklist(ctx, a)
		refused(t, err, "forbidden")
	}
}

// logged enters a consultation of the home with its own creation, as the log sorts by it.
func logged(w *caretest.World, n int, at time.Time) uuid.UUID {
	id := uuid.New()
	w.Exec(`INSERT INTO consultations (id, serial, resident_id, inviting_org_id, invited_org_id, state, urgency, urgency_proposed, service_type, created_by, created_at, submitted_at)
		VALUES ($1, $2, $3, $4, $5, 'CANCELLED', 'ROUTINE', 'ROUTINE', 'REMOTE_CONSULT', $6, $7, $7)`,
		id, fmt.Sprintf("LZT-%05d", n), w.Resident, w.Home, w.Hospital, w.Nurse.UserID, at)
	return id
}

func TestLogPagesAreCompleteAndStable(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	want := map[uuid.UUID]bool{}
	for i := range 25 {
		at := caretest.Start().Add(-time.Duration(i/4) * time.Minute) // four at a time share their instant
		want[logged(w, i, at)] = true
	}
	var cursor *string
	seen := map[uuid.UUID]bool{}
	var last contract.LogRow
	for page := 0; ; page++ {
		p := must(w.Care.ListConsultations(ctx, w.Nurse, contract.ListConsultationsParams{Limit: ptr(4), Cursor: cursor}))(t)
		for _, r := range p.Rows {
			if seen[r.Id] {
				t.Errorf("%s is on two pages", r.Serial)
			}
			if !last.CreatedAt.IsZero() && r.CreatedAt.After(last.CreatedAt) {
				t.Errorf("%s is out of order", r.Serial)
			}
			seen[r.Id], last = true, r
		}
		if p.Next == nil {
			is(t, "pages", page, 6)
			break
		}
		is(t, "size", len(p.Rows), 4)
		if page > 0 {
			is(t, "total of a later page", p.Total, -1)
		}
		cursor = p.Next
		// New rows come in front of what was read.
		logged(w, 1000+page, caretest.Start().Add(time.Duration(page+1)*time.Hour))
	}
	if len(seen) != len(want) {
		t.Errorf("%d rows, want %d", len(seen), len(want))
	}
	for id := range want {
		if !seen[id] {
			t.Errorf("%s was never on a page", id)
		}
	}
	is(t, "total", must(w.Care.ListConsultations(ctx, w.Nurse, contract.ListConsultationsParams{}))(t).Total, 31)
	for _, bad := range []contract.ListConsultationsParams{{Cursor: ptr("nonsense")}, {Limit: ptr(0)}, {Limit: ptr(201)}, {From: dayp("2026-03-02"), To: dayp("2026-03-01")}} {
		_, err := w.Care.ListConsultations(ctx, w.Nurse, bad)
		refused(t, err, "invalid_request")
	}
}

// One person may see a consultation as a nurse of the home, an administrator of the hospital and its doctor: it is on one page once,
// and counted once.
func TestLogShowsEachOnce(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	for i := range 5 {
		logged(w, i, caretest.Start().Add(-time.Duration(i)*time.Hour))
	}
	held := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, held).Talk(time.Minute)
	w.Exec(`UPDATE consultations SET invited_org_id = $2 WHERE serial = $1`, "LZT-00003", w.OtherHospital)
	all := w.Wang
	all.Memberships = slices.Concat(w.Wang.Memberships, w.Nurse.Memberships, w.HomeAdmin.Memberships, w.HospitalAdmin.Memberships)
	for name, x := range map[string]struct {
		who  identity.Actor
		want int
	}{"all at once": {all, 6}, "the home": {w.HomeAdmin, 6}, "the hospital": {w.HospitalAdmin, 5}, "the doctor": {w.Wang, 1}} {
		seen := map[uuid.UUID]bool{}
		in := contract.ListConsultationsParams{Limit: ptr(2)}
		first := must(w.Care.ListConsultations(ctx, x.who, in))(t)
		is(t, name+": total", first.Total, x.want)
		for page := first; ; page = must(w.Care.ListConsultations(ctx, x.who, in))(t) {
			for _, r := range page.Rows {
				if seen[r.Id] {
					t.Errorf("%s: %s is listed twice", name, r.Serial)
				}
				seen[r.Id] = true
			}
			if in.Cursor = page.Next; in.Cursor == nil {
				break
			}
		}
		is(t, name+": rows", len(seen), x.want)
	}
}

// A hospital's year is not counted to its end while somebody waits.
func TestLogIsCountedUpToANumber(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	fill := func(from, to int) contract.LogPage {
		w.Exec(`INSERT INTO consultations (id, serial, resident_id, inviting_org_id, invited_org_id, state, urgency, urgency_proposed, service_type, created_by, created_at, submitted_at)
			SELECT gen_random_uuid(), 'LZT-' || n, $1, $2, $3, 'CANCELLED', 'ROUTINE', 'ROUTINE', 'REMOTE_CONSULT', $4, $5::timestamptz + n * interval '1 second', $5 FROM generate_series($6::integer, $7::integer) n`,
			w.Resident, w.Home, w.Hospital, w.Nurse.UserID, caretest.Start().AddDate(0, -1, 0), from, to)
		return must(w.Care.ListConsultations(t.Context(), w.HospitalAdmin, contract.ListConsultationsParams{}))(t)
	}
	exact := fill(1, 10_000)
	is(t, "total", exact.Total, 10_000)
	is(t, "exceeded", exact.TotalExceeded == nil, true)
	more := fill(10_001, 10_001)
	is(t, "total", more.Total, 10_000)
	is(t, "exceeded", more.TotalExceeded != nil && *more.TotalExceeded, true)
}

// The log says what a diagnosis is coded as, never what the doctor wrote: administrators read it.
func TestLogShowsNoFreeText(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
	content := w.Content()
	(*content.Diagnoses)[0].Text = "张玉兰的高血压，女儿电话13800138000"
	w.Sign(w.Wang, c, content)
	for _, who := range []identity.Actor{w.HomeAdmin, w.HospitalAdmin, w.Nurse} {
		page := must(w.Care.ListConsultations(t.Context(), who, contract.ListConsultationsParams{}))(t)
		is(t, "rows", len(page.Rows), 1)
		is(t, "diagnosis for "+who.Username, *page.Rows[0].Diagnosis, "I10 原发性高血压")
	}
}

func TestLogFilters(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	shanghai := consult.Shanghai()
	logged(w, 1, time.Date(2026, 3, 8, 23, 59, 59, 0, shanghai))
	logged(w, 2, time.Date(2026, 3, 9, 0, 0, 0, 0, shanghai))
	logged(w, 3, time.Date(2026, 3, 9, 23, 59, 59, 0, shanghai))
	k := w.Offered(w.Nurse, w.Second)
	k = w.Claim(w.Wang, k)
	total := func(a identity.Actor, in contract.ListConsultationsParams) int {
		t.Helper()
		p := must(w.Care.ListConsultations(ctx, a, in))(t)
		if len(p.Rows) != p.Total {
			t.Errorf("%d rows of %d", len(p.Rows), p.Total)
		}
		for _, r := range p.Rows {
			if r.ResidentName != "张**" && r.ResidentName != "乌****" {
				t.Errorf("the log shows %s", r.ResidentName)
			}
		}
		return p.Total
	}
	type filter = contract.ListConsultationsParams
	is(t, "all", total(w.Nurse, filter{}), 4)
	is(t, "one local day", total(w.Nurse, filter{From: dayp("2026-03-09"), To: dayp("2026-03-09")}), 2)
	is(t, "until", total(w.Nurse, filter{To: dayp("2026-03-08")}), 1)
	is(t, "state", total(w.Nurse, filter{State: &[]contract.State{"WAITING", "OFFERED"}}), 1)
	is(t, "urgency", total(w.Nurse, filter{Urgency: &[]contract.Urgency{"CRITICAL"}}), 0)
	is(t, "service", total(w.Nurse, filter{ServiceType: &[]string{"REMOTE_CONSULT"}}), 4)
	is(t, "resident", total(w.Nurse, filter{ResidentId: &w.Second}), 1)
	is(t, "doctor", total(w.Nurse, filter{DoctorId: &w.Wang.UserID}), 1)
	is(t, "serial", total(w.Nurse, filter{Q: ptr(" lzt-0000")}), 3)
	is(t, "a wildcard is a letter", total(w.Nurse, filter{Q: ptr("%")}), 0)
	_, err := w.Care.ListConsultations(ctx, w.Nurse, filter{Q: ptr("a\x00b")})
	refused(t, err, "invalid_request")

	t.Run("who sees what", func(t *testing.T) {
		is(t, "attending", total(w.Attending, filter{}), 4)
		is(t, "administrator", total(w.HomeAdmin, filter{}), 4)
		is(t, "the hospital's administrator", total(w.HospitalAdmin, filter{}), 4)
		is(t, "another home", total(w.PureNurse, filter{}), 0)
		is(t, "a home of another hospital", total(w.StrangerNurse, filter{}), 0)
		is(t, "the holder", total(w.Wang, filter{}), 1)
		is(t, "another department", total(w.Gao, filter{}), 0)
		is(t, "another hospital", total(w.StrangerDoctor, filter{}), 0)
		for _, a := range []identity.Actor{w.County, w.Sys} {
			_, err := w.Care.ListConsultations(ctx, a, filter{})
			refused(t, err, "forbidden")
		}
		// What the log counts is what can be opened one by one.
		for _, a := range []identity.Actor{w.Nurse, w.Attending, w.HomeAdmin, w.HospitalAdmin, w.Wang, w.Zhao, w.Gao, w.StrangerDoctor} {
			_, err := w.Care.GetConsultation(ctx, a, k.Id)
			listed := slices.ContainsFunc(must(w.Care.ListConsultations(ctx, a, filter{}))(t).Rows, func(r contract.LogRow) bool { return r.Id == k.Id })
			if listed != (err == nil) {
				t.Errorf("%s: listed %v, opened %v", a.Name, listed, err)
			}
		}
	})
	row := must(w.Care.ListConsultations(ctx, w.HomeAdmin, filter{ResidentId: &w.Second}))(t).Rows[0]
	is(t, "wait", *row.WaitSeconds, 0)
	is(t, "doctor's name", *row.Doctor, "王医生")
	is(t, "nurse's name", *row.Nurse, "李护士")
	is(t, "consent", row.Consent, true)
}

func TestDuty(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	duty := func(a identity.Actor) contract.Duty { t.Helper(); return must(w.Care.GetDuty(ctx, a))(t) }
	department := func(d contract.Duty, code string) contract.DutyDepartment {
		t.Helper()
		for _, v := range d.Departments {
			if v.Code == code {
				return v
			}
		}
		t.Fatalf("no department %s", code)
		return contract.DutyDepartment{}
	}
	d := duty(w.Nurse)
	is(t, "service", d.ServiceType, "REMOTE_CONSULT")
	is(t, "notes", len(d.Notes), 0)
	is(t, "attending", d.Attending.Name, "陈医生")
	is(t, "title", *d.Attending.Title, "主治医师")
	is(t, "departments", len(d.Departments), 3)
	is(t, "phone", d.ConsultPhone, "0471-96120")
	general := department(d, "02")
	is(t, "doctors with the years", len(general.Doctors), 2)
	is(t, "available", general.Available, 2)
	if general.PromiseBy == nil || general.PromiseBy.Before(d.ServerTime) {
		t.Errorf("promise %v", general.PromiseBy)
	}

	t.Run("no medical licence, no attending doctor: guidance, and why", func(t *testing.T) {
		a := w.PureNurse
		a.Locale = "en"
		d := duty(a)
		is(t, "service", d.ServiceType, "REHAB_CARE_GUIDE")
		if d.Attending != nil {
			t.Error("an attending doctor")
		}
		codes := []string{}
		for _, n := range d.Notes {
			codes = append(codes, n.Code)
			if n.Message == "" || n.Message == n.Code || n.Message[0] > 127 {
				t.Errorf("message %q", n.Message)
			}
		}
		if !slices.Contains(codes, "service_no_attending") || !slices.Contains(codes, "service_inviter_unlicensed") {
			t.Errorf("notes %v", codes)
		}
	})
	t.Run("after the shift", func(t *testing.T) {
		w.Exec(`UPDATE duty_shifts SET ends_at = $1`, w.Clock.Now())
		d := duty(w.Nurse)
		is(t, "service", d.ServiceType, "REHAB_CARE_GUIDE")
		is(t, "note", d.Notes[0].Code, "service_no_attending")
		w.Exec(`UPDATE duty_shifts SET ends_at = $1`, w.Clock.Now().AddDate(0, 0, 9))
	})
	t.Run("presence", func(t *testing.T) {
		w.Presence.Set(w.Zhao.UserID, care.PresenceBackSoon)
		w.Presence.Set(w.Gao.UserID, care.PresenceOff)
		w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
		w.Offered(w.Nurse, w.Second)
		general := department(duty(w.Nurse), "02")
		states := map[string]contract.Presence{}
		for _, p := range general.Doctors {
			states[p.Person.Name] = p.Presence
		}
		is(t, "in a call", states["王医生"], "IN_CALL")
		is(t, "back soon", states["赵医生"], "BACK_SOON")
		is(t, "waiting", general.Waiting, 1)
		is(t, "available", general.Available, 1)
		w.Presence.Set(w.Wang.UserID, care.PresenceOff)
		w.Presence.Set(w.Zhao.UserID, care.PresenceOff)
		general = department(duty(w.Nurse), "02")
		is(t, "nobody", general.Available, 0)
		if general.PromiseBy != nil {
			t.Error("a promise while nobody is there")
		}
		w.Presence.Fail(fmt.Errorf("out of reach"))
		is(t, "presence out of reach", department(duty(w.Nurse), "0310").Available, 0)
		w.Presence.Fail(nil)
	})
	t.Run("an agreement that ended", func(t *testing.T) {
		w.Exec(`UPDATE agreements SET valid_to = $1 WHERE inviting_org_id = $2`, caretest.Start().AddDate(0, 0, -1), w.Home)
		d := duty(w.Nurse)
		is(t, "departments", len(d.Departments), 0)
		is(t, "service", d.ServiceType, "")
		is(t, "note", d.Notes[0].Code, "service_no_agreement")
	})
	for _, a := range []identity.Actor{w.Wang, w.HomeAdmin, w.County, w.Sys} {
		_, err := w.Care.GetDuty(ctx, a)
		refused(t, err, "forbidden")
	}
}
