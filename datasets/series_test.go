package datasets

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	dir := t.TempDir()
	path := put(t, []byte("Die Rose, die ROSE blüht."), dir, "t.txt")
	words, err := Text(path, Texts{Words: true, Length: 3})
	if err != nil {
		t.Fatal(err)
	}
	info := words.Info()
	if !slices.Equal(info.Classes, []string{"(unknown)", ",", ".", "blüht", "die", "rose"}) || words.Len() != 2 {
		t.Errorf("vocabulary %q, %d samples", info.Classes, words.Len())
	}
	b := readAll(t, words)
	if !slices.Equal(b.Inputs[0].IDs, []int32{4, 5, 1, 4, 5, 3}) || !slices.Equal(b.Targets[0].IDs, []int32{5, 1, 4, 5, 3, 2}) {
		t.Errorf("got %v, then %v", b.Inputs[0].IDs, b.Targets[0].IDs)
	}
	if got := info.Source.Texts.IDs("Rose? Die rose"); !slices.Equal(got, []int32{5, 0, 4, 5}) {
		t.Errorf("another text %v", got)
	}
	if got := info.Source.Texts.Text([]int32{4, 5, 1, 4, 0, 9, 3, 2}); got != "die rose, die \uFFFD \uFFFD blüht." {
		t.Errorf("as text %q", got)
	}
	characters, err := Text(path, Texts{Length: 24})
	if err != nil {
		t.Fatal(err)
	}
	if back := characters.Info().Source.Texts.Text(readAll(t, characters).Inputs[0].IDs); back != "Die Rose, die ROSE blüht" {
		t.Errorf("back: %q", back)
	}
	if again, err := ReadText(strings.NewReader("die Rose, die Rose, die!"), "again", *characters.Info().Source.Texts); err == nil || again != nil {
		t.Errorf("24 characters, of which the last follows nothing: got %v", err)
	}
	again, err := ReadText(strings.NewReader("die Rose, die Rose, die! "), "again", *characters.Info().Source.Texts)
	if err != nil || again.Info().Name != "again" || !slices.Equal(again.Info().Classes, characters.Info().Classes) {
		t.Fatalf("by another's vocabulary: %v", err)
	}
	if back := again.Info().Source.Texts.Text(readAll(t, again).Inputs[0].IDs); back != "die Rose, die Rose, die\uFFFD" {
		t.Errorf("a character that was not there: %q", back)
	}
	if found, err := Check(characters, nil); err != nil || len(found) > 0 {
		t.Errorf("what is wrong with it: %v, %v", found, err)
	}
	if _, err := ReadText(nil, "nothing", Texts{}); err == nil {
		t.Error("no reader: no error")
	}
	few, err := Text(path, Texts{Words: true, Length: 3, Most: 2})
	if err != nil || !slices.Equal(few.Info().Classes, []string{"(unknown)", "die", "rose"}) {
		t.Errorf("the most frequent: %q, %v", few.Info().Classes, err)
	}
	for want, how := range map[string]Texts{
		"got 25 ids, want more than 64, the length of a sample": {},
		"got length -1":                      {Length: -1},
		"got a vocabulary of fewer than two": {Length: 3, Vocabulary: []string{"a"}},
	} {
		if _, err := Text(path, how); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Text(filepath.Join(dir, "none"), Texts{}); err == nil {
		t.Error("no file: no error")
	}
}

