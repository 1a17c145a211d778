package datasets

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// OpenFile reads whatever a file or folder is: a table as text (CSV), an array of NumPy (NPY, NPZ) or in IDX, a picture, or a folder of pictures by class, which are scaled to
// the first one's size. What a file is is found by what it begins with, and a table is all that is nothing else. The columns are for a table.
func OpenFile(path string, c Columns) (Data, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, bare(err))
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
	return opened(CSV(path, c))
}

// openPictures opens pictures, scaled to the first where they are not alike.
func openPictures(path string) (*ImageFiles, error) {
	probe := &ImageFiles{}
	if err := probe.list(path); err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	img, err := openPicture(probe.files[0])
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", probe.files[0], err)
	}
	h, w := img.Bounds().Dy(), img.Bounds().Dx()
	for max(h, w) > 256 { // as a network can take
		h, w = max(1, h/2), max(1, w/2)
	}
	return Images(path, Pictures{Height: h, Width: w})
}

// opened is a Data, and nil where there is none.
func opened[D Data](d D, err error) (Data, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}
