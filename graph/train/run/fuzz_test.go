package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/optim"
)

// seedFiles is the folder of a small run, to begin from.
func seedFiles(f *testing.F) (folder *Folder, all map[string]string) {
	dir := filepath.Join(f.TempDir(), "run")
	e := tiny("momentum", .1)
	e.Hidden, e.Epochs = []int{1}, 2
	trained(f, dir, e, Options{})
	folder, err := Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	return folder, files(f, dir)
}

// FuzzCheckpoint reads anything as a checkpoint and as weights. What is taken must be finite; what is not is one line. To get past the
// checksum, each input is also tried with the right one.
//
// Without the last flag Go's minimisation starves it: go test ./graph/train/run -run - -fuzz '^FuzzCheckpoint$' -fuzzminimizetime 1x
func FuzzCheckpoint(f *testing.F) {
	folder, all := seedFiles(f)
	for name, text := range all {
		if strings.HasSuffix(name, ".safetensors") {
			f.Add([]byte(text))
			f.Add([]byte(text[:len(text)/2]))
			f.Add([]byte(strings.Replace(text, `"data_offsets":[0,`, `"data_offsets":[8,`, 1)))
			f.Add([]byte(strings.Replace(text, "checkpoint 1", "checkpoint 2", 1)))
			f.Add([]byte(strings.Replace(text, `\"epoch\":`, `\"epoch\":-`, 1)))
		}
	}
	f.Add(rawTensors("{"+weightEntry+","+biasEntry+"}", 12))
	f.Add(rawTensors(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0))
	f.Add(rawTensors(`{"optimizer.m.dense_1.weight":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, resealed(text)} {
			file, err := readHeader("file", bytes.NewReader(text), int64(len(text)))
			if err == nil {
				o, _ := optim.New(folder.Config.Experiment.Optimizer, 0)
				m, failed := folder.Config.Model()
				if failed != nil {
					t.Fatal(failed)
				}
				var described checkpoint
				if described, err = file.describe(); err == nil {
					err = file.restore(described, m, o)
				}
				if bad := notFinite(m.Params()); bad != "" {
					t.Errorf("%s was taken with numbers that are not finite", bad)
				}
			}
			oneLine(t, err)
			if file, err = readHeader("file", bytes.NewReader(text), int64(len(text))); err == nil {
				m := smallModel(t)
				err = file.setParams(m.Params())
				if bad := notFinite(m.Params()); bad != "" {
					t.Errorf("%s was taken with numbers that are not finite", bad)
				}
			}
			oneLine(t, err)
		}
	})
}

// FuzzConfig reads anything as a run.json; what is taken must make a network, or say in a line why not, and be written and read again as it was.
//
// Without the last flag Go's minimisation starves it: go test ./graph/train/run -run - -fuzz '^FuzzConfig$' -fuzzminimizetime 1x
func FuzzConfig(f *testing.F) {
	_, all := seedFiles(f)
	text := all[configFile]
	f.Add([]byte(text))
	f.Add([]byte(strings.Replace(text, `"format": 2`, `"format": 3`, 1)))
	f.Add([]byte(strings.Replace(text, `"batch_size": 8`, `"batch_size": 0`, 1)))
	f.Add([]byte(strings.Replace(text, `dropout 0.1`, `dropout 1`, 1)))
	f.Add([]byte(strings.Replace(text, `tanh`, "\xff", 1)))
	f.Add([]byte(text[:100]))
	f.Add([]byte(`{"format":2}`))
	f.Add([]byte(format1))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, resealed(text)} {
			c, err := parseConfig(text)
			oneLine(t, err)
			if err != nil {
				continue
			}
			root, err := os.OpenRoot(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			if err := c.save(osDisk{}, root); err != nil {
				t.Fatal(err)
			}
			again, err := loadConfig(root)
			if err != nil {
				t.Fatal(err)
			}
			a, _ := json.Marshal(c.Experiment)
			b, _ := json.Marshal(again.Experiment)
			if !bytes.Equal(a, b) || c.Seed != again.Seed || c.id != again.id || !reflect.DeepEqual(c.Changes, again.Changes) || !reflect.DeepEqual(c.until, again.until) {
				t.Errorf("%s became %s", a, b)
			}
			_, err = c.model(func(_ string, shape []int) (*tensor.Dense, error) {
				if tensor.Shape(shape).TotalSize() > 1<<16 {
					return nil, errors.New("it is too large for a test")
				}
				return nil, nil
			})
			oneLine(t, err)
			_, err = c.Training()
			oneLine(t, err)
		}
	})
}

// FuzzResult reads anything as a result.json.
//
// Without the last flag Go's minimisation starves it: go test ./graph/train/run -run - -fuzz '^FuzzResult$' -fuzzminimizetime 1x
func FuzzResult(f *testing.F) {
	_, all := seedFiles(f)
	f.Add([]byte(all[resultFile]))
	f.Add([]byte(`{"train":{"loss":null,"accuracy":1e400},"diverged":{"loss":"NaN"},"sha256":"` + string(unsealed) + `"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, resealed(text)} {
			_, err := parseResult(text)
			oneLine(t, err)
		}
	})
}

