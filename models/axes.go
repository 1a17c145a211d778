package models

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/graph/train/run"
)

// An Axis is a setting of a sweep with what is tried of it: the Values, or numbers from Low to High where there are none.
type Axis struct {
	Name      string
	Values    []string
	Low, High float64
	Log       bool // numbers are drawn evenly by their logarithms
	Whole     bool // numbers are whole ones
}

// check refuses an axis of which nothing can be drawn.
func (a Axis) check() error {
	switch {
	case a.Name == "":
		return fmt.Errorf("models: got a setting without a name to sweep, want one, such as learning-rate")
	case len(a.Values) > 0:
		return nil
	case !(a.Low < a.High) || math.IsInf(a.High-a.Low, 0):
		return fmt.Errorf("models: %s: got a range from %v to %v, want finite numbers, the first one less", a.Name, a.Low, a.High)
	case a.Log && a.Low <= 0:
		return fmt.Errorf("models: %s: got a range from %v to %v by logarithms, want numbers above 0", a.Name, a.Low, a.High)
	}
	return nil
}

// Grid is every combination of the axes' values, the last axis changing fastest; of no axes it is one combination, of nothing. A range has no grid, and more combinations than a sweep may have runs are too many.
func Grid(axes []Axis) ([][]run.Setting, error) {
	all := [][]run.Setting{nil}
	for _, a := range axes {
		if err := a.check(); err != nil {
			return nil, err
		}
		if len(a.Values) == 0 {
			return nil, fmt.Errorf("models: %s is a range, which has no grid: say how many settings are to be drawn at random (--trials)", a.Name)
		}
		if len(all)*len(a.Values) > run.MaxTrials {
			return nil, fmt.Errorf("models: the grid has more than %d settings: try fewer values, or draw some at random (--trials)", run.MaxTrials)
		}
		var next [][]run.Setting
		for _, before := range all {
			for _, v := range a.Values {
				next = append(next, append(before[:len(before):len(before)], run.Setting{Name: a.Name, Value: v}))
			}
		}
		all = next
	}
	return all, nil
}

// Draw is so many combinations, all different, drawn at random by a seed: of values each as likely as the others, of a range numbers with three digits. It is an error if there are not so many.
func Draw(axes []Axis, trials int, seed uint64) ([][]run.Setting, error) {
	if trials < 1 || trials > run.MaxTrials {
		return nil, fmt.Errorf("models: got %d settings to draw, want 1 to %d", trials, run.MaxTrials)
	}
	for _, a := range axes {
		if err := a.check(); err != nil {
			return nil, err
		}
	}
	random := rand.New(rand.NewPCG(seed, 0x5377656570)) // a stream of its own
	var all [][]run.Setting
	seen := map[string]bool{}
	for range 100 * trials {
		var settings []run.Setting
		for _, a := range axes {
			settings = append(settings, run.Setting{Name: a.Name, Value: a.draw(random)})
		}
		if key := fmt.Sprintf("%q", settings); !seen[key] {
			seen[key] = true
			all = append(all, settings)
		}
		if len(all) == trials {
			return all, nil
		}
	}
	return nil, fmt.Errorf("models: got %d settings to draw, but found only %d that differ: draw fewer, or give more values or a wider range", trials, len(all))
}

func (a Axis) draw(random *rand.Rand) string {
	if len(a.Values) > 0 {
		return a.Values[random.IntN(len(a.Values))]
	}
	u := random.Float64()
	v := a.Low + u*(a.High-a.Low)
	if a.Log {
		v = a.Low * math.Pow(a.High/a.Low, u)
	}
	if a.Whole {
		return strconv.FormatFloat(min(a.High, max(a.Low, math.Round(v))), 'f', -1, 64)
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	return strconv.FormatFloat(min(a.High, max(a.Low, v)), 'g', -1, 64)
}

// Label is settings as one reads them, such as learning-rate 0.1, hidden 100,100.
func Label(settings []run.Setting) string {
	var parts []string
	for _, s := range settings {
		parts = append(parts, s.Name+" "+s.Value)
	}
	return strings.Join(parts, ", ")
}
