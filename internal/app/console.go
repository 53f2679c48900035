package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/lianzhen-health/lianzhen/internal/config"
)

// Console is where a command reads its surroundings and writes what people read.
type Console struct {
	Out, Err io.Writer
	Getenv   func(string) string
}

// Exit prints a command's error, if any, and gives the exit code: 0 done, 1 failed, 2 wrong settings.
func Exit(c Console, command string, err error) int {
	switch {
	case err == nil || errors.Is(err, errDone):
		return 0
	case errors.Is(err, flag.ErrHelp):
		if err := config.Usage(c.Out, command); err != nil {
			return 1
		}
		return 0
	}
	fmt.Fprintf(c.Err, "lianzhen %s: %v\n", command, err)
	if _, wrong := errors.AsType[*config.Error](err); wrong {
		return 2
	}
	return 1
}

// errDone ends a command that has printed what it was asked for.
var errDone = errors.New("done")

// settings reads a command's settings; with --print-config it prints them and ends the command.
func settings(c Console, command string, args []string) (*config.Config, error) {
	return settingsAnd(c, command, args, nil)
}

// settingsAnd is settings of a command with flags of its own.
func settingsAnd(c Console, command string, args []string, flags func(*flag.FlagSet)) (*config.Config, error) {
	cfg, rest, err := config.Load(config.Input{Command: command, Args: args, Getenv: c.Getenv, Flags: flags})
	if errors.Is(err, flag.ErrHelp) && flags != nil {
		own := flag.NewFlagSet(command, flag.ContinueOnError)
		own.SetOutput(c.Out)
		flags(own)
		fmt.Fprintf(c.Out, "flags of lianzhen %s:\n", command)
		own.PrintDefaults()
		fmt.Fprintln(c.Out)
	}
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("what is %q? Settings are written as --name value", rest[0])
	}
	if cfg.PrintConfig {
		if err := cfg.Print(c.Out); err != nil {
			return nil, err
		}
		return nil, errDone
	}
	return cfg, nil
}

// Version is the release, or the commit that the program was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	commit, dirty := "unknown", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				dirty = "+changes"
			}
		}
	}
	if len(commit) > 12 {
		commit = commit[:12]
	}
	return commit + dirty
}

// PrintVersion is the command `version`.
func PrintVersion(_ context.Context, c Console, _ []string) error {
	_, err := fmt.Fprintln(c.Out, "lianzhen", Version())
	return err
}
