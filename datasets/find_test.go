package datasets

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// same is the set of four, under other names.
func same(names ...string) map[string][]byte {
	files := map[string][]byte{}
	for i, name := range []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
		if names[i] != "" {
			files[names[i]] = four()[name]
		}
	}
	return files
}

// with are files and others beside them, or in their place; nil takes one away.
func with(files map[string][]byte, more map[string][]byte) map[string][]byte {
	all := maps.Clone(files)
	maps.Copy(all, more)
	maps.DeleteFunc(all, func(_ string, content []byte) bool { return content == nil })
	return all
}

// TestLoadByContent: what a file holds matters, and neither what else lies there nor, where that can be told, what it is called.
func TestLoadByContent(t *testing.T) {
	proper := "train-images-idx3-ubyte"
	image, label := four()[proper], four()["train-labels-idx1-ubyte"]
	otherImage := idxFile(0x08, []int{3, 2, 2}, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9)
	for name, files := range map[string]map[string][]byte{
		"system files": with(four(), map[string][]byte{
			".DS_Store": {0, 0, 0, 1, 'B', 'u', 'd', '1'}, "Thumbs.db": {0xd0, 0xcf}, "desktop.ini": []byte("[x]"), "README": []byte("read me"), "README.md": []byte("# Digits"), "train-README.txt": []byte("x"),
			"._" + proper: {0, 5, 22, 7}, proper + ".md5": []byte("abc"), "train-images.png": {0x89, 'P', 'N', 'G'}, "empty": {}, "images.zip": []byte("PK\x03\x04"), "labels.tar.gz": gzipped([]byte("ustar"))}),
		"names that tell":                    same("my_train_images", "my_train_labels.gz.bin", "Test-Images.dat", "TEST-LABELS"),
		"names of parts alone":               same("train-a", "train-b", "test-a", "t10k-b"),
		"names of kinds alone":               same("images1", "labels1", "images2", "labels2"),
		"no names":                           same("a", "b", "c", "d"),
		"latest is no test":                  same("train-x", "train-y", "test-x-latest", "test-y-latest"),
		"one part named":                     same("train-images", "train-labels", "c", "d"),
		"images named, labels not":           same("train-images", "3", "test-images", "2"),
		"proper beside others":               with(four(), map[string][]byte{"old-train-images": otherImage, "train-labels.bak": label, "validation": otherImage}),
		"a damaged copy, packed":             with(four(), map[string][]byte{proper: image[:9], proper + ".gz": gzipped(image)}),
		"a damaged copy, cut":                with(four(), map[string][]byte{proper: image[:len(image)-1], "train-images.idx3-ubyte": image}),
		"an empty copy":                      with(four(), map[string][]byte{proper: {}, proper + ".gz": gzipped(image)}),
		"a damaged second copy":              with(four(), map[string][]byte{proper + ".gz": gzipped(image)[:20]}),
		"a copy of one without MNIST's name": with(same("train-images", "train-labels", "test-images", "test-labels"), map[string][]byte{"train-images.gz": gzipped(otherImage)}),
		"of another number":                  with(same("train-images", "train-labels", "test-images", "test-labels"), map[string][]byte{"train-images-more": idxFile(0x08, []int{1, 2, 2}, 1, 2, 3, 4)}),
	} {
		train, test, err := Load(folder(t, "own", files))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if train.Len() != 3 || test.Len() != 2 || row(train, 2)[3] != 255 || train.Label(2) != 2 || row(test, 0)[0] != 5 || test.Label(0) != 2 {
			t.Errorf("%s: %d and %d samples, %v and %v", name, train.Len(), test.Len(), row(train, 2), row(test, 0))
		}
	}
	fsys := fstest.MapFS{"train-images-idx3-ubyte": {Mode: fs.ModeDir | 0o755}, "a-pipe": {Mode: fs.ModeNamedPipe | 0o644}, "train-images.idx3-ubyte": {Data: image}}
	for name, content := range four() {
		if name != proper {
			fsys[name] = &fstest.MapFile{Data: content}
		}
	}
	if _, _, err := load(fsys, "dir", "own"); err != nil {
		t.Errorf("a folder of a file's name beside that file, and a pipe: %v", err)
	}
}

