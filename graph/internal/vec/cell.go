package vec

import "math"

// The functions here are the elementwise part of one step of a recurrent layer, for the n units of one sample: what is left when the products are done.

// LSTM turns gates, 4n sums i|f|g|o, into σ(i), σ(f), tanh(g), σ(o), and sets c = f·c0 + i·g and h = o·tanh(c).
func LSTM[T Float](gates, c0, c, h []T) {
	n := len(h)
	sameLength("LSTM", 4*n, len(gates))
	sameLength("LSTM", n, len(c0), len(c))
	if g := single(gates); n > 0 && g != nil && asm.lstm != nil {
		AddSigmoid(gates[:2*n], gates[:2*n], nil)
		AddTanh(gates[2*n:3*n], gates[2*n:3*n], nil)
		AddSigmoid(gates[3*n:], gates[3*n:], nil)
		asm.lstm(&g[0], &single(c0)[0], &single(c)[0], &single(h)[0], n)
		return
	}
	i, f, g, o := gates[:n], gates[n:2*n], gates[2*n:3*n], gates[3*n:]
	for k, c0 := range c0 {
		i[k], f[k], g[k], o[k] = sigmoid(i[k]), sigmoid(f[k]), tanh(g[k]), sigmoid(o[k])
		c[k] = f[k]*c0 + i[k]*g[k]
		h[k] = o[k] * tanh(c[k])
	}
}

// LSTMGrad sets dz, 4n, which may be gates, to the gradient of the four sums, from what LSTM left in gates, c0 and c and from dh, the gradient of h. dc is the gradient of c that
// comes from the step after, and becomes that of c0.
func LSTMGrad[T Float](dz, gates, c0, c, dh, dc []T) {
	n := len(dh)
	sameLength("LSTMGrad", 4*n, len(dz), len(gates))
	sameLength("LSTMGrad", n, len(c0), len(c), len(dc))
	if d := single(dz); n > 0 && d != nil && asm.lstmGrad != nil {
		asm.lstmGrad(&d[0], &single(gates)[0], &single(c0)[0], &single(c)[0], &single(dh)[0], &single(dc)[0], n)
		return
	}
	for k, dh := range dh {
		i, f, g, o, t := gates[k], gates[n+k], gates[2*n+k], gates[3*n+k], tanh(c[k])
		d := dc[k] + dh*(o*(1-t*t))
		dz[k] = d * g * (i * (1 - i))
		dz[n+k] = d * c0[k] * (f * (1 - f))
		dz[2*n+k] = d * i * (1 - g*g)
		dz[3*n+k] = dh * t * (o * (1 - o))
		dc[k] = d * f
	}
}

// GRU turns gates, the 3n sums z|r|n of the input's part, and inner, those of the state's, into σ(z), σ(r) and the candidate tanh(n + r·inner), and sets
// h = z·h0 + (1−z)·candidate; kept is the candidate's part of inner.
func GRU[T Float](gates, inner, h0, h, kept []T) {
	n := len(h)
	sameLength("GRU", 3*n, len(gates), len(inner))
	sameLength("GRU", n, len(h0), len(kept))
	if g := single(gates); n > 0 && g != nil && asm.gru != nil {
		AddSigmoid(gates[:2*n], gates[:2*n], inner[:2*n])
		asm.gru(&g[0], &single(inner)[2*n], &single(h0)[0], &single(h)[0], &single(kept)[0], n)
		return
	}
	for k, h0 := range h0 {
		z, r := sigmoid(gates[k]+inner[k]), sigmoid(gates[n+k]+inner[n+k])
		kept[k] = inner[2*n+k]
		c := tanh(gates[2*n+k] + r*kept[k])
		gates[k], gates[n+k], gates[2*n+k] = z, r, c
		h[k] = c + z*(h0-c)
	}
}

// GRUGrad sets dz, which may be gates, and inner, 3n each, to the gradients of the sums of the input's and the state's part, from what GRU left in gates and kept. dh, the gradient of h, becomes what
// goes to h0 past the sums.
func GRUGrad[T Float](dz, inner, gates, kept, h0, dh []T) {
	n := len(dh)
	sameLength("GRUGrad", 3*n, len(dz), len(inner), len(gates))
	sameLength("GRUGrad", n, len(kept), len(h0))
	if d := single(dz); n > 0 && d != nil && asm.gruGrad != nil {
		asm.gruGrad(&d[0], &single(inner)[0], &single(gates)[0], &single(kept)[0], &single(h0)[0], &single(dh)[0], n)
		return
	}
	for k, d := range dh {
		z, r, c := gates[k], gates[n+k], gates[2*n+k]
		dc := d * (1 - z) * (1 - c*c)
		dz[k] = d * (h0[k] - c) * (z * (1 - z))
		dz[n+k] = dc * kept[k] * (r * (1 - r))
		dz[2*n+k] = dc
		inner[k], inner[n+k], inner[2*n+k] = dz[k], dz[n+k], dc*r
		dh[k] = d * z
	}
}

func sigmoid[T Float](x T) T { return T(1 / (1 + math.Exp(-float64(x)))) }
func tanh[T Float](x T) T    { return T(math.Tanh(float64(x))) }
