package runs

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/stheno-ml/stheno/graph/train/run"
)

// LabLog is the log in which the lab keeps what only its runs have: a line, with the settings that were changed on the way among it.
const LabLog = "lab"

// A Change is settings that were changed in a run on its way. Its configuration has those that it came to.
type Change struct {
	Step uint64 `json:"step"` // the first that was made with them
	What string `json:"what"` // such as "rate 0.1 → 0.01"
}

// OnTheWay are the changes that the lab made in a run; none in any other.
func OnTheWay(f *run.Folder) (all []Change, err error) {
	if f.Dir == "" {
		return nil, nil
	}
	for line, err := range f.Log(LabLog) {
		var said struct{ Segments []Change }
		if err == nil {
			err = json.Unmarshal(line, &said)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(f.Dir, LabLog+".jsonl"), err)
		}
		if len(said.Segments) > 1 {
			all = said.Segments[1:]
		}
	}
	return all, nil
}
