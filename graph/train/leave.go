package train

import (
	"time"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// leave takes what the last shard that was run came to, does the moves that are left, and adds up the ranks' pieces, of which this rank has the levels from 0 on: all that by buckets, so that one goes
// from rank to rank while the products of the next are multiplied out. It is called when every rank has said that its shards are run: nothing fails in it but what joins the ranks.
//
// What waits for messages does so in a loop. It is given a thread of its own only where this rank computes with fewer than it has; else it would take from the products more than they hide.
func (s *stepper) leave(shards, own int, now, later []move) error {
	total := s.levels[0]
	take := func(b bucket) {
		if len(now) > 0 {
			s.levels[now[len(now)-1].level].take(b)
		}
		for _, m := range later {
			s.levels[m.level].add(s.levels[m.level+1], b)
		}
	}
	if solitary(s.ranks) {
		for _, b := range total.buckets {
			take(b)
		}
		return nil
	}
	all := pieces(shards, s.ranks.Size())
	sum := func(b bucket) error {
		if _, wide := total.flat.([]float64); wide {
			return sumRanks(s.ranks, shards, all, stretches[float64](s.levels[:own], b), total.flat.([]float64)[b.lo:b.hi], &s.roomWide)
		}
		return sumRanks(s.ranks, shards, all, stretches[float32](s.levels[:own], b), total.flat.([]float32)[b.lo:b.hi], &s.room)
	}
	hidden, err := pass(total.buckets, s.ranks.Threads() > parallel.Threads(), take, sum)
	s.beside += hidden
	return err
}

// pass takes and sums one bucket after the other; beside: those that are taken are summed in another goroutine while the next is taken. It says for how long both went on at once.
func pass(buckets []bucket, beside bool, take func(bucket), sum func(bucket) error) (hidden time.Duration, err error) {
	if !beside {
		for _, b := range buckets {
			take(b)
			if err := sum(b); err != nil {
				return 0, err
			}
		}
		return 0, nil
	}
	taken, ended := make(chan bucket, len(buckets)), make(chan error)
	var busy time.Duration
	go func() {
		var err error
		for b := range taken {
			if err == nil {
				start := time.Now()
				err = sum(b)
				busy += time.Since(start)
			}
		}
		ended <- err
	}()
	for _, b := range buckets {
		take(b)
		taken <- b
	}
	close(taken)
	start := time.Now()
	err = <-ended
	return max(0, busy-time.Since(start)), err
}

// stretches are a bucket's elements in each level.
func stretches[T float32 | float64](levels []*sums, b bucket) (all [][]T) {
	for _, l := range levels {
		all = append(all, l.flat.([]T)[b.lo:b.hi])
	}
	return all
}

// moves are those of this rank's pieces of the tree over the shards, each of which has its sum in a level of its own, from 0 on; up to the run of the last shard, and those after it.
func (s *stepper) moves(shards int) (now, later []move, own int) {
	size, rank := 1, 0
	if !solitary(s.ranks) {
		size, rank = s.ranks.Size(), s.ranks.Rank()
	}
	for _, p := range pieces(shards, size) {
		if p.rank == rank {
			now = append(now, moves(p.lo, p.hi, own)...)
			own++
		}
	}
	last := len(now)
	for last > 0 && now[last-1].shard < 0 {
		last--
	}
	return now[:last], now[last:], own
}

// makeLevels makes those that moves are about, and the first in any case; shard is the size of one that a program may be for.
func (s *stepper) makeLevels(all []move, shard int) error {
	levels := 1
	for _, m := range all {
		levels = max(levels, m.level+1)
	}
	if len(s.levels) >= levels {
		return nil
	}
	p, err := s.programs.of(shard)
	if err != nil {
		return err
	}
	for len(s.levels) < levels {
		made, err := newSums(s.feeder.model, p.Updates(), s.bucketBytes())
		if err != nil {
			return err
		}
		s.levels = append(s.levels, made)
	}
	return nil
}

// bucketBytes is how much a bucket has at least: parts of it that are smaller take longer to begin than to send.
func (s *stepper) bucketBytes() int {
	if solitary(s.ranks) {
		return 1 << 20
	}
	return max(1<<20, s.ranks.Size()<<16)
}
