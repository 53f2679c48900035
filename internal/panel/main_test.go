package panel_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/panel"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestMain(m *testing.M) {
	testdb.Main(m, testdb.Migrate(os.DirFS("../store/migrations"), func(ctx context.Context, dsn string) error {
		_, err := store.Migrate(ctx, dsn)
		return err
	}))
}

// village is a world with a community health centre that serves the home, and two teams of it.
type village struct {
	*caretest.World
	panel               *panel.Service
	centre              uuid.UUID
	su, qi, other, boss identity.Actor // leader and nurse of the first team; leader of the second; administrator
	team, second        uuid.UUID
}

func newVillage(t *testing.T) *village {
	t.Helper()
	w := &village{World: caretest.New(t)}
	w.panel = w.node()
	w.centre = w.Organisation("MEDICAL", "B100", "海东路社区卫生服务中心")
	w.su, w.qi, w.other = w.User("dr.su", "苏医生", "FAMILY_DOCTOR", w.centre), w.User("nurse.qi", "齐护士", "NURSE", w.centre), w.User("dr.han", "韩医生", "FAMILY_DOCTOR", w.centre)
	w.boss = w.User("admin.fang", "方主任", "INST_ADMIN", w.centre)
	w.Agreement(w.Home, w.centre, []string{"HOME_VISIT"}, "02")
	make := func(name string, members ...contract.FdTeamMember) uuid.UUID {
		made, err := w.panel.CreateTeam(t.Context(), w.boss, uuid.New(), contract.FdTeamInput{Name: name, Members: members})
		if err != nil {
			t.Fatal(err)
		}
		return made.Id
	}
	w.team = make("第一团队", contract.FdTeamMember{UserId: w.su.UserID, Part: "LEADER"}, contract.FdTeamMember{UserId: w.qi.UserID, Part: "NURSE"})
	w.second = make("第二团队", contract.FdTeamMember{UserId: w.other.UserID, Part: "LEADER"})
	return w
}

// node is the use-cases as one more server has them.
func (w *village) node() *panel.Service {
	w.T.Helper()
	s, err := panel.New(panel.Deps{Store: w.Store, Keeper: w.Keeper, Files: w.Care, Now: w.Clock.Now})
	if err != nil {
		w.T.Fatal(err)
	}
	return s
}

func (w *village) today() consult.Date { return consult.DateOf(w.Clock.Now()) }

func day(d consult.Date) openapi_types.Date { return openapi_types.Date{Time: d.Time()} }

// draft draws up a contract for a year from today.
func (w *village) draft(a identity.Actor, team, resident uuid.UUID) contract.FdContract {
	w.T.Helper()
	made, err := w.panel.CreateContract(w.T.Context(), a, uuid.New(), contract.FdContractInput{ResidentId: resident, TeamId: team, Packages: []string{"BASIC"}, Items: []string{"EHR", "CHRONIC_FOLLOW_UP"},
		StartsOn: day(w.today()), EndsOn: day(w.today().AddYears(1).AddDays(-1))})
	if err != nil {
		w.T.Fatal(err)
	}
	return made
}

// signing is a drawn signature of the resident under the present words.
func (w *village) signing(a identity.Actor, c contract.FdContract) contract.FdContractSigning {
	w.T.Helper()
	text, err := w.panel.GetContractText(w.T.Context(), a, c.Id)
	if err != nil {
		w.T.Fatal(err)
	}
	ink := ink(w.T)
	return contract.FdContractSigning{How: "DRAWN", SignerKind: "SELF", SignaturePng: &ink, TextVersion: text.Version, TextHash: text.Hash, Revision: c.Revision}
}

func (w *village) signed(a identity.Actor, team, resident uuid.UUID) contract.FdContract {
	w.T.Helper()
	c := w.draft(a, team, resident)
	made, err := w.panel.SignContract(w.T.Context(), a, uuid.New(), c.Id, w.signing(a, c))
	if err != nil {
		w.T.Fatal(err)
	}
	return made
}

func ink(t testing.TB) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 200, 60))
	for x := range 150 {
		for dy := range 3 {
			img.Set(20+x, 30+dy+x%7, color.Black)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// wantCode wants a refusal with a code, of the whole or of a field.
func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	if err == nil {
		t.Fatalf("not refused; want %s", code)
	}
	p := problem.Of(err)
	if p.Code == code {
		return
	}
	for _, f := range p.Fields {
		if f.Code == code {
			return
		}
	}
	t.Fatalf("refused with %s %+v; want %s", p.Code, p.Fields, code)
}

func (w *village) pass(days int) { w.Clock.Pass(time.Duration(days) * 24 * time.Hour) }
