package look

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
)

// A Picture is values as bytes: 0 is Low, 255 is High.
type Picture struct {
	Width    int      `json:"width"`
	Height   int      `json:"height"`
	Channels int      `json:"channels"` // 1, or 3 of colours
	Data     []byte   `json:"data"`     // row by row, the channels of a pixel side by side; in JSON base64
	Low      Number   `json:"low"`      // 0 or less
	High     Number   `json:"high"`     // 0 or more
	Name     string   `json:"name,omitempty"`
	Values   []Number `json:"values,omitempty"` // of a line of one row, which is drawn as bars: what they are
}

// pictureOf is values as a picture, stretched to their range, of which 0 is part: so that what is above and below it can be told. What is not finite is drawn as 0.
func pictureOf[T float32 | float64](values []T, height, width, channels int) *Picture {
	low, high := 0.0, 0.0
	for _, v := range values {
		if v-v == 0 {
			low, high = min(low, float64(v)), max(high, float64(v))
		}
	}
	return pictureIn(values, height, width, channels, low, high)
}

// pictureIn is values as a picture from low to high, which are not the same.
func pictureIn[T float32 | float64](values []T, height, width, channels int, low, high float64) *Picture {
	p := &Picture{Width: width, Height: height, Channels: channels, Data: make([]byte, len(values)), Low: Number(low), High: Number(high)}
	for i, v := range values {
		x := float64(v)
		if x-x != 0 {
			x = 0
		}
		if high > low {
			p.Data[i] = byte(math.Round(255 * min(1, max(0, (x-low)/(high-low)))))
		}
	}
	return p
}

// tile is a piece that inspect has cut out, as a picture.
func tile(t inspect.Tile, height, width int, name string) *Picture {
	p := pictureOf(t.Values, height, width, 1)
	p.Name = name
	return p
}

// coloured are filters of red, green and blue as a picture in colour each, those of the largest weights first: a weight of 0 is half way, so that what lies beyond gray is what it looks for.
func coloured(tiles []inspect.Tile, height, width int) []*Picture {
	const channels = 3
	units := len(tiles) / channels
	values, norms := make([][]float64, units), make([]float64, units)
	for k := range values {
		values[k] = make([]float64, channels*height*width)
	}
	for _, t := range tiles {
		for i, v := range t.Values {
			values[t.Unit][i*channels+t.Channel] = v
			norms[t.Unit] += v * v
		}
	}
	order := make([]int, units)
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(norms[b], norms[a]) })
	all := make([]*Picture, units)
	for i, k := range order {
		largest := 0.0
		for _, x := range values[k] {
			if x-x == 0 {
				largest = max(largest, math.Abs(x))
			}
		}
		all[i] = pictureIn(values[k], height, width, channels, -largest, largest)
		all[i].Name = fmt.Sprint(k + 1)
	}
	return all
}

// picturesOf says what pictures samples of a field are: not ok where they are none, as the columns of a table.
func picturesOf(f datasets.Field) (height, width, channels int, ok bool) {
	s := f.Shape
	if f.IDs || f.Names != nil {
		return 0, 0, 0, false
	}
	switch {
	case len(s) == 2:
		return s[0], s[1], 1, s[0] > 1 && s[1] > 1
	case len(s) == 3:
		return s[0], s[1], s[2], s[0] > 1 && s[1] > 1 && (s[2] == 1 || s[2] == 3)
	}
	return 0, 0, 0, false
}

// wide are the elements of a tensor of floats; none of ids.
func wide(t *tensor.Dense) []float64 {
	if t == nil {
		return nil
	}
	switch t.Dtype() {
	case tensor.Float64:
		return t.Float64s()
	case tensor.Float32:
		all := make([]float64, len(t.Float32s()))
		for i, v := range t.Float32s() {
			all[i] = float64(v)
		}
		return all
	}
	return nil
}

// mosaic puts channels side by side, each with a line of nothing behind it, as one picture: as many columns as rows, or one more.
func mosaic(tiles []inspect.Tile, height, width int) *Picture {
	columns := int(math.Ceil(math.Sqrt(float64(len(tiles)))))
	rows := (len(tiles) + columns - 1) / max(1, columns)
	w, h := columns*(width+1)-1, rows*(height+1)-1
	values := make([]float64, w*h)
	for k, t := range tiles {
		x, y := k%columns*(width+1), k/columns*(height+1)
		for i := range height {
			copy(values[(y+i)*w+x:], t.Values[i*width:(i+1)*width])
		}
	}
	return pictureOf(values, h, w, 1)
}
