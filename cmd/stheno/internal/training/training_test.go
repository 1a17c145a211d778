package training

import (
	"testing"

	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

func TestSoFar(t *testing.T) {
	one := []train.Epoch{{Epoch: 1, Running: train.Metrics{Loss: 2.5, Scores: []train.Score{{Name: "accuracy", Value: .25}}}}}
	for want, r := range map[string]*models.Result{
		"": nil,
		"; epoch 1: running loss 2.5000, accuracy 0.2500":        {History: &train.History{Epochs: one, Position: train.Position{Epoch: 1, Step: 5}}},
		"; epoch 2 so far: running loss 0.5000, accuracy 0.7500": {History: &train.History{Epochs: one, Position: train.Position{Epoch: 1, Batch: 1, Step: 6, Seen: 4}, Running: train.Metrics{Loss: .5, Scores: []train.Score{{Name: "accuracy", Value: .75}}}}},
	} {
		if got := soFar(r); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
