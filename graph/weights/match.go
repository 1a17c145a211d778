package weights

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph/train/run"
)

// A group is tensors of a file that belong together, of which a form takes all; or, with loose, tensors in a row of which it takes as many as it has.
type group struct {
	name    string
	tensors []member
	loose   bool
	used    []bool // of each
}

// A member is a tensor with its name within its group.
type member struct {
	run.Tensor
	short string
}

// A find is what a unit takes.
type find struct {
	group   string
	form    form
	tensors []member // one for each part
}

// counters say nothing of a layer.
const counters = "num_batches_tracked"

// tensorNames are those that PyTorch's layers give their tensors. What is called otherwise stands by itself.
var tensorNames = regexp.MustCompile(`^(weight|bias|running_mean|running_var|num_batches_tracked|in_proj_weight|[qkv]_proj_weight|in_proj_bias|(weight|bias)_(ih|hh)_l\d+(_reverse)?)$`)

// layered is the number of one of several recurrent layers of one module.
var layered = regexp.MustCompile(`_l(\d+)(_reverse)?$`)

// modules are the tensors of PyTorch's modules, each in the order of its first; saved ones have a number before their name.
func modules(tensors []run.Tensor, ours bool) []group {
	var all []group
	at := map[string]int{}
	attention := map[string]bool{}
	names := make([]string, len(tensors))
	for i, t := range tensors {
		if names[i] = t.Name; ours {
			names[i] = saved.ReplaceAllString(t.Name, "")
		}
		if whole, ok := strings.CutSuffix(names[i], "in_proj_bias"); ok {
			attention[whole] = true
		}
	}
	for k, t := range tensors {
		cut := strings.LastIndexByte(names[k], '.') + 1
		module, name := names[k][:cut], names[k][cut:]
		key := module
		if whole, ok := strings.CutSuffix(module, "out_proj."); ok && attention[whole] {
			key, name = whole, "out_proj."+name
		} else if !tensorNames.MatchString(name) {
			key, name = names[k], ""
		} else if m := layered.FindStringSubmatch(name); m != nil {
			key, name = module+"_l"+m[1], strings.Replace(name, m[0], "_l0"+m[2], 1)
		}
		i, ok := at[key]
		if !ok {
			i = len(all)
			at[key] = i
			all = append(all, group{name: strings.TrimSuffix(key, ".")})
		}
		all[i].tensors = append(all[i].tensors, member{t, name})
	}
	for i := range all {
		all[i].used = make([]bool, len(all[i].tensors))
	}
	return all
}

// runs are tensors without names, in order.
func runs(tensors []run.Tensor) []group {
	g := group{loose: true}
	for _, t := range tensors {
		if (t.Values != nil || len(t.Shape) > 0) && !strings.HasSuffix(t.Name, counters) { // which single whole numbers are, too
			g.tensors = append(g.tensors, member{Tensor: t})
		}
	}
	g.used = make([]bool, len(g.tensors))
	return []group{g}
}

// match gives each unit the first tensors that suit it and are not taken.
func match(units []unit, groups []group) ([]find, error) {
	if len(groups) == 1 && groups[0].loose {
		steps := 0
		if found, ok := groups[0].place(units, &steps); ok {
			return found, nil
		}
	}
	var found []find
	for _, u := range units {
		f, ok := u.first(groups)
		if !ok {
			return nil, fmt.Errorf("nothing suits %s, which takes %s%s", u.name, u.forms[0], remaining(" of what is left: ", groups))
		}
		found = append(found, f)
	}
	if left := remaining("", groups); left != nothing {
		return nil, fmt.Errorf("the model has no layer for %s: it is another network, or another order of its layers", left)
	}
	return found, nil
}

// mostSteps is after how many tries tensors in a row are placed no more, but as they come, which says what does not fit.
const mostSteps = 100_000

// place gives each unit tensors in a row, so that none is left over: of a layer without a bias the next one's first tensor may look like it.
func (g *group) place(units []unit, steps *int) ([]find, bool) {
	if len(units) == 0 {
		return nil, !slices.Contains(g.used, false)
	}
	for at := range g.tensors {
		for _, f := range units[0].forms {
			f = f.bare()
			if *steps++; *steps > mostSteps || !g.fits(f, at) {
				continue
			}
			g.take(at, len(f.parts), true)
			rest, ok := g.place(units[1:], steps)
			if ok {
				return append([]find{{"", f, g.tensors[at : at+len(f.parts)]}}, rest...), true
			}
			g.take(at, len(f.parts), false)
		}
	}
	return nil, false
}

