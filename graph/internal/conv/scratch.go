package conv

import "sync"

// A scratch is what one goroutine needs beside its operands.
type scratch[T Float] struct {
	image, full, slope, dz, dx []T
	arg                        []int32
	points, values             []T
	offsets                    []uintptr
	ends                       []int
}

// slack is how many elements behind those that were asked for a kernel may read.
const slack = 16

// grown is a slice of n elements of any value, kept for the next time.
func grown[E any](s *[]E, n int) []E {
	if cap(*s) < n+slack {
		*s = make([]E, n+slack)
	}
	return (*s)[:n]
}

// idle are the buffers that nobody uses: as many as there were goroutines at once, and never more.
type idle[B any] struct {
	sync.Mutex
	list []*B
}

func (i *idle[B]) get() *B {
	i.Lock()
	defer i.Unlock()
	if n := len(i.list); n > 0 {
		b := i.list[n-1]
		i.list = i.list[:n-1]
		return b
	}
	return new(B)
}

func (i *idle[B]) put(b *B) {
	i.Lock()
	defer i.Unlock()
	i.list = append(i.list, b)
}

var (
	idle32 idle[scratch[float32]]
	idle64 idle[scratch[float64]]
)

func getScratch[T Float]() *scratch[T] {
	var s any
	if single[T]() {
		s = idle32.get()
	} else {
		s = idle64.get()
	}
	return s.(*scratch[T])
}

func putScratch[T Float](s *scratch[T]) {
	switch s := any(s).(type) {
	case *scratch[float32]:
		idle32.put(s)
	case *scratch[float64]:
		idle64.put(s)
	}
}

// single says whether T is float32.
func single[T Float]() bool {
	var z T
	_, ok := any(z).(float32)
	return ok
}

// floats32 is x where it is of float32, else nil.
func floats32[T Float](x []T) []float32 {
	f, _ := any(x).([]float32)
	return f
}

var (
	sums32 idle[[]float32]
	sums64 idle[[]float64]
)

// sumsOf is a slice of n elements of any value.
func sumsOf[T Float](n int) []T {
	if single[T]() {
		b := sums32.get()
		return any(grown(b, n)).([]T)
	}
	b := sums64.get()
	return any(grown(b, n)).([]T)
}

func putSums[T Float](s []T) {
	switch s := any(s).(type) {
	case []float32:
		sums32.put(&s)
	case []float64:
		sums64.put(&s)
	}
}
