package goals

import (
	"context"
	"fmt"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// E6: the ledger of visits and home beds.

func visitColumns() []column {
	return []column{{"编号", "No.", asText, 20}, {"类型", "Kind", asText, 14}, {"签约协议号", "Contract", asText, 20}, {"建床日期", "Bed opened", asDay, 12}, {"撤床日期", "Bed closed", asDay, 12},
		{"预约日期", "Booked for", asInstant, 17}, {"到访时间", "Arrived", asInstant, 17}, {"离开时间", "Left", asInstant, 17}, {"老年人编号(脱敏)", "Resident (coded)", asText, 14},
		{"地点", "Institution of the resident", asText, 24}, {"上门机构", "Visiting institution", asText, 24}, {"家庭医生", "Who led", asText, 12}, {"随行", "Second", asText, 12},
		{"生命体征(项)", "Readings", asNumber, 8}, {"处置", "Outcome", asText, 14}, {"状态", "State", asText, 12}, {"下次日期", "Next", asDay, 12}, {"签字", "Signed by", asText, 10},
		{"保险单号", "Insurance", asText, 18}, {"距离km", "Road km", asRate, 8}}
}

func visitRows(ctx context.Context, x *exporting, t table) error {
	rows, err := x.q.ExportVisits(ctx, db.ExportVisitsParams{Members: x.scope.ids(), Since: x.period.First.Time(), Until: x.period.Last().Time()})
	if err != nil {
		return fmt.Errorf("visits: %w", err)
	}
	for _, r := range rows {
		outcome := x.label(consult.VocabOutcome, r.Outcome)
		if _, ok := consult.Lookup(consult.VocabVisitEnd, r.Outcome); ok {
			outcome = x.label(consult.VocabVisitEnd, r.Outcome)
		}
		var km any
		if r.RoadMetres != nil {
			km = float64(*r.RoadMetres) / 1000
		}
		signed := ""
		if r.SignerKind != "" {
			signed = x.label(consult.VocabVisitSigner, r.SignerKind)
		}
		if err := t.row(r.Number, x.label(consult.VocabService, r.Kind), r.Contract, when(r.OpenedOn), when(r.ClosedOn), when(r.StartsAt), when(r.ArrivedAt), when(r.LeftAt), coded(r.ResidentID),
			r.ResidentOrg, r.Organisation, r.Lead, r.Second, int(r.Readings), outcome, x.label(consult.VocabVisitState, r.State), when(r.NextOn), signed, r.InsuranceNo, km); err != nil {
			return err
		}
	}
	return nil
}
