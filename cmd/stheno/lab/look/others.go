package look

import "github.com/stheno-ml/stheno/models"

// Others are the experiments that are no step of the lecture's: those that mend what it leaves open, and networks of other kinds.
func Others() []Step {
	var all []Step
	for _, group := range []struct {
		title Text
		of    []models.Experiment
	}{{Text{"Mends", "修好它們"}, models.Mends()}, {Text{"Other kinds", "別種網路"}, models.Networks()}} {
		for _, e := range group.of {
			all = append(all, Step{Name: e.Name, Title: group.title, Changes: Text{e.Changes, others[e.Name]}, Band: BandOf(e.Band)})
		}
	}
	return all
}

// others are what the experiments that are not the lecture's change, or are, in Chinese.
var others = map[string]string{
	"deep-batchnorm": "deep-sigmoid 改用 He 的權重初始化（光是這樣還不夠），每個 sigmoid 前面再加 batch normalization，之後每一層的梯度都不會消失；6 個 epoch。",
	"deep-residual":  "deep-relu 每兩層加一條捷徑，兩層中的第二層從 0 開始（Goyal 等人，2017），第一步就學得起來；3 個 epoch。",
	"deep-clipped":   "deep-relu 加上兩個 epoch 的暖身，並把梯度的大小限制在 1，這樣就不會有一步跳得太遠。",
	"noisy-training": "noise，訓練的數字也加上 N(0, 0.25) 的雜訊，每一步都重新產生；權重衰減、提早停止、標籤平滑都治不了這個問題。",
	"wrong-labels":   "adam，只用 2,000 個數字，其中十分之三標錯了：連錯的也背起來了。接下來兩個實驗治的就是這個。",
	"early-stopping": "wrong-labels，留下五分之一來驗證，驗證的損失兩個 epoch 沒有再下降就停：趁錯的標籤還沒背起來。",
	"weight-decay":   "wrong-labels，在梯度的那一步之外加上 10 的權重衰減（偏置不算）：權重太小，背不了大部分錯的標籤，多數種子的測試會比較好；1 還不夠。",
	"smoothing":      "adam，標籤平滑 0.1（Szegedy 等人，2016），不必越來越有把握。",

	"lenet":           "LeNet-5（LeCun 等人，1998）：兩層卷積，tanh 和平均池化，後面三層全連接，Adam。",
	"convnet":         "兩層卷積，relu 和最大池化，dropout 0.5，一層全連接（Keras 的範例），Adam。",
	"resnet":          "殘差網路（He 等人，2016）：三段，每段兩個帶 batch normalization 的區塊，通道數 16、32、64，Adam。",
	"row-lstm":        "128 個單元的 LSTM，一列一列讀數字，Adam。",
	"row-transformer": "兩個注意力區塊，一列一列讀數字，4 個頭，寬度 64，Adam。",
	"autoencoder":     "數字壓成 32 個數再還原：輸入和目標都是像素，用像素的二元交叉熵，Adam。",
	"char-lm":         "128 個單元的 LSTM，讀《愛麗絲夢遊仙境》，猜下一個字母，Adam。",
}
