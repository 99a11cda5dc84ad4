package config

import (
	"cmp"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// repair repairs all settings that are needed, see [reader.repaired].
func (r *reader) repair(env *environment, need Need) {
	for field, value := range reflect.ValueOf(env).Elem().Fields() {
		v, ok := reflect.TypeAssert[*variable](value.Addr())
		if ok && (need == All || strings.HasPrefix(v.name, "SMILEYBOT_")) {
			*v = r.repaired(*v)
			v.value = cmp.Or(v.value, field.Tag.Get("default"))
		}
	}
}

// repaired returns a variable without what env files and pasting leave in a value: invisible
// characters, a comment, quotation marks. Each is a mistake. The rest is read all the same, so that its
// own mistakes show, and none that follows from these.
func (r *reader) repaired(v variable) variable {
	for _, damage := range []struct {
		repair          func(text string) string
		problem, remedy string
	}{
		{withoutInvisible, "an invisible character in it", "type it instead of pasting it; save a file as UTF-8 without a byte order mark"},
		{withoutComment, "the comment after it counts as part of it", "put the comment on a line of its own"},
		{withoutQuotes, "the quotation marks around it count as part of it", "leave them out, as Docker and Kubernetes keep them"},
	} {
		if text := strings.TrimSpace(damage.repair(v.value)); text != v.value {
			r.wrong(v, damage.problem, damage.remedy)
			v.value = text
		}
	}
	return v
}

func withoutInvisible(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.In(c, unicode.Cf, unicode.Cc) && !unicode.IsSpace(c) {
			return -1
		}
		return c
	}, text)
}

// withoutComment cuts a comment off. A # within a word is none, nor is one in a path.
func withoutComment(text string) string {
	at := regexp.MustCompile(`(^|\s)#\s`).FindStringIndex(text)
	if at == nil || strings.Contains(text[:at[0]], "/") {
		return text
	}
	return text[:at[0]]
}

// withoutQuotes takes a pair of quotation marks off.
func withoutQuotes(text string) string {
	open, size := utf8.DecodeRuneInString(text)
	end, endSize := utf8.DecodeLastRuneInString(text)
	if len(text) > size && strings.ContainsRune("\"'`“”„‘’«»", open) && strings.ContainsRune("\"'`“”‘’«»", end) {
		return text[size : len(text)-endSize]
	}
	return text
}
