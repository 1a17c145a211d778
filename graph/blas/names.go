package blas

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// Names returns what Use takes: "auto", and each BLAS, whether it is here or not.
func Names() []string {
	return []string{"auto", "openblas", "mkl", "blis", "accelerate", "builtin", "gonum"}
}

// find opens the BLAS of that name, or what auto or "" stands for, and then says why.
func find(name string) (*backend, error) {
	switch {
	case name == "" || name == "auto":
		return findAuto(), nil
	case !slices.Contains(Names(), name):
		return nil, fmt.Errorf("%q is not a BLAS: want one of %s", name, strings.Join(Names(), ", "))
	}
	b, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be used: %w; %s", name, err, remedy(name))
	}
	return b, nil
}

// open readies the BLAS of that name, which is not auto.
func open(name string) (*backend, error) {
	switch name {
	case "builtin":
		return openBuiltin()
	case "gonum":
		return openGonum(), nil
	}
	return openLibrary(name)
}

// remedy says what to do where a BLAS cannot be used.
func remedy(name string) string {
	apt := map[string]string{
		"openblas": "apt-get install libopenblas0",
		"mkl":      "apt-get install intel-mkl from non-free, or pip install mkl in a virtual environment that is active",
		"blis":     "apt-get install libblis4",
	}
	brew := map[string]string{"openblas": "brew install openblas", "blis": "brew install blis"}
	switch {
	case runtime.GOOS == "linux" && apt[name] != "":
		return "install it (" + apt[name] + "), or use auto"
	case runtime.GOOS == "darwin" && brew[name] != "":
		return "install it (" + brew[name] + "), or use auto"
	}
	return "use auto"
}
