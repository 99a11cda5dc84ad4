package csvfile

import (
	"regexp"
	"strings"
	"sync"
)

// isChangedBySpreadsheet reports whether a spreadsheet that opens a file would take a text for a
// number, a date, a time or a truth value, and would save something else: 00123 becomes 123, a number
// of more than 15 digits loses the others, 3-4 and MAR1 become days. What begins with = + - or @ is a
// formula, see [guarded]. Reader takes off the apostrophe that Writer puts in front of these.
func isChangedBySpreadsheet(text string) bool {
	const exactDigits = 15 // of a number in a spreadsheet (IEEE 754 double precision)
	if strings.Trim(text, "0123456789") == "" {
		return len(text) > 1 && text[0] == '0' || len(text) > exactDigits
	}
	return reNumberLike().MatchString(text) || strings.ContainsAny(text, "0123456789") && reMonthLike().MatchString(text) || reTruth().MatchString(text)
}

// reNumberLike also matches dates and times in digits. reMonthLike has the months of English, Dutch
// and German, with a day or a year. reExponential is what a spreadsheet made of a long number. They are
// compiled with the first cell, because a start does not need them.
var (
	reNumberLike  = compiled(`(?i)^[ .,:/%€$£()eE+\-]*[0-9][0-9 .,:/%€$£()eE+\-]*([ap]m?)?$`)                                                                               //nolint:gochecknoglobals // compiled once
	reMonthLike   = compiled(`(?i)^([0-9]{1,4}[-/ .]*)?(jan|feb|mar|mrt|mär|apr|may|mei|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*[-/ .]*[0-9]{0,4}([-/ .,]+[0-9]+)?$`) //nolint:gochecknoglobals // compiled once
	reTruth       = compiled(`(?i)^(true|false|waar|onwaar|wahr|falsch)$`)                                                                                                  //nolint:gochecknoglobals // compiled once
	reExponential = compiled(`^[0-9]+([.,][0-9]+)?[eE]\+[0-9]+$`)                                                                                                           //nolint:gochecknoglobals // compiled once
)

// compiled returns the pattern, compiled with the first call.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
