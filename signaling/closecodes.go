package signaling

// closeCode tells a client by its number what to do: below 3500 it connects again, from 3500 on it does not.
type closeCode int

// The close codes of PROTOCOL.md.
const (
	closeDisconnected closeCode = 3000
	closeShutdown     closeCode = 3001
	closeResumed      closeCode = 3002
	closeTokenExpired closeCode = 3005
	closeSlow         closeCode = 3008
	closeNoPong       closeCode = 3012
	closeTooMany      closeCode = 3013
	closeNoAck        closeCode = 3014
	closeUnauthorized closeCode = 3500
	closeBadRequest   closeCode = 3501
	closeBadFrame     closeCode = 3502
	closeReplaced     closeCode = 3504
	closeFrameTooBig  closeCode = 3509
	closeRevoked      closeCode = 3510
	closePassword     closeCode = 3511
)

// name is the word beside the number; it travels as the close reason, followed by a detail where there is one.
func (c closeCode) name() string {
	switch c {
	case closeShutdown:
		return "shutdown"
	case closeTokenExpired:
		return "token_expired"
	case closeSlow:
		return "slow"
	case closeNoPong:
		return "no_pong"
	case closeTooMany:
		return "too_many"
	case closeNoAck:
		return "no_ack"
	case closeUnauthorized:
		return "unauthorized"
	case closeBadRequest:
		return "bad_request"
	case closeBadFrame:
		return "bad_frame"
	case closeResumed:
		return "resumed"
	case closeReplaced:
		return "replaced"
	case closeFrameTooBig:
		return "frame_too_large"
	case closeRevoked:
		return "revoked"
	case closePassword:
		return "password_change_required"
	default:
		return "disconnected"
	}
}

// closeCodes lists all of them in ascending order.
func closeCodes() []closeCode {
	return []closeCode{
		closeDisconnected, closeShutdown, closeResumed, closeTokenExpired, closeSlow, closeNoPong, closeTooMany, closeNoAck,
		closeUnauthorized, closeBadRequest, closeBadFrame, closeReplaced, closeFrameTooBig, closeRevoked, closePassword,
	}
}
