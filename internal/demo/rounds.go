package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/panel"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// roundsKey in the table meta says that the round is planned.
const roundsKey = "demo.rounds"

// seedRounds plans a round for the day of the first start, half an hour ahead, through the use-cases, under the demo's lock.
func seedRounds(ctx context.Context, st *store.Store, keeper *seal.Keeper, id *identity.Service, now time.Time) error {
	return st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockDemo(ctx); err != nil {
			return err
		}
		if _, err := q.MetaValue(ctx, roundsKey); !store.IsNone(err) {
			return err
		}
		quick, err := quickStore(ctx, st)
		if err != nil {
			return err
		}
		defer quick.Close()
		s, err := care.New(care.Deps{Store: quick, Keeper: keeper, Identity: id, Now: func() time.Time { return now }})
		if err != nil {
			return err
		}
		s.UseContracts(panel.Contracts{})
		in := contract.RoundInput{OrganisationId: idOf("organisation", sunshine), DoctorId: idOf("user", "dr.bao"), DepartmentId: idOf("department", saihanyy, "02"),
			StartsAt: now.Add(30 * time.Minute).Truncate(15 * time.Minute), Minutes: 45}
		for _, key := range []string{"sun-shuqin", "chen-jianguo", "zhou-qiming", "he-xiuying"} {
			in.Residents = append(in.Residents, contract.RoundResident{ResidentId: idOf("resident", key)})
		}
		if _, err := s.CreateRound(ctx, actors()["nurse.li"], uuid.NewSHA1(uuid.NameSpaceURL, []byte("lianzhen-demo/round")), in); err != nil {
			return fmt.Errorf("round: %w", err)
		}
		return q.SetMeta(ctx, db.SetMetaParams{Key: roundsKey, Value: consult.DateOf(now).String()})
	})
}
