package identity

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// OfflineFor is how long a device may keep what a person needs for days without network, from a sign-in on or from when the page was last
// opened with the server in reach: the project's own choice.
const OfflineFor = 72 * time.Hour

// OfflineKey gives the key with which the caller's devices seal what they keep, and until when a device may hold it. It is drawn once a
// person, so that what could not be sent opens at the next sign-in wherever it lies, and for nobody else.
func (s *Service) OfflineKey(ctx context.Context, a Actor) (contract.OfflineKey, error) {
	const table, column = "offline_keys", "key_enc"
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	now := s.now()
	give := func() ([]byte, error) {
		return s.st.Q().KeepOfflineKey(ctx, db.KeepOfflineKeyParams{UserID: a.UserID, KeyEnc: s.k.Seal(table, column, a.UserID, fresh), Now: now})
	}
	sealed, err := give()
	if store.IsNone(err) { // somebody else's was drawn at the same time, and is seen from now on
		sealed, err = give()
	}
	if err != nil {
		return contract.OfflineKey{}, fmt.Errorf("key of the device: %w", err)
	}
	key, err := s.k.Open(table, column, a.UserID, sealed)
	if err != nil {
		return contract.OfflineKey{}, fmt.Errorf("key of the device: %w", err)
	}
	return contract.OfflineKey{Key: key, Until: now.Add(OfflineFor).UTC()}, nil
}
