package datasets

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

const (
	streamAugment = 0x6175676d656e7400
	streamMixup   = 0x6d69787570000000
)

// A Change is something done at random to the inputs of training samples, so that a network sees each of them otherwise in each epoch: [Shift], [Rotate], [Flip], [Crop],
// [Noise].
type Change interface {
	// check is an error where its settings are out of range.
	check() error
	// pictures says whether it is for pictures alone.
	pictures() bool
	// apply writes values, of that shape, changed; to is not from.
	apply(g *rand.Rand, from, to []float32, shape []int)
}

// Shift moves a picture by up to Pixels up or down, and to a side. What comes in is as the rim is.
type Shift struct{ Pixels int }

// Rotate turns a picture about its middle by up to so many degrees, either way. What comes in is as the rim is.
type Rotate struct{ Degrees float64 }

// Flip mirrors every second picture: left is right. It is for what is the same in a mirror, which digits are not.
type Flip struct{}

// Crop takes a part of a picture, with sides of Least (such as 0.8) to all of the picture's, and scales it to the whole.
type Crop struct{ Least float64 }

// Noise adds a draw from N(0, Sigma) to every value; Sigma is in the units of the values.
type Noise struct{ Sigma float64 }

// Augment is data whose training samples are changed, by all of the changes in order. What is drawn is a function of the run's seed, the epoch and the sample, so that a run
// that is taken up again sees what it would have seen; outside training nothing is changed. Package train does it ahead, in other goroutines.
//
//	fit, err = datasets.Augment(fit, datasets.Shift{Pixels: 2}, datasets.Rotate{Degrees: 10})
func Augment(data Data, changes ...Change) (Data, error) {
	if err := given(data); err != nil {
		return nil, err
	}
	info := data.Info()
	for i, change := range changes {
		if change == nil {
			return nil, fmt.Errorf("datasets: %s: got nil as change %d of %d, want one, such as datasets.Shift{Pixels: 2}", info.Name, i+1, len(changes))
		}
		err := change.check()
		if err == nil && change.pictures() && !slices.ContainsFunc(info.Inputs, isPicture) {
			err = errors.New("there is no input of pictures, [height, width] or [height, width, channels]")
		}
		if err != nil {
			return nil, fmt.Errorf("datasets: %s: augmentation, %T: %w", info.Name, change, err)
		}
	}
	return &augmented{data: data, info: info, changes: slices.Clone(changes)}, nil
}

// augmented is data with changes.
type augmented struct {
	data    Data
	info    Info
	changes []Change
	idle    sync.Pool // of *changer
}

// A changer is a source of random numbers that can be seeded anew, and room.
type changer struct {
	pcg  rand.PCG
	rand *rand.Rand
	room []float32
}

func (d *augmented) Len() int   { return d.data.Len() }
func (d *augmented) Info() Info { return d.info }

// Slow says that reading is worth doing ahead.
func (d *augmented) Slow() bool { return true }

func (d *augmented) Read(b Batch, rows []int, draw Draw) error {
	if err := d.data.Read(b, rows, draw); err != nil || !draw.Training {
		return err
	}
	c, _ := d.idle.Get().(*changer)
	if c == nil {
		c = new(changer)
		c.rand = rand.New(&c.pcg)
	}
	defer d.idle.Put(c)
	for i, row := range rows {
		c.pcg.Seed(draw.Seed, mix(mix(streamAugment+uint64(draw.Epoch))+uint64(row)))
		for k, v := range b.Inputs {
			if v.Floats == nil {
				continue
			}
			field := &d.info.Inputs[k]
			n := field.Size()
			values := v.Floats[i*n : (i+1)*n]
			c.room = slices.Grow(c.room[:0], n)[:n]
			for _, change := range d.changes {
				if !change.pictures() || isPicture(*field) {
					change.apply(c.rand, values, c.room, field.Shape)
					copy(values, c.room)
				}
			}
		}
	}
	return nil
}

func (s Shift) pictures() bool { return true }

func (s Shift) check() error {
	if s.Pixels < 1 {
		return fmt.Errorf("got %d pixels, want at least 1", s.Pixels)
	}
	return nil
}

