package datasets

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// idxFile is an IDX file of the given type and dimensions with these values, which may be more or fewer than promised.
func idxFile(kind byte, dims []int, values ...float64) []byte {
	b := []byte{0, 0, kind, byte(len(dims))}
	for _, n := range dims {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	for _, v := range values {
		switch kind {
		case 0x08:
			b = append(b, uint8(v))
		case 0x09:
			b = append(b, uint8(int8(v)))
		case 0x0B:
			b = binary.BigEndian.AppendUint16(b, uint16(int16(v)))
		case 0x0C:
			b = binary.BigEndian.AppendUint32(b, uint32(int32(v)))
		case 0x0D:
			b = binary.BigEndian.AppendUint32(b, math.Float32bits(float32(v)))
		case 0x0E:
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	return b
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func TestReadIDX(t *testing.T) {
	for _, c := range []struct {
		kind   byte
		dims   []int
		values []float64
	}{
		{0x08, []int{3}, []float64{0, 127, 255}},
		{0x08, []int{1}, []float64{7}},
		{0x08, []int{2, 1, 3}, []float64{1, 2, 3, 4, 5, 6}},
		{0x09, []int{2, 2}, []float64{-128, -1, 0, 127}},
		{0x0B, []int{1, 2, 1, 2}, []float64{-32768, -1, 256, 32767}},
		{0x0C, []int{4}, []float64{-2147483648, -65536, 1, 16777216}},
		{0x0D, []int{2, 2}, []float64{-1.5, 0, math.MaxFloat32, math.SmallestNonzeroFloat32}},
		{0x0E, []int{1, 3}, []float64{-0.1, 1e-300, 3.25}},
	} {
		plain := idxFile(c.kind, c.dims, c.values...)
		for name, file := range map[string][]byte{"plain": plain, "gzip": gzipped(plain), "two gzip members": append(gzipped(plain[:5]), gzipped(plain[5:])...)} {
			for readerName, r := range map[string]io.Reader{"whole": bytes.NewReader(file), "byte by byte": iotest.OneByteReader(bytes.NewReader(file))} {
				x, err := ReadIDX(r, "file", 0)
				if err != nil {
					t.Errorf("type 0x%02X, %s, %s: %v", c.kind, name, readerName, err)
					continue
				}
				if x.Type != c.kind || !slices.Equal(x.Dims, c.dims) {
					t.Errorf("type 0x%02X, %s: got type 0x%02X, dimensions %v", c.kind, name, x.Type, x.Dims)
				}
				for i, v := range c.values {
					var got float32
					if c.kind == 0x08 {
						got = float32(x.Bytes[i])
					} else {
						got = x.Floats[i]
					}
					if got != float32(v) {
						t.Errorf("type 0x%02X, %s: value %d is %v, want %v", c.kind, name, i, got, v)
					}
				}
				if len(x.Bytes)+len(x.Floats) != len(c.values) {
					t.Errorf("type 0x%02X, %s: %d values", c.kind, name, len(x.Bytes)+len(x.Floats))
				}
			}
		}
	}
}

// Longer than one piece, and than several doublings of the memory.
func TestReadIDXLong(t *testing.T) {
	for _, kind := range []byte{0x08, 0x0B} {
		values := make([]float64, 300_001)
		for i := range values {
			values[i] = float64(i % 251)
		}
		x, err := ReadIDX(bytes.NewReader(idxFile(kind, []int{len(values)}, values...)), "long", 0)
		if err != nil {
			t.Fatal(err)
		}
		if cap(x.Bytes)+cap(x.Floats) != len(values) {
			t.Errorf("room for %d values, want %d", cap(x.Bytes)+cap(x.Floats), len(values))
		}
		for i, v := range values {
			if kind == 0x08 && float64(x.Bytes[i]) != v || kind != 0x08 && float64(x.Floats[i]) != v {
				t.Fatalf("type 0x%02X: value %d is wrong", kind, i)
			}
		}
	}
}

// broken are files that must be refused, each with a part of the error it must give. The fuzz test starts from them too.
func broken() []struct {
	name string
	file []byte
	want string
} {
	good := idxFile(0x08, []int{2, 2}, 1, 2, 3, 4)
	packed := gzipped(good)
	flipped := bytes.Clone(packed)
	flipped[len(flipped)-5] ^= 1 // in the checksum's last byte
	huge := idxFile(0x08, []int{1 << 16, 1 << 8, 1 << 6}, 1, 2, 3)
	return []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "b: at byte 0: the file ends here, want the 4 bytes of an IDX magic number"},
		{"three bytes", good[:3], "b: at byte 3: the file ends here, want the 4 bytes"},
		{"wrong magic", append([]byte{0, 1}, good[2:]...), "b: at byte 0: wrong magic number: got 00 01 08 02, want 00 00"},
		{"zip", []byte("PK\x03\x04 and so on"), "b: at byte 0: wrong magic number: got 50 4b 03 04"},
		{"wrong type", append([]byte{0, 0, 0x0A}, good[3:]...), "b: at byte 2: wrong element type: got 0x0A, want 0x08"},
		{"no dimensions", []byte{0, 0, 8, 0, 1}, "b: at byte 3: wrong number of dimensions: got 0, want 1 to 4"},
		{"five dimensions", idxFile(0x08, []int{1, 1, 1, 1, 1}, 1), "b: at byte 3: wrong number of dimensions: got 5"},
		{"255 dimensions", []byte{0, 0, 8, 255}, "got 255, want 1 to 4"},
		{"dimensions cut short", good[:10], "b: at byte 10: the file ends here, want dimension 2 of 2"},
		{"zero dimension", idxFile(0x08, []int{2, 0}), "b: at byte 8: dimension 2 of 2 is 0, want at least 1"},
		{"no values", good[:12], "b: at byte 12: the file ends here, want 4 bytes of values (2×2 uint8)"},
		{"cut short", good[:15], "b: at byte 15: the file ends here, want 4 bytes of values (2×2 uint8)"},
		{"cut inside a value", idxFile(0x0E, []int{2}, 1, 2)[:19], "b: at byte 19: the file ends here, want 16 bytes of values (2 float64)"},
		{"dimensions too large", idxFile(0x08, []int{2, 3}, 1, 2, 3, 4), "want 6 bytes of values (2×3 uint8)"},
		{"dimensions too small", idxFile(0x08, []int{1, 2}, 1, 2, 3, 4), "b: at byte 14: trailing bytes: the header promises 14 bytes"},
		{"trailing byte", append(bytes.Clone(good), 0), "b: at byte 16: trailing bytes: the header promises 16 bytes"},
		{"claims 1 GiB", huge, "b: at byte 19: the file ends here, want 1073741824 bytes of values (65536×256×64 uint8)"},
		{"over the limit", idxFile(0x08, []int{1 << 20, 1 << 10, 2}, 1), "b: at byte 12: dimension 3 of 3 is 2: the array of uint8 would take more than the limit of"},
		{"over the limit by its type", idxFile(0x0D, []int{1 << 28, 2}, 1), "b: at byte 8: dimension 2 of 2 is 2: the array of float32"},
		{"int8 takes 4 bytes", idxFile(0x09, []int{1 << 29}, 1), "dimension 1 of 1 is 536870912: the array of int8"},
		{"overflow", idxFile(0x0E, []int{1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1}, 1), "b: at byte 4: dimension 1 of 4 is 4294967295"},
		{"overflow to a small number", idxFile(0x08, []int{1 << 31, 1 << 31, 4, 1}, 1), "would take more than the limit"},
		{"NaN", idxFile(0x0D, []int{3}, 1, 2, math.NaN()), "b: at byte 16: value 2 of 3 is NaN, want a finite number"},
		{"infinity", idxFile(0x0E, []int{2}, math.Inf(-1), 0), "b: at byte 8: value 0 of 2 is -Inf"},
		{"past float32", idxFile(0x0E, []int{2}, 0, 1e300), "b: at byte 16: value 1 of 2 is 1e+300, want a finite number within float32"},
		{"gzip of nothing", gzipped(nil), "b: at unpacked byte 0: the file ends here"},
		{"gzip header cut", packed[:7], "b: at byte 0: damaged gzip header: unexpected EOF"},
		{"gzip method unknown", append([]byte{0x1f, 0x8b, 9}, packed[3:]...), "damaged gzip header: gzip: invalid header"},
		{"gzip cut short", packed[:16], "b: at unpacked byte"},
		{"gzip without its end", packed[:len(packed)-8], "b: at unpacked byte 16: damaged after the last value: unexpected EOF"},
		{"gzip with a wrong checksum", flipped, "gzip: invalid checksum"},
		{"gzip garbage inside", append(bytes.Clone(packed[:10]), 0xff, 0xff, 0xff, 0xff, 0xff), "b: at unpacked byte 0: cannot read the 4 bytes of an IDX magic number: flate: corrupt"},
		{"gzip with bytes behind", append(bytes.Clone(packed), "tail of a download"...), "b: at unpacked byte 16: damaged after the last value: gzip: invalid header"},
		{"gzip unpacks past the header", gzipped(append(bytes.Clone(good), make([]byte, 1<<20)...)), "b: at unpacked byte 16: the gzip unpacks to more than its IDX header promises (16 bytes)"},
		{"second gzip member too many", append(bytes.Clone(packed), gzipped([]byte{1})...), "unpacks to more than its IDX header promises"},
		{"gzip in gzip", gzipped(packed), "b: at unpacked byte 0: wrong magic number: got 1f 8b"},
		{"gzip of a claim", gzipped(huge), "b: at unpacked byte 16: the header promises 1073741840 bytes unpacked of a gzip of 39 bytes, want at most 67108864"},
	}
}

func TestReadIDXRefuses(t *testing.T) {
	for _, c := range broken() {
		x, err := ReadIDX(bytes.NewReader(c.file), "b", 0)
		if err == nil || x != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v\n\twant an error with %q", c.name, err, c.want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than one line: %q", c.name, err)
		}
	}
}

