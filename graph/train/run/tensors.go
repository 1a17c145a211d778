package run

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/nlpodyssey/safetensors"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// maxHeader is the most bytes that the header of a safetensors file may have: some 20,000 tensors.
const maxHeader = 4 << 20

// encode makes a sealed safetensors file of the tensors, in parts to be written one after the other. The parts are the
// tensors' own memory where the machine has its bytes in the file's order, so they are good until the tensors change.
func encode(tensors []graph.Param, meta map[string]string) (parts, error) {
	views := make(map[string]safetensors.TensorView, len(tensors))
	for _, t := range tensors {
		_, twice := views[t.Name]
		if twice || t.Name == "__metadata__" || !utf8.ValidString(t.Name) {
			return nil, fmt.Errorf("run: tensor %q: the name is there twice, reserved, or not UTF-8: name the layer otherwise", t.Name)
		}
		kind := safetensors.F32
		if t.Value.Dtype() == tensor.Float64 {
			kind = safetensors.F64
		}
		raw, err := littleEndian(t.Value)
		if err == nil {
			views[t.Name], err = safetensors.NewTensorView(kind, dims(t.Value.Shape()), raw)
		}
		if err != nil {
			return nil, fmt.Errorf("run: tensor %q: %w", t.Name, err)
		}
	}
	meta = maps.Clone(meta)
	meta["sha256"] = string(unsealed)
	var file parts
	if err := safetensors.SerializeToWriter(views, meta, &file); err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	head := slices.Concat(file[0], file[1])
	if len(head) > maxHeader {
		return nil, fmt.Errorf("run: the names of %d tensors take %d bytes, want at most %d", len(tensors), len(head), maxHeader)
	}
	file = append(parts{head}, file[2:]...)
	return file, seal(head, file[1:]...)
}

// parts gathers what is written, without copying it.
type parts [][]byte

func (p *parts) Write(b []byte) (int, error) {
	*p = append(*p, b)
	return len(b), nil
}

// littleEndian is the tensor's elements as bytes in the file's order.
func littleEndian(t *tensor.Dense) ([]byte, error) {
	native := binary.NativeEndian.Uint16([]byte{1, 0}) == 1
	switch v := t.Data().(type) {
	case []float32:
		if native {
			return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v)), nil
		}
		return binary.Append(nil, binary.LittleEndian, v)
	case []float64:
		if native {
			return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 8*len(v)), nil
		}
		return binary.Append(nil, binary.LittleEndian, v)
	default:
		return nil, fmt.Errorf("got elements %T, want float32 or float64", v)
	}
}

func dims(shape tensor.Shape) []uint64 {
	d := make([]uint64, len(shape))
	for i, n := range shape {
		d[i] = uint64(n)
	}
	return d
}

// tensorFile is a safetensors file whose header has been read and found sound.
type tensorFile struct {
	name   string // for messages
	r      io.Reader
	size   int64
	head   []byte // the 8 bytes of its length included
	meta   map[string]string
	infos  map[string]*safetensors.TensorInfo
	sealed bool
	judged bool // by blame: nothing is left to read
}

// readHeader reads the header of a file of so many bytes. It takes memory for the header alone, and no more than maxHeader.
func readHeader(name string, r io.Reader, size int64) (*tensorFile, error) {
	f := &tensorFile{name: name, r: r, size: size}
	if size < 8 {
		return nil, f.errorf("it has %d bytes, want at least the 8 of a header's length: it was cut short", size)
	}
	f.head = make([]byte, 8)
	if _, err := io.ReadFull(r, f.head); err != nil {
		return nil, f.errorf("reading the header's length: %w", bare(err))
	}
	n := binary.LittleEndian.Uint64(f.head)
	switch {
	case n > maxHeader-8:
		return nil, f.errorf("at byte 0: the header claims %d bytes, want at most %d: the file is damaged, or no safetensors", n, maxHeader-8)
	case n > uint64(size-8):
		return nil, f.errorf("at byte 0: the header claims %d bytes, the file has %d after it: it was cut short, or is damaged", n, size-8)
	}
	f.head = append(f.head, make([]byte, n)...)
	if _, err := io.ReadFull(r, f.head[8:]); err != nil {
		return nil, f.errorf("reading the header: %w", bare(err))
	}
	_, _, f.sealed = unseal(f.head)
	if err := f.parse(); err != nil {
		return nil, f.blame(err)
	}
	return f, nil
}

