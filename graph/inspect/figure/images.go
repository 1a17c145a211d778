package figure

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"unicode/utf8"
)

// An Image is one picture of a grid, with up to two lines under it.
type Image struct {
	Values  []float64 // height × width, row by row
	Caption [2]string // "" for none
}

// Images draws pictures of one size side by side, so many columns of them. Each is stretched to its own range: of values of both signs, blue
// is below 0, white 0, red above; of others black is the least and white the most, 0 being one of the two.
func Images(title string, height, width, columns int, images []Image) string {
	const tile, gap = 64, 10
	columns = max(1, columns)
	lines := 0
	for _, im := range images {
		for i, s := range im.Caption {
			if s != "" {
				lines = max(lines, i+1)
			}
		}
	}
	cellHeight := float64(tile + gap + 13*lines)
	rows := (len(images) + columns - 1) / columns
	c := newCanvas(max(float64(columns*(tile+gap)+14), 24+6.8*float64(utf8.RuneCountInString(title))), 30+cellHeight*float64(rows), title)
	c.bold(12, 18, 13, "start", title)
	for i, im := range images {
		x := 12 + float64(i%columns)*(tile+gap)
		y := 28 + cellHeight*float64(i/columns)
		fmt.Fprintf(c, `<image x="%s" y="%s" width="%d" height="%d" preserveAspectRatio="xMidYMid" style="image-rendering:pixelated" href="%s"/>`, num(x), num(y), tile, tile, dataURI(im.Values, height, width))
		for l, s := range im.Caption {
			if s != "" {
				c.text(x+tile/2, y+tile+12+13*float64(l), 10.5, "middle", s)
			}
		}
	}
	return c.close()
}

// dataURI is a picture as PNG within a link.
func dataURI(values []float64, height, width int) string {
	var b bytes.Buffer
	if err := png.Encode(&b, Picture(values, height, width)); err != nil {
		return "" // a buffer takes everything, and the size is the caller's own
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

// Picture draws height × width values, row by row, a pixel each, stretched to their own range: of values of both signs, blue is below 0, white 0, red above; of
// others black is the least and white the most, 0 being one of the two. What is not finite, or all the same, is grey.
func Picture(values []float64, height, width int) *image.RGBA {
	low, high := 0.0, 0.0
	for _, v := range values {
		if v-v == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, max(0, width), max(0, height)))
	span := max(-low, high)
	for i := range min(len(values), max(0, width*height)) {
		v := values[i]
		var shade color.RGBA
		switch {
		case v-v != 0 || high == low:
			shade = color.RGBA{128, 128, 128, 255}
		case low < 0 && high > 0:
			fade := 1 - min(1, max(v, -v)/span)
			shade = color.RGBA{uint8(30 + 225*fade), uint8(90 + 165*fade), uint8(180 + 75*fade), 255}
			if v > 0 {
				shade = color.RGBA{uint8(190 + 65*fade), uint8(40 + 215*fade), uint8(40 + 215*fade), 255}
			}
		default:
			g := uint8(255*(v-low)/(high-low) + .5)
			shade = color.RGBA{g, g, g, 255}
		}
		img.SetRGBA(i%width, i/width, shade)
	}
	return img
}
