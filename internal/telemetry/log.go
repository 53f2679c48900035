package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// NewLogger writes one line a record to w: JSON, or text for a terminal when format is "text". Times are UTC. Records that
// are logged with a request's context carry its id as request_id.
func NewLogger(w io.Writer, level slog.Leveler, format string) (*slog.Logger, error) {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: utc}
	var h slog.Handler
	switch format {
	case "json":
		h = slog.NewJSONHandler(w, options)
	case "text":
		h = slog.NewTextHandler(w, options)
	default:
		return nil, fmt.Errorf("log format %q is neither json nor text", format)
	}
	return slog.New(withRequestID{h}), nil
}

func utc(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}

// withRequestID adds the id that the context carries.
type withRequestID struct{ slog.Handler }

func (h withRequestID) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h withRequestID) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequestID{h.Handler.WithAttrs(attrs)}
}

func (h withRequestID) WithGroup(name string) slog.Handler {
	return withRequestID{h.Handler.WithGroup(name)}
}
