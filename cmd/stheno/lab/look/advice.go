package look

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// chinese is a finding's advice in Chinese: sentence by sentence, since inspect puts it together of what the network has not tried. What has no words here stays as it is.
func chinese(f inspect.Finding) string {
	said, ok := inChinese(f.Advice)
	if !ok {
		return f.Advice
	}
	return said
}

// inChinese takes the longest piece that it knows, again and again; not ok where there is none.
func inChinese(advice string) (string, bool) {
	var said strings.Builder
	for rest := advice; rest != ""; rest = strings.TrimPrefix(rest, " ") {
		at := slices.IndexFunc(pieces, func(p Text) bool { return strings.HasPrefix(rest, p.EN) })
		if at < 0 {
			return "", false
		}
		said.WriteString(pieces[at].ZH)
		rest = rest[len(pieces[at].EN):]
	}
	return strings.ReplaceAll(said.String(), "、 ", "、"), true
}

func init() {
	slices.SortStableFunc(pieces, func(a, b Text) int { return cmp.Compare(len(b.EN), len(a.EN)) })
}

// pieces are what inspect's advice is made of, the longest first.
var pieces = []Text{
	{"Do not read the accuracy as something learnt: which class it says is chance, and another seed says another. Look at the causes below.",
		"不要把這個準確率當成學到了什麼：它回答哪一類只是碰巧，換一個種子就換一類。請看下面的原因。"},
	{"Look at the training set before the test set: it has not learnt what it was shown, so this is not overfitting, and dropout or more data would not help. Mend the training first: the loss, the activation, the optimizer, the inputs.",
		"先看訓練集，再看測試集：連看過的都沒學會，所以不是過度擬合，dropout 或更多資料都幫不上忙。先把訓練修好：損失函數、激活函數、最佳化器、輸入。"},
	{"What it learnt it learnt in part: the causes below say what holds it back.", "它只學會了一部分：下面的原因說明是什麼絆住了它。"},
	{"Train for more epochs", "多訓練幾個 epoch"},
	{"Or train for more epochs", "或者多訓練幾個 epoch"},
	{"Change one thing at a time, and look at the training set first: train for more epochs", "一次只改一個地方，並且先看訓練集：多訓練幾個 epoch"},
	{"More epochs would end at the same one. Look first whether these inputs can tell of the target at all: for features that tell more, or for more samples. Then change one thing at a time, such as the network or the patience.",
		"更多 epoch 也會停在同一個地方。先看這些輸入到底說不說得出目標：找更有用的特徵，或更多樣本。再一次只改一個地方，例如網路或耐心（patience）。"},
	{", or faster: ", "；想快一點，可以用"},
	{"Adam", " Adam"},
	{"a larger learning rate", "大一點的學習率"},
	{"relu in place of sigmoid", " relu 代替 sigmoid"},
	{", ", "、"},
	{".", "。"},
	{"Take a learning rate ten times smaller.", "把學習率縮小十倍。"},
	{"Scale the inputs, and take a learning rate ten times smaller if that is not enough.", "先縮放輸入；如果還不夠，再把學習率縮小十倍。"},
	{"Let cross-entropy be computed from the logits.", "交叉熵改從 softmax 之前的輸出（logits）計算。"},
	{"Take a smaller batch, such as 100: an epoch then makes many small steps in place of a few.", "用小一點的 batch，例如 100：一個 epoch 就會走很多小步，而不是寥寥幾步。"},
	{"Take a larger batch, such as 100: the machine multiplies a matrix about as fast as a vector, so an epoch takes a fraction of the time.",
		"用大一點的 batch，例如 100：機器乘一個矩陣和乘一個向量差不多快，一個 epoch 只需要幾分之一的時間。"},
	{"More epochs will not help, nor a larger network: what is left is not in these inputs. Look for features that tell more, or for better labels.",
		"更多 epoch 或更大的網路都幫不上忙：剩下的答案不在這些輸入裡。去找更有用的特徵，或更正確的標籤。"},
	{"More epochs would teach it more of the training set, and less that holds for the test set: watch the test figure.", "再多的 epoch 只會讓它多學訓練集，對測試集有用的反而少了：要看測試的數字。"},
	{"It is early: let it train on, and look again.", "現在還早：讓它繼續訓練，之後再看。"},
	{"So few samples may just not show what there is to learn. Print some beside their targets, to be sure that each has its own; then take more samples.", "也可能只是樣本太少，看不出要學的東西。印幾個樣本和它們的目標來對照，確定對得上；然後用更多樣本。"},
	{"The loss fell, each layer gets its gradient, and what was learnt holds: change one thing, and see what it does.", "損失下降了，每一層都得到梯度，學到的也站得住腳：改一個地方，看看會怎樣。"},
	{"The loss fell, and each layer gets its gradient. Whether what was learnt holds for other samples nobody knows: none were held out.", "損失下降了，每一層都得到梯度。學到的對別的樣本站不站得住腳，沒有人知道：一個樣本也沒有留下來。"},
	{"So few test samples cannot tell whether what was learnt holds. Hold out more samples, take more data, or train with several seeds, which hold out others, and look at the mean.",
		"測試樣本太少，看不出學到的站不站得住腳。多留一些樣本、用更多資料，或用幾個種子訓練（每次留下的樣本不同），看平均。"},
	{"Nothing is seen to be wrong with the training, but so few test samples cannot tell whether what was learnt holds. Hold out more samples, take more data, or train with several seeds, which hold out others, and look at the mean.",
		"訓練本身看不出什麼問題，但測試樣本太少，看不出學到的站不站得住腳。多留一些樣本、用更多資料，或用幾個種子訓練（每次留下的樣本不同），看平均。"},
	{"Take another target, or samples in which it varies; if the data have them, look at how the column was read, ordered and cut.", "換一個目標，或用目標會變的樣本；如果資料裡有，就檢查這一欄是怎麼讀入、排序和切分的。"},
	{"Take samples of at least two classes; if the data have them, look at how they were read, ordered and cut.", "至少要有兩類的樣本；如果資料裡有，就檢查它們是怎麼讀入、排序和切分的。"},
	{"Divide each feature by its standard deviation, after its mean was taken off; or bring all to [0, 1]: pixels by dividing by 255.", "每個特徵先減去平均，再除以標準差；或者全部縮到 [0, 1]：像素就除以 255。"},
	{"Scale them once, so that they reach 1: they may have been divided twice, or be in a unit that is too large. For features of a table, divide each by its standard deviation.",
		"只縮放一次，讓數值到得了 1：它們可能被除了兩次，或者單位太大。如果是表格的欄位，各自除以標準差。"},
	{"Divide the pixels by 255 once: they come in [0, 1] already.", "像素只除以 255 一次：它們進來時已經在 [0, 1] 之間了。"},
	{"Standardise the targets: take their mean off and divide by their standard deviation, and turn the outputs back for reading.", "把目標標準化：減去平均、除以標準差；要看結果時再把輸出換回原來的單位。"},
	{"Look at how the inputs are read: print a few samples.", "檢查輸入是怎麼讀入的：印幾個樣本出來看。"},
	{"Look at how they are read: a column that should vary and does not is lost. Leave out those that are so by nature.", "檢查它們是怎麼讀入的：該變而不變的欄位是讀丟了。本來就不變的，可以拿掉。"},
	{"Look at how the columns are read: one may stand where another should. Leave out those that are the same by nature.", "檢查欄位是怎麼讀入的：可能有一欄放到了別欄的位置。本來就一樣的，可以拿掉。"},
	{"Look whether each target belongs to its sample: files that are in another order, a column sorted by itself, rows dropped from one of the two. Print a few samples beside their targets. If they do belong, these inputs may not tell.",
		"檢查每個目標是不是屬於它的樣本：檔案的順序不同、某一欄單獨排序過、其中一邊少了幾列。印幾個樣本和它們的目標來對照。如果真的對得上，那就是這些輸入說不出答案。"},
	{"The classes are numbered otherwise in the one set than in the other, such as from 1 in place of 0, or in another order: look at samples of both sets beside their labels, and number them by one list.",
		"兩個資料集的類別編號不一樣，例如一個從 1、一個從 0 開始，或順序不同：把兩邊的樣本和標籤對照著看，並用同一份清單來編號。"},
	{"Have labels looked at, first those of which the network is sure and wrong. Until then: label smoothing, stopping early, or samples in doubt left out or weighed less. Do not train until it knows them by heart.",
		"找人檢查標籤，先看網路很有把握卻答錯的那些。在那之前：標籤平滑、提早停止，或把可疑的樣本拿掉、減輕份量。不要訓練到它把它們背起來。"},
	{"Do not judge it by the accuracy. Weigh the rare classes' samples by as much as they are rarer, take more of them, or say a class below an output of 1/2.",
		"不要用準確率來判斷它。少見類別的樣本，少多少倍就加重多少倍，或多收集一些，或在輸出不到 1/2 時就算是那一類。"},
	{"Do not judge it by the accuracy of all labels, but by each one's precision and recall. Weigh the rare side by as much as it is rarer, or say a label below an output of 1/2.",
		"不要用所有標籤合起來的準確率來判斷它，要看每個標籤自己的 precision 和 recall。少見的那一邊，少多少倍就加重多少倍，或在輸出不到 1/2 時就算有那個標籤。"},
	{"Draw the first weights at random: leave the layer's initialiser out (glorot-uniform), or take he-normal for relu.", "第一批權重要隨機抽：不要給這一層初始化方法（預設是 glorot-uniform），或者 relu 用 he-normal。"},
	{"End in a layer without activation where numbers are foretold.", "要預測數值，最後一層就不要有激活函數。"},
	{"End in softmax, or in a layer without activation.", "最後用 softmax，或者不要有激活函數。"},
	{"Drop a fifth to a half of the units at most, and none until the training set is learnt without.", "最多丟掉五分之一到一半的神經元；不用 dropout 還學不會訓練集之前，先不要用。"},
	{"Take a hundredth of it, or none until the training set is learnt without.", "減成百分之一；不用它還學不會訓練集之前，先不要用。"},
	{"Take a smaller momentum for batch normalisation, such as 0.9, or train for more epochs.", "批次正規化用小一點的 momentum，例如 0.9，或者多訓練幾個 epoch。"},
	{"Take a smaller momentum for batch normalisation, such as 0.9.", "批次正規化用小一點的 momentum，例如 0.9。"},
	{"Give the hidden layers an activation, such as relu; with none of them, put one in.", "給隱藏層一個激活函數，例如 relu；如果沒有隱藏層，就加一層。"},
	{"Take wider layers, such as of 64 units, or more of them.", "用寬一點的層，例如 64 個神經元，或者多加幾層。"},
	{"For classes take categorical cross-entropy: its gradient is largest where the network is most wrong, and this loss is flat there.", "分類要用交叉熵：網路錯得最離譜的地方，它的梯度最大，而現在這個損失在那裡是平的。"},
	{"For classes end in softmax and take categorical cross-entropy: its gradient is largest where the network is most wrong, and this loss is flat there.", "分類要以 softmax 結尾，並用交叉熵：網路錯得最離譜的地方，它的梯度最大，而現在這個損失在那裡是平的。"},
	{"Take cross-entropy computed from the logits (--loss cross-entropy): where this one clips a probability its gradient is zero, however wrong the answer.", "改用從 logits 計算的交叉熵（--loss cross-entropy）：現在這個在機率被截斷的地方梯度是零，不管答案錯得多離譜。"},
	{"Take fewer layers, residual ones, or batch normalisation between them: each layer multiplies the gradient, here by less than 1.", "減少層數、用殘差層，或在層與層之間加批次正規化：每一層都把梯度乘上一個數，這裡小於 1。"},
	{"Take relu in place of sigmoid: its slope is 1, a sigmoid's at most 1/4, and every layer multiplies by it. Fewer layers, or residual ones, help too.", "用 relu 代替 sigmoid：relu 的斜率是 1，sigmoid 最多 1/4，而每一層都要乘上它。減少層數或用殘差層也有幫助。"},
	{"Take a learning rate ten times smaller, or begin with small steps (a warm-up).", "把學習率縮小十倍，或者一開始先走小步（warm-up）。"},
	{"Take a smaller learning rate, bound the gradient's norm, or take fewer layers: a deep network that does well for epochs can still be thrown off by one batch.", "用小一點的學習率、限制梯度的大小，或減少層數：很深的網路就算好好地跑了幾個 epoch，還是可能被一個 batch 甩出去。"},
	{"Take a smaller learning rate and inputs in [0, 1], or bound the gradient's norm.", "用小一點的學習率和 [0, 1] 之間的輸入，或限制梯度的大小。"},
	{"Take a smaller learning rate, or leaky relu, whose slope is nowhere 0.", "用小一點的學習率，或用 leaky relu，它的斜率不會是 0。"},
	{"They were so before the first step: draw the weights otherwise (he-normal), begin with biases of 0 or a little more, or take leaky relu, whose slope is nowhere 0.", "它們在第一步之前就這樣了：換一種方式抽權重（he-normal）、偏置從 0 或稍大一點開始，或用 leaky relu，它的斜率不會是 0。"},
	{"Draw smaller weights, take a smaller learning rate, or relu.", "抽小一點的權重、用小一點的學習率，或改用 relu。"},
	{"Scale the inputs, draw smaller weights, take a smaller learning rate, or relu.", "縮放輸入、抽小一點的權重、用小一點的學習率，或改用 relu。"},
	{"Take a learning rate ten times larger.", "把學習率放大十倍。"},
	{"The test data are not what the network was trained on.", "測試資料不是網路訓練時看的那種資料。"},
	{"Bring them to the training set's range, or train on data that vary as the test data do.", "把它們調到訓練集的範圍，或用像測試資料那樣有變化的資料來訓練。"},
	{"Bring them to the training set's range, train on data that vary as the test data do, or use dropout: the training figure drops and the shifted test gains.", "把它們調到訓練集的範圍、用像測試資料那樣有變化的資料來訓練，或用 dropout：訓練的數字會下降，偏移的測試集會上升。"},
	{"Prepare the test data as the training data were prepared: scaled by the same numbers, once.", "測試資料要照訓練資料的方式準備：用同樣的數字縮放，一次就好。"},
	{"Train on more samples, use dropout, or stop where the test loss is smallest.", "用更多樣本訓練、用 dropout，或在測試損失最小的地方停下來。"},
	{"Train on more samples, or use dropout.", "用更多樣本訓練，或用 dropout。"},
	{"Train on more samples, or drop more.", "用更多樣本訓練，或把 dropout 調大。"},
	{"Train on more samples, drop more, or stop where the test loss is smallest.", "用更多樣本訓練、把 dropout 調大，或在測試損失最小的地方停下來。"},
	{"The training figure will drop; the test figure is the one to watch.", "訓練的數字會下降；要看的是測試的數字。"},
	{"Look at the curves of loss and metrics on both sets, and at the gradients layer by layer: what vanishes, explodes or stands still does so here too.", "看兩個資料集上損失和指標的曲線，再一層一層看梯度：消失、爆炸或停住不動，在這裡也一樣看得出來。"},
}
