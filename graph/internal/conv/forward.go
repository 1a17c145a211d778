package conv

import "github.com/stheno-ml/stheno/graph/internal/parallel"

// Forward sets y = bias + x∗w, the cross-correlation that all frameworks call a convolution, and hands each row of y to finish while it is near. A nil bias is zero,
// a nil finish nothing.
//
//	y[o,q,f] = bias[f] + Σ_{k,l,c} x[o·stride − before + k·dilation, …l, c] · w[k,l,c,f]
func Forward[T Float](s *Shape, y, x, w, bias []T, finish func(row []T)) {
	rows := s.Batch * s.Rows.Out
	parallel.For(rows, s.rowGrain(rows), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			sample, o := r/s.Rows.Out, r%s.Rows.Out
			row := y[r*s.outRow():][:s.outRow()]
			for at := 0; at < len(row); at += s.Out {
				if bias == nil {
					clear(row[at:][:s.Out])
				} else {
					copy(row[at:], bias)
				}
			}
			forwardRow(s, row, x[sample*s.Rows.In*s.row():], w, o)
			if finish != nil {
				finish(row)
			}
		}
	})
}

// forwardRow adds to row o of a sample's output.
func forwardRow[T Float](s *Shape, row, x, w []T, o int) {
	in, out := s.In/s.Groups, s.Out/s.Groups
	k0, k1 := s.Rows.taps(o)
	for q := range s.Cols.Out {
		l0, l1 := s.Cols.taps(q)
		y := row[q*s.Out:][:s.Out]
		for k := k0; k < k1; k++ {
			for l := l0; l < l1; l++ {
				pixel := x[((s.Rows.from(o)+k*s.Rows.Dilation)*s.Cols.In+s.Cols.from(q)+l*s.Cols.Dilation)*s.In:][:s.In]
				tap := w[(k*s.Cols.Size+l)*in*s.Out:][:in*s.Out]
				for g := range s.Groups {
					to := y[g*out:][:out]
					for c, v := range pixel[g*in:][:in] {
						for j, weight := range tap[c*s.Out+g*out:][:out] {
							to[j] += v * weight
						}
					}
				}
			}
		}
	}
}
