package train

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// TestPass: beside, a bucket is summed while the next ones are taken, and in order; else, one after the other. An error ends the summing, not the taking.
func TestPass(t *testing.T) {
	buckets := []bucket{{lo: 0}, {lo: 1}, {lo: 2}, {lo: 3}}
	var events []string
	take := func(b bucket) { events = append(events, fmt.Sprint("take ", b.lo)) }
	sum := func(b bucket) error { events = append(events, fmt.Sprint("sum ", b.lo)); return nil }
	if _, err := pass(buckets[:2], false, take, sum); err != nil || !slices.Equal(events, []string{"take 0", "sum 0", "take 1", "sum 1"}) {
		t.Errorf("got %v, %v", events, err)
	}
	begun, sums := make(chan bool), []int(nil)
	_, err := pass(buckets, true, func(b bucket) {
		if b.lo == len(buckets)-1 {
			<-begun // the last one is not taken before the first is being summed: for ever, if that waited for the taking
		}
	}, func(b bucket) error {
		if b.lo == 0 {
			begun <- true
		}
		sums = append(sums, b.lo)
		return nil
	})
	if err != nil || !slices.Equal(sums, []int{0, 1, 2, 3}) {
		t.Errorf("beside: got sums %v, %v", sums, err)
	}
	for _, beside := range []bool{false, true} {
		broken, calls := errors.New("broken"), 0
		if _, err := pass(buckets, beside, func(bucket) {}, func(bucket) error { calls++; return broken }); err != broken || calls != 1 {
			t.Errorf("beside %v: got error %v after %d sums, want the first one's", beside, err, calls)
		}
	}
}

// TestMoves: for any ranks, the pieces' moves and the tree over them are the additions of one process, each in its place.
func TestMoves(t *testing.T) {
	apply := func(all []move, at []string) []string {
		for _, m := range all {
			for len(at) <= m.level+1 {
				at = append(at, "")
			}
			if m.shard < 0 {
				at[m.level] = "(" + at[m.level] + "+" + at[m.level+1] + ")"
			} else {
				at[m.level] = fmt.Sprint(m.shard)
			}
		}
		return at
	}
	for shards := 1; shards <= 12; shards++ {
		want := apply(moves(0, shards, 0), nil)[0]
		for ranks := 1; ranks <= shards+1; ranks++ {
			var parts []string
			for rank := range ranks {
				s := &stepper{}
				if ranks > 1 {
					s.ranks = placed{rank, ranks}
				}
				now, later, own := s.moves(shards)
				if slices.ContainsFunc(later, func(m move) bool { return m.shard >= 0 }) || len(now) > 0 && now[len(now)-1].shard < 0 {
					t.Fatalf("%d shards, rank %d of %d: got %v, then %v", shards, rank, ranks, now, later)
				}
				parts = append(parts, apply(later, apply(now, nil))[:own]...)
			}
			all, at := pieces(shards, ranks), 0
			var tree func(lo, hi int) string
			tree = func(lo, hi int) string {
				if p := all[at]; p.lo == lo && p.hi == hi {
					at++
					return parts[at-1]
				}
				middle := (lo + hi + 1) / 2
				left := tree(lo, middle)
				return "(" + left + "+" + tree(middle, hi) + ")"
			}
			if got := tree(0, shards); got != want || len(parts) != len(all) {
				t.Errorf("%d shards on %d ranks: got %s, want %s", shards, ranks, got, want)
			}
		}
	}
}

// placed are ranks that only know where they are.
type placed struct{ rank, size int }

func (c placed) Rank() int                                   { return c.rank }
func (c placed) Size() int                                   { return c.size }
func (c placed) Threads() int                                { return 1 }
func (c placed) Gather([]byte) ([][]byte, error)             { return nil, nil }
func (c placed) Exchange([]byte, []int, []byte, []int) error { return nil }
func (c placed) Share([]byte, []int) error                   { return nil }

// TestBuckets: they are whole tensors that follow one another, each of as many bytes as is asked for, where there are so many; what is left over, and the states, are in the last.
func TestBuckets(t *testing.T) {
	for _, wide := range []bool{false, true} {
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(10), Float64: wide}, layers.Dense{Units: 7}, layers.Dense{Units: 100}, layers.BatchNorm{}, layers.Dense{Units: 20}, layers.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		states, size := m.States(), 4
		if wide {
			size = 8
		}
		for _, least := range []int{1, 100, 1000, 1 << 20} {
			s, err := newSums(m, states, least)
			if err != nil {
				t.Fatal(err)
			}
			if want := len(m.Trainable()) + len(states); len(s.all) != want {
				t.Fatalf("got %d tensors, want %d", len(s.all), want)
			}
			at := bucket{}
			for i, b := range s.buckets {
				n := 0
				for _, tensor := range s.all[b.first:b.last] {
					n += tensor.Shape().TotalSize()
				}
				if b.first != at.last || b.lo != at.hi || b.hi-b.lo != n || n*size < least && len(s.buckets) > 1 {
					t.Errorf("at least %d bytes: bucket %d is %+v of %d elements, behind %+v", least, i, b, n, at)
				}
				at = b
			}
			if at.last != len(s.all) || s.whole() != (bucket{0, at.last, 0, at.hi}) || (least == 1<<20) != (len(s.buckets) == 1) {
				t.Errorf("at least %d bytes: the last bucket is %+v, all are %+v", least, at, s.whole())
			}
		}
	}
}
