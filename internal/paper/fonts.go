package paper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// ErrNoFont says that no font with Chinese characters is installed where one is looked for.
var ErrNoFont = errors.New("no font with Chinese characters is installed")

// usual are the places of Chinese fonts in the distributions, the most complete ones first.
func usual() []string {
	return []string{
		"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",              // Debian, Ubuntu, UOS: fonts-noto-cjk
		"/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", // Fedora
		"/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",            // RHEL and its relatives, openEuler
		"/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",                   // Arch
		"/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",                        // Debian: fonts-wqy-zenhei
		"/usr/share/fonts/wqy-zenhei/wqy-zenhei.ttc",
		"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", // Debian: fonts-wqy-microhei
		"/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
		"/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
		"/System/Library/Fonts/STHeiti Light.ttc",
	}
}

// Fonts are the fonts of an installation: the first sets the text, the others stand in for characters that it lacks.
type Fonts struct {
	files []string
	turn  chan struct{} // holds one element while a document is set

	mu     sync.Mutex
	opened []*source // of the first files, as far as they were needed
}

// source is an installed font. Its outlines are read from the file as they are needed.
type source struct {
	font            *sfnt.Font
	ascent, descent int // in thousandths of the size, above and below the line
}

// NewFonts takes the files in their order; without files, those of the usual places that exist. Nothing is read yet.
func NewFonts(files ...string) *Fonts {
	if len(files) == 0 {
		for _, f := range usual() {
			if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() {
				files = append(files, f)
			}
		}
	}
	return &Fonts{files: files, turn: make(chan struct{}, 1)}
}

// Find says whether there is a font to set with, without reading it. The error wraps ErrNoFont where none is installed.
func (f *Fonts) Find() error {
	if len(f.files) == 0 {
		return ErrNoFont
	}
	for _, name := range f.files {
		if _, err := os.Stat(name); err != nil {
			return fmt.Errorf("font: %w", err)
		}
	}
	return nil
}

// source is the font of a file, opened once.
func (f *Fonts) source(i int) (*source, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.opened) <= i {
		if len(f.files) <= len(f.opened) {
			return nil, ErrNoFont
		}
		s, err := open(f.files[len(f.opened)])
		if err != nil {
			return nil, err
		}
		f.opened = append(f.opened, s)
	}
	return f.opened[i], nil
}

// open reads the directory of a font; of a collection, the face with the forms of simplified Chinese. The file stays open.
func open(name string) (*source, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	all, err := sfnt.ParseCollectionReaderAt(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("font %s: %w", name, err), file.Close())
	}
	var chosen *sfnt.Font
	for i := range all.NumFonts() {
		face, err := all.Font(i)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("font %s: %w", name, err), file.Close())
		}
		called, _ := face.Name(nil, sfnt.NameIDFull) // a face without a name is no choice of ours
		if chosen == nil || strings.Contains(called, " SC") && !strings.Contains(called, "Mono") {
			chosen = face
		}
	}
	m, err := chosen.Metrics(nil, thousand, xfont.HintingNone)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("font %s: %w", name, err), file.Close())
	}
	return &source{font: chosen, ascent: m.Ascent.Round(), descent: m.Descent.Round()}, nil
}

// thousand is the size at which outlines are read: a unit is a thousandth of the size, as PDF counts.
const thousand = fixed.Int26_6(1000 << 6)

// take waits for the turn to set a document.
func (f *Fonts) take(ctx context.Context) (done func(), err error) {
	select {
	case f.turn <- struct{}{}:
		return func() { <-f.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
