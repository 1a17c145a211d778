package datasets

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// parseNumber reads a number as people write them: with a decimal point, or a comma; with groups of three digits apart; with a sign of percent behind, or of a currency
// before. What is not finite in float32 is none.
func parseNumber(cell string, comma bool) (float64, bool) {
	if cell == "" || len(cell) > 64 {
		return 0, false
	}
	point, group := byte('.'), byte(',')
	if comma {
		point, group = ',', '.'
	}
	cell = strings.TrimSuffix(cell, "%")
	for _, sign := range []string{"$", "€", "£"} {
		cell = strings.TrimPrefix(cell, sign)
	}
	cell = strings.TrimSpace(cell)
	if !comma { // the usual case first
		if v, ok := plainNumber(cell); ok {
			return v, true
		}
	}
	digits, ok := ungroup(cell, point, group)
	if !ok {
		return 0, false
	}
	return plainNumber(digits)
}

// ungroup takes the signs between groups of three digits out, and makes the decimal sign a point.
func ungroup(cell string, point, group byte) (string, bool) {
	whole, fraction, pointed := strings.Cut(cell, string(point))
	if groups := strings.Split(whole, string(group)); len(groups) > 1 {
		first := strings.TrimLeft(groups[0], "+-")
		if len(first) < 1 || len(first) > 3 {
			return "", false
		}
		for _, g := range groups[1:] {
			if len(g) != 3 || strings.Trim(g, "0123456789") != "" {
				return "", false
			}
		}
		whole = strings.Join(groups, "")
	}
	if strings.IndexByte(fraction, group) >= 0 || strings.IndexByte(fraction, point) >= 0 {
		return "", false
	}
	if pointed {
		whole += "." + fraction
	}
	return whole, true
}

func plainNumber(cell string) (float64, bool) {
	// Not what only a program means: 0x10, 1_000, Inf.
	for i := range len(cell) {
		switch c := cell[i]; {
		case c >= '0' && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.Abs(v) > math.MaxFloat32 {
		return 0, false
	}
	return v, true
}

// parseBool reads yes and no.
func parseBool(cell string) (yes, ok bool) {
	switch strings.ToLower(cell) {
	case "yes", "y", "true", "t", "on":
		return true, true
	case "no", "n", "false", "f", "off":
		return false, true
	}
	return false, false
}

// dateLayouts are the ways of writing dates that are known at sight, as package time has them.
var dateLayouts = []string{
	"2006-01-02", "2006/01/02", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.RFC3339, "2006-01-02 15:04:05Z07:00",
	"2006-01", "2006/01", "Jan 2006", "January 2006",
	"02.01.2006", "02.01.2006 15:04", "02/01/2006", "01/02/2006", "02/01/2006 15:04", "01/02/2006 15:04", "02-01-2006", "01-02-2006", "2 Jan 2006", "Jan 2, 2006", "2-Jan-2006",
}

func fitsDate(layout, cell string) bool {
	if len(cell) < 7 || len(cell) > 40 {
		return false
	}
	_, err := time.Parse(layout, cell)
	return err == nil
}

// dateParts are the columns that a column of dates becomes: what a layout says and a network can use.
func dateParts(layout string) []string {
	at := time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)
	says := func(later time.Duration) bool { return at.Format(layout) != at.Add(later).Format(layout) }
	parts := []string{"year", "month"}
	if says(24 * time.Hour) {
		parts = append(parts, "day", "day of year", "weekday")
	}
	if says(time.Hour) {
		parts = append(parts, "hour")
	}
	return parts
}

func datePart(t time.Time, part string) float32 {
	switch part {
	case "year":
		return float32(t.Year())
	case "month":
		return float32(t.Month())
	case "day":
		return float32(t.Day())
	case "day of year":
		return float32(t.YearDay())
	case "weekday":
		return float32((t.Weekday() + 6) % 7) // Monday is 0
	}
	return float32(t.Hour()) + float32(t.Minute())/60
}
