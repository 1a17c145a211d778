package look

import "github.com/stheno-ml/stheno/models"

// A Step is one of the lecture's experiments, as a step of a ladder.
type Step struct {
	Name    string  `json:"name"`
	Title   Text    `json:"title"`
	Changes Text    `json:"changes"` // against which step, in a line
	Why     Text    `json:"why"`     // what is to be seen
	Lecture Figures `json:"lecture"`
	Band    Band    `json:"band"`

	// For the session to say.
	Run    *string  `json:"run"`     // which run is of it; null if none is here
	Result *Figures `json:"result"`  // of the last that was played to its end, which may be gone; null if none was
	InBand *bool    `json:"in_band"` // whether that agrees with the lecture
	Short  bool     `json:"short"`   // whether it was a short one
}

// Figures are accuracies, or what else an experiment is judged by; null where there is none.
type Figures struct {
	Train     *Number `json:"train"`
	Test      *Number `json:"test"`
	NoisyTest *Number `json:"noisy_test"`
}

// A Band says where a run agrees with the lecture.
type Band struct {
	Collapse  bool       `json:"collapse"` // it says one class, or two, of everything
	Train     *[2]Number `json:"train"`    // both ends included; null where nothing is claimed
	Test      *[2]Number `json:"test"`
	NoisyTest *[2]Number `json:"noisy_test"`
}

// FiguresOf are what the lecture shows of an experiment.
func FiguresOf(f models.Figures) Figures {
	shown := func(v float64) *Number {
		if v == 0 {
			return nil
		}
		return known(v)
	}
	return Figures{shown(f.Train), shown(f.Test), shown(f.NoisyTest)}
}

// BandOf is an experiment's band.
func BandOf(b models.Band) Band {
	ends := func(r models.Range) *[2]Number {
		if r == (models.Range{}) {
			return nil
		}
		return &[2]Number{Number(r.Low), Number(r.High)}
	}
	return Band{b.Collapse, ends(b.Train), ends(b.Test), ends(b.NoisyTest)}
}

// InBand says whether a result lies in its experiment's band; nil where the band claims nothing.
func InBand(r *models.Result) *bool {
	if r == nil || r.Experiment.Band == (models.Band{}) || r.Train == nil || r.Test == nil {
		return nil
	}
	ok := len(r.Check()) == 0
	return &ok
}

// Ladder is the lecture, step by step, in its order.
func Ladder() []Step {
	all := make([]Step, 0, len(ladder))
	for _, e := range models.Experiments() {
		s := ladder[e.Name]
		s.Name, s.Lecture, s.Band = e.Name, FiguresOf(e.Lecture), BandOf(e.Band)
		all = append(all, s)
	}
	return all
}

