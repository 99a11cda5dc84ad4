package score

// Tally counts the answers of one kind by value: t[9] is how many gave a 9. A smiley's value is 1 for red, 2 for
// yellow and 3 for green. The zero Tally counts nothing.
type Tally [11]int64

// Add counts n more answers of value. A value outside 0 to 10 is not counted: no kind has it.
func (t *Tally) Add(value int, n int64) {
	if value < 0 || value >= len(t) {
		return
	}
	t[value] += n
}

// N is the number of answers of all values.
func (t Tally) N() int64 {
	return t.between(0, len(t)-1)
}

// between counts the answers of the values low to high, both inclusive.
func (t Tally) between(low, high int) int64 {
	var n int64
	for value := low; value <= high; value++ {
		n += t[value]
	}
	return n
}
