// Gen writes the assembly of graph/internal/vec. Run it by `go generate` in that folder.
//
// It is a module of its own, so that avo stays out of the project's requirements.
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
)

var parts = map[string]func(){
	"activate": activations,
	"gradient": gradients,
	"arith":    func() { arithmetic(); reductions(); masks() },
	"update":   updates,
	"norm":     norms,
	"curve":    func() { curves(); curveGradients() },
	"cell":     cells,
	"attend":   attends,
}

func main() {
	part := flag.String("part", "", "which file to write")
	with := flag.String("isa", "avx2", "with which instructions: avx2 or avx512")
	flag.Parse()
	write, ok := parts[*part]
	if !ok {
		log.Fatalf("gen: no part is named %q", *part)
	}
	switch *with {
	case "avx2":
	case "avx512":
		wide = true
	default:
		log.Fatalf("gen: no instructions are named %q", *with)
	}
	write()
	writeConstants()
	Generate()
}