func TestWindows(t *testing.T) {
	table := mustCSV(t, "a,b\n1,10\n2,20\n3,30\n4,40\n5,50\n", Columns{})
	d, err := Windows(table, Window{Length: 2, Ahead: 1, Target: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	b := readAll(t, d)
	if d.Len() != 3 || !slices.Equal(d.Info().Shape(), []int{2, 2}) || !slices.Equal(b.Inputs[0].Floats, []float32{1, 10, 2, 20, 2, 20, 3, 30, 3, 30, 4, 40}) || !slices.Equal(b.Targets[0].Floats, []float32{30, 40, 50}) {
		t.Errorf("%d windows: %v → %v", d.Len(), b.Inputs[0].Floats, b.Targets[0].Floats)
	}
	classes := mustCSV(t, "a,y\n1,p\n2,q\n3,p\n", Columns{Target: []string{"y"}})
	d, err = Windows(classes, Window{Length: 2})
	if err != nil {
		t.Fatal(err)
	}
	if b := readAll(t, d); !slices.Equal(b.Targets[0].IDs, []int32{1, 0}) || !slices.Equal(d.Info().Classes, []string{"p", "q"}) {
		t.Errorf("targets %v", b.Targets[0].IDs)
	}
	// Prepared by column, whichever is done first.
	p, err := Prepare(d, MinMax{})
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, p.On(d)).Inputs[0].Floats; !slices.Equal(got, []float32{0, .5, .5, 1}) {
		t.Errorf("prepared %v", got)
	}
	d, _ = Windows(table, Window{Length: 2})
	if b := readAll(t, d); d.Len() != 4 || len(b.Targets) != 0 {
		t.Errorf("to be asked about: %d windows, %d targets", d.Len(), len(b.Targets))
	}
	for want, c := range map[string]struct {
		data Data
		w    Window
	}{
		"got length 0": {table, Window{}},
		"got 5 rows, want at least 6 for one window of 5":           {table, Window{Length: 5, Ahead: 1, Target: []string{"a"}}},
		"got 5 rows, want at least":                                 {table, Window{Length: 1 << 62, Ahead: 1 << 62}},
		`got target "c", want a column of numbers: one of "a", "b"`: {table, Window{Length: 1, Target: []string{"c"}}},
		`input "x" has shape [2 2], want rows of columns`:           {d, Window{Length: 1}},
		`line 4, column "a": the target is missing`:                 {mustCSV(t, "a,b\n1,2\n2,3\n,4\n4,5\n", Columns{}), Window{Length: 1, Ahead: 1, Target: []string{"a"}}},
		"got no data": {nil, Window{Length: 1}},
	} {
		if _, err := Windows(c.data, c.w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestWindowsOfCategories: texts become ids, or columns of 0 and 1, at each time.
func TestWindowsOfCategories(t *testing.T) {
	table := mustCSV(t, "a,sky,wind,y\n1,clear,w,1\n2,rain,n,2\n3,,w,3\n4,clear,n,4\n", Columns{})
	d, err := Windows(table, Window{Length: 2, Ahead: 1, Target: []string{"y"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(d, OneHot{}, StandardizeTarget{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	again := new(Preparation)
	if err := again.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	if w := again.Source().Window; w == nil || w.Length != 2 || w.Ahead != 1 || !slices.Equal(w.Target, []string{"y"}) {
		t.Errorf("the window that is kept is %+v", w)
	}
	on := again.On(d)
	if info := on.Info(); !slices.Equal(info.Shape(), []int{2, 7}) || !slices.Equal(info.Inputs[0].Names, []string{"a", "y", "sky=clear", "sky=rain", "sky=(missing)", "wind=n", "wind=w"}) {
		t.Errorf("shape %v, %q", info.Shape(), info.Inputs[0].Names)
	}
	if b := readAll(t, on); !slices.Equal(b.Inputs[0].Floats[:14], []float32{1, 1, 1, 0, 0, 0, 1, 2, 2, 0, 1, 0, 1, 0}) || !slices.Equal(b.Targets[0].Floats, []float32{-1, 1}) {
		t.Errorf("got %v → %v", b.Inputs[0].Floats[:14], b.Targets[0].Floats)
	}
	if p, err = Prepare(d, Categories{}); err != nil {
		t.Fatal(err)
	}
	if b := readAll(t, p.On(d)); !slices.Equal(b.Inputs[1].IDs, []int32{1, 2, 2, 0}) {
		t.Errorf("ids %v", b.Inputs[1].IDs)
	}
	if _, err := Prepare(d, Standardize{}); err == nil || !strings.Contains(err.Error(), "is of texts") {
		t.Errorf("texts that nothing is made of: %v", err)
	}
}

// TestSplitOfWindows: the parts have no row in common, however the windows are wrapped.
func TestSplitOfWindows(t *testing.T) {
	var b strings.Builder
	b.WriteString("a,b\n")
	for i := range 40 {
		fmt.Fprintf(&b, "%d,%d\n", i, i)
	}
	d, err := Windows(mustCSV(t, b.String(), Columns{Numbers: []string{"a", "b"}}), Window{Length: 3, Ahead: 2, Target: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(d, Scale{1})
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []Data{d, p.On(d)} {
		fit, held, err := Split(data, .75, 1)
		if err != nil {
			t.Fatal(err)
		}
		x, y := readAll(t, fit), readAll(t, held)
		last, first := x.Targets[0].Floats[fit.Len()-1], y.Inputs[0].Floats[0]
		if fit.Len() != 27 || held.Len() != 5 || last != 30 || first != 31 {
			t.Errorf("%d and %d windows; the first part ends with row %v, the second begins with %v", fit.Len(), held.Len(), last, first)
		}
	}
	few, err := Rows(d, []int{0, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Split(few, .5, 1); err == nil || !strings.Contains(err.Error(), "reach into the first part") {
		t.Errorf("too few: %v", err)
	}
}

// idxBytes is a file of bytes of those dimensions.
func idxBytes(kind byte, dims []int, values ...byte) []byte {
	b := []byte{0, 0, kind, byte(len(dims))}
	for _, d := range dims {
		b = append(b, byte(d>>24), byte(d>>16), byte(d>>8), byte(d))
	}
	return append(b, values...)
}

// TestEMNISTAndQMNIST: images that lie on their side, labels from 1, names beside; labels of eight numbers.
func TestEMNISTAndQMNIST(t *testing.T) {
	dir := t.TempDir()
	for _, part := range []string{"train", "test"} {
		put(t, idxBytes(8, []int{2, 2, 3}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), dir, "emnist", "emnist-letters-"+part+"-images-idx3-ubyte")
		put(t, idxBytes(8, []int{2}, 2, 1), dir, "emnist", "emnist-letters-"+part+"-labels-idx1-ubyte")
		put(t, idxBytes(8, []int{2, 1, 1}, 5, 6), dir, "qmnist", "qmnist-"+part+"-images-idx3-ubyte")
		label := make([]byte, 64)
		label[3], label[32+3], label[7] = 1, 0, 99
		put(t, idxBytes(0x0C, []int{2, 8}, label...), dir, "qmnist", "qmnist-"+part+"-labels-idx2-int")
	}
	put(t, []byte("1 65 97\r\n2 66 98\r\n"), dir, "emnist", "emnist-letters-mapping.txt")
	put(t, []byte("nought\none\n"), dir, "qmnist", "classes.txt")
	train, test, err := Load(filepath.Join(dir, "emnist"))
	if err != nil {
		t.Fatal(err)
	}
	if b := readAll(t, train); !slices.Equal(b.Inputs[0].Floats, []float32{1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12}) || !slices.Equal(b.Targets[0].IDs, []int32{1, 0}) ||
		!slices.Equal(train.Classes, []string{"Aa", "Bb"}) || !slices.Equal(train.Shape, []int{3, 2}) || test.Label(0) != 1 {
		t.Errorf("%v %v %v", b, train.Classes, train.Shape)
	}
	train, _, err = Load(filepath.Join(dir, "qmnist"))
	if err != nil || train.Label(0) != 1 || train.Label(1) != 0 || train.Classes[0] != "nought" {
		t.Errorf("%v", err)
	}
	for text, want := range map[string]string{"1 65\n3 66\n": "line 2: got label 3", "0 x\n": `line 1: got "0 x"`, "2 65": "line 1: got label 2"} {
		if err := os.WriteFile(filepath.Join(dir, "emnist", "emnist-letters-mapping.txt"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Load(filepath.Join(dir, "emnist")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzText$' -fuzzminimizetime 1x
func FuzzText(f *testing.F) {
	f.Add([]byte("Die Rose, die ROSE blüht."), true)
	f.Add([]byte("\xff\xfea\x00b\x00"), false)
	f.Add([]byte("l'été n’est pas\xe9"), true)
	path := filepath.Join(f.TempDir(), "t.txt")
	f.Fuzz(func(t *testing.T, text []byte, words bool) {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		d, err := Text(path, Texts{Words: words, Length: 2, Most: 9})
		if err != nil {
			return
		}
		readAll(t, d)
		d.Info().Source.Texts.IDs(string(text))
	})
}
