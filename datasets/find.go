package datasets

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// An idxFolder holds IDX files among others. What a file holds says whether it is one: whatever else lies there, a README, .DS_Store or Thumbs.db, is no
// matter. What it is for is said by MNIST's name, or by the words train, test, t10k, image and label in another, or by its content: one dimension
// of integers are labels, and as many samples as images belong together.
type idxFolder struct {
	dir   string // before file names in errors
	fsys  fs.FS
	files []file // in order of names, so that a plain one comes before its .gz
}

// file is an IDX file, or one that has the name of one.
type file struct {
	name   string
	part   string // "train", "test", or "" where the name says neither
	labels bool   // else images
	proper bool   // it has one of MNIST's names
	head   *IDX   // nil where it could not be read
	err    error  // then
}

var (
	mnistName = regexp.MustCompile(`^(train|t10k)-(images|labels)[-.]idx[1-4]-(ubyte|byte|short|int|float|double)(\.gz)?$`)
	trainWord = regexp.MustCompile(`train`)
	testWord  = regexp.MustCompile(`t10k|(^|[^a-z])test`)
	imageWord = regexp.MustCompile(`image|img`)
	labelWord = regexp.MustCompile(`label`)
)

func openFolder(fsys fs.FS, dir string) (*idxFolder, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("cannot read the folder %s: %w; want a folder with the four IDX files of a data set", dir, bare(err))
	}
	f := &idxFolder{dir: dir, fsys: fsys}
	for _, entry := range entries {
		c := file{name: entry.Name(), proper: mnistName.MatchString(entry.Name())}
		if c.head, c.err = f.head(c.name); c.err != nil && !c.proper {
			continue // no IDX file, and no matter
		}
		c.describe()
		f.files = append(f.files, c)
	}
	return f, nil
}

// describe says what a file is for, by its name where that tells, else by what it holds.
func (c *file) describe() {
	name := strings.ToLower(c.name)
	switch train, test := trainWord.MatchString(name), testWord.MatchString(name); {
	case train && !test:
		c.part = "train"
	case test && !train:
		c.part = "test"
	}
	image, label := imageWord.MatchString(name), labelWord.MatchString(name)
	c.labels = label && !image || image == label && c.head != nil && len(c.head.Dims) == 1 && !c.head.fractional()
}

// open opens a file, which a pipe or a device, that would block or never end, is not.
func (f *idxFolder) open(name string) (fs.File, error) {
	if info, err := fs.Stat(f.fsys, name); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(f.dir, name), bare(err))
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file; want an IDX file, plain or gzipped", filepath.Join(f.dir, name))
	}
	r, err := f.fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(f.dir, name), bare(err))
	}
	return r, nil
}

func (f *idxFolder) head(name string) (*IDX, error) {
	r, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readIDXHead(r, filepath.Join(f.dir, name), DefaultLimit)
}

func (f *idxFolder) read(name string) (*IDX, error) {
	r, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return ReadIDX(r, filepath.Join(f.dir, name), DefaultLimit)
}

// pair reads the images and labels of a part, "train" or "test".
func (f *idxFolder) pair(part string) (images, labels *IDX, err error) {
	all, err := f.readable(part, false)
	if err != nil {
		return nil, nil, err
	}
	of, err := f.readable(part, true)
	if err != nil {
		return nil, nil, err
	}
	type pair struct{ images, labels *IDX }
	var pairs []pair
	for _, i := range all {
		for _, l := range of {
			if i.Dims[0] == l.Dims[0] {
				pairs = append(pairs, pair{i, l})
			}
		}
	}
	switch {
	case len(pairs) == 1:
		return pairs[0].images, pairs[0].labels, nil
	case len(pairs) == 0 && len(all) == 1 && len(of) == 1:
		return nil, nil, fmt.Errorf("%s: %d images, but %s has %d labels; the two files do not belong together", all[0].at(4), all[0].Dims[0], of[0].name, of[0].Dims[0])
	case len(pairs) == 0:
		return nil, nil, f.unclear(part, "no images have as many samples as labels")
	}
	return nil, nil, f.unclear(part, "more than one file could be meant")
}

// readable reads the files that may be a part's images or labels. Of copies of one file, plain and gzipped or of MNIST's other spelling, the first that is whole counts.
func (f *idxFolder) readable(part string, labels bool) ([]*IDX, error) {
	var all []*IDX
	var failed error
	had := map[string]bool{}
	for _, c := range f.candidates(part, labels) {
		if had[c.stem()] {
			continue
		}
		x, err := f.read(c.name)
		if err != nil {
			failed = cmp.Or(failed, err)
			continue
		}
		had[c.stem()] = true
		all = append(all, x)
	}
	switch {
	case len(all) > 0:
		return all, nil
	case failed != nil:
		return nil, failed
	}
	return nil, f.unclear(part, "there are no "+kind(labels))
}

// candidates are the files that may be a part's images or labels: those of MNIST's names, else those whose names say so, else those whose content does.
func (f *idxFolder) candidates(part string, labels bool) []file {
	fits := func(part string) []file {
		return slices.DeleteFunc(slices.Clone(f.files), func(c file) bool { return c.part != part || c.labels != labels })
	}
	named := fits(part)
	if proper := slices.DeleteFunc(slices.Clone(named), func(c file) bool { return !c.proper }); len(proper) > 0 {
		return proper
	}
	if len(named) > 0 {
		return named
	}
	unnamed := fits("")
	if slices.ContainsFunc(f.files, func(c file) bool { return c.part != "" }) {
		return unnamed
	}
	// Where no name tells a part, the larger of two sets is for training.
	var sizes []int
	for _, c := range unnamed {
		sizes = append(sizes, c.head.Dims[0])
	}
	slices.Sort(sizes)
	sizes = slices.Compact(sizes)
	if len(sizes) == 2 {
		size := sizes[1]
		if part == "test" {
			size = sizes[0]
		}
		return slices.DeleteFunc(unnamed, func(c file) bool { return c.head.Dims[0] != size })
	}
	if len(sizes) == 1 && part == "test" { // one set, which is for training
		return nil
	}
	return unnamed
}

// stem is a name by which copies of one file are known.
func (c *file) stem() string {
	if c.proper {
		return fmt.Sprint(c.part, c.labels)
	}
	return strings.TrimSuffix(c.name, ".gz")
}

func kind(labels bool) string {
	if labels {
		return "labels"
	}
	return "images"
}

// unclear says which files there are and how to name those that are meant.
func (f *idxFolder) unclear(part, what string) error {
	const most = 12
	var list []string
	for i, c := range f.files {
		if i == most {
			list = append(list, fmt.Sprintf("and %d more", len(f.files)-most))
			break
		}
		if c.head == nil {
			list = append(list, c.name+" (damaged)")
		} else {
			list = append(list, fmt.Sprintf("%s (%s %s)", c.name, times(c.head.Dims), elements[c.head.Type].name))
		}
	}
	has := "it has " + strings.Join(list, ", ")
	if len(list) == 0 {
		has = "it has no IDX file"
	}
	set, prefix := "training set", "train"
	if part == "test" {
		set, prefix = "test set", "t10k"
	}
	return fmt.Errorf("%s: for the %s, %s: %s; want IDX files, plain or gzipped: call those that are meant %s-images-idx3-ubyte and %s-labels-idx1-ubyte", f.dir, set, what, has, prefix, prefix)
}

// bare is err without the operation and path that the message around it gives already.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
