package embedded

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The oldest supported servers.
const (
	postgresMin = 15
	redisMin    = 7
)

const (
	postgresInstall = "run `apt-get install postgresql` (Debian, Ubuntu), `dnf install postgresql-server` (Fedora, RHEL) or " +
		"`brew install postgresql@17` (macOS), or set PG_BIN to the folder with postgres and initdb, or DATABASE_URL to a running server"
	redisInstall = "run `apt-get install redis-server` (Debian, Ubuntu), `dnf install redis` (Fedora, RHEL) or `brew install redis` (macOS), " +
		"or set REDIS_BIN to the program, or REDIS_URL to a running server"
)

// postgresFolders are where distributions keep the server programs, most of them outside PATH.
func postgresFolders() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
		"/usr/pgsql-*/bin",                  // RHEL with the PostgreSQL project's packages
		"/usr/libexec/postgresql*",          // Alpine
		"/opt/homebrew/opt/postgresql*/bin", // macOS on ARM
		"/usr/local/opt/postgresql*/bin",    // macOS on Intel
		"/usr/local/pgsql/bin",              // built from source
	}
}

type postgresPrograms struct {
	dir   string
	major int
}

// findPostgres picks the programs: $PG_BIN alone when it is set, else from PATH and the known folders. A cluster that
// exists (major > 0) needs its own major version, a new one gets the newest.
func findPostgres(major int) (postgresPrograms, error) {
	var candidates []string
	if dir := os.Getenv("PG_BIN"); dir != "" {
		candidates = []string{dir}
	} else {
		if path, err := exec.LookPath("initdb"); err == nil {
			if path, err = filepath.EvalSymlinks(path); err == nil {
				candidates = append(candidates, filepath.Dir(path))
			}
		}
		for _, pattern := range postgresFolders() {
			dirs, _ := filepath.Glob(pattern)
			candidates = append(candidates, dirs...)
		}
	}
	var found []postgresPrograms
	var seen []string
	for _, dir := range candidates {
		if !isProgram(filepath.Join(dir, "initdb")) {
			continue
		}
		// The version is asked for, not read from the path: distributions disagree about paths.
		if v, ok := versionOf(filepath.Join(dir, "postgres"), `\) (\d+)`); ok {
			seen = append(seen, fmt.Sprintf("%d in %s", v, dir))
			if v >= postgresMin {
				found = append(found, postgresPrograms{dir, v})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b postgresPrograms) int { return cmp.Compare(b.major, a.major) })
	switch {
	case major == 0 && len(found) > 0:
		return found[0], nil
	case major == 0:
		return postgresPrograms{}, &MissingError{Program: fmt.Sprintf("PostgreSQL %d or newer", postgresMin),
			Found: strings.Join(seen, ", "), Install: postgresInstall}
	}
	for _, p := range found {
		if p.major == major {
			return p, nil
		}
	}
	return postgresPrograms{}, &MissingError{Program: fmt.Sprintf("PostgreSQL %d, which made the data folder,", major),
		Found: strings.Join(seen, ", "), Install: fmt.Sprintf("install that version (Debian: `apt-get install postgresql-%d`), or carry the data over with pg_upgrade or "+
			"pg_dumpall", major)}
}

// findRedis gives $REDIS_BIN, redis-server or valkey-server.
func findRedis() (string, error) {
	var seen []string
	names := []string{"redis-server", "valkey-server"}
	if bin := os.Getenv("REDIS_BIN"); bin != "" {
		names = []string{bin}
	}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		v, ok := versionOf(path, `v=(\d+)`)
		if ok && v >= redisMin {
			return path, nil
		}
		if ok {
			seen = append(seen, fmt.Sprintf("%d in %s", v, path))
		}
	}
	return "", &MissingError{Program: fmt.Sprintf("Redis %d or newer", redisMin), Found: strings.Join(seen, ", "), Install: redisInstall}
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// versionOf asks a program for its version and takes the number that pattern finds.
func versionOf(path, pattern string) (int, bool) {
	out, err := exec.Command(path, "--version").Output()
	if err != nil {
		return 0, false
	}
	m := regexp.MustCompile(pattern).FindSubmatch(out)
	if m == nil {
		return 0, false
	}
	v, err := strconv.Atoi(string(m[1]))
	return v, err == nil
}
