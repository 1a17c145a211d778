package train_test

import (
	"bufio"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// large is how many samples of 784 floats are trained on from disk: go test ./graph/train -run LargerThanMemory -v -args -large 1000000 takes 3.1 GB of disk.
var large = flag.Int("large", 30_000, "samples of 784 floats in TestLargerThanMemory")

// anonymous is how much memory of the process is no file's, in bytes.
func anonymous(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "RssAnon: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	t.Fatal("this kernel does not say RssAnon: Linux 4.5 and later do")
	return 0
}

// TestLargerThanMemory: samples on disk are learnt from without being held, in an order as well shuffled as that of others. Of the class the first value alone speaks, and
// the file is sorted by class, so that what is not shuffled is not learnt.
func TestLargerThanMemory(t *testing.T) {
	const width, classes = 784, 10
	n := *large
	dir := t.TempDir()
	write := func(name, descr, shape string, values func(w *bufio.Writer)) string {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := bufio.NewWriterSize(f, 1<<20)
		head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", descr, shape)
		w.WriteString("\x93NUMPY\x01\x00")
		w.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(head))))
		w.WriteString(head)
		values(w)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	x := write("x.npy", "<f4", fmt.Sprintf("%d, %d", n, width), func(w *bufio.Writer) {
		g := rand.New(rand.NewPCG(1, 2))
		row := make([]byte, 4*width)
		for i := range n {
			class := i * classes / n
			for j := range width {
				v := float32(g.Uint32()>>8)/(1<<24) - .5
				if j == class {
					v += 3
				}
				binary.LittleEndian.PutUint32(row[4*j:], math.Float32bits(v))
			}
			w.Write(row)
		}
	})
	y := write("y.npy", "|u1", fmt.Sprintf("%d,", n), func(w *bufio.Writer) {
		for i := range n {
			w.WriteByte(byte(i * classes / n))
		}
	})
	data, err := datasets.OpenFiles(x, y)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(width), Seed: 1}, layers.Dense{Units: 10, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	debug.FreeOSMemory() // what other tests left
	before, most := anonymous(t), 0
	var after int
	c := train.Config{BatchSize: 100, Optimizer: &optim.Adam{LearningRate: .01}, Observers: []train.Observer{at(train.Step, func(e *train.Event) error {
		if e.Position.Step%50 == 0 {
			after = anonymous(t)
			most = max(most, after)
		}
		return nil
	})}}
	h := fit(t, m, data, c)
	size := n * width * 4
	t.Logf("%d MB on disk: %d MB of anonymous memory at the most, %d before", size>>20, most>>20, before>>20)
	if grown := most - before; grown > size/2 || most > 400<<20 && n == 1_000_000 {
		t.Errorf("training took %d MB more than before, %d in all, for %d MB on disk, want it not to hold them", grown>>20, most>>20, size>>20)
	}
	if acc := h.Epochs[0].Running.Score("accuracy"); acc < .9 {
		t.Errorf("accuracy %v in the first epoch, want the classes learnt", acc)
	}
}
