package inspect_test

import (
	"embed"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
)

//go:embed testdata/diagnosis
var published embed.FS

// A part is the training or the test samples of a network of the diagnosis' campaign.
type part struct {
	shape  []int // of a sample
	x      []float32
	class  []int // of each sample, or of each of its steps; nil where numbers or labels are to be foretold
	names  int   // classes
	y      []float32
	labels int // numbers a sample in y
}

func (p *part) features() int {
	n := 1
	for _, s := range p.shape {
		n *= s
	}
	return n
}

func (p *part) len() int { return len(p.x) / p.features() }

func (p *part) row(i int) []float32 { return p.x[i*p.features() : (i+1)*p.features()] }

// keep leaves the samples for which wanted is true.
func (p *part) keep(wanted func(i int) bool) {
	n, f, steps := p.len(), p.features(), 1
	if p.class != nil {
		steps = len(p.class) / n
	}
	var x, y []float32
	var class []int
	for i := range n {
		if !wanted(i) {
			continue
		}
		x = append(x, p.x[i*f:(i+1)*f]...)
		if p.class != nil {
			class = append(class, p.class[i*steps:(i+1)*steps]...)
		} else {
			y = append(y, p.y[i*p.labels:(i+1)*p.labels]...)
		}
	}
	p.x, p.y, p.class = x, y, class
}

