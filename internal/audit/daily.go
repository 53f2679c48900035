package audit

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Daily proves the record when nobody has done so for a day, on one node at a time, and notes what was found for the metrics. Each fault
// is a line of the log.
func Daily(ctx context.Context, st *store.Store, keep *seal.Keeper, log *slog.Logger, verifiers ...Verifier) error {
	return st.Verifying(ctx, func() error {
		due, err := st.Q().VerificationDue(ctx)
		if err != nil || !due {
			return err
		}
		began := time.Now()
		result, err := Verify(ctx, st, keep, Options{Verifiers: verifiers})
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
		return st.Q().ForgetVerifications(ctx)
	})
}
