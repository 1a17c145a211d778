package datasets

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

const housesText = `size,rooms,town,pool,price
50,2,Ulm,no,100
70,,Bonn,no,140
90,4,Ulm,yes,190
110,5,,no,210
`

func houses(t *testing.T) *Table {
	return mustCSV(t, housesText, Columns{Target: []string{"price"}})
}

// near compares with the values worked out by hand.
func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-5 })
}

// TestPrepare: a table with what needs preparing; the values are worked out by hand.
func TestPrepare(t *testing.T) {
	table := houses(t)
	p, err := Prepare(table, FillMissing{}, OneHot{}, Standardize{}, StandardizeTarget{})
	if err != nil {
		t.Fatal(err)
	}
	d := p.On(table)
	info := d.Info()
	names := []string{"size", "rooms", "pool", "town=Bonn", "town=Ulm", "town=(missing)"}
	if len(info.Inputs) != 1 || !slices.Equal(info.Inputs[0].Names, names) || !slices.Equal(info.Shape(), []int{6}) {
		t.Fatalf("inputs %+v", info.Inputs)
	}
	// size: mean 80, deviation √500; rooms with 4, their median, in place of the missing one: 2 4 4 5, mean 3.75, deviation √1.1875.
	s, r := float32(1/math.Sqrt(500)), float32(1/math.Sqrt(1.1875))
	want := []float32{
		-30 * s, -1.75 * r, 0, 0, 1, 0,
		-10 * s, .25 * r, 0, 1, 0, 0,
		10 * s, .25 * r, 1, 0, 1, 0,
		30 * s, 1.25 * r, 0, 0, 0, 1,
	}
	b := readAll(t, d)
	if !near(b.Inputs[0].Floats, want) {
		t.Errorf("got %v\nwant %v", b.Inputs[0].Floats, want)
	}
	// price: mean 160, deviation √1850.
	k := float32(1 / math.Sqrt(1850))
	if got := b.Targets[0].Floats; !near(got, []float32{-60 * k, -20 * k, 30 * k, 50 * k}) {
		t.Errorf("targets %v", got)
	}
	p.Restore(b.Targets[0].Floats)
	if !near(b.Targets[0].Floats, []float32{100, 140, 190, 210}) {
		t.Errorf("restored %v", b.Targets[0].Floats)
	}

	// Another file numbers its towns otherwise, and has one that was not seen: it is of none. The columns in another order are still the same.
	other, err := ReadCSV(strings.NewReader("town,pool,rooms,size\nKöln,yes,2,50\nUlm,no,,70\n"), "new.csv", *p.Source().Columns)
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, p.On(other)).Inputs[0].Floats; !near(got, []float32{-30 * s, -1.75 * r, 1, 0, 0, 0, -10 * s, .25 * r, 0, 0, 1, 0}) {
		t.Errorf("new rows %v", got)
	}

	// As JSON and back it is the same to the last bit.
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var q Preparation
	if err := json.Unmarshal(text, &q); err != nil {
		t.Fatal(err)
	}
	if a, b := readAll(t, d), readAll(t, q.On(table)); !slices.Equal(a.Inputs[0].Floats, b.Inputs[0].Floats) || !slices.Equal(a.Targets[0].Floats, b.Targets[0].Floats) {
		t.Error("after JSON it prepares otherwise")
	}
	if q.String() != "fill-missing, one-hot, standardize, standardize-target" || len(q.Inputs()) != 1 {
		t.Errorf("%q, %+v", q.String(), q.Inputs())
	}
}

// TestPrepareFitsOnTheTrainingPart: what is held back moves nothing.
func TestPrepareFitsOnTheTrainingPart(t *testing.T) {
	table := mustCSV(t, "x,c\n1,a\n3,b\n1000,z\n", Columns{})
	fit, err := Rows(table, []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(fit, OneHot{}, Standardize{})
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, p.On(table)).Inputs[0].Floats; !near(got, []float32{-1, 1, 0, 1, 0, 1, 998, 0, 0}) {
		t.Errorf("got %v", got)
	}
}

