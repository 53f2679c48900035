package sfu

import (
	"sync/atomic"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
)

// rtxTable maps a media payload type to the payload type of its retransmissions; 0 where there is none.
type rtxTable [128]uint8

// retransmitFactory makes the interceptor that corrects the payload type of retransmissions.
//
// Pion's NACK responder stamps every retransmission of a stream with one payload type, that of the codec which the
// stream was bound with. A slot's codec is its source's and can change; a browser restores the packet's codec from the
// retransmission's payload type, so that a wrong one would turn a repaired H.264 packet into a broken VP8 packet.
type retransmitFactory struct{ rtx rtxTable }

// NewInterceptor implements interceptor.Factory.
func (f retransmitFactory) NewInterceptor(string) (interceptor.Interceptor, error) {
	return &retransmit{rtx: f.rtx}, nil
}

type retransmit struct {
	interceptor.NoOp
	rtx rtxTable
}

// BindLocalStream implements interceptor.Interceptor. It stands next to the network and so sees both what a slot writes
// and what the responder repeats.
func (r *retransmit) BindLocalStream(info *interceptor.StreamInfo, next interceptor.RTPWriter) interceptor.RTPWriter {
	media, repair := info.SSRC, info.SSRCRetransmission
	if repair == 0 {
		return next
	}
	var current atomic.Uint32
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		switch h.SSRC {
		case media:
			current.Store(uint32(h.PayloadType))
		case repair:
			pt := r.rtx[current.Load()&0x7f]
			if pt == 0 {
				return 0, nil
			}
			if pt != h.PayloadType {
				// The header belongs to the responder's buffer; another repetition may be using it.
				corrected := h.Clone()
				corrected.PayloadType = pt
				h = &corrected
			}
		}
		return next.Write(h, payload, a)
	})
}
