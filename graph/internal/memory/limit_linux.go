package memory

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Limit is the memory of the machine in bytes, or what the control group of this process may have of it.
var Limit = sync.OnceValue(func() uint64 {
	limit := uint64(unknown)
	if f, err := os.Open("/proc/meminfo"); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "MemTotal:" {
				if kB, err := strconv.ParseUint(fields[1], 10, 64); err == nil {
					limit = min(limit, kB<<10)
				}
			}
		}
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(path); err == nil {
			if bytes, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil && bytes > 0 { // else "max"
				limit = min(limit, bytes)
			}
		}
	}
	return limit
})
