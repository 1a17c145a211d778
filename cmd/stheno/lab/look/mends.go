package look

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/models"
)

// A remedy is a change that inspect's advice may name.
type remedy struct {
	named string // by these words
	make  func(m *mender) (c Change, label Text, ok bool)
}

// remedies are those of each finding, in the order in which they are offered. What advice names and no setting is, such as other data, is for people.
var remedies = map[inspect.Code][]remedy{
	inspect.NotFinite:      {{"Scale the inputs", scale}, {"learning rate ten times smaller", tenth}, {"computed from the logits", fromLogits}},
	inspect.StillLearning:  faster,
	inspect.Unexplained:    faster,
	inspect.TooFewUpdates:  slices.Concat([]remedy{{"smaller batch, such as 100", batch100}}, faster),
	inspect.UnscaledInputs: {{"bring all to [0, 1]", scale}, {"Scale them once", scale}, {"Divide the pixels by 255 once", scale}},
	inspect.StarvingLoss:   {{"take categorical cross-entropy", crossEntropy}, {"computed from the logits", fromLogits}},
	inspect.Vanishing:      {{"relu in place of sigmoid", relu}, {"batch normalisation between them", normalised}, {"ewer layers", fewerLayers}},
	inspect.RateTooHigh:    {{"learning rate ten times smaller", tenth}, {"smaller learning rate", tenth}, {"a warm-up", warmUp}, {"bound the gradient's norm", bounded}, {"fewer layers", fewerLayers}},
	inspect.DeadUnits:      {{"smaller learning rate", tenth}, {"leaky relu", leaky}},
	inspect.SaturatedUnits: {{"Scale the inputs", scale}, {", or relu", relu}, {"smaller learning rate", tenth}},
	inspect.Exploding:      {{"bound the gradient's norm", bounded}, {"smaller learning rate", tenth}},
	inspect.RateTooLow:     {{"ten times larger", tenfold}},
	inspect.Overfitting:    {{"use dropout", dropout}, {"drop more", dropMore}, {"more samples", allSamples}},
	inspect.ShiftedTest:    {{"use dropout", dropout}},
	inspect.BatchTooSmall:  {{"larger batch, such as 100", batch100}},

	inspect.NoisyLabels:      {{"label smoothing", smoothing}},
	inspect.SymmetricWeights: {{"leave the layer's initialiser out", drawn}},
	inspect.LastActivation:   {{"in a layer without activation", linearEnd}, {"End in softmax", softmaxEnd}},
	inspect.HighDropout:      {{"a fifth to a half", halfDropout}, {"none until", noDropout}},
	inspect.HighDecay:        {{"a hundredth of it", lessDecay}},
	inspect.LaggingMoments:   {{"smaller momentum for batch normalisation", quickMoments}, {"more epochs", moreEpochs}},
	inspect.TooSmall:         {{"wider layers", wider}},
	inspect.TooLinear:        {{"Give the hidden layers an activation", bent}},
}

// faster are remedies of what learns, and has not come far.
var faster = []remedy{{"relu in place of sigmoid", relu}, {"Adam", adam}, {"larger learning rate", larger}, {"more epochs", moreEpochs}}

// A mender knows what a run is like that is to be mended.
type mender struct {
	*Subject
	info  datasets.Info // of what it learns from
	now   Settings
	rate  float64
	words string        // of the network's inputs, where its words begin with them
	chain []graph.Layer // the layers, one after the other; nil where they are not
}

func newMender(s *Subject) *mender {
	m := &mender{Subject: s, info: s.Fit.Info()}
	var err error
	if m.now, err = SettingsOf(s.Experiment, s.Seed, m.info); err != nil {
		return m // of what has no words nothing can be changed by words
	}
	m.rate = float64(m.now.Rate)
	m.words, m.chain = chainOf(s.Experiment, m.info)
	return m
}

// mends are the changes that mend a finding.
func (m *mender) mends(f inspect.Finding) []Mend {
	all := []Mend{}
	for _, r := range remedies[f.Code] {
		if !strings.Contains(f.Advice, r.named) || m.now.Layers == "" {
			continue
		}
		c, label, ok := r.make(m)
		if !ok || !m.other(c) || slices.ContainsFunc(all, func(o Mend) bool { return reflect.DeepEqual(o.Change, c) }) {
			continue
		}
		all = append(all, Mend{label, c, len(c.Restart()) == 0})
	}
	return all
}

