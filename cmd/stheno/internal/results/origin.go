package results

import (
	"github.com/stheno-ml/stheno/cmd/stheno/internal/help"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Origin says of what run the figures of a JSON object are.
type Origin struct {
	Run     string      `json:"run"`     // its name, or the model file; "" where nothing was kept
	Dir     string      `json:"dir"`     // its folder; "" where there is none
	Version string      `json:"version"` // of the stheno that prints this
	Config  *run.Config `json:"config"`  // all that repeats it; null of a model file
}

// OriginOf is that of a run in a folder, and of one that was not kept where that is nil.
func OriginOf(folder *run.Folder, config *run.Config) Origin {
	o := Origin{Version: help.Version(), Config: config}
	if folder != nil {
		o.Run, o.Dir, o.Config = runs.Title(folder.Dir), folder.Dir, &folder.Config
	}
	return o
}