// TestSteps: each step on numbers worked out by hand.
func TestSteps(t *testing.T) {
	picture := func(shape []int, values ...float32) Data {
		a, err := NewArrays("p", []Array{{Name: "x", Shape: shape, Floats: values}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for name, c := range map[string]struct {
		data  Data
		step  Step
		shape []int
		want  []float32
	}{
		"min-max":          {picture([]int{2}, 1, 5, 3, 5, 2, 5), MinMax{}, []int{2}, []float32{0, 0, 1, 0, .5, 0}},
		"min-max, picture": {picture([]int{1, 2}, 1, 5, 3, 5), MinMax{}, []int{1, 2}, []float32{0, 1, .5, 1}},
		"scale":            {picture([]int{2}, 255, 51), Scale{1.0 / 255}, []int{2}, []float32{1, .2}},
		"standardize":      {picture([]int{1, 2}, 1, 3, 5, 7), Standardize{}, []int{1, 2}, []float32{-3 / sqrt5, -1 / sqrt5, 1 / sqrt5, 3 / sqrt5}},
		"standardize, rgb": {picture([]int{1, 1, 3}, 1, 0, 4, 3, 4, 4), Standardize{}, []int{1, 1, 3}, []float32{-1, -1, 0, 1, 1, 0}},
		"invert":           {picture([]int{1, 2}, 0, 255, 10, 20), Invert{}, []int{1, 2}, []float32{255, 0, 245, 235}},
		"transpose":        {picture([]int{2, 3}, 1, 2, 3, 4, 5, 6), Transpose{}, []int{3, 2}, []float32{1, 4, 2, 5, 3, 6}},
		"transpose, rgb":   {picture([]int{1, 2, 3}, 1, 2, 3, 4, 5, 6), Transpose{}, []int{2, 1, 3}, []float32{1, 2, 3, 4, 5, 6}},
		"grey":             {picture([]int{1, 2, 3}, 100, 0, 0, 50, 100, 200), Grey{}, []int{1, 2}, []float32{29.9, 14.95 + 58.7 + 22.8}},
		"grey already":     {picture([]int{1, 2, 1}, 3, 4), Grey{}, []int{1, 2}, []float32{3, 4}},
		"smaller":          {picture([]int{2, 4}, 0, 2, 4, 6, 0, 2, 4, 6), Resize{1, 2}, []int{1, 2}, []float32{(.75*0 + .75*2 + .25*4) / 1.75, (.25*2 + .75*4 + .75*6) / 1.75}},
		"larger":           {picture([]int{1, 2}, 0, 4), Resize{2, 4}, []int{2, 4}, []float32{0, 1, 3, 4, 0, 1, 3, 4}},
		"same size":        {picture([]int{2, 2}, 1, 2, 3, 4), Resize{2, 2}, []int{2, 2}, []float32{1, 2, 3, 4}},
		"constant":         {picture([]int{1}, 4, 4), Standardize{}, []int{1}, []float32{0, 0}},
	} {
		p, err := Prepare(c.data, c.step)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		d := p.On(c.data)
		if got := readAll(t, d).Inputs[0].Floats; !near(got, c.want) || !slices.Equal(d.Info().Shape(), c.shape) {
			t.Errorf("%s: got %v %v\nwant %v %v", name, d.Info().Shape(), got, c.shape, c.want)
		}
		text, err := json.Marshal(p)
		var q Preparation
		if err == nil {
			err = json.Unmarshal(text, &q)
		}
		if err != nil || !slices.Equal(readAll(t, q.On(c.data)).Inputs[0].Floats, readAll(t, d).Inputs[0].Floats) {
			t.Errorf("%s: after JSON: %v", name, err)
		}
		again, err := ParseSteps(p.String())
		if err != nil || len(again) != 1 || again[0] != c.step {
			t.Errorf("%s: parsed %q: %v, %v", name, p, again, err)
		}
	}
}

const sqrt5 = 2.2360679

// TestCategories: ids for an embedding, 0 for what was not seen.
func TestCategories(t *testing.T) {
	table := mustCSV(t, "a,b\n1,red\n2,\n3,blue\n4,green\n", Columns{})
	fit, err := Rows(table, []int{0, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(fit, Categories{}, Standardize{})
	if err != nil {
		t.Fatal(err)
	}
	d := p.On(table)
	if f := d.Info().Inputs; len(f) != 2 || f[1].Name != "b" || !slices.Equal(f[1].Values, []string{"(other)", "blue", "red"}) {
		t.Errorf("inputs %+v", f)
	}
	if got := readAll(t, d).Inputs[1].IDs; !slices.Equal(got, []int32{2, 0, 1, 0}) {
		t.Errorf("got %v", got)
	}
}

func TestPrepareRefuses(t *testing.T) {
	table := houses(t)
	classes := mustCSV(t, "a,y\n1,p\n2,q\n", Columns{Target: []string{"y"}})
	for want, c := range map[string]struct {
		data  Data
		steps []Step
	}{
		`preparation: column "town" is of texts, want the step one-hot (OneHot{}) or categories (Categories{}), or the column in Ignore (--ignore)`: {table, []Step{FillMissing{}}},
		`line 3: column "rooms" is missing or not finite after the preparation`:                                                                     {table, []Step{OneHot{}}},
		`got nil as step 1 of 1`:                                   {table, []Step{nil}},
		`got no data (nil)`:                                        {nil, nil},
		`step 1, scale 0: got a factor of 0`:                       {table, []Step{Scale{}}},
		`step 1, resize 2x2: there is no input of pictures`:        {table, []Step{Resize{2, 2}}},
		`step 1, grey: there is no input of pictures`:              {table, []Step{Grey{}}},
		`step 1, standardize-target: the target is not of numbers`: {classes, []Step{StandardizeTarget{}}},
		`step 1, resize 0x2: got 0×2 pixels, want 1 to 4096 each`:  {table, []Step{Resize{0, 2}}},
	} {
		if _, err := Prepare(c.data, c.steps...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	p, err := Prepare(table, FillMissing{}, OneHot{})
	if err != nil {
		t.Fatal(err)
	}
	for want, d := range map[string]Data{
		"it has inputs a, the preparation was fitted on size": p.On(classes),
		"got no data (nil)":        p.On(nil),
		"got no preparation (nil)": (*Preparation)(nil).On(table),
	} {
		if err := d.Read(Batch{}, []int{0}, Draw{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
		d.Info()
		d.Len()
	}
	if _, err := Prepare(p.On(table), Standardize{}); err == nil || !strings.Contains(err.Error(), "it is prepared already, by fill-missing, one-hot") {
		t.Errorf("got %v", err)
	}
	if _, err := ParsePreparation(""); err == nil || !strings.Contains(err.Error(), "got no preparation") {
		t.Errorf("got %v", err)
	}
	for text, want := range map[string]string{
		"nonsense":       `got "nonsense", want one of categories, characters, fill-missing, grey, invert, min-max, one-hot, resize, scale, standardize, standardize-target, transpose, words`,
		"one-hot, ":      "got nothing between two commas",
		"one-hot 3":      `got "one-hot 3", want "one-hot" alone`,
		"scale":          "want a factor that is not 0",
		"scale 0":        "want a factor that is not 0",
		"scale 1/0":      "want a factor that is not 0",
		"resize 28":      "want height and width, such as resize 28x28",
		"resize 28xwide": "want height and width",
	} {
		if _, err := ParseSteps(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestPreparationJSONRefuses: what was damaged is refused where it is read, not in the middle of an answer.
func TestPreparationJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"version":2}`: "got version 2, want 1",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"steps":[{"magic":{}}]}`:                                               `step 1 is "magic", want one of affine`,
		`{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"steps":[{}]}`:                                                         "step 1 has 0 names, want one",
		`{"version":1,"inputs":[{"Name":"x","Shape":[-2]}]}`:                                                                     "has shape [-2]",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2000000000,2000000000]}]}`:                                                  "has shape",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2],"Names":["a"]}]}`:                                                        "has 1 names",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"steps":[{"affine":{"offset":{"x":[1,2,3]},"factor":{"x":[1,1,1]}}}]}`: "has 3 offsets and 3 factors",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"steps":[{"affine":{"offset":{"x":[1,2]},"factor":{"x":[1]}}}]}`:       "has 2 offsets and 1 factors",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"steps":[{"affine":{"offset":{"x":[1]},"factor":{"x":[0]}}}]}`:         "no factor of 0",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"steps":[{"fill-missing":{"fill":{"x":[1,2,3]}}}]}`:                    "has 3 values to fill with",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"steps":[{"resize":{"height":2,"width":1}}]}`:                          "there is no input of pictures",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2,2]}],"steps":[{"resize":{"height":2000000,"width":1}}]}`:                  "got 2000000×1 pixels",
		`{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"steps":[{"one-hot":{"hot":true,"of":{"town":["a"]}}}]}`:               `there is no input "town"`,
		`{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"targets":{"offset":{"target":[1]},"factor":{"target":[]}}}`:           "targets: input",
		`[]`: "a preparation's JSON",
	} {
		var p Preparation
		if err := json.Unmarshal([]byte(text), &p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzPreparationJSON$' -fuzzminimizetime 1x
func FuzzPreparationJSON(f *testing.F) {
	table, err := ReadCSV(strings.NewReader(housesText), "t.csv", Columns{Target: []string{"price"}})
	if err != nil {
		f.Fatal(err)
	}
	for _, steps := range [][]Step{{FillMissing{}, OneHot{}, Standardize{}, StandardizeTarget{}}, {FillMissing{}, Categories{}, MinMax{}}, {FillMissing{}, Scale{2}, OneHot{}}} {
		p, err := Prepare(table, steps...)
		if err != nil {
			f.Fatal(err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"version":1,"inputs":[{"Name":"x","Shape":[2,3]}],"steps":[{"transpose":{}},{"resize":{"height":2,"width":1}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var p Preparation
		if json.Unmarshal(text, &p) != nil {
			return
		}
		d := p.On(table)
		if d.Read(roomFor(d.Info().Inputs, 1), []int{0}, Draw{}) != nil {
			return
		}
		p.Restore(make([]float32, 3))
		if _, err := json.Marshal(&p); err != nil {
			t.Fatal(err)
		}
	})
}
