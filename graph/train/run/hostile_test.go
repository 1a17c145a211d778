package run

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// rawTensors is a safetensors file with that header and so many bytes of zeros after it.
func rawTensors(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

// smallModel has the tensors dense_1.weight [2 1] and dense_1.bias [1].
func smallModel(t testing.TB) *graph.Model {
	t.Helper()
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1}, layers.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const (
	weightEntry = `"dense_1.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]}`
	biasEntry   = `"dense_1.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`
)

func TestHostileWeights(t *testing.T) {
	m := smallModel(t)
	huge := binary.LittleEndian.AppendUint64(nil, 1<<40)
	nan := rawTensors("{"+weightEntry+","+biasEntry+"}", 12)
	binary.LittleEndian.PutUint32(nan[len(nan)-4:], math.Float32bits(float32(math.NaN())))
	for _, c := range []struct {
		name string
		file []byte
		says []string
	}{
		{"nothing", nil, []string{"0 bytes", "cut short"}},
		{"no header", []byte{1, 0, 0, 0}, []string{"4 bytes", "cut short"}},
		{"an oversized header", append(huge, "{}"...), []string{"claims 1099511627776 bytes", "at most"}},
		{"a header longer than the file", rawTensors("{", 0)[:8], []string{"claims 1 bytes", "has 0"}},
		{"no JSON", rawTensors("weights", 0), []string{"header"}},
		{"a list", rawTensors("[]", 0), []string{"header"}},
		{"not UTF-8", rawTensors("{\"\xff\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4), []string{"UTF-8"}},
		{"an unknown type", rawTensors(`{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}`, 4), []string{"F31"}},
		{"no offsets", rawTensors(`{"a":{"dtype":"F32","shape":[1]}}`, 4), []string{`"a"`}},
		{"a negative size", rawTensors(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), []string{`"a"`}},
		{"sizes that overflow", rawTensors(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), []string{`"a"`, "damaged"}},
		{"a huge size of nothing", rawTensors(`{"a":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]}}`, 0), []string{`lacks the tensor dense_1.weight`}},
		{"bytes outside the file", rawTensors("{"+weightEntry+","+biasEntry+"}", 8), []string{"dense_1.weight", "leave the data"}},
		{"offsets that run backwards", rawTensors(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4), []string{`"a"`, "leave"}},
		{"an overlap", rawTensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), []string{`"b"`, "overlap"}},
		{"a hole", rawTensors(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), []string{`"a"`, "begin at 4"}},
		{"bytes that belong to none", rawTensors("{"+weightEntry+","+biasEntry+"}", 16), []string{"end at byte 12", "16"}},
		{"a missing tensor", rawTensors("{"+biasEntry+"}", 4), []string{"lacks the tensor dense_1.weight", "[2 1]"}},
		{"an extra tensor", rawTensors("{"+weightEntry+","+biasEntry+`,"dense_2.bias":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}`, 16), []string{`"dense_2.bias"`, "[1]"}},
		{"another shape", rawTensors("{"+strings.Replace(weightEntry, "[2,1]", "[1,2]", 1)+","+biasEntry+"}", 12), []string{"dense_1.weight", "[1 2]", "[2 1]"}},
		{"another type", rawTensors(`{"dense_1.weight":{"dtype":"I32","shape":[2,1],"data_offsets":[4,12]},`+biasEntry+"}", 12), []string{"dense_1.weight", "I32", "F32", "of another type"}},
		{"PyTorch's orientation", rawTensors("{"+strings.Replace(weightEntry, "[2,1]", "[1,2]", 1)+","+biasEntry+"}", 12), []string{"turned round, as PyTorch has its weights", "transpose", "the square ones too"}},
		{"half precision", rawTensors(`{"dense_1.weight":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]},"dense_1.bias":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}}`, 6), []string{"dense_1.weight is F16 (half precision), want F32 (float32)", "convert"}},
		{"bfloat16", rawTensors(`{"dense_1.weight":{"dtype":"BF16","shape":[2,1],"data_offsets":[0,4]},"dense_1.bias":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]}}`, 6), []string{"dense_1.weight is BF16 (bfloat16), want F32 (float32)"}},
		{"double precision", rawTensors(`{"dense_1.weight":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]},"dense_1.bias":{"dtype":"F64","shape":[1],"data_offsets":[16,24]}}`, 24), []string{"dense_1.weight is F64 (float64), want F32 (float32)"}},
		{"NaN", nan, []string{"dense_1.weight", "element 1", "NaN"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "w.safetensors")
			if err := os.WriteFile(path, c.file, 0o644); err != nil {
				t.Fatal(err)
			}
			before := slices.Clone(m.Params()[0].Value.Float32s())
			err := LoadWeights(path, m)
			mustFail(t, err, append(c.says, path)...)
			if strings.Contains(c.name, "precision") && strings.Contains(err.Error(), "another network") {
				t.Errorf("its network is the model's: %v", err)
			}
			if !slices.Equal(before, m.Params()[0].Value.Float32s()) {
				t.Error("the model was changed")
			}
		})
	}
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := os.WriteFile(path, rawTensors("{"+weightEntry+","+biasEntry+"}", 12), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := LoadWeights(path, m); err != nil || m.Params()[0].Value.Float32s()[1] != 0 {
		t.Errorf("another program's weights: %v, %v", err, m.Params())
	}
	mustFail(t, LoadWeights(t.TempDir(), m), "a folder", "regular file")
	mustFail(t, LoadWeights(path+"x", m), "no such file")
}

func TestSaveWeights(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	for _, wide := range []bool{false, true} {
		a, b := smallModel(t), smallModel(t)
		if wide {
			a, b = a.Float64(), b.Float64()
		}
		if err := SaveWeights(path, a); err != nil {
			t.Fatal(err)
		}
		b.Params()[0].Value.Zero()
		if err := LoadWeights(path, b); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(b.Params()), fmt.Sprint(a.Params()); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if wide {
			mustFail(t, LoadWeights(path, smallModel(t)), "F64", "F32")
		}
	}
}

// TestMemoryFollowsTheFile gives headers and configurations that claim far more than there is.
func TestMemoryFollowsTheFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, tiny("adam", 0), Options{})
	f, _ := Open(dir)
	c, _ := f.Checkpoint("latest")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f.Config.Experiment.Network = "x = input 6\ndense 10000\ndense 10000\ndense 3 softmax"
	_, _, err := f.Model(c, nil)
	mustFail(t, err, c.Path, "dense_1.weight", "another network's")
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("refusing it took %d bytes", took)
	}
}

