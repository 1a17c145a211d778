package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/cmd/stheno/lab"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

func labCommand() *cobra.Command {
	l := &laboratory{}
	cmd := &cobra.Command{
		Use:   "lab [EXPERIMENT|RUN|DATA]",
		Short: "Train in the browser: watch the gradient flow, mend the network, draw a digit",
		Long: `Train in the browser: the lecture's experiments as steps of a ladder, the
network with the gradient of every layer while it trains, the curves, the
diagnosis in words with a button that mends, a digit to be drawn, one step taken
apart, and every step to go back to and branch off, exact to the bit.

It opens an experiment with the flags' changes, a run as it was kept, or a
table, or a folder or zip of pictures of your own (of a table the last column is
learnt, or that of --target); without an argument the first step of the ladder.
What is trained in the lab is in memory and goes with it; a run that was kept
stays as it is. With --out every run is kept, a folder each in that folder: on
each pause, at the end, and about twice a minute while it trains, so that a lab
that is killed loses no more than that. The lab opens what lies there, and goes
on with it as a branch, and run --resume, train --resume, diagnose, report, eval
and the others take each of them; what is removed in the page goes with its
folder, and data that were dropped there with the last run that uses them. One
whose settings were changed on its way goes on with those that it came to. Take
away in the page gives a single run as such a folder, in a zip.

The page is served to this machine alone, and to whoever has the token of the
address that is printed. Through a tunnel another machine sees it too: ssh -L
8080:localhost:8080, with --addr 127.0.0.1:8080 there. An --addr of the network
opens it to whoever hears the token on its way.`,
		Example: `  stheno lab
  stheno lab deep-sigmoid
  stheno lab relu --layers "dense 300 tanh, dropout 0.2, dense 10 softmax"
  stheno lab runs/deep-relu
  stheno lab iris.csv --target species
  stheno lab --out evening
  stheno lab --addr 127.0.0.1:8080 --no-open`,
		Args:              usage.Arguments(0, 1, "one experiment (`stheno list` shows them), run (`stheno runs` lists them), or file or folder of data"),
		ValidArgsFunction: complete.UpTo(1, complete.ExperimentsRunsAndFiles),
		RunE:              l.run,
	}
	l.flags.Add(cmd)
	l.data.Add(cmd)
	l.blas.Add(cmd)
	flags.Names(cmd.Flags(), &l.columns.Target, "target", "`column` of a table that is to be learnt; several of numbers apart by commas")
	flags.Names(cmd.Flags(), &l.columns.Ignore, "ignore", "`columns` of a table not to be learnt from")
	cmd.Flags().StringVar(&l.out, "out", "", "`FOLDER` to keep the runs in, a folder each, and to open those that lie there")
	_ = cmd.MarkFlagDirname("out")
	cmd.Flags().StringVar(&l.addr, "addr", "127.0.0.1:0", "the `ADDRESS` at which the page is served; port 0 is any that is free")
	cmd.Flags().BoolVar(&l.noOpen, "no-open", false, "open no browser: the address is printed")
	return cmd
}

// laboratory is the lab command with its flags.
type laboratory struct {
	flags   flags.Experiment
	data    flags.Data
	blas    flags.BLAS
	columns datasets.Columns
	out     string
	addr    string
	noOpen  bool
}

