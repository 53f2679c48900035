package caretest

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/paper"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

// Password is everybody's.
const Password = "Correct-Horse-7"

// Clock is time in the test's hands.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the present instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Pass lets time go by.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Presence says who is there; doctors that the test does not name are off.
type Presence struct {
	mu     sync.Mutex
	states map[uuid.UUID]care.PresenceState
	err    error
}

// Of implements care.Presence.
func (p *Presence) Of(_ context.Context, users []uuid.UUID) (map[uuid.UUID]care.PresenceState, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[uuid.UUID]care.PresenceState{}
	for _, u := range users {
		if s, ok := p.states[u]; ok {
			out[u] = s
		}
	}
	return out, p.err
}

// Set says how somebody is.
func (p *Presence) Set(user uuid.UUID, state string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.states[user] = care.PresenceState{State: state, Connected: state != care.PresenceOff}
}

// Fail makes presence unreachable, nil makes it work again.
func (p *Presence) Fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

// World is one database with its people. Home is an integrated institution with its own licence and an attending doctor on
// duty; PureHome has no medical licence; Stranger is a home with an agreement with another hospital. Hospital has the
// departments 02, 0304 and 0310.
type World struct {
	T        testing.TB
	Store    *store.Store
	Keeper   *seal.Keeper
	KeyFile  string
	Identity *identity.Service
	Care     *care.Service
	Notify   *notify.Service // sends nothing until a test runs it
	Clock    *Clock
	Presence *Presence

	Home, PureHome, Stranger uuid.UUID
	Hospital, OtherHospital  uuid.UUID
	Authority                uuid.UUID
	Departments              map[string]uuid.UUID // of Hospital, by code

	Nurse, Attending, HomeAdmin     identity.Actor // of Home
	PureNurse                       identity.Actor
	StrangerNurse, StrangerDoctor   identity.Actor // StrangerDoctor is of OtherHospital
	Wang, Zhao, Gao, Junior         identity.Actor // doctors: 02; 0304 and 02; 0310; 02 for less than three years
	HospitalAdmin, Desk             identity.Actor // Desk dispatches for Hospital
	County, Sys, Security, Auditor  identity.Actor
	Resident, Second, Dement        uuid.UUID // of Home; Dement has no capacity and a spouse as guardian
	PureResident, StrangersResident uuid.UUID

	hash string
}

// Start is when the world's clock begins: a Tuesday morning in Asia/Shanghai.
func Start() time.Time { return time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC) }

