package text

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// elsewhere is what other frameworks and papers call a word, as plain has it.
var elsewhere = map[string]string{
	"swish": "silu", "leakyrectifiedlinear": "leaky-relu", "lrelu": "leaky-relu", "rectifier": "relu", "rectifiedlinear": "relu", "rectifiedlinearunit": "relu", "logistic": "sigmoid",
	"expit": "sigmoid", "hyperbolictangent": "tanh", "identity": "linear", "none": "linear",

	"fc": "dense", "fullyconnected": "dense", "conv2d": "conv", "convolution": "conv", "convolution2d": "conv", "convolution1d": "conv1d", "conv2dtranspose": "convtranspose",
	"convtranspose2d": "convtranspose", "conv1dtranspose": "convtranspose1d", "depthwiseconv2d": "depthwise", "maxpool2d": "maxpool", "maxpooling": "maxpool", "maxpooling2d": "maxpool", "maxpooling1d": "maxpool1d",
	"avgpool2d": "avgpool", "averagepooling": "avgpool", "averagepooling2d": "avgpool", "averagepooling1d": "avgpool1d", "globalaveragepooling2d": "globalavgpool", "globalaveragepooling1d": "globalavgpool",
	"globalmaxpooling2d": "globalmaxpool", "globalmaxpooling1d": "globalmaxpool", "batchnormalization": "batchnorm", "batchnorm1d": "batchnorm", "batchnorm2d": "batchnorm",
	"layernormalization": "layernorm", "groupnormalization": "groupnorm", "rmsnormalization": "rmsnorm", "multiheadattention": "attention", "simplernn": "rnn", "upsampling2d": "upsample",
	"upsampling1d": "upsample1d", "zeropadding2d": "pad", "gaussiannoise": "noise", "concatenate": "concat", "add": "sum", "multiply": "product", "dropout1d": "dropout", "dropout2d": "dropout",

	"meansquarederror": "mse", "mseloss": "mse", "squarederror": "mse", "l2": "mse", "l2loss": "mse", "meanabsoluteerror": "mae", "maeloss": "mae", "absoluteerror": "mae", "l1": "mae", "l1loss": "mae",
	"categoricalcrossentropy": "cross-entropy", "sparsecategoricalcrossentropy": "cross-entropy", "softmaxcrossentropy": "cross-entropy", "crossentropyloss": "cross-entropy", "nll": "cross-entropy",
	"nllloss": "cross-entropy", "negativeloglikelihood": "cross-entropy", "bce": "binary-cross-entropy", "bceloss": "binary-cross-entropy", "bcewithlogitsloss": "binary-cross-entropy",
	"sigmoidcrossentropy": "binary-cross-entropy", "kldivergence": "kl", "kldivloss": "kl", "kullbackleibler": "kl", "huberloss": "huber", "smoothl1": "huber", "smoothl1loss": "huber",
	"cosinesimilarity": "cosine", "hingeloss": "hinge", "categoricalhinge": "multi-margin", "multimarginloss": "multi-margin",

	"stochasticgradientdescent": "sgd", "gradientdescent": "sgd", "gd": "sgd", "nag": "nesterov",

	"lr": "learning-rate", "negativeslope": "slope", "kernelsize": "size", "poolsize": "size", "strides": "stride", "returnsequences": "sequence", "eps": "epsilon", "kernelinitializer": "weights", "biasinitializer": "bias",
}

// plain is a word without what is written in more than one way: capitals, and signs between its parts.
func plain(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, word)
}

// called is the one of words that somebody writes otherwise, or that another framework calls so; "" if there is none.
func called(word string, words []string) string {
	word = plain(word)
	if word == "" {
		return ""
	}
	for _, w := range words {
		if plain(w) == word {
			return w
		}
	}
	if w := elsewhere[word]; slices.Contains(words, w) {
		return w
	}
	return ""
}

// DidYouMean is "; did you mean x?", to end a message with, for the one of words that was meant: written otherwise, called so by another framework, or with a letter or two wrong; "" if there is none.
func DidYouMean(typed string, words []string) string {
	meant := called(typed, words)
	if meant == "" {
		meant = nearest(typed, words)
	}
	if meant == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", meant)
}

// phrase is a name of several words at the beginning of an item, as "mean squared error" is, and what is called so; the item's word, and "", if there is none.
func phrase(item Item, words []string) (said, meant string) {
	all := []string{item.Word}
	for _, a := range item.Args {
		if a.Key != "" || a.Nets != nil || a.Quoted || numbers(a.Value) != nil {
			break
		}
		all = append(all, a.Value)
	}
	for n := len(all); n > 1; n-- {
		said := strings.Join(all[:n], " ")
		if meant := called(said, words); meant != "" {
			return said, meant
		}
	}
	return item.Word, ""
}

