package signaling

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// Frames to the client, and how they are written.

// frameKind is the type of a frame to the client.
type frameKind uint8

const (
	frameWelcome frameKind = iota
	frameResumed
	frameReload
	frameResult
	frameEvent
	framePosition
)

// frameKinds lists all of them in the order of PROTOCOL.md.
func frameKinds() []frameKind {
	return []frameKind{frameWelcome, frameResumed, frameReload, frameResult, frameEvent, framePosition}
}

func (k frameKind) String() string {
	switch k {
	case frameWelcome:
		return "welcome"
	case frameResumed:
		return "resumed"
	case frameReload:
		return "reload"
	case frameResult:
		return "result"
	case frameEvent:
		return "event"
	default:
		return "position"
	}
}

// positions is a number for each stream.
type positions [store.Shards]int64

// raise moves each stream up to where other is, never back, and says whether that changed anything.
func (p *positions) raise(other positions) bool {
	changed := false
	for k := range p {
		if other[k] > p[k] {
			p[k], changed = other[k], true
		}
	}
	return changed
}

// frame waits to be written. The tail is everything after what the writer puts in front, and may be shared with other
// sockets: it is never changed.
type frame struct {
	kind   frameKind
	stream int8 // of an event
	ack    bool // of an event: it is repeated until the client has acknowledged it
	again  bool // it is such a repetition, and has the prev that it had at first
	seq    int64
	prev   int64 // set by the writer
	tail   []byte
	upTo   *positions // of a position
}

func (f frame) size() int { return len(f.tail) + frameOverhead }

// tail makes the shared part of a frame of v, which must marshal to a JSON object that is not empty.
func tail(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return b[1:], nil // the writer puts {"type":…, in front
}

// appendFrame writes the frame.
func appendFrame(b []byte, f frame) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, f.kind.String()...)
	b = append(b, '"', ',')
	switch {
	case f.kind == framePosition:
		b = append(b, `"positions":[`...)
		for k, n := range f.upTo {
			if k > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, n, 10)
		}
		return append(b, ']', '}')
	case f.kind == frameEvent:
		b = append(b, `"stream":`...)
		b = strconv.AppendInt(b, int64(f.stream), 10)
		b = append(b, `,"seq":`...)
		b = strconv.AppendInt(b, f.seq, 10)
		b = append(b, `,"prev":`...)
		b = strconv.AppendInt(b, f.prev, 10)
		b = append(b, ',')
	}
	return append(b, f.tail...)
}

// welcome answers the hello.
type welcome struct {
	Session    uuid.UUID `json:"session"`
	User       uuid.UUID `json:"user"`
	ServerTime time.Time `json:"serverTime"`
	Build      string    `json:"build"`
	ExpiresAt  time.Time `json:"expiresAt"`
	Resume     string    `json:"resume"`
	Positions  positions `json:"positions"`
}

// resumed answers a resume: what was missed follows.
type resumed struct {
	Session    uuid.UUID `json:"session"`
	User       uuid.UUID `json:"user"`
	ServerTime time.Time `json:"serverTime"`
	Build      string    `json:"build"`
	ExpiresAt  time.Time `json:"expiresAt"`
	Resume     string    `json:"resume"`
	Replayed   int       `json:"replayed"`
}

// reload answers a resume that cannot be exact.
type reload struct {
	Reason string `json:"reason"`
}

// The reasons of a reload.
const (
	reloadUnknown = "unknown"
	reloadExpired = "expired"
	reloadGap     = "gap"
)

// result answers a command.
type result struct {
	ID    uuid.UUID `json:"id"`
	OK    bool      `json:"ok"`
	Data  any       `json:"data,omitempty"`
	Error *refusal  `json:"error,omitempty"`
}

// refusal is a problem as a result carries it.
type refusal struct {
	Code              string         `json:"code"`
	Message           string         `json:"message"`
	Args              problem.Args   `json:"args,omitempty"`
	Fields            []refusedField `json:"fields,omitempty"`
	RetryAfterSeconds int            `json:"retryAfterSeconds,omitempty"`
}

type refusedField struct {
	Field   string       `json:"field"`
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Args    problem.Args `json:"args,omitempty"`
}

func refuse(locale string, p *problem.Problem) *refusal {
	r := &refusal{Code: p.Code, Message: problem.Sentence(locale, p.Code, p.Args), Args: p.Args, RetryAfterSeconds: p.RetryAfterSeconds}
	for _, f := range p.Fields {
		r.Fields = append(r.Fields, refusedField{f.Path, f.Code, problem.Sentence(locale, f.Code, f.Args), f.Args})
	}
	return r
}

// event is what the tail of an event holds.
type event struct {
	Event string          `json:"event"`
	At    time.Time       `json:"at"`
	Data  json.RawMessage `json:"data"`
	Ack   bool            `json:"ack,omitempty"`
}

// rowFrame makes the frame of a row of the outbox, to be shared by all who get it.
func rowFrame(row Published) (frame, error) {
	d, err := raw(row.Envelope.Data)
	if err != nil {
		return frame{}, err
	}
	e := event{Event: row.Envelope.Event, At: row.At.UTC(), Data: d, Ack: critical(row.Envelope.Event)}
	t, err := tail(e)
	return frame{kind: frameEvent, stream: int8(row.Shard), ack: e.Ack, seq: row.Seq, tail: t}, err
}