// other says whether a change can be made, and makes another run of it.
func (m *mender) other(c Change) bool {
	e, seed, err := c.On(m.Experiment, m.Seed, m.info)
	if err != nil {
		return false
	}
	s, err := SettingsOf(e, seed, m.info)
	return err == nil && !reflect.DeepEqual(s, m.now)
}

// slower and faster say which way a mend moves the learning rate.
func (m *mender) slower(of Mend) bool { return of.Change.Rate != nil && *of.Change.Rate < m.rate }
func (m *mender) faster(of Mend) bool {
	return of.Change.Optimizer == nil && of.Change.Rate != nil && *of.Change.Rate > m.rate
}

func of[T any](v T) *T { return &v }

func relu(m *mender) (Change, Text, bool) {
	return m.activated(layers.ReLU, Text{"relu in the hidden layers", "隱藏層改用 relu"}, layers.Sigmoid, layers.Tanh, layers.Softmax)
}

func bent(m *mender) (Change, Text, bool) {
	return m.activated(layers.ReLU, Text{"relu in the hidden layers", "隱藏層改用 relu"}, layers.Linear)
}

func leaky(m *mender) (Change, Text, bool) {
	return m.activated(layers.LeakyReLU, Text{"leaky relu in the hidden layers", "隱藏層改用 leaky relu"}, layers.ReLU)
}

// activated puts an activation in the place of others in the hidden layers.
func (m *mender) activated(a layers.Activation, label Text, others ...layers.Activation) (Change, Text, bool) {
	if m.now.Activation != nil {
		return Change{Activation: of(a.String())}, label, slices.Contains(others, m.Experiment.Activation)
	}
	c, ok := m.rebuilt(func(l graph.Layer, last bool) graph.Layer {
		if last || !slices.Contains(others, layers.ActivationOf(l)) {
			return l
		}
		return with(l, "Activation", a)
	})
	return c, label, ok
}

func adam(m *mender) (Change, Text, bool) {
	return Change{Optimizer: of("adam")}, Text{"Adam with its own learning rate", "改用 Adam（用它自己的學習率）"}, !strings.Contains(m.now.Optimizer, "adam")
}

// tenth goes back to the learning rate that was in force before, where that is known and a smaller one.
func tenth(m *mender) (Change, Text, bool) {
	if m.Before > 0 && m.Before < m.rate {
		return Change{Rate: of(m.Before)}, Text{fmt.Sprintf("learning rate %v, as before", m.Before), fmt.Sprintf("改回之前的學習率 %v", m.Before)}, true
	}
	return m.times(.1)
}

// larger does not go back to, or beyond, a learning rate that was in force before: who came from there was told that it is too high.
func larger(m *mender) (Change, Text, bool) {
	c, label, ok := m.times(3)
	return c, label, ok && !(m.Before > m.rate && *c.Rate >= m.Before)
}

// tenfold goes half of the way to a larger learning rate that was in force before, where it would go so far: of one that is too low and one that is too high, what is right lies between.
func tenfold(m *mender) (Change, Text, bool) {
	if m.Before > m.rate && 10*m.rate >= m.Before {
		between, _ := strconv.ParseFloat(strconv.FormatFloat(math.Sqrt(m.rate*m.Before), 'g', 2, 64), 64)
		return m.times(between / m.rate)
	}
	return m.times(10)
}

// times multiplies the learning rate.
func (m *mender) times(by float64) (Change, Text, bool) {
	rate := rounded(m.rate * by)
	return Change{Rate: &rate}, Text{fmt.Sprintf("learning rate %v", rate), fmt.Sprintf("學習率 %v", rate)}, rate > 0 && !math.IsInf(rate, 0)
}

// rounded is a number to twelve digits: 0.1·0.1 is 0.01.
func rounded(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	return v
}

func moreEpochs(m *mender) (Change, Text, bool) {
	n := 2 * m.Experiment.Epochs
	return Change{Epochs: &n}, Text{fmt.Sprint(n, " epochs"), fmt.Sprint(n, " 個 epoch")}, true
}

func batch100(m *mender) (Change, Text, bool) {
	return Change{Batch: of(100)}, Text{"batches of 100", "batch 改成 100"}, true
}

