package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// table has our words for a sender's.
type table struct {
	ours   map[string]string  // by the sender's word, as [plainWord] has it
	number map[float64]string // by the sender's number
	spans  []span
	rest   *string  // for what is not in the table; nil when that is a mistake
	words  []string // the sender's words, in the order of the file
}

// span is a range of numbers, with both ends.
type span struct {
	low, high float64
	ours      string
}

// rest is the word of a table for what is not in it.
const restWord = "else"

// of returns our word for the sender's: of the same word in any case, else of the same number, else of
// the range, else that of else.
func (t table) of(word string) (ours string, known bool) {
	if ours, known = t.ours[plainWord(word)]; known {
		return ours, true
	}
	if n, is := decimal(word); is {
		if ours, known = t.number[n]; known {
			return ours, true
		}
		for _, s := range t.spans {
			if s.low <= n && n <= s.high {
				return s.ours, true
			}
		}
	}
	if t.rest != nil {
		return *t.rest, true
	}
	return "", false
}

// plainWord is a word in lower case, without spaces around it. An emoji is itself in any of its forms:
// with and without the variation selector, in every tone of skin.
func plainWord(word string) string {
	return lowerWord(strings.Map(func(r rune) rune {
		if r == 0xfe0e || r == 0xfe0f || 0x1f3fb <= r && r <= 0x1f3ff {
			return -1
		}
		return r
	}, word))
}

// lowerWord is a word in lower case, without spaces around it.
func lowerWord(word string) string { return strings.ToLower(strings.TrimSpace(word)) }

const decimalSyntax = `-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?`

var (
	reDecimal = compiled(`^` + decimalSyntax + `$`)                                    //nolint:gochecknoglobals // compiled once
	reSpan    = compiled(`^(` + decimalSyntax + `)\s*\.\.\s*(` + decimalSyntax + `)$`) //nolint:gochecknoglobals // compiled once
)

// compiled returns a pattern that is compiled with the first call, because most bots have no mapping.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// decimal reads a number. One that is too large for a float is none.
func decimal(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if !reDecimal().MatchString(text) {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// table reads our words for the sender's.
func (r *reader) table(field string, n *yaml.Node) *table {
	t := &table{ours: make(map[string]string), number: make(map[float64]string)}
	said := make(map[string]bool) // two forms of an emoji may mean the same
	r.pairs(n, func(key, value *yaml.Node) {
		word, ours := r.text(key), r.text(value)
		r.ours(field, value)
		if plainWord(word) == restWord {
			if t.rest != nil {
				r.wrong(key, "said twice", "keep one")
			}
			t.rest = &ours
			return
		}
		t.words = append(t.words, word)
		if ends := reSpan().FindStringSubmatch(strings.TrimSpace(word)); ends != nil {
			r.span(t, key, ends[1], ends[2], ours)
			return
		}
		if plainWord(word) == "default" {
			r.wrong(key, "default is a word like any other", "write else for what is not in the table")
		}
		if before, twice := t.ours[plainWord(word)]; twice && (before != ours || said[lowerWord(word)]) {
			r.wrong(key, "said twice; capitals, and the forms of an emoji, make no difference", "keep one")
		}
		said[lowerWord(word)] = true
		t.ours[plainWord(word)] = ours
		if number, is := decimal(word); is {
			if _, twice := t.number[number]; !twice {
				t.number[number] = ours
			}
		}
	})
	return t
}

// span reads a range. Two ranges have no number in common.
func (r *reader) span(t *table, n *yaml.Node, low, high, ours string) {
	s := span{ours: ours}
	var lowKnown, highKnown bool
	s.low, lowKnown = decimal(low)
	s.high, highKnown = decimal(high)
	switch {
	case !lowKnown || !highKnown:
		r.wrong(n, "a number that is too large", "write a smaller one")
	case s.low > s.high:
		r.wrong(n, "a range that runs backwards", fmt.Sprintf("write %s..%s", high, low))
	case slices.ContainsFunc(t.spans, func(other span) bool { return s.low <= other.high && other.low <= s.high }):
		r.wrong(n, "a range that overlaps another one", "end one below where the other begins; ranges include both ends")
	}
	t.spans = append(t.spans, s)
}
