package train_test

import (
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
)

// A step of one's own, where Fit's is not what is wanted: two networks against each other (Goodfellow et al. 2014; the least-squares form of Mao et al. 2017). One makes
// numbers of noise, the other tells them from real ones, which lie around 4. They are one model, of which two programs with losses of their own are run in turns; each
// optimizer takes the gradients of its network alone.
func Example_adversarial() {
	var n graph.Net
	maker := layers.Sequence{layers.Dense{Units: 8, Activation: layers.Tanh}, layers.Dense{Units: 1}}
	judge := n.Share(layers.Sequence{layers.Dense{Units: 16, Activation: layers.Tanh}, layers.Dense{Units: 1}})
	made := n.Add(maker, n.Input("noise", graph.Floats(2)))
	n.Output("made", made)
	n.Output("of made", n.Add(judge, made))
	n.Output("of real", n.Add(judge, n.Input("real", graph.Floats(1))))
	model, err := graph.NewModel(graph.Config{Seed: 3}, &n)
	if err != nil {
		log.Fatal(err)
	}
	const batch, makers = 32, 4 // the maker's layers come first: two weights and two biases

	compile := func(loss graph.Loss) *graph.Program {
		p, err := model.Compile(graph.Spec{Mode: graph.Train, Batch: batch, Loss: loss})
		if err != nil {
			log.Fatal(err)
		}
		return p
	}
	judging := compile(losses.Each{"of made": {Loss: losses.MSE{}}, "of real": {Loss: losses.MSE{}}}) // targets 0 and 1
	making := compile(losses.Each{"of made": {Loss: losses.MSE{}}})                                   // target 1: the judge is to be wrong
	for i := range batch {
		judging.Targets()[1].Float32s()[i] = 1
		making.Targets()[0].Float32s()[i] = 1
	}

	r := rand.New(rand.NewPCG(1, 2))
	run := func(p *graph.Program, step int) {
		noise, real := p.Inputs()[0].Float32s(), p.Inputs()[1].Float32s()
		for i := range noise {
			noise[i] = float32(r.NormFloat64())
		}
		for i := range real {
			real[i] = float32(4 + r.NormFloat64()/2)
		}
		p.SetStep(uint64(step)) // what draws random numbers, such as Dropout, draws other ones at each step
		if err := p.Run(); err != nil {
			log.Fatal(err)
		}
	}
	ofJudge, ofMaker := &optim.Adam{LearningRate: 0.01, Beta1: 0.5}, &optim.Adam{LearningRate: 0.01, Beta1: 0.5}
	for step := range 500 {
		run(judging, step)
		if err := ofJudge.Step(judging.Grads()[makers:]); err != nil {
			log.Fatal(err)
		}
		if err := judging.Commit(); err != nil { // what layers keep beside what they learn, such as a moving mean
			log.Fatal(err)
		}
		run(making, step)
		if err := ofMaker.Step(making.Grads()[:makers]); err != nil {
			log.Fatal(err)
		}
	}

	sum := float32(0)
	run(making, 500)
	for _, x := range making.Outputs()[0].Float32s() {
		sum += x
	}
	fmt.Println("parameters:", len(model.Params()))
	fmt.Println("made around 4:", sum/batch > 3 && sum/batch < 5)
	// Output:
	// parameters: 8
	// made around 4: true
}
