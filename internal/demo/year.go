package demo

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/seal"
)

// The shape of a loaded year.
const (
	perInstitution   = 2500 // consultations a year, on average
	residentsOfHome  = 40
	doctorsOfLeague  = 40
	mostInstitutions = 2000
)

// year is made up: everything about consultation i follows from i, so that each table is written in one pass. It has no vitals, calls or
// files: what is measured on it are lists, figures and sheets.
type year struct {
	keep  *seal.Keeper
	n     int
	homes int
	start time.Time // the first day of the year that ended yesterday

	regions []consult.Division // counties
	leagues []consult.Division

	opinions []signed // by diagnosis and outcome
	plan     signed
}

func diagnoses() []string { return []string{"I10", "E11.9", "J44.9", "I50.9"} }
func outcomes() []string {
	return []string{"ADJUST", "CONTINUE", "TEST_ADVISED", "FACE_TO_FACE", "NURSING_PLAN"}
}

func newYear(keeper *seal.Keeper, now time.Time, n int) *year {
	l := &year{keep: keeper, n: n, homes: min(max(n/perInstitution, 4), mostInstitutions), start: consult.DateOf(now).AddDays(-365).Start()}
	for _, d := range consult.Divisions() {
		switch d.Level {
		case "COUNTY":
			l.regions = append(l.regions, d)
		case "LEAGUE":
			l.leagues = append(l.leagues, d)
		}
	}
	l.texts()
	return l
}

func loadID(kind byte, i int) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[8:], uint64(i)) //nolint:gosec // an index
	id[0], id[1], id[6], id[8] = 0x10, kind, 0x80, id[8]|0x80
	return id
}

// The kinds of ids.
const (
	kindAuthority byte = iota + 1
	kindHome
	kindHospital
	kindDepartment
	kindNurse
	kindAttending
	kindDoctor
	kindResident
	kindAgreement
	kindConsent
	kindReport
	kindAdoption
	kindEvent
	kindJudged
	kindLicence
)

// one is a consultation of the year.
type one struct {
	id                                          uuid.UUID
	home, doctor, resident                      int
	submitted, accepted, started, ended, signed time.Time
	adopted                                     time.Time
	state, urgency, service, end, outcome       string
	effective                                   int
	reasons                                     int32
}

func (o one) done() bool { return !o.signed.IsZero() }

func (l *year) one(i int) one {
	r := rand.New(rand.NewPCG(uint64(i), 0x6c6f6164)) //nolint:gosec // reproducible on purpose
	day := i * 365 / l.n
	at := l.start.AddDate(0, 0, day)
	hour := 7 + int(14*(r.Float64()+r.Float64())/2) // most in the late morning and the afternoon
	o := one{home: i % l.homes, submitted: at.Add(time.Duration(hour)*time.Hour + time.Duration(r.IntN(3600))*time.Second).UTC()}
	o.resident = o.home*residentsOfHome + r.IntN(residentsOfHome)
	o.doctor = (o.home%len(l.leagues))*doctorsOfLeague + r.IntN(doctorsOfLeague)
	binary.BigEndian.PutUint64(o.id[:8], uint64(o.submitted.UnixMilli())<<16|0x7000|uint64(r.IntN(4096))) //nolint:gosec // as a version 7
	binary.BigEndian.PutUint64(o.id[8:], 1<<63|uint64(i))                                                 //nolint:gosec // an index
	o.urgency = []string{"CRITICAL", "EMERGENT", "URGENT", "URGENT", "ROUTINE", "ROUTINE", "ROUTINE", "ROUTINE", "ROUTINE", "ROUTINE"}[r.IntN(10)]
	o.service = []string{"REMOTE_CONSULT", "REMOTE_CONSULT", "REMOTE_CONSULT", "CHRONIC_MGMT", "REHAB_CARE_GUIDE", "ONLINE_REVISIT"}[r.IntN(6)]
	switch p := r.IntN(100); {
	case p < 6:
		o.state, o.end = "CANCELLED", "BETTER"
		return o
	case p < 8:
		o.state = "CLOSED_NO_SERVICE"
		return o
	}
	wait := map[string]int{"CRITICAL": 120, "EMERGENT": 420, "URGENT": 2400, "ROUTINE": 9000}[o.urgency]
	o.accepted = o.submitted.Add(time.Duration(float64(wait)*r.ExpFloat64()*0.7) * time.Second)
	o.started = o.accepted.Add(time.Duration(20+r.IntN(400)) * time.Second)
	o.effective = 90 + r.IntN(1500)
	o.ended = o.started.Add(time.Duration(o.effective+30) * time.Second)
	o.signed = o.ended.Add(time.Duration(r.ExpFloat64()*5400) * time.Second)
	o.state, o.outcome = "ARCHIVED", outcomes()[r.IntN(len(outcomes()))]
	if o.service == "REMOTE_CONSULT" {
		o.adopted = o.signed.Add(time.Duration(10+r.IntN(7200)) * time.Second)
	}
	for _, x := range failing() {
		if r.Float64() < x.share {
			o.reasons |= 1 << (x.code - 1)
		}
	}
	return o
}

// failure is a rule NCcode that fails for a share of what was held.
type failure struct {
	code  int
	share float64
}

func failing() [7]failure {
	return [...]failure{{3, 0.004}, {4, 0.01}, {7, 0.03}, {12, 0.02}, {13, 0.012}, {14, 0.01}, {15, 0.015}}
}

func (l *year) authority(i int) (id uuid.UUID, d consult.Division, parent uuid.UUID, kind string) {
	if i < len(l.leagues) {
		return loadID(kindAuthority, i), l.leagues[i], idOf("organisation", region), "LEAGUE"
	}
	d = l.regions[i-len(l.leagues)]
	for j, g := range l.leagues {
		if g.Code == d.Parent {
			parent = loadID(kindAuthority, j)
		}
	}
	return loadID(kindAuthority, i), d, parent, "COUNTY"
}

func (l *year) county(home int) (uuid.UUID, consult.Division) {
	i := home % len(l.regions)
	return loadID(kindAuthority, len(l.leagues)+i), l.regions[i]
}
