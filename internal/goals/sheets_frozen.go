package goals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// frozenSheet is E3 or E8 of what was locked instead of what is now.
func frozenSheet(code string, snap db.Snapshot, columns []column) ([]column, func(context.Context, *exporting, table) error) {
	if code == "E8" {
		return columns, func(ctx context.Context, x *exporting, t table) error {
			var figures []contract.SnapshotFigure
			if err := json.Unmarshal(snap.Figures, &figures); err != nil {
				return fmt.Errorf("figures of a snapshot: %w", err)
			}
			defs, err := x.s.loadDefinitions(ctx, x.q, x.period.Last())
			if err != nil {
				return err
			}
			for _, f := range figures {
				name := ""
				if i := slices.IndexFunc(defs.list, func(d db.IndicatorDefinition) bool { return d.Code == f.Code }); i >= 0 {
					name = x.say(defs.list[i].NameZh, defs.list[i].NameEn)
				}
				var target, source any
				if g := defs.target(f.Code, x.scope.RegionCode); g != nil {
					target, source = g.Value, g.Source
				}
				note := x.stateNote(contract.Indicator{State: contract.IndicatorState(f.State)})
				if f.Imported != nil {
					note = strings.TrimSpace(note + " IMPORTED " + *f.Imported)
				}
				num, den, value := float(f.Numerator), float(f.Denominator), float(f.Value)
				var unit contract.IndicatorUnit
				if f.Denominator == nil {
					unit = "COUNT"
				}
				if x.hides(contract.Indicator{Numerator: f.Numerator, Denominator: f.Denominator, Value: f.Value, Unit: unit}) {
					num, den, value, note = nil, nil, nil, x.notPublished()
				}
				if err := t.row(f.Code, name, num, den, value, target, source, nil, nil, nil, note); err != nil {
					return err
				}
			}
			return nil
		}
	}
	rows := append(consultationColumns(), column{"状态", "State", asText, 14}, column{"规则集", "Ruleset", asText, 14})
	return rows, func(ctx context.Context, x *exporting, t table) error {
		for after := int32(0); ; {
			page, err := x.q.SnapshotRows(ctx, db.SnapshotRowsParams{SnapshotID: snap.ID, After: after, Batch: exportBatch})
			if err != nil {
				return fmt.Errorf("rows of a snapshot: %w", err)
			}
			for _, r := range page {
				after = r.Position
				var v frozenRow
				if err := json.Unmarshal([]byte(r.Content), &v); err != nil {
					return fmt.Errorf("row %d of a snapshot: %w", r.Position, err)
				}
				if err := t.row(x.frozenCells(r.Key, v)...); err != nil {
					return err
				}
			}
			if len(page) < exportBatch {
				return nil
			}
		}
	}
}

// frozenRow is a consultation as a snapshot keeps it: what is counted, and what its sheet says besides. Snapshots of before the latter was kept
// leave those cells empty.
type frozenRow struct {
	Day       consult.Date `json:"day"`
	Service   string       `json:"service"`
	Goal      string       `json:"goal"`
	Urgency   string       `json:"urgency"`
	State     string       `json:"state"`
	Countable *bool        `json:"countable"`
	Reasons   int64        `json:"reasons"`
	Ruleset   string       `json:"ruleset"`
	Effective int          `json:"effective"`
	Sheet     *struct {
		Start, End, Signed                          *time.Time
		Institution, Region, Hospital, Department   string
		Resident, Sex, Diagnosis, Attending, Doctor string
		Title, Licence, Consent, Agreement, Outcome string
		Opinion, Adoption, Digest                   string
		Age, Ability, Rating                        *int
		Referred, Drill                             bool
	} `json:"sheet"`
}

// frozenCells are the columns of E3 and, besides, the state and the ruleset.
func (x *exporting) frozenCells(serial string, v frozenRow) []any {
	var on, start, end, age, ability, rating, signed any
	if !v.Day.IsZero() {
		on = v.Day
	}
	number := func(n *int) any {
		if n == nil {
			return nil
		}
		return *n
	}
	cells := make([]any, 34)
	for i := range cells {
		cells[i] = ""
	}
	drill := false
	if s := v.Sheet; s != nil {
		start, end, signed, age, ability, rating, drill = when(s.Start), when(s.End), when(s.Signed), number(s.Age), number(s.Ability), number(s.Rating), s.Drill
		at := v.Day.Time()
		diagnosis := strings.TrimSpace(s.Diagnosis + " " + strings.TrimPrefix(x.labelAt(consult.VocabCondition, s.Diagnosis, at), s.Diagnosis))
		attending, doctor := s.Attending, s.Doctor
		if x.scope.authority { // without persons
			attending, doctor = "", ""
		}
		for i, text := range map[int]string{5: s.Institution, 6: x.labelAt(consult.VocabDivision, s.Region, at), 7: s.Hospital, 8: x.labelAt(consult.VocabDepartment, s.Department, at),
			12: s.Resident, 13: x.sex(s.Sex), 16: diagnosis, 17: attending, 18: doctor, 19: x.title(s.Title), 20: s.Licence, 21: s.Consent, 22: s.Agreement,
			23: x.label(consult.VocabOutcome, s.Outcome), 24: s.Opinion, 26: x.adoption(s.Adoption), 27: x.yes(s.Referred), 32: s.Digest} {
			cells[i] = text
		}
	}
	cells[0], cells[1], cells[2], cells[3], cells[4] = serial, on, start, end, float64(v.Effective)/60
	cells[9], cells[10], cells[11] = x.label(consult.VocabService, v.Service), v.Goal, x.label(consult.VocabUrgency, v.Urgency)
	cells[14], cells[15], cells[25], cells[28] = age, ability, signed, rating
	cells[29], cells[30], cells[31] = x.counts(v.Countable, drill), strings.Join(reasonsOf(v.Reasons), " "), x.reasons(v.Reasons)
	cells[33] = x.label(consult.VocabState, v.State)
	return append(cells, v.Ruleset)
}