// calls is a call of a function, as in Dense(300, activation="relu"): its name, and what stands in its brackets, which may hold brackets, (3, 3).
var calls = regexp.MustCompile(`([A-Za-z]\w*)\(([^()]*(?:\([^()]*\)[^()]*)*)\)`)

// setting is what may stand in those of a layer: 300, (3, 3), "relu", name=value.
var setting = regexp.MustCompile(`^(?:([a-z]\w*)\s*=\s*)?(?:([\w.+-]+)|"([^"]*)"|'([^']*)'|[(\[]([\d,\s]+)[)\]])$`)

// fromCall is how a layer, loss or optimizer is written here that stands in a text as other frameworks call it; "" where there is none.
func fromCall(s string) string {
	for _, c := range calls.FindAllStringSubmatch(s, -1) {
		name, args := c[1], split(c[2])
		e := registered(name)
		if name == "Linear" && len(args) > 1 { // as PyTorch calls it
			e = registered("dense")
		}
		if name == "Activation" && len(args) == 1 {
			e, args = registered(args[0]), nil
		}
		if e == nil {
			if within := fromCall(c[2]); within != "" {
				return within
			}
			continue
		}
		if small, _ := utf8.DecodeLastRuneInString(name); len(args) > 0 && (name == "Linear" || small == 'd' && name[0] < 'a' && unicode.IsDigit(rune(name[len(name)-2])) && !strings.Contains(name, "Pool")) {
			args = args[1:] // PyTorch says first how many come in
		}
		words, known := make([][]string, 1+len(e.Fields())), true // in the order of the fields, behind those without a key
		for _, a := range args {
			m := setting.FindStringSubmatch(a)
			if known = m != nil; !known {
				break
			}
			key, value := m[1], m[2]+m[3]+m[4]
			if m[5] != "" {
				value = strings.Join(strings.FieldsFunc(m[5], func(r rune) bool { return !unicode.IsDigit(r) }), "x")
			}
			if slices.Contains(unsaid, plain(key)) {
				continue
			}
			word, at := e.setting(key, value)
			if known = word != ""; !known {
				break
			}
			words[1+at] = append(words[1+at], word)
		}
		if known {
			return strings.Join(append([]string{e.Word}, slices.Concat(words...)...), " ")
		}
	}
	return ""
}

// unsaid are settings that nothing here has to be told.
var unsaid = []string{"inputshape", "inputdim", "batchinputshape", "name", "inplace", "fromlogits", "params"}

// split cuts settings at their commas, but for those in brackets.
func split(s string) (parts []string) {
	depth, from := 0, 0
	for i, r := range s + "," {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if part := strings.TrimSpace(s[from:i]); depth == 0 {
				if from = i + 1; part != "" {
					parts = append(parts, part)
				}
			}
		}
	}
	return parts
}

// setting is one of a word's as it stands behind it, and its field, −1 of one without a key; "" where it has none such.
func (e *Entry) setting(key, value string) (string, int) {
	all := e.Fields()
	var words []string
	for _, f := range all {
		words = append(words, wordsOf(constants(f.typ))...)
	}
	if w := called(value, words); w != "" {
		value = w
	}
	at := -1
	if key == "" {
		return value, at
	}
	for i, f := range all {
		if called(key, []string{f.Key}) != "" {
			at = i
		}
	}
	switch {
	case at < 0:
		return "", at
	case all[at].typ.Kind() == reflect.Bool && plain(value) == "true":
		return all[at].Key, at
	case at == 0 || fits(all[at], Arg{Value: value}) && slices.IndexFunc(all, func(f Field) bool { return fits(f, Arg{Value: value}) }) == at:
		return value, at
	}
	return all[at].Key + "=" + value, at
}

// registered is the entry of a name, of whatever kind, whose settings stand without brackets; nil if there is none.
func registered(name string) *Entry {
	kinds.RLock()
	of := slices.SortedFunc(maps.Keys(kinds.of), func(a, b reflect.Type) int { return strings.Compare(nameOfKind(a), nameOfKind(b)) })
	kinds.RUnlock()
	for _, kind := range of {
		all := slices.DeleteFunc(slices.Clone(entries(kind)), func(e *Entry) bool { return e.err != nil || inBrackets(e.value.Type()) })
		if w := called(name, wordsOf(all)); w != "" {
			return find(all, w)
		}
	}
	return nil
}

func inBrackets(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Slice || t.Kind() == reflect.Map
}
