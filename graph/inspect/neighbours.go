package inspect

import (
	"context"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// How much of the samples is compared: some 10⁹ operations at most, under a second.
const (
	neighbourQueries  = 500
	neighbourSamples  = 3000
	neighbourFeatures = 400
	neighbourCount    = 15
)

// Neighbours say how well those samples that lie nearest tell what belongs to a sample: what a network can reach at the least, and whether inputs and targets have to
// do with one another.
type neighbours struct {
	skill float64 // as answers.skill, of samples of the training set by the others in it
	test  float64 // the same of the test set's samples by the training set's; NaN where there is none
	plain float64 // of classes: the share of neighbourhoods that are as one whose sample belongs to the class that they are of
	alike float64 // of classes: how far neighbours and network say the same of samples that it was not shown, be it right or not, from chance (0) to always (1), at the least; NaN where there are none
}

// askNeighbours looks at the neighbours; nil where that cannot be: of ids, and of positions within samples.
func askNeighbours(ctx context.Context, fit, test *answers) (*neighbours, error) {
	if fit.x == nil || fit.kind == ofClasses && fit.width != 1 || fit.len() < 30 {
		return nil, nil
	}
	best := &neighbours{skill: math.Inf(-1)}
	for _, scaled := range []bool{false, true} {
		if scaled && !fit.flat {
			break
		}
		space := newSpace(fit.samples, scaled)
		near := space.nearest(ctx, fit.samples, true)
		if err := stopped(ctx); err != nil {
			return nil, err
		}
		n := &neighbours{test: math.NaN(), plain: math.NaN(), alike: math.NaN()}
		n.skill = vote(fit, fit, near)
		if fit.kind == ofClasses {
			n.plain = plainly(fit, near)
		}
		if test != nil && test.features == fit.features && test.x != nil {
			hits := space.nearest(ctx, test.samples, false)
			if err := stopped(ctx); err != nil {
				return nil, err
			}
			if n.test = vote(fit, test, hits); fit.kind == ofClasses {
				n.alike = kappa(fit, test, hits)
			}
		}
		if n.skill > best.skill {
			best = n
		}
	}
	return best, nil
}

// A space is samples among which neighbours are looked for.
type space struct {
	x                []float32 // [samples, features]
	samples          int
	features, stride int
	shift, factor    []float32
}

func newSpace(s *samples, scaled bool) *space {
	p := &space{samples: min(s.len(), neighbourSamples), stride: (s.features + neighbourFeatures - 1) / neighbourFeatures}
	p.features = (s.features + p.stride - 1) / p.stride
	p.shift, p.factor = make([]float32, p.features), slices.Repeat([]float32{1}, p.features)
	if scaled {
		for j := range p.features {
			mean, std := column(s, j*p.stride)
			p.shift[j], p.factor[j] = float32(mean), 0
			if std > 0 {
				p.factor[j] = float32(1 / std)
			}
		}
	}
	p.x = make([]float32, p.samples*p.features)
	for i := range p.samples {
		p.place(p.x[i*p.features:(i+1)*p.features], s.row(p.index(s, i)))
	}
	return p
}

// index is where the i-th sample of the space stands among all.
func (p *space) index(s *samples, i int) int { return i * s.len() / p.samples }

func (p *space) place(dst, row []float32) {
	for j := range dst {
		dst[j] = (row[j*p.stride] - p.shift[j]) * p.factor[j]
	}
}

// column is mean and standard deviation of a feature.
func column(s *samples, j int) (mean, std float64) {
	n := float64(s.len())
	for i := range s.len() {
		mean += float64(s.x[i*s.features+j]) / n
	}
	for i := range s.len() {
		d := float64(s.x[i*s.features+j]) - mean
		std += d * d / n
	}
	return mean, math.Sqrt(std)
}

// A hit is a query with the samples nearest to it, by their places among all, the nearest first.
type hit struct {
	query int
	near  []int
}

// nearest finds them, as long as the context lasts; a sample is no neighbour of its own where the queries are the samples themselves.
func (p *space) nearest(ctx context.Context, s *samples, own bool) []hit {
	hits := make([]hit, min(s.len(), neighbourQueries))
	parallel.For(len(hits), 1, func(lo, hi int) {
		q := make([]float32, p.features)
		for k := lo; k < hi && ctx.Err() == nil; k++ {
			at := k * s.len() / len(hits)
			p.place(q, s.row(at))
			near := make([]int, 0, neighbourCount+1)
			far := make([]float32, 0, neighbourCount+1)
			for i := range p.samples {
				if own && i*s.len()/p.samples == at {
					continue
				}
				d := apart(q, p.x[i*p.features:(i+1)*p.features])
				if len(near) == neighbourCount && !(d < far[neighbourCount-1]) {
					continue
				}
				j := len(far)
				for j > 0 && d < far[j-1] {
					j--
				}
				near, far = slices.Insert(near, j, i), slices.Insert(far, j, d)
				if len(near) > neighbourCount {
					near, far = near[:neighbourCount], far[:neighbourCount]
				}
			}
			hits[k] = hit{at, near}
		}
	})
	return hits
}

// apart is the square of the distance.
func apart(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	j := 0
	for ; j+4 <= len(a); j += 4 {
		d0, d1, d2, d3 := a[j]-b[j], a[j+1]-b[j+1], a[j+2]-b[j+2], a[j+3]-b[j+3]
		s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
	}
	for ; j < len(a); j++ {
		s0 += (a[j] - b[j]) * (a[j] - b[j])
	}
	return s0 + s1 + s2 + s3
}

// vote is the skill of the best of three counts of neighbours, of fit's samples, in telling what belongs to those of of.
func vote(fit, of *answers, hits []hit) float64 {
	best := math.Inf(-1)
	n := min(fit.len(), neighbourSamples)
	where := func(i int) int { return i * fit.len() / n }
	for _, count := range []int{1, 5, neighbourCount} {
		var out, y []float32
		right, all := 0, 0
		for _, h := range hits {
			near := h.near[:min(count, len(h.near))]
			if fit.kind == ofClasses {
				votes := map[int32]int{}
				var said int32 = -1
				for _, i := range near {
					c := fit.classes[where(i)]
					if votes[c]++; said < 0 || votes[c] > votes[said] {
						said = c
					}
				}
				if all++; said == of.classes[h.query] {
					right++
				}
				continue
			}
			for j := range fit.width {
				sum := float32(0)
				for _, i := range near {
					sum += fit.y[where(i)*fit.width+j]
				}
				out, y = append(out, sum/float32(len(near))), append(y, of.y[h.query*fit.width+j])
			}
		}
		var s float64
		switch fit.kind {
		case ofClasses:
			s = skill(float64(right)/float64(max(1, all)), of.chance)
		case ofLabels:
			s = skill(told(out, y, fit.width, (fit.low+fit.high)/2, (fit.low+fit.high)/2))
		default:
			s = explained(out, y, fit.width)
		}
		best = max(best, s)
	}
	return best
}

// plainly is how often a sample is of its neighbours' class where these are as one as anywhere: near 1, unless labels are wrong at random. What lies between two classes does not
// count, for there they are not as one.
func plainly(a *answers, hits []hit) float64 {
	type place struct {
		agreed int
		own    bool
	}
	var all []place
	for _, h := range hits {
		said, agreed := a.most(h)
		all = append(all, place{agreed, said == a.classes[h.query]})
	}
	slices.SortStableFunc(all, func(a, b place) int { return b.agreed - a.agreed })
	right, counted := 0, 0
	for i, p := range all {
		if i >= len(all)/5 && p.agreed < all[len(all)/5].agreed {
			break
		}
		if counted++; p.own {
			right++
		}
	}
	return float64(right) / float64(max(1, counted))
}

// most is the class that most neighbours are of, the first one of several, and how many are.
func (a *answers) most(h hit) (class int32, agreed int) {
	n := min(a.len(), neighbourSamples)
	votes := map[int32]int{}
	for _, i := range h.near {
		votes[a.classes[i*a.len()/n]]++
	}
	class = -1
	for c, v := range votes {
		if v > agreed || v == agreed && c < class {
			class, agreed = c, v
		}
	}
	return class, agreed
}

// kappa is Cohen's kappa of the network and the neighbours in fit of samples in of, less two standard errors: two that have not seen a label and say the same of nearly all know what they say, and labels that differ all the same are in doubt; two of
// which each errs in its own way do not, as where few samples are learnt by heart.
func kappa(fit, of *answers, hits []hit) float64 {
	network := map[int]int32{}
	for i, at := range of.at {
		network[at] = int32(of.said[i])
	}
	same, all := 0.0, 0.0
	theirs, its := map[int32]float64{}, map[int32]float64{}
	for _, h := range hits {
		said, ok := network[h.query]
		if !ok {
			continue
		}
		class, _ := fit.most(h)
		theirs[class]++
		its[said]++
		if all++; class == said {
			same++
		}
	}
	chance := 0.0
	for c := range fit.confusion { // in order, for the sum's bits
		chance += theirs[int32(c)] * its[int32(c)]
	}
	same, chance = same/max(all, 1), chance/max(all*all, 1)
	return (same - chance - 2*math.Sqrt(same*(1-same)/max(all, 1))) / max(1-chance, 1e-9)
}
