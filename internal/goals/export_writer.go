package goals

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Work writes exports until ctx ends, one at a time on each node.
func (s *Service) Work(ctx context.Context) error {
	tick, prune := time.NewTicker(exportPoll), time.NewTicker(pruneEvery)
	defer tick.Stop()
	defer prune.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-prune.C:
			if _, err := s.st.Q().PruneExports(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("exports: old files stay", "error", err)
			}
			if _, err := s.st.Q().PruneExportPieces(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("exports: old pieces stay", "error", err)
			}
		case <-tick.C:
			for {
				worked, err := s.WriteOne(ctx)
				if err != nil && ctx.Err() == nil {
					s.log.Warn("exports", "error", err)
				}
				if !worked || err != nil {
					break
				}
			}
		}
	}
}

// errTaken: the job was cancelled, or another node has it.
var errTaken = errors.New("goals: the export is no longer ours")

// WriteOne writes the oldest export that waits, and reports whether there was one.
func (s *Service) WriteOne(ctx context.Context) (bool, error) {
	job, err := s.st.Q().TakeExportJob(ctx, exportLease)
	if store.IsNone(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take an export: %w", err)
	}
	err = s.write(ctx, job)
	switch {
	case err == nil, errors.Is(err, errTaken):
		return true, nil
	case ctx.Err() != nil:
		return true, ctx.Err() // the lease runs out, and somebody writes it again
	}
	s.log.Error("an export failed", "sheet", job.Sheet, "job", job.ID, "error", err)
	code := problem.Of(err).Code
	now, clockErr := s.clock(ctx, s.st.Q())
	if clockErr != nil {
		return true, clockErr
	}
	if _, err := s.st.Q().FailExport(ctx, db.FailExportParams{ID: job.ID, Attempt: job.Attempt, ErrorCode: code, Now: now}); err != nil {
		return true, fmt.Errorf("note that an export failed: %w", err)
	}
	return true, nil
}

func (s *Service) write(ctx context.Context, job db.ExportJob) error {
	if s.actors == nil {
		return errors.New("goals: nobody knows who asked")
	}
	a, err := s.actors.ActorOf(ctx, job.RequestedBy, job.ActingAs)
	if err != nil {
		return err
	}
	a.Locale = job.Locale
	var params exportParams
	if err := json.Unmarshal(job.Params, &params); err != nil {
		return fmt.Errorf("parameters of an export: %w", err)
	}
	pieces := &pieceWriter{ctx: ctx, s: s, job: job, sum: sha256.New()}
	written, err := s.WriteSheet(ctx, a, SheetRequest{Sheet: job.Sheet, Format: string(job.Format), Organisation: job.OrganisationID, Period: Period{params.Kind, params.First}, Params: params.More,
		Progress: func(rows int) error {
			n, err := s.st.Q().ExportProgress(ctx, db.ExportProgressParams{ID: job.ID, Attempt: job.Attempt, DoneRows: int32(rows), LeaseSeconds: exportLease})
			if err == nil && n == 0 {
				err = errTaken
			}
			return err
		}}, pieces)
	if err != nil {
		return err
	}
	if err := pieces.flush(); err != nil {
		return err
	}
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return err
	}
	n, err := s.st.Q().FinishExport(ctx, db.FinishExportParams{ID: job.ID, Attempt: job.Attempt, DoneRows: int32(written.Rows), FileName: written.Name, Size: pieces.size, Sha256: pieces.sum.Sum(nil), Now: now})
	if err == nil && n == 0 {
		err = errTaken
	}
	return err
}

// pieceWriter seals a file in pieces as it is written.
type pieceWriter struct {
	ctx  context.Context
	s    *Service
	job  db.ExportJob
	buf  bytes.Buffer
	next int32
	size int64
	sum  hash.Hash
}

func (w *pieceWriter) Write(p []byte) (int, error) {
	w.size += int64(len(p))
	w.sum.Write(p)
	w.buf.Write(p)
	for w.buf.Len() >= pieceSize {
		if err := w.put(w.buf.Next(pieceSize)); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (w *pieceWriter) flush() error {
	if w.buf.Len() == 0 {
		return nil
	}
	return w.put(w.buf.Next(w.buf.Len()))
}

func (w *pieceWriter) put(p []byte) error {
	id := newID()
	err := w.s.st.Q().AddExportPiece(w.ctx, db.AddExportPieceParams{JobID: w.job.ID, Attempt: w.job.Attempt, Position: w.next, ID: id, ContentEnc: w.s.keep.Seal("export_pieces", "content_enc", id, p)})
	if err != nil {
		return fmt.Errorf("keep a piece of an export: %w", err)
	}
	w.next++
	return nil
}
