package look

import "regexp"

// Said is what another package says in English, in Chinese too where this is one of the sentences that the page shows most; else it is English in both.
func Said(english string) Text {
	for _, s := range sentences {
		if s.form.MatchString(english) {
			return Text{english, s.form.ReplaceAllString(english, s.chinese)}
		}
	}
	return Text{english, english}
}

var sentences = []struct {
	form    *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`^(?:train: )?diverged in epoch (\d+), step (\d+): the loss is (\S+); the first numbers that are not finite: \w+ of (\S+); try .*$`),
		"第 $1 個 epoch、第 $2 步發散了：損失是 $3，最先不是有限數字的是 $4；可以試試小一點的學習率、縮放到 [0, 1] 的輸入，或別的初始化"},
	{regexp.MustCompile(`^there is no such sample in the test set$`), "測試集裡沒有這個樣本"},
	{regexp.MustCompile(`^this is too small to be read: draw it larger$`), "太小了，看不出來：請畫大一點"},
	{regexp.MustCompile(`^this network takes another kind of sample$`), "這個網路要的是別種樣本"},
	{regexp.MustCompile(`^this network takes no such sample: .*$`), "這個網路不收這種樣本：它的資料不是從檔案讀來的表格、文字或圖片"},
	{regexp.MustCompile(`^the drawing has pixels that are no numbers$`), "圖裡有不是數字的像素"},
	{regexp.MustCompile(`^this network puts out (.*) for a sample, not one number for each class$`), "這個網路對一個樣本輸出 $1，不是每個類別一個數"},
	{regexp.MustCompile(`^the network's output is not a number: .*$`), "網路的輸出不是數字：它的訓練發散了，請回到之前的步"},
}
