package train

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Ranks are processes that share the work of a Fit, an Evaluate or a Predict: each runs the same program on the same data, and takes its part of the shards of every batch. Package mpi joins
// those that mpirun has started. Every rank makes the same calls in the same order, and each returns when all have made it. An error is of what joins them, and final.
type Ranks interface {
	Rank() int // of this process, from 0
	Size() int // how many there are
	// Gather gives every rank what each of them gives, in their order. The lengths may differ.
	Gather(mine []byte) ([][]byte, error)
	Threads() int // that this one may compute with; where it does with fewer, gradients go from rank to rank beside what is computed, in calls of another goroutine
	// Exchange sends sends[i] bytes to rank i, out of send, where they follow one another, and receives receives[i] bytes of it. A rank's own part need not be written.
	Exchange(send []byte, sends []int, receive []byte, receives []int) error
	// Share fills whole, in which the parts of all ranks follow one another, with those of the others; the own one is there.
	Share(whole []byte, parts []int) error
}

// solitary says whether there is nobody to share the work with.
func solitary(r Ranks) bool { return isNil(r) || r.Size() == 1 }

// gather is Ranks.Gather of bytes with a verdict on top. What stopped another rank stops this one, with its words.
func gather(r Ranks, err error, mine []byte) ([][]byte, error) {
	var stop *stopError
	head := []byte{0}
	switch {
	case errors.As(err, &stop):
		head, mine = []byte{1}, []byte(stop.reason)
	case err != nil:
		head, mine = []byte{2}, []byte(err.Error())
	}
	all, failed := r.Gather(append(head, mine...))
	if failed != nil {
		return nil, fmt.Errorf("train: %w", failed)
	}
	if err != nil {
		return nil, err
	}
	for rank, one := range all {
		switch {
		case len(one) == 0:
			return nil, fmt.Errorf("train: rank %d said nothing: it runs another program", rank)
		case one[0] == 1:
			return nil, Stop(string(one[1:]))
		case one[0] == 2:
			return nil, fmt.Errorf("rank %d: %s", rank, one[1:])
		}
		all[rank] = one[1:]
	}
	return all, nil
}

// agree is err, or what has stopped another rank; each rank asks at the same moments.
func agree(r Ranks, err error) error {
	if solitary(r) {
		return err
	}
	_, err = gather(r, err, nil)
	return err
}

// Agree is err, or else an error of what has stopped another rank; each rank asks at the same place, between the calls of Fit and Evaluate that they share. For one process it is err.
func Agree(r Ranks, err error) error { return agree(r, err) }

// stretch is the part of n that falls to a rank.
func stretch(r Ranks, n int) (lo, hi int) {
	if solitary(r) {
		return 0, n
	}
	return r.Rank() * n / r.Size(), (r.Rank() + 1) * n / r.Size()
}

// A piece is a node of the tree over the shards that one rank adds up alone.
type piece struct{ lo, hi, rank int }

// pieces are the largest such, from the left, of shards dealt to ranks in stretches.
func pieces(shards, ranks int) (all []piece) {
	owner := func(shard int) int { return ((shard+1)*ranks - 1) / shards }
	var walk func(lo, hi int)
	walk = func(lo, hi int) {
		if owner(lo) == owner(hi-1) {
			all = append(all, piece{lo, hi, owner(lo)})
			return
		}
		middle := (lo + hi + 1) / 2
		walk(lo, middle)
		walk(middle, hi)
	}
	walk(0, shards)
	return all
}

// sumTree adds up what belongs to the nodes, by the same tree, into a place or, where that is nil, into what the first has; at is where the next piece is.
func sumTree[T float32 | float64](into []T, lo, hi int, all []piece, parts [][]T, at *int) []T {
	if p := all[*at]; p.lo == lo && p.hi == hi {
		*at++
		if into != nil {
			copy(into, parts[*at-1])
		}
		return parts[*at-1]
	}
	middle := (lo + hi + 1) / 2
	left := sumTree(nil, lo, middle, all, parts, at)
	right := sumTree(nil, middle, hi, all, parts, at)
	if into == nil {
		into = left
	}
	vec.Add(into, left, right)
	return into
}

// segment is how many elements are added up at once: as much as fits a processor's outer cache, and far below what a message may have.
const segment = 4 << 20

