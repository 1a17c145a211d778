// Package text is what networks, losses, optimizers and all else that is made of settings are in words. It imports nothing of Stheno: it has the grammar, one
// codec for every type, by reflection, and the registry of words.
//
//	dense 300 tanh, dropout 0.2, dense 10 softmax
//
// is three items, one fed by the one before it. An item is a word and what it is told:
//
//	net      = item {("," | newline) item}
//	item     = [name "="] word {argument} ["*" times] ["<" name {"+" name}]
//	argument = value | key "=" value
//	value    = number | 3x3 | word | "string" | "(" net {"|" net} ")"
//
// A "#" begins a comment, which ends with the line. Each word stands for a Go type, and the arguments fill its exported fields, those of embedded structs among them. A value goes
// to the next field that takes such a one: a number to a number, a word to an activation or an initialiser that is called so. So
//
//	dense 300 tanh he-normal     is  layers.Dense{Units: 300, Activation: layers.Tanh, Weights: graph.HeNormal}
//	dense 300 bias=ones          is  layers.Dense{Units: 300, Bias: graph.Ones}
//	adam 0.001 beta1=0           is  &optim.Adam{LearningRate: 0.001, Beta1: optim.Zero}
//	cross-entropy smoothing=0.1  is  losses.CrossEntropy{Smoothing: 0.1}
//	cross-entropy logits         is  losses.CrossEntropy{Logits: true}
//
// Keys are the fields' names in lower case, with a hyphen between words: learning-rate. What is left out is zero, which stands for the default; a 0 where the default is another one (a tag
// `default:"0.9"` says so) is [Zero]. Several numbers are written 3x3, 1x2x0.5.
//
// Brackets hold nets, of which some take one, and some any number of branches:
//
//	residual(dense 64 relu, dense 64)         x + f(x)
//	concat(dense 8 | dense 8 relu, dense 4)   side by side
//	dense 64 relu * 3                         three of them, each with parameters of its own
//
// A name before "=" is the item's. Behind "<" it is what the item puts out; as a word it is the same layer again, with the same parameters:
//
//	left = input 28x28
//	right = input 28x28
//	tower = sequence(flatten, dense 64 tanh) < left
//	other = tower < right
//	absdiff < tower + other
//	dense 1
//
// What names stand for is the business of who reads a net, for layers that of package layers. What is printed is read as what it was, and printed as it was.
//
// A type of one's own joins by one line:
//
//	func init() { text.Register[graph.Layer]("swish", "x·σ(βx) of any shape", "swish 1.5", Swish{}) }
package text
