package embedded

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// RunningPostgres gives the connection URL of a database of the cluster that another process of this user runs on the folder, for
// commands that work beside a server. It is what StartPostgres with the same folder refuses with an [InUseError].
func RunningPostgres(dir, database string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", fmt.Errorf("find the folder of PostgreSQL: %w", err)
	}
	for _, home := range []string{filepath.Join(dir, "cluster"), filepath.Join("/var/tmp", "lianzhen-"+shortHash(dir))} {
		text, err := os.ReadFile(filepath.Join(home, "data", "postmaster.pid"))
		if err != nil {
			continue
		}
		// The fifth line is the folder of the socket.
		if lines := strings.Split(string(text), "\n"); len(lines) > 4 && filepath.IsAbs(lines[4]) {
			u := url.URL{Scheme: "postgres", User: url.User(postgresUser), Path: "/" + database, RawQuery: url.Values{"host": {lines[4]}}.Encode()}
			return u.String(), nil
		}
	}
	return "", fmt.Errorf("no PostgreSQL runs in %s", dir)
}
