//go:build !((linux || darwin) && (amd64 || arm64))

package blas

import "errors"

func openLibrary(string) (*backend, error) {
	return nil, errors.New("libraries are opened on Linux and macOS alone, on amd64 and arm64")
}
