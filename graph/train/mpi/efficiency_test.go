package mpi

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// TestEfficiency: the documentation's table is what its formula gives.
func TestEfficiency(t *testing.T) {
	type network struct{ c, g, buckets, w float64 }
	type link struct{ alpha, beta float64 }
	relu, convnet, transformer := network{4.3e-3, 5.3e6, 3, 1.5e-3}, network{8.3e-3, .14e6, 1, 0}, network{15.2e-3, .29e6, 1, 0}
	memory, fast, slow := link{1e-6, 6e9}, link{2e-6, 11e9}, link{20e-6, 1.1e9}
	want := []string{"network, joined by                          2    4    8   16   32   64  128  256  512 1024 ranks"}
	for _, row := range []struct {
		what string
		n    network
		l    link
		most int
		core bool
	}{
		{"relu, memory (1 µs, 6 GB/s)", relu, memory, 64, false},
		{"relu, memory, a core for MPI", relu, memory, 64, true},
		{"relu, 100 Gb/s (2 µs, 11 GB/s)", relu, fast, 1024, false},
		{"relu, 100 Gb/s, a core for MPI", relu, fast, 1024, true},
		{"relu, 10 Gb/s (20 µs, 1.1 GB/s)", relu, slow, 1024, false},
		{"relu, 10 Gb/s, a core for MPI", relu, slow, 1024, true},
		{"convnet, 100 Gb/s", convnet, fast, 1024, false},
		{"convnet, 10 Gb/s", convnet, slow, 1024, false},
		{"row-transformer, 100 Gb/s", transformer, fast, 1024, false},
		{"row-transformer, 10 Gb/s", transformer, slow, 1024, false},
	} {
		line := row.what + strings.Repeat(" ", 39-len([]rune(row.what)))
		for ranks := 2; ranks <= row.most; ranks *= 2 {
			r, b := float64(ranks), row.n.buckets
			if ranks >= 32 {
				b = 1
			}
			x := 2*(r-1)/r*row.n.g/b/row.l.beta + 2*(r-1)*row.l.alpha
			step := row.n.c + b*x + 3*math.Ceil(math.Log2(r))*row.l.alpha
			if row.core {
				step -= (b - 1) * min(row.n.w/b, x)
			}
			line += fmt.Sprintf("%5.0f", 100*row.n.c/step)
		}
		want = append(want, line)
	}
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if table := "//\t" + strings.Join(want, "\n//\t"); !strings.Contains(string(text), table+"\n") {
		t.Errorf("the documentation does not have\n%s", table)
	}
}
