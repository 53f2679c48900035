package telemetry

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "***"

// Secret is text that must not be shown. Formatting, logging and encoding it give "***", or nothing when it is empty.
type Secret string

// Reveal gives the text itself, for the one place that uses it.
func (s Secret) Reveal() string { return string(s) }

// String gives "***".
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format covers every verb, %q, %x and %#v included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue covers log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText covers JSON and all other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
