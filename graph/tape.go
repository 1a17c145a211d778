package graph

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"unsafe"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/ops"
)

// A tape runs a tape machine on the goroutine that asks. The machine's own RunAll hands its instructions to another goroutine and locks the
// caller to its thread meanwhile, for the sake of a GPU's driver: twice a step a thread falls asleep and another must wake, for more than a tenth
// of a step's time, and a panic of an op, in a goroutine that nobody knows, ends the process. So RunAll is passed by, where it is known to do
// nothing else: in the version of Gorgonia that was read for it.
type tape struct {
	vm      gorgonia.VM
	machine unsafe.Pointer // of vm; nil where RunAll must do
	failed  chan error     // what runall sends, one or the other
	done    chan struct{}
}

// checkedGorgonia is the version whose RunAll does nothing but call runall and pass on what it sends, if there is no batched BLAS and no
// dual values are bound. A test fails where the module is another; before it is changed here, read vm_tape.go.
const checkedGorgonia = "v0.9.18"

// tapeMachineRunAll is the method runall of Gorgonia's tapeMachine. The file tape.s lets it stand here without a body.
//
//go:linkname tapeMachineRunAll gorgonia.org/gorgonia.(*tapeMachine).runall
func tapeMachineRunAll(machine unsafe.Pointer, failed chan error, done chan struct{})

func newTape(vm gorgonia.VM) *tape {
	t := &tape{vm: vm}
	batched, ok := vm.(interface{ WorkAvailable() <-chan bool })
	if ok && batched.WorkAvailable() == nil && gorgoniaIsChecked() && reflect.TypeOf(vm).String() == "*gorgonia.tapeMachine" {
		t.machine = reflect.ValueOf(vm).UnsafePointer()
		t.failed, t.done = make(chan error, 1), make(chan struct{}, 1)
	}
	return t
}

// gorgoniaIsChecked says whether this program was built with the version that was checked, and nothing in its place: by the list of its
// modules or, since a test has no list, by where the file of runall lay, which is the module cache.
var gorgoniaIsChecked = sync.OnceValue(func() bool {
	const path = "gorgonia.org/gorgonia"
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, m := range build.Deps {
			if m.Path == path {
				return m.Version == checkedGorgonia && m.Replace == nil
			}
		}
	}
	pc := reflect.ValueOf(tapeMachineRunAll).Pointer()
	file, _ := runtime.FuncForPC(pc).FileLine(pc)
	return strings.HasSuffix(file, path+"@"+checkedGorgonia+"/vm_tape.go")
})

// run does all instructions from the first one on. An error is an op's, or says where one panicked; the next run is as good as any.
func (t *tape) run() (err error) {
	t.vm.Reset()
	if t.machine == nil {
		return bare(t.vm.RunAll())
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("an op panicked: %v (%s)", r, panicked())
		}
	}()
	tapeMachineRunAll(t.machine, t.failed, t.done)
	select {
	case err := <-t.failed:
		return bare(err)
	case <-t.done:
		return nil
	}
}

// bare is an error of one of our ops without what the machine puts before it, the number and the registers of its instruction: the op names itself. Others
// do not, and stay as they are.
func bare(err error) error {
	if machine, ok := err.(interface{ Err() error }); ok {
		if ours := (*ops.RunError)(nil); errors.As(machine.Err(), &ours) {
			return ours
		}
	}
	return err
}

// panicked names the function that panicked and its line, from within the deferred function that recovered.
func panicked() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") || !more {
			return fmt.Sprintf("%s, %s:%d", f.Function, f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
	}
}
