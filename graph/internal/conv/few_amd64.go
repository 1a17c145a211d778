package conv

import (
	"math"
	"math/bits"

	"github.com/stheno-ml/stheno/graph/internal/cpu"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// sparseBelow: where less than this share of a sample's gradients is not zero, as behind relu and a maximum, only those are gone through. It costs about three times as much an element.
const sparseBelow = 4

// prepare readies a backward for gradients of which few are not zero.
func (b *backward[T]) prepare(w []T) {
	s, size := b.s, sizeOf[T]()
	if b.wantX {
		b.byOut = sumsOf[T](len(w))
		parallel.For(s.Out, 1+grain*s.Out/len(w), func(lo, hi int) {
			n := len(w) / s.Out
			for i := range n {
				for j, v := range w[i*s.Out:][lo:hi] {
					b.byOut[(lo+j)*n+i] = v
				}
			}
		})
	}
	b.places = make([]uintptr, 0, s.Rows.Out*s.Cols.Out)
	for o := range s.Rows.Out {
		for q := range s.Cols.Out {
			b.places = append(b.places, size*uintptr(o*s.Rows.Stride*b.row+q*s.Cols.Stride*s.In))
		}
	}
	b.inverse = math.MaxUint64/uint64(s.Out) + 1
}

// addFew adds the sums, which are by output channel.
func (b *backward[T]) addFew(w, sums []T) {
	out := b.s.Out
	n := len(w) / out
	parallel.For(n, 1+grain/out, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for j := range w[i*out:][:out] {
				w[i*out+j] += sums[j*n+i]
			}
		}
	})
}

// few lists the gradients that are not zero, channel by channel, and says whether they are few. buf.ends has how many there are up to the end of each channel.
func (b *backward[T]) few(d []T, arg []int32, buf *scratch[T]) bool {
	out := b.s.Out
	values, offsets, ends := grown(&buf.values, len(d)), grown(&buf.offsets, len(d)), grown(&buf.ends, out)
	n, most := 0, len(b.places)*out/sparseBelow
	for c := range ends {
		begin := n
		if arg == nil {
			for p, at := 0, c; at < len(d); at += out {
				v := d[at]
				values[n], offsets[n] = v, b.places[p]
				p++
				n += counts(v)
			}
		} else {
			for at := c; at < len(d); at += out {
				v := d[at]
				values[n], offsets[n] = v, uintptr(arg[at])
				n += counts(v)
			}
			for i, at := range offsets[begin:n] {
				place, _ := bits.Mul64(uint64(at), b.inverse) // at over the channels
				offsets[begin+i] = b.places[place]
			}
		}
		ends[c] = n
		if n >= most {
			return false
		}
	}
	return true
}

// counts is 1 where v is not zero, without a jump that nobody could foresee.
func counts[T Float](v T) int {
	b := math.Float64bits(float64(v)) << 1
	return int((b | -b) >> 63)
}

// A run is the kernel that goes through a list, along so many vectors.
type run[T Float] struct {
	vectors int
	through func(n int, values *T, offsets *uintptr, x, dw, dx, w *T)
}

var (
	runs32, runs64 = narrowRuns32, narrowRuns64

	narrowRuns32 = []run[float32]{{12, through12}, {8, through8}, {4, through4}, {2, through2}, {1, through1}}
	narrowRuns64 = []run[float64]{{12, through12Double}, {8, through8Double}, {4, through4Double}, {2, through2Double}, {1, through1Double}}
	wideRuns32   = []run[float32]{{12, through12AVX512}, {8, through8AVX512}, {4, through4AVX512}, {2, through2AVX512}, {1, through1}}
	wideRuns64   = []run[float64]{{12, through12AVX512Double}, {8, through8AVX512Double}, {4, through4AVX512Double}, {2, through2AVX512Double}, {1, through1Double}}
)

func init() {
	if cpu.AVX512 {
		runs32, runs64 = wideRuns32, wideRuns64
	}
}

func runsOf[T Float]() []run[T] {
	if r, ok := any(runs32).([]run[T]); ok {
		return r
	}
	return any(runs64).([]run[T])
}

// throughFew goes through the gradients that few listed. A place where x or a kernel is infinite and the gradient is 0 stays 0 here.
//
// A channel's kernel and its gradient stay in registers, while image and dx, which are small, are read and written in the nearest cache.
func (b *backward[T]) throughFew(dx, dw, x []T, buf *scratch[T]) {
	s, runs, lane := b.s, runsOf[T](), lane[T]()
	img := b.of(x, &buf.image)
	to := dx
	if b.wantX {
		if !b.direct {
			to = grown(&buf.dx, b.image.rows*b.row)
		}
		clear(to)
	}
	begin, tap := 0, 0 // the latter of all channels' kernels
	for _, end := range buf.ends[:s.Out] {
		n := end - begin
		if n == 0 {
			tap += s.Rows.Size * b.k
			continue
		}
		values, offsets := &buf.values[begin], &buf.offsets[begin]
		begin = end
		for k := range s.Rows.Size {
			from, left := k*s.Rows.Dilation*b.row, b.k/lane
			for _, r := range runs {
				for ; left >= r.vectors; left -= r.vectors {
					var sum, kernel, place *T
					if b.wantW {
						sum = &dw[b.ofDense+tap]
					}
					if b.wantX {
						kernel, place = &b.byOut[tap], &to[from]
					}
					r.through(n, values, offsets, &img[from], sum, place, kernel)
					from += lane * r.vectors
					tap += lane * r.vectors
				}
			}
		}
	}
	if b.wantX && !b.direct {
		b.back(dx, to)
	}
}
