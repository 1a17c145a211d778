package inspect

import (
	"math"
	"math/rand/v2"
)

// elsewhere compares one direction a parameter at other weights, and elements of those of which nothing was compared so far.
func (c *checker) elsewhere(round int, result *GradCheck, states []state) error {
	given := c.save()
	defer c.restore(given)
	r := rand.New(rand.NewPCG(c.seed, 1<<32+uint64(round)))
	wanted := make([]bool, len(states))
	for i := range states {
		wanted[i] = round == 0 || states[i].open()
	}
	where := c.move(given, round, wanted, r)
	if where == "" {
		return nil
	}
	p, err := c.look(r)
	if err != nil {
		return err
	}
	for i := range states {
		s := &states[i]
		if !wanted[i] || s.wrong {
			continue
		}
		was := *s
		if err := c.along(p, i, r, &result.Params[i], s); err != nil {
			return err
		}
		if s.open() {
			if err := c.elements(p, i, r, &result.Params[i], s); err != nil {
				return err
			}
		}
		if s.compared && !was.compared && !s.wrong {
			s.where = where
		}
		if s.other.off == "" {
			s.other = p.narrow[i]
		}
	}
	return nil
}

// move changes the weights at random, by a twentieth of their size at first, and scales the matrices by the power of 2, 1 if it will do, at which the
// wanted parameters are best seen: at which moving one by its own size would neither leave the loss as it is nor change it out of proportion. If
// there is none, it goes on with one matrix at a time. It says where that is; "" if the loss is a number nowhere.
func (c *checker) move(given [][]float64, round int, wanted []bool, r *rand.Rand) string {
	noise := make([][]float64, len(given))
	for i, w := range given {
		noise[i] = make([]float64, len(w))
		for j := range w {
			noise[i][j] = r.NormFloat64()
		}
	}
	share := .05 * math.Pow(4, float64(round))
	place := func(scale float64) {
		for i, w := range given {
			size, by := sizeOf(w), scale
			if len(c.shapes[i]) < 2 {
				by = 1
			} else if rms(w) == 0 {
				size = 1 / math.Sqrt(float64(len(w)/c.shapes[i][len(c.shapes[i])-1]))
			}
			for j := range w {
				c.weights[i][j] = float64(float32(by * (w[j] + share*size*noise[i][j])))
			}
		}
	}
	cost, scale := math.Inf(1), 0.0
	for exponent := range 11 {
		for _, s := range []float64{math.Ldexp(1, exponent), math.Ldexp(1, -exponent)} {
			place(s)
			if now := c.obscurity(wanted); now < cost {
				cost, scale = now, s
			}
			switch {
			case cost == 0 && s == 1:
				return "at weights beside these"
			case cost == 0:
				return "at other weights"
			}
		}
	}
	if scale == 0 {
		return ""
	}
	place(scale)
	for range 2 {
		for i := len(c.weights) - 1; i >= 0; i-- {
			for _, factor := range []float64{2, .5} {
				for cost > 0 && len(c.shapes[i]) > 1 {
					stretch(c.weights[i], factor)
					now := c.obscurity(wanted)
					if !(now < cost) {
						stretch(c.weights[i], 1/factor)
						break
					}
					cost = now
				}
			}
		}
	}
	return "at other weights"
}

func stretch(w []float64, factor float64) {
	for j := range w {
		w[j] *= factor
	}
}

// obscurity is how badly the wanted parameters are seen at the weights as they are: the sum of the powers of 10 by which they are
// too faint or too strong; +Inf where the loss is no number.
func (c *checker) obscurity(wanted []bool) float64 {
	if err := c.train.Run(); err != nil || !finite(c.train.Loss()) {
		return math.Inf(1)
	}
	gradients, err := c.gradients(c.train)
	if err != nil {
		return math.Inf(1)
	}
	cost := 0.0
	for i, g := range gradients {
		if !wanted[i] {
			continue
		}
		effect := norm(g) * sizeOf(c.weights[i]) / max(math.Abs(c.train.Loss()), c.natural)
		cost += min(40, max(0, math.Abs(math.Log10(effect))-4))
	}
	if math.IsNaN(cost) {
		return math.Inf(1)
	}
	return cost
}
