package conv

var iota8 = [8]int32{0, 1, 2, 3, 4, 5, 6, 7}

// fastMaxRow is maxRow where the channels fill vectors.
func fastMaxRow(s *Shape, row []float32, arg []int32, x []float32, o int) bool {
	if !fast || row == nil || s.In%8 != 0 {
		return false
	}
	if s.Rows.halves() && s.Cols.halves() {
		at := 2 * o * s.row()
		places := s.four(at)
		largestOfFour(s.Cols.Out, s.In/8, &x[at], 4*uintptr(s.row()), 4*uintptr(s.In), &row[0], &arg[0], &places)
		return true
	}
	var list [64]int
	if s.Rows.Size*s.Cols.Size > len(list) {
		return false
	}
	k0, k1 := s.Rows.taps(o)
	last0, last1, taps := -1, -1, 0
	for q := range s.Cols.Out {
		l0, l1 := s.Cols.taps(q)
		base := s.pixel(o, q, k0, l0)
		if l0 != last0 || l1 != last1 {
			taps = 0
			for k := k0; k < k1; k++ {
				for l := l0; l < l1; l++ {
					list[taps] = s.pixel(o, q, k, l) - base
					taps++
				}
			}
			last0, last1 = l0, l1
		}
		largest(s.In/8, taps, &list[0], base, &x[0], &row[q*s.In], &arg[q*s.In], &iota8)
	}
	return true
}

// four are the places of the first 8 elements of a window of two by two, which begins at one, and how much further those of its other three pixels are.
func (s *Shape) four(at int) (p [4][8]int32) {
	for i := range iota8 {
		p[0][i], p[1][i], p[2][i], p[3][i] = int32(at+i), int32(s.In), int32(s.row()), int32(s.row()+s.In)
	}
	return p
}

// fastUnpool is unpool where windows are of two by two, side by side, and the channels fill vectors.
func fastUnpool(s *Shape, dz, dy []float32, arg []int32) bool {
	if !fast || dz == nil || s.In%8 != 0 || !s.Rows.halves() || !s.Cols.halves() {
		return false
	}
	if 2*s.Rows.Out < s.Rows.In || 2*s.Cols.Out < s.Cols.In {
		clear(dz)
	}
	for o := range s.Rows.Out {
		at := 2 * o * s.row()
		places := s.four(at)
		oneOfFour(s.Cols.Out, s.In/8, &dz[at], 4*uintptr(s.row()), 4*uintptr(s.In), &dy[o*s.outRow()], &arg[o*s.outRow()], &places)
	}
	return true
}
