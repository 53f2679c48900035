package config

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

type dur = time.Duration

const (
	second = time.Second
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

type setter = func(c *Config, raw string) bool

// optional lets the empty value stand for "not set".
func optional(set setter) setter {
	return func(c *Config, raw string) bool { return raw == "" || set(c, raw) }
}

func text(field func(*Config) *string, ok func(string) bool) setter {
	return func(c *Config, raw string) bool {
		*field(c) = raw
		return ok(raw)
	}
}

// paths takes paths that are separated by commas.
func paths(field func(*Config) *[]string) setter {
	return func(c *Config, raw string) bool {
		list := strings.Split(raw, ",")
		for i, p := range list {
			if list[i] = strings.TrimSpace(p); list[i] == "" {
				return false
			}
		}
		*field(c) = list
		return true
	}
}

func anything(string) bool { return true }

func oneOf(all ...string) func(string) bool {
	return func(raw string) bool { return slices.Contains(all, raw) }
}

func boolean(field func(*Config) *bool) setter {
	return func(c *Config, raw string) bool {
		v, err := strconv.ParseBool(raw)
		*field(c) = v
		return err == nil
	}
}

// duration takes Go's notation and, besides, whole days such as 180d.
func duration(field func(*Config) *dur, least, most dur) setter {
	return func(c *Config, raw string) bool {
		v, err := time.ParseDuration(raw)
		if days, ok := strings.CutSuffix(raw, "d"); ok {
			var n int
			n, err = strconv.Atoi(days)
			v = dur(min(max(n, 0), 100_000)) * day
		}
		*field(c) = v
		return err == nil && v >= least && v <= most
	}
}

// size takes bytes, or a whole number of KiB, MiB or GiB.
func size(field func(*Config) *int64, least, most int64) setter {
	return func(c *Config, raw string) bool {
		unit := int64(1)
		for suffix, n := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
			if number, ok := strings.CutSuffix(raw, suffix); ok {
				raw, unit = strings.TrimSpace(number), n
			}
		}
		v, err := strconv.ParseInt(raw, 10, 32)
		*field(c) = v * unit
		return err == nil && v*unit >= least && v*unit <= most
	}
}

func logLevel(c *Config, raw string) bool {
	return oneOf("debug", "info", "warn", "error")(raw) && c.LogLevel.UnmarshalText([]byte(raw)) == nil
}

var _ slog.Leveler = slog.LevelInfo // LogLevel goes to a handler as it is

func isHostPort(raw string) bool {
	_, port, err := net.SplitHostPort(raw)
	if err != nil {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}

var phone = regexp.MustCompile(`^\+?[0-9()（） -]{3,31}$`)

func isContact(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "https" && u.Hostname() != "" || u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"))
}

var scanner = regexp.MustCompile(`^(clamd:unix:/\S+|clamd:tcp:\S+:[0-9]+|command:/\S.*)$`)

func isScanner(raw string) bool { return scanner.MatchString(raw) }

func isPhone(raw string) bool {
	return phone.MatchString(raw) && strings.ContainsAny(raw, "0123456789")
}

var nodeName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func isNodeName(raw string) bool { return nodeName.MatchString(raw) }

// origin reads scheme://host[:port], with or without a closing slash, and gives it as browsers send it.
func origin(raw string) (*url.URL, bool) {
	u, err := url.Parse(strings.TrimSuffix(strings.TrimSpace(raw), "/"))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" ||
		u.Fragment != "" || u.User != nil || strings.Contains(raw, "*") {
		return nil, false
	}
	u.Host = strings.ToLower(u.Host)
	if standard := map[string]string{"http": "80", "https": "443"}; u.Port() == standard[u.Scheme] {
		u.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u, true
}

func publicURL(c *Config, raw string) (ok bool) {
	c.PublicURL, ok = origin(raw)
	return ok
}

func origins(c *Config, raw string) bool {
	for one := range strings.SplitSeq(raw, ",") {
		u, ok := origin(one)
		if !ok {
			return false
		}
		c.Origins = append(c.Origins, u.String())
	}
	return true
}

func addresses(c *Config, raw string) bool {
	for one := range strings.SplitSeq(raw, ",") {
		ip, err := netip.ParseAddr(strings.TrimSpace(one))
		if err != nil || ip.IsUnspecified() || ip.IsMulticast() || ip.Zone() != "" {
			return false
		}
		c.MediaAdvertise = append(c.MediaAdvertise, ip)
	}
	return true
}

func databaseURL(c *Config, raw string) bool {
	c.DatabaseURL = telemetry.Secret(raw)
	if scheme, _, ok := strings.Cut(raw, "://"); ok && scheme != "postgres" && scheme != "postgresql" {
		return false
	}
	_, err := pgconn.ParseConfig(raw)
	return err == nil
}

func redisURL(c *Config, raw string) bool {
	c.RedisURL = telemetry.Secret(raw)
	_, err := RedisOptions(raw)
	return err == nil
}
