package audit

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Daily proves the record when nobody has done so for a day or an auditor asks for it, on one node at a time, and notes what was found for the metrics. Each fault
// is a line of the log. doubted hears of the consultations of which faults speak, and of none when all holds, so that it can prove them
// one by one.
func Daily(ctx context.Context, st *store.Store, keep *seal.Keeper, log *slog.Logger, doubted func(context.Context, []uuid.UUID) error, verifiers ...Verifier) error {
	return st.Verifying(ctx, func() error {
		due, err := st.Q().VerificationDue(ctx)
		if err != nil || !due {
			return err
		}
		began := time.Now()
		var doubts Doubts
		result, err := Verify(ctx, st, keep, Options{Verifiers: verifiers, Told: doubts.Tell})
		if err != nil {
			return err
		}
		for _, f := range result.Faults {
			log.ErrorContext(ctx, "verify: the record is not what it was", "code", f.Code, "kind", f.Kind, "object", f.Object, "seq", f.Seq)
		}
		var entries int64
		for _, c := range result.Chains {
			entries += c.Entries
		}
		if err := st.Q().NoteVerification(ctx, db.NoteVerificationParams{At: result.At, Seconds: time.Since(began).Seconds(), Entries: entries, Faults: int32(result.Found)}); err != nil {
			return fmt.Errorf("note the verification: %w", err)
		}
		records, err := doubts.Records(ctx, st.Q())
		if err != nil {
			return err
		}
		if err := doubted(ctx, records); err != nil {
			return fmt.Errorf("prove the records in doubt: %w", err)
		}
		return st.Q().ForgetVerifications(ctx)
	})
}
