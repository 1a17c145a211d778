package look

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/models"
)

// shell cuts a line as a shell does that knows quotes alone.
func shell(line string) (words []string) {
	word, quoted, any := "", false, false
	for _, r := range line {
		switch {
		case r == '\'':
			quoted, any = !quoted, true
		case r == ' ' && !quoted:
			if any {
				words = append(words, word)
			}
			word, any = "", false
		default:
			word, any = word+string(r), true
		}
	}
	if any {
		words = append(words, word)
	}
	return words
}

// ran is what stheno run makes of a line, by its own flags.
func ran(t *testing.T, line string) (models.Experiment, uint64, flags.Data) {
	t.Helper()
	words := shell(line)
	if len(words) < 3 || words[0] != "stheno" || words[1] != "run" {
		t.Fatalf("%q: want stheno run and an experiment", line)
	}
	var experiment flags.Experiment
	var training flags.Training
	var data flags.Data
	var got models.Experiment
	cmd := &cobra.Command{Use: "run", SilenceErrors: true, SilenceUsage: true, RunE: func(_ *cobra.Command, args []string) error {
		if err := training.Check(); err != nil {
			return err
		}
		all, err := experiment.FindAll(args)
		if err != nil {
			return err
		}
		if len(all) != 1 {
			t.Fatalf("%q: %d experiments", line, len(all))
		}
		got = all[0]
		return training.Trained(&got)
	}}
	experiment.Add(cmd)
	training.Add(cmd)
	data.Add(cmd)
	cmd.SetArgs(words[2:])
	if err := cmd.Execute(); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return got, experiment.Seed, *data.Of(got)
}

// alike says whether two experiments train alike, whatever they are called.
func alike(t *testing.T, a, b models.Experiment) bool {
	t.Helper()
	of := func(e models.Experiment) string {
		o, err := optim.New(e.Optimizer, e.LearningRate)
		if err != nil {
			t.Fatal(err)
		}
		words, err := optim.Format(o)
		if err != nil {
			t.Fatal(err)
		}
		loss, err := losses.Format(e.Loss)
		if err != nil {
			t.Fatal(err)
		}
		network := e.Layers
		if network == nil {
			network = models.MLP{Hidden: e.Hidden, Activation: e.Activation, Dropout: e.Dropout, Classes: 10}.Layers()
		}
		net, err := layers.Format(network...)
		if err != nil {
			t.Fatal(err)
		}
		c := e
		c.Name, c.Changes, c.Hidden, c.Activation, c.Dropout, c.Layers, c.Loss, c.Metrics, c.Optimizer, c.LearningRate, c.Lecture, c.Band = "", "", nil, 0, 0, nil, nil, nil, "", 0, models.Figures{}, models.Band{}
		c.Shards = max(1, c.Shards)
		return strings.Join([]string{words, loss, net}, "; ") + string(finite(t, c))
	}
	if x, y := of(a), of(b); x != y {
		t.Logf("%s\n%s", x, y)
		return false
	}
	return true
}

