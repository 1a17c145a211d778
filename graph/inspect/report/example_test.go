package report_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/report"
	"github.com/stheno-ml/stheno/models"
)

// The report of an experiment of the lecture, small enough for an example.
func ExampleWrite() {
	ctx := context.Background()
	digits, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	e, err := models.Find("relu")
	if err != nil {
		log.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs = []int{16}, 500, 2
	record, err := e.Record(ctx, digits, test, models.RunOptions{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	findings, err := inspect.Diagnose(ctx, record)
	if err != nil {
		log.Fatal(err)
	}
	var page bytes.Buffer // or a file
	err = report.Write(ctx, &page, []report.Run{{
		Record:   record,
		Findings: findings,
		Settings: []report.Setting{{Name: "seed", Value: "1"}, {Name: "batch", Value: fmt.Sprint(e.BatchSize)}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	for _, title := range []string{"Stheno: relu", "Gradient norm by layer and step", "Confusion, test set", "Weights of the first layer, largest first"} {
		fmt.Println(strings.Contains(page.String(), "<title>"+title+"</title>"), title)
	}
	// Output:
	// true Stheno: relu
	// true Gradient norm by layer and step
	// true Confusion, test set
	// true Weights of the first layer, largest first
}
