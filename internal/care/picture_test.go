package care

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// exifJPEG is a photo, left half red and right half blue, with an orientation and a position in its metadata.
func exifJPEG(t testing.TB, order binary.AppendByteOrder, orientation uint16, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{R: 255, A: 255}
			if x >= width/2 {
				c = color.RGBA{B: 255, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, img, nil); err != nil {
		t.Fatal(err)
	}
	mark := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		mark = "MM\x00*"
	}
	tiff := order.AppendUint32([]byte(mark), 8)
	tiff = order.AppendUint16(tiff, 2)
	entry := func(tag, kind uint16, count uint32, value []byte) {
		tiff = order.AppendUint16(tiff, tag)
		tiff = order.AppendUint16(tiff, kind)
		tiff = order.AppendUint32(tiff, count)
		tiff = append(tiff, value...)
	}
	entry(0x010F, 2, 4, []byte("GPS\x00"))
	entry(0x0112, 3, 1, order.AppendUint16(order.AppendUint16(nil, orientation), 0)[:4])
	tiff = append(tiff, 0, 0, 0, 0)
	tiff = append(tiff, "SECRET-POSITION"...)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xFF, 0xD8, 0xFF, 0xE1}, binary.BigEndian.AppendUint16(nil, uint16(len(segment)+2))...)
	out = append(out, segment...)
	return append(out, plain.Bytes()[2:]...)
}

