package train

import (
	"fmt"
	"slices"
	"strings"
)

// compile makes a program for each number of samples that a step will run, so that what cannot be compiled, be it for the last and smaller batch of an epoch, is said before anything is done,
// with batch sizes that can be.
func (s *stepper) compile(samples, batch int) error {
	for _, size := range s.sizes(samples, batch) {
		_, err := s.programs.of(size)
		if err == nil {
			continue
		}
		if last := samples % batch; last > 0 && !slices.Contains(s.sizes(batch, batch), size) {
			err = fmt.Errorf("the last batch of an epoch is %d of %d samples: %w", last, samples, err)
		}
		if works := s.working(samples, batch); works != nil {
			return fmt.Errorf("train: %w; batch sizes near %d that work for these data: %s", err, batch, strings.Trim(fmt.Sprint(works), "[]"))
		}
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// sizes are the numbers of samples that are run at once, in batches of a size and the smaller last one, each in its shards.
func (s *stepper) sizes(samples, batch int) (all []int) {
	for _, rows := range []int{min(batch, samples), samples % batch} {
		shards := min(s.shards, rows)
		for shard := range shards {
			if size := (shard+1)*rows/shards - shard*rows/shards; !slices.Contains(all, size) {
				all = append(all, size)
			}
		}
	}
	return all
}

// working are batch sizes near one that can be compiled; nil if none is.
func (s *stepper) working(samples, batch int) (all []int) {
	trial := &programs{model: s.programs.model, spec: s.programs.spec}
	failed := map[int]bool{}
	works := func(size int) bool {
		if failed[size] {
			return false
		}
		_, err := trial.of(size)
		failed[size] = err != nil
		return err == nil
	}
	for distance := 1; distance <= 8 && len(all) < 3; distance++ {
		for _, b := range []int{batch - distance, batch + distance} {
			if b >= s.shards && b >= 1 && b <= samples && !slices.ContainsFunc(s.sizes(samples, b), func(size int) bool { return !works(size) }) {
				all = append(all, b)
			}
		}
	}
	slices.Sort(all)
	return all
}
