package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// What one step taken apart shows on the lab's page is, figure by figure, what stheno gradients --json says of the same step: norms, means, deviations, the histogram's counts, the share that the update is of the
// weights, of networks whose masks and moments are those of that step, too. So are the layers that the page draws.
func TestLabShowsWhatGradientsSays(t *testing.T) {
	for _, how := range [][]string{
		{"dropout", "--train-samples", "300", "--hidden", "12", "--batch-size", "25", "--epochs", "3"},
		{"relu", "--train-samples", "310", "--layers", "reshape 28x28, conv 2 5x5 relu, maxpool 4, residual(conv 2 3x3 padding=same), flatten, batchnorm, dense 10 softmax", "--batch-size", "25", "--epochs", "3", "--optimizer", "adam", "--learning-rate", "0.01"},
	} {
		l := startLab(t, how...)
		steps := []int{0, 1, 13}
		asked := strings.Trim(strings.ReplaceAll(fmt.Sprint(steps), " ", ","), "[]")
		said := json.NewDecoder(strings.NewReader(ok(t, append([]string{"gradients", "--at", asked, "--histogram", "--json"}, how...)...)))
		at := 0
		for _, step := range steps {
			for ; at < step; at++ {
				if status, answer := l.ask(t, "POST", "/api/do", `{"do":"step"}`); status != http.StatusOK {
					t.Fatalf("%d: %s", status, answer)
				}
			}
			type hist struct {
				Min, Max, Mean, Std float64
				Counts              []int
			}
			var want struct {
				Step   int
				Layers []struct {
					Layer, Param string
					GradNorm     float64  `json:"grad_norm"`
					GradMean     float64  `json:"grad_mean"`
					GradStd      float64  `json:"grad_std"`
					WeightNorm   float64  `json:"weight_norm"`
					UpdateRatio  *float64 `json:"update_ratio"`
					Histogram    hist
				}
			}
			if err := said.Decode(&want); err != nil {
				t.Fatal(err)
			}
			var shown struct {
				Step     int
				Backward []struct {
					Name   string
					Params []struct {
						Name       string
						GradNorm   float64 `json:"grad_norm"`
						WeightNorm float64 `json:"weight_norm"`
						Gradient   hist
					}
				}
				Update []struct {
					Name, Param string
					Ratio       *float64
				}
			}
			status, answer := l.ask(t, "GET", "/api/apart", "")
			if err := json.Unmarshal([]byte(answer), &shown); err != nil || status != http.StatusOK {
				t.Fatalf("%v: %d: %.300s", err, status, answer)
			}
			if want.Step != step || shown.Step != step {
				t.Fatalf("the page shows step %d, the command step %d, want %d", shown.Step, want.Step, step)
			}
			found := 0
			for _, w := range want.Layers {
				for _, b := range shown.Backward {
					for _, p := range b.Params {
						if b.Name != w.Layer || p.Name != w.Param {
							continue
						}
						found++
						g := p.Gradient
						if p.GradNorm != w.GradNorm || p.WeightNorm != w.WeightNorm || g.Mean != w.GradMean || g.Std != w.GradStd || g.Min != w.Histogram.Min || g.Max != w.Histogram.Max || fmt.Sprint(g.Counts) != fmt.Sprint(w.Histogram.Counts) {
							t.Errorf("%s, step %d, %s.%s: the page shows %+v, the command says %+v", how[0], step, w.Layer, w.Param, p, w)
						}
					}
				}
				for _, u := range shown.Update {
					if u.Name == w.Layer && u.Param == w.Param && ((u.Ratio == nil) != (w.UpdateRatio == nil) || u.Ratio != nil && *u.Ratio != *w.UpdateRatio) {
						t.Errorf("%s, step %d, %s.%s: the page shows the ratio %v, the command says %v", how[0], step, w.Layer, w.Param, u.Ratio, w.UpdateRatio)
					}
				}
			}
			if found == 0 || found != len(want.Layers) || found != len(shown.Update) {
				t.Errorf("%s, step %d: %d parameters are compared, of %d, with %d updates", how[0], step, found, len(want.Layers), len(shown.Update))
			}
		}
		l.end(t)
	}
}
