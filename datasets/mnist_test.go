package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"
)

func TestMNIST(t *testing.T) {
	train, test, err := MNIST()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d              *Dataset
		name           string
		counts         []int
		images, labels string // SHA-256 of the values
	}{
		{train, "mnist/train", []int{1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978},
			"2f7182bf021ffc5c1f62db987487f14d899b5c639f421a80f3095affc09a7db2", "2f345bad07338ec537641465e169cc4b7288a44244f251211c7f842641e7d927"},
		{test, "mnist/test", []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009},
			"6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161", "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"},
	} {
		if c.d.Name != c.name || c.d.Len() != 10000 || c.d.Features() != 784 || !slices.Equal(c.d.Shape, []int{28, 28}) || len(c.d.Classes) != 10 {
			t.Errorf("%s: %q, %d samples of shape %v in %d classes", c.name, c.d.Name, c.d.Len(), c.d.Shape, len(c.d.Classes))
		}
		stats := c.d.Stats()
		if !slices.Equal(stats.Counts, c.counts) || stats.Min != 0 || stats.Max != 255 {
			t.Errorf("%s: %+v, want counts %v", c.name, stats, c.counts)
		}
		labels := make([]byte, c.d.Len())
		for i := range labels {
			labels[i] = byte(c.d.Label(i))
		}
		if got := sum(labels); got != c.labels {
			t.Errorf("%s: labels have SHA-256 %s, want %s", c.name, got, c.labels)
		}
		if got := sum(c.d.bytes); got != c.images {
			t.Errorf("%s: images have SHA-256 %s, want %s", c.name, got, c.images)
		}
	}

	// The first training image is a five; its middle row, from the published file.
	x := row(train, 0)
	if got := x[14*28+14 : 14*28+20]; train.Label(0) != 5 || !slices.Equal(got, []float32{240, 253, 253, 119, 25, 0}) {
		t.Errorf("label %d, pixels %v", train.Label(0), got)
	}

	train.Name = "mine"
	again, _, err := MNIST()
	if err != nil {
		t.Fatal(err)
	}
	if again.Name != "mnist/train" || &again.bytes[0] != &train.bytes[0] {
		t.Error("a second call must share the bytes and nothing else")
	}
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func BenchmarkUnpackMNIST(b *testing.B) {
	for b.Loop() {
		if _, err := unpack(); err != nil {
			b.Fatal(err)
		}
	}
}
