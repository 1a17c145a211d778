package look

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Continuation is a text that a model has gone on with.
type Continuation struct {
	Prompt string `json:"prompt"` // as it was given, or what stands for one
	Text   string `json:"text"`   // what it has written behind it
	Unseen int    `json:"unseen"` // letters, or words, of the prompt that it has never seen
}

// longest is how much a model is asked to write at once: each letter is a run of the model.
const longest = 5000

// Continue has a model that learnt a text go on with one: so many letters, or words, at a temperature, of which 0 takes the likeliest each time; another seed draws others. What it cannot do is an error.
func Continue(ctx context.Context, s *Subject, prompt string, length int, temperature float64, seed uint64) (*Continuation, error) {
	texts := textsOf(s)
	switch {
	case texts == nil:
		return nil, errors.New("this network did not learn how a text goes on")
	case length < 1 || length > longest:
		return nil, fmt.Errorf("got a length of %d, want 1 to %d", length, longest)
	case !(temperature >= 0) || math.IsInf(temperature, 0):
		return nil, fmt.Errorf("got a temperature of %v, want a number of at least 0, such as 0.8", temperature)
	}
	p, err := train.NewPredictor(s.Model)
	if err != nil {
		return nil, err
	}
	how := train.Sampling{Temperature: temperature, Seed: s.Seed + seed}
	if temperature == 0 {
		how.Temperature = graph.Zero
	}
	begun, ids, unseen := own.Begin(texts, prompt)
	out := &Continuation{Prompt: begun, Unseen: unseen}
	n := 0
	for piece, err := range own.GoOn(p, texts, ids, how) {
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, err
		}
		out.Text += piece
		if n++; n == length {
			break
		}
	}
	return out, nil
}
