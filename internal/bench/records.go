package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/demo"
	"github.com/lianzhen-health/lianzhen/internal/goals"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// RecordsOptions say how much is measured.
type RecordsOptions struct {
	Consultations int
	Samples       int // of each kind of look
	ExportRows    int
	Dir           string // where the loaded year stays for other runs; empty: a temporary folder
	Commit        string
	Progress      io.Writer
}

// RecordsDefaults are sizes that a laptop does in a few minutes.
func RecordsDefaults() RecordsOptions {
	return RecordsOptions{Consultations: 200_000, Samples: 40, ExportRows: 100_000}
}

// Records measures what administrators and authorities look at, on a loaded year in a database of its own: the log, evidence, the
// dashboard of each level, and the export of a long sheet with the memory that it takes.
func Records(ctx context.Context, o RecordsOptions) (_ *Report, err error) {
	if err := claimFolder(o.Dir); err != nil {
		return nil, err
	}
	p, err := openPlace(ctx, o.Dir, "-c", "max_wal_size=4GB") // a load of 20 GB is not to be a checkpoint every few seconds
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := p.close(); err == nil {
			err = closed
		}
	}()
	say := func(format string, args ...any) {
		if o.Progress != nil {
			fmt.Fprintf(o.Progress, format+"\n", args...)
		}
	}
	if _, err := demo.Seed(ctx, p.st, p.keeper, time.Now()); err != nil {
		return nil, err
	}
	counted, err := goals.New(goals.Deps{Store: p.st, Keeper: p.keeper, Consultations: p.care, Actors: p.accounts})
	if err != nil {
		return nil, err
	}
	r := &Report{Name: "records", Commit: o.Commit, Machine: machine(ctx, p.st.Pool, p.redis), Params: map[string]any{"consultations": o.Consultations, "samples": o.Samples, "export_rows": o.ExportRows}}
	if err := p.loadYear(ctx, counted, o.Consultations, r, say); err != nil {
		return nil, err
	}
	size, err := p.number(ctx, `SELECT pg_database_size(current_database())`)
	if err != nil {
		return nil, err
	}
	r.add("database", "MB", float64(size)/1e6, Lower)
	m := &records{place: p, goals: counted, o: o, report: r, day: consult.DateOf(time.Now()).AddDays(-40)}
	if err := m.look(ctx); err != nil {
		return nil, err
	}
	return r, m.export(ctx)
}

// folderMark is a file that says that a folder is a benchmark's: nothing else is written to.
const folderMark = "lianzhen-bench"

// claimFolder makes sure that a folder that is to stay is empty or is of an earlier run.
func claimFolder(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	mark := filepath.Join(dir, folderMark)
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read the folder: %w", err)
	}
	if len(there) > 0 {
		return fmt.Errorf("%s holds something else: give an empty folder, or one of an earlier run", dir)
	}
	return os.WriteFile(mark, nil, 0o600)
}

// loadedKey in the table meta says how large the year is that a folder has.
const loadedKey = "bench.records"

// loadYear loads the year and builds the ledger, unless the folder has them.
func (p *place) loadYear(ctx context.Context, counted *goals.Service, n int, r *Report, say func(string, ...any)) error {
	had, err := p.st.Q().MetaValue(ctx, loadedKey)
	if err == nil {
		if had != strconv.Itoa(n) {
			return fmt.Errorf("the folder has a year of %s consultations, not of %d", had, n)
		}
		return nil
	}
	if !store.IsNone(err) {
		return err
	}
	begin, rows := time.Now(), int64(0)
	if err := demo.Load(ctx, p.st, p.keeper, time.Now(), n, func(s demo.Step) { say("%s", s); rows += s.Rows }); err != nil {
		return err
	}
	loaded := time.Since(begin)
	r.add("filled", "s", loaded.Seconds(), Lower)
	r.add("filled_rows", "rows/s", float64(rows)/loaded.Seconds(), Higher)
	r.add("filled_load", "processes", loadAverage(), Lower)
	rebuilt := time.Now()
	if err := counted.RebuildLedger(ctx, nil); err != nil {
		return err
	}
	r.add("ledger_rebuild", "s", time.Since(rebuilt).Seconds(), Lower)
	r.add("ledger_rebuild_load", "processes", loadAverage(), Lower)
	say("%s", demo.Step{Name: "ledger", Rows: int64(n), Took: time.Since(rebuilt)})
	if err := p.exec(ctx, "VACUUM ANALYZE"); err != nil {
		return err
	}
	return p.st.Q().SetMeta(ctx, db.SetMetaParams{Key: loadedKey, Value: strconv.Itoa(n)})
}

