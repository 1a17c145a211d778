package datasets_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/datasets"
)

func ExampleMNIST() {
	train, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Name, train.Len(), train.Shape)
	fmt.Println(test.Name, test.Len(), test.Shape)

	pixels := make([]float32, train.Features())
	train.Scaled(1.0/255).Row(pixels, 0)
	fmt.Println("the first image is a", train.Classes[train.Label(0)])
	for y := 4; y < 28; y += 2 {
		for x := 4; x < 26; x++ {
			ink := pixels[y*28+x]
			fmt.Print(" .#"[int(2.99*ink):][:1])
		}
		fmt.Println("|")
	}
	// Output:
	// mnist/train 10000 [28 28]
	// mnist/test 10000 [28 28]
	// the first image is a 5
	//                       |
	//       ...##########   |
	//     ##########        |
	//        .#.            |
	//         ##            |
	//           ###.        |
	//             .###      |
	//            .####      |
	//        .######        |
	//    #######            |
	// .####..               |
	//                       |
}

// One epoch: a seeded order, cut into batches, each copied into the buffers that the network reads.
func ExampleBatches() {
	set, err := datasets.New("corners", []int{2}, []float32{0, 0, 0, 1, 1, 0, 1, 1, 2, 2}, []int{0, 1, 1, 0, 0}, []string{"same", "different"})
	if err != nil {
		log.Fatal(err)
	}
	const size = 2
	x, y := make([]float32, size*set.Features()), make([]float32, size*len(set.Classes))
	for number, rows := range datasets.Batches(datasets.Shuffle(set.Len(), 1, 0), size) {
		x, y := x[:len(rows)*set.Features()], y[:len(rows)*len(set.Classes)]
		set.Fill(x, rows)
		set.OneHot(y, rows)
		fmt.Println(number, rows, x, y)
	}
	// Output:
	// 0 [1 4] [0 1 2 2] [0 1 1 0]
	// 1 [0 2] [0 0 1 0] [1 0 0 1]
	// 2 [3] [1 1] [1 0]
}

func ExampleDataset_WithNoise() {
	_, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	clean := test.Scaled(1.0 / 255)
	noisy := clean.WithNoise(1, 42)
	for _, d := range []*datasets.Dataset{clean, noisy} {
		s := d.Stats()
		fmt.Printf("mean %.2f, deviation %.2f\n", s.Mean, s.Std)
	}
	// Output:
	// mean 0.13, deviation 0.31
	// mean 0.13, deviation 1.05
}

func ExampleDataset_Slice() {
	train, _, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	small, err := train.Slice(0, 1000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(small.Len(), small.Stats().Counts)

	_, err = train.Slice(0, 60_000)
	fmt.Println(err)
	// Output:
	// 1000 [97 116 99 93 105 92 94 117 87 100]
	// datasets: mnist/train: cannot take samples 0 to 60000 of 10000; want 0 ≤ from < to ≤ 10000
}

func ExampleReadIDX() {
	file := []byte{0, 0, 0x0B, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0xff, 0xff, 0, 0, 1, 0}
	x, err := datasets.ReadIDX(bytes.NewReader(file), "numbers", 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Dims, x.Floats)

	_, err = datasets.ReadIDX(bytes.NewReader(file[:17]), "numbers", 0)
	fmt.Println(err)
	// Output:
	// [1 3] [-1 0 256]
	// numbers: at byte 17: the file ends here, want 6 bytes of values (1×3 int16): it was cut short, or its header is wrong; copy or download it again
}
