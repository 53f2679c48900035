package config

import (
	"path/filepath"
	"strings"

	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

// setting is one row of the table.
type setting struct {
	name    string
	env     string // empty: envName(name)
	value   string // the default, as it would be written
	show    string // how the table shows the default when value alone does not say it
	help    string // one sentence for the table and for -help
	rule    string // what a value must be
	example string
	secret  bool
	boolean bool
	set     func(c *Config, raw string) bool // false: the rule is broken
}

const envPrefix = "LIANZHEN_"

func (s *setting) envVar() string {
	if s.env != "" {
		return s.env
	}
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

const (
	ruleHostPort = "an address and a port from 0 to 65535, where 0 takes a free one"
	ruleBoolean  = "true or false"
)

// settings is the table, in the order in which people read it.
func settings() []setting {
	return []setting{
		{name: "listen", value: "127.0.0.1:8080", rule: ruleHostPort, example: "0.0.0.0:8443",
			help: "Address of the web pages, the API and the WebSocket.",
			set:  text(func(c *Config) *string { return &c.Listen }, isHostPort)},
		{name: "public-url", show: "from the request", rule: "http:// or https://, a host, and no path", example: "https://lianzhen.example.cn",
			help: "The address that users type, when it is not `listen`; its origin may open the WebSocket.",
			set:  optional(publicURL)},
		{name: "origins", show: "none", rule: "origins, separated by commas: http:// or https://, a host, and no path", example: "https://a.example.cn,https://b.example.cn:8443",
			help: "Further origins whose pages may open the WebSocket.",
			set:  optional(origins)},
		{name: "data-dir", value: ".lianzhen", rule: "a path", example: "/var/lib/lianzhen",
			help: "Folder of the private databases, keys, certificates and attachments; a relative one is below the current folder.",
			set: func(c *Config, raw string) bool {
				abs, err := filepath.Abs(raw)
				c.DataDir = abs
				return raw != "" && err == nil
			}},
		{name: "database-url", env: "DATABASE_URL", secret: true, show: "a private PostgreSQL", rule: "a PostgreSQL connection URL or key=value string",
			example: "postgres://lianzhen:PASSWORD@db.example.cn:5432/lianzhen?sslmode=verify-full",
			help:    "The PostgreSQL (15 or newer) to use. Empty: the program starts one of its own in `data-dir`.",
			set:     optional(databaseURL)},
		{name: "redis-url", env: "REDIS_URL", secret: true, show: "a private Redis", rule: "redis://, rediss:// or unix://; more nodes of a cluster as ?addr= (or ?cluster=true with one address for all), a Sentinel's set as ?master_name=",
			example: "rediss://:PASSWORD@redis.example.cn:6379/0",
			help:    "The Redis (7.0 or newer) to use, also Cluster and Sentinel. Empty: the program starts one of its own in `data-dir`.",
			set:     optional(redisURL)},
		{name: "media-udp", value: "0.0.0.0:7881", rule: ruleHostPort, example: "0.0.0.0:443",
			help: "UDP address of all sound and pictures.",
			set:  text(func(c *Config) *string { return &c.MediaUDP }, isHostPort)},
		{name: "media-advertise", show: "the machine's own", rule: "IP addresses, separated by commas", example: "203.0.113.7,10.0.0.7",
			help: "Addresses at which browsers reach `media-udp`, when they are not the machine's own (behind address translation).",
			set:  optional(addresses)},
		{name: "tls", value: TLSOff, rule: "off, files or self-signed", example: TLSSelfSigned,
			help: "`files`: the certificate of `tls-cert`. `self-signed`: a small certificate authority for a local network, made in `data-dir`. `off`: plain HTTP, for this machine or behind a proxy.",
			set:  text(func(c *Config) *string { return &c.TLS }, oneOf(TLSOff, TLSFiles, TLSSelfSigned))},
		{name: "tls-cert", show: "none", rule: "the path of a PEM file with the certificate and its intermediates", example: "/etc/lianzhen/fullchain.pem",
			help: "Certificate for `tls=files`; read again when it changes.",
			set:  text(func(c *Config) *string { return &c.TLSCert }, anything)},
		{name: "tls-key", show: "none", rule: "the path of a PEM file with the private key", example: "/etc/lianzhen/privkey.pem",
			help: "Private key for `tls=files`.",
			set:  text(func(c *Config) *string { return &c.TLSKey }, anything)},
		{name: "log-level", value: "info", rule: "debug, info, warn or error", example: "warn",
			help: "Least important log lines to write.",
			set:  logLevel},
		{name: "log-format", value: "json", rule: "json or text", example: "text",
			help: "Form of the log lines on standard error.",
			set:  text(func(c *Config) *string { return &c.LogFormat }, oneOf("json", "text"))},
		{name: "metrics-listen", show: "`listen`, from this machine only", rule: "empty, or " + ruleHostPort, example: "10.0.0.7:9464",
			help: "A listener of its own for `/metrics`, open to whoever reaches it. Set it when a proxy runs on the same machine.",
			set:  optional(text(func(c *Config) *string { return &c.MetricsListen }, isHostPort))},
		{name: "metrics-token", secret: true, show: "none", rule: "at least 16 characters without spaces", example: "3f0c9a7e5b2d4816",
			help: "Lets a reader with `Authorization: Bearer TOKEN` read `/metrics` on `listen` from other machines.",
			set: optional(func(c *Config, raw string) bool {
				c.MetricsToken = telemetry.Secret(raw)
				return len(raw) >= 16 && !strings.ContainsAny(raw, " \t\r\n")
			})},
		{name: "access-token-ttl", value: "10m", rule: "a duration from 1m to 1h", example: "5m",
			help: "How long an access token is good; a withdrawn right may live on for that long.",
			set:  duration(func(c *Config) *dur { return &c.AccessTokenTTL }, minute, hour)},
		{name: "refresh-token-ttl", value: "12h", rule: "a duration from 10m to 30d", example: "8h",
			help: "How long a login lasts without use; a shared tablet should not outlast a shift.",
			set:  duration(func(c *Config) *dur { return &c.RefreshTokenTTL }, 10*minute, 30*day)},
		{name: "encryption-key-file", show: "`data-dir`/keys", rule: "a path", example: "/etc/lianzhen/keys",
			help: "The keys that encrypt health data. Without this file nothing of it can be read: back it up apart from the database.",
			set: func(c *Config, raw string) bool {
				if raw == "" {
					c.EncryptionKeyFile = filepath.Join(c.DataDir, "keys")
					return true
				}
				abs, err := filepath.Abs(raw)
				c.EncryptionKeyFile = abs
				return err == nil
			}},
		{name: "cipher", value: "AES-256-GCM", rule: "AES-256-GCM or SM4-GCM", example: "SM4-GCM",
			help: "Cipher of new data keys; what older keys sealed stays readable, and `keys rotate -what data` changes it over.",
			set:  text(func(c *Config) *string { return &c.Cipher }, oneOf("AES-256-GCM", "SM4-GCM"))},
		{name: "seal-algorithm", value: "Ed25519", rule: "Ed25519 or SM2", example: "SM2",
			help: "Algorithm of a new key of the system's seal, under reports, adoptions and checkpoints; `keys rotate -what seal` makes one.",
			set:  text(func(c *Config) *string { return &c.SealAlgorithm }, oneOf("Ed25519", "SM2"))},
		{name: "purge", value: "false", rule: ruleBoolean, example: "true", boolean: true,
			help: "Delete what is over its retention time, several times a day; `lianzhen purge -dry-run` says what that would be.",
			set:  boolean(func(c *Config) *bool { return &c.Purge })},
		{name: "consent-validity", value: "180d", rule: "a duration from 1d to 1095d", example: "365d",
			help: "How long a resident's consent is good.",
			set:  duration(func(c *Config) *dur { return &c.ConsentValidity }, day, 1095*day)},
		{name: "max-upload", value: "12MiB", rule: "a size from 64KiB to 100MiB", example: "20MiB",
			help: "Largest attachment.",
			set:  size(func(c *Config) *int64 { return &c.MaxUpload }, 64<<10, 100<<20)},
		{name: "scan", show: "none", rule: "clamd:unix:PATH, clamd:tcp:HOST:PORT or command:/PATH ARGUMENTS", example: "clamd:unix:/run/clamav/clamd.ctl",
			help: "Who looks for malware in uploaded documents: a clamd socket, or a program that reads the file from its input and ends with 0 (clean) or 1 (infected). While it does not answer, no document is stored.",
			set:  optional(text(func(c *Config) *string { return &c.Scan }, isScanner))},
		{name: "consult-phone", show: "none", rule: "3 to 32 digits, spaces, hyphens, brackets, and + in front", example: "0471-1234567",
			help: "Number that a nurse is told to call when no doctor is online.",
			set:  optional(text(func(c *Config) *string { return &c.ConsultPhone }, isPhone))},
		{name: "print-fonts", show: "those installed", rule: "paths of TrueType or OpenType fonts or collections, separated by commas", example: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
			help: "Fonts for printed records: the first sets the text, the others stand in for characters that it lacks. Without it, Noto Sans CJK, WenQuanYi and the like are looked for.",
			set:  optional(paths(func(c *Config) *[]string { return &c.PrintFonts }))},
		{name: "demo", value: "false", rule: ruleBoolean, example: "true", boolean: true,
			help: "Fill an empty database with demo organisations, people and accounts. Demo passwords work only while `listen` is on this machine.",
			set:  boolean(func(c *Config) *bool { return &c.Demo })},
		{name: "node", show: "the machine's name and something random", rule: "1 to 64 letters, digits, dots, hyphens and underscores", example: "lianzhen-1",
			help: "Name of this node among those that share a database; no two may run under the same.",
			set:  optional(text(func(c *Config) *string { return &c.Node }, isNodeName))},
		{name: "notify-private", value: "false", rule: ruleBoolean, example: "true", boolean: true,
			help: "Let notifications go to addresses in private networks, and by plain http to this machine: for an SMS gateway inside the hospital.",
			set:  boolean(func(c *Config) *bool { return &c.NotifyPrivate })},
		{name: "push-contact", show: "`public-url`", rule: "a mailto: or https: address", example: "mailto:it@hospital.example.cn",
			help: "Whom the operators of push services may write to about this installation's messages.",
			set:  optional(text(func(c *Config) *string { return &c.PushContact }, isContact))},
		{name: "shutdown-grace", value: "20s", rule: "a duration from 1s to 10m", example: "1m",
			help: "How long a stop waits for requests that have begun.",
			set:  duration(func(c *Config) *dur { return &c.ShutdownGrace }, second, 10*minute)},
	}
}
