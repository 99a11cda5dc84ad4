package feedback

import "strings"

// Nearest is the first of the known words that differ least from a word, capitals aside.
func Nearest(name string, known []string) string {
	near, least := "", 0
	for _, other := range known {
		if d := Distance(strings.ToLower(name), strings.ToLower(other)); near == "" || d < least {
			near, least = other, d
		}
	}
	return near
}

// Distance is how many characters differ between two words: those that must be added, removed or
// replaced (https://en.wikipedia.org/wiki/Levenshtein_distance). Of a long word only the beginning
// counts.
func Distance(a, b string) int {
	const longest = 40
	from, to := []rune(a), []rune(b)
	from, to = from[:min(len(from), longest)], to[:min(len(to), longest)]
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			replaced := diagonal
			if x != y {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
