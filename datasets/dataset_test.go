package datasets

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// mustNew is New for arguments that are right.
func mustNew(t testing.TB, shape []int, rows []float32, labels []int, classes []string) *Dataset {
	t.Helper()
	d, err := New("own", shape, rows, labels, classes)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// byteSet is a set of n samples of the given number of random bytes.
func byteSet(n, features int) *Dataset {
	r := rand.New(rand.NewPCG(1, 2))
	d := &Dataset{
		Name: "bytes", Shape: []int{features}, Classes: numberNames(10), bytes: make([]uint8, n*features),
		labels: make([]int, n), features: features, scale: 1,
	}
	for i := range d.bytes {
		d.bytes[i] = uint8(r.Uint32())
	}
	for i := range d.labels {
		d.labels[i] = r.IntN(10)
	}
	return d
}

func row(d *Dataset, i int) []float32 {
	dst := make([]float32, d.Features())
	d.Row(dst, i)
	return dst
}

func TestNew(t *testing.T) {
	rows := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	labels := []int{2, 0}
	d := mustNew(t, []int{2, 3}, rows, labels, nil)
	labels[0] = 1 // copied: no effect
	if d.Len() != 2 || d.Features() != 6 || d.Label(0) != 2 || d.Label(1) != 0 {
		t.Errorf("Len %d, Features %d, labels %d %d", d.Len(), d.Features(), d.Label(0), d.Label(1))
	}
	if !slices.Equal(d.Classes, []string{"0", "1", "2"}) {
		t.Errorf("classes %q", d.Classes)
	}
	if got := row(d, 1); !slices.Equal(got, rows[6:]) {
		t.Errorf("row 1 is %v", got)
	}
}

func TestNewRefuses(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	two := []string{"a", "b"}
	for _, c := range []struct {
		name    string
		shape   []int
		rows    []float32
		labels  []int
		classes []string
		want    string
	}{
		{"no samples", []int{1}, nil, nil, two, "got no labels"},
		{"too few values", []int{2}, make([]float32, 3), []int{0, 1}, two, "got 3 values for 2 labels of shape [2]"},
		{"too many values", []int{2}, make([]float32, 5), []int{0, 1}, two, "got 5 values"},
		{"another count", []int{2}, make([]float32, 6), []int{0, 1}, two, "got 6 values for 2 labels"},
		{"no values", []int{2}, nil, []int{0}, two, "got 0 values"},
		{"no shape", nil, make([]float32, 2), []int{0, 1}, two, "shape []"},
		{"zero dimension", []int{2, 0}, make([]float32, 2), []int{0, 1}, two, "every dimension at least 1"},
		{"negative dimension", []int{-1, -1}, make([]float32, 2), []int{0, 1}, two, "every dimension at least 1"},
		{"overflowing shape", []int{1 << 32, 1 << 32}, make([]float32, 2), []int{0, 1}, two, "every dimension at least 1"},
		{"label too large", []int{1}, make([]float32, 2), []int{0, 2}, two, "sample 1 has label 2, want 0 to 1"},
		{"label negative", []int{1}, make([]float32, 2), []int{-1, 1}, two, "sample 0 has label -1"},
		{"all labels negative", []int{1}, make([]float32, 2), []int{-5, -3}, nil, "sample 0 has label -5"},
		{"no classes", []int{1}, make([]float32, 2), []int{0, 1}, []string{}, "sample 0 has label 0"},
		{"huge label", []int{1}, make([]float32, 2), []int{0, 1 << 40}, nil, "more than 65536 classes"},
		{"NaN", []int{2}, []float32{1, 2, 3, nan}, []int{0, 1}, two, "value 1 of sample 1 is NaN"},
		{"infinity", []int{2}, []float32{inf, 2, 3, 4}, []int{0, 1}, two, "value 0 of sample 0 is -Inf"},
	} {
		if _, err := New("own", c.shape, c.rows, c.labels, c.classes); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
	}
}

// Every conversion equals the one value at a time, in the same bits, at every length and offset.
func TestScaleBytes(t *testing.T) {
	src := make([]uint8, 300)
	for i := range src {
		src[i] = uint8(i * 7)
	}
	for _, factor := range []float32{1, 1.0 / 255, -3.7, 1e-40, 0} {
		for n := range 70 {
			for at := range 4 {
				dst := make([]float32, n+2)
				dst[0], dst[n+1] = 42, 43
				scaleBytes(dst[1:n+1], src[at:at+n], factor)
				for i, got := range dst[1 : n+1] {
					if want := float32(src[at+i]) * factor; math.Float32bits(got) != math.Float32bits(want) {
						t.Fatalf("factor %v, n %d, offset %d: value %d is %v, want %v", factor, n, at, i, got, want)
					}
				}
				if dst[0] != 42 || dst[n+1] != 43 {
					t.Fatalf("n %d: wrote outside", n)
				}
			}
		}
	}
	all := make([]uint8, 256)
	for i := range all {
		all[i] = uint8(i)
	}
	dst := make([]float32, 256)
	scaleBytes(dst, all, 1)
	for i, v := range dst {
		if v != float32(i) {
			t.Errorf("byte %d became %v", i, v)
		}
	}
}

func TestFillIsRowAfterRow(t *testing.T) {
	d := byteSet(50, 19).Scaled(0.5).WithNoise(0.25, 9)
	rows := []int{3, 49, 3, 0}
	dst := make([]float32, len(rows)*19)
	d.Fill(dst, rows)
	for k, i := range rows {
		if !slices.Equal(dst[k*19:(k+1)*19], row(d, i)) {
			t.Errorf("position %d is not row %d", k, i)
		}
	}
}

func TestOneHot(t *testing.T) {
	d := mustNew(t, []int{1}, []float32{0, 0, 0}, []int{2, 0, 1}, nil)
	dst := []float32{9, 9, 9, 9, 9, 9, 7}
	d.OneHot(dst, []int{2, 0})
	if want := []float32{0, 1, 0, 0, 0, 1, 7}; !slices.Equal(dst, want) {
		t.Errorf("got %v, want %v", dst, want)
	}
}

func TestTransformsInOrder(t *testing.T) {
	floats := mustNew(t, []int{2}, []float32{1, 2, 3, 4}, []int{0, 1}, nil)
	bytes := &Dataset{bytes: []uint8{1, 2, 3, 4}, labels: []int{0, 1}, features: 2, scale: 1}
	for name, d := range map[string]*Dataset{"floats": floats, "bytes": bytes} {
		noise := row(d.WithNoise(1, 5), 1)
		noise[0] -= 3
		noise[1] -= 4
		if noise[0] == 0 || noise[1] == 0 || noise[0] == noise[1] {
			t.Errorf("%s: noise is %v", name, noise)
		}
		for _, c := range []struct {
			name string
			d    *Dataset
			want func(v, z float32) float32
		}{
			{"none", d, func(v, z float32) float32 { return v }},
			{"scaled", d.Scaled(0.5), func(v, z float32) float32 { return v * 0.5 }},
			{"scaled twice", d.Scaled(0.5).Scaled(3), func(v, z float32) float32 { return v * 0.5 * 3 }},
			{"scaled, noisy", d.Scaled(0.5).WithNoise(1, 5), func(v, z float32) float32 { return v*0.5 + z }},
			{"noisy, scaled", d.WithNoise(1, 5).Scaled(0.5), func(v, z float32) float32 { return (v + z) * 0.5 }},
		} {
			got := row(c.d, 1)
			for j, v := range []float32{3, 4} {
				if math.Abs(float64(got[j]-c.want(v, noise[j]))) > 1e-6 {
					t.Errorf("%s, %s: value %d is %v, want %v", name, c.name, j, got[j], c.want(v, noise[j]))
				}
			}
		}
	}
}

// Two sets made of one must not see each other's steps.
func TestTransformsDoNotShare(t *testing.T) {
	d := mustNew(t, []int{1}, []float32{1}, []int{0}, nil).Scaled(2).Scaled(2).Scaled(2).Scaled(2)
	a, b := d.Scaled(10), d.Scaled(100)
	if x, y, z := row(a, 0)[0], row(b, 0)[0], row(d, 0)[0]; x != 160 || y != 1600 || z != 16 {
		t.Errorf("got %v, %v, %v, want 160, 1600, 16", x, y, z)
	}
}

func TestNoise(t *testing.T) {
	const n, features = 200, 500
	zero := &Dataset{Classes: numberNames(1), bytes: make([]uint8, n*features), labels: make([]int, n), features: features, scale: 1}
	d := zero.WithNoise(2, 1)
	stats := d.Stats()
	// 100,000 draws: the mean's standard error is 0.0063, the deviation's 0.0045.
	if math.Abs(stats.Mean) > 0.03 || math.Abs(stats.Std-2) > 0.02 {
		t.Errorf("mean %v, deviation %v, want 0 and 2", stats.Mean, stats.Std)
	}
	within := 0
	for i := range n {
		for _, v := range row(d, i) {
			if math.Abs(float64(v)) < 2 {
				within++
			}
		}
	}
	if share := float64(within) / (n * features); math.Abs(share-0.6827) > 0.008 {
		t.Errorf("%.4f of the values lie within one deviation, want 0.6827", share)
	}

	if !slices.Equal(row(d, 7), row(zero.WithNoise(2, 1), 7)) {
		t.Error("same seed, same sample, other noise")
	}
	if slices.Equal(row(d, 7), row(zero.WithNoise(2, 2), 7)) {
		t.Error("another seed gives the same noise")
	}
	for _, pair := range [][2]int{{7, 8}, {0, 1}, {0, 64}} {
		a, b := row(d, pair[0]), row(d, pair[1])
		var dot float64
		for j := range a {
			dot += float64(a[j]) * float64(b[j]) / 4
		}
		if r := dot / features; math.Abs(r) > 0.2 { // standard error 0.045
			t.Errorf("the noise of samples %v correlates: %.2f", pair, r)
		}
	}

	part, err := d.Slice(100, 110)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(row(part, 3), row(d, 103)) {
		t.Error("the noise of a sample changed in a subset")
	}
	early, err := zero.Slice(100, 110)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(row(early.WithNoise(2, 1), 3), row(d, 103)) {
		t.Error("noise added after the cut is not the noise added before it")
	}
}

func TestSlice(t *testing.T) {
	for name, d := range map[string]*Dataset{
		"bytes":  byteSet(20, 3),
		"floats": mustNew(t, []int{1}, []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, nil),
	} {
		part, err := d.Slice(2, 9)
		if err != nil {
			t.Fatal(err)
		}
		part, err = part.Slice(1, 4) // samples 3, 4, 5
		if err != nil {
			t.Fatal(err)
		}
		if part.Len() != 3 {
			t.Errorf("%s: %d samples, want 3", name, part.Len())
		}
		for i := range 3 {
			if part.Label(i) != d.Label(i+3) || !slices.Equal(row(part, i), row(d, i+3)) {
				t.Errorf("%s: sample %d of the part is not sample %d", name, i, i+3)
			}
		}
		for _, c := range [][2]int{{-1, 2}, {0, 4}, {2, 2}, {2, 1}, {5, 6}} {
			if _, err := part.Slice(c[0], c[1]); err == nil || !strings.Contains(err.Error(), "of 3; want") {
				t.Errorf("%s: Slice%v: got %v", name, c, err)
			}
		}
		for _, i := range []int{-1, 3} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: row %d of a part of 3 was read", name, i)
					}
				}()
				row(part, i)
			}()
		}
	}
}

