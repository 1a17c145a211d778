// Every word that the page shows by itself: English, and Chinese in the letters of Taiwan, as the lecture is held. {0}, {1} are put in.
const words = {
  skip: ["Skip to the network", "跳到網路"],
  runs: ["Runs", "訓練"],
  sections: ["Parts of the page", "頁面的各部分"],
  help: ["Help", "說明"],
  close: ["Close", "關閉"],
  theme_dark: ["Dark colours", "深色"], theme_light: ["Light colours", "淺色"],
  other_language: ["中文", "English"], other_language_label: ["中文：用中文顯示", "English: show the page in English"],
  data_short: ["Own data", "自己的資料"], data_hint: ["Train on a CSV file or a zip of pictures", "用 CSV 檔或一包圖片（zip）來訓練"],
  take_short: ["Take away", "帶走"], take_hint: ["Link, command, Go program, report, model, run, pictures", "連結、指令、Go 程式、報告、模型、訓練、圖"],

  connecting: ["Connecting", "連線中"], connected: ["Live", "已連線"], lost: ["Connection lost", "連線中斷"], shared: ["Other pages open on this lab: {0}. The view is shared: the run and the step that one of them chooses are chosen in all.", "這個實驗室另外還開著 {0} 個頁面。畫面是共用的：其中一頁選了哪個訓練、哪一步，其他頁也跟著換過去。"],
  lost_long: ["The lab does not answer: it was closed, or the line is gone. If it runs, training goes on, and this page comes back by itself. If it was closed, start it again, and open the address that it then prints.", "實驗室沒有回應：可能已經關掉，或是連線斷了。如果它還在跑，訓練不會停，這一頁也會自己接上。如果關掉了，請再啟動一次，打開它這次印出的網址。"],
  waiting_long: ["No line to the lab yet. A browser has six lines to it, and each page of it that is seen takes one: close or hide another window.", "還連不上實驗室。瀏覽器對它只有六條連線，每個看得見的頁面占一條：請關掉或收起別的視窗。"],
  refused_long: ["The lab was started anew and does not know this browser: open the address that it printed, here or in another tab. This page then comes back by itself.", "實驗室重新啟動了，不認得這個瀏覽器：請在這裡或另一個分頁打開它印出來的網址，這一頁就會自己接上。"],
  try_now: ["Try now", "馬上重試"],
  back: ["Connected again.", "又連上了。"],
  another: ["The lab was started anew: this is what it has now.", "實驗室重新啟動了：這是它現在的內容。"],
  preparing: ["The lab gets ready: the data are read.", "實驗室準備中：正在讀資料。"],

  unreachable: ["The lab does not answer. Is it still running?", "實驗室沒有回應。它還開著嗎？"],
  answered: ["The lab answered {0}.", "實驗室回應了 {0}。"],

  ready: ["ready", "就緒"], playing: ["training", "訓練中"], paused: ["paused", "暫停"], done: ["done", "完成"], diverged: ["diverged", "發散了"], failed: ["failed", "失敗"],
  show_run: ["Show {0} in the curves", "在曲線裡顯示 {0}"], remove_run: ["Remove {0}", "移除 {0}"],
  remove_folder: ["Remove {0}, with all that it has learnt? Its folder {1} in {2} is deleted, too.", "要移除 {0} 和它學到的一切嗎？它在 {2} 裡的資料夾 {1} 也會一起刪掉。"], remove_chip: ["Remove {0} from the lab? What lies on disk of it stays.", "要把 {0} 從實驗室移除嗎？磁碟上的檔案會留著。"],
  remove_sure: ["Remove {0}, with all that it has learnt?", "要移除 {0} 和它學到的一切嗎？"],
  no_runs: ["No run yet: play a step of the ladder, or drop a file of your own.", "還沒有訓練：從階梯播放一步，或把自己的檔案拖進來。"],

  ladder: ["The ladder", "階梯"], ladder_other: ["The lecture's eleven steps are of handwritten digits: none of them is of your data.", "課堂的十一步用的是手寫數字，不是你的資料。"], ladder_show: ["Show the steps", "顯示階梯"], ladder_fold: ["Fold away", "收起來"],
  ladder_count: ["{0} of {1} as in the lecture", "{1} 步裡有 {0} 步和課堂一樣"],
  lecture: ["lecture", "課堂"], yours: ["yours", "你的"], band: ["band", "範圍"],
  train: ["train", "訓練集"], test: ["test", "測試集"], noisy_test: ["noisy test", "加雜訊的測試集"], noisy: ["noisy", "加雜訊"],
  band_hint: ["Where a run agrees with the lecture: other seeds gave figures in this range", "和課堂相符的範圍：換別的種子，結果也落在這裡面"],

  inside: ["as in the lecture", "和課堂一樣"], outside: ["not as in the lecture", "和課堂不一樣"],
  inside_long: ["It comes out as in the lecture.", "結果和課堂一樣。"], inside_fails: ["It fails, as it does in the lecture.", "它失敗了，和課堂上一樣。"], outside_long: ["It comes out otherwise than in the lecture: outside the band.", "結果和課堂不一樣：在範圍外。"], short_only: ["This was the short version: to look at, not to compare with the lecture.", "這是短版：看看就好，不和課堂比較。"],
  not_yet: ["not played to its end", "還沒跑完"],
  play_step: ["Play {0}", "播放 {0}"], play_short: ["Short version", "短版"], play_short_hint: ["As many epochs as it takes to see what this step shows: to look at, not to compare with the lecture", "epoch 較少，但足以看出這一步的效果：看看就好，不和課堂比較"],
  others: ["Other experiments", "其他實驗"], others_p: ["What the lecture leaves open, mended; and networks of other kinds. Each becomes a run like those of the ladder.", "課堂留下的問題怎麼修好，還有別種網路。每一個都和階梯上的一樣，會成為一個訓練。"],
  go_to_run: ["Look at its run", "看它的訓練"],
  changed: ["What changed", "改了什麼"], why: ["Why", "為什麼"],

  network: ["The network", "網路"], net_note: ["{0}: {1} layers, {2} parameters, step {3}", "{0}：{1} 層，{2} 個參數，第 {3} 步"],
  net_empty: ["Press play, or one step: the first look at the gradients comes then.", "按播放或走一步，就會看到第一批梯度。"],
  row_shape: ["shape", "形狀"], row_params: ["parameters", "參數"], row_grad: ["gradient, log", "梯度（對數）"], row_norm: ["‖gradient‖", "‖梯度‖"], row_ratio: ["Δw / w", "Δw / w"],
  norm_params: ["‖gradient‖ of its parameters", "參數的 ‖梯度‖"], gradient_output: ["Gradient of its output", "輸出的梯度"], row_act: ["activation", "激活值"], row_gradhist: ["gradient of output", "輸出的梯度"], row_share: ["saturated or dead", "飽和或死掉"],
  key_now: ["now", "現在"], key_then: ["at the beginning", "剛開始"], saturated: ["{0} saturated", "{0} 飽和"], dead: ["{0} dead", "{0} 死掉"],
  saturated_word: ["saturated", "飽和"], dead_word: ["dead", "死掉"],
  table: ["Table", "表格"], picture: ["Picture", "圖"], weight_norm: ["‖weights‖", "‖權重‖"], mean: ["mean", "平均"], std: ["std", "標準差"], first_norm: ["‖gradient‖ at the beginning", "剛開始的 ‖梯度‖"],
  layer: ["layer", "層"], layer_title: ["Layer {0}", "{0} 層"], click_opens: ["Click opens the layer", "點一下打開這一層"],
  net_canvas: ["The norm of each layer's gradient, from the first layer to the last, on a log scale", "每一層梯度的大小，從第一層到最後一層，對數刻度"],
  beside: ["Beside", "並排"], beside_hint: ["Another network beside this one: both gradients on one scale", "把另一個網路放在旁邊：兩邊的梯度用同一個刻度"], beside_none: ["no other network", "沒有別的網路"], beside_step: ["step {0}", "第 {0} 步"], beside_wait: ["Its gradients are looked at …", "正在看它的梯度……"], beside_key: ["Both on the same logarithmic scale; dashed: at the beginning. Below: ‖gradient‖.", "兩邊用同一個對數刻度；虛線：剛開始。下面：‖梯度‖。"],
  beside_canvas: ["{0}: the norm of each layer's gradient at step {1}, from {2} in the first layer to {3} in the last, on a log scale", "{0}：第 {1} 步每一層梯度的大小，從第一層的 {2} 到最後一層的 {3}，對數刻度"],
  key_shortcut: ["⌒ a shortcut past these layers: the gradient takes it, too", "⌒ 繞過這些層的捷徑：梯度也走這條路"],
  filters_line: ["Those of the largest weights first, a bar for each weight, from the first step in time, or column, to the last: up is above 0, down is below. The number is the filter's; behind a comma it is the channel of its input.", "權重最大的排在最前面。一根長條是一個權重，從第一個時間步（或欄位）到最後一個：往上是正的，往下是負的。數字是濾波器的編號；逗號後面是輸入的通道。"],
  filters_p: ["Those of the largest weights first. The number is the filter's or the unit's; behind a comma it is the channel of its input.", "權重最大的排在最前面。數字是濾波器或單元的編號；逗號後面是輸入的通道。"], filters_colour: ["Those of the largest weights first, in the colours that they look for: gray is a weight of 0 in red, green and blue alike.", "權重最大的排在最前面，顏色就是它在找的顏色：灰色表示紅、綠、藍的權重都是 0。"],
  attention_p: ["A picture a head. Each row is a place that looks, each column one that it looks at: the brighter, the more.", "每個 head 一張圖。每一列是一個在看的位置，每一欄是被它看的位置：越亮，看得越多。"], looks_at: ["looks at →", "看向 →"], looks_from: ["↓ place that looks", "↓ 在看的位置"],
  fold: ["Blocks only", "只看區塊"], unfold: ["All {0} layers", "全部 {0} 層"],
  not_finite: ["not a finite number", "不是有限的數"],
  fall: ["from last to first: × {0}", "從最後到第一：× {0}"],
  parameters: ["Parameters", "參數"], filters: ["Filters", "濾波器"], maps: ["Feature maps", "特徵圖"], attention: ["Attention", "注意力"], times: ["Time steps", "時間步"], times_key: ["‖gradient‖ with regard to each time step, from {0} to {1}, log", "每個時間步的 ‖梯度‖，從 {0} 到 {1}，對數"],
  activation_now: ["Activation, now and at the beginning", "激活值：現在與剛開始"], gradient_now: ["Gradient of its output, now and at the beginning", "輸出的梯度：現在與剛開始"],
  loading: ["One moment …", "稍等……"], nothing_more: ["This layer has no more to show.", "這一層沒有別的可以看了。"],

  curves: ["Curves", "曲線"], loss: ["Loss", "損失"], metric: ["Metric", "指標"], accuracy: ["Accuracy", "準確率"], metric_labels: ["Labels right", "標籤準確率"], metric_precision: ["Precision", "精確率"], metric_recall: ["Recall", "召回率"], rate: ["Learning rate", "學習率"],
  x_step: ["step", "步"], x_epoch: ["epoch", "epoch"], x_seconds: ["seconds", "秒"], x_label: ["Along", "橫軸"],
  runs_shown: ["Runs in the curves", "曲線裡的訓練"], runs_all: ["all runs", "所有訓練"], runs_one: ["this run alone", "只有這個訓練"], runs_two: ["this and {0}", "這個和 {0}"],
  left_out: ["Left out here: {0}.", "這裡略去 {0} 個。"], not_alike: ["Not to be compared: {0}.", "{0} 個不能這樣比。"], other_loss: ["Their loss is another one ({0}, and not {1}): the heights of such curves say nothing of each other.", "它們的損失函數不同（{0}，不是 {1}）：這種曲線的高低不能互相比較。"], other_data: ["They are of other data: {0}.", "它們用的是別的資料：{0}。"], show_all: ["Show all", "全部顯示"], show_alike: ["Only those alike", "只看可以比的"],
  log: ["log", "對數"], log_label: ["Loss on a log scale", "損失用對數刻度"], smooth: ["smooth", "平滑"], validation: ["validation", "驗證"], running: ["running", "訓練中"],
  curves_empty: ["The curves begin with the first step.", "曲線從第一步開始。"], curves_unkept: ["The steps of this run were not kept one by one: a branch of it has this curve from its own first step on.", "這個訓練沒有把每一步存下來：從它開的分支，會從自己的第一步開始畫這條線。"], curves_means: ["Of a run that was kept without its steps, the loss is the mean of each epoch.", "沒有把每一步存下來的訓練，損失是每個 epoch 的平均。"], curves_after: ["It is measured after each epoch.", "每個 epoch 之後才量。"],
  curves_key: ["Lines are figures while it trains: the accuracy is the mean of its epoch so far, without the epoch's first tenth.", "線是訓練中的數字：準確率是這個 epoch 到目前為止的平均，不畫每個 epoch 的前十分之一。"], curves_rings: ["Rings are what is held out, after each epoch.", "圓圈是每個 epoch 之後在驗證集上的數字。"],
  run: ["run", "訓練"], epoch: ["epoch", "epoch"], step: ["step", "步"], seconds: ["seconds", "秒"],
  chart_of: ["{0} of {1} runs against {2}; a table lies behind it", "{1} 個訓練的{0}，橫軸是{2}；背後有表格"],

  words: ["In words", "診斷"], words_note: ["{0}, at step {1}", "{0}，第 {1} 步"], words_asked: ["{0}, at step {1}, by {2} samples of each set", "{0}，第 {1} 步，每個資料集用 {2} 個樣本"], words_empty: ["Nothing to say yet: the first findings come after an epoch, after five seconds, or on pause.", "還沒有話要說：跑完一個 epoch、過五秒或暫停時，診斷就會出現。"],
  words_way: ["The first findings are on their way: while it trains they get little of the time. On pause they come at once.", "第一批診斷就快出來了：訓練進行時，分給診斷的時間不多。按暫停，馬上就會診斷。"],
  words_soon: ["One moment: it is looked at.", "稍等：正在診斷。"],
  words_fine: ["Nothing is wrong that can be seen.", "看不出有什麼問題。"], at_layer: ["at {0}", "在 {0}"], mend: ["Mend it: {0}", "修好它：{0}"], mend_hint: ["Begins a new run with it, with the same seed, and plays it; both are kept", "用它從頭開始一個新的訓練並播放，同樣的種子；兩個都留著"],
  error: ["Error", "錯誤"], warning: ["Warning", "警告"], note: ["Note", "說明"], good: ["Good", "很好"],

  try_digit: ["Draw a digit", "畫一個數字"], try_image: ["Try a picture", "試一張圖"], try_row: ["Try a row", "試一列"], try_text: ["Write on", "接著寫"], try_other: ["Try it", "試試看"],
  pad_label: ["Drawing pad, {0} by {1}. Arrow keys move, space puts the pen down or lifts it, delete wipes a cell, C clears, Escape leaves.", "畫板，{0} 乘 {1}。方向鍵移動，空白鍵下筆或提筆，Delete 擦掉一格，C 清空，Esc 離開。"],
  pad_hint: ["Draw here: mouse, finger, or arrow keys, with space for pen down and up.", "在這裡畫：滑鼠、手指，或方向鍵，空白鍵下筆和提筆。"], pen_down: ["The pen is down: arrow keys draw.", "下筆了：方向鍵會畫。"], pen_up: ["The pen is up: arrow keys move.", "提筆了：方向鍵只移動。"],
  clear: ["Clear", "清空"], test_sample: ["Test sample", "測試樣本"], next_wrong: ["Next wrong one", "下一個答錯的"], none_wrong: ["None of the next {0} test samples is told wrongly.", "接下來的 {0} 個測試樣本都答對了。"], upload_picture: ["Upload", "上傳"], previous: ["Previous", "上一個"], next: ["Next", "下一個"],
  sees: ["What the network sees", "網路看到的"], pixel_gradient: ["Gradient of “{0}” on the pixels", "「{0}」對像素的梯度"], pixel_gradient_none: ["Gradient on the pixels", "對像素的梯度"],
  off_by: ["Each pixel is off by {0} (root mean square).", "每個像素平均差 {0}（均方根）。"],
  puts_out: ["What it puts out", "它的輸出"], heat_key: ["orange: brighter there says it more; blue: less", "橘色：這裡越亮越像；藍色：越不像"],
  says: ["It says {0}, {1} sure.", "它說是 {0}，{1} 的把握。"], says_truth: ["It says {0}, {1} sure; it is {2}.", "它說是 {0}，{1} 的把握；正確答案是 {2}。"], says_nothing: ["Draw, and it answers.", "畫下去，它就會回答。"], truth_is: ["It is {0}.", "正確答案是 {0}。"], text_asked: ["What is it?", "這是什麼？"], says_number: ["It says {0}.", "它說 {0}。"],
  test_is: ["Test sample {0}: {1}", "第 {0} 個測試樣本：{1}"],
  answer: ["Ask", "問它"],
  unseen: ["({0} of the letters it has never seen)", "（有 {0} 個字它從沒看過）"], text_begin: ["It goes on from this", "從這段接下去"], length: ["Length", "長度"], temperature: ["Temperature", "溫度"], write: ["Write on", "接著寫"], write_another: ["Write another one", "再寫一段"],

  columns_given: ["Example values are filled in; change any.", "先填了範例的值，可以任意改。"],

  steer: ["Change it", "動手改"], now: ["at once", "立刻"], next_epoch: ["next epoch", "下個 epoch"], new_run: ["new run", "重新訓練"],
  set_rate: ["Learning rate", "學習率"], set_dropout: ["Dropout", "Dropout"], set_batch: ["Batch", "Batch 大小"], set_optimizer: ["Optimizer", "最佳化器"], set_loss: ["Loss", "損失函數"], set_activation: ["Activation", "激活函數"], set_layers: ["Layers", "網路層"],
  set_epochs: ["Epochs", "Epoch 數"], set_seed: ["Seed", "種子"], set_train_samples: ["Training samples (0: all)", "訓練樣本（0：全部）"], set_validation: ["Held out", "驗證的比例"], set_scale: ["Values times", "數值乘以"],
  layer_words: ["Words for layers", "網路層的寫法"],
  apply: ["Change now", "現在改"], apply_new: ["Play a new run with it", "用它播放新的訓練"], apply_branch: ["Play it on a branch", "在分支上播放"], reset: ["Undo", "還原"],
  unchanged: ["Change something: what it does is said here before you do it.", "改點什麼：還沒動手之前，這裡會先說會怎樣。"], check_ok: ["{0} layers, {1} parameters: {2}", "{0} 層，{1} 個參數：{2}"],
  want_number: ["{0}: got {1}, want a number, such as {2}", "{0}：「{1}」不是數字，要像 {2} 這樣"], want_whole: ["{0}: got {1}, want a whole number, such as {2}", "{0}：「{1}」不是整數，要像 {2} 這樣"],
  check_now: ["Acts at once: {0}.", "立刻生效：{0}。"], check_next: ["Acts from the next epoch on: {0}.", "下個 epoch 生效：{0}。"], check_new: ["Needs a new run: {0}.", "需要重新訓練：{0}。"],
  more_settings: ["Data and seed", "資料與種子"],

  deck: ["Play and time", "播放與時間"], play: ["Play", "播放"], pause: ["Pause", "暫停"], one_step: ["One step", "走一步"], one_epoch: ["One epoch", "走一個 epoch"], restart: ["Restart", "重新開始"], branch: ["Branch", "分支"], apart: ["One step apart", "拆開一步"],
  restart_hint: ["The same again from step 0", "同樣的設定，從第 0 步再來"], branch_hint: ["A new run that goes on from here; this one stays", "從這裡分出一個新的訓練；這個留著"], apart_none: ["The run is done, and no step comes next: go back in time to take one apart", "訓練已經完成，沒有下一步了：把時間拉回去，就能拆開一步"], apart_hint: ["Take the next step apart, frame by frame", "把下一步一格一格拆開來看"],
  speed: ["Speed", "速度"], speed_full: ["full", "全速"], speed_n: ["{0} steps/s", "每秒 {0} 步"],
  time: ["Time: step", "時間：步"], time_text: ["Step {0} of {1}, epoch {2}", "第 {0} 步，共 {1} 步，第 {2} 個 epoch"], going: ["Going to step {0} …", "前往第 {0} 步……"], on_way: ["{0} is on its way to step {1}: step {2} by now. Pause stops it.", "{0} 正前往第 {1} 步，現在到第 {2} 步。按暫停可以停下。"],
  stopped_early: ["stopped early", "提早停止"], because: [": {0}", "：{0}"], kept_short: [", best: epoch {0}", "，用第 {0} 個 epoch 的權重"], kept_epoch: ["; it has the weights of epoch {0}, the best, and is judged by these", "；用的是第 {0} 個 epoch 的權重，最好的那個，評分也是用它"], loss_batch: ["batch loss", "batch 損失"], loss_epoch: ["mean loss of the epoch", "整個 epoch 的平均損失"], figures_of: ["figures of step", "數字屬於步"], in_training: ["{0} (training)", "{0}（訓練）"],
  at_step: ["step", "步"], at_epoch: ["epoch", "epoch"],
  newest: ["Now", "回到現在"], newest_hint: ["To the newest step", "到最新的一步"],
  past_short: ["in the past", "在過去"], on_way_short: ["on its way, step {0} to {1}", "前往中，第 {0} 步到第 {1} 步"],
  past: ["You are in the past: play goes on to the same bits; a change makes a branch.", "你在過去：播放會走出一模一樣的結果；改動會分出新的訓練。"],

  apart_title: ["One step apart: step {0}", "拆開一步：第 {0} 步"],
  f_batch: ["Batch", "Batch"], f_forward: ["Forward", "前向"], f_loss: ["Loss", "損失"], f_backward: ["Backward", "反向"], f_update: ["Update", "更新"], frame_n: ["{0} of {1}", "{0}／{1}"],
  f_batch_p: ["Step {0} takes {1} samples. These are its first {2}, as the network gets them, with what they are.", "第 {0} 步拿了 {1} 個樣本。這是前 {2} 個，照網路看到的樣子，下面是正確答案。"],
  f_forward_p: ["{0} turns what comes from the left into its activations: over the whole batch they lie like this.", "{0} 把左邊來的東西變成激活值：整個 batch 的分布如下。"],
  f_loss_p: ["The loss says how wrong each sample is, and its mean is what the step makes smaller.", "損失說出每個樣本錯了多少；這一步要把它們的平均變小。"],
  f_backward_p: ["The gradient comes back to {0}: how the loss would change if its output did, and, from that, if its parameters did.", "梯度回到 {0}：先是它的輸出變一點，損失會變多少；再由此算出它的參數變一點，損失會變多少。"],
  f_update_p: ["Each parameter goes a little against its gradient. Δw/w near 1e−3 is a healthy pace; far less learns nothing, far more breaks things. Judge by the weights: biases begin at 0, so that a small step is large beside them.", "每個參數往梯度的反方向走一點。Δw/w 大約 1e−3 是健康的步伐；小太多學不到東西，大太多會弄壞。要看權重（weight）：偏置（bias）從 0 開始，一小步對它來說也很大。"],
  first_sample: ["The first sample", "第一個樣本"], whole_batch: ["The whole batch", "整個 batch"], loss_mean: ["mean loss", "平均損失"], loss_each: ["Loss of each sample", "每個樣本的損失"], probabilities: ["What it says of the first samples", "它怎麼說前幾個樣本"], right: ["right: {0}", "正解：{0}"], parameter: ["parameter", "參數"], update_norm: ["‖Δw‖", "‖Δw‖"], grad_so_far: ["‖gradient‖ of the parameters so far, log scale", "到這裡參數的 ‖梯度‖，對數刻度"], do_step: ["Do this step", "走這一步"], sample: ["sample", "樣本"], value_n: ["{0} values, mean {1}", "{0} 個數，平均 {1}"],

  own_data: ["Own data", "自己的資料"], drop_here: ["Drop a CSV file or a zip of pictures: it becomes a new run", "放開 CSV 檔或一包圖片（zip）：就會成為新的訓練"], data_p: ["A CSV file with a header, one column of which is to be foretold; or a zip with one folder of pictures a class. It is read on your machine, by the same code as “stheno train”, and goes nowhere else.", "有標頭的 CSV 檔，其中一欄是要預測的；或是一個 zip，每個類別一個資料夾的圖片。檔案只在你的電腦上讀，用的是和 stheno train 一樣的程式，不會傳到別的地方。"],
  target: ["Column to foretell", "要預測的欄位"], file: ["File", "檔案"], choose_file: ["Choose a file", "選擇檔案"], upload: ["Train on it", "用它訓練"], too_large: ["{0} is larger than the {1} that this lab takes.", "{0} 超過這裡能收的 {1}。"], uploading: ["{0} is read …", "正在讀 {0}……"], now_data: ["Now: {0}, {1} samples to learn from, {2} to test on", "目前：{0}，{1} 個樣本用來學，{2} 個用來測試"],
  read_unanswered: ["Rows without {0} are left out: {1} of {2}.", "沒有「{0}」的列不用：{2} 列裡有 {1} 列。"],
  target_left_out: ["{0} is a column of which nothing is learnt, such as an id or an empty one: nothing can be foretold of it either. Choose another one.", "{0} 是學不到東西的欄位，例如編號或空的欄位，也就沒辦法預測它。請換一欄。"], read_table: ["{0} rows, {1} columns, read like this:", "{0} 列、{1} 欄，讀成這樣："], read_folder: ["{0} samples of {1} classes:", "{0} 個樣本，{1} 個類別："], read_folder_one: ["{0} samples of 1 class:", "{0} 個樣本，1 個類別："], read_missing: ["A missing number becomes the column's median, a missing class is a class of its own.", "缺的數字用該欄的中位數補上，缺的類別自成一類。"],
  column: ["column", "欄位"], read_as: ["read as", "讀成"], missing: ["missing", "缺值"], for_example: ["for example", "例如"], foretold: ["to be foretold", "要預測的"], col_number: ["numbers", "數值"], col_category: ["{0} classes", "{0} 個類別"], col_answer: ["{0} or {1}", "{0} 或 {1}"], col_date: ["dates", "日期"], col_text: ["texts", "文字"], col_none: ["left out", "不用"],
  data_ready: ["{0} is read: {1} samples to learn from, {2} held out. Press play.", "讀好了 {0}：{1} 個樣本用來學，{2} 個保留下來測試。按播放就開始。"],

  judged: ["Held-out samples", "保留的樣本"], judged_test: ["Test set", "測試集"], judged_note: ["{0}, at step {1}", "{0}，第 {1} 步"], of_epoch: [", by the weights of epoch {0}", "，用第 {0} 個 epoch 的權重"], of_samples: ["{0} ({1})", "{0}（{1}）"], judged_soon: ["On pause, and at the end, it is judged here on samples that it has not learnt from.", "暫停時和結束時，會在這裡用它沒學過的樣本來評分。"],
  set_train_word: ["training", "訓練集"], set_held: ["held out", "保留的"], set_test: ["test", "測試集"], score: ["figure", "數值"],
  confusion: ["{0} samples: a row is what they are, a column what it says", "{0} 個樣本：一列是它們真正的類別，一欄是網路的回答"], confused: ["Taken for another most often:", "最常認錯的："], confused_pair: ["{0} for {1} ({2})", "把 {0} 當成 {1}（{2}）"], confused_none: ["None is taken for another.", "沒有認錯的。"], is_says: ["is \\ says", "是＼說"],
  baseline_class: ["Always saying “{0}”, the most frequent of the training samples, would be right for {1}.", "永遠回答訓練樣本裡最常見的「{0}」，就會對 {1}。"],
  baseline_number: ["Always saying the training samples' mean, {1}, would be off by {2} on average (RMSE {3}): {0}.", "{0}：永遠回答訓練樣本的平均 {1}，平均會差 {2}（RMSE {3}）。"],
  errors_of: ["{0}, in its own units: half of the samples are off by at most {1}, on average by {2} (RMSE {3}); the most is {4}, at {5}.", "{0}，用它自己的單位：一半的樣本差不到 {1}，平均差 {2}（RMSE {3}）；差最多的是 {4}（{5}）。"], at_line: ["line {0}", "第 {0} 行"],
  loss_prepared: ["The loss is of the standardized target: what is foretold less its mean, divided by its standard deviation. RMSE and MAE are in its own units.", "損失是對標準化之後的目標算的：先減平均，再除以標準差。RMSE 和 MAE 用的是目標自己的單位。"],
  how_read: ["How your data were read", "資料是怎麼讀的"],
  read_split: ["{0}: {1} samples, {2} to learn from and {3} held out.", "{0}：{1} 個樣本，{2} 個用來學，{3} 個保保留下來測試。"],
  read_target: ["To be foretold: {0}.", "要預測的：{0}。"], read_standardized: ["It is standardized: its mean, {0}, is taken off, and what is left divided by its standard deviation, {1}.", "它經過標準化：減去平均 {0}，再除以標準差 {1}。"],
  read_steps: ["Preparation, learnt from the training samples alone:", "前處理，只從訓練樣本學來："], col_ignored: ["left out, as you said", "照你說的不用"], range: ["from, to", "範圍"], becomes: ["a missing one becomes", "缺的補成"],
  fill_median: ["{0}, the median", "中位數 {0}"], fill_class: ["a class of its own", "自成一類"], col_parts: ["date: {0}", "日期：{0}"], comma: [", ", "、"], clause: [", ", "，"], colon: [": ", "："], semicolon: ["; ", "；"], stop: [". ", "。"], part_year: ["year", "年"], part_month: ["month", "月"], part_day: ["day", "日"], part_day_of_year: ["day of year", "一年的第幾天"], part_weekday: ["weekday", "星期"], part_hour: ["hour", "時"], class: ["class", "類別"], to_learn: ["to learn from", "用來學"], held_out: ["held out", "保留"], worth_a_look: ["Worth a look", "值得看一眼"],

  take: ["Take away", "帶走"], take_link: ["Link", "連結"], take_link_p: ["The state of this page, for a browser that is in this lab: without the address that the lab printed it opens nothing. On a lab that does not have the run it offers to start it.", "這一頁的狀態，給已經進到這個實驗室的瀏覽器用：沒有先打開實驗室印出的網址，連結打不開。在沒有這個訓練的實驗室，它會提議重新開始。"], take_command: ["As a command", "指令"], take_go: ["As Go", "Go 程式"], take_files: ["Files", "檔案"], take_report: ["Report (HTML)", "報告（HTML）"], take_model: ["Model file", "模型檔"], take_folder: ["The run as a folder (zip)", "整個訓練的資料夾（zip）"], take_folder_p: ["Unpacked, stheno lab, run --resume, diagnose, report and eval open the folder, and it goes on to the same bits. Data of your own stay where they are: of those that were dropped here, name their place behind --resume.", "解壓縮之後，stheno lab、run --resume、diagnose、report、eval 都能打開這個資料夾，接著訓練也會是一模一樣的結果。自己的資料留在原處：拖進這裡的檔案，要在 --resume 後面寫出它的位置。"], take_unkept: ["This lab keeps no run: what is trained goes with it. With stheno lab --out FOLDER every run is kept like this by itself.", "這個實驗室不存訓練，關掉就沒有了。用 stheno lab --out 資料夾 啟動，每個訓練都會自動這樣存起來。"], take_kept: ["It is kept by itself, too: as {1} in the folder {0}, which stheno lab --out opens again.", "它也會自動存起來：在資料夾 {0} 裡的 {1}，用 stheno lab --out 可以再打開。"], take_keeping: ["It will be kept by itself, too, on its first pause: in the folder {0}, which stheno lab --out opens again.", "第一次暫停時，它也會自動存進資料夾 {0}，用 stheno lab --out 可以再打開。"], kept_in: ["Kept in {0}", "存在 {0}"], kept_hint: ["Every run is kept in the folder {0}, on pause and about twice a minute as it goes: stheno lab --out opens it again", "每個訓練在暫停時和進行中（大約每分鐘兩次）都會存進資料夾 {0}，用 stheno lab --out 可以再打開"], take_pictures: ["Pictures", "圖"], curves_word: ["Curves", "曲線"], network_word: ["Network", "網路"],
  copy: ["Copy", "複製"], copied: ["Copied.", "已複製。"], copy_failed: ["The browser does not let the page copy; the text is selected.", "瀏覽器不讓這一頁複製；文字已選取。"], nothing_to_take: ["There is no run to take.", "沒有可以帶走的訓練。"],
  address_run: ["The address names a run that is not here: {0}.", "網址指的訓練不在這裡：{0}。"], address_start: ["Start it", "開始訓練"],

  keys: ["Keys", "按鍵"], key_space: ["play or pause", "播放或暫停"], key_dot: ["one step", "走一步"], key_e: ["one epoch", "走一個 epoch"], key_a: ["one step apart", "拆開一步"], key_left: ["in one step apart: the frame before or after; on the time bar: a step", "在「拆開一步」：前一格、後一格；在時間軸：一步"], key_d: ["to the drawing pad", "到畫板"], key_t: ["to the time bar", "到時間軸"], key_lr: ["the next run", "下一個訓練"], key_help: ["this help", "這個說明"], key_esc: ["closes what is open", "關掉打開的東西"],
  help_p: ["Play a step of the ladder and watch the gradient run through the network, column by column. Where something is wrong it is said in words, with a button that mends it on a branch. Drag time back, change something, and go on.", "播放階梯的一步，看梯度一層一層流過網路。哪裡有問題，診斷會用文字說，旁邊的按鈕會開一個分支把它修好。把時間拉回去，改點什麼，再往前走。"],
  terms: ["What the words mean", "名詞"], rings: ["rings in the curves", "曲線上的圓圈"],
  g_at_step: ["A step shows the network one batch of samples and changes its parameters once. An epoch is as many steps as it takes to show each sample of the training set once.", "一步：讓網路看一個 batch 的樣本，改一次參數。一個 epoch：走到訓練集的每個樣本都看過一次為止。"],
  g_band: ["The figures that the same step of the lecture gives with other seeds, the green or grey piece of a step's rail. A run that ends inside comes out as in the lecture: where the lecture fails, it fails too.", "課堂上的同一步換別的種子會得到的數字，就是階梯上那一段綠色或灰色。結果落在裡面，就是和課堂一樣；課堂上失敗的，這裡也會失敗。"],
  g_row_norm: ["How long a layer's gradient is: the root of the sum of the squares of the loss's derivatives with regard to each of its parameters. A layer of a tiny one learns next to nothing.", "一層的梯度有多長：損失對這一層每個參數的導數，平方相加再開根號。很小的話，這一層幾乎學不到東西。"],
  g_fall: ["‖gradient‖ of the first layer, divided by that of the last: far below 1 the gradient vanishes on its way back through the network, far above 1 it explodes.", "第一層的 ‖梯度‖ 除以最後一層的：遠小於 1，梯度在往回走的路上消失了；遠大於 1，就是爆炸了。"],
  g_row_ratio: ["How far a step moves a layer's weights, measured by their own length: ‖Δw‖ / ‖w‖ of its largest parameter. Near 1e−3 is a healthy pace.", "一步讓權重移動多遠，和權重本身的長度相比：這一層最大的參數的 ‖Δw‖ / ‖w‖。大約 1e−3 是健康的步伐。"],
  g_saturated_word: ["The share of the outputs of a sigmoid or tanh that lie so near its ends that its slope there is less than 4% of its steepest: the gradient hardly gets through.", "sigmoid 或 tanh 的輸出裡，有多少已經靠近兩端，斜率不到最陡處的 4%：梯度幾乎過不去。"],
  g_dead_word: ["The share of a relu's units that put out 0 for every sample: no gradient gets through them, so that they learn nothing.", "relu 的單元裡，有多少對每個樣本都輸出 0：梯度完全過不去，它們就什麼也學不到。"],
  g_key_then: ["Dashed lines and grey outlines are the network as the run began, to see what training has moved.", "虛線和灰色的輪廓是這個訓練剛開始時的網路，用來看訓練改變了什麼。"],
  g_rings: ["Figures of samples that are held out, after each epoch: the network does not learn from them. Where the line goes on to fall and the rings rise, it overfits.", "每個 epoch 之後，在保留的樣本上的數值，網路沒有從它們學。損失的線還在降，圓圈卻升上去，就是過度擬合。"],
  g_branch: ["Another run that begins with this one's weights at this step, and goes its own way from there.", "另一個訓練：從這一步的權重開始，之後走自己的路。"],
  help_version: ["Stheno {0}. Readers now: {1}.", "Stheno {0}。現在有 {1} 個人在看。"],
  tell_epoch: ["{0}: epoch {1}, loss {2}", "{0}：第 {1} 個 epoch，損失 {2}"], tell_metric: [", {0} {1}", "，{0} {1}"], tell_condition: ["{0}: {1}", "{0}：{1}"],
}

