package onnx

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var light = flag.Bool("light", false, "read the nine networks inside the onnx package, too: some minutes, two gigabytes")

// outside are the cases of ops that are read which are none of what the package comment claims of them: these, and no others, are refused.
var outside = []struct{ why, cases string }{
	{"the batch is moved, cut, put together, summed or normalised over", `concat_(\dd_axis_0|1d_axis_negative_1|2d_axis_negative_2|3d_axis_negative_3)|flatten_(axis[023]|negative_axis[124])|gather_(0|1|2d_indices|negative_indices)|gemm_(all_attributes|transposeA|default_matrix_bias)|` +
		`(layer|rms)_normalization_(\dd_axis0|2d_axis_negative_2|3d_axis_negative_3|4d_axis_negative_4)(_epsilon)?|(log)?softmax_axis_0|leakyrelu_example|prelu_example|reduce_\w+_default_axes_keepdims?_\w+|` +
		`reshape_(negative_extended_dims|one_dim|reordered_\w+)|slice|slice_(default_axes|default_steps|neg_steps|negative_axes|start_out_of_bounds)|` +
		`split_(1d_uneven_split|equal_parts_1d|equal_parts_default_axis|variable_parts_1d|variable_parts_default_axis|zero_size_splits)_opset\d+|squeeze|transpose_(all_permutations_[2-5]|default)|unsqueeze_axis_0|matmul_(1d_3d|bcast)`},
	{"volumes", `(averagepool|maxpool)_3d_\w+|convtranspose_3d`},
	{"Resize of a region", `resize_tf_crop_and_resize\w*`},
	{"whole numbers that are computed with", `div_int32_trunc|(edge|reflect|wrap)_pad`},
	{"axes of no elements", `reduce_sum_empty_set(_non_reduced_axis_zero)?|reshape_allowzero_reordered`},
	{"a GRU whose reset gate acts on the state", `gru_(batchwise|bidirectional|defaults|reverse|seq_length|with_initial_bias)`},
	{"an LSTM's cell state, and peepholes", `lstm_(bidirectional|reverse|with_peepholes)`},
	{"ConvTranspose in groups, of a given output, or that makes more than its input reaches", `convtranspose_(group_2(_image_3)?|kernel_shape|output_shape|pad)`},
	{"a pool's indices, and padding that differs on two sides and does not count", `maxpool_with_argmax_2d_\w+|averagepool_2d_(same_lower|precomputed_pads_count_include_pad)`},
	{"training", `batchnorm_\w+_training_mode`},
	{"the quotient of two values, and the product with a vector", `div(_example)?|matmul_4d_1d`},
}

// ONNX's own cases are read and computed right, or, where they are none of what is claimed, refused with an error: none is computed otherwise.
func TestBackendCases(t *testing.T) {
	if *python == "" {
		t.Skip("go test ./graph/onnx -onnx PYTHON, which .ci/run does, takes the cases out of the onnx package")
	}
	for _, c := range []struct {
		kind  string
		least int // cases that are computed
	}{{"light", 9}, {"node", 226}} {
		if c.kind == "light" && !*light {
			continue
		}
		dir := t.TempDir()
		if out, err := exec.Command(*python, "testdata/backend.py", dir, c.kind).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.onnx"))
		if err != nil {
			t.Fatal(err)
		}
		right, refused := 0, 0
		for _, path := range files {
			name := strings.TrimSuffix(filepath.Base(path), ".onnx")
			data, err := os.ReadFile(strings.TrimSuffix(path, ".onnx") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var say struct{ Inputs, Outputs map[string]values }
			if err := json.Unmarshal(data, &say); err != nil {
				t.Fatal(err)
			}
			m, about, err := ReadFile(path, ReadConfig{})
			why := ""
			for _, o := range outside {
				if c.kind == "node" && regexp.MustCompile("^test_("+o.cases+")$").MatchString(name) {
					why = o.why
				}
			}
			if err != nil {
				if refused++; why == "" {
					t.Errorf("%s is claimed: %v", name, err)
				}
				t.Logf("%s: %s: %v", name, why, err)
				continue
			}
			if why != "" {
				t.Errorf("%s is read: it is not said to be outside any more: %s", name, why)
			}
			got := run(t, m, about, say.Inputs)
			good := true
			for out, want := range say.Outputs {
				if d := apart(got[out].Floats, want.Floats); !(d <= 1e-4) || !slices.Equal(got[out].Shape, want.Shape) {
					good = false
					t.Errorf("%s: output %s is %.2g off, of shape %v, want %v", name, out, d, got[out].Shape, want.Shape)
				}
			}
			if good {
				right++
			}
		}
		t.Logf("%s: %d cases right, %d refused", c.kind, right, refused)
		if right < c.least {
			t.Errorf("%s: got %d cases right, want %d", c.kind, right, c.least)
		}
	}
}
