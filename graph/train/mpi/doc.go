// Package mpi joins the processes that mpirun has started, so that they train one model together (train.Config.Ranks). It opens MPI at run time, without cgo: Open MPI 4 and 5, MPICH and what shares its ABI
// (Intel MPI, MVAPICH), and libraries with the ABI of the MPI 5.0 standard. Without mpirun a program is one process, and no MPI need be installed.
//
// The command needs nothing else:
//
//	mpirun -n 4 stheno run relu              each batch in four shards, one a process
//	mpirun -n 4 stheno run relu --shards 8   in eight, two a process
//	mpirun -n 2 stheno run --resume relu     a run goes on with another number of processes
//	mpirun -n 8 stheno sweep relu --learning-rate 0.1,0.01 --seeds 4
//	mpirun -n 4 stheno info --mpi            how fast messages are between them
//
// A program of one's own joins, trains and closes:
//
//	world, err := mpi.Join()
//	if err != nil {
//		log.Fatal(err)
//	}
//	if _, err := blas.Use("", world.Threads()); err != nil {
//		log.Fatal(err)
//	}
//	history, err := train.Fit(ctx, model, data, train.Config{Epochs: 10, Ranks: world})
//	if err != nil {
//		log.Fatal(err) // which ends the other ranks too
//	}
//	if world.Rank() == 0 {
//		fmt.Println(history.Running.Loss)
//	}
//	if err := world.Close(); err != nil {
//		log.Fatal(err)
//	}
//
// # What is the same, and what is not
//
// The bits of a run depend on its shards and not on the ranks: four shards on one, two or four ranks leave the same weights, states, figures and checkpoints. Each rank reads the samples of its own shards
// and runs them. What metrics look at goes to all ranks, who judge it in the order of the samples. Gradients are added by a tree over the shards, each element by one rank, never by MPI's own sum, whose order is its own affair. Batch
// normalisation takes the moments of a shard, as in one process with as many shards. Rank 0's weights, optimizer and place in the run are everybody's at the beginning, so a run goes on where rank 0 alone can read it. Ranks
// that differ in program, network, data, settings or what multiplies are refused before the first step, with the difference.
//
// What stops one rank, be it an observer, a signal or an unreadable sample, stops all after the same step. A rank that is killed ends the job: mpirun sees to that. The run goes on from its last checkpoint.
//
// # On a cluster
//
// With Slurm, whose srun speaks PMIx or PMI2 to MPI:
//
//	#!/bin/bash
//	#SBATCH --nodes=4 --ntasks-per-node=2 --cpus-per-task=8 --time=04:00:00
//	#SBATCH --signal=TERM@60          a minute before the end: a checkpoint is made, and the run can go on
//	srun --mpi=pmix stheno run convnet --data-dir /data/mnist --shards 8 --out /scratch/convnet
//
// With mpirun and a list of hosts, the program and the data at the same place on each:
//
//	mpirun --hostfile hosts --map-by ppr:1:node --bind-to none stheno run convnet --shards 4
//
// A rank computes with as many threads as mpirun has bound it to, and no more than its part of the machine's cores; --threads says otherwise. Open MPI binds a rank to one core where there are two ranks or fewer: --bind-to none,
// or --map-by slot:PE=8, gives it more. More ranks than cores (--oversubscribe) work, and wait for one another in vain loops.
// A container or batch job that runs as root needs --allow-run-as-root with Open MPI.
//
// # A core for MPI
//
// The gradients of dense layers are multiplied out last, when every rank's shards have run, and leave in buckets of a megabyte or more. A bucket goes from rank to rank while the next one is multiplied out, if a rank
// computes with fewer threads than it has cores. MPI waits in a loop, which costs more than it hides on a core that computes; so where all cores compute, buckets are multiplied out and go by turns. To give MPI a core of eight:
//
//	mpirun -n 4 --map-by slot:PE=8 stheno run relu --threads 7
//	srun --ntasks=4 --cpus-per-task=8 --mpi=pmix stheno run relu --threads 7
//
// `mpirun … stheno bench --regime sgd-100` tells what share of the time MPI takes, and how much of that lies beside products. The bits are the same.
//
// # What to expect
//
// Of c seconds for the shards of a rank, g bytes of gradients in b buckets, R ranks, messages that take α seconds and β bytes a second, a step takes about
//
//	c + b·x + 3·⌈log₂R⌉·α  with  x = 2·(R−1)/R·g/b/β + 2·(R−1)·α
//
// by the sums of gradients (each rank sends the parts of the others, and gets their sums back), the messages of both, and three short exchanges; the efficiency is c over that. With a core for MPI it is less by
// (b−1)·min(w/b, x), where w are those of the c seconds in which gradients are multiplied out. A bucket is a layer or more, of at least 1 MiB and 64 KiB for each rank. With 100 samples a rank, in percent,
// c, g, b and w as measured on two cores (relu: 4.3 ms, 5.3 MB, 3, or 1 from 32 ranks on, 1.5 ms; convnet: 8.3 ms, 0.14 MB, 1; row-transformer: 15.2 ms, 0.29 MB, 1):
//
//	network, joined by                          2    4    8   16   32   64  128  256  512 1024 ranks
//	relu, memory (1 µs, 6 GB/s)               83   76   73   71   71   70
//	relu, memory, a core for MPI              93   90   88   85   71   70
//	relu, 100 Gb/s (2 µs, 11 GB/s)            90   85   82   80   80   78   74   68   58   46
//	relu, 100 Gb/s, a core for MPI            96   94   93   92   80   78   74   68   58   46
//	relu, 10 Gb/s (20 µs, 1.1 GB/s)           46   36   31   28   28   26   22   17   12    8
//	relu, 10 Gb/s, a core for MPI             52   39   34   30   28   26   22   17   12    8
//	convnet, 100 Gb/s                        100   99   99   99   98   96   94   88   80   67
//	convnet, 10 Gb/s                          97   95   92   88   82   73   59   43   28   17
//	row-transformer, 100 Gb/s                100  100   99   99   99   98   96   93   88   78
//	row-transformer, 10 Gb/s                  98   96   94   92   88   82   72   58   41   27
//
// So a shard wants to be large: at 1,000 samples a rank c is ten times as long, and what it costs to wait a tenth. `stheno info --mpi` measures α and β.
package mpi
