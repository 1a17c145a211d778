package scalar

// Rows are a matrix, or a vector as a single row.
type Rows [][]*Value

// Matrix reads a row-major matrix of so many columns.
func Matrix[T float32 | float64](x []T, columns int) Rows {
	rows := make(Rows, len(x)/columns)
	for i := range rows {
		for _, v := range x[i*columns : (i+1)*columns] {
			rows[i] = append(rows[i], Of(float64(v)))
		}
	}
	return rows
}

// Flat are the numbers, row by row.
func (r Rows) Flat() []*Value {
	var all []*Value
	for _, row := range r {
		all = append(all, row...)
	}
	return all
}

// Dense is x·w + b, for a b of one row.
func Dense(x, w, b Rows) Rows {
	y := make(Rows, len(x))
	for i := range x {
		for j := range w[0] {
			terms := []*Value{b[0][j]}
			for k := range w {
				terms = append(terms, Mul(x[i][k], w[k][j]))
			}
			y[i] = append(y[i], Add(terms...))
		}
	}
	return y
}

// Each is f of every element.
func Each(x Rows, f func(*Value) *Value) Rows {
	y := make(Rows, len(x))
	for i, row := range x {
		for _, v := range row {
			y[i] = append(y[i], f(v))
		}
	}
	return y
}

// Sum is a + b, element by element.
func Sum(a, b Rows) Rows {
	y := make(Rows, len(a))
	for i := range a {
		for j := range a[i] {
			y[i] = append(y[i], Add(a[i][j], b[i][j]))
		}
	}
	return y
}

// Beside puts matrices side by side.
func Beside(parts ...Rows) Rows {
	y := make(Rows, len(parts[0]))
	for _, p := range parts {
		for i := range y {
			for _, v := range p[i] {
				y[i] = append(y[i], Add(v))
			}
		}
	}
	return y
}

// Sigmoid is 1/(1+e^−x).
func Sigmoid(x *Value) *Value { return Inverse(Add(Of(1), Exp(Scale(-1, x)))) }

// Tanh is 2σ(2x) − 1.
func Tanh(x *Value) *Value { return Add(Scale(2, Sigmoid(Scale(2, x))), Of(-1)) }

// ReLU is max(x, 0), with slope 0 at 0.
func ReLU(x *Value) *Value { return Max(x, Of(0)) }

// LeakyReLU is x above zero, else slope·x.
func LeakyReLU(slope float64) func(*Value) *Value {
	return func(x *Value) *Value { return Max(x, Scale(slope, x)) }
}

// Softplus is ln(1+e^x).
func Softplus(x *Value) *Value { return Log(Add(Of(1), Exp(x))) }

// Softmax is e^x / Σ e^x of each row.
func Softmax(x Rows) Rows {
	y := make(Rows, len(x))
	for i, row := range x {
		var exps []*Value
		for _, v := range row {
			exps = append(exps, Exp(v))
		}
		whole := Inverse(Add(exps...))
		for _, e := range exps {
			y[i] = append(y[i], Mul(e, whole))
		}
	}
	return y
}

// CrossEntropy is −Σ t·ln p of probabilities, a mean over the rows.
func CrossEntropy(p, t Rows) *Value {
	var terms []*Value
	for i, row := range p {
		for j, v := range row {
			terms = append(terms, Scale(-1/float64(len(p)), Mul(t[i][j], Log(v))))
		}
	}
	return Add(terms...)
}

// MeanSquared is the mean of (y−t)² over all elements.
func MeanSquared(y, t Rows) *Value {
	var terms []*Value
	for i, row := range y {
		for j, v := range row {
			d := Add(v, Scale(-1, t[i][j]))
			terms = append(terms, Scale(1/float64(len(y)*len(row)), Mul(d, d)))
		}
	}
	return Add(terms...)
}
