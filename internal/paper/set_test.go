package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// read gives the text of a PDF as a program of others finds it.
func read(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pdftotext", "-layout", "-enc", "UTF-8", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return string(out)
}

func sample(rows int) Document {
	d := Document{Language: "zh-CN", Title: "远程会诊记录", Subtitle: "阳光颐养院 → 市第一医院", Left: "会诊记录 LZ-1", Right: "阳光颐养院", Foot: "核验码 01234", At: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC),
		PageOf: func(page, of int) string { return fmt.Sprintf("第 %d 页，共 %d 页", page, of) },
		Blocks: []Block{Heading("基本信息"), Facts{Rows: []Fact{{"姓名", "乌兰其其格·巴图"}, {"空", ""}, {"年龄", "81 岁"}}}, Text{Text: "第一行\n\n第三行"},
			Signature{Rows: []Fact{{"会诊医师签名", "王明"}}, Note: "系统存证签章", Digest: strings.Repeat("0123456789abcdef", 4)},
			Check{Code: "https://lianzhen.example.cn/check#0123456789ABCDEFGHJK", Lines: []string{"扫描二维码"}}}}
	table := Table{Head: []string{"时间", "事项"}, Widths: []float64{1, 2}}
	for i := range rows {
		table.Rows = append(table.Rows, []string{fmt.Sprintf("行%d", i), "测量血压"})
	}
	d.Blocks = append(d.Blocks, table)
	return d
}

// A document of several pages is read back by another program: every page has head, foot and number, the headings of a table are repeated,
// what has no value is left out, and a character without a glyph is printed as its code point.
func TestWhatIsSetIsReadBack(t *testing.T) {
	t.Parallel()
	fonts := NewFonts()
	if err := fonts.Find(); err != nil {
		t.Fatal(err)
	}
	d := sample(90)
	d.Blocks = append(d.Blocks, Text{Text: "生僻字𠮷，没有的字\U000F0000。", Manner: Quiet})
	pdf, err := fonts.Set(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(strings.TrimRight(read(t, pdf), "\f\n"), "\f")
	if len(pages) < 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, p := range pages {
		for _, want := range []string{"会诊记录 LZ-1", "核验码 01234", fmt.Sprintf("第 %d 页，共 %d 页", i+1, len(pages))} {
			if !strings.Contains(p, want) {
				t.Errorf("page %d lacks %q", i+1, want)
			}
		}
	}
	all := strings.Join(pages, "")
	for _, want := range []string{"远程会诊记录", "乌兰其其格·巴图", "81 岁", "第一行", "第三行", "系统存证签章", "王明", "行0", "行89", "生僻字𠮷", "〔U+F0000〕"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not there", want)
		}
	}
	if n := strings.Count(all, "事项"); n < 2 {
		t.Errorf("the headings of the table stand there %d times", n)
	}
	if strings.Contains(all, "空") {
		t.Error("what has no value is printed")
	}
	if !bytes.Contains(pdf, []byte("pdfaid")) {
		t.Error("no PDF/A")
	}
	if len(pdf) > 300_000 {
		t.Errorf("%d bytes: the fonts are not cut down", len(pdf))
	}
	again, err := fonts.Set(t.Context(), d)
	if err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("set again it differs (%v)", err)
	}
}

func TestWithoutAFontNothingIsSet(t *testing.T) {
	t.Parallel()
	none := &Fonts{turn: make(chan struct{}, 1)}
	if _, err := none.Set(t.Context(), sample(1)); !errors.Is(err, ErrNoFont) {
		t.Errorf("%v", err)
	}
	if err := none.Find(); !errors.Is(err, ErrNoFont) {
		t.Errorf("%v", err)
	}
	if err := NewFonts("/nonexistent/font.ttf").Find(); err == nil {
		t.Error("a font that is not there is found")
	}
	busy := NewFonts()
	busy.turn <- struct{}{}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if _, err := busy.Set(gone, sample(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone still waits: %v", err)
	}
}