type records struct {
	*place
	goals  *goals.Service
	o      RecordsOptions
	report *Report
	day    consult.Date
}

// measure takes the times of something that is done again and again.
func (m *records) measure(name string, do func(i int) error) error {
	var t times
	for i := range m.o.Samples {
		begin := time.Now()
		if err := do(i); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		t.add(time.Since(begin))
	}
	m.report.add(name+"_p50", "ms", t.quantile(0.5), Lower)
	m.report.add(name+"_p95", "ms", t.quantile(0.95), Lower)
	m.report.add(name+"_load", "processes", loadAverage(), Lower)
	return nil
}

// overseer is somebody with one role at an organisation.
func overseer(role string, org uuid.UUID, kind string) identity.Actor {
	return identity.Actor{UserID: uuid.Nil, Name: "bench", Locale: "zh-CN", Memberships: []identity.Membership{{Role: role, OrganisationID: org, OrganisationKind: kind}}}
}

func (m *records) one(ctx context.Context, sql string, args ...any) (id uuid.UUID, err error) {
	err = m.st.Pool.QueryRow(ctx, sql, args...).Scan(&id)
	return id, err
}

func (m *records) look(ctx context.Context) error {
	homes, err := m.st.Q().AllOrganisations(ctx)
	if err != nil {
		return err
	}
	user, err := m.one(ctx, `SELECT id FROM users WHERE username = 'admin.sun'`)
	if err != nil {
		return err
	}
	var admins, hospitals []identity.Actor
	authority := map[string]uuid.UUID{}
	if authority["REGION"], err = m.one(ctx, `SELECT id FROM organisations WHERE type_code = 'REGION' LIMIT 1`); err != nil {
		return err
	}
	if authority["COUNTY"], err = m.one(ctx, `SELECT reporting_parent_id FROM organisations WHERE kind = 'CARE' AND reporting_parent_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`); err != nil {
		return err
	}
	if authority["LEAGUE"], err = m.one(ctx, `SELECT reporting_parent_id FROM organisations WHERE id = $1`, authority["COUNTY"]); err != nil {
		return err
	}
	for _, h := range homes {
		a := overseer("INST_ADMIN", h.ID, h.Kind)
		a.UserID = user
		switch {
		case h.Kind == "CARE" && len(admins) < 50:
			admins = append(admins, a)
		case h.Kind == "MEDICAL" && strings.Contains(h.Name, "中心医院"): // a loaded one, with a twelfth of everything
			hospitals = append(hospitals, a)
		}
	}
	if len(hospitals) == 0 {
		return errors.New("the year has no hospital")
	}
	shown, err := m.logs(ctx, "log", admins)
	if err != nil {
		return err
	}
	if _, err := m.logs(ctx, "log_hospital", hospitals); err != nil {
		return err
	}
	err = m.measure("evidence", func(i int) error {
		row := shown[(i*7)%len(shown)]
		org, err := m.one(ctx, `SELECT inviting_org_id FROM consultations WHERE id = $1`, row.Id)
		if err != nil {
			return err
		}
		a := overseer("INST_ADMIN", org, "CARE")
		a.UserID = user
		_, err = m.care.GetConsultation(ctx, a, row.Id)
		return err
	})
	if err != nil {
		return err
	}
	day := contract.GoalDay{Time: m.day.Time()}
	for _, level := range []struct{ name, role string }{{"INSTITUTION", "INST_ADMIN"}, {"COUNTY", "REG_COUNTY"}, {"LEAGUE", "REG_LEAGUE"}, {"REGION", "REG_REGION"}} {
		err := m.measure("dashboard_"+level.name, func(i int) error {
			a := admins[i%len(admins)]
			if level.name != "INSTITUTION" {
				a = overseer(level.role, authority[level.name], "AUTHORITY")
				a.UserID = user
			}
			_, err := m.goals.GetGoalDashboard(ctx, a, contract.GetGoalDashboardParams{Kind: []contract.GoalKind{"M", "Q", "Y"}[i%3], Day: day})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// logs looks at the log as administrators do: all of it, its second page, by state, urgency, service, month, what does not count, and a
// serial. It gives some of the rows that were shown.
func (m *records) logs(ctx context.Context, name string, admins []identity.Actor) (shown []contract.LogRow, err error) {
	year := m.day.Time().Format("200601")
	from, to := openapi_types.Date{Time: m.day.AddDays(-29).Time()}, openapi_types.Date{Time: m.day.Time()}
	asked := []contract.ListConsultationsParams{
		{},
		{State: &[]contract.State{"CANCELLED"}},
		{Urgency: &[]contract.Urgency{"EMERGENT"}},
		{ServiceType: &[]string{"ONLINE_REVISIT"}},
		{From: &from, To: &to},
		{Countable: new(contract.ListConsultationsParamsCountable("NO"))},
		{Q: &year},
		{Urgency: &[]contract.Urgency{"CRITICAL"}, ServiceType: &[]string{"CHRONIC_MGMT"}, From: &from, To: &to},
	}
	err = m.measure(name, func(i int) error {
		in, a := asked[i%len(asked)], admins[(i/len(asked))%len(admins)]
		page, err := m.care.ListConsultations(ctx, a, in)
		if err != nil {
			return err
		}
		if len(shown) < 200 {
			shown = append(shown, page.Rows...)
		}
		return nil
	})
	return shown, err
}

// export writes the ledger of the whole area for a period of about as many rows as are asked for, and watches the heap.
func (m *records) export(ctx context.Context) error {
	root, err := m.one(ctx, `SELECT id FROM organisations WHERE type_code = 'REGION' LIMIT 1`)
	if err != nil {
		return err
	}
	user, err := m.one(ctx, `SELECT id FROM users WHERE username = 'admin.sun'`)
	if err != nil {
		return err
	}
	a := overseer("REG_REGION", root, "AUTHORITY")
	a.UserID = user
	kind := goals.Year
	for _, k := range []goals.Kind{goals.Month, goals.Quarter} {
		p, _ := goals.PeriodOf(k, m.day)
		n, err := m.number(ctx, `SELECT count(*) FROM ledger WHERE period_on >= $1 AND period_on < $2`, p.First.Time(), p.Before().Time())
		if err != nil {
			return err
		}
		if n >= int64(m.o.ExportRows) {
			kind = k
			break
		}
	}
	p, _ := goals.PeriodOf(kind, m.day)
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak.Store(max(peak.Load(), now.HeapInuse))
			}
		}
	}()
	out, err := os.Create(m.dir + "/export.xlsx")
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	begin := time.Now()
	written, err := m.goals.WriteSheet(ctx, a, goals.SheetRequest{Sheet: "E3", Format: "xlsx", Organisation: root, Period: p, MostRows: m.o.ExportRows}, out)
	took := time.Since(begin)
	close(stop)
	<-done
	if err != nil {
		return err
	}
	size, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	m.report.add("export_rows", "rows", float64(written.Rows), Higher)
	m.report.add("export", "s", took.Seconds(), Lower)
	m.report.add("export_peak_heap", "MB", float64(peak.Load())/1e6, Lower)
	m.report.add("export_file", "MB", float64(size)/1e6, Lower)
	m.report.add("export_load", "processes", loadAverage(), Lower)
	return nil
}
