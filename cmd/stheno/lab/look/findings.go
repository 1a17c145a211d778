package look

import (
	"regexp"
	"slices"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// A Finding is one of inspect's, in two languages, with what mends it.
type Finding struct {
	Code     inspect.Code     `json:"code"`
	Severity inspect.Severity `json:"severity"`
	Layer    string           `json:"layer"` // "" where it is of the whole
	Title    Text             `json:"title"`
	Evidence Text             `json:"evidence"` // what was measured
	Advice   Text             `json:"advice"`
	Mends    []Mend           `json:"mends"` // each by itself, the first one first
}

// A Mend is a change of the settings that the advice names.
type Mend struct {
	Label  Text   `json:"label"`
	Change Change `json:"change"`
	AtOnce bool   `json:"at_once"` // it could act on the run under way
}

// Findings are what inspect.Diagnose found of a run, as they are shown. What is offered to mend one is what its advice names, where the network does not have it already; of a learning rate that one finding would have smaller
// and another larger, smaller alone.
func Findings(found []inspect.Finding, s *Subject) []Finding {
	m := newMender(s)
	all := make([]Finding, 0, len(found))
	for _, f := range found {
		all = append(all, Finding{f.Code, f.Severity, f.Layer, title(f), measured(f), Text{f.Advice, chinese(f)}, m.mends(f)})
	}
	smaller := slices.ContainsFunc(all, func(f Finding) bool { return slices.ContainsFunc(f.Mends, m.slower) })
	if smaller {
		for i := range all {
			all[i].Mends = slices.DeleteFunc(all[i].Mends, m.faster)
		}
	}
	return all
}

// title is what a finding is called: of a note, which may be nothing, as less than it would be otherwise.
func title(f inspect.Finding) Text {
	if t, ok := slight[f.Code]; ok && f.Severity == inspect.Note {
		return t
	}
	return titles[f.Code]
}

var slight = map[inspect.Code]Text{
	inspect.Overfitting: {"It overfits a little", "有一點過度擬合"},
	inspect.WrongLabels: {"Perhaps inputs and targets do not belong together", "輸入和目標可能對不上"},
}

// measured is a finding's evidence, with figures as the page writes them beside it.
func measured(f inspect.Finding) Text {
	en, _ := f.EvidenceIn(figures)
	zh, _ := f.EvidenceIn(evidence)
	return Text{asOnPage(en), inMarks(asOnPage(zh))}
}

// figures are the forms of the evidence that are of a figure alone, which the page writes as they are.
var figures = map[string]string{"%.1f %%": "%.1f %%", "%.2f %%": "%.2f %%", "%.3f %%": "%.3f %%", "%.3g": "%.3g"}

var (
	perCent = regexp.MustCompile(`([0-9]) %`)
	power   = regexp.MustCompile(`([0-9])(?:\.0)?e([-+])0?([0-9])`)
	below   = regexp.MustCompile(`(^|[ (（])-([.0-9])`)
)

// asOnPage has figures as format.js writes them: 8.7%, 1.2e−5, −0.5.
func asOnPage(text string) string {
	text = power.ReplaceAllStringFunc(perCent.ReplaceAllString(text, "$1%"), func(s string) string {
		m := power.FindStringSubmatch(s)
		return m[1] + "e" + map[string]string{"-": "−"}[m[2]] + m[3]
	})
	return below.ReplaceAllString(text, "$1−$2")
}

// titles are what the codes of findings mean, in a few words.
var titles = map[inspect.Code]Text{
	inspect.NotFinite:     {"The loss is no longer a number", "損失不再是數字"},
	inspect.Collapsed:     {"It says the same of everything", "不管看到什麼都回答同一個"},
	inspect.NotLearnt:     {"The training set is not learnt", "連訓練集都沒學會"},
	inspect.StillLearning: {"It is still learning", "還在學"},

	inspect.UnscaledInputs: {"The inputs are not scaled", "輸入沒有縮放"},
	inspect.StarvingLoss:   {"The loss hardly sends a gradient back", "損失函數幾乎不傳回梯度"},
	inspect.Vanishing:      {"The gradient vanishes on its way to the first layer", "梯度在傳回第一層的路上消失了"},
	inspect.TooFewUpdates:  {"There were too few updates", "更新次數太少"},
	inspect.RateTooHigh:    {"The learning rate is too high", "學習率太大"},
	inspect.DeadUnits:      {"Units are dead", "有神經元死掉了"},
	inspect.SaturatedUnits: {"Units are saturated", "有神經元飽和了"},
	inspect.Exploding:      {"The gradient explodes", "梯度爆炸"},
	inspect.RateTooLow:     {"The learning rate is too low", "學習率太小"},
	inspect.Overfitting:    {"It overfits", "過度擬合"},
	inspect.ShiftedTest:    {"The test data are of another kind", "測試資料和訓練資料不一樣"},
	inspect.BatchTooSmall:  {"The batch is small, which is slow", "batch 太小，跑得慢"},

	inspect.OneClass:           {"All samples are of one class", "所有樣本都是同一類"},
	inspect.ConstantTargets:    {"The target is the same in every sample", "目標在每個樣本裡都一樣"},
	inspect.ConstantFeatures:   {"Features are the same in every sample", "有特徵在每個樣本裡都一樣"},
	inspect.DuplicatedFeatures: {"Features stand there twice", "有特徵重複了"},
	inspect.UnscaledTargets:    {"The targets are not scaled", "目標值沒有縮放"},
	inspect.WrongLabels:        {"Inputs and targets do not belong together", "輸入和目標對不上"},
	inspect.NoisyLabels:        {"Some labels are wrong", "有些標籤是錯的"},
	inspect.Imbalance:          {"Rare classes are not told", "少見的類別分不出來"},
	inspect.SymmetricWeights:   {"The units of a layer began alike", "同一層的神經元一開始都一樣"},
	inspect.LastActivation:     {"The last activation does not suit the targets", "最後的激活函數配不上目標"},
	inspect.HighDropout:        {"Too much is dropped", "dropout 太大"},
	inspect.HighDecay:          {"The weights are pulled to zero", "權重被拉向零"},
	inspect.LaggingMoments:     {"Batch normalisation lags behind", "批次正規化的移動平均還沒跟上"},
	inspect.TooSmall:           {"The network is too narrow", "網路太窄"},
	inspect.TooLinear:          {"The network is linear", "網路只是線性的"},
	inspect.AtLimit:            {"The inputs tell no more", "這些輸入說不出更多了"},

	inspect.FewTests:    {"Too few test samples to tell", "測試樣本太少，看不出來"},
	inspect.Unexplained: {"None of the known causes", "找不到已知的原因"},
	inspect.NotJudged:   {"A network of another kind", "診斷不認得這種網路"},
	inspect.Healthy:     {"Nothing is wrong", "看不出有什麼問題"},
}
