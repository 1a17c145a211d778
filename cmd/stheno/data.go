package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/datainfo"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/progress"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
)

func dataCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Describe or download data sets",
		Example: `  stheno data info
  stheno data fetch fashion-mnist`,
		Args: usage.OneOfTheCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(dataInfoCommand(), dataFetchCommand())
	return cmd
}

func dataInfoCommand() *cobra.Command {
	var data flags.Data
	var target []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info [FILE]",
		Short: "Describe a data set: samples, columns, classes, range of the values",
		Long: `Describe a data set: samples, columns, classes, range of the values, and what
is worth a look before anything is learnt of it.

A FILE is a table as text (CSV, TSV), an array (NPY, NPZ, IDX), a picture, a
text, or a folder with a folder of pictures or texts for each class. Without one
it is the data set that --dataset or --data-dir names.`,
		Example: `  stheno data info
  stheno data info houses.csv --target price
  stheno data info houses.csv --json
  stheno data info --data-dir ~/my-digits`,
		Args: usage.Arguments(0, 1, "one file or folder, or none"),
		ValidArgsFunction: complete.UpTo(1, func(string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if cmd.Flags().Changed("dataset") || cmd.Flags().Changed("data-dir") {
					return usage.Errorf("data info: got a file and --dataset or --data-dir, want one of them")
				}
				if err := files.Missing(args[0], "a table, an array, a picture, a text, or a folder of pictures or texts"); err != nil {
					return fmt.Errorf("data info: %w", err)
				}
				found, err := datasets.OpenFile(args[0], datasets.Columns{Target: target})
				if err != nil {
					return err
				}
				if _, table := found.(*datasets.Table); !table && len(target) > 0 {
					return usage.Errorf("data info: got --target and %s, which is no table", args[0])
				}
				if asJSON {
					return printInfo(cmd, found)
				}
				return datainfo.Print(cmd.OutOrStdout(), found)
			}
			if len(target) > 0 {
				return usage.Errorf("data info: got --target and no file, want the table that it is a column of")
			}
			train, test, err := data.Open()
			if err != nil {
				return err
			}
			if asJSON {
				return printInfo(cmd, train, test)
			}
			digits, ok := train.(*datasets.Dataset)
			if !ok {
				return datainfo.Print(cmd.OutOrStdout(), train)
			}
			return describeBoth(cmd, digits, test.(*datasets.Dataset))
		},
	}
	data.Add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object on standard output; of a data set one of the training set, and one of the test set")
	cmd.Flags().StringSliceVar(&target, "target", nil, "`column` of a table that is to be learnt; several of numbers apart by commas")
	return cmd
}

// printInfo describes data for programs.
func printInfo(cmd *cobra.Command, all ...datasets.Data) error {
	lines := term.JSON(cmd.OutOrStdout())
	for _, data := range all {
		r, err := datainfo.Describe(data)
		if err != nil {
			return err
		}
		if err := lines.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// describeBoth prints a training and a test set side by side.
func describeBoth(cmd *cobra.Command, train, test *datasets.Dataset) error {
	a, b := train.Stats(), test.Stats()
	rows := [][3]string{
		{"name", train.Name, test.Name}, {"samples", fmt.Sprint(train.Len()), fmt.Sprint(test.Len())},
		{"shape", shape(train), shape(test)}, {"values", span(a), span(b)},
		{"mean", fmt.Sprintf("%.2f", a.Mean), fmt.Sprintf("%.2f", b.Mean)}, {"deviation", fmt.Sprintf("%.2f", a.Std), fmt.Sprintf("%.2f", b.Std)},
	}
	for i, class := range train.Classes {
		rows = append(rows, [3]string{"class " + class, share(a.Counts[i], train), share(b.Counts[i], test)})
	}
	t := &term.Table{Out: cmd.OutOrStdout(), Columns: []term.Column{{Width: 10}, {Head: "training", Width: 14}, {Head: "test", Width: 14}}}
	for i := range t.Columns {
		for _, row := range rows {
			t.Columns[i].Width = max(t.Columns[i].Width, utf8.RuneCountInString(row[i]))
		}
	}
	for _, row := range rows {
		if err := t.Row(row[:]...); err != nil {
			return err
		}
	}
	return datainfo.Findings(cmd.OutOrStdout(), train, test)
}

func shape(d *datasets.Dataset) string {
	s := ""
	for i, n := range d.Shape {
		if i > 0 {
			s += "×"
		}
		s += fmt.Sprint(n)
	}
	return s
}

func share(n int, d *datasets.Dataset) string {
	return fmt.Sprintf("%d  %.4f", n, float64(n)/float64(d.Len()))
}

func span(s datasets.Stats) string { return fmt.Sprintf("%g to %g", s.Min, s.Max) }

func dataFetchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "fetch NAME…",
		Short: "Download whole data sets into the cache folder",
		Long: `Download whole data sets into the cache folder, checked by SHA-256. What a
download that broke off has brought is kept: the next one goes on from there.

After fetch mnist there is --dataset mnist-full, after fetch fashion-mnist
--dataset fashion-mnist.`,
		Example: `  stheno data fetch mnist fashion-mnist
  stheno data fetch mnist && stheno run relu --dataset mnist-full`,
		Args: usage.Arguments(1, -1, "one or more of "+strings.Join(datasets.Published(), ", ")),
		ValidArgsFunction: complete.UpTo(complete.Many, func(string) ([]string, cobra.ShellCompDirective) {
			return datasets.Published(), cobra.ShellCompDirectiveNoFileComp
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, name := range args {
				if err := usage.Known("data fetch", name, datasets.Published()); err != nil {
					return err
				}
			}
			return usage.Each(cmd.ErrOrStderr(), args, func(name string) error {
				dir, err := fetch(cmd, name)
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%s is in %s\n", name, term.Plain(dir))
				}
				return err
			})
		},
	}
}

func fetch(cmd *cobra.Command, name string) (dir string, err error) {
	if !term.ShowsProgress(cmd.ErrOrStderr()) {
		return datasets.Fetch(cmd.Context(), name, nil)
	}
	var bar *progressbar.ProgressBar
	dir, err = datasets.Fetch(cmd.Context(), name, func(done, total int64) {
		if bar == nil {
			bar = progress.NewBar(cmd.ErrOrStderr(), total, progressbar.OptionShowBytes(true), progressbar.OptionSetDescription(name))
		}
		_ = bar.Set64(done)
	})
	if bar != nil {
		_ = bar.Clear()
	}
	return dir, err
}
