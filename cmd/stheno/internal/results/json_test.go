package results

import (
	"encoding/json"
	"math"
	"testing"
)

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{1.5: "1.5", math.Inf(1): "null", math.Inf(-1): "null", 0: "0"} {
		if got, err := json.Marshal(Number(v)); err != nil || string(got) != want {
			t.Errorf("%v: got %s, %v", v, got, err)
		}
	}
	if got, err := json.Marshal(Number(math.NaN())); err != nil || string(got) != "null" {
		t.Errorf("NaN: got %s, %v", got, err)
	}
}