// stream is of random numbers for a purpose.
func stream(seed uint64, purpose string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// sampler makes samples: words are those of the line in campaign.txt, as numbers; held says that they are to test on.
type sampler func(t testing.TB, words []float64, seed uint64, held bool) *part

var samplers = map[string]sampler{
	"digits": digits, "fashion": fashionPart, "wine": table("wine", true), "cancer": table("breast_cancer", true), "diabetes": table("diabetes", false),
	"spirals": drawn(2, func(w []float64, r *rand.Rand, _ *rand.Rand, x []float64) float64 {
		class, at := r.IntN(int(w[1])), r.Float64()
		angle := 1.25*2*math.Pi*at + 2*math.Pi*float64(class)/w[1]
		radius := .15 + .85*at
		x[0], x[1] = 1.7*radius*math.Cos(angle)+w[2]*r.NormFloat64(), 1.7*radius*math.Sin(angle)+w[2]*r.NormFloat64()
		return float64(class)
	}),
	"rings": drawn(2, func(w []float64, r *rand.Rand, _ *rand.Rand, x []float64) float64 {
		class, angle := r.IntN(2), 2*math.Pi*r.Float64()
		radius := .6 + .8*float64(class) + w[1]*r.NormFloat64()
		x[0], x[1] = radius*math.Cos(angle), radius*math.Sin(angle)
		return float64(class)
	}),
	"xor": drawn(2, func(w []float64, r *rand.Rand, _ *rand.Rand, x []float64) float64 {
		a, b := r.IntN(2), r.IntN(2)
		x[0], x[1] = (2*float64(a)-1)*(.1+.9*r.Float64())+w[1]*.3*r.NormFloat64(), (2*float64(b)-1)*(.1+.9*r.Float64())+w[1]*.3*r.NormFloat64()
		return float64(a ^ b)
	}),
	"blobs": drawn(1, func(w []float64, r *rand.Rand, centres *rand.Rand, x []float64) float64 {
		class := r.IntN(int(w[2]))
		for k := range int(w[2]) {
			for j := range x {
				if c := 1.2 * centres.NormFloat64(); k == class {
					x[j] = c + w[3]*r.NormFloat64()
				}
			}
		}
		return float64(class)
	}),
	"overlap": drawn(1, func(w []float64, r *rand.Rand, _ *rand.Rand, x []float64) float64 {
		class := r.IntN(2)
		for j := range x {
			x[j] = r.NormFloat64()
		}
		x[0] += (float64(class) - .5) * w[2]
		return float64(class)
	}),
	"friedman": drawn(1, func(w []float64, r *rand.Rand, _ *rand.Rand, x []float64) float64 {
		for j := range x {
			x[j] = 2*r.Float64() - 1
		}
		u := func(j int) float64 { return (x[j] + 1) / 2 }
		return 10*math.Sin(math.Pi*u(0)*u(1)) + 20*(u(2)-.5)*(u(2)-.5) + 10*u(3) + 5*u(4) + .5*r.NormFloat64()
	}),
	"houses": drawn(1, func(w []float64, r *rand.Rand, weights *rand.Rand, x []float64) float64 {
		y := .1 * r.NormFloat64()
		for j := range x {
			x[j] = r.NormFloat64()
			y += (.5 + weights.Float64()) * x[j]
		}
		return y + .5*x[0]*x[1]
	}),
	"sine": drawn(2, func(w []float64, r *rand.Rand, _ *rand.Rand, x []float64) float64 {
		x[0], x[1] = 2*r.Float64()-1, r.NormFloat64()*.1
		x[0] *= 1.5
		return math.Sqrt2*math.Sin(w[1]*2*x[0]) + w[2]*r.NormFloat64()
	}),
	"waves": sequence(20, func(w []float64, r *rand.Rand, x []float64) int {
		class, phase := r.IntN(int(w[1])), 2*math.Pi*r.Float64()
		for t := range x {
			x[t] = math.Sin(phase+float64(t)*(.25+.45*float64(class))) + w[2]*r.NormFloat64()
		}
		return class
	}),
	"bars": bars, "sums": sums, "labels": severalLabels,
}

// classed are the samplers whose number is a class, with how many there are.
func classed(name string, w []float64) int {
	switch name {
	case "spirals":
		return int(w[1])
	case "blobs":
		return int(w[2])
	case "rings", "xor", "overlap":
		return 2
	}
	return 0
}

// drawn is samples of features numbers each, drawn one after another; of one feature: of as many as the second word says.
func drawn(features int, draw func(w []float64, r, fixed *rand.Rand, x []float64) float64) sampler {
	return func(_ testing.TB, w []float64, seed uint64, held bool) *part {
		n, f := int(w[0]), features
		if features == 1 {
			f = int(w[1])
		}
		r := stream(seed, fmt.Sprint("samples", held))
		if held {
			n = max(400, n/2)
		}
		p := &part{shape: []int{f}, labels: 1}
		x := make([]float64, f)
		for range n {
			y := draw(w, r, stream(seed, "fixed"), x)
			for _, v := range x {
				p.x = append(p.x, float32(v))
			}
			p.y = append(p.y, float32(y))
		}
		return p
	}
}

// sequence is samples of steps with one number each, and a class.
func sequence(steps int, draw func(w []float64, r *rand.Rand, x []float64) int) sampler {
	return func(_ testing.TB, w []float64, seed uint64, held bool) *part {
		n, r := int(w[0]), stream(seed, fmt.Sprint("samples", held))
		if held {
			n = max(400, n/2)
		}
		p := &part{shape: []int{steps, 1}, names: int(w[1])}
		x := make([]float64, steps)
		for range n {
			p.class = append(p.class, draw(w, r, x))
			for _, v := range x {
				p.x = append(p.x, float32(v))
			}
		}
		return p
	}
}

// sums are steps of ±1 and some noise, each with whether the sum so far is above 0.
func sums(_ testing.TB, w []float64, seed uint64, held bool) *part {
	n, steps, r := int(w[0]), int(w[1]), stream(seed, fmt.Sprint("samples", held))
	if held {
		n = 400
	}
	p := &part{shape: []int{steps, 1}, names: 2}
	for range n {
		sum := .5 // no sum is 0
		for range steps {
			step := float64(2*r.IntN(2) - 1)
			sum += step
			class := 0
			if sum > 0 {
				class = 1
			}
			p.x, p.class = append(p.x, float32(step+.1*r.NormFloat64())), append(p.class, class)
		}
	}
	return p
}

// bars are pictures of a bar that lies, stands or leans.
func bars(_ testing.TB, w []float64, seed uint64, held bool) *part {
	n, size, r := int(w[0]), int(w[1]), stream(seed, fmt.Sprint("samples", held))
	if held {
		n = 400
	}
	p := &part{shape: []int{size, size}, names: 3}
	for range n {
		class, a, b := r.IntN(3), r.IntN(size-5), r.IntN(size-5)
		x := make([]float32, size*size)
		for k := range 6 {
			switch class {
			case 0:
				x[a*size+b+k] = 1
			case 1:
				x[(a+k)*size+b] = 1
			case 2:
				x[(a+k)*size+b+k] = 1
			}
		}
		for j := range x {
			x[j] += float32(w[2] * r.NormFloat64())
		}
		p.x, p.class = append(p.x, x...), append(p.class, class)
	}
	return p
}

// severalLabels are numbers, and labels that hold or not, each by itself.
func severalLabels(_ testing.TB, w []float64, seed uint64, held bool) *part {
	n, f, labels, r := int(w[0]), int(w[1]), int(w[2]), stream(seed, fmt.Sprint("samples", held))
	if held {
		n = 500
	}
	p := &part{shape: []int{f}, labels: labels}
	for range n {
		x := make([]float64, f)
		for j := range x {
			x[j] = r.NormFloat64()
			p.x = append(p.x, float32(x[j]))
		}
		fixed := stream(seed, "fixed")
		for range labels {
			sum := .6 * (x[fixed.IntN(f)]*x[fixed.IntN(f)] - .3)
			for _, v := range x {
				sum += .7 * fixed.NormFloat64() * v
			}
			if sum > 0 {
				p.y = append(p.y, 1)
			} else {
				p.y = append(p.y, 0)
			}
		}
	}
	return p
}

func digits(t testing.TB, w []float64, seed uint64, held bool) *part {
	train, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	set, from, n := train, int(seed)*1300%5000, int(w[0])
	if held {
		set, from, n = test, 5000+int(seed)*1100%4000, 1000
	}
	p := &part{shape: []int{14, 14}, names: 10}
	row := make([]float32, 784)
	for i := from; i < from+n; i++ {
		set.Row(row, i)
		for a := range 14 {
			for b := range 14 {
				at := 2*a*28 + 2*b
				p.x = append(p.x, (row[at]+row[at+1]+row[at+28]+row[at+29])/4/255)
			}
		}
		p.class = append(p.class, set.Label(i))
	}
	return p
}

// fashionPart is Fashion-MNIST, 14 by 14: 1,500 samples and 700.
func fashionPart(t testing.TB, _ []float64, seed uint64, held bool) *part {
	read := func(name string) *datasets.IDX {
		f, err := published.Open("testdata/diagnosis/fashion/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		a, err := datasets.ReadIDX(f, name, 0)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	which := "train"
	if held {
		which = "t10k"
	}
	p := &part{shape: []int{14, 14}, names: 10}
	x, y := read(which+"-images-idx3-ubyte.gz"), read(which+"-labels-idx1-ubyte.gz")
	for i, v := range x.Bytes {
		if i%196 == 0 {
			p.class = append(p.class, int(y.Bytes[i/196]))
		}
		p.x = append(p.x, float32(v)/255)
	}
	return p
}

// table is one of scikit-learn's: three quarters to learn from and the rest to test on, by chance.
func table(name string, classes bool) sampler {
	return func(t testing.TB, _ []float64, seed uint64, held bool) *part {
		text, err := fs.ReadFile(published, "testdata/diagnosis/"+name+".csv")
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		order := stream(seed, "split").Perm(len(lines))
		cut := len(lines) * 3 / 4
		if order = order[:cut]; held {
			order = stream(seed, "split").Perm(len(lines))[cut:]
		}
		p := &part{shape: []int{len(lines[0]) - 1}, labels: 1}
		for _, i := range order {
			for j, cell := range lines[i] {
				v, err := strconv.ParseFloat(cell, 32)
				if err != nil {
					t.Fatal(err)
				}
				switch {
				case j < len(lines[i])-1:
					p.x = append(p.x, float32(v))
				case classes:
					p.class, p.names = append(p.class, int(v)), max(p.names, int(v)+1)
				default:
					p.y = append(p.y, float32(v))
				}
			}
		}
		return p
	}
}

// makeData makes the samples that a line of campaign.txt describes, and what is wrong with them.
func makeData(t testing.TB, text string, seed uint64) (fit, held *part) {
	said := strings.Split(text, ";")
	words := strings.Fields(said[0])
	numbers := func(words []string) (w []float64) {
		for _, word := range words {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			w = append(w, v)
		}
		return w
	}
	make := samplers[words[0]]
	if make == nil {
		t.Fatalf("%s: no samples are called %s", text, words[0])
	}
	w := numbers(words[1:])
	fit, held = make(t, w, seed, false), make(t, w, seed, true)
	both := []*part{fit, held}
	if n := classed(words[0], w); n > 0 {
		for _, p := range both {
			for _, v := range p.y {
				p.class = append(p.class, int(v))
			}
			p.y, p.labels, p.names = nil, 0, n
		}
	}
	raw := slices.ContainsFunc(said[1:], func(s string) bool { return strings.TrimSpace(s) == "raw" })
	if !raw && slices.Contains([]string{"wine", "cancer", "diabetes"}, words[0]) {
		standardize(fit.x, held.x, fit.features())
	}
	if fit.labels == 1 && !raw {
		standardize(fit.y, held.y, 1)
	}
	for _, fault := range said[1:] {
		words := strings.Fields(fault)
		w := numbers(words[1:])
		for i, p := range both {
			isHeld := i == 1
			name, only, _ := strings.Cut(words[0], "-")
			if only == "test" && !isHeld || only == "train" && isHeld {
				continue
			}
			p.spoil(t, name, w, stream(seed, fmt.Sprint(name, isHeld)), isHeld)
		}
	}
	return fit, held
}

// spoil puts one thing wrong.
func (p *part) spoil(t testing.TB, fault string, w []float64, r *rand.Rand, held bool) {
	switch fault {
	case "raw": // not standardised
	case "scale":
		for i := range p.x {
			p.x[i] *= float32(w[0])
		}
	case "offset":
		for i := range p.x {
			p.x[i] += float32(w[0])
		}
	case "shuffle":
		r.Shuffle(len(p.class), func(i, j int) { p.class[i], p.class[j] = p.class[j], p.class[i] })
	case "roll":
		for i := range p.class {
			p.class[i] = (p.class[i] + 1) % p.names
		}
	case "noise":
		for i := range p.class {
			if r.Float64() < w[0] {
				p.class[i] = (p.class[i] + 1 + r.IntN(p.names-1)) % p.names
			}
		}
	case "rare": // of class w[0] only a share is there
		p.keep(func(i int) bool { return p.class[i] != int(w[0]) || r.Float64() < w[1] })
	case "only":
		p.keep(func(i int) bool { return p.class[i] == int(w[0]) })
	case "few":
		if !held {
			p.keep(func(i int) bool { return i < int(w[0]) })
		}
	case "constant":
		for i := range p.len() {
			for j := int(w[0]); j <= int(w[1]); j++ {
				p.row(i)[j] = .5
			}
		}
	case "copy": // of feature w[0] in the place of w[1] to w[2]
		for i := range p.len() {
			for j := int(w[1]); j <= int(w[2]); j++ {
				p.row(i)[j] = p.row(i)[int(w[0])]
			}
		}
	case "target":
		for i := range p.y {
			p.y[i] = p.y[i]*float32(w[0]) + float32(w[1])
		}
	default:
		t.Fatalf("no fault is called %s", fault)
	}
}

// standardize brings columns to mean 0 and deviation 1, by those of fit.
func standardize(fit, held []float32, columns int) {
	for j := range columns {
		var sum, squares, n float64
		for i := j; i < len(fit); i += columns {
			sum, squares, n = sum+float64(fit[i]), squares+float64(fit[i])*float64(fit[i]), n+1
		}
		mean := sum / n
		std := math.Sqrt(max(1e-12, squares/n-mean*mean))
		for _, x := range [][]float32{fit, held} {
			for i := j; i < len(x); i += columns {
				x[i] = float32((float64(x[i]) - mean) / std)
			}
		}
	}
}

// data makes of a part what train.Fit takes: flat samples, unless the network takes them as they are; classes as numbers, where it has one output.
func (p *part) data(t testing.TB, name, network, loss string) datasets.Data {
	shape := p.shape
	first, _, _ := strings.Cut(network, " ")
	if !slices.Contains([]string{"conv", "conv1d", "lstm", "gru", "rnn", "flatten,"}, first) {
		shape = []int{p.features()}
	}
	n := p.len()
	var target datasets.Array
	switch {
	case p.class != nil && len(p.class) == n && loss == "binary-cross-entropy":
		target = datasets.Array{Name: "y", Shape: []int{1}}
		for _, c := range p.class {
			target.Floats = append(target.Floats, float32(c))
		}
	case p.class != nil && len(p.class) == n:
		var names []string
		for c := range p.names {
			names = append(names, fmt.Sprint(c))
		}
		set, err := datasets.New(name, shape, p.x, p.class, names)
		if err != nil {
			t.Fatal(err)
		}
		return set
	case p.class != nil:
		target = datasets.Array{Name: "y", Shape: []int{len(p.class) / n}}
		for _, c := range p.class {
			target.IDs = append(target.IDs, int32(c))
		}
	default:
		target = datasets.Array{Name: "y", Shape: []int{p.labels}, Floats: p.y}
	}
	arrays, err := datasets.NewArrays(name, []datasets.Array{{Name: "x", Shape: shape, Floats: p.x}}, []datasets.Array{target})
	if err == nil && target.IDs != nil {
		var names []string
		for c := range p.names {
			names = append(names, fmt.Sprint(c))
		}
		arrays, err = arrays.WithClasses(names)
	}
	if err != nil {
		t.Fatal(err)
	}
	return arrays
}
