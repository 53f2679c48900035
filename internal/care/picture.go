package care

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Limits of pictures.
const (
	maxPhotoBytes     = 12 << 20
	maxPhotoPixels    = 40_000_000
	maxPictureSide    = 16_384 // of what arrives: scaling costs by the side, not by the pixel
	maxPhotoSide      = 2048   // of what is stored
	jpegQuality       = 85
	maxSignatureSide  = 4096 // of what arrives
	maxPhotosPerCase  = 12
	picturesAtOnce    = 2  // decoded: the largest takes 300 MB while it is open
	leastInk          = 40 // pixels darker than paper in a signature
	leastInkSide      = 12 // pixels that a signature extends in its longer direction
	inkDarkness       = 0xC000
	leastInkOpacity   = 0x4000
	signatureSideKept = 1600
)

// picture is a decoded and anew encoded picture: nothing of the original file is left, its metadata included.
type picture struct {
	contentType   string
	content       []byte
	sha256        [sha256.Size]byte
	width, height int
}

func newPicture(contentType string, content []byte, size image.Point) picture {
	return picture{contentType: contentType, content: content, sha256: sha256.Sum256(content), width: size.X, height: size.Y}
}

// inPlace decodes a picture as soon as few enough others are open, so that a ward that uploads at once does not exhaust the
// memory. A picture that still comes over the network takes no place.
func (s *Service) inPlace(ctx context.Context, raw []byte, decode func([]byte) (picture, error)) (picture, error) {
	select {
	case s.pictures <- struct{}{}:
		defer func() { <-s.pictures }()
		return decode(raw)
	case <-ctx.Done():
		return picture{}, ctx.Err()
	}
}

// readPhoto reads a picture as it arrives. Errors: 400 malformed_body, 413 body_too_large.
func readPhoto(in io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(in, maxPhotoBytes+1))
	if err != nil {
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, photoTooLarge().Because(tooLarge)
		}
		return nil, problem.New(http.StatusBadRequest, "malformed_body", nil).Because(err)
	}
	if len(raw) > maxPhotoBytes {
		return nil, photoTooLarge()
	}
	return raw, nil
}

// decodePhoto decodes a JPEG, PNG or WebP picture, judged by its content, turns it upright, scales it down and encodes it as
// JPEG. Errors: 415 picture_format, 422 picture_too_large and picture_broken.
func decodePhoto(raw []byte) (picture, error) {
	decode, config := decoderOf(raw)
	if decode == nil {
		return picture{}, problem.New(http.StatusUnsupportedMediaType, "picture_format", nil)
	}
	// The header is asked before anything is allocated for the pixels.
	size, err := config(bytes.NewReader(raw))
	if err != nil {
		return picture{}, problem.New(http.StatusUnprocessableEntity, "picture_broken", nil).Because(err)
	}
	if size.Width <= 0 || size.Height <= 0 || max(size.Width, size.Height) > maxPictureSide || size.Width > maxPhotoPixels/size.Height {
		return picture{}, problem.New(http.StatusUnprocessableEntity, "picture_too_large", problem.Args{"max": "4000"})
	}
	img, err := decode(bytes.NewReader(raw))
	if err != nil {
		return picture{}, problem.New(http.StatusUnprocessableEntity, "picture_broken", nil).Because(err)
	}
	upright := turn(scaleDown(img, maxPhotoSide), exifOrientation(raw))
	var out bytes.Buffer
	if err := jpeg.Encode(&out, upright, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return picture{}, problem.New(http.StatusUnprocessableEntity, "picture_broken", nil).Because(err)
	}
	return newPicture("image/jpeg", out.Bytes(), upright.Bounds().Size()), nil
}

func photoTooLarge() *problem.Problem {
	return problem.New(http.StatusRequestEntityTooLarge, "body_too_large", problem.Args{"max": "12 MB"})
}

// decoderOf judges a picture by its first bytes.
func decoderOf(raw []byte) (func(io.Reader) (image.Image, error), func(io.Reader) (image.Config, error)) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")):
		return jpeg.Decode, jpeg.DecodeConfig
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		return png.Decode, png.DecodeConfig
	case len(raw) >= 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP":
		return webp.Decode, webp.DecodeConfig
	}
	return nil, nil
}

// scaleDown draws the picture on white with its longer side at most side pixels long. It halves as long as it can, where
// each pixel is the mean of four, and so needs no memory beside the smaller picture: a kernel with a wider support keeps
// 32 bytes for each row and column in between, hundreds of megabytes for a photo of a phone.
func scaleDown(img image.Image, side int) *image.RGBA {
	for {
		b := img.Bounds()
		w, h := b.Dx(), b.Dy()
		longer := max(w, h)
		last := longer <= 2*side
		switch {
		case !last:
			w, h = max(1, w/2), max(1, h/2)
		case longer > side:
			w, h = max(1, w*side/longer), max(1, h*side/longer)
		}
		out := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
		draw.ApproxBiLinear.Scale(out, out.Bounds(), img, b, draw.Over, nil)
		if last {
			return out
		}
		img = out
	}
}

// turn carries out an EXIF orientation, 1 (as it is) to 8.
func turn(img *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	ow, oh := w, h
	if orientation >= 5 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range h {
		for x := range w {
			var tx, ty int
			switch orientation {
			case 2:
				tx, ty = w-1-x, y
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				tx, ty = x, h-1-y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, img.RGBAAt(x, y))
		}
	}
	return out
}

// decodeSignature reads a drawn signature as PNG and encodes it anew. A sheet without ink is refused (signature_empty),
// as is a dot.
func decodeSignature(raw []byte) (picture, error) {
	refuse := func(code string, err error) (picture, error) {
		return picture{}, problem.Invalid(problem.Field{Path: "signaturePng", Code: code}).Because(err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return refuse("picture_broken", err)
	}
	if size.Width <= 0 || size.Height <= 0 || size.Width > maxSignatureSide || size.Height > maxSignatureSide {
		return refuse("signature_size", nil)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return refuse("picture_broken", err)
	}
	if !hasInk(img) {
		return refuse("signature_empty", nil)
	}
	kept := scaleDown(img, signatureSideKept)
	var out bytes.Buffer
	if err := png.Encode(&out, kept); err != nil {
		return refuse("picture_broken", err)
	}
	return newPicture("image/png", out.Bytes(), kept.Bounds().Size()), nil
}

// hasInk looks for strokes: enough dark and opaque pixels over some length.
func hasInk(img image.Image) bool {
	b := img.Bounds()
	n := 0
	var extent image.Rectangle
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := img.At(x, y)
			if _, _, _, alpha := c.RGBA(); alpha < leastInkOpacity {
				continue
			}
			if g, ok := color.Gray16Model.Convert(unpremultiplied(c)).(color.Gray16); !ok || g.Y >= inkDarkness {
				continue
			}
			n++
			extent = extent.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return n >= leastInk && max(extent.Dx(), extent.Dy()) >= leastInkSide
}

// unpremultiplied is the colour without its transparency.
func unpremultiplied(c color.Color) color.Color {
	n, ok := color.NRGBAModel.Convert(c).(color.NRGBA)
	if !ok {
		return c
	}
	n.A = 0xFF
	return n
}
