package datasets

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// operations make an empty one of each kind, to be read from JSON.
var operations = map[string]func() operation{
	"affine":       func() operation { return new(affine) },
	"fill-missing": func() operation { return new(filling) },
	"one-hot":      func() operation { return &coding{Hot: true} },
	"categories":   func() operation { return new(coding) },
	"resize":       func() operation { return new(resizing) },
	"words":        func() operation { return new(wording) },
	"grey":         func() operation { return new(greying) },
	"transpose":    func() operation { return new(transposing) },
}

func operationWords() []string { return slices.Sorted(maps.Keys(operations)) }

// plainSteps are those without a setting.
var plainSteps = []Step{FillMissing{}, OneHot{}, Categories{}, Standardize{}, MinMax{}, Invert{}, Grey{}, Transpose{}, StandardizeTarget{}}

// ParseSteps reads steps as text: "fill-missing, one-hot, standardize", "resize 28x28, grey, scale 1/255". The words are fill-missing, one-hot, categories, standardize,
// min-max, scale FACTOR, invert, resize HEIGHTxWIDTH, grey, transpose, standardize-target, and words or characters, with their Length and Most behind. An empty text is no steps.
func ParseSteps(text string) ([]Step, error) {
	var steps []Step
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	for _, item := range strings.Split(text, ",") {
		step, err := parseStep(strings.Fields(item))
		if err != nil {
			return nil, fmt.Errorf("datasets: preparation %q: %w", text, err)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func parseStep(words []string) (Step, error) {
	if len(words) == 0 {
		return nil, fmt.Errorf("got nothing between two commas, want a step")
	}
	for _, step := range plainSteps {
		if step.String() == words[0] {
			if len(words) > 1 {
				return nil, fmt.Errorf("got %q, want %q alone", strings.Join(words, " "), words[0])
			}
			return step, nil
		}
	}
	switch words[0] {
	case "words", "characters":
		return parseWords(words)
	case "scale":
		if len(words) == 2 {
			if factor, ok := parseFactor(words[1]); ok {
				return Scale{factor}, nil
			}
		}
		return nil, fmt.Errorf("got %q, want a factor that is not 0, such as scale 1/255", strings.Join(words, " "))
	case "resize":
		if len(words) == 2 {
			h, w, ok := strings.Cut(words[1], "x")
			height, err := strconv.Atoi(h)
			width, err2 := strconv.Atoi(w)
			if ok && err == nil && err2 == nil {
				return Resize{height, width}, nil
			}
		}
		return nil, fmt.Errorf("got %q, want height and width, such as resize 28x28", strings.Join(words, " "))
	}
	names := []string{"scale", "resize", "words", "characters"}
	for _, step := range plainSteps {
		names = append(names, step.String())
	}
	slices.Sort(names)
	return nil, fmt.Errorf("got %q, want one of %s", words[0], strings.Join(names, ", "))
}

// parseFactor reads a number or a fraction of two.
func parseFactor(s string) (float64, bool) {
	over, under, fraction := strings.Cut(s, "/")
	v, err := strconv.ParseFloat(over, 64)
	if err == nil && fraction {
		var d float64
		d, err = strconv.ParseFloat(under, 64)
		v /= d
	}
	return v, err == nil && v != 0 && finite(float32(v))
}

// shortFloat writes a factor as it is read, 1/255 as such.
func shortFloat(v float64) string {
	if inverse := 1 / v; v > 0 && v < 1 && inverse == float64(int(inverse)) && 1/float64(int(inverse)) == v {
		return "1/" + strconv.Itoa(int(inverse))
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func stepsText(steps []Step) string {
	var words []string
	for _, step := range steps {
		if step != nil {
			words = append(words, step.String())
		}
	}
	return strings.Join(words, ", ")
}
