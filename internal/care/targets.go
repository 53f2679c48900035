package care

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// longestTarget in seconds: a week.
const longestTarget = 604800

// ListUrgencyTargets gives the targets, most urgent first.
func (s *Service) ListUrgencyTargets(ctx context.Context, _ identity.Actor) ([]contract.UrgencyTarget, error) {
	rows, err := s.st.Q().UrgencyTargets(ctx)
	if err != nil {
		return nil, fmt.Errorf("list urgency targets: %w", err)
	}
	out := make([]contract.UrgencyTarget, 0, len(rows))
	for _, u := range consult.Urgencies() {
		for _, r := range rows {
			if r.Urgency == u.Code {
				out = append(out, targetView(r))
			}
		}
	}
	return out, nil
}

// SetUrgencyTarget changes how long requests of an urgency may wait. The old and the new numbers go to the access log.
// Requests that are in the queue keep their deadline and are ordered by the new target.
func (s *Service) SetUrgencyTarget(ctx context.Context, a identity.Actor, in contract.UrgencyTarget) (contract.UrgencyTarget, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return contract.UrgencyTarget{}, err
	}
	var f form
	urgency := consult.Urgency(in.Urgency)
	if !urgency.Valid() {
		f.add("urgency", "wrong_value")
	}
	switch {
	case urgency == consult.Scheduled && in.AcceptSeconds != nil:
		f.add("acceptSeconds", "target_by_slot")
	case urgency != consult.Scheduled && in.AcceptSeconds == nil:
		f.add("acceptSeconds", "required")
	case in.AcceptSeconds != nil && (*in.AcceptSeconds < 1 || *in.AcceptSeconds > longestTarget):
		f.add("acceptSeconds", "out_of_range", "min", "1", "max", strconv.Itoa(longestTarget))
	}
	if in.ReportSeconds < 1 || in.ReportSeconds > longestTarget {
		f.add("reportSeconds", "out_of_range", "min", "1", "max", strconv.Itoa(longestTarget))
	}
	if err := f.err(); err != nil {
		return contract.UrgencyTarget{}, err
	}
	var out contract.UrgencyTarget
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		old, err := q.UrgencyTarget(ctx, string(urgency))
		if err := one(err, "the target"); err != nil {
			return err
		}
		var accept *int32
		if in.AcceptSeconds != nil {
			seconds := int32(*in.AcceptSeconds)
			accept = &seconds
		}
		row, err := q.SetUrgencyTarget(ctx, db.SetUrgencyTargetParams{Urgency: string(urgency), AcceptSeconds: accept,
			ReportSeconds: int32(in.ReportSeconds), Revision: revision32(in.Revision), Now: now, UserID: &a.UserID})
		if store.IsNone(err) {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		if err != nil {
			return fmt.Errorf("set the target: %w", err)
		}
		out = targetView(row)
		detail := fmt.Sprintf("%s accept %d>%d report %d>%d", urgency, value(old.AcceptSeconds), value(row.AcceptSeconds), old.ReportSeconds, row.ReportSeconds)
		return s.audit(ctx, q, a, now, RoleSysAdmin, "setUrgencyTarget", "urgency_target", nil, detail)
	})
	return out, err
}

func targetView(r db.UrgencyTarget) contract.UrgencyTarget {
	out := contract.UrgencyTarget{Urgency: contract.Urgency(r.Urgency), ReportSeconds: int(r.ReportSeconds), Revision: int(r.Revision)}
	if r.AcceptSeconds != nil {
		seconds := int(*r.AcceptSeconds)
		out.AcceptSeconds = &seconds
	}
	return out
}
