package datasets_test

import (
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
)

// What is missing is an error, not a panic.
func TestNothingToRead(t *testing.T) {
	_, idx := datasets.ReadIDX(nil, "labels", datasets.DefaultLimit)
	_, digit := datasets.ReadDigit(nil, "photo")
	for name, err := range map[string]error{"labels": idx, "photo": digit} {
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "got nothing to read from") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
