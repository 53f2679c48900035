package notify

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"https://sms.example.cn/send":          "",
		"https://sms.example.cn:8443/send?a=b": "",
		"https://8.8.8.8/":                     "",
		"http://sms.example.cn/send":           codeAddressForm,
		"ftp://sms.example.cn/":                codeAddressForm,
		"https://":                             codeAddressForm,
		"https://user:secret@sms.example.cn/":  codeAddressForm,
		"https://sms.example.cn/#x":            codeAddressForm,
		"https://sms.example.cn/a b":           codeAddressForm,
		"nonsense":                             codeAddressForm,
		"https://localhost/":                   codeAddressPrivate,
		"https://127.0.0.1/":                   codeAddressPrivate,
		"http://127.0.0.1/":                    codeAddressForm,
		"https://10.1.2.3/":                    codeAddressPrivate,
		"https://192.168.1.1/":                 codeAddressPrivate,
		"https://172.16.0.1/":                  codeAddressPrivate,
		"https://100.64.0.1/":                  codeAddressPrivate,
		"https://169.254.169.254/latest":       codeAddressPrivate,
		"https://0.0.0.0/":                     codeAddressPrivate,
		"https://[::1]/":                       codeAddressPrivate,
		"https://[fd00::1]/":                   codeAddressPrivate,
		"https://[fe80::1]/":                   codeAddressPrivate,
		"https://[fec0::1]/":                   codeAddressPrivate,
		"https://[3fff::1]/":                   codeAddressPrivate,
		"https://[::ffff:10.0.0.1]/":           codeAddressPrivate,
		"https://[64:ff9b::a00:1]/":            codeAddressPrivate,
		"https://[2002:a00:1::]/":              codeAddressPrivate,
		"https://[2606:4700:4700::1111]/":      "",
		"https://224.0.0.1/":                   codeAddressPrivate,
		"https://255.255.255.255/":             codeAddressPrivate,
	} {
		if _, got := (Policy{}).Check(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	private := Policy{AllowPrivate: true}
	for address, want := range map[string]string{
		"http://127.0.0.1:9000/": "", "http://localhost:9000/": "", "http://[::1]:9000/": "", "https://10.1.2.3/": "",
		"http://10.1.2.3/": codeAddressForm, "https://169.254.169.254/": codeAddressPrivate, "https://0.0.0.0/": codeAddressPrivate,
	} {
		if _, got := private.Check(address); got != want {
			t.Errorf("private networks allowed, %s: %q, want %q", address, got, want)
		}
	}
}

// A name may resolve to anything: what counts is the address that is connected to.
func TestANameForAPrivateAddressIsNotConnected(t *testing.T) {
	reached := make(chan struct{}, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = "localhost:" + u.Port()
	r, err := post(t.Context(), u.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, o := exchange((Policy{}).client(), r, time.Now())
	if o.Code != codeForbidden || o.retry {
		t.Errorf("outcome %+v", o)
	}
	select {
	case <-reached:
		t.Error("the server was reached")
	default:
	}
	if err := (Policy{}).control("tcp", netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), 443).String(), nil); !errors.Is(err, errForbiddenAddress) {
		t.Errorf("10.0.0.1: %v", err)
	}
}

func TestRedirectsAreRefusedAndAnswersBounded(t *testing.T) {
	endless := strings.Repeat("x", 1<<20)
	followed := false
	mux := http.NewServeMux()
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/followed", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/followed", func(http.ResponseWriter, *http.Request) { followed = true })
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(endless)) })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	client := Policy{AllowPrivate: true}.client()
	try := func(path string) ([]byte, Outcome) {
		r, err := post(t.Context(), srv.URL+path, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		return exchange(client, r, time.Now())
	}
	if _, o := try("/redirect"); o.OK || o.retry || o.Code != codeRedirect || followed {
		t.Errorf("redirect: %+v, followed %v", o, followed)
	}
	if body, o := try("/long"); !o.OK || len(body) != longestAnswer {
		t.Errorf("a long answer: %+v, %d bytes read", o, len(body))
	}
	// A robot answers with its own code; a page is no robot.
	if o := sendWeCom(t.Context(), client, srv.URL+"/long", message{}); o.OK || !o.retry || o.Code != codeAnswer {
		t.Errorf("a page instead of an answer: %+v", o)
	}
}

func TestASilentProviderIsLeftAtItsLimit(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer srv.Close()
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if o := sendSMS(ctx, Policy{AllowPrivate: true}.client(), srv.URL, "0123456789abcdef", message{}); o.OK || !o.retry || o.Code != codeTimeout {
		t.Errorf("outcome %+v", o)
	}
}