func (f *tensorFile) errorf(format string, args ...any) error {
	return fmt.Errorf("run: %s: %w", f.name, fmt.Errorf(format, args...))
}

// parse reads the header's JSON and checks that the tensors cover the data, each byte once.
func (f *tensorFile) parse() error {
	text := f.head[8:]
	if !utf8.Valid(text) {
		return f.errorf("the header is not UTF-8: the file is damaged, or no safetensors")
	}
	var header safetensors.Metadata
	if err := json.Unmarshal(text, &header); err != nil {
		return f.errorf("the header is not that of a safetensors file: %w", err)
	}
	f.meta, f.infos = header.Metadata(), header.Tensors()
	names := slices.SortedFunc(maps.Keys(f.infos), func(a, b string) int {
		x, y := f.infos[a].DataOffsets, f.infos[b].DataOffsets
		return slices.Compare(x[:], y[:])
	})
	room := uint64(f.size) - uint64(len(f.head))
	var end uint64
	for _, name := range names {
		t := f.infos[name]
		from, to := t.DataOffsets[0], t.DataOffsets[1]
		bytes, ok := t.DType.Size(), true
		for _, n := range t.Shape {
			if n > 0 && bytes > room/n {
				ok = false
				break
			}
			bytes *= n
		}
		switch {
		case to < from || to > room:
			return f.errorf("tensor %q: its bytes %d to %d leave the data, which has %d: the file was cut short, or is damaged", name, from, to, room)
		case from < end:
			return f.errorf("tensor %q: its bytes %d to %d overlap those of another, which end at %d: the file is damaged", name, from, to, end)
		case from > end:
			return f.errorf("tensor %q: its bytes begin at %d, want %d, where those before it end: the file is damaged", name, from, end)
		case !ok || to-from != bytes:
			return f.errorf("tensor %q: it has %d bytes, which is not what %s of %v take: the file is damaged", name, to-from, t.DType, t.Shape)
		}
		end = to
	}
	if end != room {
		return f.errorf("the tensors end at byte %d of the data, which has %d: the file is damaged", end, room)
	}
	return nil
}

// blame returns err, or that the file is damaged, where its checksum says so: what else is wrong then means nothing.
func (f *tensorFile) blame(err error) error {
	sum, h, ok := unseal(f.head)
	if !ok || f.judged {
		return err
	}
	f.judged = true
	if _, failed := io.Copy(h, f.r); failed != nil {
		return f.errorf("%w", bare(failed))
	}
	if !bytes.Equal(sum, h.Sum(nil)) {
		return f.damaged()
	}
	return err
}

func (f *tensorFile) damaged() error {
	return f.errorf("the checksum does not fit: the file was cut short, or changed since it was written: copy it again, or take another")
}

// data returns the file's data once the checksum, where there is one, has been found right. Call it after wants: then it
// takes what the model justifies.
func (f *tensorFile) data() ([]byte, error) {
	data := make([]byte, f.size-int64(len(f.head)))
	if _, err := io.ReadFull(f.r, data); err != nil {
		return nil, f.errorf("reading the tensors: %w", bare(err))
	}
	if sum, h, ok := unseal(f.head); ok {
		h.Write(data)
		if !bytes.Equal(sum, h.Sum(nil)) {
			return nil, f.damaged()
		}
	}
	return data, nil
}

// wants compares what is in the file with tensors of those names, shapes and types; other names must pass extra.
func (f *tensorFile) wants(tensors []graph.Param, extra func(name string) bool) error {
	known := map[string]bool{}
	for _, t := range tensors {
		known[t.Name] = true
		if err := f.holds(t.Name, t.Value.Shape(), t.Value.Dtype()); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.infos)) {
		if !known[name] && (extra == nil || !extra(name)) {
			return f.blame(f.errorf("it has a tensor %q of shape %v that the network does not have: it is another network's", name, f.infos[name].Shape))
		}
	}
	return nil
}

