// Command stheno runs the experiments of Hung-yi Lee's Keras lecture on MNIST, and looks inside the networks while they train.
//
//	go run ./cmd/stheno list
//	go run ./cmd/stheno run relu
//
// Words go to standard output, progress and warnings to standard error. Exit status: 0 done; 1 it failed or training
// diverged, and a line says why and what to do; 2 the command line was wrong; 130 or 143 it was interrupted or
// terminated, after finishing the step in hand.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
)

func main() {
	if os.Getenv("GOGC") == "" { // training makes little garbage: a third of the room for it is enough
		debug.SetGCPercent(30)
	}
	os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// execute runs one command line and returns its exit status.
func execute(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer close(signals)
	defer signal.Stop(signals)
	go func() {
		if s, ok := <-signals; ok {
			cancel(&interrupt.Error{Signal: s})
			if _, ok := <-signals; ok { // the second one does not wait for the step to end
				if term.IsTerminal(errOut) {
					fmt.Fprintln(errOut) // below the progress bar
				}
				usage.Say(errOut, "ended at once, as told twice: a run goes on from its last checkpoint, see `stheno runs`")
				os.Exit((&interrupt.Error{Signal: s}).Status())
			}
		}
	}()

	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	return ranks.Do(root, args, out, errOut, func(out, errOut io.Writer) error {
		root.SetOut(out)
		root.SetErr(errOut)
		return root.ExecuteContext(ctx)
	})
}

func rootCommand() *cobra.Command {
	cobra.EnableCommandSorting = false // they have an order: what a newcomer needs comes first
	root := &cobra.Command{
		Use:   "stheno",
		Short: "Train the networks of Hung-yi Lee's Keras lecture, and see why they fail",
		Long: `Train the networks of Hung-yi Lee's Keras lecture on MNIST, and see why they do
or do not learn.

One network fails (mean squared error, sigmoid), and is mended a change at a
time: loss, batch size, depth, activation, scaling, optimizer, noise, dropout.
10,000 training and 10,000 test digits come with the program.`,
		Example: `  stheno list               the experiments, and what the lecture showed
  stheno lab                all of it in the browser
  stheno run relu           train one, and compare it with the lecture
  stheno diagnose mse       train one, and say why it does not learn
  stheno train iris.csv --target species      train a network on your own data`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       help.Version(),
		Args:          usage.OneOfTheCommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, group := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Train", []*cobra.Command{listCommand(), labCommand(), layersCommand(), scheduleCommand(), findRateCommand(), summaryCommand(), runCommand(), sweepCommand(), trainCommand()}},
		{"Look inside", []*cobra.Command{gradientsCommand(), diagnoseCommand(), graphCommand(), gradcheckCommand()}},
		{"Runs that were kept", []*cobra.Command{runsCommand(), evalCommand(), predictCommand(), sampleCommand(), compareCommand(), reportCommand(), saveCommand(), exportCommand(), importCommand()}},
		{"Data and machine", []*cobra.Command{dataCommand(), infoCommand(), benchCommand()}},
		{"Help", []*cobra.Command{helpCommand(), completionCommand(), manCommand(), versionCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: group.title, Title: group.title})
		for _, c := range group.commands {
			c.GroupID = group.title
		}
		root.AddCommand(group.commands...)
	}
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			root.SetHelpCommand(c)
		}
	}
	root.SetFlagErrorFunc(usage.FlagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		fmt.Fprint(cmd.OutOrStdout(), help.Of(cmd, help.Width(cmd.OutOrStdout())))
	})
	root.SetVersionTemplate("stheno {{.Version}}\n")
	complete.Flags(root)
	return root
}
