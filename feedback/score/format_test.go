package score_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"smileybot/feedback/score"
)

func TestSigned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number   *big.Rat
		decimals int
		want     string
	}{
		{big.NewRat(0, 1), 0, "0"},
		{big.NewRat(0, 1), 1, "0"},
		{big.NewRat(-1, 100), 1, "0"},
		{big.NewRat(42, 1), 0, "+42"},
		{big.NewRat(42, 1), 1, "+42.0"},
		{big.NewRat(5, 2), 0, "+3"},
		{big.NewRat(-5, 2), 0, "−3"},
		{big.NewRat(-1, 20), 1, "−0.1"},
		{big.NewRat(-417, 10), 1, "−41.7"},
	} {
		assert.Equal(t, c.want, score.Signed(c.number, c.decimals))
	}
}

func TestSignedRoundsAsBigRatDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := big.NewRat(rapid.Int64Range(-100_000, 100_000).Draw(t, "numerator"), rapid.Int64Range(1, 1000).Draw(t, "denominator"))
		decimals := rapid.IntRange(0, 3).Draw(t, "decimals")
		want := number.FloatString(decimals)
		switch {
		case strings.Trim(want, "-0.") == "":
			want = "0"
		case want[0] == '-':
			want = "−" + want[1:]
		default:
			want = "+" + want
		}
		assert.Equal(t, want, score.Signed(number, decimals))
	})
}
