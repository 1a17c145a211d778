package datasets

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExample: of a column the first cell is shown as the file has it, be it read as a number or a class.
func TestExample(t *testing.T) {
	table := mustCSV(t, "a,paid,when,kind\n,yes,2024-05-01,p\n1.50,no,2024-05-02,q\n2,yes,2024-05-03,p\n", Columns{Target: []string{"kind"}})
	for column, want := range map[string]string{"a": "1.50", "paid": "yes", "when": "2024-05-01", "kind": "p", "none": ""} {
		if got := table.Example(column); got != want {
			t.Errorf("%s: got %q, want %q", column, got, want)
		}
	}
}

// TestProse: lines with commas in a text are no table; numbers, or a header, are.
func TestProse(t *testing.T) {
	for text, want := range map[string]bool{
		strings.Repeat("It was a bright, cold day\nin April, and the clocks\nwere striking, thirteen\n", 20): true,
		strings.Repeat("1.5,2\n2.5,3\n3.5,4\n", 20):                                                          false,
	} {
		path := filepath.Join(t.TempDir(), "novel.txt")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		data, err := OpenFile(path, Columns{})
		if err != nil {
			t.Fatal(err)
		}
		if _, table := data.(*Table); table == want {
			t.Errorf("%.20q: got %T", text, data)
		}
	}
}

// TestWholeImages: damaged pictures are left out and told of, the first among them; the source says so, and does not where there are none.
func TestWholeImages(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/1.png", "a/2.png", "b/1.png", "b/2.png"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err == nil {
			err = png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8)))
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	open := func(want int, skipped bool) {
		t.Helper()
		d, err := WholeImages(dir)
		if err != nil {
			t.Fatal(err)
		}
		found, err := Check(d, nil)
		if err != nil {
			t.Fatal(err)
		}
		told := len(found) > 0 && found[0].Code == "damaged" && strings.Contains(found[0].Message, "1 of 4 pictures are left out: "+filepath.Join(dir, "a", "1.png"))
		if d.Len() != want || told != skipped || d.Info().Source.Pictures.SkipDamaged != skipped {
			t.Errorf("got %d pictures, %+v, %+v", d.Len(), found, d.Info().Source.Pictures)
		}
	}
	open(4, false)
	if err := os.WriteFile(filepath.Join(dir, "a", "1.png"), []byte("\x89PNG\r\n\x1a\nbroken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(dir, Columns{}); err == nil {
		t.Error("a damaged picture: want it refused where it is not left out")
	}
	open(3, true)
}
