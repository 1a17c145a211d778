package mpi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Start is how a launcher started this process.
type Start struct {
	Make  string // of MPI that it belongs to, "Open MPI" or "MPICH"; "" where it does not say
	Rank  int    // of this process, from 0
	Size  int    // processes; 1 where no launcher did
	Local int    // of them on this machine; 0 where it does not say
}

// Started reads what a launcher says in the environment: mpirun of Open MPI or MPICH, or Slurm's srun with one of their protocols.
func Started() Start {
	number := func(names ...string) int {
		for _, name := range names {
			if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
				return n
			}
		}
		return 0
	}
	s := Start{Size: 1}
	switch {
	case os.Getenv("OMPI_COMM_WORLD_SIZE") != "":
		s = Start{"Open MPI", number("OMPI_COMM_WORLD_RANK"), number("OMPI_COMM_WORLD_SIZE"), number("OMPI_COMM_WORLD_LOCAL_SIZE")}
	case os.Getenv("PMI_SIZE") != "":
		s = Start{"MPICH", number("PMI_RANK"), number("PMI_SIZE"), number("MPI_LOCALNRANKS", "SLURM_NTASKS_PER_NODE")}
	case os.Getenv("PMIX_RANK") != "":
		s = Start{"", number("PMIX_RANK"), number("SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"), number("SLURM_NTASKS_PER_NODE")}
	}
	s.Size = max(1, s.Size)
	return s
}

// Info says which MPI joins the ranks.
type Info struct {
	Make    string // "Open MPI", "MPICH", or "MPI ABI", the standard's own
	Version string // what the library says of itself
	Library string // its file
}

// Find is the MPI that would be used here, without anything being begun; an error where there is none.
func Find() (Info, error) {
	l, err := find(Started())
	if err != nil {
		return Info{}, err
	}
	return Info{l.make_, l.version(), l.path}, nil
}

// A World is all ranks of a job; it implements train.Ranks. A goroutine of its own, which keeps its thread, calls MPI.
type World struct {
	library    *library // nil for one process
	rank, size int
	local      int // ranks on this machine
	requests   chan func()
	ended      chan struct{}
	door       sync.Mutex // one call at a time
	spent      time.Duration
	closed     bool
	heads      []byte
	counts     [4][]int32
}

// Join joins the ranks that a launcher has started. Of a process that none has started, or started alone, the World has size 1, and no MPI need be here. Close it when the work is done; a rank that ends
// without that ends the others.
func Join() (*World, error) {
	started := Started()
	if started.Size == 1 {
		return &World{size: 1}, nil
	}
	l, err := find(started)
	if err != nil {
		return nil, err
	}
	w := &World{library: l, requests: make(chan func()), ended: make(chan struct{})}
	begun := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread is MPI's
		var err error
		w.rank, w.size, err = l.begin()
		begun <- err
		for f := range w.requests {
			f()
		}
		close(w.ended)
	}()
	if err := <-begun; err != nil {
		return nil, fmt.Errorf("%w: %s", err, l.path)
	}
	if w.size != started.Size {
		return nil, fmt.Errorf("mpi: this process was started as one of %d by %s, and with %s (%s) it is one of %d: start it with the mpirun that belongs to this library, or install the library of that mpirun", started.Size, whose(started.Make), l.path, l.version(), w.size)
	}
	host, err := os.Hostname()
	if err != nil {
		host = fmt.Sprint("rank ", w.rank)
	}
	hosts, err := w.Gather([]byte(host))
	if err != nil {
		return nil, err
	}
	for _, other := range hosts {
		if string(other) == host {
			w.local++
		}
	}
	return w, nil
}

func whose(name string) string {
	if name == "" {
		return "a launcher"
	}
	return "the mpirun of " + name
}

// Rank is this process's, from 0.
func (w *World) Rank() int { return w.rank }

// Size is the number of ranks.
func (w *World) Size() int { return w.size }

// Info says which MPI joins them; the zero Info of one process.
func (w *World) Info() Info {
	if w.library == nil {
		return Info{}
	}
	return Info{w.library.make_, w.library.version(), w.library.path}
}

// Spent is the time that was spent in MPI, and in waiting there for other ranks.
func (w *World) Spent() time.Duration {
	w.door.Lock()
	defer w.door.Unlock()
	return w.spent
}

var errClosed = errors.New("mpi: the world is closed")

// do calls MPI.
func (w *World) do(f func(l *library) error) error {
	w.door.Lock()
	defer w.door.Unlock()
	if w.closed {
		return errClosed
	}
	start := time.Now()
	done := make(chan error, 1)
	w.requests <- func() { done <- f(w.library) }
	err := <-done
	w.spent += time.Since(start)
	return err
}

// inline is how many bytes of each rank go with the lengths.
const inline = 248

// most is how many bytes of all ranks go at once, below what an int of C counts.
const most = 1 << 28