func TestHostileConfig(t *testing.T) {
	good := tiny("adam", 0).config(t, 1, samples(t, 1))
	good.Saving.Keep = 1
	for name, change := range map[string]func(*Config){
		"no network":    func(c *Config) { c.Experiment.Network = "" },
		"a layer":       func(c *Config) { c.Experiment.Network = "x = input 6\ndens 3" },
		"shape":         func(c *Config) { c.Shape = []int{1 << 40, 1 << 40} },
		"zero shape":    func(c *Config) { c.Shape = []int{0} },
		"epochs":        func(c *Config) { c.Experiment.Epochs = -1 },
		"batch":         func(c *Config) { c.Experiment.BatchSize = 0 },
		"shards":        func(c *Config) { c.Experiment.Shards = -1 },
		"samples":       func(c *Config) { c.Experiment.TrainSamples = -1 },
		"noise":         func(c *Config) { c.Experiment.Noise = math.NaN() },
		"learning rate": func(c *Config) { c.Experiment.Optimizer = "sgd -1" },
		"optimizer":     func(c *Config) { c.Experiment.Optimizer = "sdg" },
		"no optimizer":  func(c *Config) { c.Experiment.Optimizer = "" },
		"loss":          func(c *Config) { c.Experiment.Loss = "" },
		"another loss":  func(c *Config) { c.Experiment.Loss = "mes" },
		"metric":        func(c *Config) { c.Experiment.Metrics = []string{"acuracy"} },
		"own":           func(c *Config) { c.Experiment.Own = []string{"data"} },
		"scale":         func(c *Config) { c.Experiment.Scale = float32(math.Inf(1)) },
		"keep":          func(c *Config) { c.Saving.Keep = -1 },
	} {
		c := good
		change(&c)
		if c.check() == nil && c.checked() == nil {
			t.Errorf("%s: it passes", name)
		}
		if _, err := Create(filepath.Join(t.TempDir(), "run"), c, c.Saving); err == nil {
			t.Errorf("%s: a run was made", name)
		}
	}
	if err := good.check(); err != nil {
		t.Error(err)
	}
}

func TestBadFolders(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c := tiny("adam", 0).config(t, 1, samples(t, 1))
	_, err := Open(file)
	mustFail(t, err, file, "is a file")
	_, err = Open(filepath.Join(dir, "none"))
	mustFail(t, err, "no such file")
	_, err = Open(dir)
	mustFail(t, err, dir, "run.json")
	_, err = Load(dir, nil)
	mustFail(t, err, dir, "run.json")
	_, err = Create(file, c, Options{})
	mustFail(t, err, file, "--out")
	_, err = Create(dir, c, Options{})
	mustFail(t, err, dir, "not empty", "file")
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("after a refusal: got %v, %v, want the one file that was there", entries, err)
	}
	copied := filepath.Join(dir, "copied")
	for _, name := range []string{configFile, "notes.tmp"} {
		if err := os.RemoveAll(copied); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(copied, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, name), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = Create(copied, c, Options{})
		mustFail(t, err, copied, "folder")
		if entries, err := os.ReadDir(copied); err != nil || len(entries) != 1 || entries[0].Name() != name {
			t.Errorf("after a refusal: got %v, %v, want %s alone", entries, err, name)
		}
	}
	crashed := filepath.Join(dir, "crashed") // while Create wrote the configuration
	if err := os.MkdirAll(filepath.Join(crashed, checkpointFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{lockFile, configFile + ".4711" + temporary} {
		if err := os.WriteFile(filepath.Join(crashed, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := Create(crashed, c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rec.Close()
	newer := filepath.Join(dir, "newer")
	trained(t, newer, tiny("adam", 0), Options{}, stopAt(2))
	path := filepath.Join(newer, configFile)
	text, _ := os.ReadFile(path)
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), `"format": 2`, `"format": 3`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Open(newer)
	mustFail(t, err, path, "format 3", "newer")
	if err := os.WriteFile(path, make([]byte, maxConfig+1), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Open(newer)
	mustFail(t, err, path, "at most")
}

func TestExport(t *testing.T) {
	dir, m := t.TempDir(), smallModel(t)
	path := filepath.Join(dir, "m.safetensors")
	if err := Export(path, m); err != nil {
		t.Fatal(err)
	}
	mustFail(t, Export(path, m), path, "there already")
	mustFail(t, Export(filepath.Join(dir, "m.onnx"), m), "onnx", "safetensors")
	if err := Export(filepath.Join(dir, "m.npz"), m); err != nil {
		t.Fatal(err)
	}
}