func TestFillAllocatesNothing(t *testing.T) {
	d := byteSet(100, 784).Scaled(1.0 / 255)
	rows := Shuffle(100, 1, 0)
	x, y := make([]float32, 100*784), make([]float32, 100*10)
	if n := testing.AllocsPerRun(50, func() { d.Fill(x, rows); d.OneHot(y, rows) }); n != 0 {
		t.Errorf("Fill and OneHot allocate %v times", n)
	}
}

func TestStats(t *testing.T) {
	d := mustNew(t, []int{2}, []float32{1, 2, 3, 4, 5, 9}, []int{0, 2, 2}, []string{"a", "b", "c"})
	s := d.Stats()
	if !slices.Equal(s.Counts, []int{1, 0, 2}) || s.Min != 1 || s.Max != 9 || s.Mean != 4 || math.Abs(s.Std-math.Sqrt(40.0/6)) > 1e-12 {
		t.Errorf("got %+v", s)
	}
	if s = d.Scaled(-1).Stats(); s.Min != -9 || s.Max != -1 || s.Mean != -4 {
		t.Errorf("scaled: got %+v", s)
	}
	// A large mean and a small spread: a plain sum of squares would lose all digits.
	far := mustNew(t, []int{1}, []float32{1e7, 1e7 + 1, 1e7 + 2, 1e7 + 3}, []int{0, 0, 0, 0}, nil).Stats()
	if math.Abs(far.Std-math.Sqrt(1.25)) > 1e-9 {
		t.Errorf("deviation %v, want %v", far.Std, math.Sqrt(1.25))
	}
}

