package text

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// A Net is what a text says, item by item.
type Net []Item

// An Item is a word and what it is told.
type Item struct {
	Pos
	Name  string // before "="; "" if it has none
	Word  string
	Args  []Arg
	Times string // behind "*", a number; "" if it has none
	From  []Ref  // behind "<"
}

// A Ref is a name behind "<".
type Ref struct {
	Pos
	Name string
}

// An Arg is a value, which may have a key.
type Arg struct {
	Pos
	Key    string // "" if it has none
	Value  string // a number or a word; the content of a string
	Quoted bool   // it is a string
	Nets   []Net  // in brackets, in place of a Value
}

// deepest is how far brackets may stand within brackets.
const deepest = 200

// ParseNet reads a text. Of an empty one it is an empty net.
func ParseNet(s string) (Net, error) {
	net, err := parse(s)
	if wrong := (*Error)(nil); errors.As(err, &wrong) {
		if words := fromCall(s); words != "" {
			wrong.What = "got a call as other frameworks have it, want it without brackets and commas: " + words
		}
	}
	return net, err
}

func parse(s string) (Net, error) {
	tokens, err := scan(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	p.lines()
	if p.peek().kind == 0 {
		return nil, nil
	}
	net, err := p.net(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != 0 {
		return nil, t.Errorf("got %s, want a comma, a new line or the end", t.got())
	}
	return net, nil
}

type parser struct {
	tokens []token
	at     int
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != 0 {
		p.at++
	}
	return t
}

func (p *parser) lines() (any bool) {
	for p.peek().kind == '\n' {
		p.at++
		any = true
	}
	return any
}

// net reads items to the end, or to a sign that ends a net in brackets.
func (p *parser) net(depth int) (net Net, err error) {
	for {
		p.lines()
		item, err := p.item(depth)
		if err != nil {
			return nil, err
		}
		net = append(net, item)
		ended := p.lines()
		switch t := p.peek(); {
		case t.kind == ',':
			p.next()
		case t.kind == 0 || t.kind == '|' || t.kind == ')' || !ended:
			return net, nil
		}
	}
}

func (p *parser) item(depth int) (item Item, err error) {
	t := p.next()
	item.Pos = t.Pos
	if p.peek().kind == '=' && (t.kind == 'w' || t.kind == '"') {
		if item.Name, err = t.name(); err != nil {
			return item, err
		}
		p.next()
		t = p.next()
		item.Pos = t.Pos
	}
	if n := p.at - 3; n >= 0 && t.kind == 'w' && isNumber(t.text) && p.tokens[n].text == "0" && p.tokens[n+1].kind == ',' && p.tokens[n].Line == t.Line && p.tokens[n].Column+2 == t.Column {
		return item, p.tokens[n].Errorf("got 0,%s, want a point in a number: 0.%s", t.text, t.text)
	}
	if t.kind != 'w' || numbers(t.text) != nil {
		return item, t.Errorf("got %s, want a word, such as dense", t.got())
	}
	item.Word = t.text
	for {
		switch t := p.peek(); t.kind {
		case 'w', '"', '(':
			arg, err := p.arg(depth)
			if err != nil {
				return item, err
			}
			item.Args = append(item.Args, arg)
			continue
		case '*':
			p.next()
			n := p.next()
			if n.kind != 'w' || !isNumber(n.text) {
				return item, n.Errorf("got %s, want a number behind *", n.got())
			}
			item.Times = n.text
		}
		break
	}
	if p.peek().kind != '<' {
		return item, nil
	}
	for p.peek().kind == '<' || len(item.From) > 0 && p.peek().kind == '+' {
		p.next()
		t := p.next()
		if t.kind != 'w' && t.kind != '"' {
			return item, t.Errorf("got %s, want a name", t.got())
		}
		name, err := t.name()
		if err != nil {
			return item, err
		}
		item.From = append(item.From, Ref{t.Pos, name})
		if p.peek().kind == '<' {
			return item, p.peek().Errorf(`got a second "<", want + between names`)
		}
	}
	return item, nil
}

// name is what a word or a string says.
func (t token) name() (string, error) {
	if t.kind == 'w' {
		return t.text, nil
	}
	s, err := strconv.Unquote(t.text)
	if err != nil || s == "" {
		return "", t.Errorf("got %s, want a name", t.text)
	}
	return s, nil
}

func (p *parser) arg(depth int) (arg Arg, err error) {
	t := p.next()
	arg.Pos = t.Pos
	if t.kind == 'w' && p.peek().kind == '=' {
		arg.Key = t.text
		p.next()
		t = p.next()
		arg.Pos = t.Pos
	}
	switch t.kind {
	case 'w':
		arg.Value = t.text
	case '"':
		arg.Quoted = true
		if arg.Value, err = strconv.Unquote(t.text); err != nil {
			return arg, t.Errorf("got %s, want a string", t.text)
		}
	case '(':
		if depth == deepest {
			return arg, t.Errorf("got brackets within brackets, %d deep, want fewer", depth)
		}
		for {
			net, err := p.net(depth + 1)
			if err != nil {
				return arg, err
			}
			arg.Nets = append(arg.Nets, net)
			p.lines()
			switch end := p.next(); end.kind {
			case '|':
				continue
			case ')':
				return arg, nil
			default:
				return arg, end.Errorf("got %s, want a comma, | or ) to the bracket of line %d, column %d", end.got(), t.Line, t.Column)
			}
		}
	default:
		return arg, t.Errorf("got %s, want a value for %s: a number, a word, or nets in brackets", t.got(), arg.Key)
	}
	return arg, nil
}

// String is the text of the net, on one line; with a line an item where one has a name or says what it is fed with.
func (n Net) String() string {
	if slices.ContainsFunc(n, func(i Item) bool { return i.Name != "" || len(i.From) > 0 }) {
		return n.join("\n")
	}
	return n.join(", ")
}

func (n Net) join(between string) string {
	items := make([]string, len(n))
	for i, item := range n {
		items[i] = item.String()
	}
	return strings.Join(items, between)
}

// String is the text of the item, on one line.
func (i Item) String() string {
	var b strings.Builder
	if i.Name != "" {
		b.WriteString(quote(i.Name) + " = ")
	}
	b.WriteString(i.Word)
	for at, a := range i.Args {
		if at > 0 || a.Key != "" || a.Nets == nil {
			b.WriteByte(' ')
		}
		b.WriteString(a.String())
	}
	if i.Times != "" {
		b.WriteString(" * " + i.Times)
	}
	for at, r := range i.From {
		b.WriteString([]string{" < ", " + "}[min(at, 1)] + quote(r.Name))
	}
	return b.String()
}

// String is the text of the argument.
func (a Arg) String() string {
	s := a.Value
	switch {
	case a.Nets != nil:
		nets := make([]string, len(a.Nets))
		for i, n := range a.Nets {
			nets[i] = n.join(", ")
		}
		s = "(" + strings.Join(nets, " | ") + ")"
	case a.Quoted:
		s = strconv.Quote(s)
	}
	if a.Key != "" {
		return a.Key + "=" + s
	}
	return s
}

func quote(name string) string {
	if isWord(name) {
		return name
	}
	return strconv.Quote(name)
}