func (s Shift) apply(g *rand.Rand, from, to []float32, shape []int) {
	dy, dx := g.IntN(2*s.Pixels+1)-s.Pixels, g.IntN(2*s.Pixels+1)-s.Pixels
	h, w, c := sides(shape)
	for y := range h {
		sy := min(max(y-dy, 0), h-1)
		for x := range w {
			sx := min(max(x-dx, 0), w-1)
			copy(to[(y*w+x)*c:][:c], from[(sy*w+sx)*c:])
		}
	}
}

// sides are height, width and channels.
func sides(shape []int) (h, w, c int) {
	if len(shape) == 3 {
		return shape[0], shape[1], shape[2]
	}
	return shape[0], shape[1], 1
}

func (r Rotate) pictures() bool { return true }

func (r Rotate) check() error {
	if !(r.Degrees > 0 && r.Degrees <= 180) {
		return fmt.Errorf("got %v degrees, want more than 0 and at most 180", r.Degrees)
	}
	return nil
}

func (r Rotate) apply(g *rand.Rand, from, to []float32, shape []int) {
	sin, cos := math.Sincos((2*g.Float64() - 1) * r.Degrees * math.Pi / 180)
	h, w, _ := sides(shape)
	cy, cx := float64(h-1)/2, float64(w-1)/2
	warp(from, to, shape, func(y, x float64) (float64, float64) {
		return cy + cos*(y-cy) - sin*(x-cx), cx + sin*(y-cy) + cos*(x-cx)
	})
}

// warp draws a picture of what another has at other places, straight between pixels, and as at the rim beyond it.
func warp(from, to []float32, shape []int, place func(y, x float64) (float64, float64)) {
	h, w, c := sides(shape)
	for y := range h {
		for x := range w {
			sy, sx := place(float64(y), float64(x))
			sy, sx = min(max(sy, 0), float64(h-1)), min(max(sx, 0), float64(w-1))
			y0, x0 := int(sy), int(sx)
			y1, x1 := min(y0+1, h-1), min(x0+1, w-1)
			fy, fx := float32(sy-float64(y0)), float32(sx-float64(x0))
			for k := range c {
				top := from[(y0*w+x0)*c+k]*(1-fx) + from[(y0*w+x1)*c+k]*fx
				low := from[(y1*w+x0)*c+k]*(1-fx) + from[(y1*w+x1)*c+k]*fx
				to[(y*w+x)*c+k] = top*(1-fy) + low*fy
			}
		}
	}
}

func (Flip) pictures() bool { return true }
func (Flip) check() error   { return nil }

func (Flip) apply(g *rand.Rand, from, to []float32, shape []int) {
	if g.IntN(2) == 0 {
		copy(to, from)
		return
	}
	h, w, c := sides(shape)
	for y := range h {
		for x := range w {
			copy(to[(y*w+x)*c:][:c], from[(y*w+w-1-x)*c:])
		}
	}
}

func (c Crop) pictures() bool { return true }

func (c Crop) check() error {
	if !(c.Least > 0 && c.Least < 1) {
		return fmt.Errorf("got %v as the least part of a side, want more than 0 and less than 1, such as 0.8", c.Least)
	}
	return nil
}

func (c Crop) apply(g *rand.Rand, from, to []float32, shape []int) {
	part := c.Least + (1-c.Least)*g.Float64()
	h, w, _ := sides(shape)
	top, left := g.Float64()*(1-part)*float64(h-1), g.Float64()*(1-part)*float64(w-1)
	warp(from, to, shape, func(y, x float64) (float64, float64) { return top + part*y, left + part*x })
}

func (n Noise) pictures() bool { return false }

func (n Noise) check() error {
	if !(n.Sigma > 0 && n.Sigma <= math.MaxFloat32) {
		return fmt.Errorf("got sigma %v, want a finite number above 0", n.Sigma)
	}
	return nil
}

func (n Noise) apply(g *rand.Rand, from, to []float32, _ []int) {
	for i, v := range from {
		to[i] = v + float32(n.Sigma*g.NormFloat64())
	}
}

