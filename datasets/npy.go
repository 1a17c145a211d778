package datasets

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// An arrayHead is what the header of an array in a file says, NPY or IDX.
type arrayHead struct {
	dims   []int
	kind   elementKind
	start  int64 // of the values
	turned bool  // the first axis runs fastest, as in Fortran, and in what pandas gives
}

// An elementKind is a type of elements in a file.
type elementKind struct {
	name   string
	size   int
	whole  bool // integers
	decode func([]byte) float64
	text   func([]byte) string // of texts, in place of decode
}

// npyKinds are the types of NPY's elements, by what NumPy calls them.
func npyKinds(descr string) (elementKind, bool) {
	var order binary.ByteOrder = binary.LittleEndian
	if strings.HasPrefix(descr, ">") {
		order = binary.BigEndian
	}
	if len(descr) < 2 || !strings.ContainsRune("<>|=", rune(descr[0])) {
		return elementKind{}, false
	}
	k := elementKind{name: descr, whole: true}
	switch descr[1:] {
	case "b1", "u1":
		k.size, k.decode = 1, func(b []byte) float64 { return float64(b[0]) }
	case "i1":
		k.size, k.decode = 1, func(b []byte) float64 { return float64(int8(b[0])) }
	case "u2":
		k.size, k.decode = 2, func(b []byte) float64 { return float64(order.Uint16(b)) }
	case "i2":
		k.size, k.decode = 2, func(b []byte) float64 { return float64(int16(order.Uint16(b))) }
	case "u4":
		k.size, k.decode = 4, func(b []byte) float64 { return float64(order.Uint32(b)) }
	case "i4":
		k.size, k.decode = 4, func(b []byte) float64 { return float64(int32(order.Uint32(b))) }
	case "u8":
		k.size, k.decode = 8, func(b []byte) float64 { return float64(order.Uint64(b)) }
	case "i8":
		k.size, k.decode = 8, func(b []byte) float64 { return float64(int64(order.Uint64(b))) }
	case "f2":
		k.size, k.whole, k.decode = 2, false, func(b []byte) float64 { return half(order.Uint16(b)) }
	case "f4":
		k.size, k.whole, k.decode = 4, false, func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) }
	case "f8":
		k.size, k.whole, k.decode = 8, false, func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) }
	default:
		letters, err := strconv.Atoi(descr[2:])
		if err != nil || letters < 1 || letters > maxLabel {
			return elementKind{}, false
		}
		switch descr[1] {
		case 'U':
			k.size, k.whole, k.text = 4*letters, false, func(b []byte) string {
				var s strings.Builder
				for ; len(b) > 0; b = b[4:] {
					s.WriteRune(rune(order.Uint32(b)))
				}
				return strings.TrimRight(s.String(), "\x00")
			}
		case 'S':
			k.size, k.whole, k.text = letters, false, func(b []byte) string { return strings.TrimRight(string(b), "\x00") }
		default:
			return elementKind{}, false
		}
	}
	return k, true
}

// maxLabel is the longest text of an array, in letters.
const maxLabel = 1024

