package blas

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// open readies the BLAS of that name, which must be known and not auto.
func open(name string) (*backend, error) {
	var b *backend
	switch name {
	case "gonum":
		b = openGonum()
	case "builtin":
		return nil, errors.New("builtin: not there")
	default:
		var err error
		if b, err = openLibrary(name); err != nil {
			return nil, err
		}
	}
	b.info.CPU = cpuFeatures()
	return b, nil
}

func findAuto() *backend {
	order := []string{"openblas", "mkl", "blis"}
	if runtime.GOOS == "darwin" {
		order = []string{"accelerate", "openblas", "mkl", "blis"}
	}
	var missing []string
	for _, name := range append(order, "builtin") {
		b, err := open(name)
		if err != nil {
			missing = append(missing, name)
			continue
		}
		b.info.Why = why(name, missing)
		return b
	}
	b, _ := open("gonum")
	b.info.Why = why("gonum", missing)
	return b
}

func why(name string, missing []string) string {
	without := ""
	if len(missing) > 0 {
		without = "; not found: " + strings.Join(missing, ", ")
	}
	return "auto: the first in order of speed that this machine has" + without
}

// howToGet says what to do about a library that was asked for and is not there.
func howToGet(name string) string {
	brew := map[string]string{"openblas": "brew install openblas", "blis": "brew install blis"}
	apt := map[string]string{"openblas": "apt-get install libopenblas0", "mkl": "apt-get install libmkl-rt (Debian's non-free) or pip install mkl", "blis": "apt-get install libblis4"}
	switch {
	case name == "accelerate":
		return "it comes with macOS and is not to be had elsewhere; use auto"
	case runtime.GOOS == "darwin" && brew[name] != "":
		return fmt.Sprintf("install it (%s) or use auto", brew[name])
	default:
		return fmt.Sprintf("install it (on Debian and Ubuntu: %s) or use auto", apt[name])
	}
}
