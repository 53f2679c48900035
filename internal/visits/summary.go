package visits

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// vitalsShown is how far back readings are shown to who visits.
const vitalsShown = 90 * 24 * time.Hour

// summary adds what who visits has to know of the resident at the bedside: the medicines that are taken and the newest readings.
func (s *Service) summary(ctx context.Context, q *db.Queries, resident uuid.UUID, out *contract.Visit, now time.Time) error {
	rows, err := q.MedicationsOf(ctx, db.MedicationsOfParams{ResidentID: resident, StoppedSince: consult.DateOf(now).Time()})
	if err != nil {
		return fmt.Errorf("medicines: %w", err)
	}
	medicines := []contract.VisitMedicine{}
	for _, m := range rows {
		v := contract.VisitMedicine{Frequency: m.Frequency}
		if v.Name, err = s.openText("medications", "name_enc", m.ID, m.NameEnc); err != nil {
			return err
		}
		if v.Dose, err = s.openText("medications", "dose_enc", m.ID, m.DoseEnc); err != nil {
			return err
		}
		medicines = append(medicines, v)
	}
	readings, err := q.NewestVitalsOf(ctx, db.NewestVitalsOfParams{ResidentID: resident, Since: now.Add(-vitalsShown)})
	if err != nil {
		return fmt.Errorf("readings: %w", err)
	}
	latest := []contract.Vital{}
	for _, r := range readings {
		v := contract.Vital{Id: r.ID, Code: r.Code, Unit: r.Unit, Flag: r.Flag, Confirmed: r.Confirmed, Source: r.Source, TakenAt: r.TakenAt.UTC(), TakenBy: some(r.TakenByName)}
		if r.Value != nil {
			number := float32(*r.Value)
			v.Value = &number
		}
		if r.Qualifier != "" {
			qualifier := contract.VitalQualifier(r.Qualifier)
			v.Qualifier = &qualifier
		}
		latest = append(latest, v)
	}
	out.Medicines, out.LatestVitals = &medicines, &latest
	return nil
}
