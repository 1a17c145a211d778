package graph

import (
	"errors"
	"fmt"
	gohash "hash"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestGorgoniaIsChecked fails when Gorgonia's version changes, so that nobody forgets to read what tape.go leaves out of it.
func TestGorgoniaIsChecked(t *testing.T) {
	if gorgoniaIsChecked() {
		return
	}
	build, _ := debug.ReadBuildInfo()
	t.Errorf("Gorgonia is not %s: programs run by its RunAll, more slowly. Read RunAll and runall in its vm_tape.go; if RunAll still does nothing but call runall and pass on what it sends, change checkedGorgonia. The build is of %v",
		checkedGorgonia, build)
}

// callerOp is a raw op that does what it is told.
type callerOp struct {
	do func() (gorgonia.Value, error)
}

func (o *callerOp) Arity() int { return 1 }
func (o *callerOp) Type() hm.Type {
	m := gorgonia.TensorType{Dims: 2, Of: hm.TypeVariable('a')}
	return hm.NewFnType(m, m)
}
func (o *callerOp) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return in[0].(tensor.Shape).Clone(), nil
}
func (o *callerOp) Do(...gorgonia.Value) (gorgonia.Value, error) { return o.do() }
func (o *callerOp) ReturnsPtr() bool                             { return false }
func (o *callerOp) CallsExtern() bool                            { return false }
func (o *callerOp) OverwritesInput() int                         { return -1 }
func (o *callerOp) WriteHash(h gohash.Hash)                      { fmt.Fprintf(h, "%p", o) }
func (o *callerOp) Hashcode() uint32                             { return 12345 }
func (o *callerOp) String() string                               { return "caller's" }

// TestTapeRunsOnTheCaller: what an op does by way of error, panic and goroutine comes to who called Run, and the program goes on.
func TestTapeRunsOnTheCaller(t *testing.T) {
	out := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	op := &callerOp{}
	layer := LayerFunc("caller", func(b *Builder, x *gorgonia.Node) *gorgonia.Node { return b.Node(gorgonia.ApplyOp(op, x)) })
	m, err := NewModel(Config{Input: Floats(3)}, layer)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(Spec{Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	if p.tape.machine == nil {
		t.Fatal("the tape runs elsewhere, where a panic would end this test: see TestGorgoniaIsChecked")
	}
	ran := false
	works := func() (gorgonia.Value, error) {
		ran = strings.Contains(string(debug.Stack()), "TestTapeRunsOnTheCaller(")
		return out, nil
	}
	sad := errors.New("sad")
	var index []int
	for i, c := range []struct {
		do   func() (gorgonia.Value, error)
		want []string
	}{
		{works, nil},
		{func() (gorgonia.Value, error) { return nil, sad }, []string{"graph: running a batch of 2: PC ", "sad"}},
		{works, nil},
		{func() (gorgonia.Value, error) { panic("ill") }, []string{"graph: running a batch of 2: an op panicked: ill (", "TestTapeRunsOnTheCaller", "tape_test.go:"}},
		{works, nil},
		{func() (gorgonia.Value, error) { index[3]++; return nil, nil }, []string{"an op panicked: runtime error: index out of range [3] with length 0 (", "tape_test.go:"}},
		{works, nil},
	} {
		op.do, ran = c.do, false
		err := p.Run()
		if c.want == nil {
			if err != nil || !ran || p.Output().Float32s()[5] != 6 {
				t.Errorf("run %d: %v, on the caller: %v, output %v", i, err, ran, p.Output())
			}
			continue
		}
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("run %d: got %v, want %q", i, err, want)
			}
		}
	}
}

// TestTapeElsewhere: with another version of Gorgonia a program's results and errors are the same.
func TestTapeElsewhere(t *testing.T) {
	out := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	op := &callerOp{}
	layer := LayerFunc("caller", func(b *Builder, x *gorgonia.Node) *gorgonia.Node { return b.Node(gorgonia.ApplyOp(op, x)) })
	m, err := NewModel(Config{Input: Floats(3)}, layer)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(Spec{Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[bool]string{}
	for _, own := range []bool{true, false} {
		if !own {
			p.tape.machine = nil
		}
		op.do = func() (gorgonia.Value, error) { return nil, errors.New("sad") }
		texts[own] = fmt.Sprint(p.Run())
		op.do = func() (gorgonia.Value, error) { return out, nil }
		if err := p.Run(); err != nil || p.Output().Float32s()[5] != 6 {
			t.Errorf("on the caller %v: %v, %v", own, err, p.Output())
		}
	}
	if texts[true] != texts[false] || !strings.Contains(texts[true], "sad") {
		t.Errorf("errors are %q and %q", texts[true], texts[false])
	}
}
