package session

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph/train"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

func TestTakeAway(t *testing.T) {
	l := open(t, func(e *models.Experiment) { e.Scale, e.Epochs = .5, 3 })
	for range 5 {
		l.do(Command{Do: "step"})
	}
	l.do(Command{Do: "change", Change: &look.Change{Rate: of(.05)}})
	l.do(Command{Do: "step"})
	page := ask[File](l, Command{Do: "report"})
	if text := string(page.Content); !strings.HasPrefix(page.Type, "text/html") || !strings.Contains(text, "<html") || !strings.Contains(text, "from step 5 on") {
		t.Errorf("got %s of %d bytes", page.Type, len(text))
	}
	if c := ask[look.CommandLine](l, Command{Do: "command"}); c.Command != nil || c.Why == "" {
		t.Errorf("got %+v of a run that was changed on its way", c)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := os.WriteFile(path, ask[File](l, Command{Do: "model"}).Content, 0o600); err != nil {
		t.Fatal(err)
	}
	m, prepare, err := kept.LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	if about := m.About(); about.Loss != "cross-entropy" || len(about.Classes) != 3 {
		t.Errorf("got %+v", about)
	}
	result, err := train.Evaluate(t.Context(), m, prepare.On(tiny(t, 30)), train.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l.do(Command{Do: "play"})
	l.until("r1", over)
	l.goTo("r1", 6)
	if got := ask[float64](l, Command{Do: "tested"}); math.Abs(got-result.Loss) > 1e-9 {
		t.Errorf("the file's model has a loss of %v, the run's %v", result.Loss, got)
	}
}