// A file of a few bytes must cost no more than the reader's own buffers, whatever its header says.
func TestReadIDXMemory(t *testing.T) {
	bomb := gzipped(append(idxFile(0x08, []int{4}, 1, 2, 3, 4), make([]byte, 4<<20)...))
	cases := map[string][]byte{"4 MB behind a small header": bomb}
	for _, c := range broken() {
		cases[c.name] = c.file
	}
	for name, file := range cases {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, r := range []io.Reader{bytes.NewReader(file), struct{ io.Reader }{bytes.NewReader(file)}} { // of known and unknown size
			if _, err := ReadIDX(r, "b", 0); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: allocates %d bytes for a file of %d", name, n, len(file))
		}
	}
}

// What is packed a thousandfold is taken up to 64 MiB, as sorted labels are, and beyond that when it has been unpacked.
func TestReadIDXGzipLimit(t *testing.T) {
	for rows, fits := range map[int]bool{maxUnpacked >> 20: false, maxUnpacked>>20 - 1: true} {
		file := append([]byte{0, 0, 8, 2, 0, 0, 0, byte(rows), 0, 0x10, 0, 0}, make([]byte, rows<<20)...)
		packed := gzipped(file)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadIDX(bytes.NewReader(packed), "b", 0)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; !fits && (err == nil || !strings.Contains(err.Error(), "unpack it with gunzip first") || took > 1<<20) {
			t.Errorf("%d MiB in %d bytes: got %v, for %d bytes of memory", rows, len(packed), err, took)
		} else if fits && err != nil {
			t.Errorf("%d MiB in %d bytes: got %v", rows, len(packed), err)
		}
		if fits {
			continue
		}
		path := filepath.Join(t.TempDir(), "plain")
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		runtime.ReadMemStats(&before)
		x, err := ReadIDX(f, "b", 0)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err != nil || len(x.Bytes) != rows<<20 || took > uint64(rows+1)<<20 {
			t.Errorf("unpacked: got %v, for %d bytes of memory", err, took)
		}
	}
}