// TestMislabelled: a wrong label is any of the other classes alike, and a sample's is the same in any subset.
func TestMislabelled(t *testing.T) {
	const n, classes = 9000, 4
	d := &Dataset{Classes: numberNames(classes), bytes: make([]uint8, n), labels: make([]int, n), features: 1, scale: 1}
	for i := range d.labels {
		d.labels[i] = i % classes
	}
	wrong := d.Mislabelled(.4, 7)
	counts := [classes]int{} // by how far the label has moved
	for i, label := range wrong.labels {
		counts[(label-d.labels[i]+classes)%classes]++
	}
	for moved, got := range counts {
		want, deviation := 1200.0, 33.0
		if moved == 0 {
			want, deviation = 5400, 47
		}
		if math.Abs(float64(got)-want) > 4*deviation {
			t.Errorf("%d labels moved by %d classes, want some %v", got, moved, want)
		}
	}
	part, err := d.Slice(100, 200)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(part.Mislabelled(.4, 7).labels, wrong.labels[100:200]) {
		t.Error("a subset has other labels")
	}
	if slices.Equal(d.Mislabelled(.4, 8).labels, wrong.labels) || d.labels[1] != 1 {
		t.Error("another seed gives the same labels, or the data were changed")
	}
	for _, share := range []float64{0, -1, math.NaN()} {
		if !slices.Equal(d.Mislabelled(share, 7).labels, d.labels) {
			t.Errorf("a share of %v changed labels", share)
		}
	}
	for i, label := range d.Mislabelled(2, 7).labels {
		if label == d.labels[i] {
			t.Fatal("of all, one is right")
		}
	}
	one := &Dataset{Classes: numberNames(1), bytes: make([]uint8, n), labels: make([]int, n), features: 1, scale: 1}
	if !slices.Equal(one.Mislabelled(1, 7).labels, one.labels) {
		t.Error("a single class was changed")
	}
}
