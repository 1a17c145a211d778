package blas

import (
	"runtime"
	"strings"
)

// findAuto takes the built-in kernel wherever it runs, so that the same processor gives the same bits whatever is installed.
func findAuto() *backend {
	b, err := openBuiltin()
	if err == nil {
		b.info.Why = "auto: the processor has AVX2 and FMA"
		return b
	}
	why := "auto: " + err.Error()
	names := []string{"openblas", "mkl", "blis"}
	if runtime.GOOS == "darwin" {
		names = append([]string{"accelerate"}, names...)
	}
	for i, name := range names {
		if b, err := open(name); err == nil {
			if i > 0 {
				why += ", " + strings.Join(names[:i], " and ") + " could not be used"
			}
			b.info.Why = why + ", and " + name + " is here"
			return b
		}
	}
	b = openGonum()
	b.info.Why = why + ", and none of " + strings.Join(names, ", ") + " can be used"
	return b
}
