package signaling

import (
	"context"
	"encoding/json"
)

// A session that was resumed here may still have its older socket on another node, which is told by an event that no client
// sees. When a node dies, that is so for all of its sessions, therefore what comes while an event is written goes together into
// the next one. An event that is not written does no harm: a socket that its page has left is found out by its pings.

// tellTaken has the other nodes told of a socket. The caller runs under h.work.
func (h *Hub) tellTaken(o Older) {
	h.takenMu.Lock()
	defer h.takenMu.Unlock()
	h.taken = append(h.taken, o)
	if h.telling {
		return
	}
	h.telling = true
	h.work.Go(func() {
		for list := h.moreTaken(); list != nil; list = h.moreTaken() {
			ctx, cancel := context.WithTimeout(h.root, recordTime)
			if err := h.Sessions.Taken(ctx, list); err != nil {
				h.Logger.WarnContext(ctx, "signaling: other nodes not told of resumed sessions", "sessions", len(list), "error", err)
			}
			cancel()
		}
	})
}

func (h *Hub) moreTaken() []Older {
	h.takenMu.Lock()
	defer h.takenMu.Unlock()
	list := h.taken
	h.taken, h.telling = nil, len(list) > 0
	return list
}

// closeTaken closes those of the sockets that are here.
func (h *Hub) closeTaken(data any) {
	var in taken
	d, err := raw(data)
	if err == nil {
		err = json.Unmarshal(d, &in)
	}
	if err != nil {
		h.Logger.Error("signaling: resumed sessions without their sockets", "error", err)
		return
	}
	for _, o := range in.Sockets {
		for _, s := range h.ofSignIn(o.SignIn) {
			if s.id == o.Socket {
				s.shut(closeResumed, "")
			}
		}
	}
}
