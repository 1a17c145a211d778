package datasets

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// quarters is a picture of four areas: red, green above blue, white.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, [...]color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}[2*(2*y/h)+2*x/w])
		}
	}
	return img
}

// ramp is a grey picture, darker to the left, as light as given.
func ramp(w, h, light int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = uint8(light * (1 + i%w) / w)
	}
	return img
}

func written(t testing.TB, format string, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	err := map[string]func() error{
		"png": func() error { return png.Encode(&b, img) }, "jpg": func() error { return jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}) },
		"gif": func() error { return gif.Encode(&b, img, nil) }, "bmp": func() error { return bmp.Encode(&b, img) }, "tiff": func() error { return tiff.Encode(&b, img, nil) },
	}[format]()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t testing.TB, data []byte, path ...string) string {
	t.Helper()
	full := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return full
}

// TestImages: a folder for each class, in every format, with what systems leave there.
func TestImages(t *testing.T) {
	dir := t.TempDir()
	for _, format := range []string{"png", "gif", "bmp", "tiff"} {
		put(t, written(t, format, quarters(4, 4)), dir, "flag", "a."+format)
	}
	put(t, written(t, "png", ramp(8, 8, 255)), dir, "ramp", "deeper", "B.PNG")
	for _, junk := range []string{".DS_Store", "flag/.hidden.png", "flag/Thumbs.db", "flag/notes.txt", "__MACOSX/x.png"} {
		put(t, []byte("junk"), dir, junk)
	}
	d, err := Images(dir, Pictures{Height: 2, Width: 2})
	if err != nil {
		t.Fatal(err)
	}
	info := d.Info()
	if d.Len() != 5 || !slices.Equal(info.Classes, []string{"flag", "ramp"}) || !slices.Equal(info.Shape(), []int{2, 2, 3}) || d.Slow() {
		t.Fatalf("%d pictures, %+v", d.Len(), info)
	}
	b := readAll(t, d)
	if !slices.Equal(b.Targets[0].IDs, []int32{0, 0, 0, 0, 1}) {
		t.Errorf("classes %v", b.Targets[0].IDs)
	}
	for i := range 4 {
		p := b.Inputs[0].Floats[12*i:][:12]
		// A tent over the whole picture: the nearest quarter leads, the others shine through.
		for at, lead := range []int{0, 4, 8} {
			if p[lead] < 190 || p[3*at+(at+1)%3] > 70 {
				t.Errorf("%s: pixels %v", d.File(i), p)
			}
		}
	}
	// Unscaled, and grey where none has a colour.
	plain, err := Images(filepath.Join(dir, "ramp", "deeper"), Pictures{})
	if err != nil {
		t.Fatal(err)
	}
	if info := plain.Info(); !slices.Equal(info.Shape(), []int{8, 8}) || info.Targets != nil {
		t.Errorf("%+v", info)
	}
	if got := readAll(t, plain).Inputs[0].Floats[:8]; !slices.Equal(got, []float32{31, 63, 95, 127, 159, 191, 223, 255}) {
		t.Errorf("got %v", got)
	}
	// What is not kept in memory is decoded again, to the same values.
	d.pixels = nil
	if again := readAll(t, d); !slices.Equal(again.Inputs[0].Floats, b.Inputs[0].Floats) || !d.Slow() {
		t.Error("decoded again it is another picture")
	}
	// One more is read as the others were.
	f, err := os.Open(filepath.Join(dir, "flag", "a.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	one, err := ReadPicture(f, "a.png", *info.Source.Pictures)
	if err != nil || !slices.Equal(one, b.Inputs[0].Floats[36:48]) {
		t.Errorf("got %v, %v", one, err)
	}
}

// exif is a JPEG that says how the camera was held.
func exif(t testing.TB, img image.Image, orientation int, order binary.AppendByteOrder) []byte {
	tiff := []byte("MM\x00*")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		tiff = []byte("II*\x00")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, uint16(orientation))
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	part := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(part)+2))
	return slices.Concat(head, part, written(t, "jpg", img)[2:])
}

// TestOrientation: of all eight ways to hold a camera the picture comes upright. The stored pictures are made with the inverse of what the standard's names say.
func TestOrientation(t *testing.T) {
	upright := quarters(16, 8)
	stored := map[int]func(x, y int) (int, int){ // where the upright pixel x, y of w×h = 16×8 was stored
		1: func(x, y int) (int, int) { return x, y },
		2: func(x, y int) (int, int) { return 15 - x, y },     // row 0 at the top, column 0 at the right
		3: func(x, y int) (int, int) { return 15 - x, 7 - y }, // bottom, right
		4: func(x, y int) (int, int) { return x, 7 - y },      // bottom, left
		5: func(x, y int) (int, int) { return y, x },          // rows are columns: left, top
		6: func(x, y int) (int, int) { return y, 15 - x },     // right, top
		7: func(x, y int) (int, int) { return 7 - y, 15 - x }, // right, bottom
		8: func(x, y int) (int, int) { return 7 - y, x },      // left, bottom
	}
	for n, at := range stored {
		w, h := 16, 8
		if n > 4 {
			w, h = 8, 16
		}
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range 8 {
			for x := range 16 {
				sx, sy := at(x, y)
				img.SetRGBA(sx, sy, upright.RGBAAt(x, y))
			}
		}
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			got, err := readPicture(bytes.NewReader(exif(t, img, n, order)))
			if err != nil {
				t.Fatal(err)
			}
			if got.Bounds().Dx() != 16 || got.Bounds().Dy() != 8 {
				t.Fatalf("orientation %d: %v", n, got.Bounds())
			}
			for _, p := range []image.Point{{2, 2}, {13, 2}, {2, 6}, {13, 6}} {
				r, g, b, _ := got.At(p.X, p.Y).RGBA()
				want := upright.RGBAAt(p.X, p.Y)
				if abs(int(r>>8)-int(want.R)) > 40 || abs(int(g>>8)-int(want.G)) > 40 || abs(int(b>>8)-int(want.B)) > 40 {
					t.Errorf("orientation %d: pixel %v is %d %d %d, want %v", n, p, r>>8, g>>8, b>>8, want)
				}
			}
		}
	}
}