func (l *laboratory) run(cmd *cobra.Command, args []string) error {
	name := strings.Join(args, "")
	options, err := l.options(cmd, name)
	if err != nil {
		return err
	}
	if _, _, err := lab.SplitAddress(l.addr); err != nil {
		return usage.Errorf("--addr: %w", err)
	}
	if _, err := l.blas.Use(); err != nil {
		return err
	}
	server, err := lab.Listen(l.addr, help.Version(), cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	if !server.Local() {
		usage.Say(cmd.ErrOrStderr(), "the page is served to the network, unencrypted: whoever hears the address or the cookie on its way can train, upload and read here as you can; a tunnel is safer: ssh -L, see `stheno help lab`")
	}
	if l.out != "" {
		unlock, err := lockOut(l.out)
		if err != nil {
			return err
		}
		defer unlock()
		server.KeepUploads(filepath.Join(l.out, session.DataFolder))
	}
	var all *session.Session
	err = server.Serve(cmd.Context(), func(tell func(session.Message)) (lab.Session, error) {
		options.Tell, options.Free = tell, server.Free
		if strings.EqualFold(filepath.Ext(options.Name), ".zip") {
			at, err := server.Unpack(options.Name)
			if err != nil {
				return nil, err
			}
			options.Name, options.Brought = at, filepath.Base(options.Name)
		}
		if c := &options.Reading.Columns; len(c.Target) == 0 {
			if c.Target = session.LastColumn(options.Name, c.Ignore...); len(c.Target) > 0 {
				at := filepath.Base(options.Name)
				if options.Brought != "" {
					at += " in " + options.Brought
				}
				usage.Say(cmd.ErrOrStderr(), "--target: got none, so the last column of %s is learnt: %s", at, c.Target[0])
			}
		}
		runs, err := session.New(options)
		if err != nil && options.Brought != "" { // where it was unpacked is no matter to who gave a zip
			err = errors.New(parts.ReplaceAllString(strings.ReplaceAll(err.Error(), options.Name, name), "; pack one of them alone"))
		}
		if err != nil && second.MatchString(err.Error()) {
			err = errors.New(second.ReplaceAllString(err.Error(), " or an NPZ archive with arrays x and y"))
		}
		if err != nil {
			return nil, err
		}
		all = runs
		ends := "Ctrl-C ends it, and what was trained goes with it: --out FOLDER keeps it"
		if l.out != "" {
			ends = "Ctrl-C ends it; the runs are kept in " + l.out
		}
		fmt.Fprintf(cmd.OutOrStdout(), "the lab is at %s\n%s\n", server.URL(), ends)
		if !l.noOpen {
			_ = lab.Browse(server.Once()) // else the user does, by the address
		}
		return runs, nil
	})
	if err != nil || all == nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), l.ended(all.Kept()))
	return nil
}

// What is said of data to who gave a zip, or could give a second file, as the lab takes none.
var (
	parts  = regexp.MustCompile(`; read each (?:part )?by itself: .*$`)
	second = regexp.MustCompile(` an NPZ archive with arrays x and y, or the targets in a second file: stheno train .* TARGETS$`)
)

// ended says what is left of the runs that were trained.
func (l *laboratory) ended(trained, kept int) string {
	n := func(n int) string {
		if n == 1 {
			return "1 run"
		}
		return fmt.Sprint(n, " runs")
	}
	switch {
	case trained == 0:
		return "the lab has ended"
	case l.out == "":
		return fmt.Sprintf("the lab has ended, and %s with it: --out FOLDER keeps them", n(trained))
	case kept < trained:
		return fmt.Sprintf("the lab has ended: %s could not be kept in %s", n(trained-kept), l.out)
	}
	return fmt.Sprintf("the lab has ended: %s in %s, which `stheno lab --out %s` opens again", n(kept), l.out, l.out)
}