// FuzzMetrics reads anything as metrics and as seconds: what is taken are the whole lines, numbered from 1.
//
// Without the last flag Go's minimisation starves it: go test ./graph/train/run -run - -fuzz '^FuzzMetrics$' -fuzzminimizetime 1x
func FuzzMetrics(f *testing.F) {
	_, all := seedFiles(f)
	f.Add([]byte(all["metrics.jsonl"]), []byte(`{"epoch":1,"seconds":0.5}`+"\n"))
	f.Add([]byte(all["metrics.jsonl"][:40]), []byte("{}\n[]\n"))
	f.Add([]byte("\n\n"), []byte("\xff\n"))
	f.Add([]byte(`{"epoch":1,"step":-1}`+"\n"), []byte(`{"epoch":99,"seconds":1}`+"\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, metrics, timings []byte) {
		for name, text := range map[string][]byte{metricsLog: metrics, timingsLog: timings} {
			if err := os.WriteFile(filepath.Join(dir, name+logSuffix), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		epochs, steps, err := readEpochs(dir)
		oneLine(t, err)
		if len(epochs) != len(steps) || err == nil && len(epochs) != bytes.Count(metrics, []byte("\n")) {
			t.Errorf("%q gives %d epochs and %d steps", metrics, len(epochs), len(steps))
		}
		for i, e := range epochs {
			if e.Epoch != i+1 {
				t.Errorf("epoch %d is numbered %d", i+1, e.Epoch)
			}
		}
	})
}

// resealed is text with the checksum that fits it, where it has one.
func resealed(text []byte) []byte {
	text = bytes.Clone(text)
	if at := sealAt.FindSubmatchIndex(text); at != nil {
		copy(text[at[2]:at[3]], unsealed)
		_ = seal(text)
	}
	return text
}

func oneLine(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
		t.Errorf("the error has more than one line: %q", err)
	}
}

// format1 is a run.json as it was when runs were multilayer perceptrons; its checksum does not fit.
const format1 = `{"format": 1, "experiment": {"name": "relu", "hidden": [2], "activation": "relu", "dropout": 0.5, "loss": "cross-entropy", "optimizer": "sgd", "learning_rate": 0.1,
"batch_size": 50, "epochs": 1, "train_samples": 100, "scale": 0.003921569, "noise": 0}, "seed": 5, "dataset": "mnist", "shape": [28, 28], "classes": ["0", "1"],
"blas": {"name": "gonum", "version": "v0.17.0", "kernel": "", "threads": 1}, "versions": {"go": "go1.26.8"}, "checkpoint_every": "", "keep": 2, "gradients": 0,
"sha256": "0000000000000000000000000000000000000000000000000000000000000000"}`
