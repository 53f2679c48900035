package app

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

// contentSecurity allows the page its own origin only. Ant Design writes style elements, pictures and sounds come as
// blobs, and nothing may frame the page. What connects goes to this server alone, so that a script that should not be there has nowhere to send
// what it read.
const contentSecurity = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"media-src 'self' blob:; font-src 'self' data:; worker-src 'self' blob:; manifest-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; connect-src 'self'"

var plainHost = regexp.MustCompile(`^[A-Za-z0-9.\-]+(:[0-9]+)?$|^\[[0-9A-Fa-f:.]+\](:[0-9]+)?$`)

// securityFor names the sockets of the host that was asked, which 'self' does not stand for in every browser.
func securityFor(host string) string {
	if !plainHost.MatchString(host) {
		return contentSecurity
	}
	return contentSecurity + " ws://" + host + " wss://" + host
}

// pages serves the built web application. Files below assets/ have their hash in the name and are kept for ever; every
// path that is no file gets index.html, where the page's own router goes on.
func pages(files fs.FS, built time.Time) http.Handler {
	small := compressed(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		content, err := fs.ReadFile(files, name)
		isAsset := strings.HasPrefix(name, "assets/")
		if err != nil {
			if isAsset || path.Ext(name) != "" {
				http.NotFound(w, r)
				return
			}
			name = "index.html"
			if content, err = fs.ReadFile(files, name); err != nil {
				http.Error(w, "the web application is not built into this program: run make build", http.StatusServiceUnavailable)
				return
			}
		}
		h := w.Header()
		h.Set("Content-Security-Policy", securityFor(r.Host))
		if isAsset {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			h.Set("Cache-Control", "no-cache")
		}
		if path.Ext(name) == ".webmanifest" { // unknown to many systems
			h.Set("Content-Type", "application/manifest+json")
		}
		h.Set("Vary", "Accept-Encoding")
		if packed := small[name]; packed != nil && acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			if h.Get("Content-Type") == "" {
				h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
			}
			content = packed
		}
		http.ServeContent(w, r, name, built, bytes.NewReader(content))
	})
}

// compressed packs every text of the pages once, at the start: over 4G the first visit is three times as quick.
func compressed(files fs.FS) map[string][]byte {
	out := map[string][]byte{}
	_ = fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, failed error) error {
		if failed != nil {
			return nil // what cannot be listed is served as it is, or not at all
		}
		switch path.Ext(name) {
		case ".js", ".css", ".html", ".svg", ".json", ".webmanifest":
		default:
			return nil
		}
		content, err := fs.ReadFile(files, name)
		if err != nil || len(content) < 1<<10 {
			return nil // it is served as it is
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(content); err == nil && z.Close() == nil && packed.Len() < len(content) {
			out[name] = packed.Bytes()
		}
		return nil
	})
	return out
}

// acceptsGzip reads Accept-Encoding as browsers write it.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" {
			return strings.TrimSpace(weight) != "q=0"
		}
	}
	return false
}

// harden sets the headers that every answer carries.
func harden(https bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=(self), payment=(), usb=()")
		if https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
