package tlscert

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookAgain is how often handshakes look whether the files have changed.
const lookAgain = 30 * time.Second

// Files is a certificate from two PEM files that the operator renews in place.
type Files struct {
	certPath, keyPath string
	now               func() time.Time
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	seen    [2]time.Time // when the files were changed last, as of current
	lookAt  time.Time
}

// LoadFiles reads a certificate with its intermediates and its key. The error says which file is wrong and how; a
// certificate that has ended is an error now, and only a log line when it is read again later.
func LoadFiles(certPath, keyPath string, now func() time.Time, log *slog.Logger) (*Files, error) {
	f := &Files{certPath: certPath, keyPath: keyPath, now: now, log: log}
	if err := f.read(); err != nil {
		return nil, err
	}
	if leaf := f.current.Leaf; now().After(leaf.NotAfter) {
		return nil, fmt.Errorf("the certificate in %s ended on %s", certPath, leaf.NotAfter.Format(time.DateOnly))
	}
	return f, nil
}

// read loads the pair when either file is new. The times are taken before the contents, so a change in between is seen
// the next time.
func (f *Files) read() error {
	var seen [2]time.Time
	for i, path := range []string{f.certPath, f.keyPath} {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("certificate file: %w", err)
		}
		seen[i] = info.ModTime()
	}
	if f.current != nil && seen == f.seen {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(f.certPath, f.keyPath)
	if err != nil {
		return fmt.Errorf("certificate %s with key %s: %w", f.certPath, f.keyPath, err)
	}
	f.current, f.seen = &pair, seen
	return nil
}

// Certificate gives the current one; it fits [tls.Config.GetCertificate].
func (f *Files) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); now.After(f.lookAt) {
		f.lookAt = now.Add(lookAgain)
		if err := f.read(); err != nil {
			f.log.Error("the new certificate cannot be used; the old one stays", "error", err)
		}
	}
	return f.current, nil
}

// Config is the server's TLS configuration around a source of certificates: TLS 1.2 and newer, HTTP/1.1 alone, because a
// WebSocket upgrade needs it.
func Config(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate, NextProtos: []string{"http/1.1"}}
}
