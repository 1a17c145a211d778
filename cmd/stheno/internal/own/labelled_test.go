package own

import (
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
)

// TestLabelledKeepsNames: a column is called as the preparation calls it, after one-hot too, and of a part of the samples.
func TestLabelledKeepsNames(t *testing.T) {
	table, err := datasets.ReadCSV(strings.NewReader("a,town,kind\n1.5,x,p\n2,y,q\n3,x,p\n4.5,y,q\n"), "towns.csv", datasets.Columns{Target: []string{"kind"}})
	if err != nil {
		t.Fatal(err)
	}
	prepare, err := datasets.Prepare(table, datasets.OneHot{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := Labelled(prepare.On(table))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a", "town=x", "town=y"}
	if got := data.Info().Inputs[0].Names; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	set, ok := data.(*datasets.Dataset)
	if !ok {
		t.Fatalf("got a %T", data)
	}
	first, _, err := set.Split(.5, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := first.Scaled(.5).Info().Inputs[0].Names; !slices.Equal(got, want) {
		t.Errorf("of a part: got %q, want %q", got, want)
	}
	set.Names = want[:2]
	if got := set.Info().Inputs[0].Names; got != nil {
		t.Errorf("two names of three columns: got %q", got)
	}
}
