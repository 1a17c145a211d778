package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/graph/blas"
)

// PrintRates prints a line a BLAS, a column a batch, and what would be faster than the one in use.
func PrintRates(out io.Writer, used string, rates []blas.Rate, peak float64) error {
	var batches []int
	var names []string
	at := map[string]map[int]float64{}
	for _, r := range rates {
		if !slices.Contains(batches, r.Batch) {
			batches = append(batches, r.Batch)
		}
		if at[r.BLAS] == nil {
			names, at[r.BLAS] = append(names, r.BLAS), map[int]float64{}
		}
		at[r.BLAS][r.Batch] = r.GFLOPS
	}
	columns := []term.Column{{Head: "GFLOP/s", Width: 10}}
	for _, b := range batches {
		columns = append(columns, term.Column{Head: fmt.Sprintf("batch %d", b), Width: 12})
	}
	fmt.Fprintln(out)
	t := &term.Table{Out: out, Columns: columns}
	for _, name := range names {
		cells := []string{name}
		for _, b := range batches {
			cells = append(cells, fmt.Sprintf("%.1f", at[name][b]))
		}
		if err := t.Row(cells...); err != nil {
			return err
		}
	}
	var remarks strings.Builder
	remark := func(format string, args ...any) {
		remarks.WriteString(term.Indent(fmt.Sprintf(format, args...), 0, term.Width(out)))
	}
	if peak > 0 {
		remark("The cores can do %.0f at most; at batch 1 memory is the bound.", peak)
	}
	faster := false
	for _, b := range batches {
		best := slices.MaxFunc(names, func(x, y string) int { return cmp.Compare(at[x][b], at[y][b]) })
		if ratio := at[best][b] / at[used][b]; ratio > 1.05 { // less is the noise of a busy machine
			faster = true
			remark("At batch %d %s is %.2f times as fast as %s: --blas %s or STHENO_BLAS=%s takes it.", b, best, ratio, used, best, best)
		}
	}
	if !faster {
		remark("Nothing here is faster than %s.", used)
	}
	_, err := io.WriteString(out, remarks.String())
	return err
}
