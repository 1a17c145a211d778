package datasets

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// dotPictures are n pictures of 5×5 with one bright pixel in the middle, of two classes by turns.
func dotPictures(t *testing.T, n int) *Dataset {
	t.Helper()
	rows, labels := make([]float32, 25*n), make([]int, n)
	for i := range n {
		rows[25*i+12], labels[i] = 1, i%2
	}
	d, err := New("dots", []int{5, 5}, rows, labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func readDraw(t *testing.T, d Data, rows []int, draw Draw) Batch {
	t.Helper()
	b := roomFor(d.Info().Inputs, len(rows))
	b.Targets = roomFor(d.Info().Targets, len(rows)).Inputs
	if err := d.Read(b, rows, draw); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAugmentIsDrawnByPlace: seed, epoch and sample decide, whatever batch it is in; another of any of them is another picture; outside training nothing changes.
func TestAugmentIsDrawnByPlace(t *testing.T) {
	plain := dotPictures(t, 40)
	all, err := Augment(plain, Shift{2}, Rotate{30}, Crop{.7}, Flip{}, Noise{.1})
	if err != nil {
		t.Fatal(err)
	}
	mixup, err := Mixup(all, .3)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []Data{all, mixup} {
		draw := Draw{Seed: 5, Epoch: 3, Training: true}
		whole := readDraw(t, d, inOrder(40), draw)
		some := readDraw(t, d, []int{17, 3, 17}, draw)
		size := d.Info().Inputs[0].Size()
		pick := func(b Batch, i int) []float32 { return b.Inputs[0].Floats[i*size : (i+1)*size] }
		if !slices.Equal(pick(some, 0), pick(whole, 17)) || !slices.Equal(pick(some, 1), pick(whole, 3)) || !slices.Equal(pick(some, 2), pick(some, 0)) {
			t.Error("a sample depends on its batch")
		}
		for _, other := range []Draw{{Seed: 6, Epoch: 3, Training: true}, {Seed: 5, Epoch: 4, Training: true}} {
			if b := readDraw(t, d, inOrder(40), other); slices.Equal(b.Inputs[0].Floats, whole.Inputs[0].Floats) {
				t.Errorf("%+v draws the same", other)
			}
		}
		if slices.Equal(pick(whole, 0), pick(whole, 2)) {
			t.Error("two samples are changed alike")
		}
		still := readDraw(t, d, inOrder(40), Draw{Seed: 5, Epoch: 3})
		if !slices.Equal(still.Inputs[0].Floats, readAll(t, plain).Inputs[0].Floats) {
			t.Error("outside training something changed")
		}
		if !isSlow(d) {
			t.Error("it is not read ahead")
		}
	}
}

// TestChanges: what each does, on average over many draws and for each alone.
func TestChanges(t *testing.T) {
	const n = 2000
	plain := dotPictures(t, n)
	of := func(c Change) []float32 {
		d, err := Augment(plain, c)
		if err != nil {
			t.Fatal(err)
		}
		return readDraw(t, d, inOrder(n), Draw{Seed: 1, Training: true}).Inputs[0].Floats
	}
	// Shift: every place within reach, about as often.
	var places [25]int
	for i, v := range of(Shift{2}) {
		if v == 1 {
			places[i%25]++
		}
	}
	for at, k := range places {
		if k < n/25-40 || k > n/25+40 {
			t.Errorf("shifted to place %d %d times, want about %d", at, k, n/25)
		}
	}
	// Rotate: the middle stays where it is, whatever the angle.
	for i, v := range of(Rotate{45}) {
		if i%25 == 12 && math.Abs(float64(v)-1) > 1e-5 {
			t.Fatalf("the middle turned to %v", v)
		}
	}
	// Noise: mean 0, deviation as told.
	var sum, squares float64
	for i, v := range of(Noise{.5}) {
		if i%25 == 12 {
			v--
		}
		sum, squares = sum+float64(v), squares+float64(v*v)
	}
	if mean, dev := sum/25/n, math.Sqrt(squares/25/n); math.Abs(mean) > .01 || math.Abs(dev-.5) > .01 {
		t.Errorf("noise of mean %v, deviation %v", mean, dev)
	}

	one := func(c Change, shape []int, values ...float32) (a, b []float32) {
		rows := slices.Repeat(values, 64)
		d, err := NewArrays("p", []Array{{Name: "x", Shape: shape, Floats: rows}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		data, err := Augment(d, c)
		if err != nil {
			t.Fatal(err)
		}
		got := readDraw(t, data, inOrder(64), Draw{Training: true}).Inputs[0].Floats
		k := len(values)
		a = got[:k]
		for i := k; i < len(got); i += k {
			if !slices.Equal(got[i:i+k], a) {
				return a, got[i : i+k]
			}
		}
		return a, nil
	}
	a, b := one(Flip{}, []int{1, 2, 3}, 1, 2, 3, 4, 5, 6)
	want := [][]float32{{1, 2, 3, 4, 5, 6}, {4, 5, 6, 1, 2, 3}}
	if !(slices.Equal(a, want[0]) && slices.Equal(b, want[1]) || slices.Equal(a, want[1]) && slices.Equal(b, want[0])) {
		t.Errorf("flipped: %v and %v", a, b)
	}
	// Crop: of a ramp along x a part of it, as steep as the part is long.
	a, _ = one(Crop{.5}, []int{1, 5}, 0, 1, 2, 3, 4)
	step := a[1] - a[0]
	if step < .5 || step > 1 || a[0] < 0 || a[4] > 4.0001 || math.Abs(float64(a[4]-a[0]-4*step)) > 1e-4 {
		t.Errorf("cropped: %v", a)
	}
	// A picture of one pixel, and one turned as far as can be, do not leave their storage.
	one(Rotate{180}, []int{1, 1}, 3)
	one(Rotate{180}, []int{2, 3, 2}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	one(Shift{9}, []int{2, 2}, 1, 2, 3, 4)
}

func TestMixup(t *testing.T) {
	const n = 4000
	x := make([]float32, n)
	labels := make([]int, n)
	for i := range x {
		x[i], labels[i] = float32(i%3), i%3
	}
	d, err := New("thirds", []int{1}, x, labels, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Mixup(d, .4)
	if err != nil {
		t.Fatal(err)
	}
	info := m.Info()
	if info.Targets[0].IDs || !slices.Equal(info.Targets[0].Shape, []int{3}) {
		t.Fatalf("targets %+v", info.Targets)
	}
	b := readDraw(t, m, inOrder(n), Draw{Seed: 2, Training: true})
	mixed, sum, squares, count := 0, 0.0, 0.0, 0.0
	for i := range n {
		y := b.Targets[0].Floats[3*i:][:3]
		if s := y[0] + y[1] + y[2]; math.Abs(float64(s-1)) > 1e-6 {
			t.Fatalf("shares %v", y)
		}
		// The inputs are mixed as the targets are: the value is the class's number.
		if want := y[1] + 2*y[2]; math.Abs(float64(want-b.Inputs[0].Floats[i])) > 1e-5 {
			t.Fatalf("value %v with shares %v", b.Inputs[0].Floats[i], y)
		}
		if own := float64(y[i%3]); own < 1 {
			mixed++
			sum, squares, count = sum+own, squares+own*own, count+1
		}
	}
	// Two of three partners are of another class. λ is of Beta(.4, .4): mean 1/2, variance 1/(4·1.8).
	if mixed < n*55/100 || mixed > n*72/100 {
		t.Errorf("%d of %d are mixed", mixed, n)
	}
	mean := sum / count
	if v := squares/count - mean*mean; math.Abs(mean-.5) > .03 || math.Abs(v-1/7.2) > .012 {
		t.Errorf("λ has mean %v, variance %v", mean, v)
	}
}

func TestAugmentRefuses(t *testing.T) {
	dots := dotPictures(t, 2)
	table := mustCSV(t, "a,b\n1,x\n2,y\n", Columns{})
	ids, err := NewArrays("p", []Array{{Name: "x", Floats: []float32{1, 2}}}, []Array{{Name: "y", IDs: []int32{0, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	augment := func(d Data, c Change) error { _, err := Augment(d, c); return err }
	mixup := func(d Data, a float64) error { _, err := Mixup(d, a); return err }
	for want, err := range map[string]error{
		"got no data":                   augment(nil, Flip{}),
		"got nil as change 1 of 1":      augment(dots, nil),
		"got 0 pixels, want at least 1": augment(dots, Shift{}),
		"got NaN degrees":               augment(dots, Rotate{math.NaN()}),
		"got 1 as the least part":       augment(dots, Crop{1}),
		"got sigma 0":                   augment(dots, Noise{}),
		"there is no input of pictures": augment(table, Flip{}),
		"mixup: got alpha 0":            mixup(dots, 0),
		"mixup: it has inputs of ids":   mixup(table, .2),
		`mixup: target "y" is of ids`:   mixup(ids, .2),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
