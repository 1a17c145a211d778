package datasets

// Row writes sample i, transformed, into dst[:d.Features()], row by row where a sample is an image.
func (d *Dataset) Row(dst []float32, i int) {
	_ = d.labels[i] // the storage of a slice may go on past its end; the labels do not
	lo, hi := i*d.features, (i+1)*d.features
	row := dst[:d.features]
	switch {
	case d.bytes != nil:
		scaleBytes(row, d.bytes[lo:hi], d.scale)
	case d.scale == 1:
		copy(row, d.floats[lo:hi])
	default:
		for j, v := range d.floats[lo:hi] {
			row[j] = v * d.scale
		}
	}
	for _, t := range d.transforms {
		t(row, d.origin(i))
	}
}

// origin is the index of a sample in the data as they were read.
func (d *Dataset) origin(i int) int {
	if d.origins != nil {
		return d.origins[i]
	}
	return d.first + i
}

// Fill writes the samples named by rows, transformed, one after the other: dst[k*Features():] gets sample rows[k].
// dst must hold len(rows)×Features() values. Nothing is allocated.
func (d *Dataset) Fill(dst []float32, rows []int) {
	for k, i := range rows {
		d.Row(dst[k*d.features:], i)
	}
}

// OneHot writes the labels of the samples named by rows as one-hot vectors, [len(rows), len(Classes)], one after the other. dst must hold
// len(rows)×len(Classes) values. Nothing is allocated.
func (d *Dataset) OneHot(dst []float32, rows []int) {
	k := len(d.Classes)
	clear(dst[:len(rows)*k])
	for r, i := range rows {
		dst[r*k+d.labels[i]] = 1
	}
}
