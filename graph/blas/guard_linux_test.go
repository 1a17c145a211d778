package blas

import (
	"syscall"
	"testing"
	"unsafe"
)

// guarded gives out memory whose end, or start, is that of a page beside one that must not be touched: reading or
// writing outside a slice kills the test. Memory is used again after reset.
type guarded struct {
	atStart bool
	pages   [][]byte
	used    int
}

const guardedBytes = 1 << 23

func (g *guarded) reset() { g.used = 0 }

func guardedSlice[T float](t testing.TB, g *guarded, n int) []T {
	if g.used == len(g.pages) {
		g.pages = append(g.pages, guardedPages(t))
	}
	pages := g.pages[g.used]
	g.used++
	size := n * int(unsafe.Sizeof(T(0)))
	if size > len(pages) {
		t.Fatalf("%d bytes do not fit the %d guarded ones", size, len(pages))
	}
	start := len(pages) - size
	if g.atStart {
		start = 0
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(pages[start:]))), n)
}

func guardedPages(t testing.TB) []byte {
	page := syscall.Getpagesize()
	m, err := syscall.Mmap(-1, 0, guardedBytes+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(m); err != nil {
			t.Error(err)
		}
	})
	for _, outside := range [][]byte{m[:page], m[page+guardedBytes:]} {
		if err := syscall.Mprotect(outside, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return m[page:][:guardedBytes]
}

// A product must neither read nor write outside its slices, whichever BLAS and however cut. BLIS is left out: its
// kernels read whole vectors past the end of a matrix, which only a page that may not be read can tell.
func TestNothingOutsideIsTouched(t *testing.T) {
	eachBLAS(t, func(t *testing.T, name string) {
		if name == "blis" {
			return
		}
		for _, atStart := range []bool{false, true} {
			g := &guarded{atStart: atStart}
			for i, p := range problems() {
				if i%3 == 0 || name == "builtin" {
					g.reset()
					verify(t, p, func(n int) []float32 { return guardedSlice[float32](t, g, n) }, gemm32)
				}
				if i%5 == 0 {
					g.reset()
					verify(t, p, func(n int) []float64 { return guardedSlice[float64](t, g, n) }, gemm64)
				}
			}
		}
	})
}