func crossEntropy(m *mender) (Change, Text, bool) {
	c := Change{Loss: of("cross-entropy")}
	label := Text{"cross-entropy as loss", "損失改用交叉熵"}
	if n := len(m.chain); n > 0 && m.now.Activation == nil && layers.ActivationOf(m.chain[n-1]) == layers.Sigmoid {
		end, _, ok := softmaxEnd(m)
		c.Layers = end.Layers
		return c, Text{"softmax, and cross-entropy as loss", "以 softmax 結尾，損失改用交叉熵"}, ok
	}
	return c, label, true
}

func fromLogits(m *mender) (Change, Text, bool) {
	return Change{Loss: of("cross-entropy")}, Text{"cross-entropy from the logits", "交叉熵改從 logits 計算"}, m.Experiment.Loss.Name() == (losses.ClippedCrossEntropy{}).Name()
}

func smoothing(m *mender) (Change, Text, bool) {
	return Change{Loss: of("cross-entropy smoothing=0.1")}, Text{"labels smoothed by 0.1", "標籤平滑 0.1"}, m.now.Loss == "cross-entropy"
}

// bounded cuts the gradient's norm.
func bounded(m *mender) (Change, Text, bool) {
	o, err := optim.New(m.Experiment.Optimizer, m.Experiment.LearningRate)
	if err != nil {
		return Change{}, Text{}, false
	}
	if _, has := optim.Find[*optim.Clip](o); has {
		return Change{}, Text{}, false
	}
	words, err := optim.Format(&optim.Clip{Optimizer: o, Norm: 1})
	return Change{Optimizer: &words}, Text{"gradient cut to norm 1", "梯度的範數最多 1"}, err == nil
}

// warmUp begins with small steps.
func warmUp(m *mender) (Change, Text, bool) {
	o, err := optim.New(m.Experiment.Optimizer, m.Experiment.LearningRate)
	if err != nil {
		return Change{}, Text{}, false
	}
	if _, has := optim.Find[*optim.Scheduled](o); has {
		return Change{}, Text{}, false
	}
	schedule, err := optim.ParseSchedule("warmup 200, constant")
	if err != nil {
		return Change{}, Text{}, false
	}
	words, err := optim.Format(&optim.Scheduled{Optimizer: o, Schedule: schedule})
	return Change{Optimizer: &words}, Text{"a warm-up of 200 steps", "先用 200 步暖身（warm-up）"}, err == nil
}

// scale brings the largest input to 1: of labelled samples by what they are multiplied by, of others by a batch normalisation in front of the network.
func scale(m *mender) (Change, Text, bool) {
	if _, labelled := m.Fit.(*datasets.Dataset); !labelled {
		if m.chain == nil || len(m.info.Inputs) == 0 || m.info.Inputs[0].IDs {
			return Change{}, Text{}, false
		}
		if _, has := m.chain[0].(layers.BatchNorm); has {
			return Change{}, Text{}, false
		}
		c, ok := m.inWords(append([]graph.Layer{layers.BatchNorm{}}, m.chain...))
		return c, Text{"batch normalisation of the inputs", "輸入先做批次正規化"}, ok
	}
	most, err := largest(m.Fit)
	if err != nil || !(most > 0) || most == 1 {
		return Change{}, Text{}, false
	}
	by := shortest(float32(float64(max(m.Experiment.Scale, 0)) / float64(most)))
	if most == 255 && m.Experiment.Scale == 1 {
		by = shortest(models.MNISTScale)
	}
	if math.Abs(by-1) < 1e-6 {
		by = 1
	}
	if by == 1 {
		return Change{Scale: &by}, Text{"the values as they come", "直接用原來的數值"}, true
	}
	return Change{Scale: &by}, Text{fmt.Sprintf("values times %.3g, so that they reach 1", by), fmt.Sprintf("數值乘上 %.3g，讓最大的是 1", by)}, true
}

// largest is the largest value, but for its sign, of some samples' first input.
func largest(data datasets.Data) (most float32, err error) {
	rows := make([]int, min(data.Len(), 500))
	for i := range rows {
		rows[i] = i * (data.Len() / len(rows))
	}
	values := make([]float32, len(rows)*data.Info().Inputs[0].Size())
	if err := data.Read(datasets.Batch{Inputs: []datasets.Values{{Floats: values}}}, rows, datasets.Draw{}); err != nil {
		return 0, err
	}
	for _, v := range values {
		most = max(most, v, -v)
	}
	return most, nil
}

