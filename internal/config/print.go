package config

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
)

// Print writes every setting with its value and where that came from; secrets are redacted.
func (c *Config) Print(w io.Writer) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range c.values {
		shown := v.raw
		if v.secret {
			shown = redact(shown)
		}
		if shown == "" {
			shown = "-"
		}
		fmt.Fprintf(tab, "%s\t%s\t(%s)\n", v.name, shown, v.source)
	}
	return tab.Flush()
}

// redact keeps of a URL what helps to see where it leads, and nothing of anything else.
func redact(raw string) string {
	if raw == "" {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.Host == "" && u.Path == "" {
		return "***"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	text := shown.String()
	if u.User != nil {
		text = strings.Replace(text, "://", "://***@", 1)
	}
	if u.RawQuery != "" {
		text += "?***"
	}
	return text
}

// Usage writes the flags of a command that reads the settings.
func Usage(w io.Writer, command string) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tab, "usage: lianzhen %s [-SETTING VALUE ...]\n\n", command)
	for _, s := range settings() {
		fmt.Fprintf(tab, "  -%s\t%s\tdefault: %s\n", s.name, plain(s.help), plain(s.shownDefault()))
	}
	fmt.Fprintf(tab, "  -config\tA file with one setting a line: name, space, value.\tdefault: none\n")
	fmt.Fprintf(tab, "  -print-config\tPrint the settings and where each came from, and end.\t\n")
	fmt.Fprintf(tab, "\nEach is also an environment variable: listen is %sLISTEN, and so on; database-url is DATABASE_URL and redis-url REDIS_URL.\n", envPrefix)
	return tab.Flush()
}

func plain(markdown string) string { return strings.ReplaceAll(markdown, "`", "") }

func (s *setting) shownDefault() string {
	if s.show != "" {
		return s.show
	}
	return "`" + s.value + "`"
}

// Markdown is the table of settings for the README.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| Setting (flag) | Environment | Default | Meaning |\n|---|---|---|---|\n")
	for _, s := range settings() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.name, s.envVar(), s.shownDefault(), s.help)
	}
	fmt.Fprintf(&b, "| `config` | `%sCONFIG` | none | A file with one setting a line: name, space, value; `#` begins a comment. |\n", envPrefix)
	return b.String()
}

// The marks around the table in a document.
const (
	tableBegin = "<!-- settings -->\n"
	tableEnd   = "<!-- /settings -->"
)

// PutTable gives a document with the table of settings between its marks.
func PutTable(document string) (string, error) {
	before, rest, ok := strings.Cut(document, tableBegin)
	if !ok {
		return "", fmt.Errorf("no line %q", strings.TrimSpace(tableBegin))
	}
	_, after, ok := strings.Cut(rest, tableEnd)
	if !ok {
		return "", fmt.Errorf("no line %q after %q", tableEnd, strings.TrimSpace(tableBegin))
	}
	return before + tableBegin + "\n" + Markdown() + "\n" + tableEnd + after, nil
}
