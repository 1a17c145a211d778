package look

import "strings"

// aboutWord is what a layer is, in a line, in two languages: the shapes that stand behind it are the same in both.
func aboutWord(word, english string) Text {
	chinese, ok := abouts[word]
	if !ok {
		return Text{english, english}
	}
	if at := strings.LastIndex(english, ": ["); at >= 0 {
		chinese += "：" + english[at+2:]
	}
	return Text{english, chinese}
}

// abouts are what the layers are, in Chinese, without their shapes.
var abouts = map[string]string{
	"absdiff":         "兩個同形狀輸入的 |a − b|",
	"linear":          "x",
	"sigmoid":         "1/(1+e^−x)",
	"tanh":            "tanh x",
	"relu":            "max(0, x)",
	"leaky-relu":      "x，零以下是 0.01·x",
	"softplus":        "ln(1+e^x)",
	"softmax":         "e^x / Σ e^x，沿最後一軸",
	"log-softmax":     "x − ln Σ e^x，沿最後一軸",
	"elu":             "x，零以下是 e^x − 1",
	"selu":            "1.0507·x，零以下是 1.7581·(e^x − 1)",
	"gelu":            "x·Φ(x)，Φ 是常態分布函數",
	"gelu-tanh":       "x·½(1 + tanh(√(2/π)·(x + 0.044715·x³)))",
	"silu":            "x·σ(x)，也叫 swish",
	"mish":            "x·tanh(ln(1+e^x))",
	"affine":          "每個通道各自 x∘scale + shift，兩個都是學來的",
	"attention":       "多頭注意力，形狀不變",
	"avgpool":         "每個視窗的平均",
	"avgpool1d":       "每個視窗的平均",
	"globalavgpool":   "每個通道的平均",
	"batchnorm":       "(x − μ)/√(σ² + ε)·scale + shift，μ 和 σ² 是通道在這個 batch 裡的",
	"bidirectional":   "循環層往兩個方向各走一次，並排",
	"concat":          "幾條分支並排；沒有括號就是它的輸入並排",
	"pad":             "在樣本前幾軸的前後補零，或別的值",
	"conv":            "影像上的 f(x∗W + b)",
	"conv1d":          "序列上的 f(x∗W + b)",
	"convtranspose":   "轉置卷積，讓影像變大",
	"convtranspose1d": "轉置卷積，讓序列變長",
	"crop":            "在樣本前幾軸的前後切掉一些",
	"dense":           "f(x·W + b)",
	"depthwise":       "每個通道各自的卷積",
	"dot":             "兩個輸入的矩陣乘積",
	"dropout":         "訓練時把一部分元素設成 0",
	"embedding":       "每個編號取表格的一列，或取它們的平均或總和",
	"flatten":         "所有的軸攤平成一軸",
	"groupnorm":       "(x − μ)/√(σ² + ε)·scale + shift，μ 和 σ² 是樣本裡一組通道的",
	"gru":             "門控循環單元；加 sequence 就輸出每個時間",
	"layernorm":       "(x − μ)/√(σ² + ε)·scale + shift，μ 和 σ² 是一列的",
	"lrn":             "局部響應正規化：每個通道除以旁邊的通道",
	"lstm":            "長短期記憶；加 sequence 就輸出每個時間",
	"maxpool":         "每個視窗的最大值",
	"maxpool1d":       "每個視窗的最大值",
	"globalmaxpool":   "每個通道的最大值",
	"noise":           "訓練時加上常態分布的雜訊",
	"permute":         "把樣本的軸（從 1 數起）換個順序",
	"positions":       "每個位置加上一個學來的向量",
	"prelu":           "x，零以下是 slope·x，slope 是學來的",
	"product":         "把同形狀的輸入逐元素相乘",
	"regularized":     "括號裡的層，權重或輸出有懲罰，或有最大的大小",
	"rescaling":       "scale·x + offset，兩個固定的數，任何形狀",
	"reshape":         "樣本的元素換個形狀，0 是剩下的",
	"residual":        "x + f(x)，f 是括號裡的層，形狀要不變",
	"reverse":         "把序列的時間倒過來",
	"rmsnorm":         "x/√(平均 x² + ε)·scale，平均是一列的",
	"rnn":             "簡單的循環層；加 sequence 就輸出每個時間",
	"sequence":        "幾層當成一層，一層接一層",
	"sinusoidal":      "加上正弦和餘弦，用來分辨位置",
	"step":            "序列的一個時間，從 0 數起，或從最後 -1",
	"sum":             "把同形狀的輸入加起來",
	"timedistributed": "括號裡的層，每個時間各做一次",
	"upsample":        "把列和欄重複",
	"upsample1d":      "把每一步重複",
}
