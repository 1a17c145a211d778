package run

import (
	"fmt"
	"strconv"
	"time"
)

// Every says how often something is done within an epoch: each so many steps, or each so much time. The zero value is never.
type Every struct {
	Steps uint64        // counted over the whole run; 0 is never
	Time  time.Duration // since it was last done; 0 is never
}

// ParseEvery understands "500", steps, and "30s", a time as time.ParseDuration has it; anything else, and 0, is an error.
func ParseEvery(s string) (Every, error) {
	if steps, err := strconv.ParseUint(s, 10, 64); err == nil && steps > 0 {
		return Every{Steps: steps}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return Every{Time: d}, nil
	}
	return Every{}, fmt.Errorf("run: got %q, want a number of steps of at least 1, such as 500, or a time, such as 30s", s)
}

// String is what ParseEvery understands; "" for never.
func (e Every) String() string {
	switch {
	case e.Steps > 0:
		return strconv.FormatUint(e.Steps, 10)
	case e.Time > 0:
		return e.Time.String()
	}
	return ""
}

func (e Every) due(step uint64, since time.Duration) bool {
	return e.Steps > 0 && step%e.Steps == 0 || e.Time > 0 && since >= e.Time
}