// The command is the one that is expected, and its own flags make the run's settings of it again.
func TestCommand(t *testing.T) {
	for _, c := range []struct {
		name string
		how  func(*models.Experiment)
		want string
	}{
		{"relu", nil, "stheno run relu"},
		{"mse", func(e *models.Experiment) { e.Loss = losses.CrossEntropy{} }, "stheno run cross-entropy"},
		{"relu", func(e *models.Experiment) { e.LearningRate = .01 }, "stheno run relu --learning-rate 0.01"},
		{"relu", func(e *models.Experiment) { e.Optimizer, e.LearningRate = "adam", .001 }, "stheno run adam"},
		{"relu", func(e *models.Experiment) { e.Optimizer, e.LearningRate = "momentum", .03 }, "stheno run relu --optimizer momentum --learning-rate 0.03"},
		{"relu", func(e *models.Experiment) {
			e.Optimizer, e.LearningRate = "clip(scheduled(sgd 0.1) (warmup 200, constant)) 1", 0
		}, "stheno run relu --optimizer 'clip(scheduled(sgd 0.1) (warmup 200, constant)) 1'"},
		{"relu", func(e *models.Experiment) { e.Hidden, e.Epochs, e.TrainSamples = []int{100, 30}, 3, 2000 }, "stheno run relu --hidden 100,30 --epochs 3 --train-samples 2000"},
		{"relu", func(e *models.Experiment) { e.Activation, e.Dropout, e.BatchSize = layers.LeakyReLU, .25, 64 }, "stheno run relu --activation leaky-relu --dropout 0.25 --batch-size 64"},
		{"adam", func(e *models.Experiment) { e.Validation, e.Patience, e.Noise = .1, 3, .5 }, "stheno run adam --early-stopping 3 --validation 0.1 --noise 0.5"},
		{"raw-pixels", func(e *models.Experiment) { e.Scale = models.MNISTScale }, "stheno run relu --loss clipped-cross-entropy"},
		{"relu", func(e *models.Experiment) { e.Loss = losses.CrossEntropy{Smoothing: .1} }, "stheno run relu --loss 'cross-entropy 0.1'"},
		{"relu", func(e *models.Experiment) {
			e.Hidden, e.Layers = nil, parsed(t, "dense 50 tanh, batchnorm, dense 10 softmax")
		}, "stheno run relu --layers 'dense 50 tanh, batchnorm, dense 10 softmax'"},
		{"relu", func(e *models.Experiment) { e.Hidden, e.Layers = nil, parsed(t, "dense 10 softmax") }, "stheno run relu --layers 'dense 10 softmax'"},
		{"lenet", func(e *models.Experiment) { e.Epochs = 2 }, "stheno run lenet --epochs 2"},
		{"lenet", func(e *models.Experiment) { e.Layers = parsed(t, "conv 4 3 relu, flatten, dense 10 softmax") }, "stheno run lenet --layers 'conv 4 3 relu, flatten, dense 10 softmax'"},
		{"wrong-labels", func(e *models.Experiment) { e.Frozen, e.Shards = []string{"dense_1", "dense_2"}, 4 }, "stheno run wrong-labels --shards 4 --freeze dense_1,dense_2"},
		{"early-stopping", func(e *models.Experiment) { e.Patience = 0 }, "stheno run wrong-labels --validation 0.2"},
		{"autoencoder", func(e *models.Experiment) { e.Epochs = 1 }, "stheno run autoencoder --epochs 1"},
		{"char-lm", func(e *models.Experiment) { e.LearningRate = .002 }, "stheno run char-lm --learning-rate 0.002"},
	} {
		e := experiment(t, c.name)
		if c.how != nil {
			c.how(&e)
		}
		got := Command(&Subject{Experiment: e, Seed: 1}, Origin{Dataset: e.On(), Segments: 1})
		if got.Command == nil {
			t.Errorf("%s: %s", c.want, got.Why)
			continue
		}
		line := *got.Command
		if line != c.want {
			t.Errorf("got  %s\nwant %s", line, c.want)
		}
		back, seed, data := ran(t, line)
		if !alike(t, back, e) || seed != 1 || data.Dataset != e.On() || data.Dir != "" {
			t.Errorf("%s: read back, it is another run: seed %d of %s", line, seed, data.Dataset)
		}
	}
	// Seeds, other data, and what no command makes.
	e := experiment(t, "relu")
	got := Command(&Subject{Experiment: e, Seed: 7}, Origin{Dataset: "fashion-mnist", Segments: 1})
	if got.Command == nil || *got.Command != "stheno run relu --dataset fashion-mnist --seed 7" {
		t.Errorf("got %v", got)
	}
	got = Command(&Subject{Experiment: e, Seed: 1}, Origin{Dir: "my digits", Segments: 1})
	if got.Command == nil || *got.Command != "stheno run relu --data-dir 'my digits'" {
		t.Errorf("got %v", got)
	}
	if _, _, data := ran(t, *got.Command); data.Dir != "my digits" {
		t.Errorf("got the folder %q", data.Dir)
	}
	for why, got := range map[string]CommandLine{
		"changed twice on its way":  Command(&Subject{Experiment: e}, Origin{Dataset: "mnist", Segments: 3}),
		"scales its values by 0.5,": Command(&Subject{Experiment: models.Experiment{Name: "relu", Scale: .5, Loss: e.Loss, Optimizer: "sgd"}}, Origin{Dataset: "mnist", Segments: 1}),
	} {
		if got.Command != nil || !strings.Contains(strings.Replace(string(got.Why), "2 times", "twice", 1), why) {
			t.Errorf("%s: got %v, %q", why, got.Command, got.Why)
		}
	}
}

func parsed(t *testing.T, words string) []graph.Layer {
	t.Helper()
	all, err := layers.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
