package datasets

import (
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// four are the files of a small set: three training samples and two test samples of 2×2.
func four() map[string][]byte {
	return map[string][]byte{
		"train-images-idx3-ubyte": idxFile(0x08, []int{3, 2, 2}, 0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 255),
		"train-labels-idx1-ubyte": idxFile(0x08, []int{3}, 1, 0, 2),
		"t10k-images-idx3-ubyte":  idxFile(0x08, []int{2, 2, 2}, 5, 6, 7, 8, 9, 9, 9, 9),
		"t10k-labels-idx1-ubyte":  idxFile(0x08, []int{2}, 2, 2),
	}
}

// folder writes files into a folder of the given name.
func folder(t *testing.T, name string, files map[string][]byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for file, content := range files {
		if err := os.WriteFile(filepath.Join(dir, file), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	packed, dotted := map[string][]byte{}, map[string][]byte{}
	for name, content := range four() {
		packed[name+".gz"] = gzipped(content)
		dotted[strings.Replace(name, "-idx", ".idx", 1)] = content
	}
	both := four()
	for name := range four() {
		both[name+".gz"] = []byte("not read, since the plain file is there")
		both[name+".md5"] = []byte("nor this")
	}
	for variant, files := range map[string]map[string][]byte{"plain": four(), "packed": packed, "dotted": dotted, "both": both} {
		train, test, err := Load(folder(t, "shapes", files))
		if err != nil {
			t.Errorf("%s: %v", variant, err)
			continue
		}
		if train.Name != "shapes/train" || test.Name != "shapes/test" {
			t.Errorf("%s: names %q, %q", variant, train.Name, test.Name)
		}
		if train.Len() != 3 || test.Len() != 2 || !slices.Equal(train.Shape, []int{2, 2}) || train.Features() != 4 {
			t.Errorf("%s: %d and %d samples of shape %v", variant, train.Len(), test.Len(), train.Shape)
		}
		if want := []string{"0", "1", "2"}; !slices.Equal(train.Classes, want) || !slices.Equal(test.Classes, want) {
			t.Errorf("%s: classes %q, %q", variant, train.Classes, test.Classes)
		}
		if got := row(train, 2); !slices.Equal(got, []float32{20, 21, 22, 255}) || train.Label(2) != 2 {
			t.Errorf("%s: sample 2 is %v, label %d", variant, got, train.Label(2))
		}
	}
}

func TestLoadOtherTypes(t *testing.T) {
	train, test, err := Load(folder(t, "own", map[string][]byte{
		"train-images-idx1-float":  idxFile(0x0D, []int{2}, -0.5, 1.5),
		"train-labels-idx1-int":    idxFile(0x0C, []int{2}, 0, 300),
		"t10k-images.idx1-double":  idxFile(0x0E, []int{1}, 0.25),
		"t10k-labels-idx1-byte.gz": gzipped(idxFile(0x09, []int{1}, 100)),
	}))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(train.Shape, []int{1}) || len(train.Classes) != 301 || test.Label(0) != 100 || row(train, 0)[0] != -0.5 || row(test, 0)[0] != 0.25 {
		t.Errorf("got %+v, %+v", train, test)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		file    string
		content []byte // nil: the file is not there
		want    string
	}{
		{"missing", "t10k-labels-idx1-ubyte", nil, "for the test set, there are no labels: it has t10k-images-idx3-ubyte (2×2×2 uint8), train-images-idx3-ubyte (3×2×2 uint8), train-labels-idx1-ubyte (3 uint8); want IDX files, plain or gzipped: call those that are meant t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte"},
		{"broken", "t10k-labels-idx1-ubyte", []byte{0, 0, 8, 1, 0}, "t10k-labels-idx1-ubyte: at byte 5: the file ends here"},
		{"fewer labels", "train-labels-idx1-ubyte", idxFile(0x08, []int{2}, 1, 2), "train-images-idx3-ubyte: at byte 4: 3 images, but "},
		{"more labels", "t10k-labels-idx1-ubyte", idxFile(0x08, []int{3}, 1, 2, 2), "t10k-labels-idx1-ubyte has 3 labels"},
		{"label outside", "t10k-labels-idx1-ubyte", idxFile(0x08, []int{2}, 1, 3), "t10k-labels-idx1-ubyte: at byte 9: label 3 of sample 1 is outside the classes, want 0 to 2"},
		{"negative label", "train-labels-idx1-ubyte", idxFile(0x0B, []int{3}, 1, 2, -1), "train-labels-idx1-ubyte: at byte 12: label -1 of sample 2"},
		{"label beyond a float32's integers", "train-labels-idx1-ubyte", idxFile(0x0C, []int{3}, 0, 16777217, 1), "at byte 12: label 16777217 of sample 1 is outside"},
		{"largest label", "train-labels-idx1-ubyte", idxFile(0x0C, []int{3}, 0, 1, math.MaxInt32), "at byte 16: label 2147483647 of sample 2"},
		{"least label", "train-labels-idx1-ubyte", idxFile(0x0C, []int{3}, 0, math.MinInt32, 1), "at byte 12: label -2147483648 of sample 1"},
		{"huge label", "train-labels-idx1-ubyte", idxFile(0x0C, []int{3}, 70000, 2, 1), "at byte 8: label 70000 of sample 0 is outside the classes, want 0 to 65535"},
		{"labels with two dimensions", "train-labels-idx1-ubyte", idxFile(0x08, []int{3, 1}, 1, 2, 0), "at byte 3: labels are 3×1 uint8, want one dimension"},
		{"labels that are not whole", "train-labels-idx1-ubyte", idxFile(0x0D, []int{3}, 1, 2, 0), "at byte 2: labels are 3 float32, want one dimension of uint8"},
		{"another shape", "t10k-images-idx3-ubyte", idxFile(0x08, []int{2, 1, 2}, 1, 2, 3, 4), "training samples are 2×2, test samples 1×2"},
	} {
		files := four()
		files[c.file] = c.content
		if c.content == nil {
			delete(files, c.file)
		}
		dir := folder(t, "own", files)
		_, _, err := Load(dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: got %v\n\twant an error with the folder and %q", c.name, err, c.want)
		}
	}

	none := filepath.Join(t.TempDir(), "none")
	file := filepath.Join(folder(t, "own", four()), "train-labels-idx1-ubyte")
	for _, dir := range []string{none, file, ""} {
		if _, _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "cannot read the folder "+dir) {
			t.Errorf("Load(%q): got %v", dir, err)
		}
	}
}

func TestLoadOpensRegularFilesOnly(t *testing.T) {
	for name, mode := range map[string]fs.FileMode{"a pipe": fs.ModeNamedPipe, "a device": fs.ModeDevice, "a folder": fs.ModeDir} {
		fsys := fstest.MapFS{"train-images-idx3-ubyte": {Mode: mode | 0o644}}
		if _, _, err := load(fsys, "dir", "own"); err == nil || !strings.Contains(err.Error(), "train-images-idx3-ubyte: not a regular file") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	dir := folder(t, "own", nil)
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "train-images-idx3-ubyte")); err == nil {
		if _, _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "train-images-idx3-ubyte: ") {
			t.Errorf("a dangling link: got %v", err)
		}
	}
}
