package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/inspect"
)

func TestGradcheckCommand(t *testing.T) {
	for _, name := range []string{"relu", "mse", "dropout", "raw-pixels"} {
		out := ok(t, "gradcheck", name, tiny)
		if !strings.Contains(out, "dense_1.weight") || !strings.Contains(out, "every gradient agrees with differences") {
			t.Errorf("%s: got %s", name, out)
		}
	}
	if out := ok(t, "gradcheck", "relu", "--hidden", strings.Repeat("30,", 24)+"30"); strings.Contains(out, "WRONG") {
		t.Errorf("25 layers: got %s", out)
	}
	wrong := &inspect.GradCheck{Params: []inspect.ParamCheck{{Name: "dense_1.weight", Fault: "WRONG at [0 1]: symbolic 1, numeric 2"}}}
	cmd := gradcheckCommand()
	var out strings.Builder
	cmd.SetOut(&out)
	err := printCheck(cmd, "mine", wrong)
	if usage.Status(err) != 1 || !strings.Contains(err.Error(), "mine: the symbolic gradients above are wrong") || !strings.Contains(out.String(), "WRONG at [0 1]: symbolic 1, numeric 2") {
		t.Errorf("a wrong gradient: got %v, %s", err, out.String())
	}
	err = printCheck(cmd, "mine", &inspect.GradCheck{Params: []inspect.ParamCheck{{Name: "dense_1.weight", Fault: "NOT CHECKED: nothing could be compared"}}})
	if usage.Status(err) != 1 || !strings.Contains(err.Error(), "nothing could be compared") {
		t.Errorf("nothing compared: got %v", err)
	}
}

func TestGraphCommand(t *testing.T) {
	for name, args := range map[string][]string{
		"graph-layers.txt": {"graph", "dropout"},
		"graph-layers.dot": {"graph", "relu", "--gradients", "--format", "dot"},
		"graph-ops.txt":    {"graph", "relu", "--level", "op", "--gradients"},
	} {
		golden(t, name, ok(t, args...))
	}
	t.Setenv("PATH", t.TempDir())
	status, _, errOut := stheno("graph", "relu", "--format", "svg")
	if status != 1 || !strings.Contains(errOut, "not installed") || !strings.Contains(errOut, "--format dot") {
		t.Errorf("without Graphviz: status %d, %q", status, errOut)
	}
}

func TestDiagnoseAndReport(t *testing.T) {
	dir := t.TempDir()
	run := func(name string, more ...string) string {
		out := filepath.Join(dir, name)
		ok(t, append([]string{"run", name, tiny, "--train-samples", "1000", "--epochs", "3", "--out", out, "--quiet"}, more...)...)
		return out
	}
	mse, noise := run("mse"), run("noise", "--record-gradients", "5")
	var d struct {
		Experiment string
		Findings   []map[string]string
	}
	codes := func(args ...string) string {
		t.Helper()
		if err := json.Unmarshal([]byte(ok(t, append([]string{"diagnose", "--json"}, args...)...)), &d); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range d.Findings {
			all = append(all, f["code"])
			if len(f) != 4 || f["severity"] == "" || f["evidence"] == "" || f["advice"] == "" {
				t.Errorf("a finding without its parts: %v", f)
			}
		}
		return strings.Join(all, " ")
	}
	if got := codes(mse); !strings.Contains(got, "loss-starves") || !strings.Contains(got, "not-learnt") {
		t.Errorf("mse from its folder: got %s", got)
	}
	if got := codes("mse", tiny, "--train-samples", "1000", "--epochs", "3"); !strings.Contains(got, "loss-starves") {
		t.Errorf("mse trained: got %s", got)
	}
	if got := codes(noise); !strings.Contains(got, "test-data-shifted") {
		t.Errorf("noise from its folder: got %s", got)
	}
	text := ok(t, "diagnose", mse)
	for line := range strings.Lines(text) {
		if len([]rune(line)) > 81 {
			t.Errorf("a line of %d letters: %s", len(line), line)
		}
	}
	if !strings.HasPrefix(text, "mse, seed 1\n") || !strings.Contains(text, "  → For classes take categorical cross-entropy") {
		t.Errorf("got %s", text)
	}
	if status, _, errOut := stheno("diagnose", mse, "--epochs", "5"); status != 2 || !strings.Contains(errOut, "leave out --epochs") {
		t.Errorf("flags on a run: status %d, %q", status, errOut)
	}
	page := filepath.Join(dir, "report.html")
	status, out, errOut := stheno("report", mse, noise, "-o", page)
	if status != 0 || out != "" || !strings.Contains(errOut, "wrote "+page) {
		t.Fatalf("status %d, %q, %q", status, out, errOut)
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Stheno: 2 runs", "stheno run noise", "--hidden 12,12", "--train-samples 1000", "loss-starves", "<title>Gradient norm by layer</title>", "Gradient norm by layer and step", "Confusion, noisy test set", "<dt>seed</dt>"} {
		if !strings.Contains(string(html), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if _, out, _ := stheno("report", mse, noise, "-o", "-"); out != string(html) {
		t.Error("on standard output, the report is another")
	}
	if status, _, errOut := stheno("report", mse, "-o", filepath.Join(dir, "no", "r.html")); status != 1 || !strings.Contains(errOut, "choose a folder") {
		t.Errorf("no folder: status %d, %q", status, errOut)
	}
	if err := os.WriteFile(filepath.Join(noise, "gradients.jsonl"), []byte("[]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, _, errOut := stheno("diagnose", noise); status != 1 || !strings.Contains(errOut, "gradients.jsonl") {
		t.Errorf("damaged gradients: status %d, %q", status, errOut)
	}
}
