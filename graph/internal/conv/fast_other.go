//go:build !amd64

package conv

type correlation[T Float] struct{}

func newCorrelation[T Float](_, _ *Shape, _, _ []T, _ bool) *correlation[T] { return nil }
func newTurned[T Float](*Shape, []T, []T, bool) *correlation[T]             { return nil }
func (*correlation[T]) run(_, _ []T, _, _ int, _ *scratch[T])               {}
func (*correlation[T]) free()                                               {}

type backward[T Float] struct{}

func newBackward[T Float](*Shape, []T, bool, bool, bool) *backward[T]                    { return nil }
func (*backward[T]) sizes() (w, b int)                                                   { return 0, 0 }
func (*backward[T]) sample(_, _, _, _, _ []T, _ *Pool, _ []int32, _ bool, _ *scratch[T]) {}
func (*backward[T]) write(_, _, _, _ []T)                                                {}
func (*backward[T]) free()                                                               {}
func fastAddTo[T Float](_, _, _ []T, _ *products) int                                    { return 0 }
func fastMean[T Float](_ *Shape, _, _ []T, _ int) bool                                   { return false }
func fastMeanGrad[T Float](_ *Shape, _, _ []T) bool                                      { return false }
func fastMaxRow(*Shape, []float32, []int32, []float32, int) bool                         { return false }
func fastUnpool(*Shape, []float32, []float32, []int32) bool                              { return false }
