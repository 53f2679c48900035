package app

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

// The command proves the demo's record, and fails with words when a byte of it was changed.
func TestVerifyCommand(t *testing.T) {
	dsn, dir := testdb.DSN(t), t.TempDir()
	run := func(command func(c Console, args ...string) error, args ...string) (string, int) {
		var out, errs bytes.Buffer
		c := Console{Out: &out, Err: &errs, Getenv: func(name string) string {
			return map[string]string{"DATABASE_URL": dsn, "LIANZHEN_ENCRYPTION_KEY_FILE": filepath.Join(dir, "keys"), "LIANZHEN_LOG_LEVEL": "error"}[name]
		}}
		code := Exit(c, "verify", command(c, args...))
		return out.String() + errs.String(), code
	}
	seed := func(c Console, args ...string) error { return Seed(t.Context(), c, args) }
	verify := func(c Console, args ...string) error { return Verify(t.Context(), c, args) }
	if out, code := run(seed); code != 0 {
		t.Fatal(out)
	}
	file := filepath.Join(dir, "checkpoint.json")
	if out, code := run(verify, "-export-checkpoint", file); code != 0 || !strings.Contains(out, "chains in "+file) {
		t.Fatal(code, out)
	}
	if out, code := run(verify, "-checkpoint", file); code != 0 || !strings.Contains(out, "everything holds") || strings.Contains(out, "not chained yet") {
		t.Fatal(code, out)
	}

	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), "SET session_replication_role = replica; UPDATE reports SET content_enc = set_byte(content_enc, 70, get_byte(content_enc, 70) # 128) WHERE version = 1"); err != nil {
		t.Fatal(err)
	}
	if out, code := run(verify); code != 1 || !strings.Contains(out, "FAULT 1 (unreadable): chain of ") || !strings.Contains(out, "signed report") {
		t.Error(code, out)
	}
	out, code := run(verify, "-json")
	var result audit.Result
	if err := json.Unmarshal([]byte(strings.SplitN(out, "\n", 2)[0]), &result); err != nil || code != 1 || result.OK || result.Found == 0 {
		t.Error(code, err, out)
	}
}
