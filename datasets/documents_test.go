package datasets

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestDocumentsAreWhatTheySay: a folder called none is a class, and a text that says NA is a text, though in a cell of a table they stand for nothing.
func TestDocumentsAreWhatTheySay(t *testing.T) {
	dir := t.TempDir()
	for _, class := range []string{"none", "some"} {
		if err := os.Mkdir(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			text := fmt.Sprint("word ", i)
			if i == 1 {
				text = "NA"
			}
			if err := os.WriteFile(filepath.Join(dir, class, fmt.Sprint(i, ".txt")), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	d, err := Documents(dir, Columns{})
	if err != nil || d.Len() != 6 || !slices.Equal(d.Info().Classes, []string{"none", "some"}) || !slices.Contains(d.Info().Inputs[0].Values, "NA") || len(Notes(d)) != 0 {
		t.Fatalf("got %+v, %v", d, err)
	}
	if got := PlaceOf(d, 4).String(); got != "1.txt" {
		t.Errorf("the fifth is %s", got)
	}
	again, err := Documents(dir, d.Columns())
	if err != nil || again.Len() != 6 {
		t.Errorf("again: %v", err)
	}
}
