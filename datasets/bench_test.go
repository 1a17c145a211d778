package datasets

import "testing"

// A training step's share: 100 rows of 784 bytes, drawn from 10,000, into float32.
func BenchmarkFill(b *testing.B) {
	bytes := byteSet(10_000, 784)
	floats := &Dataset{labels: bytes.labels, features: 784, scale: 1, floats: make([]float32, len(bytes.bytes))}
	for name, d := range map[string]*Dataset{
		"bytes":        bytes,
		"bytes scaled": bytes.Scaled(1.0 / 255),
		"floats":       floats,
		"noise":        bytes.Scaled(1.0/255).WithNoise(1, 1),
	} {
		b.Run(name, func(b *testing.B) {
			order := Shuffle(10_000, 1, 0)
			dst := make([]float32, 100*784)
			at := 0
			b.ReportAllocs()
			for b.Loop() {
				d.Fill(dst, order[at:at+100])
				at = (at + 100) % 10_000
			}
		})
	}
}
