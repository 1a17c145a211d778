package events

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"gorgonia.org/tensor"
)

// A Writer writes one event file. It keeps the first error, and does nothing from then on: Flush and Close return it. One goroutine uses it at a time.
type Writer struct {
	file   *os.File
	buffer []byte
	err    error
}

// files tells apart the event files that this process makes.
var files atomic.Int64

// Create begins an event file of its own in a folder, which it makes where it is not there. Files that are there stay: TensorBoard reads them in the order of their making.
func Create(dir string) (*Writer, error) {
	if dir == "" {
		return nil, errors.New("events: got no folder, want one, such as logs/relu")
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost"
	}
	// TensorBoard looks for "tfevents", and sorts by name.
	name := fmt.Sprintf("events.out.tfevents.%010d.%s.%d.%d", time.Now().Unix(), strings.ReplaceAll(host, string(filepath.Separator), "_"), os.Getpid(), files.Add(1)-1)
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	w := &Writer{file: f}
	w.event(0, message(nil).Text(3, "brain.Event:2")) // file_version
	return w, w.Flush()
}

// event adds an Event (event.proto) with one more field.
func (w *Writer) event(step int64, what message) {
	e := message(nil).Double(1, float64(time.Now().UnixMicro())/1e6) // wall_time
	if step != 0 {
		e = e.Int(2, step)
	}
	if w.err == nil {
		w.buffer = appendRecord(w.buffer, append(e, what...))
	}
}

// value adds a Summary with one Value: its tag, its metadata if there are any, and the value itself.
func (w *Writer) value(step int64, tag string, metadata, value message) {
	v := message(nil).Text(1, tag)
	if metadata != nil {
		v = v.Bytes(9, metadata)
	}
	w.event(step, message(nil).Bytes(5, message(nil).Bytes(1, append(v, value...)))) // summary.value
}

// began says that what an earlier file of the folder has from this step on no longer counts.
func (w *Writer) began(step int64) {
	w.event(step, message(nil).Bytes(7, message(nil).Int(1, 1))) // session_log.status = START
}

// Classes of data, as SummaryMetadata has them.
const (
	scalarData = 1
	tensorData = 2
)

// Number adds a point to the curve called tag. Curves are grouped by what stands before the first "/".
func (w *Writer) Number(step uint64, tag string, v float64) {
	if w != nil {
		w.value(int64(step), tag, nil, message(nil).Float(2, float32(v))) // simple_value
	}
}

// Histogram adds how the elements of a tensor of floats are distributed; those that are not finite are left out.
func (w *Writer) Histogram(step uint64, tag string, t *tensor.Dense) {
	if w == nil || t == nil {
		return
	}
	if dt := t.Dtype(); dt != tensor.Float32 && dt != tensor.Float64 {
		w.fail(fmt.Errorf("events: histogram %q: got elements of type %v, want float32 or float64", tag, dt))
		return
	}
	if t.IsMaterializable() {
		t = t.Materialize().(*tensor.Dense)
	}
	w.histogram(step, tag, of(t))
}

func (w *Writer) histogram(step uint64, tag string, h histogram) {
	w.value(int64(step), tag, nil, message(nil).Bytes(5, h.encode())) // histo
}

// Picture adds an image.
func (w *Writer) Picture(step uint64, tag string, img image.Image) {
	if w == nil || img == nil {
		return
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		w.fail(fmt.Errorf("events: picture %q: %w", tag, err))
		return
	}
	size := img.Bounds().Size()
	// height, width, colorspace (4 is RGBA), encoded_image_string
	w.value(int64(step), tag, nil, message(nil).Bytes(4, message(nil).Int(1, int64(size.Y)).Int(2, int64(size.X)).Int(3, 4).Bytes(4, b.Bytes())))
}

// Text adds a text in Markdown.
func (w *Writer) Text(step uint64, tag, markdown string) {
	if w == nil {
		return
	}
	// dtype (7 is a string), tensor_shape, string_val
	t := message(nil).Int(1, 7).Bytes(2, message(nil).Bytes(2, message(nil).Int(1, 1))).Text(8, markdown)
	w.value(int64(step), tag, metadata("text", []byte{}, tensorData), message(nil).Bytes(8, t))
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Flush hands what was added to the operating system, so that TensorBoard sees it.
func (w *Writer) Flush() error {
	if w == nil || w.file == nil {
		return errors.New("events: got a Writer that is nil or closed, want what Create returned: look at its error")
	}
	if w.err == nil && len(w.buffer) > 0 {
		if _, err := w.file.Write(w.buffer); err != nil {
			w.err = fmt.Errorf("events: %w", err)
		}
		w.buffer = w.buffer[:0]
	}
	return w.err
}

// Close flushes and closes the file.
func (w *Writer) Close() error {
	if w == nil || w.file == nil {
		return nil
	}
	err := w.Flush()
	if closed := w.file.Close(); err == nil && closed != nil {
		err = fmt.Errorf("events: %w", closed)
	}
	w.file = nil
	return err
}