// New builds a world. Its database is dropped at the end of the test.
func New(t testing.TB) *World {
	t.Helper()
	st, err := store.Open(t.Context(), testdb.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	w := &World{T: t, Store: st, Clock: &Clock{at: Start()}, Presence: &Presence{states: map[uuid.UUID]care.PresenceState{}}, Departments: map[string]uuid.UUID{}}
	w.KeyFile = filepath.Join(t.TempDir(), "keys")
	w.Keeper = w.OpenKeeper()
	w.Identity, err = identity.New(st, w.Keeper, identity.Config{Now: w.Clock.Now, HashCost: identity.HashCost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if w.hash, err = w.Identity.HashPassword(t.Context(), Password); err != nil {
		t.Fatal(err)
	}
	w.Notify, err = notify.New(t.Context(), notify.Deps{Store: st, Keeper: w.Keeper, Now: w.Clock.Now, Config: notify.Config{Policy: notify.Policy{AllowPrivate: true}}})
	if err != nil {
		t.Fatal(err)
	}
	w.Care = w.Node()
	w.people()
	return w
}

// OpenKeeper opens the keys as one more node does.
func (w *World) OpenKeeper() *seal.Keeper {
	w.T.Helper()
	kek, err := seal.LoadOrCreateKEK(w.KeyFile)
	if err != nil {
		w.T.Fatal(err)
	}
	keep, err := identity.OpenKeeper(w.T.Context(), w.Store, kek)
	if err != nil {
		w.T.Fatal(err)
	}
	return keep
}

// Node is one more node on the same database, as after a restart.
func (w *World) Node() *care.Service { return w.NodeWith(w.Keeper) }

// NodeWith is Node with a keeper of its own.
func (w *World) NodeWith(keep *seal.Keeper) *care.Service {
	w.T.Helper()
	s, err := care.New(care.Deps{Store: w.Store, Keeper: keep, Identity: w.Identity, Presence: w.Presence, Now: w.Clock.Now, Notify: w.Notify, Printer: paper.NewFonts(),
		Config: care.Config{ConsultPhone: "0471-96120"}})
	if err != nil {
		w.T.Fatal(err)
	}
	return s
}

func (w *World) people() {
	w.Authority = w.Organisation("AUTHORITY", "COUNTY", "新城区卫生健康委员会")
	w.Home = w.Organisation("CARE", "INTEGRATED", "阳光颐养院")
	w.PureHome = w.Organisation("CARE", "CARE_HOME", "康宁养老院")
	w.Stranger = w.Organisation("CARE", "INTEGRATED", "远山敬老院")
	w.Hospital = w.Organisation("MEDICAL", "A100", "青城医院")
	w.OtherHospital = w.Organisation("MEDICAL", "A100", "远山医院")
	for _, org := range []uuid.UUID{w.Home, w.Stranger} {
		w.Licence(org, "CLINIC_FILING", "02")
	}
	for _, org := range []uuid.UUID{w.Hospital, w.OtherHospital} {
		w.Licence(org, "MEDICAL_PRACTICE", "02", "03", "20", "21")
	}
	for code, name := range map[string]string{"02": "全科医疗科", "0304": "心血管内科", "0310": "老年病科"} {
		w.Departments[code] = w.Department(w.Hospital, code, name)
	}
	other := w.Department(w.OtherHospital, "02", "全科医疗科")
	both := []string{"REMOTE_CONSULT", "REHAB_CARE_GUIDE"}
	w.Agreement(w.Home, w.Hospital, both, "02", "0304", "0310")
	w.Agreement(w.PureHome, w.Hospital, both, "02", "0304", "0310")
	w.Agreement(w.Stranger, w.OtherHospital, both, "02")

	w.Nurse = w.User("nurse.li", "李护士", "NURSE", w.Home)
	w.Attending = w.User("dr.chen", "陈医生", "ATTENDING", w.Home)
	w.Professional(w.Attending, "PHYSICIAN", w.Home, 10)
	w.Shift(w.Attending, w.Home)
	w.HomeAdmin = w.User("admin.sun", "孙主任", "INST_ADMIN", w.Home)
	w.PureNurse = w.User("nurse.wu", "吴护士", "NURSE", w.PureHome)
	w.StrangerNurse = w.User("nurse.yuan", "袁护士", "NURSE", w.Stranger)
	w.StrangerDoctor = w.Doctor("dr.yuan", "远医生", w.OtherHospital, 8, other)
	w.Wang = w.Doctor("dr.wang", "王医生", w.Hospital, 8, w.Departments["02"])
	w.Zhao = w.Doctor("dr.zhao", "赵医生", w.Hospital, 12, w.Departments["0304"], w.Departments["02"])
	w.Gao = w.Doctor("dr.gao", "高医生", w.Hospital, 20, w.Departments["0310"])
	w.Junior = w.Doctor("dr.xiao", "小医生", w.Hospital, 1, w.Departments["02"])
	w.HospitalAdmin = w.User("admin.he", "何科长", "INST_ADMIN", w.Hospital)
	w.Desk = w.User("desk.tao", "陶敏", "DISPATCHER", w.Hospital)
	w.County = w.User("county.bai", "白科长", "REG_COUNTY", w.Authority)
	w.Sys = w.User("sys", "系统管理员", "SYS_ADMIN", w.Authority)
	w.Security = w.User("security", "安全管理员", "SEC_ADMIN", w.Authority)
	w.Auditor = w.User("auditor", "审计管理员", "AUDITOR", w.Authority)

	w.Resident = w.ResidentOf(w.Home, "张秀英", "101-1", "FULL")
	w.Second = w.ResidentOf(w.Home, "乌兰其其格", "102-1", "FULL")
	w.Dement = w.ResidentOf(w.Home, "王德福", "103-2", "NONE")
	w.Guardian(w.Dement, "刘桂兰", "SPOUSE")
	w.PureResident = w.ResidentOf(w.PureHome, "赵玉梅", "201-1", "FULL")
	w.StrangersResident = w.ResidentOf(w.Stranger, "孙有才", "301-1", "FULL")
}
