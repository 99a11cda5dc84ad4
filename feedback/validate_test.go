package feedback_test

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"smileybot/feedback"
)

func TestParseWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number string
		want   int
	}{
		{"0", 0},
		{"-0", 0},
		{"0.0", 0},
		{"0e999999999999999999", 0},
		{"9", 9},
		{"9.0", 9},
		{"9e0", 9},
		{"9E+0", 9},
		{"90e-1", 9},
		{"0.9e1", 9},
		{"0.0009e4", 9},
		{"1e2", 100},
		{"-3", -3},
		{"123.4500e2", 12345},
		{"999999999", 999999999},
		{"0." + strings.Repeat("0", 999) + "9e1000", 9},
		{"9" + strings.Repeat("0", 1000) + "e-1000", 9},
		{"9." + strings.Repeat("0", 100_000) + "e0", 9},
		{"0." + strings.Repeat("0", 100_000) + "e-99", 0},
	} {
		got, ok := feedback.ParseWhole(c.number)
		assert.True(t, ok, c.number)
		assert.Equal(t, c.want, got, c.number)
	}
	for _, number := range []string{
		"", "9.5", "1e-1", "1e999", "-1e999", "1e-999", "1e999999999999999999999", "1e-999999999999999999999", "1e9223372036854775807",
		"1e-9223372036854775808", "1000000000", "9." + strings.Repeat("0", 100) + "1", `"9"`, "true", "null", "[9]", "{}", "1_0", "0x9",
	} {
		_, ok := feedback.ParseWhole(number)
		assert.False(t, ok, number)
	}
}

// TestParseWholeIsExact compares with the arithmetic of math/big, which is exact too
// but lets exponents cost memory.
func TestParseWholeIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		exact, ok := new(big.Rat).SetString(number)
		if !ok {
			t.Fatalf("%s is no number", number)
		}
		want := exact.IsInt() && len(new(big.Int).Abs(exact.Num()).String()) <= 9
		got, ok := feedback.ParseWhole(number)
		if ok != want || ok && strconv.Itoa(got) != exact.Num().String() {
			t.Fatalf("%s: got %d %v", number, got, ok)
		}
	})
}
