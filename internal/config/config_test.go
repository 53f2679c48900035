package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/config"
)

func load(t *testing.T, env map[string]string, args ...string) (*config.Config, error) {
	t.Helper()
	c, _, err := config.Load(config.Input{Command: "serve", Args: args, Getenv: func(k string) string { return env[k] }})
	return c, err
}

func mustLoad(t *testing.T, env map[string]string, args ...string) *config.Config {
	t.Helper()
	c, err := load(t, env, args...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaultsStayOnThisMachine(t *testing.T) {
	c := mustLoad(t, nil)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(here, ".lianzhen")
	if c.Listen != "127.0.0.1:8080" || !c.ListensOnLoopback() || c.DataDir != data || c.EncryptionKeyFile != filepath.Join(data, "keys") ||
		c.DatabaseURL != "" || c.RedisURL != "" || c.TLS != config.TLSOff || c.AccessTokenTTL != 10*time.Minute ||
		c.RefreshTokenTTL != 12*time.Hour || c.ConsentValidity != 180*24*time.Hour || c.MaxUpload != 12<<20 || c.Demo {
		t.Errorf("defaults: %+v", c)
	}
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lianzhen.conf")
	if err := os.WriteFile(file, []byte("# a comment\nlisten 127.0.0.1:1\nmedia-udp 127.0.0.1:1\nlog-level warn\ndemo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"LIANZHEN_CONFIG": file, "LIANZHEN_LISTEN": "127.0.0.1:2", "LIANZHEN_MEDIA_UDP": "127.0.0.1:2"}
	c := mustLoad(t, env, "-listen", "127.0.0.1:3")
	if c.Listen != "127.0.0.1:3" || c.MediaUDP != "127.0.0.1:2" || c.LogLevel.String() != "WARN" || !c.Demo || c.LogFormat != "json" {
		t.Errorf("%+v", c)
	}
	var out strings.Builder
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"(flag -listen)", "(environment LIANZHEN_MEDIA_UDP)", "(file " + file + ")", "(default)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("print lacks %q:\n%s", want, &out)
		}
	}
}

func TestWrongValuesNameSettingSourceRuleAndExample(t *testing.T) {
	cases := map[string][]string{ // setting: values that break its rule
		"listen":            {"8080", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:http", ":-1"},
		"public-url":        {"lianzhen.example.cn", "https://", "https://a.cn/path", "https://a.cn?x=1", "ftp://a.cn", "https://u:p@a.cn"},
		"origins":           {"*", "https://a.cn,", "https://*.a.cn"},
		"database-url":      {"mysql://a/b", "postgres://h:notaport/x", "nonsense"},
		"redis-url":         {"http://a", "localhost:6379", "redis://h:notaport"},
		"media-udp":         {"7881"},
		"media-advertise":   {"example.cn", "0.0.0.0", "10.0.0.1;10.0.0.2", "224.0.0.1"},
		"tls":               {"on", "", "OFF"},
		"log-level":         {"verbose", "", "info+1"},
		"log-format":        {"xml"},
		"metrics-listen":    {"9464"},
		"metrics-token":     {"short", "with space in the middle"},
		"access-token-ttl":  {"59s", "2h", "10", "", "1d"},
		"refresh-token-ttl": {"9m", "31d", "-1d", "9999999999999999999d"},
		"consent-validity":  {"23h", "1096d"},
		"max-upload":        {"1", "12 apples", "200MiB", "-1MiB", "9999999999999999999MiB"},
		"consult-phone":     {"call me", "12", "()", "+" + strings.Repeat("1", 32)},
		"demo":              {"yes please"},
		"shutdown-grace":    {"0s", "11m", "soon"},
	}
	for name, values := range cases {
		for _, raw := range values {
			_, err := load(t, nil, "-"+name+"="+raw)
			var wrong *config.Error
			if !errors.As(err, &wrong) || wrong.Setting != name || wrong.Source != "flag -"+name {
				t.Errorf("%s=%q gave %v", name, raw, err)
				continue
			}
			for _, part := range []string{name, wrong.Rule, "for example " + wrong.Example} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s=%q: the error lacks %q: %v", name, raw, part, err)
				}
			}
			if wrong.Rule == "" || wrong.Example == "" {
				t.Errorf("%s has no rule or no example", name)
			}
			if _, err := load(t, nil, "-"+name+"="+wrong.Example); err != nil && name != "tls" {
				t.Errorf("the example of %s is refused: %v", name, err)
			}
		}
	}
}

func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	_, err := load(t, map[string]string{"LIANZHEN_TLS": "on"}, "-listen", "x", "-demo=maybe")
	for _, want := range []string{"setting tls (environment LIANZHEN_TLS)", "setting listen (flag -listen)", "setting demo"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
}

func TestSettingsThatMustAgree(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-tls", "files", "-tls-key", "k"}, "setting tls-cert"},
		{[]string{"-tls", "files", "-tls-cert", "c"}, "setting tls-key"},
		{[]string{"-tls-cert", "c"}, "files when tls-cert is set"},
		{[]string{"-access-token-ttl", "1h", "-refresh-token-ttl", "30m"}, "longer than access-token-ttl"},
	} {
		if _, err := load(t, nil, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v gave %v", c.args, err)
		}
	}
	mustLoad(t, nil, "-tls", "files", "-tls-cert", "c", "-tls-key", "k")
}

func TestUnknownSettingsAndFilesAreRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lianzhen.conf")
	if err := os.WriteFile(file, []byte("lisen 127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-lisen", "x"}, "lisen"},
		{[]string{"-config", file}, "lisen"},
		{[]string{"-config", file + ".not"}, "no such file"},
	} {
		if _, err := load(t, nil, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v gave %v", c.args, err)
		}
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	const word = "hunter2-hunter2-hunter2"
	for _, dsn := range []string{
		"postgres://u:" + word + "@db.example.cn/l?sslmode=disable&password=" + word,
		"host=db.example.cn user=u password=" + word,
	} {
		c := mustLoad(t, map[string]string{"DATABASE_URL": dsn, "REDIS_URL": "redis://:" + word + "@r.example.cn:6379", "LIANZHEN_METRICS_TOKEN": word})
		var out strings.Builder
		if err := c.Print(&out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), word) || !strings.Contains(out.String(), "r.example.cn:6379") {
			t.Errorf("printed:\n%s", &out)
		}
		if !strings.Contains(c.DatabaseURL.Reveal(), word) {
			t.Error("the password is lost")
		}
	}
	for _, env := range []map[string]string{
		{"DATABASE_URL": "postgres://u:" + word + "@h:port/x"}, {"REDIS_URL": "redis://:" + word + "@h:port"}, {"LIANZHEN_METRICS_TOKEN": word + " x"},
		{"REDIS_URL": "redis://:" + word + "@h/%zz"},
	} {
		if _, err := load(t, env); err == nil || strings.Contains(err.Error(), word) {
			t.Errorf("%v", err)
		}
	}
}

func TestOriginsAreAsBrowsersSendThem(t *testing.T) {
	c := mustLoad(t, nil, "-public-url", "https://Lianzhen.Example.cn:443/", "-origins", "http://b.cn:80, https://c.cn:8443")
	if got := strings.Join(c.AllowedOrigins(), " "); got != "https://lianzhen.example.cn http://b.cn https://c.cn:8443" {
		t.Error(got)
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // part of a warning; empty: none at all
	}{
		{[]string{"-consult-phone", "120"}, ""},
		{[]string{"-demo"}, ""},
		{nil, "consult-phone is empty"},
		{[]string{"-listen", "0.0.0.0:8080"}, "camera and microphone"},
		{[]string{"-listen", "0.0.0.0:8080", "-public-url", "https://a.cn"}, "unencrypted"},
		{[]string{"-listen", "0.0.0.0:8443", "-tls", "self-signed", "-consult-phone", "120"}, ""},
		{[]string{"-listen", "0.0.0.0:8443", "-tls", "self-signed", "-demo"}, "demo passwords are refused"},
		{[]string{"-listen", ":8080"}, "camera and microphone"},
		{[]string{"-listen", "[::1]:8080", "-consult-phone", "120"}, ""},
		{[]string{"-listen", "localhost:8080", "-consult-phone", "120"}, ""},
	} {
		got := strings.Join(mustLoad(t, nil, c.args...).Warnings(), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%v warns %q", c.args, got)
		}
	}
}

func TestCommandsHaveTheirOwnFlagsArgumentsAndHelp(t *testing.T) {
	var deep bool
	c, rest, err := config.Load(config.Input{Command: "seed", Args: []string{"-deep", "-print-config", "one"}, Getenv: func(string) string { return "" },
		Flags: func(fs *flag.FlagSet) { fs.BoolVar(&deep, "deep", false, "") }})
	if err != nil || !deep || !c.PrintConfig || len(rest) != 1 {
		t.Errorf("%v %v %v %v", deep, c, rest, err)
	}
	if _, err := load(t, nil, "-help"); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help gave %v", err)
	}
	var out strings.Builder
	if err := config.Usage(&out, "serve"); err != nil || !strings.Contains(out.String(), "-media-advertise") {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestRedisOptions(t *testing.T) {
	for raw, want := range map[string]int{
		"redis://:p@one:6379/2":                                    1,
		"unix:///run/redis/redis.sock":                             1,
		"rediss://one:6379?addr=two:6379&addr=three:6379":          3,
		"redis://s1:26379?master_name=mymaster&addr=s2:26379":      2,
		"unix:///a%20long%20path/with%20%E6%B1%89/redis.sock?db=1": 1,
	} {
		o, err := config.RedisOptions(raw)
		if err != nil || len(o.Addrs) != want || strings.Contains(raw, "master") != (o.MasterName != "") {
			t.Errorf("%s gave %+v %v", raw, o, err)
		}
	}
}

// The README's table is made from the settings: scripts/settings-table -w README.md
func TestReadmeHasTheTableOfSettings(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := config.PutTable(string(text))
	if err != nil {
		t.Fatal("README.md:", err)
	}
	if string(text) != want {
		t.Error("README.md's table of settings is old: run scripts/settings-table -w README.md")
	}
}
