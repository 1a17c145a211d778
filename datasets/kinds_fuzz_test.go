package datasets

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzWindows$' -fuzzminimizetime 1x
func FuzzWindows(f *testing.F) {
	f.Add([]byte("a,sky,b\n1,x,10\n2,y,20\n3,,30\n4,x,40\n5,y,50\n"), uint8(2), uint8(1), "b")
	f.Add([]byte("day,y\n2020-01-01,p\n2020-01-02,q\n2020-01-03,p\n"), uint8(1), uint8(0), "")
	f.Add([]byte("1;2,5\n3;4,5\n5;6,5\n"), uint8(1), uint8(1), "2")
	f.Fuzz(func(t *testing.T, text []byte, length, ahead uint8, target string) {
		table, err := ReadCSV(bytes.NewReader(text), "t.csv", Columns{})
		if err != nil {
			return
		}
		w := Window{Length: int(length), Ahead: int(ahead)}
		if target != "" {
			w.Target = []string{target}
		}
		d, err := Windows(table, w)
		if err != nil {
			return
		}
		readAll(t, d)
		if _, err := Check(d, nil); err != nil {
			t.Fatal(err)
		}
		steps := []Step{FillMissing{}, OneHot{}, Standardize{}}
		if target != "" {
			steps = append(steps, StandardizeTarget{})
		}
		preparedAlike(t, d, steps...)
		if first, second, err := Split(d, .5, 1); err == nil {
			readAll(t, first)
			readAll(t, second)
		}
	})
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzWords$' -fuzzminimizetime 1x
func FuzzWords(f *testing.F) {
	f.Add("Die Rose, die ROSE blüht.", "l'été n’est pas\xe9", "?", uint8(3), uint8(2), true)
	f.Add("a", "", "\x00", uint8(0), uint8(0), false)
	f.Fuzz(func(t *testing.T, a, b, c string, length, most uint8, characters bool) {
		type row struct{ Text, Class string }
		table, err := Structs("texts", []row{{a, "p"}, {b, "q"}, {c, "p"}}, Columns{Target: []string{"Class"}, Texts: []string{"Text"}})
		if err != nil {
			return
		}
		preparedAlike(t, table, Words{Length: int(length), Most: int(most), Characters: characters})
	})
}

// preparedAlike fits steps, keeps them and reads them again: they do the same to the data, of which every sample is read.
func preparedAlike(t *testing.T, d Data, steps ...Step) {
	t.Helper()
	p, err := Prepare(d, steps...)
	if err != nil {
		return
	}
	if again, err := ParseSteps(p.String()); err != nil || stepsText(again) != p.String() {
		t.Fatalf("%q is read as %q, %v", p, stepsText(again), err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParsePreparation(string(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	want, got := readAll(t, p.On(d)), readAll(t, again.On(d))
	for i := range want.Inputs {
		for j, v := range want.Inputs[i].Floats {
			if got.Inputs[i].Floats[j] != v {
				t.Fatalf("input %d, value %d: %v, of the kept preparation %v", i, j, v, got.Inputs[i].Floats[j])
			}
		}
		for j, v := range want.Inputs[i].IDs {
			if got.Inputs[i].IDs[j] != v {
				t.Fatalf("input %d, id %d: %v, of the kept preparation %v", i, j, v, got.Inputs[i].IDs[j])
			}
		}
	}
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzReadNPY$' -fuzzminimizetime 1x
func FuzzReadNPY(f *testing.F) {
	f.Add([]byte("\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }                                                             \n\x00\x00\x80?"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if d, err := ReadNPY(bytes.NewReader(raw), "x"); err == nil {
			readAll(t, d)
		}
	})
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzImagesWith$' -fuzzminimizetime 1x
func FuzzImagesWith(f *testing.F) {
	dir := f.TempDir()
	for _, name := range []string{"1.png", "b.png"} {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			f.Fatal(err)
		}
	}
	table := filepath.Join(f.TempDir(), "t.csv")
	f.Add([]byte("file,age\n1,3\nb.png,4.5\n"), "age")
	f.Add([]byte("1 p\nb q\n"), "")
	f.Fuzz(func(t *testing.T, text []byte, target string) {
		if err := os.WriteFile(table, text, 0o644); err != nil {
			t.Fatal(err)
		}
		c := Columns{}
		if target != "" {
			c.Target = []string{target}
		}
		d, err := ImagesWith(dir, table, Pictures{}, c)
		if err != nil {
			return
		}
		readAll(t, d)
		again, err := ImagesWith(dir, table, *d.Info().Source.Pictures, *d.Info().Source.Columns)
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, again)
	})
}