// TestLoadIsNotToGuess: where several files could be meant, the error lists them and says how to name the one.
func TestLoadIsNotToGuess(t *testing.T) {
	image := idxFile(0x08, []int{3, 2, 2}, make([]float64, 12)...)
	label := idxFile(0x08, []int{3}, 0, 0, 0)
	for _, c := range []struct {
		name  string
		files map[string][]byte
		want  []string
	}{
		{"two of one name", with(same("train-images", "train-labels", "test-images", "test-labels"), map[string][]byte{"train-images-2": image}),
			[]string{"for the training set, more than one file could be meant", "train-images (3×2×2 uint8), train-images-2 (3×2×2 uint8)", "call those that are meant train-images-idx3-ubyte and train-labels-idx1-ubyte"}},
		{"three sets without names", with(same("a", "b", "c", "d"), map[string][]byte{"e": idxFile(0x08, []int{1, 2, 2}, 1, 2, 3, 4), "f": idxFile(0x08, []int{1}, 0)}), []string{"for the training set, more than one file could be meant", "f (1 uint8)"}},
		{"two of one size", map[string][]byte{"a": image, "b": label, "c": image, "d": label}, []string{"for the training set, more than one file could be meant"}},
		{"one set without names", map[string][]byte{"a": image, "b": label}, []string{"for the test set, there are no images", "a (3×2×2 uint8), b (3 uint8)", "t10k-images-idx3-ubyte"}},
		{"numbers that fit none", with(same("train-images", "", "test-images", "test-labels"), map[string][]byte{"train-labels": label[:len(label)-1], "train-labels-b": idxFile(0x08, []int{2}, 1, 1), "train-labels-c": idxFile(0x08, []int{1}, 1)}),
			[]string{"for the training set, no images have as many samples as labels"}},
		{"nothing", map[string][]byte{"README": []byte("x")}, []string{"for the training set, there are no images: it has no IDX file; want IDX files"}},
		{"no labels", same("train-images", "", "test-images", "test-labels"), []string{"for the training set, there are no labels"}},
		{"damaged, without another", with(four(), map[string][]byte{"train-images-idx3-ubyte": image[:20], "train-images-other": image}), []string{"train-images-idx3-ubyte: at byte 20: the file ends here"}},
		{"damaged twice", with(four(), map[string][]byte{"train-images-idx3-ubyte": image[:20], "train-images-idx3-ubyte.gz": gzipped(image)[:20]}), []string{"train-images-idx3-ubyte: at byte 20: the file ends here"}},
		{"labels in a packed file", with(four(), map[string][]byte{"train-labels-idx1-ubyte": nil, "train-labels-idx1-ubyte.gz": gzipped(idxFile(0x0C, []int{3}, 0, 1, -1))}), []string{"train-labels-idx1-ubyte.gz: at unpacked byte 16: label -1"}},
	} {
		_, _, err := Load(folder(t, "own", c.files))
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v\n\twant %q", c.name, err, want)
			}
		}
	}
	many := map[string][]byte{}
	for i := range 40 {
		many["train-images-"+string(rune('A'+i))] = image
	}
	many["train-labels"] = label
	if _, _, err := Load(folder(t, "own", many)); err == nil || !strings.Contains(err.Error(), "and 29 more; want") {
		t.Errorf("forty candidates: got %v", err)
	}
	// A link to a file is one; a link to nothing is one only by its name.
	dir := folder(t, "own", four())
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "train-images-2")); err == nil {
		if _, _, err := Load(dir); err != nil {
			t.Errorf("a dangling link beside good files: %v", err)
		}
	}
}