func TestReadIDXLimit(t *testing.T) {
	file := idxFile(0x0B, []int{5, 2}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	if _, err := ReadIDX(bytes.NewReader(file), "b", 40); err != nil {
		t.Errorf("10 float32 in 40 bytes: %v", err)
	}
	if _, err := ReadIDX(bytes.NewReader(file), "b", 39); err == nil || !strings.Contains(err.Error(), "the limit of 39 bytes") {
		t.Errorf("10 float32 in 39 bytes: got %v", err)
	}
}

func TestReadIDXReaderFails(t *testing.T) {
	broke := errors.New("the disk is gone")
	file := idxFile(0x08, []int{2, 2}, 1, 2, 3, 4)
	for n := range len(file) + 1 {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broke))
		if _, err := ReadIDX(r, "b", 0); !errors.Is(err, broke) {
			t.Errorf("failure at byte %d: got %v", n, err)
		}
	}
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzReadIDX$' -fuzzminimizetime 1x
func FuzzReadIDX(f *testing.F) {
	for _, c := range broken() {
		f.Add(c.file)
	}
	for _, kind := range []byte{0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E} {
		file := idxFile(kind, []int{2, 1, 3}, 1, 2, 3, 4, 5, 6)
		f.Add(file)
		f.Add(gzipped(file))
	}
	const limit = 1 << 16
	f.Fuzz(func(t *testing.T, file []byte) {
		x, err := ReadIDX(bytes.NewReader(file), "fuzz", limit)
		if err != nil {
			if x != nil || !strings.HasPrefix(err.Error(), "fuzz: at ") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("a bad error: %v, %v", x, err)
			}
			return
		}
		count, ok := product(x.Dims, limit)
		if !ok || len(x.Bytes)+len(x.Floats) != count || (x.Bytes != nil) != (x.Type == 0x08) || cap(x.Bytes)+4*cap(x.Floats) > limit {
			t.Fatalf("dimensions %v, %d bytes, %d floats", x.Dims, len(x.Bytes), len(x.Floats))
		}
		values := make([]float64, count)
		for i := range values {
			if x.Bytes != nil {
				values[i] = float64(x.Bytes[i])
			} else {
				values[i] = float64(x.Floats[i])
			}
			if !finite(float32(values[i])) {
				t.Fatalf("value %d is %v", i, values[i])
			}
		}
		if file[0] == 0x1f || x.Type == 0x0C || x.Type == 0x0E { // packed, or rounded on the way
			return
		}
		if again := idxFile(x.Type, x.Dims, values...); !bytes.Equal(again, file) {
			t.Fatalf("read as %v, which would be the file %x, not %x", x, again, file)
		}
	})
}