func (g *group) take(at, n int, taken bool) {
	for k := range n {
		g.used[at+k] = taken
	}
}

// fits says whether a form's tensors stand from a place on, none of them taken.
func (g *group) fits(f form, at int) bool {
	if at+len(f.parts) > len(g.tensors) {
		return false
	}
	for k, p := range f.parts {
		if g.used[at+k] || !slices.Equal(g.tensors[at+k].Shape, p.shape) {
			return false
		}
	}
	return true
}

// nothing is what remaining says of groups that are taken whole.
const nothing = ": nothing is left"

// remaining lists some of what nothing has taken.
func remaining(before string, groups []group) string {
	const some = 6
	var names []string
	for _, g := range groups {
		names = append(names, g.left()...)
	}
	switch n := len(names); {
	case n == 0:
		return nothing
	case n > some:
		return before + strings.Join(names[:some], ", ") + fmt.Sprintf(" and %d more", n-some)
	}
	return before + strings.Join(names, ", ")
}

// left are the tensors that nothing has taken.
func (g *group) left() (all []string) {
	for i, t := range g.tensors {
		if !g.used[i] && t.short != counters {
			all = append(all, t.Name+" "+shown(t.Shape))
		}
	}
	return all
}

// first finds a unit's tensors and takes them.
func (u unit) first(groups []group) (find, bool) {
	for i := range groups {
		g := &groups[i]
		at, best := len(g.tensors), find{}
		for _, f := range u.forms {
			if g.loose {
				if row, ok := g.row(f.bare()); ok && row < at {
					f = f.bare()
					at, best = row, find{"", f, g.tensors[row : row+len(f.parts)]}
				}
			} else if tensors, ok := g.suits(f); ok && best.tensors == nil {
				at, best = 0, find{g.name, f, tensors}
			}
		}
		if best.tensors == nil {
			continue
		}
		n := len(g.tensors)
		if g.loose {
			n = len(best.tensors)
		}
		g.take(at, n, true)
		return best, true
	}
	return find{}, false
}

// row is where a form's tensors first stand in a row, none of them taken.
func (g *group) row(f form) (at int, ok bool) {
	for at := range g.tensors {
		if g.fits(f, at) {
			return at, true
		}
	}
	return 0, false
}

// suits says whether a group is a form's tensors, by name and shape, and none beside, and puts them in the form's order.
func (g *group) suits(f form) ([]member, bool) {
	var all []member
	counted := 0
	for _, p := range f.parts {
		at := slices.IndexFunc(g.tensors, func(t member) bool { return t.short == p.name })
		if at < 0 && p.name == counters {
			all = append(all, member{})
			continue
		}
		if at < 0 || g.used[at] || len(p.pieces) > 0 && !slices.Equal(g.tensors[at].Shape, p.shape) {
			return nil, false
		}
		counted++
		all = append(all, g.tensors[at])
	}
	return all, counted == len(g.tensors)
}

// bare is a form without counters.
func (f form) bare() form {
	f.parts = slices.DeleteFunc(slices.Clone(f.parts), func(p part) bool { return len(p.pieces) == 0 })
	return f
}

// unsure is an error where tensors of equal shapes are told apart by names that do not say their order.
func unsure(found []find) error {
	for i, a := range found {
		for _, b := range found[i+1:] {
			if a.form.String() == b.form.String() && !consecutive(a.group, b.group) {
				return fmt.Errorf("%s and %s have the same shapes, and their names do not say which comes first: write an NPZ archive, which keeps the order: numpy.savez(\"net.npz\", **{name: value.numpy() for name, value in net.state_dict().items()})", a.group, b.group)
			}
		}
	}
	return nil
}

// consecutive says whether two names of modules differ in numbers alone, from the first difference on.
func consecutive(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return digits.ReplaceAllString(x[i], "#") == digits.ReplaceAllString(y[i], "#") && digits.MatchString(x[i])
		}
	}
	return false
}

var digits = regexp.MustCompile(`\d+`)
