//go:build !amd64

package conv

// There are kernels for amd64 alone.

type correlation struct{}

func newCorrelation(*Shape, []float32, []float32, bool) *correlation { return nil }
func newTurned(*Shape, []float32, []float32, bool) *correlation      { return nil }
func (*correlation) run(_, _ []float32, _ *scratch[float32])         {}
func (*correlation) free()                                           {}

type backward struct{}

func newBackward(*Shape, []float32, bool, bool, bool) *backward               { return nil }
func (*backward) sizes() (w, b int)                                           { return 0, 0 }
func (*backward) sample(_, _, _, _, _ []float32, _ bool, _ *scratch[float32]) {}
func (*backward) write(_, _, _, _ []float32)                                  {}
func (*backward) free()                                                       {}
func fastMaxRow(*Shape, []float32, []int32, []float32, int) bool              { return false }
