package sfu

import (
	"context"
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	// maxEchoBytes is the largest message that a self-test's data channel repeats.
	maxEchoBytes = 1200
	// maxEchoBacklog bounds what waits for a client that does not read.
	maxEchoBacklog = 64 << 10
)

// Probe answers the offer of a network self-test: one m-line, bundled, either a data channel, on which every message up
// to 1200 bytes comes back, or a sendonly Opus track, for which receiver reports come back. The connection belongs to no
// room, is seen by no observer, and ends after 15 s or when the client closes it. Errors are ErrOfferMalformed,
// ErrCodecUnsupported, ErrProbeBusy, ErrClosed, or ctx's. Who may call it is the caller's affair.
func (r *Relay) Probe(ctx context.Context, offerSDP string) (answer string, err error) {
	if !r.enter() {
		return "", ErrClosed
	}
	defer r.calls.Done()
	o, err := parseProbeOffer(offerSDP)
	if err != nil {
		return "", err
	}
	select {
	case r.probes <- struct{}{}:
	default:
		return "", ErrProbeBusy
	}
	p := &probe{ended: make(chan struct{}, 1)}
	if answer, err = p.negotiate(ctx, r.transport, o); err != nil {
		p.close()
		<-r.probes
		return "", err
	}
	r.work.Go(func() {
		defer func() { <-r.probes }()
		limit := time.NewTimer(r.timing.probe)
		defer limit.Stop()
		select {
		case <-limit.C:
		case <-p.ended:
		case <-r.stop:
		}
		p.close()
	})
	return answer, nil
}

// probe is one self-test.
type probe struct {
	pc    *webrtc.PeerConnection
	ended chan struct{}
}

func (p *probe) negotiate(ctx context.Context, t *transport, o *offer) (string, error) {
	var err error
	if p.pc, err = t.newPeerConnection(o.retransmissions()); err != nil {
		return "", err
	}
	p.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateClosed {
			select {
			case p.ended <- struct{}{}:
			default:
			}
		}
	})
	p.pc.OnDataChannel(func(channel *webrtc.DataChannel) {
		channel.OnMessage(func(m webrtc.DataChannelMessage) {
			switch {
			case len(m.Data) > maxEchoBytes || channel.BufferedAmount() > maxEchoBacklog:
			case m.IsString:
				_ = channel.SendText(string(m.Data))
			default:
				_ = channel.Send(m.Data)
			}
		})
	})
	// Reading is what makes the interceptors report.
	p.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		readAll(func(b []byte) (int, error) {
			n, _, err := track.Read(b)
			return n, err
		}, func([]byte) {})
	})
	return t.answer(ctx, p.pc, o)
}

func (p *probe) close() {
	if p.pc != nil {
		_ = p.pc.GracefulClose()
	}
}
