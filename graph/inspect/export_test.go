package inspect

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Facts is a line of what the rules judge by, for setting the thresholds.
func Facts(r *Record) string {
	f, err := measure(context.Background(), r)
	if err != nil {
		return err.Error()
	}
	last := r.Snapshots[len(r.Snapshots)-1]
	var dead, saturated float64
	for _, l := range last.Layers {
		dead, saturated = max(dead, l.Dead), max(saturated, l.Saturated)
	}
	distance := 0.0
	for _, s := range f.shifts {
		distance = max(distance, s.distance)
	}
	return fmt.Sprintf("skill %.3f gap %.3f steps %d flow first/largest %.0e start %.0e update %.0e..%.0e largest grad %.0e starved %.0f dead %.2f sat %.2f shift %.3f rms %.2g",
		f.skill, r.Train.Result.Accuracy()-r.Tests[0].Result.Accuracy(), r.Steps, f.flow[0]/slices.Max(f.flow), slices.Max(f.start), slices.Min(f.update), slices.Max(f.update), f.highest, f.starved, dead, saturated,
		distance, math.Hypot(f.stats.Mean, f.stats.Std))
}
