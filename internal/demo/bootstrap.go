package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// FirstAccount is the name of the account that Bootstrap opens.
const FirstAccount = "sys"

// Bootstrap opens the first account of a database that has none: the system administrator, with a drawn password that must be
// changed at the first sign-in. The caller prints it once; it is kept nowhere. In a database with accounts, a demo included,
// it does nothing and created is false.
func Bootstrap(ctx context.Context, st *store.Store, id *identity.Service) (username, password string, created bool, err error) {
	n, err := st.Q().CountAccounts(ctx)
	if err != nil {
		return "", "", false, fmt.Errorf("count the accounts: %w", err)
	}
	if n > 0 {
		return "", "", false, nil
	}
	password, hash, err := id.NewPassword(ctx)
	if err != nil {
		return "", "", false, fmt.Errorf("draw a password: %w", err)
	}
	err = st.Tx(ctx, func(q *db.Queries) error {
		created = false
		if err := q.LockDemo(ctx); err != nil {
			return err
		}
		n, err := q.CountAccounts(ctx)
		if err != nil || n > 0 {
			return err // another node was first
		}
		org, user := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
		if err := q.InsertOrganisation(ctx, db.InsertOrganisationParams{ID: org, Kind: "AUTHORITY", TypeCode: "REGION", Name: "系统管理单位", RegionCode: "150000"}); err != nil {
			return err
		}
		if err := q.InsertAccount(ctx, db.InsertAccountParams{ID: user, Username: FirstAccount, DisplayName: "系统管理员", PasswordHash: hash,
			MustChangePassword: true, Locale: "zh-CN"}); err != nil {
			return err
		}
		// Backdated by a moment: a membership begins before the first sign-in by whatever clock.
		if err := q.InsertMembership(ctx, db.InsertMembershipParams{ID: uuid.Must(uuid.NewV7()), UserID: user, OrganisationID: org, Role: "SYS_ADMIN",
			ValidFrom: time.Now().Add(-time.Minute)}); err != nil {
			return err
		}
		created = true
		return nil
	})
	if err != nil {
		return "", "", false, fmt.Errorf("open the first account: %w", err)
	}
	if !created {
		return "", "", false, nil
	}
	return FirstAccount, password, true, nil
}
