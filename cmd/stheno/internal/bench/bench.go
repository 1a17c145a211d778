// Package bench measures how fast a machine trains, beside what its matrix products alone take.
package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/bench/peers"
	"github.com/stheno-ml/stheno/datasets"
)

// A Regime is a way of training, or predicting, whose speed is measured.
type Regime struct {
	Name       string
	experiment string
	samples    int // of an epoch; the time is scaled to 10,000
	predict    bool
	network    string                                                             // in place of the experiment's; the peers' scripts have it by the regime's name
	data       func(images *datasets.Dataset, samples int) (datasets.Data, error) // nil: the images
	flop       float64                                                            // of the matrix products of a sample, where there is more to them than rows of the weights
}

// Regimes are those that there are.
var Regimes = []Regime{
	{Name: "sgd-100", experiment: "cross-entropy", samples: 10000},
	{Name: "adam-100", experiment: "adam", samples: 10000},
	{Name: "dropout-100", experiment: "dropout", samples: 10000},
	{Name: "batch-10000", experiment: "batch-10000", samples: 10000},
	{Name: "batch-1", experiment: "batch-1", samples: 1000},
	{Name: "deep-100", experiment: "deep-sigmoid", samples: 10000},
	{Name: "predict", experiment: "cross-entropy", samples: 10000, predict: true},
	{Name: "lenet", experiment: "lenet", samples: 10000},
	{Name: "convnet", experiment: "convnet", samples: 10000},
	{Name: "batchnorm", experiment: "adam", samples: 10000, network: "flatten, sequence(dense 633, batchnorm, relu) * 3, dense 10 softmax"},
	{Name: "embedding", experiment: "adam", samples: 10000, network: "embedding 10000 64 mean, dense 10 softmax", data: words},
	{Name: "lstm", experiment: "row-lstm", samples: 10000, flop: recurrentFLOP(4)},
	{Name: "gru", experiment: "adam", samples: 10000, network: "gru 128, dense 10 softmax", flop: recurrentFLOP(3)},
	{Name: "transformer", experiment: "row-transformer", samples: 10000, flop: transformerFLOP},
}

// recurrentFLOP counts, of a training step's sample, the products of 28 rows of 28 numbers with the weights of so many gates of 128 units, whose input needs no gradient, those of the state, and the
// last layer's.
func recurrentFLOP(gates int) float64 {
	return float64(28*gates*(2*2*28*128+3*2*128*128) + 3*2*128*10)
}

// transformerFLOP counts those of 28 rows with a dense layer of 64, whose input needs no gradient, of two blocks, and of the last layer. A block has layers of 64 to 192, 64 to 64, 64 to 128 and 128 to
// 64, and six products of attention, of 28 × 28 × 64 each.
const transformerFLOP = 28*2*2*28*64 + 2*(28*3*2*(64*192+64*64+64*128+128*64)+6*2*28*28*64) + 3*2*64*10

// predictBatch is the batch of the predict regime.
const predictBatch = 1000

// Names are the regimes'.
func Names() []string {
	var names []string
	for _, r := range Regimes {
		names = append(names, r.Name)
	}
	return names
}

// Report is what bench prints of a regime. The seconds are medians.
type Report struct {
	Regime          string   `json:"regime"`
	SecondsPerEpoch float64  `json:"seconds_per_epoch"`
	Spread          float64  `json:"spread"`                  // of the slowest epoch over the fastest: 0.1 is a tenth slower
	FloorSeconds    float64  `json:"floor_seconds,omitempty"` // none where there is more to the products than rows of the weights
	OverFloor       float64  `json:"over_floor,omitempty"`
	GFLOPS          float64  `json:"gflops"`                  // of the matrix products in the whole time
	PeakGFLOPS      float64  `json:"peak_gflops,omitempty"`   // blas.Peak; none where it cannot be measured
	ShareOfPeak     float64  `json:"share_of_peak,omitempty"` // gflops over peak_gflops
	ImagesPerSecond float64  `json:"images_per_second,omitempty"`
	AllocBytes      int64    `json:"alloc_bytes_per_step"`
	Allocs          int64    `json:"allocs_per_step"`
	Ranks           int      `json:"ranks,omitempty"`      // that shared the work, where there were several
	MPIShare        float64  `json:"mpi_share,omitempty"`  // of the time, in MPI and in waiting there for other ranks
	Beside          float64  `json:"mpi_beside,omitempty"` // of the time, in which gradients went from rank to rank while others were multiplied out
	BLAS            string   `json:"blas"`
	Threads         int      `json:"threads"`
	Against         []Versus `json:"against,omitempty"`
}

// Versus is how a peer compares in a regime. A ratio is of our epoch to the peer's after it, below 1 where we are faster.
type Versus struct {
	Peer            string  `json:"peer"`
	SecondsPerEpoch float64 `json:"seconds_per_epoch,omitempty"`
	Ratio           float64 `json:"ratio,omitempty"` // the median
	Lowest          float64 `json:"ratio_lowest,omitempty"`
	Highest         float64 `json:"ratio_highest,omitempty"`
	Error           string  `json:"error,omitempty"` // why there is no ratio
}

// Measure times so many epochs of each regime, after one to warm up, by turns: an epoch of the first, its floor, the peak, an epoch of each peer, then the
// next regime. So what else the machine does, and its clock, fall on all alike. turn is called after each regime's turn.
func Measure(ctx context.Context, regimes []Regime, images *datasets.Dataset, epochs int, against []*peers.Peer, turn func() error) ([]Report, error) {
	var courses []*course
	defer func() {
		for _, c := range courses {
			c.stop()
		}
	}()
	for _, r := range regimes {
		c, err := newCourse(ctx, r, images, epochs+1, against)
		if err != nil {
			return nil, fmt.Errorf("regime %s: %w", r.Name, err)
		}
		courses = append(courses, c)
	}
	for round := range epochs + 1 {
		for _, c := range courses {
			if err := c.turn(ctx, round == 0); err != nil {
				return nil, fmt.Errorf("regime %s: %w", c.regime.Name, err)
			}
			if err := turn(); err != nil {
				return nil, err
			}
		}
	}
	var reports []Report
	for _, c := range courses {
		reports = append(reports, c.report())
	}
	return reports, nil
}

func median(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}
