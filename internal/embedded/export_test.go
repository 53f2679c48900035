package embedded

import "os"

// AsUser gives a copy of o that gets its ordinary user in one of the ways of UserModes.
func AsUser(o Options, mode string) Options {
	o.user = userMode(mode)
	return o
}

// UserModes are the ways that this machine allows.
func UserModes() []string {
	if os.Geteuid() != 0 {
		return []string{string(userSelf)}
	}
	modes := []string{string(userDrop)}
	if uid, gid, err := servantAccount(); err == nil && namespaceWorks(uid, gid) {
		modes = append(modes, string(userNamespace))
	}
	return modes
}

// FarHome is where a cluster goes that its user could not reach in dir.
func FarHome(dir string) string { return "/var/tmp/lianzhen-" + shortHash(dir) }

// Sweep removes what killed owners of fast servers left in base.
func Sweep(base string) { sweep(base) }

// FastPrefix begins the name of each fast server's folder.
const FastPrefix = fastPrefix
