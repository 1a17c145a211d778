// Gen writes the assembly of graph/blas/internal/simd. Run it by `go generate` in that folder.
//
// It is a module of its own, so that avo stays out of the project's requirements.
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
)

var parts = map[string]func(isa){
	"tile":   isa.tiles,
	"pack":   func(s isa) { s.packRows(1); s.packRows(groupCols / s.cols()); s.packColumns(); s.packTiles() },
	"vector": func(s isa) { s.combine(8); s.combine(1); s.dots(4); s.dots(1); s.outer() },
	"peak":   isa.peak,
	"double": func(isa) { double() },
}

func main() {
	part := flag.String("part", "", "which file to write")
	with := flag.String("isa", "avx2", "with which instructions")
	flag.Parse()
	write, ok := parts[*part]
	if !ok {
		log.Fatalf("gen: no part is named %q", *part)
	}
	s, ok := isas[*with]
	if !ok {
		log.Fatalf("gen: no instructions are named %q", *with)
	}
	ConstraintExpr("amd64")
	write(s)
	Generate()
}
