package goals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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
	rows := []column{{"流水号", "Serial", asText, 20}, {"日期", "Day", asDay, 12}, {"服务类型", "Service", asText, 18}, {"目标", "Goal", asText, 6}, {"紧急程度", "Urgency", asText, 8}, {"状态", "State", asText, 14},
		{"有效时长(分)", "Effective minutes", asRate, 10}, {"是否计入", "Countable", asText, 10}, {"不计入原因代码", "Reason codes", asText, 18}, {"原因说明", "Reasons", asText, 40}, {"规则集", "Ruleset", asText, 14}}
	return rows, func(ctx context.Context, x *exporting, t table) error {
		for after := int32(0); ; {
			page, err := x.q.SnapshotRows(ctx, db.SnapshotRowsParams{SnapshotID: snap.ID, After: after, Batch: exportBatch})
			if err != nil {
				return fmt.Errorf("rows of a snapshot: %w", err)
			}
			for _, r := range page {
				after = r.Position
				var v struct {
					Day       consult.Date `json:"day"`
					Service   string       `json:"service"`
					Goal      string       `json:"goal"`
					Urgency   string       `json:"urgency"`
					State     string       `json:"state"`
					Countable *bool        `json:"countable"`
					Reasons   int64        `json:"reasons"`
					Ruleset   string       `json:"ruleset"`
					Effective int          `json:"effective"`
				}
				if err := json.Unmarshal([]byte(r.Content), &v); err != nil {
					return fmt.Errorf("row %d of a snapshot: %w", r.Position, err)
				}
				var on any
				if !v.Day.IsZero() {
					on = v.Day
				}
				if err := t.row(r.Key, on, x.label(consult.VocabService, v.Service), v.Goal, x.label(consult.VocabUrgency, v.Urgency), x.label(consult.VocabState, v.State), float64(v.Effective)/60,
					x.counts(v.Countable, false), strings.Join(reasonsOf(v.Reasons), " "), x.reasons(v.Reasons), v.Ruleset); err != nil {
					return err
				}
			}
			if len(page) < exportBatch {
				return nil
			}
		}
	}
}
