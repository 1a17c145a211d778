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
	if f == nil {
		return "not judged"
	}
	last := r.Snapshots[len(r.Snapshots)-1]
	var dead, saturated float64
	for _, l := range last.Layers {
		dead, saturated = max(dead, l.Dead), max(saturated, l.Saturated)
	}
	text := fmt.Sprintf("skill %.3f gap %.3f fall %.4f steps %d starved %.1f dead %.2f sat %.2f", f.fit.skill, f.gap(), f.fall, r.Steps, f.starved, dead, saturated)
	if len(f.flow) > 0 {
		text += fmt.Sprintf(" flow first/largest %.0e start %.0e update %.0e..%.0e largest grad %.0e", f.flow[0]/slices.Max(f.flow), slices.Max(f.start), slices.Min(f.update), slices.Max(f.update), f.highest)
	}
	if t := f.test(); t != nil {
		text += fmt.Sprintf(" test skill %.3f shift %.3f spread %.3g", t.skill, f.shifts[0].distance, f.shifts[0].spread)
	}
	if f.values != nil {
		text += fmt.Sprintf(" rms %.2g constant %d duplicated %d", math.Hypot(f.values.mean, f.values.std), len(f.values.constant), len(f.values.duplicated))
	}
	if n := f.neighbours; n != nil {
		text += fmt.Sprintf(" neighbours %.3f test %.3f plain %.2f alike %.2f", n.skill, n.test, n.plain, n.alike)
		if f.fit.kind == ofClasses {
			text += fmt.Sprintf(" surest %.2f", f.surest())
		}
	}
	return text
}
