package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// ward is everybody who uses the servers in a run: nurses with their residents, and doctors.
type ward struct {
	site     *Site
	history  *recorder
	password string
	nurses   []*person
	doctors  []*person
	desk     *person // the hospital's dispatcher

	departments []uuid.UUID // that the doctors answer for, the general one first
	consent     contract.ConsentInput
	decline     string // a reason that the catalogue knows; without one nobody declines

	freeMu sync.Mutex
	free   []uuid.UUID // residents without a request on its way

	lineages atomic.Int64
	failures failures
	mischief atomic.Int64 // per cent of acts that are sent twice, repeated or replayed
}

// failures counts answers of 500 and above.
type failures struct {
	mu    sync.Mutex
	byWhy map[string]int
	naked int // of them without a time to try again, or with a status that says nothing
}

func (w *ward) nextLineage() int64 { return w.lineages.Add(1) }

func (w *ward) failed(node, op string, a answer) {
	w.failures.mu.Lock()
	defer w.failures.mu.Unlock()
	if w.failures.byWhy == nil {
		w.failures.byWhy = map[string]int{}
	}
	w.failures.byWhy[fmt.Sprintf("%d %s", a.status, a.code)]++
	if a.status != http.StatusServiceUnavailable || !a.retry {
		w.failures.naked++
	}
}

// takeFailures gives what was counted since the last time.
func (w *ward) takeFailures() (byWhy map[string]int, naked int) {
	w.failures.mu.Lock()
	defer w.failures.mu.Unlock()
	byWhy, naked = w.failures.byWhy, w.failures.naked
	w.failures.byWhy, w.failures.naked = nil, 0
	return byWhy, naked
}

// The names in the demo that the ward is built beside.
const (
	templateNurse  = "nurse.li"
	templateDoctor = "dr.wang"
)

