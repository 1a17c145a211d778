package look

import (
	"encoding/json"
	"math"
	"testing"
)

// A seed goes to the page and back whole, however large it is; a number that JavaScript may have rounded is refused.
func TestSeed(t *testing.T) {
	for seed, want := range map[Seed]string{0: "0", 7: "7", 1 << 53: "9007199254740992", 1<<53 + 1: `"9007199254740993"`, math.MaxUint64: `"18446744073709551615"`} {
		text, err := json.Marshal(Settings{Seed: seed})
		var back Settings
		if again := json.Unmarshal(text, &back); err != nil || again != nil || back.Seed != seed {
			t.Errorf("%d: got %s, %v, %v", seed, text, err, again)
		}
		if text, err = json.Marshal(seed); string(text) != want || err != nil {
			t.Errorf("%d: got %s, want %s, %v", seed, text, want, err)
		}
		var change Change
		if err := json.Unmarshal([]byte(`{"seed":`+want+`}`), &change); err != nil || *change.Seed != seed {
			t.Errorf("%s: got %+v, %v", want, change, err)
		}
	}
	for _, text := range []string{`-1`, `1.5`, `1e3`, `9007199254740993`, `18446744073709551616`, `"18446744073709551616"`, `"-1"`, `"x"`, `""`, `[]`, `{}`, `true`} {
		var change Change
		if err := json.Unmarshal([]byte(`{"seed":`+text+`}`), &change); err == nil {
			t.Errorf("%s: got %v", text, *change.Seed)
		}
	}
	var none Change
	if err := json.Unmarshal([]byte(`{"seed":null}`), &none); err != nil || none.Seed != nil {
		t.Errorf("null: got %+v, %v", none, err)
	}
}
