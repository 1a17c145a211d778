// Package memory says how much memory there is, so that what is too large is refused before it is made.
package memory

import (
	"fmt"
	"math"
)

// Check is an error if so many bytes are more than the machine has; what names them: "the parameters".
func Check(bytes uint64, what string) error {
	if limit := Limit(); bytes > limit {
		return fmt.Errorf("%s would take %s of memory, and this machine has %s: make it smaller", what, Size(bytes), Size(limit))
	}
	return nil
}

// Size is a number of bytes as people write it: "1.5 GB".
func Size(bytes uint64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB", "EB"}
	at := 0
	v := float64(bytes)
	for v >= 999.5 && at < len(units)-1 {
		v, at = v/1000, at+1
	}
	if v >= 99.5 || v == math.Trunc(v) {
		return fmt.Sprintf("%.0f %s", v, units[at])
	}
	return fmt.Sprintf("%.1f %s", v, units[at])
}

// unknown is the limit where the system does not say: what a program of 64 bits can hardly have.
const unknown = 1 << 40
