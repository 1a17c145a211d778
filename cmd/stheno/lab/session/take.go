package session

import (
	"bytes"
	"context"
	"fmt"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph/inspect/report"
	"github.com/stheno-ml/stheno/graph/losses"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A File is an answer that is no JSON.
type File struct {
	Type    string // as Content-Type has it
	Content []byte
}

// report is what is known of a run where it is, as one HTML file.
func (s *Session) report(ctx context.Context, r *run, _ Command) (any, error) {
	record, found, err := s.record(ctx, r, 0)
	if err != nil {
		return nil, err
	}
	config, err := r.configOf(r.segments[0].experiment)
	if err != nil {
		return nil, err
	}
	folder := &kept.Folder{Config: config}
	page := report.Run{Record: record, Findings: found, Settings: runs.Settings(folder), About: runs.Describe(config)}
	if len(r.segments) == 1 {
		page.Lecture = runs.Lecture(folder)
	}
	for _, segment := range r.segments[1:] {
		page.Settings = append(page.Settings, report.Setting{Name: fmt.Sprintf("from step %d on", segment.from), Value: segment.what})
	}
	if c := look.Command(r.subject(), r.origin()); c.Command != nil {
		page.Command = *c.Command
	}
	var b bytes.Buffer
	if err := report.Write(ctx, &b, []report.Run{page}); err != nil {
		return nil, err
	}
	return File{"text/html; charset=utf-8", b.Bytes()}, nil
}

// configOf describes the run as one on disk would be, that is trained as an experiment of its segments.
func (r *run) configOf(e models.Experiment) (kept.Config, error) {
	m, dataset := r.material, r.material.name
	if m.data != nil || m.dir != "" {
		dataset = ""
	}
	c, err := e.RunConfig(r.seed, dataset, m.train)
	if err == nil && m.data != nil {
		c.File, c.Targets, c.Preparation = m.config.File, m.config.Targets, m.prepare
		c.Experiment.Groups, c.Experiment.ByTime = m.config.Experiment.Groups, m.config.Experiment.ByTime
	}
	return c, err
}

// model is the file of the run's model where it is, which stheno predict and the like take.
func (s *Session) model(_ context.Context, r *run, _ Command) (any, error) {
	config, err := r.configOf(r.segments[0].experiment)
	if err != nil {
		return nil, err
	}
	about, err := config.About()
	if err != nil {
		return nil, err
	}
	about.Loss, err = losses.Format(r.experiment().Loss)
	if err != nil {
		return nil, err
	}
	m := r.model.Clone()
	m.SetAbout(about)
	var b bytes.Buffer
	if err := kept.WriteModel(&b, m, nil); err != nil {
		return nil, err
	}
	return File{"application/octet-stream", b.Bytes()}, nil
}
