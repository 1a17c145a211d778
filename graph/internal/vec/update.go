package vec

import "math"

// The functions here update the weights w in place from their gradient g, and the optimizer's running values with them.
// They only read g. No two slices may overlap. The rules are explained where they are used, in graph/optim.

// SGD sets w ← w − lr·g, rounded after the product and after the difference.
func SGD[T Float](w, g []T, lr T) {
	sameLength("SGD", len(w), len(g))
	if f := single(w); len(f) > 0 && asm.sgd != nil {
		asm.sgd(&f[0], &single(g)[0], len(f), float32(lr))
		return
	}
	for i, g := range g {
		w[i] -= T(lr * g) // T keeps a processor from rounding but once
	}
}

// Momentum sets v ← mu·v + g, then w ← w − lr·v, or with nesterov w ← w − lr·(g + mu·v).
func Momentum[T Float](w, g, v []T, lr, mu T, nesterov bool) {
	sameLength("Momentum", len(w), len(g), len(v))
	if f := single(w); len(f) > 0 && asm.momentum != nil {
		kernel := asm.momentum
		if nesterov {
			kernel = asm.nesterov
		}
		kernel(&f[0], &single(g)[0], &single(v)[0], len(f), float32(lr), float32(mu))
		return
	}
	for i, g := range g {
		v[i] = mu*v[i] + g
		step := v[i]
		if nesterov {
			step = g + mu*v[i]
		}
		w[i] -= lr * step
	}
}

// AdamTerms are the numbers of one step of Adam and its kin. They come in as the caller rounded them, because 1 − Beta2 computed
// from a rounded Beta2 would be off by a part in 10⁴.
type AdamTerms[T Float] struct {
	Beta1, Rest1 T // decay of the first moment, and 1 − Beta1
	Beta2, Rest2 T // decay of the second moment, and 1 − Beta2
	Rate         T // the learning rate over the first moment's bias correction
	Direct       T // of Nadam, what of the gradient itself goes into the step: a rate
	Root         T // one over the square root of the second moment's bias correction
	Epsilon      T
}

// Adam sets m ← Beta1·m + Rest1·g and v ← Beta2·v + Rest2·g², then w ← w − Rate·m/(Root·√v + Epsilon).
func Adam[T Float](w, g, m, v []T, c AdamTerms[T]) {
	sameLength("Adam", len(w), len(g), len(m), len(v))
	if f := single(w); len(f) > 0 && asm.adam != nil {
		asm.adam(&f[0], &single(g)[0], &single(m)[0], &single(v)[0], len(f), float32(c.Beta1), float32(c.Rest1),
			float32(c.Beta2), float32(c.Rest2), float32(c.Rate), float32(c.Root), float32(c.Epsilon))
		return
	}
	for i, g := range g {
		m[i] = c.Beta1*m[i] + c.Rest1*g
		v[i] = c.Beta2*v[i] + c.Rest2*(g*g)
		w[i] -= c.Rate * m[i] / (c.Root*sqrt(v[i]) + c.Epsilon)
	}
}

// AMSGrad is Adam with the largest v so far, top ← max(top, v), in the place of v in the step.
func AMSGrad[T Float](w, g, m, v, top []T, c AdamTerms[T]) {
	sameLength("AMSGrad", len(w), len(g), len(m), len(v), len(top))
	if f := single(w); len(f) > 0 && asm.amsGrad != nil {
		asm.amsGrad(&f[0], &single(g)[0], &single(m)[0], &single(v)[0], &single(top)[0], len(f), float32(c.Beta1), float32(c.Rest1),
			float32(c.Beta2), float32(c.Rest2), float32(c.Rate), float32(c.Root), float32(c.Epsilon))
		return
	}
	for i, g := range g {
		m[i] = c.Beta1*m[i] + c.Rest1*g
		v[i] = c.Beta2*v[i] + c.Rest2*(g*g)
		top[i] = max(top[i], v[i])
		w[i] -= c.Rate * m[i] / (c.Root*sqrt(top[i]) + c.Epsilon)
	}
}

// Nadam is Adam with w ← w − (Rate·m + Direct·g)/(Root·√v + Epsilon).
func Nadam[T Float](w, g, m, v []T, c AdamTerms[T]) {
	sameLength("Nadam", len(w), len(g), len(m), len(v))
	if f := single(w); len(f) > 0 && asm.nadam != nil {
		asm.nadam(&f[0], &single(g)[0], &single(m)[0], &single(v)[0], len(f), float32(c.Beta1), float32(c.Rest1),
			float32(c.Beta2), float32(c.Rest2), float32(c.Rate), float32(c.Direct), float32(c.Root), float32(c.Epsilon))
		return
	}
	for i, g := range g {
		m[i] = c.Beta1*m[i] + c.Rest1*g
		v[i] = c.Beta2*v[i] + c.Rest2*(g*g)
		w[i] -= (c.Rate*m[i] + c.Direct*g) / (c.Root*sqrt(v[i]) + c.Epsilon)
	}
}

// Lion sets w ← w − lr·sign(beta1·m + rest1·g), then m ← beta2·m + rest2·g; the sign of 0 is 0.
func Lion[T Float](w, g, m []T, lr, beta1, rest1, beta2, rest2 T) {
	sameLength("Lion", len(w), len(g), len(m))
	if f := single(w); len(f) > 0 && asm.lion != nil {
		asm.lion(&f[0], &single(g)[0], &single(m)[0], len(f), float32(lr), float32(beta1), float32(rest1), float32(beta2), float32(rest2))
		return
	}
	for i, g := range g {
		switch c := beta1*m[i] + rest1*g; {
		case c > 0:
			w[i] -= lr
		case c < 0:
			w[i] += lr
		case c != c:
			w[i] = c
		}
		m[i] = beta2*m[i] + rest2*g
	}
}

// RMSProp sets v ← rho·v + rest·g², then w ← w − lr·g/(√v + epsilon); rest is 1 − rho.
func RMSProp[T Float](w, g, v []T, lr, rho, rest, epsilon T) {
	sameLength("RMSProp", len(w), len(g), len(v))
	if f := single(w); len(f) > 0 && asm.rmsProp != nil {
		asm.rmsProp(&f[0], &single(g)[0], &single(v)[0], len(f), float32(lr), float32(rho), float32(rest), float32(epsilon))
		return
	}
	for i, g := range g {
		v[i] = rho*v[i] + rest*(g*g)
		w[i] -= lr * g / (sqrt(v[i]) + epsilon)
	}
}

// AdaGrad sets v ← v + g², then w ← w − lr·g/(√v + epsilon).
func AdaGrad[T Float](w, g, v []T, lr, epsilon T) {
	sameLength("AdaGrad", len(w), len(g), len(v))
	if f := single(w); len(f) > 0 && asm.adaGrad != nil {
		asm.adaGrad(&f[0], &single(g)[0], &single(v)[0], len(f), float32(lr), float32(epsilon))
		return
	}
	for i, g := range g {
		v[i] += g * g
		w[i] -= lr * g / (sqrt(v[i]) + epsilon)
	}
}

func sqrt[T Float](x T) T { return T(math.Sqrt(float64(x))) }
