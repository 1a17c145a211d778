package datasets

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
)

// DefaultLimit is the memory in bytes that one IDX file may take when ReadIDX is given no limit: 1 GiB, 22 times MNIST.
const DefaultLimit = 1 << 30

// IDX is the content of one IDX file: an array of 1 to 4 dimensions, the last one running fastest.
//
// The format (LeCun, Cortes, Burges, on the page that introduced MNIST): two zero bytes, the element type, the number of
// dimensions, each dimension as a big-endian uint32, then the values, big-endian.
type IDX struct {
	Type   byte      // of the elements in the file: 0x08 uint8, 0x09 int8, 0x0B int16, 0x0C int32, 0x0D float32, 0x0E float64
	Dims   []int     // each at least 1
	Bytes  []uint8   // the values, where Type is uint8
	Floats []float32 // the values of every other type, rounded to float32 where they do not fit (int32 past 2²⁴, float64)

	ints []int32 // the values of one dimension of int32, as they stand: class numbers must not be rounded
	name string  // of the file, for messages
	gzip bool    // it was unpacked
}

// at is a place in the file, for messages.
func (x *IDX) at(offset int) string {
	if x.gzip {
		return fmt.Sprintf("%s: at unpacked byte %d", x.name, offset)
	}
	return fmt.Sprintf("%s: at byte %d", x.name, offset)
}

// elements are the types that an IDX file may have, by the third byte of the file. The value of a uint8 is not decoded.
var elements = map[byte]struct {
	name   string
	size   int
	decode func([]byte) float64
}{
	0x08: {"uint8", 1, nil},
	0x09: {"int8", 1, func(b []byte) float64 { return float64(int8(b[0])) }},
	0x0B: {"int16", 2, func(b []byte) float64 { return float64(int16(binary.BigEndian.Uint16(b))) }},
	0x0C: {"int32", 4, func(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) }},
	0x0D: {"float32", 4, func(b []byte) float64 { return float64(math.Float32frombits(binary.BigEndian.Uint32(b))) }},
	0x0E: {"float64", 8, func(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) }},
}

const typeUint8, typeInt32 = 0x08, 0x0C

// ReadIDX reads one IDX file, plain or gzipped (told apart by its first two bytes), to its end. name stands in the errors.
//
// It refuses whatever is not exactly one array: another magic number, an unknown element type, dimensions of zero or
// without the values they promise, bytes after the last value, damaged gzip, numbers that are NaN or infinite. An array
// that would take more than limit bytes of memory (DefaultLimit when limit is 0) is refused by its header. So is, where r is
// a file or says its length as bytes.Reader does, one that promises more than a plain file holds, or more than 64 MiB and
// a hundred times what a gzipped one does: unpack it first where that is meant. Else memory grows with the bytes read, so that a
// header that promises more than there is costs nothing. A gzip that would unpack to more than the header promises is
// dropped at the first byte too many.
func ReadIDX(r io.Reader, name string, limit int64) (*IDX, error) {
	if r == nil {
		return nil, fmt.Errorf("%s: got nothing to read from, want an IDX file", name)
	}
	in, x, err := openIDX(r, name, 1<<16, limit)
	if err != nil {
		return nil, err
	}
	if err := in.values(x); err != nil {
		return nil, err
	}
	if err := in.end(); err != nil {
		return nil, err
	}
	return x, nil
}

// readIDXHead reads type and dimensions alone.
func readIDXHead(r io.Reader, name string, limit int64) (*IDX, error) {
	_, x, err := openIDX(r, name, 512, limit)
	return x, err
}

// openIDX reads the header, through a buffer of that size.
func openIDX(r io.Reader, name string, buffer int, limit int64) (*idxReader, *IDX, error) {
	if limit <= 0 {
		limit = DefaultLimit
	}
	in := &idxReader{name: name, size: sizeOf(r)}
	buffered := bufio.NewReaderSize(r, buffer)
	in.r = buffered
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		zr, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: at byte 0: damaged gzip header: %w; copy or download the file again", name, err)
		}
		in.r, in.gzip = zr, true
	}
	x, err := in.header(limit)
	return in, x, err
}

// idxReader knows where in which file it is.
type idxReader struct {
	r      io.Reader
	name   string
	offset int64 // of the next byte; in a gzipped file, of the unpacked data
	gzip   bool
	size   int64 // of the file, packed if it is so; −1 if nobody knows
}

// A gzip may unpack to maxUnpacked bytes, or to maxRatio times its own, before that is taken for a trap: deflate packs a thousand zeros into a byte, images
// and their labels hardly ten.
const (
	maxUnpacked = 64 << 20
	maxRatio    = 100
)

// sizeOf is how many bytes r has to give; −1 where it does not say.
func sizeOf(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }:
		return int64(r.Len())
	case interface{ Stat() (fs.FileInfo, error) }:
		info, err := r.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return -1
		}
		at := int64(0)
		if s, ok := r.(io.Seeker); ok {
			if at, err = s.Seek(0, io.SeekCurrent); err != nil {
				return -1
			}
		}
		return info.Size() - at
	}
	return -1
}

// full reads all of buf. The error, if any, is the reader's own, or io.ErrUnexpectedEOF at an end that came too early.
func (in *idxReader) full(buf []byte) error {
	n, err := io.ReadFull(in.r, buf)
	in.offset += int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (in *idxReader) errorf(offset int64, format string, args ...any) error {
	x := IDX{name: in.name, gzip: in.gzip}
	return fmt.Errorf("%s: %w", x.at(int(offset)), fmt.Errorf(format, args...))
}

// failed words an error of full; wanted says what was being read.
func (in *idxReader) failed(err error, wanted string) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return in.errorf(in.offset, "the file ends here, want %s: it was cut short, or its header is wrong; copy or download it again", wanted)
	}
	return in.errorf(in.offset, "cannot read %s: %w", wanted, err)
}

