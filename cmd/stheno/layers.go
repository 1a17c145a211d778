package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

func layersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "layers [WORD]",
		Short: "List the layers that --layers knows, or describe one",
		Long: `List the layers that --layers knows, or describe one: its shapes, its settings
and an example.

A network in words is layers with commas or ends of lines between, each fed by
the one before it:

  stheno summary --layers "dense 32 relu, dense 1" --input 13

Settings stand behind the word, in the order in which they are listed, or as
key=value. "* 3" makes three layers of one, brackets hold layers of layers:

  dense 64 relu * 3, residual(dense 64 relu, dense 64)

A name is what a layer puts out, behind "<", and the same layer with the same
parameters, where it stands as a word. x is the network's input:

  h = dense 64 relu, g = dense 64, sum < h + g, dense 10 softmax

What stands behind # is a comment. "left = input 28x28" is one input of several,
"class = output < g" one output.`,
		Example: `  stheno layers
  stheno layers dense`,
		Args:              usage.Arguments(0, 1, "one of the words that `stheno layers` lists"),
		ValidArgsFunction: complete.UpTo(1, complete.LayerWords),
		RunE: func(cmd *cobra.Command, args []string) error {
			width := min(term.Width(cmd.OutOrStdout()), 100)
			var rows [][2]string
			all := text.Entries[graph.Layer]()
			if len(args) == 0 {
				for _, e := range all {
					rows = append(rows, [2]string{e.Word + "  ", e.About})
				}
				_, err := fmt.Fprint(cmd.OutOrStdout(), term.Pairs(width, rows))
				return err
			}
			if err := usage.Known("layers", args[0], text.Words[graph.Layer]()); err != nil {
				return err
			}
			for _, e := range all {
				if e.Word == args[0] {
					return describe(cmd, e, width)
				}
			}
			return nil
		},
	}
}

// describe prints what is known of a layer.
func describe(cmd *cobra.Command, e text.Entry, width int) error {
	var b strings.Builder
	b.WriteString(strings.Join(term.Wrap(e.Word+": "+e.About, width), "\n") + "\n")
	var rows [][2]string
	for _, f := range e.Fields() {
		takes := f.Takes
		if f.Default != "" {
			takes += "; " + f.Default + " if left out"
		}
		rows = append(rows, [2]string{"  " + f.Key + "  ", takes})
	}
	if len(rows) > 0 {
		b.WriteString("\n" + strings.Join(term.Wrap("Settings, in this order, or as key=value:", width), "\n") + "\n" + term.Pairs(width, rows))
	}
	fmt.Fprintf(&b, "\nExample:\n  %s\n", e.Example)
	_, err := fmt.Fprint(cmd.OutOrStdout(), b.String())
	return err
}