// Gather gives every rank what each of them gives, in their order.
func (w *World) Gather(mine []byte) ([][]byte, error) {
	if w.size == 1 {
		return [][]byte{slices.Clone(mine)}, nil
	}
	const slot = 8 + inline
	all := make([][]byte, w.size)
	err := w.do(func(l *library) error {
		if w.heads == nil {
			w.heads = make([]byte, slot*(w.size+1))
		}
		head, heads := w.heads[:slot], w.heads[slot:]
		binary.LittleEndian.PutUint64(head, uint64(len(mine)))
		if len(mine) <= inline {
			copy(head[8:], mine)
		}
		if err := l.gather(head, heads); err != nil {
			return err
		}
		longest := 0
		for rank := range all {
			one := heads[rank*slot : (rank+1)*slot]
			n := int(binary.LittleEndian.Uint64(one))
			if all[rank] = make([]byte, n); n <= inline {
				copy(all[rank], one[8:])
			} else {
				longest = max(longest, n)
			}
		}
		step := most / w.size
		for from := 0; from < longest; from += step {
			parts := make([]int, w.size)
			total, before := 0, 0
			for rank, one := range all {
				if len(one) > inline {
					parts[rank] = max(0, min(step, len(one)-from))
				}
				if rank < w.rank {
					before += parts[rank]
				}
				total += parts[rank]
			}
			whole := make([]byte, total)
			if parts[w.rank] > 0 {
				copy(whole[before:], mine[from:from+parts[w.rank]])
			}
			counts, offsets := w.stretches(0, parts)
			if err := l.share(whole, counts, offsets); err != nil {
				return err
			}
			at := 0
			for rank, n := range parts {
				if n > 0 {
					copy(all[rank][from:], whole[at:at+n])
				}
				at += n
			}
		}
		return nil
	})
	return all, err
}

// stretches are lengths, and where each begins, as MPI takes them.
func (w *World) stretches(slot int, lengths []int) (counts, offsets []int32) {
	if w.counts[slot] == nil {
		w.counts[slot], w.counts[slot+1] = make([]int32, w.size), make([]int32, w.size)
	}
	counts, offsets = w.counts[slot], w.counts[slot+1]
	at := 0
	for i, n := range lengths {
		counts[i], offsets[i] = int32(n), int32(at)
		at += n
	}
	return counts, offsets
}

// Exchange sends sends[i] bytes to rank i, out of send, where they follow one another, and receives receives[i] bytes of it. What a rank would send to itself it leaves where it is.
func (w *World) Exchange(send []byte, sends []int, receive []byte, receives []int) error {
	if err := w.checkLengths("Exchange", send, sends); err != nil {
		return err
	}
	if err := w.checkLengths("Exchange", receive, receives); err != nil {
		return err
	}
	if w.size == 1 {
		return nil
	}
	return w.do(func(l *library) error {
		a, b := w.stretches(0, sends)
		c, d := w.stretches(2, receives)
		a[w.rank], c[w.rank] = 0, 0
		return l.exchange(send, a, b, receive, c, d)
	})
}

// Share fills whole, in which the parts of all ranks follow one another, with those of the others; the own one is there.
func (w *World) Share(whole []byte, parts []int) error {
	if err := w.checkLengths("Share", whole, parts); err != nil || w.size == 1 {
		return err
	}
	return w.do(func(l *library) error {
		counts, offsets := w.stretches(0, parts)
		return l.share(whole, counts, offsets)
	})
}

// checkLengths keeps MPI from writing where nothing is.
func (w *World) checkLengths(call string, b []byte, lengths []int) error {
	total, negative := 0, false
	for _, n := range lengths {
		total += n
		negative = negative || n < 0
	}
	if len(lengths) != w.size || negative || total != len(b) || total > 1<<31-1 {
		return fmt.Errorf("mpi: %s: got %d lengths of %d bytes in all for %d bytes, want one for each of the %d ranks, which add up to the bytes, below 2 GiB", call, len(lengths), total, len(b), w.size)
	}
	return nil
}

// Barrier waits for all ranks.
func (w *World) Barrier() error {
	if w.size == 1 {
		return nil
	}
	return w.do(func(l *library) error { return l.barrier() })
}

// Abort ends all ranks at once, with a status; it is for what the others cannot be told. It does not return where there are others.
func (w *World) Abort(status int) {
	if w.size > 1 {
		_ = w.do(func(l *library) error { l.abort(status); return nil })
	}
}

// Close ends MPI, once all ranks have come so far. A World of one process has nothing to end.
func (w *World) Close() error {
	if w.size == 1 {
		return nil
	}
	err := w.do(func(l *library) error { return l.end() })
	if errors.Is(err, errClosed) {
		return nil
	}
	w.door.Lock()
	defer w.door.Unlock()
	w.closed = true
	close(w.requests)
	<-w.ended
	return err
}

// Kill ends all ranks at once, without waiting for what this one is doing in MPI; where MPI does not answer, this process ends and its launcher ends the others.
func (w *World) Kill(status int) {
	if w.size > 1 {
		go w.Abort(status)
		time.Sleep(time.Second)
	}
	os.Exit(status)
}

// Threads is how many threads this rank may have so that those of a machine share its cores: no more than the launcher has bound it to.
func (w *World) Threads() int { return max(1, min(runtime.NumCPU(), cores()/max(1, w.local))) }

// cores is how many this machine has, whatever this process is bound to.
func cores() int {
	n := 0
	if text, err := os.ReadFile("/sys/devices/system/cpu/online"); err == nil { // 0-3,8-11
		for part := range strings.SplitSeq(strings.TrimSpace(string(text)), ",") {
			first, last, isRange := strings.Cut(part, "-")
			lo, err := strconv.Atoi(first)
			hi := lo
			if err == nil && isRange {
				hi, err = strconv.Atoi(last)
			}
			if err != nil {
				return runtime.NumCPU()
			}
			n += hi - lo + 1
		}
	}
	return max(n, runtime.NumCPU())
}
