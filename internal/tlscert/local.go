package tlscert

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	serverLife    = 396 * 24 * time.Hour // with the day before its making: 397
	renewBefore   = 30 * 24 * time.Hour
	backdate      = 24 * time.Hour
	checkEvery    = time.Minute // how often handshakes look for new addresses
)

// The files in the folder of a [Local].
const (
	authorityFile = "ca.pem"
	serverFile    = "server.pem"
)

// Local is a certificate authority of this installation and the server certificate below it.
type Local struct {
	dir   string
	hosts func() []string
	now   func() time.Time
	log   *slog.Logger

	authority *x509.Certificate
	key       *ecdsa.PrivateKey

	mu      sync.Mutex
	current *tls.Certificate
	checkAt time.Time
}

// OpenLocal reads the authority in dir, or makes it on the first start, and makes sure of a server certificate for what
// hosts gives: names and IP addresses (see [MachineHosts]), asked again while the server runs. A damaged authority is an
// error and is not replaced, since the tablets trust that one.
func OpenLocal(dir string, hosts func() []string, now func() time.Time, log *slog.Logger) (*Local, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the certificate folder: %w", err)
	}
	l := &Local{dir: dir, hosts: hosts, now: now, log: log}
	if err := l.openAuthority(); err != nil {
		return nil, err
	}
	// One that cannot be read is made anew: nobody trusts it by itself.
	if pair, err := readPair(filepath.Join(dir, serverFile)); err == nil {
		l.current = pair
	}
	if err := l.refresh(); err != nil {
		return nil, err
	}
	return l, nil
}

// AuthorityPEM is the authority's certificate, for people to install. It is public.
func (l *Local) AuthorityPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.authority.Raw})
}

// Authority is the authority's certificate; its fingerprint lets people compare what they installed.
func (l *Local) Authority() *x509.Certificate { return l.authority }

// Certificate gives the current one; it fits [tls.Config.GetCertificate].
func (l *Local) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.now(); now.After(l.checkAt) {
		if err := l.refresh(); err != nil {
			l.log.Error("cannot make a new server certificate; the old one stays", "error", err)
		}
	}
	return l.current, nil
}

// refresh makes a new server certificate when the current one does not serve; the caller holds mu, or is alone.
func (l *Local) refresh() error {
	now := l.now()
	l.checkAt = now.Add(checkEvery)
	hosts := l.hosts()
	why := l.unfit(hosts, now)
	if why == "" {
		return nil
	}
	pair, err := l.issue(hosts, now)
	if err != nil {
		return fmt.Errorf("make a server certificate: %w", err)
	}
	l.current = pair
	l.log.Info("made a server certificate", "why", why, "hosts", hosts, "until", pair.Leaf.NotAfter)
	return writePair(filepath.Join(l.dir, serverFile), pair)
}

// unfit says why the current certificate does not serve these hosts now, or nothing. Hosts that have gone do not matter:
// an address that comes and goes must not make a new certificate each time.
func (l *Local) unfit(hosts []string, now time.Time) string {
	if l.current == nil {
		return "there is none"
	}
	leaf := l.current.Leaf
	switch {
	case leaf.CheckSignatureFrom(l.authority) != nil:
		return "it is not of this authority"
	case now.Add(renewBefore).After(leaf.NotAfter):
		return "it ends soon"
	case now.Before(leaf.NotBefore):
		return "it has not begun: the clock was set back"
	}
	for _, h := range hosts {
		if leaf.VerifyHostname(h) != nil {
			return "it lacks " + h
		}
	}
	return ""
}

func (l *Local) openAuthority() error {
	path := filepath.Join(l.dir, authorityFile)
	pair, err := readPair(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return l.makeAuthority(path)
	case err != nil:
		return fmt.Errorf("the certificate authority in %s cannot be read (restore it from a backup; if you remove it, a new one is made "+
			"and must be installed on every tablet again): %w", path, err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return fmt.Errorf("%s holds no certificate authority of this program", path)
	}
	if left := pair.Leaf.NotAfter.Sub(l.now()); left < renewBefore {
		l.log.Warn("the local certificate authority ends soon; remove its file to make a new one and install that on the tablets",
			"file", path, "until", pair.Leaf.NotAfter)
	}
	l.authority, l.key = pair.Leaf, key
	return nil
}

func (l *Local) makeAuthority(path string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	name, err := os.Hostname()
	if err != nil {
		name = "server"
	}
	now := l.now()
	der, err := create(&x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"Lianzhen"}, CommonName: "Lianzhen local CA " + name + " " + now.Format(time.DateOnly)},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(authorityLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, nil, key, key)
	if err != nil {
		return fmt.Errorf("make the certificate authority: %w", err)
	}
	pair := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	if l.authority, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	l.key = key
	l.log.Info("made a local certificate authority", "file", path)
	return writePair(path, pair)
}

// issue makes a certificate for these hosts, with a key of its own.
func (l *Local) issue(hosts []string, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"Lianzhen"}, CommonName: "Lianzhen"},
		NotBefore: now.Add(-backdate), NotAfter: earlier(now.Add(serverLife), l.authority.NotAfter),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, h := range hosts {
		if ip, err := netip.ParseAddr(h); err == nil {
			template.IPAddresses = append(template.IPAddresses, ip.AsSlice())
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := create(template, l.authority, key, l.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, l.authority.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// create signs a template for key with the parent's key; without a parent it signs itself.
func create(template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	if parent == nil {
		parent = template
	}
	return x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func readPair(path string) (*tls.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

// writePair replaces a file that holds certificates and key.
func writePair(path string, pair *tls.Certificate) error {
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	for _, der := range pair.Certificate {
		err = errors.Join(err, pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	if err = errors.Join(err, pem.Encode(&text, &pem.Block{Type: "PRIVATE KEY", Bytes: key})); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // with mode 0600
	if err != nil {
		return fmt.Errorf("write a certificate: %w", err)
	}
	_, err = f.Write(text.Bytes())
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write a certificate: %w", err)
	}
	return nil
}

// sorted makes a list of hosts without doubles that is the same whatever the order of the sources.
func sorted(hosts []string) []string {
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// ServeHTTP hands out the authority's certificate in the form that tablets and desks install when it is opened.
func (l *Local) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-x509-ca-cert")
	w.Header().Set("Content-Disposition", `attachment; filename="lianzhen-ca.crt"`)
	_, _ = w.Write(l.AuthorityPEM())
}
