package main

import (
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// evil is text that turns a terminal's colours, title, lines and direction.
const evil = "\x1b[31m\x1b]0;owned\a\r\nstheno: forged\u202egnp\u009b1m\x7f\xff\u2028"

// TestTextOfOthersIsHarmless has all commands that look at a run look at one whose every text is evil, in a folder of such a name.
func TestTextOfOthersIsHarmless(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_STATE_HOME", home)
	digits, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	e, err := models.Find("relu")
	if err != nil {
		t.Fatal(err)
	}
	e.Name, e.Hidden, e.TrainSamples, e.BatchSize, e.Epochs, e.Noise = evil, []int{4}, 200, 20, 2, 0
	c, err := e.RunConfig(1, "mnist", digits)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Classes {
		c.Classes[i] += evil
	}
	c.Versions = map[string]string{evil: evil, "go": evil}
	c.BLAS.Version, c.BLAS.Kernel = evil, evil
	runs, err := run.Home()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(runs, strings.NewReplacer("/", "", "\xff", "").Replace(evil))
	rec, err := run.Create(dir, c, run.Options{})
	if err != nil {
		t.Skipf("this file system has no folder of such a name: %v", err)
	}
	result, err := e.Run(context.Background(), digits, test, models.RunOptions{Seed: 1, Observers: []train.Observer{rec}})
	if err != nil {
		t.Fatal(err)
	}
	of := result.RunResult()
	of.Stopped, of.Diverged = evil, &train.DivergedError{Epoch: 1, Step: 2, Layer: evil, What: evil}
	if err := rec.Finish(of); err != nil {
		t.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(home, "seven"+evil[:9]+".png")
	img := image.NewGray(image.Rect(0, 0, 40, 40))
	for y := 5; y < 35; y++ {
		img.SetGray(20, y, color.Gray{Y: 255})
	}
	f, err := os.Create(picture)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	f.Close()
	shows := func(args ...string) {
		t.Helper()
		_, out, errOut := stheno(args...)
		for _, text := range []string{out, errOut} {
			for _, line := range strings.SplitAfter(text, "\n") {
				if line = strings.TrimSuffix(line, "\n"); strings.HasPrefix(line, "stheno: forged") {
					t.Errorf("%q: there is a forged line %q", args, line)
				}
				if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("%q: it shows %q", args, line)
				}
			}
		}
		if out+errOut == "" {
			t.Errorf("%q: it shows nothing", args)
		}
	}
	for _, args := range [][]string{
		{"runs"}, {"eval", dir}, {"predict", dir, picture}, {"predict", dir, home + evil}, {"predict", dir, home}, {"diagnose", dir}, {"compare", dir, dir}, {"gradients", "--checkpoint", dir},
		{"export", dir, "-o", filepath.Join(home, "w"+evil[:9]+".npz")}, {"export", dir, "-o", filepath.Join(home, "w"+evil[:9]+".npz")}, {"save", dir, "-o", filepath.Join(home, "m"+evil[:9]+".safetensors")},
		{"eval", filepath.Join(home, "m"+evil[:9]+".safetensors")}, {"diagnose", filepath.Join(home, "m"+evil[:9]+".safetensors")}, {"predict", filepath.Join(home, "m"+evil[:9]+".safetensors"), picture}, {"gradients", "--checkpoint", filepath.Join(home, "m"+evil[:9]+".safetensors")}, {"report", dir, "-o", filepath.Join(home, "r"+evil[:9])},
		{"run", "--resume", dir}, {"run", "--resume", dir, "--epochs", "3", "--threads", "1"}, {"run", evil}, {"run", "relu", "--optimizer", evil}, {"eval", evil}, {"--" + evil}, {evil},
		{"run", "relu", "--data-dir", home + evil}, {"data", "info", "--data-dir", evil}, {"__complete", "eval", ""},
	} {
		shows(args...)
	}
	for _, args := range [][]string{{"runs", "--json"}, {"eval", dir, "--json"}, {"predict", dir, picture, "--json"}, {"diagnose", dir, "--json"}, {"compare", dir, dir, "--json"}, {"gradients", "--checkpoint", dir, "--json"}} {
		shows(args...)
		_, out, errOut := stheno(args...)
		for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
			if !json.Valid([]byte(line)) {
				t.Errorf("%q: it is no JSON: %q, %q", args, line, errOut)
			}
		}
	}
	if _, out, _ := stheno("runs", "--json"); !strings.Contains(out, `\u202e`) {
		t.Errorf("the name is not there as it is: %q", out)
	}
}
