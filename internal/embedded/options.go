package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

const (
	startWait = 120 * time.Second // recovery after a crash on a slow disk is included
	stopWait  = 20 * time.Second  // after that the child is told to stop at once
)

// Options say where a private server keeps its files and how it runs.
type Options struct {
	// Dir is the folder of this one server; it is made when it is not there. Required unless Fast is set.
	Dir string
	// Database is the database to make sure of (PostgreSQL only); empty means "lianzhen".
	Database string
	// Fast gives up durability and removes the data when the server stops. With an empty Dir, or when shared memory has
	// at least 1 GiB free, the data are kept in memory.
	Fast bool
	// Logger gets a line for start, stop and repair; nil means none. The servers' own messages go to a file in Dir.
	Logger *slog.Logger
	// ExtraArgs are given to the server program after all others.
	ExtraArgs []string

	// user overrides how a root process gets an ordinary user; tests set it to reach the rarer ways.
	user userMode
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// place decides the folder, makes it and takes its lock.
func (o Options) place(kind string) (dir string, unlock func(), err error) {
	switch {
	case o.Fast:
		dir, err = fastDir(o.Dir, kind)
	case o.Dir == "":
		err = errors.New("embedded: Options.Dir is empty")
	default:
		dir, err = filepath.Abs(o.Dir)
	}
	if err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make the folder of %s: %w", kind, err)
	}
	// /proc shows the real path of a process's folder, so left-overs are found only by the real path.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", nil, fmt.Errorf("find the folder of %s: %w", kind, err)
	}
	unlock, err = lockFolder(dir)
	if err != nil {
		return "", nil, err
	}
	return dir, unlock, nil
}
