package pdfpage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

const (
	program  = "pdftoppm"
	side     = "640" // px, the longer side
	patience = 15 * time.Second
	// The bounds of the process: KiB of memory, seconds of processor time; no file may be written.
	bounds   = "ulimit -v 1048576 && ulimit -t 10 && ulimit -f 0 && ulimit -c 0 && exec " + program + ` "$@"`
	maxBytes = 4 << 20
)

// Drawer draws first pages.
type Drawer struct {
	path string
	turn chan struct{}
}

// Find gives a drawer, nil where the program is not installed.
func Find() *Drawer {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil
	}
	return &Drawer{path: path, turn: make(chan struct{}, 1)}
}

var errTooLarge = errors.New("the picture is too large")

// FirstPage gives the first page as a JPEG of at most 640 px a side. An error means that there is none: the document is broken, locked,
// or takes more than it may.
func (d *Drawer) FirstPage(ctx context.Context, pdf []byte) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	run := exec.CommandContext(ctx, "/bin/sh", "-c", bounds, program, "-f", "1", "-l", "1", "-singlefile", "-scale-to", side, "-jpeg", "-")
	run.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	run.Dir = "/"
	run.Stdin = bytes.NewReader(pdf)
	run.WaitDelay = time.Second
	out := &bounded{left: maxBytes}
	run.Stdout = out
	if err := run.Run(); err != nil {
		return nil, fmt.Errorf("draw the first page: %w", err)
	}
	if out.buf.Len() == 0 {
		return nil, errors.New("draw the first page: there is none")
	}
	return out.buf.Bytes(), nil
}

// bounded keeps so much and refuses more, which ends the program.
type bounded struct {
	buf  bytes.Buffer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, errTooLarge
	}
	b.left -= len(p)
	return b.buf.Write(p)
}

var _ io.Writer = (*bounded)(nil)
