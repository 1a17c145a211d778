package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
)

// Load reads a training and a test set from a folder of four IDX files named as MNIST's: train-images-idx3-ubyte,
// train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each plain or with .gz, with '-' or '.' before
// "idx"; other dimensions and element types (idx4-float) are welcome. Where a file is there plain and gzipped, the plain
// one is read.
//
// A file that is missing, damaged or larger than DefaultLimit, images and labels of different numbers, test samples of another shape, and test
// labels that the training set does not have are errors, which name the file and the byte.
//
// The sets take the folder's name. Classes are named "0", "1", … up to the largest training label, except Fashion-MNIST's:
// it is recognised, wherever it lies, by the checksum of its training labels.
func Load(dir string) (train, test *Dataset, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("datasets: %s: %w", dir, err)
	}
	return load(os.DirFS(dir), dir, filepath.Base(abs))
}

// load is Load over any file system; dir stands before file names in errors.
func load(fsys fs.FS, dir, name string) (train, test *Dataset, err error) {
	// Side by side: unpacking is most of what happens before a first step.
	stems := [...]string{"train-images", "train-labels", "t10k-images", "t10k-labels"}
	var files [len(stems)]*IDX
	var errs [len(stems)]error
	var wait sync.WaitGroup
	for i, stem := range stems {
		wait.Go(func() { files[i], errs[i] = readFile(fsys, dir, stem) })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, nil, fmt.Errorf("datasets: %w", err)
		}
	}
	train, err = newPart(files[0], files[1], name, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("datasets: %w", err)
	}
	test, err = newPart(files[2], files[3], name, train.Classes)
	if err != nil {
		return nil, nil, fmt.Errorf("datasets: %w", err)
	}
	if !slices.Equal(train.Shape, test.Shape) {
		return nil, nil, fmt.Errorf("datasets: %s: training samples are %s, test samples %s; want one shape", dir, times(train.Shape), times(test.Shape))
	}
	train.Name += "/train"
	test.Name += "/test"
	return train, test, nil
}

// newPart makes a data set of images and labels. Without classes, its labels define them.
func newPart(images, labels *IDX, name string, classes []string) (*Dataset, error) {
	if classes == nil {
		classes = fashionClasses(labels)
	}
	numbers, err := labels.labels(len(classes))
	if err != nil {
		return nil, err
	}
	if images.Dims[0] != len(numbers) {
		return nil, fmt.Errorf("%s: at byte 4: %d images, but %s has %d labels; the two files do not belong together",
			images.name, images.Dims[0], labels.name, len(numbers))
	}
	if classes == nil {
		classes = numberNames(slices.Max(numbers) + 1)
	}
	shape := images.Dims[1:]
	if len(shape) == 0 {
		shape = []int{1}
	}
	features, _ := product(shape, len(images.Bytes)+len(images.Floats))
	return &Dataset{
		Name: name, Shape: shape, Classes: classes,
		bytes: images.Bytes, floats: images.Floats, labels: numbers, features: features, scale: 1,
	}, nil
}

// labels are the class numbers of a label file. With classes = 0 any number below maxClasses will do.
func (x *IDX) labels(classes int) ([]int, error) {
	e := elements[x.Type]
	if len(x.Dims) != 1 || e.name == "float32" || e.name == "float64" {
		return nil, fmt.Errorf("%s: at byte 2: labels are %s %s, want one dimension of uint8, int8, int16 or int32", x.name, times(x.Dims), e.name)
	}
	known := classes
	if classes == 0 {
		known = maxClasses
	}
	numbers := make([]int, x.Dims[0])
	for i := range numbers {
		if x.Bytes != nil {
			numbers[i] = int(x.Bytes[i])
		} else {
			numbers[i] = int(x.Floats[i])
		}
		if n := numbers[i]; n < 0 || n >= known {
			return nil, fmt.Errorf("%s: at byte %d: label %d of sample %d is outside the classes, want 0 to %d; number the classes from 0, and have each in the training labels",
				x.name, 8+i*e.size, n, i, known-1)
		}
	}
	return numbers, nil
}

// readFile finds the one IDX file of a part and reads it.
func readFile(fsys fs.FS, dir, stem string) (*IDX, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("cannot read the folder %s: %w; want a folder with the four IDX files of a data set", dir, bare(err))
	}
	pattern := regexp.MustCompile(`^` + stem + `[-.]idx[1-4]-(ubyte|byte|short|int|float|double)(\.gz)?$`)
	for _, entry := range entries { // in order of names, so a plain file comes before its .gz
		if !pattern.MatchString(entry.Name()) {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		if info, err := fs.Stat(fsys, entry.Name()); err != nil {
			return nil, fmt.Errorf("%s: %w", path, bare(err))
		} else if !info.Mode().IsRegular() { // a pipe would block, a device may never end
			return nil, fmt.Errorf("%s: not a regular file; want an IDX file, plain or gzipped", path)
		}
		f, err := fsys.Open(entry.Name())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, bare(err))
		}
		defer f.Close()
		return ReadIDX(f, path, DefaultLimit)
	}
	return nil, fmt.Errorf("%s: no file %s-idx…-ubyte (or .gz); want the four IDX files named as MNIST's", dir, stem)
}

// bare is err without the operation and path that the message around it gives already.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// fashionClasses are the class names of Fashion-MNIST, if these are its training labels; else nil.
func fashionClasses(labels *IDX) []string {
	sum := sha256.Sum256(labels.Bytes)
	if hex.EncodeToString(sum[:]) != "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7" {
		return nil
	}
	return []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
}
