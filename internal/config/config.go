package config

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

// The values of [Config.TLS].
const (
	TLSOff        = "off"
	TLSFiles      = "files"
	TLSSelfSigned = "self-signed"
)

// Config is what the settings say, checked. The table in settings.go says what each means.
type Config struct {
	Listen    string   // host:port of HTTP and WebSocket
	PublicURL *url.URL // scheme and host alone; nil when it is not set
	Origins   []string // further allowed origins, as scheme://host[:port] in lower case
	DataDir   string   // absolute

	DatabaseURL telemetry.Secret // empty: a private PostgreSQL in DataDir
	RedisURL    telemetry.Secret // empty: a private Redis in DataDir

	MediaUDP       string       // host:port of ICE and media
	MediaAdvertise []netip.Addr // addresses in candidates; none: those of the machine

	TLS     string // TLSOff, TLSFiles or TLSSelfSigned
	TLSCert string // path, with TLSFiles
	TLSKey  string // path, with TLSFiles

	LogLevel      slog.Level
	LogFormat     string // json or text
	MetricsListen string // host:port; empty: on Listen for requests from this machine
	MetricsToken  telemetry.Secret

	AccessTokenTTL    time.Duration
	RefreshTokenTTL   time.Duration
	EncryptionKeyFile string // absolute
	Cipher            string // of new data keys, as package seal names it
	SealAlgorithm     string // of a new key of the system's seal
	Purge             bool   // what is over its retention time is deleted
	ConsentValidity   time.Duration
	MaxUpload         int64  // bytes
	Scan              string // the scanner for uploaded documents; empty: none
	ConsultPhone      string
	PrintFonts        []string // paths; none: those of the usual places
	Demo              bool
	NotifyPrivate     bool   // notifications may go to private addresses
	PushContact       string // empty: the public address
	ShutdownGrace     time.Duration
	Node              string // empty: the machine's name and something random

	// PrintConfig asks to print the settings and end.
	PrintConfig bool

	values []*value
}

// ListensOnLoopback says whether only this machine can reach the server; demo passwords work only then.
func (c *Config) ListensOnLoopback() bool { return isLoopback(c.Listen) }

// AllowedOrigins are the origins from which browsers may open the WebSocket, beside the one that the page itself was
// served from: the public address and the origins of the settings.
func (c *Config) AllowedOrigins() []string {
	var all []string
	if c.PublicURL != nil {
		all = append(all, c.PublicURL.String())
	}
	return append(all, c.Origins...)
}

// Warnings are sentences about settings that are allowed and may surprise; the program logs them when it starts.
func (c *Config) Warnings() []string {
	var all []string
	if !c.ListensOnLoopback() && c.TLS == TLSOff && (c.PublicURL == nil || c.PublicURL.Scheme != "https") {
		all = append(all, "listen is "+c.Listen+" and tls is off: browsers give camera and microphone only to https pages and to localhost, "+
			"so calls work on this machine alone; set tls to self-signed or files, or public-url to the https address of the proxy in front")
	}
	if c.Demo && !c.ListensOnLoopback() {
		all = append(all, "demo is on and listen is "+c.Listen+": the demo passwords are refused, since others can reach the server")
	}
	if c.ConsultPhone == "" && !c.Demo {
		all = append(all, "consult-phone is empty: a nurse sees no number to call when no doctor is online")
	}
	if c.TLS == TLSOff && c.PublicURL != nil && c.PublicURL.Scheme == "https" && !c.ListensOnLoopback() {
		all = append(all, "tls is off and listen is "+c.Listen+": who reaches this port past the proxy speaks to it unencrypted")
	}
	return all
}

func isLoopback(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
