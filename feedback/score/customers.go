package score

import "math/big"

// CustomersWithin is the most answers of a period whose customers are counted. More of them are
// hardly ever those of a few customers, and counting would take long.
const CustomersWithin = 5000

// Customers is how many customers gave answers, and how unevenly.
type Customers struct {
	// N is the number of customers. An answer that names none counts as one of its own.
	N int64
	// Squares is the sum of the squares of the customers' numbers of answers.
	Squares int64
}

// Add counts a customer with so many answers.
func (c *Customers) Add(answers int64) {
	c.N++
	c.Squares += answers * answers
}

// From is the score with the customers of its answers.
//
// Answers of one customer are alike, so they say less than those of as many customers. Margin and
// significance are therefore those of the effective number of answers: n² divided by the sum of the
// squares of the customers' numbers of answers (L. Kish, Survey Sampling, 1965, for the weights of a
// sample; the customers' answers are taken to be wholly alike). The shares stay as they are.
func (s Score) From(c Customers) Score {
	s.customers, s.counted = c, true
	return s
}

// Customers is the number of customers; ok is false when they are not counted.
func (s Score) Customers() (n int64, ok bool) { return s.customers.N, s.counted }

// FewerCustomers is the number of customers when it is known and smaller than that of the answers.
func (s Score) FewerCustomers() (n int64, fewer bool) {
	return s.customers.N, s.counted && s.customers.N < s.N
}

// Effective is the exact effective number of answers, nil when the customers are not counted.
func (s Score) Effective() *big.Rat {
	if !s.counted {
		return nil
	}
	return s.effective()
}

// effective is the effective number of answers, which is N when the customers are not counted.
func (s Score) effective() *big.Rat {
	if !s.counted || s.customers.Squares == 0 {
		return big.NewRat(s.N, 1)
	}
	return big.NewRat(s.N*s.N, s.customers.Squares)
}

// weighed is a sum over the answers, reduced to the effective number of them. There must be answers.
func (s Score) weighed(sum int64) *big.Rat {
	share := big.NewRat(sum, s.N)
	return share.Mul(share, s.effective())
}