func allSamples(m *mender) (Change, Text, bool) {
	return Change{TrainSamples: of(0)}, Text{"all training samples", "用全部的訓練樣本"}, m.Experiment.TrainSamples > 0
}

func dropout(m *mender) (Change, Text, bool)     { return m.dropped(.5) }
func halfDropout(m *mender) (Change, Text, bool) { return m.dropped(.5) }

func dropMore(m *mender) (Change, Text, bool) {
	if m.now.Dropout == nil {
		return Change{}, Text{}, false
	}
	return m.dropped(min(.75, rounded(*m.now.Dropout+.2)))
}

func noDropout(m *mender) (Change, Text, bool) {
	c, _, ok := m.dropped(0)
	return c, Text{"no dropout", "不用 dropout"}, ok
}

// dropped sets the dropout: of a multilayer perceptron behind each hidden layer, of another chain in the layers that drop, or, where there is none, before the last layer.
func (m *mender) dropped(rate float64) (Change, Text, bool) {
	label := Text{fmt.Sprintf("dropout of %v", rate), fmt.Sprintf("dropout %v", rate)}
	if m.now.Dropout != nil {
		return Change{Dropout: &rate}, label, len(m.Experiment.Hidden) > 0
	}
	has := false
	c, ok := m.rebuilt(func(l graph.Layer, last bool) graph.Layer {
		if d, is := l.(layers.Dropout); is {
			has, d.Rate = true, rate
			return d
		}
		return l
	})
	if n := len(m.chain); !has && n > 1 && rate > 0 {
		c, ok = m.inWords(slices.Insert(slices.Clone(m.chain), n-1, graph.Layer(layers.Dropout{Rate: rate})))
	}
	return c, label, ok
}

// fewerLayers leaves out every second hidden layer, down to two.
func fewerLayers(m *mender) (Change, Text, bool) {
	hidden := m.Experiment.Hidden
	if m.now.Activation == nil || len(hidden) < 4 {
		return Change{}, Text{}, false
	}
	n := max(2, len(hidden)/2)
	c, ok := m.inWords(models.MLP{Hidden: hidden[:n], Activation: m.Experiment.Activation, Dropout: m.Experiment.Dropout, Classes: len(m.info.Classes)}.Layers())
	return c, Text{fmt.Sprintf("%d hidden layers", n), fmt.Sprintf("只留 %d 個隱藏層", n)}, ok
}

// normalised puts batch normalisation before the activation of each hidden layer.
func normalised(m *mender) (Change, Text, bool) {
	if m.now.Activation == nil {
		return Change{}, Text{}, false
	}
	var all []graph.Layer
	for i, l := range m.chain {
		d, ok := l.(layers.Dense)
		if !ok || i == len(m.chain)-1 {
			all = append(all, l)
			continue
		}
		d.Activation = layers.Linear
		all = append(all, layers.Sequence{d, layers.BatchNorm{}, m.Experiment.Activation})
	}
	c, ok := m.inWords(all)
	return c, Text{"batch normalisation in each hidden layer", "每個隱藏層都做批次正規化"}, ok
}

// drawn draws the first weights as they are drawn by default.
func drawn(m *mender) (Change, Text, bool) {
	c, ok := m.rebuilt(func(l graph.Layer, _ bool) graph.Layer { return with(l, "Weights", graph.Initializer{}) })
	return c, Text{"first weights drawn at random", "權重改成隨機初始化"}, ok
}

func linearEnd(m *mender) (Change, Text, bool) {
	return m.end(layers.Linear, Text{"no activation at the end", "最後不要激活函數"})
}

func softmaxEnd(m *mender) (Change, Text, bool) {
	return m.end(layers.Softmax, Text{"softmax at the end", "以 softmax 結尾"})
}

func (m *mender) end(a layers.Activation, label Text) (Change, Text, bool) {
	c, ok := m.rebuilt(func(l graph.Layer, last bool) graph.Layer {
		if !last {
			return l
		}
		return with(l, "Activation", a)
	})
	return c, label, ok
}

// decayed finds an optimizer's weight decay in its words.
var decayed = regexp.MustCompile(`weight-decay=([0-9.e+-]+)`)

