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

// DistanceCounts is how many characters of a word [Distance] compares.
const DistanceCounts = 40

// Distance is how many slips of the fingers are between two words: characters that are wrong, missing,
// added, or swapped with the next (the optimal string alignment distance,
// https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance). Of a long word only the beginning counts,
// DistanceCounts characters.
func Distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	from, to = from[:min(len(from), DistanceCounts)], to[:min(len(to), DistanceCounts)]
	rows := make([][]int, len(from)+1)
	for i := range rows {
		rows[i] = make([]int, len(to)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(from); i++ {
		for j := 1; j <= len(to); j++ {
			wrong := 1
			if from[i-1] == to[j-1] {
				wrong = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+wrong)
			if i > 1 && j > 1 && from[i-1] == to[j-2] && from[i-2] == to[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(from)][len(to)]
}
