package sfu

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLogs takes the WebRTC stack's logs at debug level, errors included: they speak of single packets and name
// addresses, which the relay's own lines never do.
type pionLogs struct{ logger *slog.Logger }

// NewLogger implements logging.LoggerFactory.
func (l pionLogs) NewLogger(scope string) logging.LeveledLogger {
	return pionLogger{l.logger.With("stack", scope)}
}

type pionLogger struct{ logger *slog.Logger }

func (l pionLogger) line(level, message string) {
	l.logger.Debug("media: "+message, "stack_level", level)
}

func (l pionLogger) format(level, format string, args []any) {
	if l.logger.Enabled(context.Background(), slog.LevelDebug) {
		l.line(level, fmt.Sprintf(format, args...))
	}
}

// The methods of logging.LeveledLogger. Traces are dropped: they are made for every packet.

func (l pionLogger) Trace(string)                      {}
func (l pionLogger) Tracef(string, ...any)             {}
func (l pionLogger) Debug(message string)              { l.line("debug", message) }
func (l pionLogger) Debugf(format string, args ...any) { l.format("debug", format, args) }
func (l pionLogger) Info(message string)               { l.line("info", message) }
func (l pionLogger) Infof(format string, args ...any)  { l.format("info", format, args) }
func (l pionLogger) Warn(message string)               { l.line("warn", message) }
func (l pionLogger) Warnf(format string, args ...any)  { l.format("warn", format, args) }
func (l pionLogger) Error(message string)              { l.line("error", message) }
func (l pionLogger) Errorf(format string, args ...any) { l.format("error", format, args) }
