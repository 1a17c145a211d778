package datasets

import (
	"embed"
	"io/fs"
	"sync"
)

//go:embed mnist/*.gz
var embedded embed.FS

// MNIST is the embedded part of MNIST: the first 10,000 training images and all 10,000 test images, 28×28 bytes from 0
// (background) to 255 (ink), unscaled. The files are unpacked at the first call; every call shares the bytes.
//
// Origin and licence (LeCun, Cortes, Burges; CC BY-SA 3.0) stand in mnist/README.md.
func MNIST() (train, test *Dataset, err error) {
	parts, err := unpackMNIST()
	if err != nil {
		return nil, nil, err
	}
	return &parts[0], &parts[1], nil
}

var unpackMNIST = sync.OnceValues(unpack)

// unpack returns values, not pointers, so that each caller of MNIST may rename his own.
func unpack() (parts [2]Dataset, err error) {
	dir, err := fs.Sub(embedded, "mnist")
	if err != nil {
		return parts, err
	}
	train, test, err := load(dir, "embedded MNIST", "mnist")
	if err != nil {
		return parts, err
	}
	return [2]Dataset{*train, *test}, nil
}
