package app

import (
	"context"
	"flag"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/keys"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// Keys is the command `keys list` and `keys rotate`: it shows and changes the keys while servers run.
func Keys(ctx context.Context, c Console, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "list":
			return listKeys(ctx, c, args[1:])
		case "rotate":
			return rotateKeys(ctx, c, args[1:])
		}
	}
	return fmt.Errorf("list or rotate? lianzhen keys list [-count], lianzhen keys rotate -what kek|data|lookup|seal (-help lists the flags)")
}

func listKeys(ctx context.Context, c Console, args []string) error {
	var count bool
	cfg, err := settingsAnd(c, "keys list", args, func(fs *flag.FlagSet) {
		fs.BoolVar(&count, "count", false, "also count the values that each data key has sealed; reads every table")
	})
	if err != nil {
		return err
	}
	return beside(ctx, c, cfg, func(ctx context.Context, st *store.Store, _ *seal.Keeper) error {
		kek, err := seal.LoadOrCreateKEK(cfg.EncryptionKeyFile)
		if err != nil {
			return err
		}
		data, err := st.Q().ListDataKeys(ctx)
		if err != nil {
			return err
		}
		sealed := map[uuid.UUID]int64{}
		if count {
			columns, err := st.SealedColumns(ctx)
			if err != nil {
				return err
			}
			for _, column := range columns {
				by, err := st.SealedBy(ctx, column)
				if err != nil {
					return err
				}
				for id, n := range by {
					sealed[id] += n
				}
			}
		}
		out := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(out, "key-encryption key %s in %s, former ones %v\n\n", kek.ID(), cfg.EncryptionKeyFile, kek.Former())
		fmt.Fprintln(out, "PURPOSE\tKEY\tALGORITHM\tWRAPPED BY\tMADE\tRETIRED\tVALUES")
		for _, d := range data {
			retired, values := "–", "?"
			if d.RetiredAt != nil {
				retired = d.RetiredAt.UTC().Format(time.RFC3339)
			}
			if count {
				values = fmt.Sprint(sealed[d.ID])
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Purpose, d.ID, d.Algorithm, d.KekID, d.CreatedAt.UTC().Format(time.RFC3339), retired, values)
		}
		seals, err := st.Q().SealSigningKeys(ctx)
		if err != nil {
			return err
		}
		for _, s := range seals {
			fmt.Fprintf(out, "%s\t%s\t%s\t\t%s\t–\t\n", "seal", s.Kid, s.Algorithm, s.CreatedAt.UTC().Format(time.RFC3339))
		}
		rotations, err := st.Q().KeyRotations(ctx)
		if err != nil {
			return err
		}
		for i, r := range rotations {
			if i == 0 {
				fmt.Fprintln(out, "\nROTATION\tBEGUN\tFINISHED\tVALUES")
			}
			finished := "not yet: run it again"
			if r.FinishedAt != nil {
				finished = r.FinishedAt.UTC().Format(time.RFC3339)
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%d\n", r.What, r.StartedAt.UTC().Format(time.RFC3339), finished, r.Resealed)
		}
		return out.Flush()
	})
}

func rotateKeys(ctx context.Context, c Console, args []string) error {
	var what string
	var prepare, forget bool
	var o keys.Options
	cfg, err := settingsAnd(c, "keys rotate", args, func(fs *flag.FlagSet) {
		fs.StringVar(&what, "what", "", "kek: the key in the key file; data: the keys that seal fields and files; lookup: the key of look-up hashes; seal: the key of the system's seal")
		fs.BoolVar(&prepare, "prepare", false, "with kek: only put a new key into the key file, to be copied to the other machines first")
		fs.BoolVar(&forget, "forget", false, "with kek: take former keys out of the key file; backups of the database from before open no more")
		fs.IntVar(&o.Batch, "batch", 50, "values in one transaction")
		fs.DurationVar(&o.Pause, "pause", 10*time.Millisecond, "between two transactions")
	})
	if err != nil {
		return err
	}
	if (prepare || forget) && what != keys.KEK {
		return fmt.Errorf("-prepare and -forget go with -what kek")
	}
	return beside(ctx, c, cfg, func(ctx context.Context, st *store.Store, keep *seal.Keeper) error {
		o.Store, o.Keeper, o.KeyFile = st, keep, cfg.EncryptionKeyFile
		o.Algorithms = identity.Algorithms{Cipher: cfg.Cipher, Seal: cfg.SealAlgorithm}
		o.Say = func(format string, args ...any) { fmt.Fprintf(c.Out, format+"\n", args...) }
		r, err := keys.New(o)
		if err != nil {
			return err
		}
		switch {
		case prepare:
			id, err := r.Prepare()
			if err == nil {
				o.Say("a new key-encryption key %s stands first in %s: copy the file to the other machines, then rotate", id, cfg.EncryptionKeyFile)
			}
			return err
		case forget:
			n, err := r.Forget(ctx)
			if err == nil {
				o.Say("%d former keys were taken out of %s", n, cfg.EncryptionKeyFile)
			}
			return err
		}
		if err := r.Rotate(ctx, what); err != nil {
			return err
		}
		o.Say("the %s key is rotated", what)
		return nil
	})
}
