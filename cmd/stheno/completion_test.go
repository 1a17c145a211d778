package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
)

// offered is what the shell is told to offer, and cobra's directive.
func offered(t *testing.T, args ...string) (offers []string, directive string) {
	t.Helper()
	status, out, _ := stheno(append([]string{"__complete"}, args...)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if status != 0 {
		t.Fatalf("__complete %q: status %d, %s", args, status, out)
	}
	for _, line := range lines[:len(lines)-1] {
		name, _, _ := strings.Cut(line, "\t")
		offers = append(offers, name)
	}
	return offers, lines[len(lines)-1]
}

// What a shell is to do beside what is offered.
const (
	nothingMore = ":4"
	inOrder     = ":36" // and keep the order
	folders     = ":16"
	wordGoesOn  = ":6" // no space behind it
	anyFile     = ":0"
)

func TestCompletion(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Chdir(t.TempDir())
	if err := os.Mkdir("other", 0o755); err != nil {
		t.Fatal(err)
	}
	if offers, directive := offered(t, "eval", ""); offers != nil || directive != folders {
		t.Errorf("eval without runs: got %q, %s", offers, directive)
	}
	ok(t, smallRun("relu")...)
	ok(t, smallRun("mse", "--out", "mine")...)
	ok(t, "sweep", "relu", "--train-samples", "50", "--hidden", "4", "--epochs", "1", "--out", "swept")
	kept := runs.Names()[0]

	for _, c := range []struct {
		args      string // the last is what is being typed
		has, not  string
		directive string
	}{
		{"", "run list help man completion", "__complete", nothingMore},
		{"ru", "run runs", "list", nothingMore},
		{"help ", "data run", "stheno", nothingMore},
		{"help data ", "info fetch", "run", nothingMore},
		{"list ", "", "relu other", nothingMore},
		{"lab ", "relu mine latest", "all", nothingMore},
		{"lab iri", "", "relu mine", anyFile},
		{"lab relu ", "", "mse mine", nothingMore},
		{"completion ", "bash zsh fish powershell", "relu", nothingMore},
		{"man ", "", "relu", folders},
		{"run ", "relu mse all deep-relu", "mine", nothingMore},
		{"run relu ", "mse all", "relu", nothingMore},
		{"summary ", "relu mine latest", "all", nothingMore},
		{"summary relu ", "", "relu mse", nothingMore},
		{"graph ", "relu", "all", nothingMore},
		{"layers ", "dense relu", "mse", nothingMore},
		{"summary --layers de", "dense", "relu", wordGoesOn},
		{"summary --layers residual(dr", "residual(dropout", "dropout", wordGoesOn},
		{"summary --layers @", "", "dense", anyFile},
		{"gradcheck ", "relu", "all", nothingMore},
		{"gradients relu ", "deep-relu", "relu", nothingMore},
		{"diagnose ", "relu mine " + kept, "all other", nothingMore},
		{"diagnose mi", "mine", "mse relu", inOrder},
		{"eval ", "mine latest " + kept, "relu other", inOrder},
		{"eval mine ", kept, "mine", inOrder},
		{"eval ot", "", "mine", folders},
		{"runs ", "rm prune", "relu mine", nothingMore},
		{"runs rm ", "mine latest " + kept, "relu", inOrder},
		{"report ", "mine swept " + kept, "relu", inOrder},
		{"compare mine ", "swept " + kept, "mine relu", inOrder},
		{"export ", "mine " + kept, "relu", inOrder},
		{"export mine ", "", "mine", nothingMore},
		{"predict ", "mine " + kept, "relu", inOrder},
		{"predict mine ", "png jpg jpeg csv", "mine", ":8"},
		{"train ", "", "relu mine", anyFile},
		{"train --resume ", "mine " + kept, "relu", inOrder},
		{"run --resume ", "mine " + kept, "relu", inOrder},
		{"gradients --checkpoint ", "mine " + kept, "relu", inOrder},
		{"run --resume mine --resume-from ", "previous best", "latest", nothingMore},
		{"eval mine --checkpoint ", "latest previous best", "mine", nothingMore},
		{"sweep ", "relu mse", "all mine", nothingMore},
		{"sweep relu --optimizer ", "sgd adam", "relu", nothingMore},
		{"sweep relu --learning-rate ", "", "relu mine", nothingMore},
		{"sweep relu --layers de", "dense", "relu", wordGoesOn},
		{"sweep relu --by ", "accuracy loss f1", "relu", nothingMore},
		{"sweep --resume ", "swept", "mine", nothingMore},
		{"run relu --optimizer ", "sgd adam", "relu", nothingMore},
		{"run relu --activation ", "relu tanh", "sgd", nothingMore},
		{"run relu --loss ", "mse cross-entropy", "relu", nothingMore},
		{"run relu --blas ", "auto openblas gonum", "relu", nothingMore},
		{"run relu --epochs ", "", "relu", nothingMore},
		{"run relu --out ", "", "relu", folders},
		{"run relu --lear", "--learning-rate", "--loss", nothingMore},
		{"data info --dataset ", "mnist mnist-full fashion-mnist", "", nothingMore},
		{"data info --data-dir ", "", "mine", folders},
		{"data fetch ", "mnist fashion-mnist", "mnist-full", nothingMore},
		{"data fetch mnist ", "fashion-mnist", "mnist", nothingMore},
		{"graph relu --level ", "layer op", "text", nothingMore},
		{"graph relu --format ", "text dot svg", "op", nothingMore},
		{"export mine --output ", "safetensors npz", "mine", ":8"},
		{"save mine --output ", "safetensors", "mine", ":8"},
		{"bench --regime ", "sgd-100 predict", "relu", nothingMore},
	} {
		offers, directive := offered(t, strings.Split(c.args, " ")...)
		for _, name := range strings.Fields(c.has) {
			if !slices.Contains(offers, name) {
				t.Errorf("%q: got %q, want %s among it", c.args, offers, name)
			}
		}
		for _, name := range strings.Fields(c.not) {
			if slices.Contains(offers, name) {
				t.Errorf("%q: got %q, want it without %s", c.args, offers, name)
			}
		}
		if directive != c.directive {
			t.Errorf("%q: directive %s, want %s", c.args, directive, c.directive)
		}
	}
	// A folder's name may hold what a pattern would take for its own.
	odd := filepath.Join("[odd]", "run")
	if err := os.MkdirAll(filepath.Dir(odd), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename("mine", odd); err != nil {
		t.Fatal(err)
	}
	if offers, _ := offered(t, "eval", "[odd]/"); !slices.Equal(offers, []string{odd}) {
		t.Errorf("[odd]/: got %q", offers)
	}
}

// Each shell gets a script of its own.
func TestCompletionScripts(t *testing.T) {
	for shell, has := range map[string]string{"bash": "complete -o", "zsh": "#compdef stheno", "fish": "complete -c stheno", "powershell": "Register-ArgumentCompleter"} {
		if out := ok(t, "completion", shell); !strings.Contains(out, has) {
			t.Errorf("%s: no %q in it", shell, has)
		}
	}
}
