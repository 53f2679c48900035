package app

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestPages(t *testing.T) {
	script := strings.Repeat("export const kind = 'words';\n", 200)
	h := pages(fstest.MapFS{
		"index.html":           {Data: []byte("<!doctype html><title>联诊</title>")},
		"assets/app-1a2b3.js":  {Data: []byte(script)},
		"manifest.webmanifest": {Data: []byte("{}")},
	}, time.Unix(0, 0))
	get := func(path string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for path, want := range map[string]struct {
		status int
		cache  string
	}{
		"/":                    {200, "no-cache"},
		"/ward":                {200, "no-cache"}, // the page's own router goes on
		"/assets/app-1a2b3.js": {200, "public, max-age=31536000, immutable"},
		"/assets/gone-0.js":    {404, ""},
		"/secret.env":          {404, ""},
		"/../../etc/passwd":    {200, "no-cache"}, // cleaned to a path of the page
	} {
		w := get(path)
		if w.Code != want.status || want.cache != "" && w.Header().Get("Cache-Control") != want.cache {
			t.Errorf("%s: %d %q", path, w.Code, w.Header().Get("Cache-Control"))
		}
		if w.Code == 200 && !strings.Contains(w.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: no content security policy", path)
		}
	}
	for host, want := range map[string]string{"lianzhen.example:8443": "connect-src 'self' ws://lianzhen.example:8443 wss://lianzhen.example:8443", "[::1]:80": "connect-src 'self' ws://[::1]:80 wss://[::1]:80",
		"x; script-src *": "connect-src 'self'", "": "connect-src 'self'"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; "+want) {
			t.Errorf("%q may connect elsewhere: %s", host, policy)
		}
	}
	manifest := get("/manifest.webmanifest").Header()
	if manifest.Get("Content-Type") != "application/manifest+json" || manifest.Get("Cache-Control") != "no-cache" {
		t.Errorf("the manifest: %v", manifest)
	}
	if policy := manifest.Get("Content-Security-Policy"); !strings.Contains(policy, "manifest-src 'self'") || !strings.Contains(policy, "worker-src 'self'") {
		t.Errorf("no application can be installed: %s", policy)
	}
	packed := get("/assets/app-1a2b3.js", "Accept-Encoding", "br, gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= len(script) || !strings.Contains(packed.Header().Get("Content-Type"), "javascript") {
		t.Errorf("not packed: %v", packed.Header())
	}
	z, err := gzip.NewReader(bytes.NewReader(packed.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != script {
		t.Errorf("unpacked is something else: %v", err)
	}
	if plain := get("/assets/app-1a2b3.js", "Accept-Encoding", "gzip;q=0"); plain.Header().Get("Content-Encoding") != "" || plain.Body.String() != script {
		t.Error("packed for somebody who refused it")
	}
}
