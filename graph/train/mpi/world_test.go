package mpi

import (
	"os"
	"strings"
	"testing"
)

// launched has the environment say that a launcher started this process.
func launched(t *testing.T, env ...string) {
	t.Helper()
	for _, name := range []string{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS_PER_NODE", "MPI_LOCALNRANKS"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
}

func TestStarted(t *testing.T) {
	for env, want := range map[string]Start{
		"": {Size: 1},
		"OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_LOCAL_SIZE=2 PMIX_RANK=3": {"Open MPI", 3, 4, 2},
		"PMI_SIZE=2 PMI_RANK=1 MPI_LOCALNRANKS=2":                                                {"MPICH", 1, 2, 2},
		"PMIX_RANK=5 SLURM_STEP_NUM_TASKS=8 SLURM_NTASKS=16":                                     {"", 5, 8, 0},
		"OMPI_COMM_WORLD_SIZE=many":                                                              {"Open MPI", 0, 1, 0},
	} {
		launched(t, strings.Fields(env)...)
		if got := Started(); got != want {
			t.Errorf("%q: got %+v, want %+v", env, got, want)
		}
	}
}

// TestAlone: without a launcher a world is one process, and needs no MPI.
func TestAlone(t *testing.T) {
	launched(t)
	w, err := Join()
	if err != nil || w.Rank() != 0 || w.Size() != 1 || w.Threads() < 1 || w.Info() != (Info{}) {
		t.Fatalf("got %+v, %v", w, err)
	}
	if all, err := w.Gather([]byte("x")); err != nil || len(all) != 1 || string(all[0]) != "x" {
		t.Errorf("Gather: %q, %v", all, err)
	}
	b := make([]byte, 3)
	if err := w.Exchange([]byte("abc"), []int{3}, b, []int{3}); err != nil || string(b) != "\x00\x00\x00" {
		t.Errorf("Exchange: %q, %v", b, err)
	}
	for _, bad := range []error{w.Exchange(b, []int{2}, b, []int{3}), w.Share(b, []int{1, 2}), w.Share(b, []int{-1}), w.Exchange(b, nil, b, []int{3})} {
		if bad == nil || !strings.Contains(bad.Error(), "want one for each of the 1 ranks") {
			t.Errorf("wrong lengths: got error %v", bad)
		}
	}
	if _, err := w.Measure(); err == nil || !strings.Contains(err.Error(), "start it with mpirun") {
		t.Errorf("Measure: got error %v", err)
	}
	if err := w.Barrier(); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
