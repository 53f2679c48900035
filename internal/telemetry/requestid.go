package telemetry

import (
	"context"
	"crypto/rand"
	"strings"
)

// RequestIDHeader carries the id both ways.
const RequestIDHeader = "X-Request-Id"

type requestIDKey struct{}

// WithRequestID gives a context that carries an id; what has no HTTP request, such as a signaling command, makes its own.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is the id that the context carries, or nothing.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// NewRequestID makes an id: 16 letters and digits, 80 random bits.
func NewRequestID() string { return strings.ToLower(rand.Text()[:16]) }

// acceptRequestID keeps an id that a proxy or client sent when it can do no harm in a log line, and makes one otherwise.
func acceptRequestID(sent string) string {
	if len(sent) < 8 || len(sent) > 64 {
		return NewRequestID()
	}
	for _, c := range []byte(sent) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && c != '-' && c != '_' && c != '.' {
			return NewRequestID()
		}
	}
	return sent
}
