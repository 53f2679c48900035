package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/peterbourgon/ff/v3"
)

// Error is a setting whose value is not allowed.
type Error struct {
	Setting string // its name
	Source  string // where the value came from: flag -listen, environment LIANZHEN_LISTEN, file PATH
	Value   string // as given; "***" for a secret
	Rule    string
	Example string
}

func (e *Error) Error() string {
	return fmt.Sprintf("setting %s (%s) is %q: it must be %s; for example %s", e.Setting, e.Source, e.Value, e.Rule, e.Example)
}

// value is a setting with what was given for it. It takes any text; rules are applied when all are known.
type value struct {
	setting
	raw    string
	source string
	from   *string // the source that is being read; shared by all values
}

// String and Set make a value a [flag.Value].
func (v *value) String() string { return v.raw }

// Set keeps the text and where it came from.
func (v *value) Set(raw string) error {
	v.raw, v.source = strings.TrimSpace(raw), *v.from
	if v.source == sourceFlag {
		v.source = "flag -" + v.name
	}
	return nil
}

// IsBoolFlag lets a flag stand without a value.
func (v *value) IsBoolFlag() bool { return v.boolean }

const (
	sourceDefault = "default"
	sourceFlag    = "flag"
)

// Input is where settings come from.
type Input struct {
	Command string              // for messages: "serve"
	Args    []string            // what follows the command
	Getenv  func(string) string // os.Getenv
	// Flags adds the command's own flags; nil adds none.
	Flags func(*flag.FlagSet)
}

// Load reads and checks all settings and gives the arguments that are not flags. The error is [flag.ErrHelp] when help was
// asked for (print it with [Usage]); otherwise it joins everything that is wrong.
func Load(in Input) (*Config, []string, error) {
	from := sourceDefault
	fs := flag.NewFlagSet(in.Command, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	c := &Config{}
	for _, s := range settings() {
		v := &value{setting: s, raw: s.value, source: sourceDefault, from: &from}
		c.values = append(c.values, v)
		fs.Var(v, s.name, s.help)
	}
	file := fs.String("config", "", "a file with one setting a line: name, space, value; # begins a comment")
	fs.BoolVar(&c.PrintConfig, "print-config", false, "print the settings, where each came from, and end")
	if in.Flags != nil {
		in.Flags(fs)
	}

	for _, v := range c.values {
		if raw := in.Getenv(v.envVar()); raw != "" {
			from = "environment " + v.envVar()
			_ = fs.Set(v.name, raw) // a value takes any text
		}
	}
	if raw := in.Getenv(envPrefix + "CONFIG"); raw != "" {
		*file = raw
	}
	from = sourceFlag
	parseFile := func(r io.Reader, set func(name, value string) error) error {
		from = "file " + *file
		return ff.PlainParser(r, set)
	}
	// What the environment has set counts as given, so the file, which comes last, does not overrule it.
	if err := ff.Parse(fs, in.Args, ff.WithConfigFileVia(file), ff.WithConfigFileParser(parseFile)); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, nil, flag.ErrHelp
		}
		return nil, nil, fmt.Errorf("read the settings: %w", err)
	}

	if err := c.check(); err != nil {
		return nil, nil, err
	}
	return c, fs.Args(), nil
}

// check applies each setting's rule, then those that concern two of them.
func (c *Config) check() error {
	var errs []error
	for _, v := range c.values {
		if !v.set(c, v.raw) {
			errs = append(errs, v.error(v.rule))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for name, path := range map[string]string{"tls-cert": c.TLSCert, "tls-key": c.TLSKey} {
		switch {
		case c.TLS == TLSFiles && path == "":
			errs = append(errs, c.value(name).error(c.value(name).rule+", since tls is files"))
		case c.TLS != TLSFiles && path != "":
			errs = append(errs, c.value("tls").error("files when "+name+" is set"))
		}
	}
	if c.RefreshTokenTTL <= c.AccessTokenTTL {
		errs = append(errs, c.value("refresh-token-ttl").error("longer than access-token-ttl, which is "+c.value("access-token-ttl").raw))
	}
	return errors.Join(errs...)
}

func (v *value) error(rule string) *Error {
	shown := v.raw
	if v.secret && shown != "" {
		shown = "***"
	}
	return &Error{Setting: v.name, Source: v.source, Value: shown, Rule: rule, Example: v.example}
}

func (c *Config) value(name string) *value {
	for _, v := range c.values {
		if v.name == name {
			return v
		}
	}
	panic("config: no setting " + name)
}
