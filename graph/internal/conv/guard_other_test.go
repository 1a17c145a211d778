//go:build !linux

package conv

import "testing"

func guarded(*testing.T) func(n int) []float32 {
	return func(n int) []float32 { return make([]float32, n) }
}
