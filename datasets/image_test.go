package datasets

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/image/draw"
)

// drawn is the ink of test image i of MNIST, as it comes out of paint: scaled by factor, with a margin, in ink and paper colours.
func drawn(t testing.TB, i int, factor float64, margin int, ink, paper color.Color) image.Image {
	t.Helper()
	_, test, err := MNIST()
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, 784)
	test.Row(row, i)
	mask := image.NewAlpha(image.Rect(0, 0, 28, 28))
	for j, v := range row {
		mask.Pix[j] = uint8(v)
	}
	side := int(28 * factor)
	big := image.NewAlpha(image.Rect(0, 0, side, side))
	draw.CatmullRom.Scale(big, big.Rect, mask, mask.Rect, draw.Src, nil)
	out := image.NewNRGBA(image.Rect(0, 0, side+2*margin, side+margin))
	draw.Draw(out, out.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	draw.DrawMask(out, big.Rect.Add(image.Pt(margin, margin/2)), image.NewUniform(ink), image.Point{}, big, image.Point{}, draw.Over)
	return out
}

func encoded(t testing.TB, img image.Image, asJPEG bool) []byte {
	t.Helper()
	var b bytes.Buffer
	err := png.Encode(&b, img)
	if asJPEG {
		b.Reset()
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReadDigit paints MNIST's digits large and small, light and dark, and wants them back much as they were.
func TestReadDigit(t *testing.T) {
	black, white, clear := color.Black, color.White, color.Transparent
	for _, c := range []struct {
		name       string
		factor     float64
		margin     int
		ink, paper color.Color
		jpeg       bool
		tolerance  float64 // mean difference of a pixel, of 255
	}{
		{"as MNIST has it", 1, 0, white, black, false, 2},
		{"large, dark on light", 9.3, 70, black, white, false, 9},
		{"a photograph's colours", 6, 40, color.RGBA{40, 30, 90, 255}, color.RGBA{230, 220, 200, 255}, true, 9},
		{"small", .8, 3, black, white, false, 12},
		{"black on nothing", 3, 5, black, clear, false, 9},
		{"white on nothing", 3, 5, white, clear, false, 9},
	} {
		_, test, _ := MNIST()
		row := make([]float32, 784)
		difference := 0.0
		const digits = 8
		for i := range digits {
			digit, err := ReadDigit(bytes.NewReader(encoded(t, drawn(t, i, c.factor, c.margin, c.ink, c.paper), c.jpeg)), "digit.png")
			if err != nil {
				t.Fatal(err)
			}
			test.Row(row, i)
			for j := range row {
				difference += math.Abs(float64(row[j]-digit[j])) / 784 / digits
			}
		}
		if difference > c.tolerance {
			t.Errorf("%s: digits differ by %.1f a pixel, want at most %v", c.name, difference, c.tolerance)
		}
	}
}

// claim is a PNG file whose header claims a size, and that has no more than its header.
func claim(width, height uint32) []byte {
	head := []byte("IHDR")
	head = binary.BigEndian.AppendUint32(head, width)
	head = binary.BigEndian.AppendUint32(head, height)
	head = append(head, 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, head...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(head))
}

func TestReadDigitRefuses(t *testing.T) {
	good := encoded(t, drawn(t, 0, 2, 4, color.Black, color.White), false)
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":          {nil, "not a PNG, JPEG"},
		"text":             {[]byte("seven"), "not a PNG, JPEG"},
		"a bomb":           {claim(60000, 60000), "60000×60000 pixels, want at most"},
		"too large":        {claim(25001, 1000), "25001×1000 pixels, want at most 25 million"},
		"an empty claim":   {claim(5000, 5000), "more than its 33 bytes can hold"},
		"no pixel":         {claim(0, 10), "PNG, JPEG"},
		"cut short":        {good[:len(good)-40], "cannot be decoded"},
		"blank":            {encoded(t, image.NewGray(image.Rect(0, 0, 30, 30)), false), "shows nothing"},
		"one pixel":        {encoded(t, image.NewGray(image.Rect(0, 0, 1, 1)), false), "shows nothing"},
		"wholly invisible": {encoded(t, image.NewNRGBA(image.Rect(0, 0, 9, 9)), false), "shows nothing"},
	} {
		_, err := ReadDigit(bytes.NewReader(c.file), "digit.png")
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "digit.png") {
			t.Errorf("%s: got %v, want %q", name, err, c.says)
		}
	}
}

// TestReadDigitMemory: an image takes what its pixels do, 8 bytes of 16-bit colours, and some 60 more for each of the few of them that it is looked at with.
func TestReadDigitMemory(t *testing.T) {
	img := image.NewNRGBA64(image.Rect(0, 0, 1000, 1000))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y := 200; y < 800; y++ {
		for x := 450; x < 550; x++ {
			img.SetNRGBA64(x, y, color.NRGBA64{A: 40000})
		}
	}
	file := encoded(t, img, false)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := ReadDigit(bytes.NewReader(file), "file"); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 28_000_000 {
		t.Errorf("a million pixels take %d bytes, want some 24 million", took)
	}
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzReadDigit$' -fuzzminimizetime 1x
func FuzzReadDigit(f *testing.F) {
	img := drawn(f, 0, .5, 2, color.Black, color.White)
	f.Add(encoded(f, img, false))
	f.Add(encoded(f, img, true))
	f.Add(encoded(f, image.NewPaletted(image.Rect(0, 0, 3, 3), color.Palette{color.Black, color.White}), false))
	f.Add(claim(60000, 60000))
	f.Add([]byte("\xff\xd8\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		digit, err := ReadDigit(bytes.NewReader(file), "file")
		if err != nil {
			return
		}
		most := float32(0)
		for _, v := range digit {
			if !(v >= 0 && v <= 255) {
				t.Fatalf("a pixel is %v", v)
			}
			most = max(most, v)
		}
		if len(digit) != 784 || most != 255 {
			t.Errorf("%d pixels, the darkest %v, want 784 and 255", len(digit), most)
		}
	})
}