// ladder is what is said of each of the lecture's experiments.
var ladder = map[string]Step{
	"mse": {
		Title:   Text{"A network that fails", "一個失敗的網路"},
		Changes: Text{"The start: three layers of 633 sigmoids, mean squared error on the softmax, SGD with a learning rate of 0.1, batches of 100.", "起點：三層各 633 個 sigmoid，softmax 上的均方誤差，SGD，學習率 0.1，一個 batch 100 張。"},
		Why: Text{"It says the same digit of every image, and is right about one time in ten. Look at the training set first: it is as bad there, so this is not overfitting. The network has not learnt anything, and the gradient is small in every layer.",
			"不管看到哪張圖，它都回答同一個數字，十張大約只對一張。先看訓練集：那裡也一樣差，所以這不是過度擬合，而是根本沒學起來；每一層的梯度都很小。"},
	},
	"cross-entropy": {
		Title:   Text{"The loss that suits the task", "配得上輸出的損失函數"},
		Changes: Text{"mse with categorical cross-entropy in place of the squared error.", "把 mse 的均方誤差換成交叉熵。"},
		Why: Text{"One word is changed, and the same network learns. Behind a softmax the squared error is flat where an answer is surely wrong; cross-entropy sends back the answer minus the truth, which is large exactly there.",
			"只改一個詞，同一個網路就學起來了。在 softmax 後面，均方誤差在「很有把握地答錯」的地方是平的；交叉熵傳回的是答案減去正解，偏偏在那裡最大。"},
	},
	"batch-10000": {
		Title:   Text{"All samples in one batch", "全部放進同一個 batch"},
		Changes: Text{"cross-entropy with batches of 10,000: the whole training set in each step.", "cross-entropy，batch 改成 10,000：每一步看完整個訓練集。"},
		Why: Text{"Each gradient is as exact as can be, but twenty epochs are twenty updates. It is not that the network cannot learn: it has hardly begun.",
			"每一次的梯度都準得不能再準，可是二十個 epoch 只有二十次更新。它不是學不會，是幾乎還沒開始。"},
	},
	"batch-1": {
		Title:   Text{"One sample at a time", "一次只看一張"},
		Changes: Text{"cross-entropy with batches of 1. The lecture shows no figure: \"super slow\".", "cross-entropy，batch 改成 1。課堂上沒有數字，只說「超慢」。"},
		Why: Text{"Ten thousand noisy updates an epoch learn more from the same samples, but the machine reads and writes 1.3 million weights for a single digit, so that an epoch takes several times as long.",
			"一個 epoch 有一萬次充滿雜訊的更新，從同樣的資料學到更多；但為了一張圖就要把 130 萬個權重讀寫一遍，一個 epoch 要花好幾倍的時間。"},
	},
	"deep-sigmoid": {
		Title:   Text{"Deeper, and it fails again", "疊得更深，又失敗了"},
		Changes: Text{"cross-entropy with ten more layers of 689 sigmoids.", "cross-entropy 再加十層，每層 689 個 sigmoid。"},
		Why: Text{"Follow the gradient from the last layer to the first: each sigmoid multiplies it by a quarter at most, and after thirteen of them next to nothing arrives. The first layers stay as they were drawn.",
			"跟著梯度從最後一層走到第一層：每個 sigmoid 最多留下四分之一，穿過十三層之後幾乎什麼都不剩：梯度消失了。前面幾層一直停在隨機初始化的樣子。"},
	},
	"relu": {
		Title:   Text{"Relu", "換成 relu"},
		Changes: Text{"cross-entropy with relu in place of sigmoid.", "cross-entropy，把 sigmoid 換成 relu。"},
		Why: Text{"Where a relu is on, its slope is 1, so the gradient comes through whole. The training set is learnt nearly without a fault, and the test set follows.",
			"relu 只要是開的，斜率就是 1，梯度可以原封不動地通過。訓練集幾乎全對，測試集也跟著上來。"},
	},
	"deep-relu": {
		Title:   Text{"Deep, with relu", "很深，但用 relu"},
		Changes: Text{"deep-sigmoid with relu in place of sigmoid.", "deep-sigmoid，把 sigmoid 換成 relu。"},
		Why: Text{"Thirteen hidden layers learn, since the gradient reaches the first of them. At this learning rate so deep a network stands at the edge of what is stable: now and then the loss leaps, and heals.",
			"十三個隱藏層也學得起來，因為梯度到得了第一層。這麼深的網路配上這個學習率，正好站在穩定的邊緣：損失偶爾會跳起來，再慢慢恢復。"},
	},
	"raw-pixels": {
		Title:   Text{"Pixels from 0 to 255", "像素不除以 255"},
		Changes: Text{"relu without the division of the pixels by 255, on Keras 2's cross-entropy of clipped probabilities.", "relu，但像素不除以 255；用 Keras 2 那種把機率截斷的交叉熵。"},
		Why: Text{"First weights are drawn for inputs near 1. With inputs 255 times larger the first steps throw the weights far away; the loss stands at about 14.4, where a probability is clipped and the gradient is zero.",
			"權重的初始化是為了大約 1 的輸入設計的。輸入大了 255 倍，頭幾步就把權重丟到天邊；損失停在大約 14.4：機率被截斷的地方，梯度是零。"},
	},
	"adam": {
		Title:   Text{"Adam", "換成 Adam"},
		Changes: Text{"relu with Adam (learning rate 0.001) in place of SGD.", "relu，把 SGD 換成 Adam（學習率 0.001）。"},
		Why: Text{"Adam divides each weight's step by the size that its gradient usually has. It ends where SGD ends, but is there in a few epochs: watch in which epoch the training accuracy passes .95.",
			"Adam 用每個權重平常的梯度大小來調整它的步長。最後的結果差不多，但幾個 epoch 就到了：看看訓練準確率在第幾個 epoch 超過 .95。"},
	},
	"noise": {
		Title:   Text{"A test set of another kind", "不一樣的測試集"},
		Changes: Text{"adam, tested on digits with normal noise of σ 1 on every pixel, too. Training is as it was.", "adam，另外用加了雜訊的數字來測試：每個像素加上標準差 1 的常態雜訊。訓練完全不變。"},
		Why: Text{"A network that is right of all training digits and of 96 in 100 new ones loses half of them under noise. A figure holds for data like those that it was measured on.",
			"訓練集全對、新的數字一百張對九十六張的網路，遇到雜訊就只對一半左右。一個準確率只說明它在像那樣的資料上做得好不好。"},
	},
	"dropout": {
		Title:   Text{"Dropout", "dropout"},
		Changes: Text{"noise with 689 relus a layer, and dropout of 0.7 behind each hidden layer.", "noise，每層改成 689 個 relu，並在每個隱藏層後面加上 0.7 的 dropout。"},
		Why: Text{"While it trains, seven units in ten are silent, others at each step, so that none can rely on another. The running training figure falls, and the noisy test gains. It is a remedy for a network that has learnt, not for one that has not.",
			"訓練時每一步都讓七成的神經元閉嘴，每次是不同的一批，誰也不能依賴別人一定在場。訓練中的準確率會下降，加雜訊的測試集卻上升。它治的是學起來了的網路，治不了學不起來的網路。"},
	},
}
