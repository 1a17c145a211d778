package conv

import (
	"syscall"
	"testing"
	"unsafe"
)

// guarded allocates slices that end where a page begins that may not be touched: a read outside would kill the test.
func guarded[T Float](t *testing.T) func(n int) []T {
	page, each := syscall.Getpagesize(), int(unsafe.Sizeof(*new(T)))
	return func(n int) []T {
		size := (each*n + page - 1) / page * page
		m, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Munmap(m) })
		if err := syscall.Mprotect(m[size:], syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
		return unsafe.Slice((*T)(unsafe.Pointer(&m[size-each*n])), n)
	}
}