let language = "en"

export const languages = Object.freeze(["en", "zh"])
export const current = () => language

export function t(key, ...args) {
  const pair = words[key]
  if (!pair) throw new Error("no words for " + key)
  return pair[language === "zh" ? 1 : 0].replace(/\{(\d)\}/g, (_, i) => String(args[i] ?? ""))
}

// pick is the text in the page's language of what the server said in both.
export const pick = text => !text ? "" : typeof text === "string" ? text : text[language] || text.en || ""

function kept() { try { return localStorage.getItem("language") } catch { return null } }

// choose sets the language, puts it on the document, and writes anew what has a key; keep remembers it in this browser.
export function choose(to, keep) {
  language = to === "zh" ? "zh" : "en"
  if (keep) { try { localStorage.setItem("language", language) } catch { /* a browser that keeps nothing */ } }
  document.documentElement.lang = language === "zh" ? "zh-Hant" : "en"
  translate(document)
}

// begin takes the language that was chosen here, or the browser's.
export function begin() {
  const first = kept() ?? (navigator.languages ?? [navigator.language]).find(l => /^(en|zh)/i.test(l)) ?? "en"
  choose(/^zh/i.test(first) ? "zh" : "en", false)
}

function translate(root) {
  for (const e of root.querySelectorAll("[data-t]")) e.textContent = t(e.dataset.t)
  for (const e of root.querySelectorAll("[data-t-label]")) { e.setAttribute("aria-label", t(e.dataset.tLabel)); if (e.tagName === "BUTTON") e.title = t(e.dataset.tLabel) }
  for (const e of root.querySelectorAll("[data-t-title]")) e.title = t(e.dataset.tTitle)
  for (const e of root.querySelectorAll("[data-t-placeholder]")) e.placeholder = t(e.dataset.tPlaceholder)
}