// options are what the lab begins with. What is wrong with the command line, or is not there, is found before anything is served.
func (l *laboratory) options(cmd *cobra.Command, name string) (o session.Options, err error) {
	o = session.Options{Name: name, Seed: l.flags.Seed, Change: l.flags.Apply, Reading: own.Reading{Columns: l.columns}, Out: l.out}
	o.Remark = func(text string) { usage.Say(cmd.ErrOrStderr(), "%s", text) }
	if cmd.Flags().Changed("out") {
		if err := keepable(l.out); err != nil {
			return o, err
		}
	}
	if cmd.Flags().Changed("dataset") || l.data.Dir != "" {
		if err := l.openable(); err != nil {
			return o, err
		}
		o.Dataset, o.Dir = l.data.Name(), l.data.Dir
		o.Open = func(models.Experiment) (train, test datasets.Data, err error) { return l.data.OpenTo(&l.flags) }
	}
	table := slices.DeleteFunc([]string{"target", "ignore"}, func(f string) bool { return !cmd.Flags().Changed(f) })
	_, unknown := models.Find(name)
	switch {
	case name == "" || unknown == nil:
		if len(table) > 0 {
			return o, usage.Errorf("--%s: it is of a table of your own: leave it out, or name the table", table[0])
		}
		if name != "" {
			_, err = l.flags.Find(name)
		} else {
			err = l.flags.Apply(&models.Experiment{})
		}
		return o, err
	case runs.Is(name) && runs.IsRun(runs.Locate(name)): // any other folder is one of data
		if len(table) > 0 {
			return o, usage.Errorf("--%s: %s is a run, whose data stay as they were: leave it out", table[0], name)
		}
		o.Change = nil
		return o, l.flags.Unchanged(name)
	}
	if _, err := os.Stat(name); err != nil {
		if filepath.Base(name) == name && filepath.Ext(name) == "" {
			return o, usage.Errorf("there is no experiment, run or file %s: see `stheno list` and `stheno runs`%s", name, usage.DidYouMean(name, append(models.Names(), runs.Names()...)))
		}
		if missing := files.Missing(name, "a table, a folder or zip of pictures, an experiment (`stheno list`) or a run (`stheno runs`)"); missing != nil {
			err = missing
		}
		return o, fmt.Errorf("lab: %w", err)
	}
	if flags.IsFile(name) && strings.HasSuffix(name, ".safetensors") {
		return o, usage.Errorf("lab: %s is a model file, want an experiment, a run or data: `stheno gradients` and `stheno diagnose` look at a file", name)
	}
	if kept, _ := filepath.Glob(filepath.Join(name, "*")); slices.ContainsFunc(kept, runs.IsRun) {
		at := kept[slices.IndexFunc(kept, runs.IsRun)]
		return o, usage.Errorf("lab: %s is a folder of runs, want --out %s to open them and to keep more there, or one of them: stheno lab %s", name, runs.Quoted(name), runs.Quoted(at))
	}
	for _, flag := range append(l.flags.Changed(), "--dataset", "--data-dir") {
		if slices.Contains([]string{"--hidden", "--activation", "--dropout", "--noise", "--mislabelled", "--train-samples", "--dataset", "--data-dir"}, flag) && cmd.Flags().Changed(flag[2:]) {
			return o, usage.Errorf("%s: it is of the experiments that come with the program: leave it out with data of your own", flag)
		}
	}
	return o, l.flags.Apply(&models.Experiment{})
}

// keepable is an error where no runs can be kept in a folder.
func keepable(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case dir == "":
		return usage.Errorf("--out: got \"\", want a folder to keep the runs in, such as --out evening")
	case err == nil && !info.IsDir():
		return fmt.Errorf("--out: %s is no folder, want one to keep the runs in: it is made if it is not there", dir)
	case runs.IsRun(dir):
		return usage.Errorf("--out: %s is a run, want the folder to keep the runs in, a folder each: to open the run, leave out --out", dir)
	}
	return nil
}

// lockOut makes the folder that runs are kept in, and has it for this lab alone: two would write the same ones.
func lockOut(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("--out: %w: give another folder", err)
	}
	unlock, err = run.Lock(dir)
	if who := run.InUse(dir); err != nil && who != "" {
		return nil, fmt.Errorf("--out: %s is in use by %s: close the lab that runs there, or keep these runs in another folder: --out FOLDER", dir, who)
	}
	if err != nil {
		return nil, fmt.Errorf("--out: %w", err)
	}
	return unlock, nil
}

// openable is an error where the flags name data that are none.
func (l *laboratory) openable() error {
	if l.data.Dir == "" {
		return usage.Known("--dataset", l.data.Dataset, datasets.Names())
	}
	info, err := os.Stat(l.data.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--data-dir: there is no folder %s", l.data.Dir)
	case err == nil && !info.IsDir():
		return fmt.Errorf("--data-dir: %s is no folder, want one with IDX files", l.data.Dir)
	}
	return err
}
