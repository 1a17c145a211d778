package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tiny = "--hidden=12,12"

func TestGradientsJSON(t *testing.T) {
	status, out, errOut := stheno("gradients", "relu", "cross-entropy", tiny, "--train-samples", "300", "--epochs", "2", "--at", "99", "--at", "0,4", "--json")
	if status != 0 || errOut != "" {
		t.Fatalf("status %d, standard error %q", status, errOut)
	}
	var steps []string
	decoder := json.NewDecoder(strings.NewReader(out))
	for {
		var g struct {
			Experiment string
			Step       int
			Layers     []map[string]any
		}
		if err := decoder.Decode(&g); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, g.Experiment+" "+string(rune('0'+g.Step)))
		if len(g.Layers) != 6 || g.Layers[0]["layer"] != "dense_1" || g.Layers[0]["param"] != "weight" || g.Layers[5]["param"] != "bias" {
			t.Errorf("layers: got %v", g.Layers)
		}
		for _, l := range g.Layers {
			for _, key := range []string{"layer", "param", "shape", "grad_norm", "grad_mean", "grad_std", "weight_norm", "update_ratio", "zeros", "saturated", "dead"} {
				if _, ok := l[key]; !ok {
					t.Errorf("%v lacks %s", l, key)
				}
			}
			if len(l) != 11 || l["grad_norm"].(float64) <= 0 {
				t.Errorf("got %v", l)
			}
		}
		// SGD at 0.1 moves the weights by a tenth of the gradient.
		w := g.Layers[0]
		if got, want := w["update_ratio"].(float64), .1*w["grad_norm"].(float64)/w["weight_norm"].(float64); math.Abs(got-want) > 1e-4*want {
			t.Errorf("update ratio: got %v, want %v", got, want)
		}
		if first, last := g.Layers[0]["dead"], g.Layers[4]["dead"]; first != g.Layers[1]["dead"] || last != 0. {
			t.Errorf("dead units: got %v for dense_1's weight, %v for its bias, %v for the softmax", first, g.Layers[1]["dead"], last)
		}
		if g.Step == 0 && g.Layers[1]["update_ratio"] != nil {
			t.Errorf("the update ratio of a bias of zeros: got %v, want null", g.Layers[1]["update_ratio"])
		}
	}
	if got, want := strings.Join(steps, ", "), "relu 0, relu 4, cross-entropy 0, cross-entropy 4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestGradientsPlot(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.svg", "a.png"} {
		path := filepath.Join(dir, name)
		ok(t, "gradients", "relu", "mse", tiny, "--train-samples", "200", "--epochs", "1", "--at", "0,1", "--plot", path)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".png") {
			img, err := png.Decode(bytes.NewReader(data))
			if err != nil || img.Bounds().Dx() < 400 {
				t.Errorf("%s: %v, %v", name, img.Bounds(), err)
			}
			continue
		}
		if err := xml.Unmarshal(data, new(struct{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range []string{"step 0", "step 1", "gradient norm", "relu", "mse", "Liberation"} {
			if !bytes.Contains(data, []byte(want)) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("files left over: %v, %v", entries, err)
	}
}

func TestGradientsOfACheckpoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	ok(t, "run", "relu", tiny, "--train-samples", "300", "--epochs", "2", "--out", dir, "--quiet")
	out := ok(t, "gradients", "--checkpoint", dir, "--checkpoint", filepath.Join(dir, "checkpoints", "step-000000003.safetensors"), "--json")
	if !strings.Contains(out, `"experiment":"r","step":6,`) || !strings.Contains(out, `"experiment":"r","step":3,`) || !strings.Contains(out, `"update_ratio":null`) {
		t.Errorf("got %s", out)
	}
	// The recorder sees the same gradients at that step of the run.
	run := ok(t, "gradients", "relu", tiny, "--train-samples", "300", "--epochs", "2", "--at", "3", "--json")
	norm := func(s string) string {
		_, after, _ := strings.Cut(s, `"grad_norm":`)
		number, _, _ := strings.Cut(after, ",")
		return number
	}
	_, second, _ := strings.Cut(out, "\n")
	if norm(second) != norm(run) || norm(run) == "" {
		t.Errorf("step 3: from the checkpoint %s, from the run %s", norm(second), norm(run))
	}
}

func TestLookingInsideErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		status int
		want   string
		args   []string
	}{
		{2, "gradients: got nothing, want one or more experiments", []string{"gradients"}},
		{2, "--at: got -1", []string{"gradients", "relu", "--at", "-1"}},
		{2, "ends in .svg or .png", []string{"gradients", "relu", "--plot", "a.gif"}},
		{2, `did you mean "relu"`, []string{"gradients", "rely"}},
		{1, "choose a folder that is there", []string{"gradients", "relu", tiny, "--plot", filepath.Join(dir, "no", "a.svg")}},
		{2, "--at: got 5, want a step of 0 to 0", []string{"gradients", "relu", tiny, "--train-samples", "100", "--epochs", "1", "--at", "5", "--plot", filepath.Join(dir, "a.svg")}},
		{1, "want the folder of a run", []string{"gradients", "--checkpoint", filepath.Join(dir, "none")}},
		{2, "gradcheck: got relu mse, want one experiment", []string{"gradcheck", "relu", "mse"}},
		{2, "there is no experiment and no run x", []string{"gradcheck", "x"}},
		{2, "--level: got", []string{"graph", "relu", "--level", "deep"}},
		{2, "--format: got", []string{"graph", "relu", "--format", "gif"}},
		{2, "there is no experiment and no run x", []string{"graph", "x"}},
		{2, "there is no experiment and no run x: see `stheno list` and `stheno runs`", []string{"diagnose", "x"}},
		{1, "has no run.json", []string{"diagnose", dir}},
		{2, "report: got nothing, want one or more runs", []string{"report"}},
		{1, "want the folder of a run", []string{"report", filepath.Join(dir, "none")}},
	} {
		status, _, errOut := stheno(c.args...)
		if status != c.status || !strings.Contains(errOut, c.want) || !strings.HasPrefix(errOut[max(0, strings.LastIndex(strings.TrimSpace(errOut), "\n")+1):], "stheno: ") {
			t.Errorf("stheno %s: status %d, %q; want %d, %q", strings.Join(c.args, " "), status, errOut, c.status, c.want)
		}
	}
}
