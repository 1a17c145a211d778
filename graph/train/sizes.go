package train

import (
	"fmt"
	"slices"
	"strings"
)

// compile makes a program for each number of samples that a step will run, so that what cannot be compiled, be it for the last and smaller batch of an epoch, is said before anything is done,
// with batch sizes, and a number of shards, that can be.
func (s *stepper) compile(samples, batch int) error {
	for _, size := range sizes(samples, batch, s.shards) {
		_, err := s.programs.of(size)
		if err == nil {
			continue
		}
		if last := samples % batch; last > 0 && !slices.Contains(sizes(batch, batch, s.shards), size) {
			err = fmt.Errorf("the last batch of an epoch is %d of %d samples: %w", last, samples, err)
		} else if s.shards > 1 {
			err = fmt.Errorf("of a batch of %d samples in %d shards one has %d: %w", min(batch, samples), s.shards, size, err)
		}
		works, shards := s.working(samples, batch)
		hint := ""
		if works != nil {
			hint = fmt.Sprintf("; batch sizes near %d that work for these data: %s", batch, strings.Trim(fmt.Sprint(works), "[]"))
		}
		if shards > 0 {
			hint += fmt.Sprintf("; with batches of %d this number of shards works: %d", batch, shards)
		}
		return fmt.Errorf("train: %w%s", err, hint)
	}
	return nil
}

// sizes are the numbers of samples that are run at once, in batches of a size and the smaller last one, each in so many shards.
func sizes(samples, batch, most int) (all []int) {
	for _, rows := range []int{min(batch, samples), samples % batch} {
		shards := min(most, rows)
		for shard := range shards {
			if size := (shard+1)*rows/shards - shard*rows/shards; !slices.Contains(all, size) {
				all = append(all, size)
			}
		}
	}
	return all
}

// working are batch sizes near one that can be compiled, nil if none is, and the most shards below those that were asked for, 0 if there are none.
func (s *stepper) working(samples, batch int) (all []int, fewer int) {
	trial := &programs{model: s.programs.model, spec: s.programs.spec}
	failed := map[int]bool{}
	works := func(batch, shards int) bool {
		for _, size := range sizes(samples, batch, shards) {
			if !failed[size] {
				_, err := trial.of(size)
				failed[size] = err != nil
			}
			if failed[size] {
				return false
			}
		}
		return true
	}
	for distance := 1; distance <= 8 && len(all) < 3; distance++ {
		for _, b := range []int{batch - distance, batch + distance} {
			if b >= s.shards && b >= 1 && b <= samples && works(b, s.shards) {
				all = append(all, b)
			}
		}
	}
	slices.Sort(all)
	for k := s.shards - 1; k >= 1 && fewer == 0; k-- {
		if (solitary(s.ranks) || k%s.ranks.Size() == 0) && works(batch, k) {
			fewer = k
		}
	}
	return all, fewer
}
