//go:build !((linux || darwin) && (amd64 || arm64))

package blas

func openLibrary(string) (*backend, error) { return nil, errPlatform }
