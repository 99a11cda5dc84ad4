package score

import (
	"strings"
	"unicode"
)

// Clean removes from typed words what people do not see or do not mean: invisible characters, spaces
// at the ends, and a comma or a dot at the end. Line ends and spaces of any sort become plain spaces.
// To clean twice changes nothing more.
func Clean(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case invisible(r):
			return -1
		default:
			return r
		}
	}, text))
	for {
		shorter := strings.TrimRight(text, ",;! ")
		if strings.HasSuffix(shorter, ".") && !strings.HasSuffix(shorter, "..") {
			shorter = shorter[:len(shorter)-1]
		}
		if shorter == text {
			return text
		}
		text = shorter
	}
}

// invisible reports whether a character has no width of its own, or is a control character.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Unquote removes the quotes around words, straight or curly, single or double.
func Unquote(text string) string {
	return strings.TrimSpace(strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || quote(r) != 0 }))
}

// Quoted reports whether words begin and end with a quote.
func Quoted(text string) bool {
	runes := []rune(text)
	return len(runes) > 1 && quote(runes[0]) != 0 && quote(runes[len(runes)-1]) != 0
}

// quote is the straight quote that a quote of any sort is another form of; 0 when r is none.
func quote(r rune) rune {
	switch {
	case strings.ContainsRune("\"“”„‟«»″＂", r):
		return '"'
	case strings.ContainsRune("'‘’‚‛‹›`´′＇", r):
		return '\''
	default:
		return 0
	}
}

// Straight makes dashes and quotes of any sort the plain ones of a keyboard.
func Straight(text string) string {
	return strings.Map(func(r rune) rune {
		switch straight := quote(r); {
		case straight != 0:
			return straight
		case unicode.Is(unicode.Dash, r):
			return '-'
		default:
			return r
		}
	}, text)
}

// Fold makes names comparable however they are typed: case, the sort of dashes, quotes and spaces,
// and invisible characters do not matter.
func Fold(text string) string {
	text = strings.ReplaceAll(Straight(Clean(text)), "…", "...")
	return strings.Join(strings.Fields(strings.ToLower(text)), " ")
}

// squeeze folds words and leaves out their spaces and quotes.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || quote(r) != 0 {
			return -1
		}
		return r
	}, Fold(text))
}

// split divides a text into words at its spaces, except between quotes. Quotes become straight double
// ones. A single quote begins a quotation only before a word or after a colon, and when another one
// follows at a word's end: O'Brien has none.
func split(text string) []string {
	runes := []rune(Clean(text))
	var words []string
	var word []rune
	quoted := rune(0)
	begins := func(i int) bool { return i == 0 || runes[i-1] == ' ' || runes[i-1] == ':' }
	ends := func(i int) bool { return i == len(runes)-1 || runes[i+1] == ' ' }
	closed := func(from int) bool {
		for i := from; i < len(runes); i++ {
			if quote(runes[i]) == '\'' && ends(i) {
				return true
			}
		}
		return false
	}
	flush := func() {
		if len(word) > 0 {
			words, word = append(words, string(word)), nil
		}
	}
	for i, r := range runes {
		switch kind := quote(r); {
		case kind == '"' && quoted != '\'':
			quoted, word = '"'-quoted, append(word, '"')
		case kind == '\'' && quoted == 0 && begins(i) && closed(i+1),
			kind == '\'' && quoted == '\'' && ends(i):
			quoted, word = '\''-quoted, append(word, '"')
		case r == ' ' && quoted == 0:
			flush()
		default:
			word = append(word, r)
		}
	}
	flush()
	return unwrapped(words)
}

// unwrapped takes the quotes off words that are quoted as a whole, unless they follow a colon: "last week"
// is two words.
func unwrapped(words []string) []string {
	var all []string
	for _, word := range words {
		inner, begins := strings.CutPrefix(word, `"`)
		inner, ends := strings.CutSuffix(inner, `"`)
		value := len(all) > 0 && strings.HasSuffix(all[len(all)-1], ":")
		if begins && ends && !value && !strings.Contains(inner, `"`) {
			all = append(all, strings.Fields(inner)...)
			continue
		}
		all = append(all, word)
	}
	return all
}

// quotable is typed text on one line, cut at 40 characters, without invisible characters, so that
// an answer can quote it.
func quotable(text string) string {
	const most = 40
	visible := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
	runes := []rune(visible)
	if len(runes) <= most {
		return visible
	}
	return string(runes[:most]) + "…"
}