func TestCropAndTransparency(t *testing.T) {
	wide := image.NewGray(image.Rect(0, 0, 6, 2))
	copy(wide.Pix, []uint8{0, 0, 200, 200, 0, 0, 0, 0, 200, 200, 0, 0})
	got, err := ReadPicture(bytes.NewReader(written(t, "png", wide)), "p", Pictures{Height: 2, Width: 2, Grey: true, Crop: true})
	if err != nil || !slices.Equal(got, []float32{200, 200, 200, 200}) {
		t.Errorf("got %v, %v", got, err)
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	clear.SetNRGBA(0, 0, color.NRGBA{0, 0, 0, 255})
	got, err = ReadPicture(bytes.NewReader(written(t, "png", clear)), "p", Pictures{Height: 1, Width: 2, Grey: true})
	if err != nil || !slices.Equal(got, []float32{0, 255}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestImagesRefuses(t *testing.T) {
	dir := t.TempDir()
	good := written(t, "png", ramp(4, 4, 200))
	put(t, good, dir, "mixed", "a", "1.png")
	put(t, good, dir, "mixed", "2.png")
	put(t, good, dir, "parts", "train", "a", "1.png")
	put(t, good, dir, "parts", "test", "a", "1.png")
	put(t, []byte("x"), dir, "none", "a.txt")
	put(t, []byte("x"), dir, "bare", "a", "b.txt")
	put(t, good, dir, "sizes", "a", "1.png")
	put(t, written(t, "png", ramp(3, 5, 9)), dir, "sizes", "b", "2.png")
	put(t, good, dir, "damaged", "a", "1.png")
	put(t, good[:len(good)-20], dir, "damaged", "b", "2.png")
	put(t, []byte("no picture"), dir, "damaged", "b", "3.jpg")
	put(t, good, dir, "damaged", "b", "4.png")
	for name, c := range map[string]struct {
		how  Pictures
		want string
	}{
		"missing": {Pictures{}, "no such file"},
		"mixed":   {Pictures{}, "it has 1 folders and 1 pictures beside them, such as 2.png"},
		"parts":   {Pictures{}, "it has the folders test, train, which are parts, not classes"},
		"none":    {Pictures{}, "it has no pictures and no folders of them, and 1 other files"},
		"bare":    {Pictures{}, `its folders "a" have no pictures`},
		"sizes":   {Pictures{}, filepath.Join("b", "2.png") + ": it has 3×5 pixels, want 4×4 as the first; scale them to one size, or give Pictures.Height and Width"},
		"damaged": {Pictures{Height: 4, Width: 4}, "2 of 4 pictures cannot be used: " + filepath.Join(dir, "damaged", "b", "2.png") + ": it cannot be decoded"},
		"classes": {Pictures{}, "no such file"},
	} {
		_, err := Images(filepath.Join(dir, name), c.how)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, c.want)
		}
	}
	for _, how := range []Pictures{{Height: -1, Width: 2}, {Height: 2}, {Height: 5000, Width: 2}, {Classes: []string{"other"}}} {
		if _, err := Images(filepath.Join(dir, "sizes"), how); err == nil {
			t.Errorf("%+v: no error", how)
		}
	}
	d, err := Images(filepath.Join(dir, "damaged"), Pictures{SkipDamaged: true})
	if err != nil || d.Len() != 2 {
		t.Fatalf("%v", err)
	}
	found, err := Check(d, nil)
	if err != nil || len(found) == 0 || found[0].Code != "damaged" || !strings.Contains(found[0].Message, "2 of 4 pictures are left out") {
		t.Errorf("found %+v, %v", found, err)
	}
	if d.File(2) != "" || d.File(-1) != "" || !strings.HasSuffix(d.File(1), "4.png") {
		t.Errorf("files %q", d.File(1))
	}
	if _, err := ReadPicture(nil, "p", Pictures{Height: 1, Width: 1}); err == nil {
		t.Error("nil reader: no error")
	}
	if _, err := ReadPicture(bytes.NewReader(good), "p", Pictures{}); err == nil {
		t.Error("no size: no error")
	}
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzPicture$' -fuzzminimizetime 1x
func FuzzPicture(f *testing.F) {
	for _, format := range []string{"png", "gif", "bmp", "tiff", "jpg"} {
		f.Add(written(f, format, quarters(6, 4)))
	}
	f.Add(exif(f, quarters(8, 8), 6, binary.LittleEndian))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := headerOf(data); err == nil && c.Width*c.Height > 1<<20 {
			return // slow, and bounded by the header's check
		}
		got, err := ReadPicture(bytes.NewReader(data), "p", Pictures{Height: 3, Width: 5})
		if err == nil && len(got) != 45 {
			t.Fatalf("%d values", len(got))
		}
	})
}
