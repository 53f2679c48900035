package sfu

import "errors"

// Error is a refusal with a code that never changes. Callers compare with errors.Is and show the code's sentence in the
// person's language; the text here is for logs.
type Error struct {
	code string
	text string
}

// Error implements error.
func (e *Error) Error() string { return e.text }

// Code returns the stable code, for example "media_ticket_expired".
func (e *Error) Code() string { return e.code }

// The refusals of the relay.
var (
	ErrTicketInvalid     = &Error{"media_ticket_invalid", "media: ticket is not valid"}
	ErrTicketExpired     = &Error{"media_ticket_expired", "media: ticket has expired"}
	ErrEpochStale        = &Error{"media_epoch_stale", "media: ticket belongs to an earlier epoch of the room"}
	ErrRoomFull          = &Error{"media_room_full", "media: room is full"}
	ErrOfferMalformed    = &Error{"media_offer_malformed", "media: offer is malformed"}
	ErrCodecUnsupported  = &Error{"media_codec_unsupported", "media: offer has no codec in common"}
	ErrConnectionUnknown = &Error{"media_connection_unknown", "media: no such connection"}
	ErrProbeBusy         = &Error{"media_probe_busy", "media: too many network tests at once"}
	ErrClosed            = &Error{"media_closed", "media: relay is closed"}
)

// codeInternal stands for failures that are not the caller's.
const codeInternal = "media_internal"

// Code returns the stable code of err, or "media_internal" when err has none.
func Code(err error) string {
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return codeInternal
}
