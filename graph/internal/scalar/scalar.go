// Package scalar is the slow reference that tests hold values and gradients against: numbers in float64 that remember how they were made, a
// scalar operation at a time. It shares no formula with package ops: a derivative here is that of +, ·, e^x, ln x or max, and the rest follows by
// the chain rule. Only tests import it.
package scalar

import "math"

// A Value is a number, and after Backward the derivative of the result with regard to it.
type Value struct {
	X, Grad float64
	from    []edge
	visited bool
}

// An edge leads to an operand, with the derivative of the value with regard to it.
type edge struct {
	to    *Value
	slope float64
}

// Of is a number that was given.
func Of(x float64) *Value { return &Value{X: x} }

// Add is a + b + ….
func Add(terms ...*Value) *Value {
	v := &Value{}
	for _, t := range terms {
		v.X += t.X
		v.from = append(v.from, edge{t, 1})
	}
	return v
}

// Mul is a·b.
func Mul(a, b *Value) *Value { return &Value{X: a.X * b.X, from: []edge{{a, b.X}, {b, a.X}}} }

// Scale is c·a for a constant c.
func Scale(c float64, a *Value) *Value { return &Value{X: c * a.X, from: []edge{{a, c}}} }

// Exp is e^a.
func Exp(a *Value) *Value {
	e := math.Exp(a.X)
	return &Value{X: e, from: []edge{{a, e}}}
}

// Log is ln a.
func Log(a *Value) *Value { return &Value{X: math.Log(a.X), from: []edge{{a, 1 / a.X}}} }

// Inverse is 1/a.
func Inverse(a *Value) *Value { return &Value{X: 1 / a.X, from: []edge{{a, -1 / (a.X * a.X)}}} }

// Max is the larger of a and b; of equal ones, b.
func Max(a, b *Value) *Value {
	if a.X > b.X {
		return &Value{X: a.X, from: []edge{{a, 1}}}
	}
	return &Value{X: b.X, from: []edge{{b, 1}}}
}

// Clip is a within lo and hi, and the bound beyond, where its slope is 0.
func Clip(lo, hi float64) func(*Value) *Value {
	return func(a *Value) *Value { return Scale(-1, Max(Scale(-1, Max(a, Of(lo))), Of(-hi))) }
}

// Backward fills in the Grad of every value that the result was made of.
func Backward(result *Value) {
	var order []*Value // operands first
	var visit func(*Value)
	visit = func(v *Value) {
		if v.visited {
			return
		}
		v.visited = true
		for _, e := range v.from {
			visit(e.to)
		}
		order = append(order, v)
	}
	visit(result)
	result.Grad = 1
	for i := len(order) - 1; i >= 0; i-- {
		for _, e := range order[i].from {
			e.to.Grad += order[i].Grad * e.slope
		}
	}
}
