package events

import (
	"encoding/json"
	"flag"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

var python = flag.String("tensorboard", "", "the Python `interpreter` of an environment with tensorboard, to read what is written with the real one")

// TensorBoard's own reader has every point, and its server shows curves, pictures, histograms, texts, the graph and the table of hyperparameters, of two runs
// one of which went on after a stop.
func TestTensorBoardReads(t *testing.T) {
	if *python == "" {
		t.Skip("go test ./graph/train/events -tensorboard PYTHON, which .ci/run does")
	}
	dir := t.TempDir()
	m, o := network(t), &optim.Adam{}
	h := fit(t, filepath.Join(dir, "adam"), m, o, 1, train.Position{})
	fit(t, filepath.Join(dir, "adam"), m, o, 4, h.Position)
	fit(t, filepath.Join(dir, "sgd"), network(t), &optim.SGD{LearningRate: .1}, 2, train.Position{})
	out, err := exec.Command(*python, "testdata/read.py", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Read map[string]struct {
			Scalars, Histograms, Images map[string][][3]float64
			Texts                       []string
			Graph                       bool
		}
		Served struct {
			Runs          []string
			Points, Nodes int
			Images, Texts map[string]any
			Histograms    map[string]map[string]any
			HParams       []string
			Metrics       []struct{ Group, Tag string }
			Sessions      []map[string]any
			Values        [][]struct{ Value float64 }
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	runs := []string{"adam", "adam/validation", "sgd", "sgd/validation"}
	for _, run := range runs {
		if _, ok := got.Read[run]; !ok {
			t.Errorf("the reader has no run %s", run)
		}
	}
	adam := got.Read["adam"]
	if loss := adam.Scalars["loss/batch"]; len(loss) != 8 || loss[7][0] != 40 {
		t.Errorf("the reader has losses %v, want 8 to step 40", loss)
	}
	if v := got.Read["adam/validation"].Scalars["accuracy/epoch"]; len(v) != 4 {
		t.Errorf("the reader has accuracies %v, want 4", v)
	}
	if v := adam.Histograms["weights/dense_1.weight"]; len(v) == 0 || v[0][1] != 784*784 || v[0][2] != 784*784 {
		t.Errorf("the reader has a histogram of %v, want one of %d weights", v, 784*784)
	}
	if v := adam.Images["first_layer"]; len(v) != 3 || !adam.Graph {
		t.Errorf("the reader has %d pictures and graph %v, want 3, true", len(v), adam.Graph)
	}
	s := got.Served
	if !slices.Equal(s.Runs, runs) || s.Points != 8 || s.Nodes != 6 || len(s.Images) != 4 || len(s.Texts) != 2 || len(s.Histograms["sgd"]) == 0 {
		t.Errorf("the server shows runs %v, %d points, %d nodes, images of %d runs, texts of %d", s.Runs, s.Points, s.Nodes, len(s.Images), len(s.Texts))
	}
	if len(s.HParams) != 8 || len(s.Metrics) != 2 || len(s.Sessions) != 2 || len(s.Values) != 2 || len(s.Values[0]) != 2 || s.Values[0][1].Value == 0 {
		t.Errorf("the server's table has settings %v, figures %v, runs %v with %v", s.HParams, s.Metrics, s.Sessions, s.Values)
	}
}