// header reads magic number and dimensions, and checks them against the limit.
func (in *idxReader) header(limit int64) (*IDX, error) {
	var b [4]byte
	if err := in.full(b[:]); err != nil {
		return nil, in.failed(err, "the 4 bytes of an IDX magic number")
	}
	if b[0] != 0 || b[1] != 0 {
		return nil, in.errorf(0, "wrong magic number: got % x, want 00 00, an element type and a number of dimensions; this is not an IDX file", b)
	}
	e, ok := elements[b[2]]
	if !ok {
		return nil, in.errorf(2, "wrong element type: got 0x%02X, want 0x08 (uint8), 0x09 (int8), 0x0B (int16), 0x0C (int32), 0x0D (float32) or 0x0E (float64)", b[2])
	}
	if b[3] < 1 || b[3] > 4 {
		return nil, in.errorf(3, "wrong number of dimensions: got %d, want 1 to 4", b[3])
	}
	x := &IDX{Type: b[2], Dims: make([]int, b[3]), name: in.name, gzip: in.gzip}
	perValue := int64(4)
	switch {
	case x.Type == typeUint8:
		perValue = 1
	case x.whole():
		perValue = 8
	}
	left := min(limit/perValue, math.MaxInt) // by what the dimensions to come may still multiply
	for i := range x.Dims {
		if err := in.full(b[:]); err != nil {
			return nil, in.failed(err, fmt.Sprintf("dimension %d of %d", i+1, len(x.Dims)))
		}
		n := int64(binary.BigEndian.Uint32(b[:]))
		if n == 0 {
			return nil, in.errorf(in.offset-4, "dimension %d of %d is 0, want at least 1", i+1, len(x.Dims))
		}
		if n > left {
			return nil, in.errorf(in.offset-4, "dimension %d of %d is %d: the array of %s would take more than the limit of %d bytes; if that is meant, split the file or give ReadIDX a larger limit",
				i+1, len(x.Dims), n, e.name, limit)
		}
		left /= n
		x.Dims[i] = int(n)
	}
	promised := in.offset + int64(x.count())*int64(e.size)
	switch bound := max(maxUnpacked, maxRatio*in.size); {
	case in.size < 0:
	case in.gzip && promised > bound:
		return nil, in.errorf(in.offset, "the header promises %d bytes unpacked of a gzip of %d bytes, want at most %d (a hundred times as many, or 64 MiB): it is not what it says; if it is, unpack it with gunzip first",
			promised, in.size, bound)
	case !in.gzip && promised > in.size:
		return nil, in.errorf(in.size, "the file ends here, want %d bytes of values (%s %s): it was cut short, or its header is wrong; copy or download it again", promised-in.offset, times(x.Dims), e.name)
	}
	return x, nil
}

// count is how many values the dimensions make.
func (x *IDX) count() int {
	count := 1
	for _, n := range x.Dims {
		count *= n
	}
	return count
}

// values reads as many values as the header promises, a piece at a time.
func (in *idxReader) values(x *IDX) error {
	e := elements[x.Type]
	count := x.count()
	if in.size >= 0 && !in.gzip { // there is what the header promises: no room is made twice
		if e.decode == nil {
			x.Bytes = make([]byte, 0, count)
		} else {
			x.Floats = make([]float32, 0, count)
		}
	}
	piece := make([]byte, min(1<<16, int64(count)*int64(e.size)))
	for done := 0; done < count; {
		n := min(count-done, len(piece)/e.size)
		raw := piece[:n*e.size]
		at := in.offset
		if err := in.full(raw); err != nil {
			return in.failed(err, fmt.Sprintf("%d bytes of values (%s %s)", int64(count)*int64(e.size), times(x.Dims), e.name))
		}
		if e.decode == nil {
			x.Bytes = append(room(x.Bytes, n, count), raw...)
		} else {
			x.Floats = room(x.Floats, n, count)
			for i := range n {
				v := e.decode(raw[i*e.size:])
				if !finite(float32(v)) {
					return in.errorf(at+int64(i*e.size), "value %d of %d is %v, want a finite number within float32; clean the data first",
						done+i, count, v)
				}
				x.Floats = append(x.Floats, float32(v))
				if x.whole() {
					x.ints = append(room(x.ints, 1, count), int32(v))
				}
			}
		}
		done += n
	}
	return nil
}

// whole says whether the values are kept as integers too.
func (x *IDX) whole() bool { return x.Type == typeInt32 && len(x.Dims) == 1 }

// end makes sure that nothing follows the last value. It also has gzip compare its checksum.
func (in *idxReader) end() error {
	var b [1]byte
	switch _, err := io.ReadFull(in.r, b[:]); {
	case err == io.EOF:
		return nil
	case err != nil:
		return in.errorf(in.offset, "damaged after the last value: %w; copy or download the file again", err)
	case in.gzip:
		return in.errorf(in.offset, "the gzip unpacks to more than its IDX header promises (%d bytes); the file is damaged, or not what it says", in.offset)
	default:
		return in.errorf(in.offset, "trailing bytes: the header promises %d bytes, the file goes on; the file is damaged, or not what it says", in.offset)
	}
}

// room is s with room for n more values: twice what it had, but never more than total.
func room[T any](s []T, n, total int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	grown := make([]T, len(s), min(max(2*cap(s), len(s)+n), total))
	copy(grown, s)
	return grown
}

// times writes dimensions as people do: 60000×28×28.
func times(dims []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(dims), " ", "×"), "[]")
}