// half is a number of IEEE 754's binary16.
func half(bits uint16) float64 {
	sign, exponent, fraction := 1.0, int(bits>>10&31), float64(bits&1023)
	if bits>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction > 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

const npyMagic = "\x93NUMPY"

// maxNPYHead is the longest header that is read: NumPy's own take 118 bytes.
const maxNPYHead = 64 << 10

var (
	npyDescr   = regexp.MustCompile(`'descr':\s*'([^']*)'`)
	npyFortran = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape':\s*\(([^)]*)\)`)
)

// npyHead reads the header of an NPY file (NumPy's numpy.lib.format, versions 1 to 3): magic, version, length, and a Python dictionary as text.
// Of samples it has at least one dimension.
func npyHead(r io.Reader) (*arrayHead, error) {
	h, err := anyHead(r)
	if err == nil && len(h.dims) == 0 {
		return nil, fmt.Errorf("it is a single number, want an array whose first dimension is the samples")
	}
	return h, err
}

// anyHead is npyHead of any array of numbers.
func anyHead(r io.Reader) (*arrayHead, error) {
	h, err := labelHead(r)
	if err == nil && h.kind.text != nil {
		return nil, fmt.Errorf("its elements are %q, texts, want integers or floats of up to 64 bits; only a target may be of texts", h.kind.name)
	}
	return h, err
}

// labelHead is anyHead of numbers or texts.
func labelHead(r io.Reader) (*arrayHead, error) {
	var b [12]byte
	if _, err := io.ReadFull(r, b[:8]); err != nil || string(b[:6]) != npyMagic {
		return nil, fmt.Errorf("wrong magic number: got % x, want that of an NPY file, as numpy.save writes", b[:6])
	}
	width := 2
	if b[6] >= 2 {
		width = 4
	}
	if b[6] < 1 || b[6] > 3 {
		return nil, fmt.Errorf("at byte 6: version %d of the format, want 1 to 3", b[6])
	}
	if _, err := io.ReadFull(r, b[8:8+width]); err != nil {
		return nil, fmt.Errorf("at byte 8: the file ends in its header; copy it again")
	}
	n := int64(binary.LittleEndian.Uint16(b[8:]))
	if width == 4 {
		n = int64(binary.LittleEndian.Uint32(b[8:]))
	}
	if n > maxNPYHead {
		return nil, fmt.Errorf("at byte 8: the header has %d bytes, want at most %d: it is damaged, or its elements are records", n, maxNPYHead)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, fmt.Errorf("at byte %d: the file ends in its header; copy it again", 8+width)
	}
	descr, fortran, shape := npyDescr.FindSubmatch(text), npyFortran.FindSubmatch(text), npyShape.FindSubmatch(text)
	if descr == nil && strings.Contains(string(text), "'descr': [") {
		return nil, fmt.Errorf("its elements are records of several fields, want plain numbers: save the fields as columns of one array")
	}
	if descr == nil || fortran == nil || shape == nil {
		return nil, fmt.Errorf("the header lacks descr, fortran_order or shape: got %.80q", text)
	}
	kind, ok := npyKinds(string(descr[1]))
	if !ok {
		if string(descr[1]) == "|O" {
			return nil, fmt.Errorf("its elements are Python objects, want plain numbers or texts: save it with astype(\"float32\"), labels with astype(\"U\")")
		}
		return nil, fmt.Errorf("its elements are %q, want integers or floats of up to 64 bits: save it with astype(\"float32\")", descr[1])
	}
	h := &arrayHead{kind: kind, start: int64(8+width) + n}
	for _, d := range strings.Split(string(shape[1]), ",") {
		d = strings.TrimSpace(d)
		if d == "" {
			continue
		}
		size, err := strconv.Atoi(strings.TrimSuffix(d, "L"))
		if err != nil || size < 1 {
			return nil, fmt.Errorf("its shape is (%s), want dimensions of at least 1", shape[1])
		}
		h.dims = append(h.dims, size)
	}
	h.turned = string(fortran[1]) == "True" && len(h.dims) > 1
	return h, nil
}

// inOrder are an array's bytes with the last axis running fastest.
func (h *arrayHead) inOrder(raw []byte) []byte {
	if !h.turned {
		return raw
	}
	size := h.kind.size
	strides := make([]int, len(h.dims)) // in raw, of elements
	for i, stride := 0, 1; i < len(h.dims); i++ {
		strides[i] = stride
		stride *= h.dims[i]
	}
	to := make([]byte, 0, len(raw))
	place, from := make([]int, len(h.dims)), 0
	for range len(raw) / size {
		to = append(to, raw[from*size:(from+1)*size]...)
		for axis := len(place) - 1; axis >= 0; axis-- {
			place[axis]++
			if from += strides[axis]; place[axis] < h.dims[axis] {
				break
			}
			from -= place[axis] * strides[axis]
			place[axis] = 0
		}
	}
	return to
}

// bytes is how many the values take; false where that is beyond any file.
func (h *arrayHead) bytes() (int64, bool) {
	n := int64(h.kind.size)
	for _, d := range h.dims {
		if n > math.MaxInt64/16/int64(d) {
			return 0, false
		}
		n *= int64(d)
	}
	return n, true
}
