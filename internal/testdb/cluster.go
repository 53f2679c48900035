package testdb

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// emptyTemplate is what a database is made from when nothing is to be in it.
const emptyTemplate = "template0"

// dropWait bounds how long a test's end waits for connections that the test did not give back.
const dropWait = 10 * time.Second

// cluster makes and drops databases as a superuser.
type cluster struct {
	dsn      string // of the database postgres
	admin    *pgxpool.Pool
	template string
}

// openCluster connects and makes sure of the template.
func openCluster(ctx context.Context, dsn string, set settings) (*cluster, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", EnvPostgres, err)
	}
	config.MaxConns = 4
	admin, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the test cluster: %w", err)
	}
	c := &cluster{dsn: dsn, admin: admin, template: emptyTemplate}
	if set.migrate != nil {
		if c.template, err = c.ensureTemplate(ctx, set); err != nil {
			admin.Close()
			return nil, err
		}
	}
	return c, nil
}

func (c *cluster) close() { c.admin.Close() }

// ensureTemplate migrates a database under a name for work in progress and renames it when it is complete, so that a
// template is whole or absent.
func (c *cluster) ensureTemplate(ctx context.Context, set settings) (string, error) {
	key, err := hashFiles(set.schema)
	if err != nil {
		return "", fmt.Errorf("read the schema's files: %w", err)
	}
	name := fmt.Sprintf("lz_template_%x", key[:6])
	making := name + "_making"
	err = c.admin.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		lock := int64(binary.BigEndian.Uint64(key[:8]))
		if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", lock); err != nil {
			return err
		}
		defer func() { _, _ = conn.Exec(ctx, "select pg_advisory_unlock($1)", lock) }()
		var there bool
		if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
			return err
		}
		for _, sql := range []string{"drop database if exists " + making + " with (force)", "create database " + making + " template template0"} {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return err
			}
		}
		if err := set.migrate(ctx, c.dsnOf(making)); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		for _, sql := range []string{"alter database " + making + " with allow_connections false", "alter database " + making + " rename to " + name} {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("make the template database: %w", err)
	}
	return name, nil
}

// hashFiles is one hash over the names and contents of all files.
func hashFiles(files fs.FS) ([32]byte, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%d %s %d %s", len(path), path, len(text), text)
		return nil
	})
	return [32]byte(sum.Sum(nil)), err
}

// dsnOf names another database of the cluster.
func (c *cluster) dsnOf(database string) string {
	u, err := url.Parse(c.dsn)
	if err != nil || u.Scheme == "" {
		// The key=value form: the last word wins.
		return c.dsn + " dbname=" + database
	}
	u.Path = "/" + database
	return u.String()
}

func (c *cluster) create(ctx context.Context, name, template string) error {
	_, err := c.admin.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize()+" template "+pgx.Identifier{template}.Sanitize()+" strategy file_copy")
	return err
}

func (c *cluster) drop(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), dropWait)
	defer cancel()
	_, err := c.admin.Exec(ctx, "drop database if exists "+pgx.Identifier{name}.Sanitize()+" with (force)")
	return err
}

// DSN makes a database for this test and gives its connection URL. The database is dropped when the test ends, with
// whoever is still connected.
func DSN(t testing.TB) string {
	t.Helper()
	c := current(t).cluster
	name := "lz_test_" + strings.ToLower(rand.Text()[:16])
	if err := c.create(t.Context(), name, c.template); err != nil {
		t.Fatal("testdb: make the test's database:", err)
	}
	t.Cleanup(func() {
		if err := c.drop(name); err != nil {
			t.Error("testdb: drop the test's database:", err)
		}
	})
	return c.dsnOf(name)
}

// New makes a database for this test and gives a pool on it, closed when the test ends. A test that ends without giving
// its connections back fails, for the same leak would starve a server.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(DSN(t))
	if err != nil {
		t.Fatal("testdb:", err)
	}
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal("testdb:", err)
	}
	t.Cleanup(func() {
		if err := closePool(pool); err != nil {
			t.Error("testdb:", err)
		}
	})
	return pool
}

// Rewind remembers the test's database behind a pool as it is now, and gives a function that brings it back to that. It takes a
// tenth of the time that filling it again would, and leaves nothing of what happened in between. The pool may be used again after it;
// a connection that is out meanwhile is lost.
func Rewind(t testing.TB, pool *pgxpool.Pool) (back func()) {
	t.Helper()
	c := current(t).cluster
	name := pool.Config().ConnConfig.Database
	kept := name + "_kept"
	pool.Reset() // nobody may be connected to a database that is copied
	if err := c.create(t.Context(), kept, name); err != nil {
		t.Fatal("testdb: remember the test's database:", err)
	}
	t.Cleanup(func() {
		if err := c.drop(kept); err != nil {
			t.Error("testdb: drop what was remembered:", err)
		}
	})
	return func() {
		t.Helper()
		pool.Reset()
		if err := c.drop(name); err != nil {
			t.Fatal("testdb: drop the test's database:", err)
		}
		if err := c.create(t.Context(), name, kept); err != nil {
			t.Fatal("testdb: bring the test's database back:", err)
		}
	}
}

func closePool(pool *pgxpool.Pool) error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		pool.Close()
	}()
	timer := time.NewTimer(dropWait)
	defer timer.Stop()
	select {
	case <-closed:
		return nil
	case <-timer.C:
		return errors.New("connections of the test's pool were not given back")
	}
}
