package inspect_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
)

// numbers are a table whose target is a sum of its columns, or the same everywhere; one of the columns may stand there twice.
func numbers(t *testing.T, n int, same, twice bool, seed uint64) datasets.Data {
	t.Helper()
	r := stream(seed, "numbers")
	rows := "a,b,c,b again,y\n"
	for range n {
		a, b, c := r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
		y := a + b + c
		if same {
			y = .1
		}
		again := r.NormFloat64()
		if twice {
			again = b
		}
		rows += fmt.Sprintf("%.4f,%.4f,%.4f,%.4f,%.4f\n", a, b, c, again, y)
	}
	path := filepath.Join(t.TempDir(), "numbers.csv")
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := datasets.CSV(path, datasets.Columns{Target: []string{"y"}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestFewTests: of few test samples it is said that they do not tell whether what was learnt holds; of many, and of all that are wrong for a cause that is seen, it is not.
func TestFewTests(t *testing.T) {
	for name, c := range map[string]struct {
		held        int
		same, twice bool
		want        inspect.Code
		says        string
	}{
		"few":    {6, false, true, inspect.FewTests, "of 6 test samples an R² says nothing"},
		"one":    {1, false, true, inspect.FewTests, "of 1 test samples an R² says nothing"},
		"many":   {200, false, false, inspect.Healthy, "test R²"},
		"none":   {0, false, false, inspect.Healthy, "training R²"},
		"twice":  {200, false, true, inspect.DuplicatedFeatures, "features that repeat another one"},
		"a same": {50, true, true, inspect.ConstantTargets, "the target is the same in every training sample (0.1 in the first)"},
	} {
		run := trial{line: name, kind: name, network: "dense 16 relu, dense 1", loss: "mse", optimizer: "adam 0.01", batch: 10, epochs: 40}
		train := numbers(t, 200, c.same, c.twice, 1)
		test := train
		if c.held > 0 {
			test = numbers(t, c.held, c.same, c.twice, 2)
		}
		r := run.recordOn(t, 1, train, test)
		if c.held == 0 {
			r.Tests = nil
		}
		findings, err := inspect.Diagnose(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(findings, func(f inspect.Finding) bool { return f.Code == c.want })
		if at < 0 || !strings.Contains(findings[at].Evidence, c.says) {
			t.Errorf("%s: got %v, want %s with %q", name, findings, c.want, c.says)
			continue
		}
		if c.want != inspect.Healthy && slices.ContainsFunc(findings, func(f inspect.Finding) bool { return f.Code == inspect.Healthy }) {
			t.Errorf("%s: got %v, want it not said that nothing is wrong", name, findings)
		}
		if holds := strings.Contains(findings[at].Advice, "what was learnt holds:"); holds != (name == "many") {
			t.Errorf("%s: got %q", name, findings[at].Advice)
		}
		if strings.Contains(findings[at].Advice, "Nothing is seen") {
			t.Errorf("%s: beside a feature that repeats another got %q", name, findings[at].Advice)
		}
		if named := slices.ContainsFunc(findings, func(f inspect.Finding) bool {
			return f.Code == inspect.DuplicatedFeatures && strings.Contains(f.Evidence, `1 of 4 (the first is "b again", which is as "b")`)
		}); named != c.twice {
			t.Errorf("%s: got %v, want the column that repeats another one named: %v", name, findings, c.twice)
		}
	}
}
