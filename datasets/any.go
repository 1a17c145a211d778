package datasets

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// OpenFile reads whatever a file or folder is: a table as text (CSV), an array of NumPy (NPY, NPZ) or in IDX, a picture, or a folder of pictures by class, which are scaled to
// the first one's size, of texts by class ([Documents]), or of texts alone, which are one to be gone on with ([Text]). What a file is is found by what it begins with. What ends in .txt, .text or .md and is
// no table of several columns is a text to be gone on with, and a table is all that is nothing else. The columns are for a table.
func OpenFile(path string, c Columns) (Data, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, bare(err))
	}
	if info.IsDir() && !hasPictures(path) {
		switch _, classes, err := textFiles(path); {
		case err == nil && classes == nil:
			return opened(Text(path, Texts{}))
		case !errors.Is(err, errNoTexts):
			return opened(Documents(path, Columns{}))
		}
	}
	if info.IsDir() || isPictureName(path) {
		return opened(openPictures(path))
	}
	f, err := openFile(path, "a table, an array, a picture, or a folder of pictures")
	if err != nil {
		return nil, err
	}
	var magic [6]byte
	n, err := f.ReadAt(magic[:], 0)
	f.Close()
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("datasets: %s: %w", path, bare(err))
	}
	switch head := string(magic[:n]); {
	case head == npyMagic, strings.HasPrefix(head, "\x00\x00") && n > 2 && elements[head[2]].size > 0:
		return opened(OpenFiles(path, ""))
	case strings.HasPrefix(head, "PK\x03\x04") && strings.EqualFold(filepath.Ext(path), ".npz"):
		return opened(NPZ(path, "", ""))
	}
	t, err := CSV(path, c)
	if isTextName(path) && len(c.Target) == 0 && (err != nil || len(t.found.Names) == 1 || t.prose()) {
		if a, failed := Text(path, Texts{}); failed == nil {
			return a, nil
		}
	}
	return opened(t, err)
}

// prose says whether a table is none but lines with commas: it has no header, and no column of numbers or dates.
func (t *Table) prose() bool {
	return len(t.numbers) == 0 && len(t.found.Dates) == 0 && slices.Equal(t.found.Names, numbered(len(t.found.Names)))
}

// hasPictures says whether there is a picture in a folder, or in one of its folders.
func hasPictures(path string) (has bool) {
	_ = filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && isPictureName(file) {
			has = true
			return fs.SkipAll
		}
		return nil // what cannot be read is told by whoever reads it
	})
	return has
}

// openPictures opens pictures, scaled to the first where they are not alike.
func openPictures(path string) (*ImageFiles, error) { return imagesAsFirst(path, Pictures{}) }

// WholeImages is [OpenFile] of a folder of pictures some of which are damaged: these are left out, which [Check] tells.
func WholeImages(path string) (*ImageFiles, error) {
	return imagesAsFirst(path, Pictures{SkipDamaged: true})
}

func imagesAsFirst(path string, how Pictures) (*ImageFiles, error) {
	probe := &ImageFiles{}
	if err := probe.list(path); err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	var err error
	for _, file := range probe.files {
		how.Height, how.Width, err = firstSize(file)
		if err == nil || !how.SkipDamaged {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return Images(path, how)
}

// firstSize is that of a picture, or a half or quarter of it that a network can take.
func firstSize(file string) (h, w int, err error) {
	img, err := openPicture(file)
	if err != nil {
		return 0, 0, fmt.Errorf("datasets: %s: %w", file, err)
	}
	h, w = img.Bounds().Dy(), img.Bounds().Dx()
	for max(h, w) > 256 {
		h, w = max(1, h/2), max(1, w/2)
	}
	return h, w, nil
}

// opened is a Data, and nil where there is none.
func opened[D Data](d D, err error) (Data, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}
