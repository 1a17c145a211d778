// Gen writes the assembly of graph/internal/conv. Run it by `go generate` in that folder.
//
// It is a module of its own, so that avo stays out of the project's requirements.
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
)

var parts = map[string]func(){
	"tile":        tiles,
	"tile512":     tiles512,
	"along":       along,
	"pool":        pools,
	"mean":        mean,
	"sparse":      sparse,
	"sparse512":   sparse512,
	"winograd":    winograds,
	"winograd512": winograds512,
}

func main() {
	part := flag.String("part", "", "which file to write")
	flag.Parse()
	write, ok := parts[*part]
	if !ok {
		log.Fatalf("gen: no part is named %q", *part)
	}
	ConstraintExpr("amd64")
	write()
	Generate()
}
