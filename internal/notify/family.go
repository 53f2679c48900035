package notify

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// FamilyPhones gives the mobile number at which the family of each resident is told: the first of the guardians and relatives in their order who
// has one, otherwise the resident's own. Who is not in the map cannot be reached by SMS.
func FamilyPhones(ctx context.Context, q *db.Queries, keep *seal.Keeper, residents []uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := q.FamilyPhones(ctx, residents)
	if err != nil {
		return nil, fmt.Errorf("telephones of families: %w", err)
	}
	out := map[uuid.UUID]string{}
	for _, r := range rows {
		if out[r.ResidentID] != "" {
			continue
		}
		number, err := keep.OpenText(r.Source, "phone_enc", r.ID, r.PhoneEnc)
		if err != nil {
			return nil, fmt.Errorf("telephone of a family: %w", err)
		}
		if p, err := consult.ParseMobile(number); err == nil {
			out[r.ResidentID] = p.Number
		}
	}
	return out, nil
}

// planFamily makes the message to a family, where there is a telephone and a gateway; who has none is on the list of those who get a letter.
func (s *Service) planFamily(ctx context.Context, q *db.Queries, f db.NotificationsToPlanRow, now time.Time) error {
	phones, err := FamilyPhones(ctx, q, s.keep, []uuid.UUID{*f.ResidentID})
	if err != nil {
		return err
	}
	channel, err := q.FamilyChannel(ctx, db.FamilyChannelParams{ResidentID: *f.ResidentID, SubjectID: f.SubjectID})
	switch {
	case store.IsNone(err) || err == nil && phones[*f.ResidentID] == "":
		return nil
	case err != nil:
		return fmt.Errorf("gateway for a family: %w", err)
	}
	if err := q.AddDelivery(ctx, db.AddDeliveryParams{ID: uuid.Must(uuid.NewV7()), NotificationID: f.ID, OrganisationID: &channel.OrganisationID, ResidentID: f.ResidentID,
		Channel: SMS, ChannelID: &channel.ID, Series: seriesOf(f, *f.ResidentID), AtAnyHour: true, DueAt: f.CreatedAt, Now: now}); err != nil {
		return fmt.Errorf("plan for a family: %w", err)
	}
	return nil
}

// Token draws the secret part of a family's link, 256 random bits, and gives what is kept of it.
func Token() (token string, hash []byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, TokenHash(token)
}

// TokenHash is what is kept of a link.
func TokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// toFamily fills in telephone and link of a message to a family. Each attempt carries a link of its own, since of the former only the hash is left; both
// open the same page.
func (s *Service) toFamily(ctx context.Context, d db.DeliveryToSendRow, words *text, m *message, now time.Time) error {
	phones, err := FamilyPhones(ctx, s.st.Q(), s.keep, []uuid.UUID{*d.ResidentID})
	if err != nil {
		return err
	}
	if m.phone = phones[*d.ResidentID]; m.phone == "" {
		return errNoPhone
	}
	words.family = true
	if d.SubjectID == nil || m.event == AppointmentCancelled || s.cfg.PublicURL == nil {
		return nil
	}
	token, hash := Token()
	if err := s.st.Q().AddAppointmentLink(ctx, db.AddAppointmentLinkParams{TokenHash: hash, AppointmentID: *d.SubjectID, Now: now}); err != nil {
		return fmt.Errorf("link for a family: %w", err)
	}
	words.token = token
	return nil
}

var errNoPhone = errors.New("notify: no telephone of the family is on file")