// openWard makes accounts beside the demo's, straight in the suite's own database, and residents through the API.
func openWard(ctx context.Context, s *Site, o Options, history *recorder) (*ward, error) {
	w := &ward{site: s, history: history}
	if err := w.readPassword(ctx); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, s.databaseURL())
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT d.id FROM departments d JOIN memberships m ON m.organisation_id = d.organisation_id JOIN users u ON u.id = m.user_id
		WHERE u.username = $1 AND d.code IN ('02', '0304') ORDER BY d.code`, templateDoctor)
	if err != nil {
		return nil, err
	}
	if w.departments, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
		return nil, err
	}
	for i := range o.Nurses {
		p, err := w.hire(ctx, conn, fmt.Sprintf("chaos.nurse.%d", i), templateNurse, "NURSE", nil, o.Seed+uint64(i))
		if err != nil {
			return nil, fmt.Errorf("a nurse: %w", err)
		}
		w.nurses = append(w.nurses, p)
	}
	for i := range o.Doctors {
		departments := w.departments[:1]
		if i%2 == 1 {
			departments = w.departments
		}
		p, err := w.hire(ctx, conn, fmt.Sprintf("chaos.doctor.%d", i), templateDoctor, "CONSULTANT", departments, o.Seed+1000+uint64(i))
		if err != nil {
			return nil, fmt.Errorf("a doctor: %w", err)
		}
		w.doctors = append(w.doctors, p)
	}
	if w.desk, err = w.hire(ctx, conn, "chaos.desk", templateDoctor, "DISPATCHER", nil, o.Seed+2000); err != nil {
		return nil, fmt.Errorf("a dispatcher: %w", err)
	}
	if err := w.admit(ctx, 2*o.Nurses); err != nil {
		return nil, err
	}
	return w, nil
}

// readPassword learns the demo's password from where the sign-in page has it.
func (w *ward) readPassword(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.site.nodes[0].direct()+"/api/v1/meta", nil)
	if err != nil {
		return err
	}
	res, err := w.site.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var meta contract.Meta
	if err := json.NewDecoder(res.Body).Decode(&meta); err != nil {
		return err
	}
	if len(meta.DemoAccounts) == 0 {
		return fmt.Errorf("the server names no demo accounts")
	}
	w.password = meta.DemoAccounts[0].Password
	return nil
}

// hire makes an account like the template's, whose password it shares.
func (w *ward) hire(ctx context.Context, conn *pgx.Conn, name, template, role string, departments []uuid.UUID, seed uint64) (*person, error) {
	id := uuid.New()
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO users (id, username, display_name, password_hash, must_change_password)
			SELECT $1, $2, $2, password_hash, false FROM users WHERE username = $3`, id, name, template); err != nil {
			return err
		}
		if departments == nil {
			departments = []uuid.UUID{uuid.Nil}
		}
		for _, d := range departments {
			var department *uuid.UUID
			if d != uuid.Nil {
				department = &d
			}
			if _, err := tx.Exec(ctx, `INSERT INTO memberships (id, user_id, organisation_id, department_id, role, valid_from)
				SELECT $1, $2, m.organisation_id, $3, $4, m.valid_from FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.username = $5 LIMIT 1`,
				uuid.New(), id, department, role, template); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO professional_licences (id, user_id, organisation_id, kind, number, title_code, category, scope, independent_since, valid_from)
			SELECT $1, $2, p.organisation_id, p.kind, left($3, 40), p.title_code, p.category, p.scope, p.independent_since, p.valid_from
			FROM professional_licences p JOIN users u ON u.id = p.user_id WHERE u.username = $4 LIMIT 1`, uuid.New(), id, name, template)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newPerson(w, name, id, role, seed), nil
}

// admit makes residents through the API, and reads the text that is consented to.
func (w *ward) admit(ctx context.Context, n int) error {
	nurse := w.nurses[0]
	for i := range n {
		birth := time.Date(1940, 1, 1+i%28, 0, 0, 0, 0, time.UTC)
		number := identityNumber(birth, 901+2*(i%49))
		in := contract.ResidentInput{IdentityNumber: &number, Name: "试" + string(rune('甲'+i%10)) + string(rune('一'+i)), Sex: "1", IdType: "01", Capacity: "FULL", Ward: "试区", Bed: fmt.Sprintf("C-%d", i),
			BirthDate:  openapi_types.Date{Time: birth},
			AdmittedOn: openapi_types.Date{Time: time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC)}}
		body, err := json.Marshal(in)
		if err != nil {
			return err
		}
		a := nurse.try(ctx, w.site.nodes[0].base(), http.MethodPost, "/api/v1/residents", uuid.New(), nurse.bearer(ctx), body)
		var got struct {
			Card struct {
				ID uuid.UUID `json:"id"`
			} `json:"card"`
		}
		if a.err != nil || a.status >= 300 || json.Unmarshal(a.body, &got) != nil || got.Card.ID == uuid.Nil {
			return fmt.Errorf("admit a resident: status %d, %s %s: %w", a.status, a.code, a.body, errOrNone(a.err))
		}
		w.free = append(w.free, got.Card.ID)
	}
	var text contract.ConsentText
	if !nurse.get(ctx, "/api/v1/consent-text?locale=zh-CN", &text) {
		return fmt.Errorf("the consent's text was not given")
	}
	var catalogue struct {
		DeclineReasons []struct{ Code string } `json:"declineReasons"`
	}
	if nurse.get(ctx, "/api/v1/catalogue", &catalogue) && len(catalogue.DeclineReasons) > 0 {
		w.decline = catalogue.DeclineReasons[0].Code
	}
	ink, err := signature()
	if err != nil {
		return err
	}
	w.consent = contract.ConsentInput{Locale: "zh-CN", SignerKind: "SELF", TextVersion: text.Version, TextHash: text.Hash, SignaturePng: &ink,
		Ticks: []contract.ConsentInputTicks{"medical", "sensitive", "provision"}}
	return nil
}

// identityNumber invents one with the right check digit (GB 11643): an odd serial number is a man's.
func identityNumber(birth time.Time, serial int) string {
	digits := fmt.Sprintf("150102%s%03d", birth.Format("20060102"), serial)
	sum, weight := 0, 1 // 2^17 mod 11 and so on, from the left
	for i := len(digits) - 1; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(digits[i]-'0') * weight
	}
	return digits + string("10X98765432"[sum%11])
}

func errOrNone(err error) error {
	if err == nil {
		return fmt.Errorf("refused")
	}
	return err
}

// signature draws a line as long as a name.
func signature() ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 480, 160))
	for i := range img.Pix {
		img.Pix[i] = 0xFF
	}
	for x := 40; x < 440; x++ {
		for y := range 6 {
			img.Set(x, 60+(x*7%41)+y, color.Black)
		}
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// takeResident gives a resident without a request, or none.
func (w *ward) takeResident(n int) (uuid.UUID, bool) {
	w.freeMu.Lock()
	defer w.freeMu.Unlock()
	if len(w.free) == 0 {
		return uuid.Nil, false
	}
	i := n % len(w.free)
	id := w.free[i]
	w.free = append(w.free[:i], w.free[i+1:]...)
	return id, true
}

func (w *ward) giveResident(id uuid.UUID) {
	w.freeMu.Lock()
	defer w.freeMu.Unlock()
	w.free = append(w.free, id)
}

func (w *ward) people() []*person {
	return append(append(append([]*person{}, w.nurses...), w.doctors...), w.desk)
}

// mischievous says whether an act is to be disturbed by repetitions.
func (p *person) mischievous() bool { return p.chance(float64(p.w.mischief.Load()) / 100) }
