package results

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// TestTable: the lecture's figures stand beside an experiment as the lecture has it, and not beside one that it has not.
func TestTable(t *testing.T) {
	e, err := models.Find("relu")
	if err != nil {
		t.Fatal(err)
	}
	other := e
	other.Lecture = models.Figures{}
	print := func(of ...models.Experiment) string {
		var b bytes.Buffer
		table := Table(&b, of...)
		for _, e := range of {
			done := &train.Evaluation{Metrics: train.Metrics{Loss: 1, Scores: []train.Score{{Name: "accuracy", Value: .5}}}}
			if err := Print(table, &models.Result{Experiment: e, Train: done, Test: done}, 2); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	if out := print(e, other); !strings.Contains(out, "the lecture's") || !strings.Contains(out, "0.9564") || !strings.Contains(out, "0.5000       –         –       –      –      2.0") {
		t.Errorf("got\n%s", out)
	}
	if out := print(other, other); strings.Contains(out, "lecture") || !strings.Contains(out, "0.5000       –      2.0") {
		t.Errorf("of changed ones: got\n%s", out)
	}
}
