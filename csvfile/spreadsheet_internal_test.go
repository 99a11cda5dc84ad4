package csvfile

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestWhatASpreadsheetChanges lists what spreadsheets take for a number, a date, a time or a truth
// value, in English, Dutch and German, and what they leave.
func TestWhatASpreadsheetChanges(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"00123", "0123", "1234567890123456", "7811050000001234567", "1E5", "1e5", "12E+3", "7.8E+12", "1.50", "1,5", "1,000", "1 000", "10%", "€ 5",
		"3-4", "3/4", "1/2", "20-11-2026", "2026-11-20", "11/20/2026", "2026/11/20", "12:30", "12:30:05", "3 PM", "3:15p", "1.2.3",
		"MAR1", "SEPT2", "nov 3", "3 nov", "1-mrt", "mei 2026", "Okt 26", "1 Jan 2026", "TRUE", "false", "WAAR", "onwaar", "wahr",
	} {
		assert.True(t, isChangedBySpreadsheet(text), text)
	}
	for _, text := range []string{
		"", "0", "1", "4711", "123456789012345", "reply-1", "c-1042", "a1", "1b", "0x1f", "550e8400-e29b-41d4-a716-446655440000", "Jan", "Mark", "Jan de Vries",
		"waarom", "truest", "4711/b", "t-00123", "jan@example.org", "march of 3 people", "-", "e",
	} {
		assert.False(t, isChangedBySpreadsheet(text), text)
	}
}
