package datasets_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/datasets"
)

func ExampleMNIST() {
	digits, test, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(digits.Name, digits.Len(), digits.Shape)
	fmt.Println(test.Name, test.Len(), test.Shape)

	pixels := make([]float32, digits.Features())
	digits.Scaled(1.0/255).Row(pixels, 0)
	fmt.Println("the first image is a", digits.Classes[digits.Label(0)])
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
	digits, _, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	small, err := digits.Slice(0, 1000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(small.Len(), small.Stats().Counts)

	_, err = digits.Slice(0, 60_000)
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

// One's own samples: here two of them, of two values each.
func ExampleNew() {
	set, err := datasets.New("flowers", []int{2}, []float32{5.1, 3.5, 6.2, 2.9}, []int{0, 1}, []string{"setosa", "versicolor"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len(), "samples of", set.Features(), "values; the second is a", set.Classes[set.Label(1)])

	_, err = datasets.New("flowers", []int{2}, []float32{5.1, 3.5, 6.2, 2.9}, []int{0, 2}, []string{"setosa", "versicolor"})
	fmt.Println(err)
	// Output:
	// 2 samples of 2 values; the second is a versicolor
	// datasets: flowers: sample 1 has label 2, want 0 to 1 (2 classes); number the classes from 0
}

// A folder of IDX files: the names are MNIST's, the sizes anyone's.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for name, data := range map[string][]byte{ // 0x08 is uint8; then come the number of dimensions, the dimensions and the values
		"train-images-idx3-ubyte": {0, 0, 0x08, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 255, 0, 0, 255, 0, 255, 255, 0},
		"train-labels-idx1-ubyte": {0, 0, 0x08, 1, 0, 0, 0, 2, 0, 1},
		"t10k-images-idx3-ubyte":  {0, 0, 0x08, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 9, 0, 0, 9},
		"t10k-labels-idx1-ubyte":  {0, 0, 0x08, 1, 0, 0, 0, 1, 0},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
	diagonals, test, err := datasets.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(diagonals.Len(), "and", test.Len(), "samples of shape", diagonals.Shape, "in classes", diagonals.Classes)
	// Output: 2 and 1 samples of shape [2 2] in classes [0 1]
}

// The whole of Fashion-MNIST, downloaded once.
func ExampleFetch() {
	dir, err := datasets.Fetch(context.Background(), "fashion-mnist", nil)
	if err != nil {
		log.Fatal(err)
	}
	clothes, test, err := datasets.Load(dir) // as Open("fashion-mnist", "") does from then on
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(clothes.Len(), test.Len(), clothes.Classes)
}

// The set of a name, or the files of a folder: what a command's flags say.
func ExampleOpen() {
	digits, _, err := datasets.Open("mnist", "")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(digits.Info().Name)

	_, _, err = datasets.Open("cifar", "")
	fmt.Println(err)
	// Output:
	// mnist/train
	// datasets: no data set "cifar"; there are mnist, mnist-full, fashion-mnist, alice, and the files of any folder
}

// Pixels in [0, 1]. The set that it was made of stays as it is.
func ExampleDataset_Scaled() {
	digits, _, err := datasets.MNIST()
	if err != nil {
		log.Fatal(err)
	}
	scaled := digits.Scaled(1.0 / 255)
	fmt.Println(digits.Stats().Max, scaled.Stats().Max)
	// Output: 255 1
}

// A stroke drawn dark on light, anywhere in a picture of any size, becomes light on dark, 20 pixels high, in the middle of 28×28.
func ExampleReadDigit() {
	picture := image.NewGray(image.Rect(0, 0, 200, 120))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(picture, image.Rect(150, 10, 158, 90), image.Black, image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		log.Fatal(err)
	}
	digit, err := datasets.ReadDigit(&file, "one.png")
	if err != nil {
		log.Fatal(err)
	}
	one, err := datasets.New("mine", []int{28, 28}, digit, []int{0}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(one.Stats().Max, "at the most")
	rows, columns := map[int]bool{}, map[int]bool{}
	for i, ink := range digit {
		if ink > 127 {
			rows[i/28], columns[i%28] = true, true
		}
	}
	fmt.Println(len(rows), "×", len(columns), "pixels of ink")
	// Output:
	// 255 at the most
	// 20 × 2 pixels of ink
}

// Samples with two inputs, a picture and a place, and a price to be predicted; the second of them counts twice.
func ExampleNewArrays() {
	houses, err := datasets.NewArrays("houses",
		[]datasets.Array{
			{Name: "picture", Shape: []int{2, 2}, Floats: []float32{.1, .2, .3, .4, .5, .6, .7, .8}},
			{Name: "district", IDs: []int32{3, 1}},
		},
		[]datasets.Array{{Name: "price", Floats: []float32{250, 320}}})
	if err != nil {
		log.Fatal(err)
	}
	if houses, err = houses.Weighted([]float64{1, 2}); err != nil {
		log.Fatal(err)
	}
	for _, field := range houses.Info().Inputs {
		fmt.Println(field.Name, field.Shape, field.IDs)
	}
	price, weight := make([]float32, 2), []float64{1, 1}
	batch := datasets.Batch{Targets: []datasets.Values{{Floats: price}}, Weights: weight} // the inputs are not wanted here
	if err := houses.Read(batch, []int{1, 0}, datasets.Draw{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(price, weight)
	// Output:
	// picture [2 2] false
	// district [] true
	// [320 250] [2 1]
}

// Parity is a Data of one's own: no array holds its samples, which are the numbers from 0 on in binary.
type Parity struct{ Bits int }

func (p Parity) Len() int { return 1 << p.Bits }

func (p Parity) Info() datasets.Info {
	return datasets.Info{
		Name:    "parity",
		Inputs:  []datasets.Field{{Name: "bits", Shape: []int{p.Bits}}},
		Targets: []datasets.Field{{Name: "parity", IDs: true}},
		Classes: []string{"even", "odd"},
	}
}

func (p Parity) Read(b datasets.Batch, rows []int, _ datasets.Draw) error {
	for i, row := range rows {
		ones := int32(0)
		for k := range p.Bits {
			bit := row >> k & 1
			ones += int32(bit)
			if len(b.Inputs) > 0 && b.Inputs[0].Floats != nil {
				b.Inputs[0].Floats[i*p.Bits+k] = float32(bit)
			}
		}
		if len(b.Targets) > 0 && b.Targets[0].IDs != nil {
			b.Targets[0].IDs[i] = ones % 2
		}
	}
	return nil
}

func ExampleData() {
	var data datasets.Data = Parity{Bits: 3}
	bits, class := make([]float32, 6), make([]int32, 2)
	batch := datasets.Batch{Inputs: []datasets.Values{{Floats: bits}}, Targets: []datasets.Values{{IDs: class}}}
	if err := data.Read(batch, []int{5, 7}, datasets.Draw{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(data.Len(), bits, data.Info().Classes[class[0]], data.Info().Classes[class[1]])
	// Output: 8 [1 0 1 1 1 1] even odd
}

// A text that comes with the package: a sample is 64 characters, its target what follows each.
func ExampleAlice() {
	chapters, _, err := datasets.Alice()
	if err != nil {
		log.Fatal(err)
	}
	text := chapters.Info().Preparation.Source().Texts
	b := datasets.Batch{Inputs: []datasets.Values{{IDs: make([]int32, 64)}}, Targets: []datasets.Values{{IDs: make([]int32, 64)}}}
	if err := chapters.Read(b, []int{1}, datasets.Draw{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(chapters.Len(), "samples,", len(text.Vocabulary), "characters, the one for those that are not there included")
	fmt.Printf("%q\n%q\n", text.Text(b.Inputs[0].IDs), text.Text(b.Targets[0].IDs))
	// Output:
	// 1927 samples, 71 characters, the one for those that are not there included
	// "ery tired of sitting by her sister\non the bank, and of having no"
	// "ry tired of sitting by her sister\non the bank, and of having not"
}