// holds is an error where the file lacks a tensor of that name, shape and type.
func (f *tensorFile) holds(name string, wanted []int, dtype tensor.Dtype) error {
	shape := dims(wanted)
	got, ok := f.infos[name]
	if !ok {
		return f.blame(f.errorf("it lacks the tensor %s of shape %v: it is another network's", name, shape))
	}
	want := safetensors.F32
	if dtype == tensor.Float64 {
		want = safetensors.F64
	}
	if !slices.Equal(got.Shape, shape) {
		cure := "it is another network's"
		if len(shape) == 2 && slices.Equal(got.Shape, []uint64{shape[1], shape[0]}) {
			cure = "it is turned round, as PyTorch has its weights, [out,in]: transpose all of its matrices to [in,out], the square ones too"
		}
		return f.blame(f.errorf("the tensor %s is %s of shape %v, want %s of %v: %s", name, got.DType, got.Shape, want, shape, cure))
	}
	if got.DType != want {
		return f.blame(f.errorf("the tensor %s is %s, want %s: the shapes fit, the numbers are of another type: convert the file to %s where it was written", name, named(got.DType), named(want), named(want)))
	}
	return nil
}

// room gives a network's tensors room for what the file has of them, and none where it has them not, so that a description makes no more than there is; lacks is
// what it lacks.
func (f *tensorFile) room(float64s bool, lacks *error) graph.Source {
	dtype := tensor.Float32
	if float64s {
		dtype = tensor.Float64
	}
	return func(name string, shape []int) (*tensor.Dense, error) {
		if *lacks = f.holds(name, shape, dtype); *lacks != nil {
			return nil, *lacks
		}
		return tensor.New(tensor.Of(dtype), tensor.WithShape(shape...)), nil
	}
}

// named is an element type as safetensors calls it, and as others do.
func named(t safetensors.DType) string {
	others := map[safetensors.DType]string{
		safetensors.F16: "half precision", safetensors.BF16: "bfloat16", safetensors.F32: "float32", safetensors.F64: "float64",
	}
	if other := others[t]; other != "" {
		return fmt.Sprintf("%s (%s)", t, other)
	}
	return t.String()
}

// decodeAt writes elements of a tensor from a byte of it on.
func decodeAt(t *tensor.Dense, at int, raw []byte) {
	if t.Dtype() == tensor.Float64 {
		_, _ = binary.Decode(raw, binary.LittleEndian, t.Float64s()[at/8:at/8+len(raw)/8])
		return
	}
	_, _ = binary.Decode(raw, binary.LittleEndian, t.Float32s()[at/4:at/4+len(raw)/4])
}

// decode writes one tensor's elements, of data, into t, which has its shape and type.
func (f *tensorFile) decode(t graph.Param, data []byte) error {
	at := f.infos[t.Name].DataOffsets
	if _, err := binary.Decode(data[at[0]:at[1]], binary.LittleEndian, t.Value.Data()); err != nil {
		return f.errorf("tensor %s: %w", t.Name, err)
	}
	return nil
}

// finiteIn is an error where a tensor of data, which decode would read, has a number that is not finite.
func (f *tensorFile) finiteIn(t graph.Param, data []byte) error {
	at := f.infos[t.Name].DataOffsets
	raw := data[at[0]:at[1]]
	size := int(f.infos[t.Name].DType.Size())
	for i := 0; i < len(raw); i += size {
		v := 0.0
		if size == 4 {
			v = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[i:])))
		} else {
			v = math.Float64frombits(binary.LittleEndian.Uint64(raw[i:]))
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return f.errorf("element %d of tensor %s is %v, want finite numbers: the run that wrote it had diverged: take an earlier checkpoint", i/size, t.Name, v)
		}
	}
	return nil
}
