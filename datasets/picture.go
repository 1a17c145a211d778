package datasets

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // the formats that are read
	_ "image/jpeg"
	_ "image/png"
	"io"

	_ "golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	"golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// readPicture decodes a picture, the first one of a film, and turns it as the camera was held. What is too large is refused by its header.
func readPicture(r io.Reader) (img image.Image, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxImageBytes+1))
	if err != nil {
		return nil, bare(err)
	}
	if len(data) > maxImageBytes {
		return nil, fmt.Errorf("it has more than %d bytes: scale the image down", maxImageBytes)
	}
	if err := checkPicture(data); err != nil {
		return nil, err
	}
	defer func() { // decoders of damaged files
		if p := recover(); p != nil {
			img, err = nil, fmt.Errorf("it cannot be decoded: it is damaged: %v", p)
		}
	}()
	img, format, err := decoded(data)
	if err != nil {
		return nil, fmt.Errorf("it cannot be decoded: %w", err)
	}
	if format == "jpeg" {
		img = turned(img, orientation(data))
	}
	return img, nil
}

// isTIFF: such a file is given to its decoder whole. Through package image the decoder would see a stream, and make room for every byte up to wherever the header points.
func isTIFF(data []byte) bool {
	return bytes.HasPrefix(data, []byte("II*\x00")) || bytes.HasPrefix(data, []byte("MM\x00*"))
}

func headerOf(data []byte) (image.Config, error) {
	if isTIFF(data) {
		return tiff.DecodeConfig(bytes.NewReader(data))
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	return c, err
}

func decoded(data []byte) (image.Image, string, error) {
	if isTIFF(data) {
		img, err := tiff.Decode(bytes.NewReader(data))
		return img, "tiff", err
	}
	return image.Decode(bytes.NewReader(data))
}

// checkPicture looks at what a picture's header claims.
func checkPicture(data []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it cannot be decoded: its header is damaged: %v", p)
		}
	}()
	c, err := headerOf(data)
	switch pixels := float64(c.Width) * float64(c.Height); {
	case errors.Is(err, image.ErrFormat):
		return errors.New("it is not a PNG, JPEG, GIF, BMP, TIFF or WebP image")
	case err != nil:
		return fmt.Errorf("it is not a PNG, JPEG, GIF, BMP, TIFF or WebP image, or damaged: %w", err)
	case pixels < 1:
		return fmt.Errorf("it has %d×%d pixels, want at least one", c.Width, c.Height)
	case pixels > maxImagePixels:
		return fmt.Errorf("it has %d×%d pixels, want at most %d million: scale the image down", c.Width, c.Height, maxImagePixels/1_000_000)
	case pixels > maxPacking*float64(len(data)):
		return fmt.Errorf("it claims %d×%d pixels, more than its %d bytes can hold: it is damaged, or not what it says", c.Width, c.Height, len(data))
	}
	return nil
}

// orientation is the number under which a JPEG says how the camera was held, 1 to 8 (Exif 2.3, tag 0x0112): 1, upright, where it says nothing.
func orientation(data []byte) int {
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker, size := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(data) { // the pixels begin
			return 1
		}
		if part, ok := bytes.CutPrefix(data[at+4:at+2+size], []byte("Exif\x00\x00")); ok && marker == 0xe1 {
			return exifOrientation(part)
		}
		at += 2 + size
	}
	return 1
}

func exifOrientation(tiff []byte) int {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 1
	}
	if len(tiff) < 8 {
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := int64(order.Uint16(tiff[at:]))
	for i := range entries {
		e := at + 2 + 12*i
		if e+12 > int64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[e:]) == 0x0112 {
			if n := int(order.Uint16(tiff[e+8:])); n >= 1 && n <= 8 {
				return n
			}
			return 1
		}
	}
	return 1
}

// turned is a picture the right way up.
func turned(img image.Image, orientation int) image.Image {
	if orientation == 1 {
		return img
	}
	b, at := img.Bounds(), colours(img)
	w, h := b.Dx(), b.Dy()
	if orientation > 4 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			// Where the pixel at x, y of the upright picture lies in the one that was taken.
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			c := at(b.Min.X+sx, b.Min.Y+sy)
			out.SetRGBA(x, y, color.RGBA{uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8), uint8(c.A >> 8)})
		}
	}
	return out
}

// scaled is a picture over white, of that height and width: whole, or its middle where its proportions are to be kept.
func scaled(img image.Image, height, width int, crop bool) *image.RGBA {
	from := img.Bounds()
	if crop { // the largest part in the middle that has the proportions
		w, h := from.Dx(), from.Dy()
		if w*height > h*width {
			w = max(1, h*width/height)
		} else {
			h = max(1, w*height/width)
		}
		x, y := from.Min.X+(from.Dx()-w)/2, from.Min.Y+(from.Dy()-h)/2
		from = image.Rect(x, y, x+w, y+h)
	}
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range to.Pix {
		to.Pix[i] = 255
	}
	if from.Dx() == width && from.Dy() == height {
		draw.Draw(to, to.Rect, img, from.Min, draw.Over)
	} else {
		draw.BiLinear.Scale(to, to.Rect, img, from, draw.Over, nil) // a tent over all pixels that come together, so none is skipped
	}
	return to
}