// sumRanks adds up the ranks' pieces, each of as many elements, which may then be anything, into whole, which may be the first of them: every rank the part of the elements that is its own, which it then shares. So every element is added up in the order of
// the tree over the shards, however many ranks there are. What is received lies in room, which is kept.
func sumRanks[T float32 | float64](r Ranks, shards int, all []piece, mine [][]T, whole []T, room *[]T) error {
	size, wide := r.Size(), int(unsafe.Sizeof(T(0)))
	count := make([]int, size) // of pieces, by rank
	for _, p := range all {
		count[p.rank]++
	}
	for from := 0; from < len(whole); from += segment {
		to := min(from+segment, len(whole))
		cut := func(rank int) (lo, hi int) { return from + rank*(to-from)/size, from + (rank+1)*(to-from)/size }
		lo, hi := cut(r.Rank())
		sends, receives, shares := make([]int, size), make([]int, size), make([]int, size)
		total := 0
		for rank := range size {
			l, h := cut(rank)
			sends[rank], receives[rank], shares[rank] = (h-l)*len(mine)*wide, (hi-lo)*count[rank]*wide, (h-l)*wide
			total += (hi - lo) * count[rank]
		}
		var send []T
		if len(mine) == 1 {
			send = mine[0][from:to]
		} else {
			for rank := range size {
				l, h := cut(rank)
				for _, one := range mine {
					send = append(send, one[l:h]...)
				}
			}
		}
		if cap(*room) < total {
			*room = make([]T, total)
		}
		receive := (*room)[:total]
		if err := r.Exchange(bytesOf(send), sends, bytesOf(receive), receives); err != nil {
			return err
		}
		parts, at, own := make([][]T, len(all)), 0, 0
		for i, p := range all { // the ranks' pieces follow one another as the tree's do
			if parts[i] = receive[at : at+hi-lo]; p.rank == r.Rank() {
				parts[i], own = mine[own][lo:hi], own+1
			}
			at += hi - lo
		}
		at = 0
		sumTree(whole[lo:hi], 0, shards, all, parts, &at)
		if err := r.Share(bytesOf(whole[from:to]), shares); err != nil {
			return err
		}
	}
	return nil
}

// bytesOf are numbers as they lie in memory; ranks are machines of one kind.
func bytesOf[T float32 | float64 | int32](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(x[0])))
}

// raw are a tensor's elements as bytes, its own.
func raw(t *tensor.Dense) []byte {
	switch t.Dtype() {
	case tensor.Int32:
		return bytesOf(t.Int32s())
	case tensor.Float64:
		return bytesOf(t.Float64s())
	}
	return bytesOf(t.Float32s())
}

// received makes a tensor of so many rows, as a model of f has them, of what another rank sent.
func (f *feeder) received(shape []int, ids bool, rows int, content []byte) (*tensor.Dense, error) {
	dt := tensor.Float32
	switch {
	case ids:
		dt = tensor.Int32
	case f.model.Config().Float64:
		dt = tensor.Float64
	}
	made := tensor.New(tensor.Of(dt), tensor.WithShape(append([]int{rows}, shape...)...))
	into := raw(made)
	if len(into) != len(content) {
		return nil, fmt.Errorf("got %d bytes of another rank, want %d", len(content), len(into))
	}
	copy(into, content)
	return made, nil
}

// own are the rows of a batch that are this rank's.
func (s *stepper) own(rows []int) []int {
	shards := min(s.shards, len(rows))
	first, last := stretch(s.ranks, shards)
	return rows[first*len(rows)/shards : last*len(rows)/shards]
}

// ownOf are batches with the rows of this rank alone, without those that have none.
func (s *stepper) ownOf(batches [][]int) [][]int {
	if solitary(s.ranks) {
		return batches
	}
	var all [][]int
	for _, rows := range batches {
		if mine := s.own(rows); len(mine) > 0 {
			all = append(all, mine)
		}
	}
	return all
}

// whole reads all of a batch, other ranks' rows too.
func (s *stepper) whole(rows []int, draw datasets.Draw) (*Batch, error) {
	b := s.feeder.room(len(rows))
	err := s.feeder.read(b, slices.Clone(rows), draw)
	return b, err
}
