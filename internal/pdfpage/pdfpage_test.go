package pdfpage_test

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/pdfpage"
)

// document is a PDF of one page whose left half is black.
func document() []byte {
	var b bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << >> >>")
	page := "0 0 0 rg 0 0 100 100 re f"
	object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(page), page))
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

func TestFirstPage(t *testing.T) {
	drawer := pdfpage.Find()
	if drawer == nil {
		t.Fatal("pdftoppm is not installed; scripts/setup test installs it")
	}
	content, err := drawer.FirstPage(t.Context(), document())
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	size := img.Bounds()
	if size.Dx() != 640 || size.Dy() != 320 {
		t.Errorf("the page is %v", size)
	}
	left, _, _, _ := img.At(160, 160).RGBA()
	right, _, _, _ := img.At(480, 160).RGBA()
	if left > 0x2000 || right < 0xe000 {
		t.Errorf("left half %x, right half %x", left, right)
	}
	for name, broken := range map[string][]byte{"no PDF": []byte("<html><script>"), "cut off": document()[:120], "nothing": nil} {
		if content, err := drawer.FirstPage(t.Context(), broken); err == nil {
			t.Errorf("%s: %d bytes", name, len(content))
		}
	}
}
