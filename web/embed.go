// Package web holds the built web application, so that the server is one file.
//
// The folder dist is made by `npm run build` in this folder. Before the first build it holds only a placeholder; [FS] then
// has no index.html and [Built] says so.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS is the built application, with index.html at its root. File names under assets/ carry a hash of their content and
// never change; index.html must be revalidated by the browser on each load.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // a constant valid name never fails
		panic(err)
	}
	return sub
}

// Built reports whether the application was built before the server was.
func Built() bool {
	_, err := fs.Stat(dist, "dist/index.html")
	return err == nil
}