func lessDecay(m *mender) (Change, Text, bool) {
	label := Text{"a hundredth of the weight decay", "權重衰減減成百分之一"}
	if at := decayed.FindStringSubmatchIndex(m.Experiment.Optimizer); at != nil {
		value, err := strconv.ParseFloat(m.Experiment.Optimizer[at[2]:at[3]], 64)
		words := m.Experiment.Optimizer[:at[2]] + strconv.FormatFloat(rounded(value/100), 'g', -1, 64) + m.Experiment.Optimizer[at[3]:]
		return Change{Optimizer: &words}, label, err == nil
	}
	c, ok := m.rebuilt(func(l graph.Layer, _ bool) graph.Layer {
		if r, is := l.(layers.Regularized); is {
			r.L1, r.L2 = rounded(r.L1/100), rounded(r.L2/100)
			return r
		}
		return l
	})
	return c, label, ok
}

func quickMoments(m *mender) (Change, Text, bool) {
	c, ok := m.rebuilt(func(l graph.Layer, _ bool) graph.Layer {
		if b, is := l.(layers.BatchNorm); is {
			b.Momentum = .9
			return b
		}
		return l
	})
	return c, Text{"a momentum of 0.9 in batch normalisation", "批次正規化的 momentum 改成 0.9"}, ok
}

func wider(m *mender) (Change, Text, bool) {
	const units = 64
	c, ok := m.rebuilt(func(l graph.Layer, last bool) graph.Layer {
		if d, is := l.(layers.Dense); is && !last && d.Units < units {
			d.Units = units
			return d
		}
		return l
	})
	return c, Text{"hidden layers of 64 units", "隱藏層改成 64 個神經元"}, ok
}

// chainOf are an experiment's layers, one after the other, and the words that stand before them where the network names its input; none where it is no chain.
func chainOf(e models.Experiment, info datasets.Info) (before string, chain []graph.Layer) {
	if e.Layers == nil {
		return "", models.MLP{Hidden: e.Hidden, Activation: e.Activation, Dropout: e.Dropout, Classes: len(info.Classes)}.Layers()
	}
	if _, net := e.Layers[0].(*graph.Net); !net {
		return "", e.Layers
	}
	words, err := layers.Format(e.Layers...)
	first, rest, ok := strings.Cut(words, "\n")
	if err != nil || !ok || !strings.HasPrefix(first, "x = input ") {
		return "", nil
	}
	chain, err = layers.Parse(rest)
	if err != nil {
		return "", nil
	}
	if _, net := chain[0].(*graph.Net); net {
		return "", nil
	}
	return first + ", ", chain
}

// inWords is the change to other layers.
func (m *mender) inWords(chain []graph.Layer) (Change, bool) {
	words, err := layers.Format(chain...)
	words = m.words + oneLine(words)
	return Change{Layers: &words}, err == nil
}

// rebuilt is the change to the layers that f makes of each, those within sequences and wrappers too; last is the network's last one.
func (m *mender) rebuilt(f func(l graph.Layer, last bool) graph.Layer) (Change, bool) {
	if m.chain == nil {
		return Change{}, false
	}
	return m.inWords(each(m.chain, true, f))
}

func each(chain []graph.Layer, top bool, f func(l graph.Layer, last bool) graph.Layer) []graph.Layer {
	all := make([]graph.Layer, len(chain))
	for i, l := range chain {
		last := top && i == len(chain)-1
		switch l := l.(type) {
		case layers.Sequence:
			all[i] = layers.Sequence(each(l, last, f))
		case layers.Residual:
			all[i] = layers.Residual(each(l, false, f))
		case layers.Regularized:
			l.Layer = each([]graph.Layer{l.Layer}, last, f)[0]
			all[i] = f(l, last)
		default:
			all[i] = f(l, last)
		}
	}
	return all
}

// with is a layer with a field set, or the activation that it is another; the layer itself where it has no such field.
func with[T any](l graph.Layer, field string, value T) graph.Layer {
	if _, is := l.(layers.Activation); is {
		if a, is := any(value).(layers.Activation); is {
			return a
		}
		return l
	}
	v := reflect.ValueOf(l)
	if v.Kind() != reflect.Struct {
		return l
	}
	changed := reflect.New(v.Type()).Elem()
	changed.Set(v)
	if f := changed.FieldByName(field); f.IsValid() && f.Type() == reflect.TypeFor[T]() {
		f.Set(reflect.ValueOf(value))
	}
	return changed.Interface().(graph.Layer)
}
