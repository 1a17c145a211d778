package graph

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
)

// errCollision is wrapped where two nodes of a graph have one hash.
var errCollision = errors.New("one would be taken for the other: give a parameter another name")

// checkHashes refuses a graph in which two nodes have one hash. Gorgonia's compiler knows nodes by their hash of 32 bits
// alone, and would let one stand for both without a word: one time in a million for a graph of 100 nodes, one in ten thousand for 1,000.
// The nodes of package ops have other hashes each time that they are made, so building anew helps, if no names collide.
func checkHashes(g *gorgonia.ExprGraph) error {
	seen := map[uint32]*gorgonia.Node{}
	for _, n := range g.AllNodes() {
		h := n.Hashcode()
		if other, ok := seen[h]; ok {
			return fmt.Errorf("graph: the nodes %s and %s have one hash, %#x, so that %w", other.Name(), n.Name(), h, errCollision)
		}
		seen[h] = n
	}
	return nil
}
