package look

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// A Seed is one of random numbers. JSON has it as a number where JavaScript keeps its digits, up to 2⁵³, else as a text; both are read.
type Seed uint64

const mostExact = 1 << 53

// MarshalJSON writes it.
func (s Seed) MarshalJSON() ([]byte, error) {
	if s > mostExact {
		return fmt.Appendf(nil, `"%d"`, uint64(s)), nil
	}
	return strconv.AppendUint(nil, uint64(s), 10), nil
}

// UnmarshalJSON reads it. A number whose digits may have been lost on the way is none: what is larger comes as a text.
func (s *Seed) UnmarshalJSON(text []byte) error {
	digits := bytes.Trim(text, `"`)
	v, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil || len(digits) == len(text) && v > mostExact {
		return &json.UnmarshalTypeError{Value: "number " + string(text), Type: reflect.TypeFor[uint64](), Field: "seed"}
	}
	*s = Seed(v)
	return nil
}
