package care

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// talker: the two sides that talk to each other; a colleague of the department does not listen.
func talker(v sight) bool { return v.care() || v.holder }

// chatOpen: from the moment that it is offered until the record is closed.
func chatOpen(st consult.State) bool {
	switch st {
	case consult.StateDraft, consult.StateVoided, consult.StateCancelled, consult.StateClosedNoService, consult.StateNoShow, consult.StateArchived, consult.StateSealed:
		return false
	}
	return true
}

// ListMessages gives the chat in order.
func (s *Service) ListMessages(ctx context.Context, a identity.Actor, id uuid.UUID) ([]contract.Message, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	c, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return nil, err
	}
	if !talker(v) {
		return nil, problem.Forbidden()
	}
	rows, err := q.CaseMessages(ctx, c.ID)
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	out := make([]contract.Message, len(rows))
	for i, r := range rows {
		body, err := s.openText("chat_messages", "body_enc", r.ID, r.BodyEnc)
		if err != nil {
			return nil, err
		}
		side := contract.MessageSenderSide(sideMedical)
		if r.CareSide {
			side = sideCare
		}
		out[i] = contract.Message{Id: r.ID, SenderId: r.SenderID, SenderName: r.DisplayName, SenderSide: side, Body: body, SentAt: r.SentAt.UTC()}
	}
	return out, s.logSight(ctx, q, a, v, "listMessages", c)
}

// SendMessage adds a line to the chat, under an id that the client chose.
func (s *Service) SendMessage(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.MessageInput) (contract.Message, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return contract.Message{}, err
	}
	if blank(in.Body) {
		return contract.Message{}, missing("body")
	}
	if err := checkLength("body", in.Body, 1000); err != nil {
		return contract.Message{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "sendMessage", id, in, talker, func(ch *change) error {
		if !chatOpen(consult.State(ch.c.State)) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		if err := ch.atMost(maxMessages, func() (int64, error) { return ch.q.CountMessages(ctx, ch.c.ID) }); err != nil {
			return err
		}
		if err := ch.q.AddMessage(ctx, db.AddMessageParams{ID: in.Id, ConsultationID: ch.c.ID, SenderID: a.UserID, Now: ch.now,
			BodyEnc: s.sealText("chat_messages", "body_enc", in.Id, in.Body)}); err != nil {
			return fmt.Errorf("message: %w", err)
		}
		to := invitingAudience(ch.c)
		if ch.c.DoctorID != nil {
			to.Users = append(to.Users, *ch.c.DoctorID)
		}
		ch.tell("message.sent", to, messageSent{ConsultationID: ch.c.ID, MessageID: in.Id, SenderID: a.UserID})
		return nil
	})
	if err != nil && !store.Violates(err, "chat_messages_pkey") {
		return contract.Message{}, err
	}
	taken := err
	list, err := s.ListMessages(ctx, a, id)
	if err != nil {
		return contract.Message{}, err
	}
	for _, m := range list {
		if m.Id == in.Id && m.SenderId == a.UserID {
			return m, nil
		}
	}
	return contract.Message{}, problem.New(http.StatusConflict, "id_taken", nil).Because(errors.Join(taken))
}
