package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Load reads a training and a test set from a folder of four IDX files, each plain or gzipped. They are found by MNIST's names, which are
// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, with '-' or '.' before "idx", and of other
// dimensions and types (idx4-float); where a file has none of these, by the words train, test, t10k, image and label in its name; where that tells
// nothing, by its content: one dimension of integers are labels, images belong to labels of their number, and the larger set is for training. Other
// files are no matter. Of a file that is there more than once, plain and gzipped, the first that is whole is read; where several could be meant, the
// error lists them and says how to name the one.
//
// A file that is missing, damaged or larger than DefaultLimit, images and labels of different numbers, test samples of another shape, and test
// labels that the training set does not have are errors, which name the file and the byte.
//
// EMNIST's images, known by the name of their file, are set upright; of QMNIST's labels the class is taken. Class names are read from a text beside: EMNIST's mapping, or
// classes.txt or labels.txt with a name a line.
//
// The sets take the folder's name. Else classes are named "0", "1", … up to the largest training label, except Fashion-MNIST's:
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
	from, err := openFolder(fsys, dir)
	if err != nil {
		return nil, nil, fmt.Errorf("datasets: %w", err)
	}
	// Side by side: unpacking is most of what happens before a first step.
	parts := [...]string{"train", "test"}
	var images, labels [len(parts)]*IDX
	var errs [len(parts)]error
	var wait sync.WaitGroup
	for i, part := range parts {
		wait.Go(func() { images[i], labels[i], errs[i] = from.pair(part) })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, nil, fmt.Errorf("datasets: %w", err)
		}
	}
	names, first, err := classNames(fsys, images[0].name)
	if err != nil {
		return nil, nil, fmt.Errorf("datasets: %s: %w", dir, err)
	}
	for i := range parts {
		if isEMNIST(images[i].name) {
			images[i].upright()
		}
		labels[i].firstColumn()
		labels[i].from(first)
	}
	train, err = newPart(images[0], labels[0], name, names)
	if err != nil {
		return nil, nil, fmt.Errorf("datasets: %w", err)
	}
	test, err = newPart(images[1], labels[1], name, train.Classes)
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
	if len(labels.Dims) == 1 && images.Dims[0] != labels.Dims[0] {
		return nil, fmt.Errorf("%s: at byte 4: %d images, but %s has %d labels; the two files do not belong together",
			images.name, images.Dims[0], labels.name, labels.Dims[0])
	}
	numbers, err := labels.labels(len(classes))
	if err != nil {
		return nil, err
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

// fractional says whether the elements are floats.
func (x *IDX) fractional() bool { return x.Type == 0x0D || x.Type == 0x0E }

// labels are the class numbers of a label file. With classes = 0 any number below maxClasses will do.
func (x *IDX) labels(classes int) ([]int, error) {
	e := elements[x.Type]
	place := 3 // of the number of dimensions in the file
	if x.fractional() {
		place = 2 // of the type
	}
	if len(x.Dims) != 1 || x.fractional() {
		return nil, fmt.Errorf("%s: labels are %s %s, want one dimension of uint8, int8, int16 or int32", x.at(place), times(x.Dims), e.name)
	}
	known := classes
	if classes == 0 {
		known = maxClasses
	}
	numbers := make([]int, x.Dims[0])
	for i := range numbers {
		switch {
		case x.Bytes != nil:
			numbers[i] = int(x.Bytes[i])
		case x.ints != nil:
			numbers[i] = int(x.ints[i])
		default:
			numbers[i] = int(x.Floats[i]) // int8 and int16, which a float32 has exactly
		}
		if n := numbers[i]; n < 0 || n >= known {
			return nil, fmt.Errorf("%s: label %d of sample %d is outside the classes, want 0 to %d; number the classes from 0, and have each in the training labels",
				x.at(8+i*e.size), n, i, known-1)
		}
	}
	return numbers, nil
}

// fashionClasses are the class names of Fashion-MNIST, if these are its training labels; else nil.
func fashionClasses(labels *IDX) []string {
	sum := sha256.Sum256(labels.Bytes)
	if hex.EncodeToString(sum[:]) != "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7" {
		return nil
	}
	return []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
}
