package care

import (
	"context"
	"io"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/dossier"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ExportResident gives the function that writes everything held about a resident of the caller's institution as a zip (个人信息保护法
// 45), for a reason such as the person's own request. The export is noted before its first byte; what goes wrong later is the
// function's error.
func (s *Service) ExportResident(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.ExportRequest) (func(context.Context, io.Writer) error, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return nil, err
	}
	about := dossier.About{Resident: id, By: a.Name}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		r, err := q.ResidentByID(ctx, id)
		if err := one(err, "the resident"); err != nil {
			return err
		}
		if !a.In(r.OrganisationID, RoleInstAdmin) {
			return problem.NotFound()
		}
		var f form
		reason := f.text("reason", in.Reason, reasonLeast, reasonMost)
		if err := f.err(); err != nil {
			return err
		}
		org, err := q.OrganisationByID(ctx, r.OrganisationID)
		if err := one(err, "the institution"); err != nil {
			return err
		}
		about.Organisation = org.Name
		if about.At, err = s.clock(ctx, q); err != nil {
			return err
		}
		return s.logReason(ctx, q, a, about.At, RoleInstAdmin, "exportResident", "resident", &id, "OK", reason, &id)
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, w io.Writer) error { return dossier.Write(ctx, w, s.st, s.keep, about) }, nil
}
