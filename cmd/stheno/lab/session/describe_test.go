package session

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written makes files in a folder; of a name that ends in .png a picture where there is no text.
func written(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err == nil && text == "" {
			err = png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8)))
		} else if err == nil {
			_, err = f.WriteString(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	return dir
}

// TestDescribeAsItIs: examples are cells of the file, notes say which column they are of and name nothing that a page has not, and what nothing can be learnt of is refused.
func TestDescribeAsItIs(t *testing.T) {
	table := written(t, map[string]string{"people.csv": "number,paid,left\n" + strings.Repeat("1,yes,true\n2,no,false\n", 20), "bare.csv": strings.Repeat("1,2.5,p\n2,3.5,q\n", 20)})
	d, err := Describe(filepath.Join(table, "people.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"1", "yes", "true"} {
		if got := d.Columns[i].Example; got != want {
			t.Errorf("%s: got %q for example, want %q", d.Columns[i].Name, got, want)
		}
	}
	if d, err = Describe(filepath.Join(table, "bare.csv")); err != nil || len(d.Notes) != 1 || !strings.Contains(d.Notes[0].EN, `"1" to "3"`) || !strings.Contains(d.Notes[0].ZH, "標頭") {
		t.Errorf("without a header: got %+v, %v", d, err)
	}
	pictures := map[string]string{"a/1.png": "no picture", "a/2.png": "", "a/3.png": "", "b/1.png": "", "b/2.png": ""}
	if d, err = Describe(written(t, pictures)); err != nil || d.Samples != 4 || len(d.Notes) != 1 || !strings.Contains(d.Notes[0].EN, "1 of 5 pictures are left out") || !strings.Contains(d.Notes[0].EN, "1.png") {
		t.Errorf("with a damaged picture: got %+v, %v", d, err)
	}
	if _, err := Describe(written(t, map[string]string{"1.png": "", "2.png": ""})); err == nil || !strings.Contains(err.Error(), "put the pictures of each class in a folder of its own") {
		t.Errorf("pictures of no class: got %v", err)
	}
	l := serve(t, Options{Seed: 1, Open: tinyData(t), Dataset: "tiny"})
	id := l.do(Command{Do: "open", Path: written(t, pictures)})
	if r := l.run(id); r.Samples+r.TestSamples != 4 {
		t.Errorf("got %d and %d samples of 4", r.Samples, r.TestSamples)
	}
	ids := "id,a\n"
	for i := range 30 {
		ids += string(rune('a'+i%26)) + strings.Repeat("x", i) + ",1\n"
	}
	at := filepath.Join(written(t, map[string]string{"ids.csv": ids}), "ids.csv")
	if _, err := l.Do(t.Context(), Command{Do: "open", Path: at, Target: "id"}); err == nil || !strings.Contains(err.Error(), "a class of its own") || strings.Contains(err.Error(), "--") {
		t.Errorf("ids to be foretold: got %v", err)
	}
}
