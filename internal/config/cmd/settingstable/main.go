package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/lianzhen-health/lianzhen/internal/config"
)

func main() {
	file := flag.String("w", "", "the file to put the table into")
	flag.Parse()
	if *file == "" {
		fmt.Print(config.Markdown())
		return
	}
	if err := rewrite(*file); err != nil {
		fmt.Fprintln(os.Stderr, "settingstable:", err)
		os.Exit(1)
	}
}

func rewrite(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	changed, err := config.PutTable(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(changed), 0o644)
}