// A picture must not cost more than its pixels do: a long strip of one pixel's height is a kilobyte when it arrives and once
// took a gigabyte to scale.
func TestPicturesCostLittleMemory(t *testing.T) {
	encoded := func(img image.Image) []byte {
		var out bytes.Buffer
		if err := png.Encode(&out, img); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for name, strip := range map[string]image.Rectangle{"wide": image.Rect(0, 0, 10_000_000, 1), "high": image.Rect(0, 0, 1, maxPictureSide+1)} {
		_, err := decodePhoto(encoded(image.NewPaletted(strip, color.Palette{color.Black, color.White})))
		if code := problem.Of(err).Code; code != "picture_too_large" {
			t.Errorf("a %s strip: %v, want picture_too_large", name, err)
		}
	}
	raw := encoded(image.NewGray(image.Rect(0, 0, 6000, 5000)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := decodePhoto(raw)
	runtime.ReadMemStats(&after)
	if err != nil || p.width != 2048 || p.height != 1706 {
		t.Fatalf("%d×%d, %v", p.width, p.height, err)
	}
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 200 {
		t.Errorf("30 million pixels took %d MB in all", mb)
	}
}

// Not more than so many pictures are open at a time, and who gives up waiting leaves no trace.
func TestPicturesWaitForOneAnother(t *testing.T) {
	t.Parallel()
	s := &Service{pictures: make(chan struct{}, picturesAtOnce)}
	begun, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	for range picturesAtOnce {
		go func() {
			defer func() { _ = recover(); done <- struct{}{} }()
			_, _ = s.inPlace(context.Background(), nil, func([]byte) (picture, error) { begun <- struct{}{}; <-end; panic("a decoder's bug") })
		}()
		<-begun
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := func([]byte) (picture, error) { t.Error("one too many was decoded"); return picture{}, nil }
	if _, err := s.inPlace(ctx, nil, never); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want canceled", err)
	}
	close(end)
	for range picturesAtOnce {
		<-done
	}
	if n := len(s.pictures); n != 0 {
		t.Errorf("%d places are lost", n)
	}
}

func TestPhotoIsUprightSmallAndBare(t *testing.T) {
	t.Parallel()
	for orientation, red := range map[uint16]image.Point{1: {5, 20}, 2: {75, 20}, 3: {75, 20}, 4: {5, 20}, 5: {20, 5}, 6: {20, 5}, 7: {20, 75}, 8: {20, 75}} {
		order := binary.AppendByteOrder(binary.LittleEndian)
		if orientation%2 == 0 {
			order = binary.BigEndian
		}
		p, err := decodePhoto(exifJPEG(t, order, orientation, 80, 40))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(p.content, []byte("SECRET-POSITION")) || bytes.Contains(p.content, []byte("Exif")) {
			t.Errorf("orientation %d: metadata stayed", orientation)
		}
		img, err := jpeg.Decode(bytes.NewReader(p.content))
		if err != nil {
			t.Fatal(err)
		}
		if turned := orientation >= 5; turned != (p.width == 40) || p.width != img.Bounds().Dx() || p.height != img.Bounds().Dy() {
			t.Errorf("orientation %d: %d × %d", orientation, p.width, p.height)
		}
		if r, _, b, _ := img.At(red.X, red.Y).RGBA(); r < 0x8000 || b > 0x8000 {
			t.Errorf("orientation %d: the red half is not at %v", orientation, red)
		}
	}
	p, err := decodePhoto(exifJPEG(t, binary.LittleEndian, 1, 3000, 1000))
	if err != nil || p.width != 2048 || p.height != 682 {
		t.Errorf("%d × %d, %v", p.width, p.height, err)
	}
}

func TestPhotosThatAreRefused(t *testing.T) {
	t.Parallel()
	header := func(w, h uint32) []byte { // a PNG that says it is huge
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
			t.Fatal(err)
		}
		raw := b.Bytes()
		ihdr := raw[12:29]
		binary.BigEndian.PutUint32(ihdr[4:], w)
		binary.BigEndian.PutUint32(ihdr[8:], h)
		binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(ihdr))
		return raw
	}
	good := exifJPEG(t, binary.LittleEndian, 1, 80, 40)
	for name, try := range map[string]struct {
		raw  []byte
		code string
	}{
		"nothing":         {nil, "picture_format"},
		"text":            {[]byte("<svg onload=alert(1)>"), "picture_format"},
		"gif":             {[]byte("GIF89a..........."), "picture_format"},
		"40 megapixels":   {header(40_000, 1_001), "picture_too_large"},
		"half a picture":  {good[:len(good)/3], "picture_broken"},
		"no picture":      {header(0, 10), "picture_broken"},
		"more than 12 MB": {bytes.Repeat([]byte("x"), maxPhotoBytes+1), "body_too_large"},
	} {
		raw, err := readPhoto(bytes.NewReader(try.raw))
		if err == nil {
			_, err = decodePhoto(raw)
		}
		if err == nil || problem.Of(err).Code != try.code {
			t.Errorf("%s: %v, want %s", name, err, try.code)
		}
		if err != nil && strings.Contains(problem.Sentence("zh-CN", problem.Of(err).Code, problem.Of(err).Args), "{") {
			t.Errorf("%s: a placeholder is empty", name)
		}
	}
}

func TestInk(t *testing.T) {
	t.Parallel()
	sheet := func(draw func(img *image.NRGBA)) image.Image {
		img := image.NewNRGBA(image.Rect(0, 0, 120, 60))
		draw(img)
		return img
	}
	line := func(c color.NRGBA) func(img *image.NRGBA) {
		return func(img *image.NRGBA) {
			for x := 10; x < 110; x++ {
				img.SetNRGBA(x, 30, c)
			}
		}
	}
	for name, try := range map[string]struct {
		img image.Image
		ink bool
	}{
		"transparent": {sheet(func(*image.NRGBA) {}), false},
		"white":       {sheet(line(color.NRGBA{255, 255, 255, 255})), false},
		"dot":         {sheet(func(img *image.NRGBA) { img.SetNRGBA(5, 5, color.NRGBA{A: 255}) }), false},
		"black line":  {sheet(line(color.NRGBA{A: 255})), true},
		"blue line":   {sheet(line(color.NRGBA{B: 200, A: 255})), true},
		"faint line":  {sheet(line(color.NRGBA{A: 20})), false},
	} {
		if got := hasInk(try.img); got != try.ink {
			t.Errorf("%s: ink %v", name, got)
		}
	}
}

func FuzzExifOrientation(f *testing.F) {
	f.Add(exifJPEG(f, binary.LittleEndian, 6, 8, 8))
	f.Add(exifJPEG(f, binary.BigEndian, 3, 8, 8))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if o := exifOrientation(file); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

func FuzzSignature(f *testing.F) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 20, 20))); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := decodeSignature(raw)
		if err == nil && (p.width <= 0 || p.contentType != "image/png") {
			t.Errorf("%+v", p)
		}
	})
}
