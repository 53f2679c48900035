package care

import (
	"context"
	"encoding/json"
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

// Reading back (复述): the nurse says aloud what she understood and ticks it, item by item, and the doctor sees the ticks. It
// happens twice: in the call, of what the doctor is about to sign, where both hear one another; and of the signed items that were
// adopted, before they are carried out. What was read in the call need not be read again when it was signed as it was said.

// AskReadBack asks the nurse on the line to read back what is advised. The list is sent whole: an item that says the same as one
// asked before is that one, with its tick; what is no longer in the list and was not read is withdrawn. Errors: 422 with the fields,
// 409 epoch_stale and read_back_not_now unless a call is on.
func (s *Service) AskReadBack(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ReadBackRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	items := make([]consult.AdviceItem, len(in.Items))
	var f form
	for i, item := range in.Items {
		items[i] = adviceOf(item)
		f.text(fmt.Sprintf("items/%d/text", i), items[i].Text, 1, 500)
		f.refuse(fmt.Sprintf("items/%d/frequency", i), consult.CheckAdviceHow(items[i]))
	}
	if err := f.err(); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "askReadBack", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if !speaking(ch.c) {
			return ch.conflict(ctx, "read_back_not_now", nil)
		}
		return s.askReadBack(ctx, ch, a, items)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// speaking: both sides are or were just connected, so that somebody reads and somebody hears.
func speaking(c db.Consultation) bool { return c.State == string(consult.StateInProgress) }

func (s *Service) askReadBack(ctx context.Context, ch *change, a identity.Actor, items []consult.AdviceItem) error {
	rows, err := ch.q.ReadBacks(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("what is read back: %w", err)
	}
	have := map[consult.AdviceItem]db.ReadBacksRow{}
	for _, r := range rows {
		said, err := s.openAdvice("read_backs", r.ID, r.Kind, r.TextEnc, r.DetailEnc)
		if err != nil {
			return err
		}
		have[said] = r
	}
	asked := 0
	for i, item := range items {
		if r, known := have[item]; known {
			delete(have, item)
			if err := ch.q.PlaceReadBack(ctx, db.PlaceReadBackParams{ID: r.ID, Position: int16(i)}); err != nil {
				return fmt.Errorf("ask to read back: %w", err)
			}
			continue
		}
		row := newID()
		if err := ch.q.AskReadBack(ctx, db.AskReadBackParams{ID: row, ConsultationID: ch.c.ID, Position: int16(i), Kind: string(item.Kind),
			TextEnc: s.sealText("read_backs", "text_enc", row, item.Text), DetailEnc: s.sealDetail("read_backs", row, item.AdviceDetail),
			AskedBy: a.UserID, Now: ch.now}); err != nil {
			return fmt.Errorf("ask to read back: %w", err)
		}
		asked++
	}
	for _, r := range have {
		if err := ch.q.WithdrawReadBack(ctx, db.WithdrawReadBackParams{ID: r.ID, Now: &ch.now}); err != nil {
			return fmt.Errorf("withdraw what was to be read back: %w", err)
		}
	}
	ch.touch("advice")
	if asked == 0 {
		return nil
	}
	return ch.record(ctx, eventReadBackAsked, map[string]any{"items": asked})
}

// ConfirmReadBack ticks an item that the nurse read back to the doctor on the line. Errors: 404 for a foreign item, 409 already_done
// and read_back_not_now (the call is over, or the doctor has changed the item).
func (s *Service) ConfirmReadBack(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	item, err := s.st.Q().ReadBackByID(ctx, id)
	if store.IsNone(err) {
		return contract.Consultation{}, problem.NotFound()
	}
	if err != nil {
		return contract.Consultation{}, fmt.Errorf("what is read back: %w", err)
	}
	err = s.onConsultation(ctx, a, &cmd, "confirmReadBack", item.ConsultationID, id, bedside, func(ch *change) error {
		item, err := ch.q.ReadBackByID(ctx, id)
		if err != nil {
			return fmt.Errorf("what is read back: %w", err)
		}
		switch {
		case item.ReadBackAt != nil:
			return ch.conflict(ctx, "already_done", nil)
		case item.WithdrawnAt != nil || !speaking(ch.c):
			return ch.conflict(ctx, "read_back_not_now", nil)
		}
		rows, err := ch.q.ConfirmReadBack(ctx, db.ConfirmReadBackParams{ID: id, ReadBackBy: &a.UserID, Now: &ch.now})
		if err != nil {
			return fmt.Errorf("read back: %w", err)
		}
		if rows != 1 {
			return ch.conflict(ctx, "already_done", nil)
		}
		ch.touch("advice")
		return ch.record(ctx, eventReadBack, map[string]any{"readBackId": id, "kind": item.Kind})
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, item.ConsultationID)
}

// ReadBackAdvice ticks a signed item as read back, of those that may be carried out. Carrying out does not wait for it: in an
// emergency hands come first, and the record shows what was read and what was not. Errors: 404 for a foreign item, 409 already_done,
// 422 advice_not_executable.
func (s *Service) ReadBackAdvice(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	item, err := s.st.Q().AdviceByID(ctx, id)
	if store.IsNone(err) {
		return contract.Consultation{}, problem.NotFound()
	}
	if err != nil {
		return contract.Consultation{}, fmt.Errorf("advice: %w", err)
	}
	err = s.onConsultation(ctx, a, &cmd, "readBackAdvice", item.ConsultationID, id, bedside, func(ch *change) error {
		item, err := ch.q.AdviceByID(ctx, id)
		if err != nil {
			return fmt.Errorf("advice: %w", err)
		}
		if item.ReadBackAt != nil {
			return ch.conflict(ctx, "already_done", nil)
		}
		newest, err := newestReport(ctx, ch.q, ch.c.ID)
		if err != nil {
			return err
		}
		if item.ReportID != newest || !executable(ch.c, item.Decision, item.ExecutedAt != nil) {
			return problem.New(http.StatusUnprocessableEntity, "advice_not_executable", nil)
		}
		rows, err := ch.q.ReadBackAdvice(ctx, db.ReadBackAdviceParams{ID: id, ReadBackBy: &a.UserID, Now: &ch.now})
		if err != nil {
			return fmt.Errorf("read back: %w", err)
		}
		if rows != 1 {
			return ch.conflict(ctx, "already_done", nil)
		}
		ch.touch("advice")
		return ch.record(ctx, eventReadBack, map[string]any{"adviceId": id, "kind": item.Kind})
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, item.ConsultationID)
}

// readInCall are the items that were read back in the call, by what they say.
func (s *Service) readInCall(ctx context.Context, ch *change) (map[consult.AdviceItem]db.CarriedOverParams, error) {
	rows, err := ch.q.ReadBacks(ctx, ch.c.ID)
	if err != nil {
		return nil, fmt.Errorf("what was read back: %w", err)
	}
	out := map[consult.AdviceItem]db.CarriedOverParams{}
	for _, r := range rows {
		if r.ReadBackAt == nil {
			continue
		}
		item, err := s.openAdvice("read_backs", r.ID, r.Kind, r.TextEnc, r.DetailEnc)
		if err != nil {
			return nil, err
		}
		out[item] = db.CarriedOverParams{ReadBackBy: r.ReadBackBy, ReadBackAt: r.ReadBackAt}
	}
	return out, nil
}

// readBacks shows both sides what is asked to be read back, and the ticks.
func (b *caseView) readBacks(ctx context.Context) error {
	if !b.full() || b.c.StartedAt == nil {
		return nil
	}
	rows, err := b.q.ReadBacks(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("what is read back: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	out := make([]contract.ReadBack, len(rows))
	for i, r := range rows {
		said, err := b.s.openAdvice("read_backs", r.ID, r.Kind, r.TextEnc, r.DetailEnc)
		if err != nil {
			return err
		}
		out[i] = contract.ReadBack{Id: r.ID, Kind: r.Kind, Text: said.Text, Dose: some(said.Dose), Route: some(said.Route), Frequency: some(said.Frequency),
			Days: some(said.Days), AskedAt: r.AskedAt.UTC(), ReadBackBy: some(r.Reader), ReadBackAt: utc(r.ReadBackAt)}
		b.facts.toRead = b.facts.toRead || r.ReadBackAt == nil
	}
	b.out.ReadBacks = &out
	return nil
}

// sealDetail seals how an item is carried out; nil when nothing is said of it.
func (s *Service) sealDetail(table string, id uuid.UUID, d consult.AdviceDetail) []byte {
	if d == (consult.AdviceDetail{}) {
		return nil
	}
	raw, _ := json.Marshal(d) // strings and a number: cannot fail
	return s.keep.Seal(table, "detail_enc", id, raw)
}

// openAdvice opens an item of advice, without an id, so that it compares by what it says.
func (s *Service) openAdvice(table string, id uuid.UUID, kind string, text, detail []byte) (consult.AdviceItem, error) {
	item := consult.AdviceItem{Kind: consult.AdviceKind(kind)}
	var err error
	if item.Text, err = s.openText(table, "text_enc", id, text); err != nil {
		return item, err
	}
	if detail == nil {
		return item, nil
	}
	raw, err := s.keep.Open(table, "detail_enc", id, detail)
	if err != nil {
		return item, fmt.Errorf("open advice %s: %w", id, err)
	}
	if err := json.Unmarshal(raw, &item.AdviceDetail); err != nil {
		return item, fmt.Errorf("open advice %s: %w", id, err)
	}
	return item, nil
}
