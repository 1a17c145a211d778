package bench

import (
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
)

// Print prints a line a regime and, where there were peers, a line for each in each.
func Print(out io.Writer, reports []Report) error {
	table := &term.Table{Out: out, Columns: []term.Column{
		{Head: "regime", Width: 11}, {Head: "s/epoch", Width: 7}, {Head: "spread", Width: 6}, {Head: "floor", Width: 7}, {Head: "over", Width: 4}, {Head: "GFLOP/s", Width: 7},
		{Head: "peak", Width: 4}, {Head: "share", Width: 5}, {Head: "B/step", Width: 6}, {Head: "allocs", Width: 6},
	}}
	peers := false
	for _, r := range reports {
		peers = peers || len(r.Against) > 0
		peak, share := term.Dash, term.Dash
		if r.PeakGFLOPS > 0 {
			peak, share = fmt.Sprintf("%.0f", r.PeakGFLOPS), fmt.Sprintf("%.2f", r.ShareOfPeak)
		}
		floor, over := term.Dash, term.Dash
		if r.FloorSeconds > 0 {
			floor, over = fmt.Sprintf("%.4f", r.FloorSeconds), fmt.Sprintf("%.2f", r.OverFloor)
		}
		if err := table.Row(r.Regime, fmt.Sprintf("%.4f", r.SecondsPerEpoch), fmt.Sprintf("%.0f%%", 100*r.Spread), floor, over,
			fmt.Sprintf("%.1f", r.GFLOPS), peak, share, fmt.Sprint(r.AllocBytes), fmt.Sprint(r.Allocs)); err != nil {
			return err
		}
	}
	for _, r := range reports {
		if r.Ranks > 0 {
			if _, err := fmt.Fprintf(out, "%s: %d ranks, %.0f%% of the time in MPI; %.0f%% of it both there and multiplying gradients out\n", r.Regime, r.Ranks, 100*r.MPIShare, 100*r.Beside); err != nil {
				return err
			}
		}
	}
	if !peers {
		return nil
	}
	fmt.Fprintln(out)
	versus := &term.Table{Out: out, Columns: []term.Column{
		{Head: "regime", Width: 11}, {Head: "peer", Width: 24, Text: true}, {Head: "s/epoch", Width: 8}, {Head: "ratio", Width: 6}, {Head: "range", Width: 11},
	}}
	for _, r := range reports {
		for _, v := range r.Against {
			if v.Error != "" {
				if _, err := io.WriteString(out, term.Indent(r.Regime+": left out: "+v.Error, 0, term.Width(out))); err != nil {
					return err
				}
				continue
			}
			if err := versus.Row(r.Regime, v.Peer, fmt.Sprintf("%.4f", v.SecondsPerEpoch), fmt.Sprintf("%.2f", v.Ratio), fmt.Sprintf("%.2f–%.2f", v.Lowest, v.Highest)); err != nil {
				return err
			}
		}
	}
	return nil
}