// Mixup is data of which each training sample is mixed with another, its partner: λ of the one and 1 − λ of the other, inputs and targets, where λ is drawn from
// Beta(alpha, alpha) (Zhang, Cisse, Dauphin, Lopez-Paz: mixup, 2018, who take 0.1 to 0.4). Partner and λ are functions of the run's seed, the epoch and the sample. Classes
// become rows of their shares, as losses.KL takes them; outside training, of a 1.
func Mixup(data Data, alpha float64) (Data, error) {
	if err := given(data); err != nil {
		return nil, err
	}
	info := data.Info()
	fail := func(format string, args ...any) (Data, error) {
		return nil, fmt.Errorf("datasets: %s: mixup: %w", info.Name, fmt.Errorf(format, args...))
	}
	if !(alpha > 0 && alpha <= 2) {
		return fail("got alpha %v, want more than 0 and at most 2, such as 0.2", alpha)
	}
	if slices.ContainsFunc(info.Inputs, func(f Field) bool { return f.IDs }) {
		return fail("it has inputs of ids, which cannot be mixed; mix what is of numbers")
	}
	if len(info.Targets) == 0 {
		return fail("it has no target, want one to be mixed too")
	}
	d := &mixed{data: data, in: info, info: info, alpha: alpha}
	d.info.Targets = cloneFields(info.Targets)
	for i, f := range d.info.Targets {
		if !f.IDs {
			continue
		}
		if i > 0 || len(info.Classes) == 0 {
			return fail("target %q is of ids that have no classes, want classes or numbers", f.Name)
		}
		d.info.Targets[i] = Field{Name: f.Name, Shape: append(slices.Clone(f.Shape), len(info.Classes)), Names: info.Classes}
	}
	return d, nil
}

// mixed is data after Mixup.
type mixed struct {
	data     Data
	in, info Info
	alpha    float64
}

func (d *mixed) Len() int   { return d.data.Len() }
func (d *mixed) Info() Info { return d.info }

// Slow says that reading is worth doing ahead.
func (d *mixed) Slow() bool { return true }

func (d *mixed) Read(b Batch, rows []int, draw Draw) error {
	if err := d.info.check(b, rows, d.Len()); err != nil {
		return err
	}
	n := len(rows)
	all, share := rows, make([]float32, n)
	if draw.Training {
		all = slices.Clone(rows)
		for i, row := range rows {
			g := rand.New(rand.NewPCG(draw.Seed, mix(mix(streamMixup+uint64(draw.Epoch))+uint64(row))))
			all = append(all, g.IntN(d.Len()))
			share[i] = float32(1 - beta(g, d.alpha))
		}
	}
	read := roomFor(d.in.Inputs, len(all))
	read.Targets = roomFor(d.in.Targets, len(all)).Inputs
	if b.Weights != nil {
		read.Weights = make([]float64, len(all))
		for i := range read.Weights {
			read.Weights[i] = 1
		}
	}
	if err := d.data.Read(read, all, draw); err != nil {
		return err
	}
	copy(b.Weights, read.Weights[:min(n, len(read.Weights))])
	for k, v := range b.Inputs {
		d.blend(v.Floats, read.Inputs[k].Floats, share, d.in.Inputs[k].Size(), draw.Training)
	}
	for k, v := range b.Targets {
		from := read.Targets[k].Floats
		size := d.info.Targets[k].Size()
		if ids := read.Targets[k].IDs; ids != nil {
			from = make([]float32, len(all)*size)
			classes := len(d.in.Classes)
			for i, id := range ids {
				if id < 0 || int(id) >= classes {
					return fmt.Errorf("datasets: %s: mixup: row %d has class %d, want 0 to %d", d.info.Name, all[i/(len(ids)/len(all))], id, classes-1)
				}
				from[i*classes+int(id)] = 1
			}
		}
		d.blend(v.Floats, from, share, size, draw.Training)
	}
	return nil
}

// blend writes samples mixed with those behind them.
func (d *mixed) blend(to, from, share []float32, size int, mixing bool) {
	if to == nil {
		return
	}
	if !mixing {
		copy(to, from[:len(share)*size])
		return
	}
	behind := from[len(share)*size:]
	for i, s := range share {
		for j := i * size; j < (i+1)*size; j++ {
			to[j] = from[j] + s*(behind[j]-from[j])
		}
	}
}

// beta draws from Beta(a, a) (Jöhnk 1964): of two powers of uniform draws whose sum is at most 1, the first's part.
func beta(g *rand.Rand, a float64) float64 {
	for {
		x, y := math.Pow(g.Float64(), 1/a), math.Pow(g.Float64(), 1/a)
		if s := x + y; s > 0 && s <= 1 {
			return x / s
		}
	}
}
