package vec

import (
	"syscall"
	"testing"
	"unsafe"
)

// Slices that end where a page begins that may not be touched, and begin where one ends: a read outside would kill
// the test.
func TestNothingOutsideIsRead(t *testing.T) {
	page := syscall.Getpagesize()
	guarded := func() []float32 {
		m, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Munmap(m) })
		for _, forbidden := range [][]byte{m[:page], m[2*page:]} {
			if err := syscall.Mprotect(forbidden, syscall.PROT_NONE); err != nil {
				t.Fatal(err)
			}
		}
		inside := m[page : 2*page]
		return unsafe.Slice((*float32)(unsafe.Pointer(&inside[0])), page/4)
	}
	var pages [][]float32
	for range 7 {
		pages = append(pages, guarded())
	}
	for _, op := range operations {
		for n := range 40 {
			atEnd, atStart := make([][]float32, op.slices), make([][]float32, op.slices)
			for i := range op.slices {
				p := pages[i]
				atEnd[i], atStart[i] = p[len(p)-n:], p[:n]
			}
			op.run(atEnd)
			op.run(atStart)
		}
	}
	for n := range 40 {
		for _, x := range [][]float32{pages[0][len(pages[0])-n:], pages[0][:n]} {
			Sum(x)
			SumSquares(x)
			Dot(x, x)
			Max(x)
			MaxAbs(x)
			SumExp(nil, x, 1)
			SumExp(x, x, 1)
			Mask(x, x, 1, 2, 0.5, 1)
			SumSquaresAbout(x, 1)
			NormalizeSums(x, x, x, 1)
			if n > 0 && n%3 == 0 {
				sums := make([]float64, 2*Room(n))
				for _, columns := range []int{n, n / 3} {
					Moments(sums, sums[Room(n):], x, x[:columns])
					Cross(sums, sums[Room(n):], x, x, x[n-columns:])
				}
			}
		}
	}
}
