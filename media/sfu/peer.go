package sfu

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/pion/webrtc/v4"
)

// peer is one connection of a participant: its PeerConnection, what it sends (sources) and what it receives (slots).
type peer struct {
	id                uuid.UUID
	room, participant string
	pc                *webrtc.PeerConnection
	sources           [numKinds]*source
	slots             []*slot // in the order of the offer

	// The control loop's own.
	order    uint64 // of joining, decides who gets the first free seat
	state    peerState
	deadline time.Time // of connecting
	healthy  bool      // ICE has heard of the client lately
	lastSeen time.Time // while healthy: the last tick; afterwards: when it went silent
	seats    [maxSeats]seat
	shown    []Slot // the last slot list handed over
	ledger   ledger

	mu        sync.Mutex
	closing   bool
	receivers []*webrtc.RTPReceiver // whose RTCP is being read
	wg        sync.WaitGroup
}

type peerState uint8

const (
	peerConnecting peerState = iota
	peerUp
	peerGone
)

// seat is the place of one other person at a subscriber: an audio slot and a video slot.
type seat struct {
	participant string
	last        string // who sat here before; gets the seat back when it is still free
}

// Slots of a subscriber by what they are for.
func (p *peer) audioSlot(seat int) *slot { return p.slots[seat] }
func (p *peer) videoSlot(seat int) *slot { return p.slots[maxSeats+seat] }
func (p *peer) screenSlot() *slot        { return p.slots[2*maxSeats] }

// meters of the connection, by kind.
func (p *peer) meters() *[numKinds]*meter {
	return &[numKinds]*meter{&p.sources[kindAudio].meter, &p.sources[kindVideo].meter, &p.sources[kindScreen].meter}
}

// newSlots makes the subscriber's slots in the order of the layout.
func newSlots(o *offer) []*slot {
	slots := make([]*slot, 0, slotLines)
	for i := range slotLines {
		line := o.lines[ownLines+i]
		s := &slot{kind: line.kind, mid: line.mid}
		if line.kind == kindScreen {
			s.stream = "screen"
		} else {
			s.stream = "seat-" + strconv.Itoa(i%maxSeats)
		}
		s.id = s.stream + "-" + line.kind.String()
		slots = append(slots, s)
	}
	return slots
}

// negotiate gives the peer its PeerConnection and returns the answer. On an error the caller shuts the peer down.
func (p *peer) negotiate(ctx context.Context, t *transport, o *offer, sent func()) (string, error) {
	var err error
	if p.pc, err = t.newPeerConnection(o.retransmissions()); err != nil {
		return "", err
	}
	senders := make([]*webrtc.RTPSender, 0, len(p.slots))
	for _, s := range p.slots {
		transceiver, err := p.pc.AddTransceiverFromTrack(s,
			webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return "", err
		}
		senders = append(senders, transceiver.Sender())
	}
	p.pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		p.receive(o, track, receiver, sent)
	})
	answer, err := t.answer(ctx, p.pc, o)
	if err != nil {
		return "", err
	}
	for i, s := range p.slots {
		if s.out == nil {
			return "", fmt.Errorf("%w: slot %s was not bound", ErrCodecUnsupported, s.mid)
		}
		p.start(func() { s.readFeedback(senders[i]) })
	}
	return answer, nil
}

// receive starts the reader of one of the client's sending lines. Anything that the offer did not declare is stopped.
func (p *peer) receive(o *offer, track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver, sent func()) {
	for k := range numKinds {
		if line := o.lines[k]; line.ssrc != 0 && line.ssrc == uint32(track.SSRC()) {
			from := p.sources[k]
			from.askThrough(p.pc, line.ssrc, sent)
			p.start(func() { from.run(track) })
			p.mu.Lock()
			p.receivers = append(p.receivers, receiver)
			p.mu.Unlock()
			p.start(func() { drain(receiver) })
			return
		}
	}
	p.start(func() { _ = receiver.Stop() })
}

// drain reads a receiver's RTCP so that the interceptors see sender reports.
func drain(receiver *webrtc.RTPReceiver) {
	readAll(func(b []byte) (int, error) {
		n, _, err := receiver.Read(b)
		return n, err
	}, func([]byte) {})
}

// start runs f in a goroutine of the peer, unless the peer is being shut down.
func (p *peer) start(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return
	}
	p.wg.Go(f)
}

// shutdown ends the connection and waits for its goroutines. It must not be called from one of them.
func (p *peer) shutdown() {
	p.mu.Lock()
	p.closing = true
	p.mu.Unlock()
	for _, s := range p.sources {
		s.keys.end()
	}
	if p.pc != nil {
		_ = p.pc.GracefulClose()
	}
	// A receiver that started in the instant in which it was stopped has an RTCP stream that nothing closes. A deadline
	// that has passed ends its reader too.
	p.mu.Lock()
	for _, receiver := range p.receivers {
		_ = receiver.SetReadDeadline(time.Unix(1, 0))
	}
	p.mu.Unlock()
	p.wg.Wait()
}
