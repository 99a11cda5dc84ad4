package score

import "math/big"

// Signed writes an exact number for people, rounded once to so many decimals, half away from zero: +3.2, −3.2 with
// a real minus sign (U+2212), and 0 without a sign or decimals.
func Signed(exact *big.Rat, decimals int) string {
	rounded := round(exact, decimals)
	switch {
	case rounded == 0:
		return "0"
	case rounded < 0:
		return "−" + fixed(-rounded, decimals)
	default:
		return "+" + fixed(rounded, decimals)
	}
}

// figure is a number in JSON, null when empty.
type figure string

// MarshalJSON writes the digits as they are.
func (f figure) MarshalJSON() ([]byte, error) {
	if f == "" {
		return []byte("null"), nil
	}
	return []byte(f), nil
}

// figureOf rounds an exact number once to so many decimals; nil becomes null.
func figureOf(exact *big.Rat, decimals int) figure {
	if exact == nil {
		return ""
	}
	return figure(fixed(round(exact, decimals), decimals))
}

// round gives exact × 10^decimals as the nearest whole number, half away from zero.
func round(exact *big.Rat, decimals int) int64 {
	scaled := new(big.Rat).Mul(new(big.Rat).Abs(exact), powerOfTen(decimals))
	scaled.Add(scaled, big.NewRat(1, 2))
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom()).Int64()
	if exact.Sign() < 0 {
		return -whole
	}
	return whole
}

// fixed writes a number of units of 10^-decimals in digits: 417 with one decimal is 41.7. There is no minus zero.
func fixed(units int64, decimals int) string {
	return new(big.Rat).Quo(big.NewRat(units, 1), powerOfTen(decimals)).FloatString(decimals)
}

func powerOfTen(n int) *big.Rat {
	power := int64(1)
	for range n {
		power *= 10
	}
	return big.NewRat(power, 1)
}
