package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// dataEndings are those of files that are data, be they there or not.
var dataEndings = []string{".csv", ".tsv", ".npy", ".npz", ".gz", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}

// apart tells runs and model files from data.
func apart(args []string) (names, data []string) {
	for _, arg := range args {
		if isData(arg) {
			data = append(data, arg)
		} else {
			names = append(names, arg)
		}
	}
	return names, data
}

func isData(name string) bool {
	if slices.Contains(dataEndings, strings.ToLower(filepath.Ext(name))) {
		return true
	}
	info, err := os.Stat(name)
	switch {
	case err != nil || filepath.Ext(name) == ".safetensors":
		return false
	case !info.IsDir():
		return !run.IsModel(name)
	}
	// A folder of pictures has folders of them, or pictures; a run, be it damaged, has its own files.
	inside, _ := os.ReadDir(name)
	return len(inside) > 0 && !slices.ContainsFunc(inside, func(e os.DirEntry) bool {
		return e.Name() == "run.json" || e.Name() == "checkpoints" || e.Name() == "lock"
	})
}

// ownEvaluation is what eval --json prints of a run on data of one's own.
type ownEvaluation struct {
	Run        string   `json:"run"`
	Experiment string   `json:"experiment"`
	Seed       uint64   `json:"seed"`
	Epoch      int      `json:"epoch"`
	Step       uint64   `json:"step"`
	Data       string   `json:"data"`
	Samples    int      `json:"samples"`
	Part       string   `json:"part,omitempty"` // of the run's own data: training or validation
	Classes    []string `json:"classes,omitempty"`
	*own.Judgement
	Findings []datasets.Finding `json:"findings"`
}

// evalOwn evaluates a network on files, or, without any, on the data that it learnt from and those that were held back.
func evalOwn(cmd *cobra.Command, t *flags.Trained, files []string, asJSON bool) error {
	loss, err := t.Loss()
	if err != nil {
		return err
	}
	how := train.Config{Loss: loss}
	if t.Folder != nil {
		if how, err = t.Folder.Config.Training(); err != nil {
			return err
		}
	}
	type set struct {
		name, part string
		data       datasets.Data
	}
	var sets []set
	switch {
	case len(files) > 0:
		for i := 0; i < len(files); i++ {
			file := files[i]
			data, err := own.Again(file, "", t.Prepare.Source())
			if (err != nil || len(data.Info().Targets) == 0) && i+1 < len(files) { // the answers may be in the next one
				if both, failed := own.Again(file, files[i+1], t.Prepare.Source()); failed == nil {
					data, err = both, nil
					i++
				}
			}
			if err != nil {
				return err
			}
			if len(data.Info().Targets) == 0 {
				return fmt.Errorf("eval: %s has no answers to compare with, want what %s was trained on; without them there is stheno predict", file, t.Name)
			}
			sets = append(sets, set{file, "", data})
		}
	case t.Folder == nil:
		return usage.Errorf("eval: %s is a model file, which has no data: name a file of them behind it", t.Name)
	default:
		parts, err := own.Of(t.Folder.Config)
		if err != nil {
			return err
		}
		sets = append(sets, set{t.Folder.Config.File, "training", parts.RawFit})
		if parts.RawHeld != nil {
			sets = append(sets, set{t.Folder.Config.File, "validation", parts.RawHeld})
		}
	}
	var all []*own.Judgement
	var names []string
	for i, s := range sets {
		j, err := own.Judge(cmd.Context(), t.Model, how, t.Prepare, s.data)
		if err != nil {
			return fmt.Errorf("eval: %s: %w", t.Name, err)
		}
		found, err := remarks(t.Prepare, s.data)
		if err != nil {
			return err
		}
		for _, f := range found {
			if i == 0 || s.part == "" || f.Code != "no-target" { // the run's own parts are of one file
				usage.Say(cmd.ErrOrStderr(), "worth a look: %s: %s", filepath.Base(s.name), f.Message)
			}
		}
		if asJSON {
			so := ownEvaluation{t.Name, t.Experiment.Name, t.Seed, t.At.Epoch, t.At.Step, s.name, s.data.Len(), s.part, t.Classes, j, found}
			if err := term.JSON(cmd.OutOrStdout()).Encode(so); err != nil {
				return err
			}
		}
		name := s.part
		if name == "" {
			name = filepath.Base(s.name)
		}
		all, names = append(all, j), append(names, name)
	}
	if asJSON {
		return nil
	}
	out := cmd.OutOrStdout()
	if _, err := io.WriteString(out, term.Indent(fmt.Sprintf("%s, the weights of epoch %d", t.Experiment.Name, t.At.Epoch), 0, term.Width(out))+"\n"); err != nil {
		return err
	}
	if err := own.Figures(out, names, all); err != nil {
		return err
	}
	for i, j := range all {
		if i < len(all)-1 && len(files) == 0 {
			continue // of the training samples the figures are enough
		}
		head := ""
		if len(files) > 1 {
			head = term.Plain(names[i]) + "\n"
		}
		if _, err := io.WriteString(out, "\n"+head); err != nil {
			return err
		}
		if err := j.Print(out, t.Classes); err != nil {
			return err
		}
	}
	return nil
}

// remarks are the findings that say which samples are not judged, and which have what the model cannot know.
func remarks(prepare *datasets.Preparation, data datasets.Data) ([]datasets.Finding, error) {
	found := []datasets.Finding{}
	for _, f := range datasets.Notes(data) {
		if f.Code == "no-target" {
			found = append(found, f)
		}
	}
	unseen, err := prepare.Unseen(data)
	return append(found, unseen...), err
}
