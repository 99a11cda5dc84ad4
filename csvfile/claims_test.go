package csvfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// TestWrongClaims: a cell that export does not write costs only the claims, with a warning.
func TestWrongClaims(t *testing.T) {
	t.Parallel()
	const at = `"at":"2026-11-20T10:31:00Z"`
	many := "[" + strings.Repeat("{"+at+`,"rating":1},`, feedback.MaxClaims) + "{" + at + `,"rating":1}]`
	for _, c := range []struct {
		cell  string
		wrong bool
	}{
		{"[{" + at + `,"rating":1}]`, false},
		{"[{" + at + `,"people":{"agent.name":"Bart","customer.id":""}}]`, false},
		{"[]", false},
		{"null", false},
		{" ", true},
		{"Bart", true},
		{"{" + at + `,"rating":1}`, true},
		{"[{" + at + `,"rating":1}`, true},
		{"[{" + at + `,"rating":1}]]`, true},
		{"[{" + at + `,"rating":1}] x`, true},
		{"[" + at + "]", true},
		{"[null]", true},
		{"[{" + at + "}]", true},
		{`[{"rating":1}]`, true},
		{`[{"at":null,"rating":1}]`, true},
		{`[{"at":"2026-11-26T12:00:00.000000001Z","rating":1}]`, true}, // after now
		{`[{"at":"1969-12-31T23:59:59Z","rating":1}]`, true},
		{`[{"at":1,"rating":1}]`, true},
		{"[{" + at + `,"rating":0}]`, true},
		{"[{" + at + `,"rating":4}]`, true},
		{"[{" + at + `,"rating":1e99}]`, true},
		{"[{" + at + `,"rating":1.5}]`, true},
		{"[{" + at + `,"rating":"red"}]`, true},
		{"[{" + at + `,"rating":1,"x":1}]`, true},
		{"[{" + at + `,"people":{"comment":"x"}}]`, true},
		{"[{" + at + `,"people":{"agent.phone":"x"}}]`, true},
		{"[{" + at + `,"people":["Bart"]}]`, true},
		{"[{" + at + `,"people":{"agent.name":["Bart"]}}]`, true},
		{"[{" + at + `,"people":{"agent.name":"a\u0000b"}}]`, true},
		{"[{" + at + `,"people":{"agent.name":"` + strings.Repeat("é", feedback.MaxName) + `"}}]`, false},
		{"[{" + at + `,"people":{"agent.name":"` + strings.Repeat("é", feedback.MaxName+1) + `"}}]`, true},
		{`[{"at":"2026-11-20T10:31:00Z","rating":1},{"at":"2026-11-20T10:30:00Z","rating":2}]`, true}, // not in order
		{many, true},
		{strings.Repeat("[", 100_000), true},
		{"[{" + at + `,"people":` + strings.Repeat(`{"agent.name":`, 20_000) + "}]", true},
	} {
		row := fmt.Sprintf("1,ticket,red,2026-11-20T10:31:00Z,\"%s\"\n", strings.ReplaceAll(c.cell, `"`, `""`))
		got, err := read(strings.NewReader("id,channel,smiley,occurred_at,claims\n" + row))
		require.NoError(t, err)
		require.Empty(t, got.mistakes)
		require.Len(t, got.rows, 1)
		name := c.cell[:min(len(c.cell), 80)]
		if !c.wrong {
			assert.Empty(t, got.warnings, name)
			continue
		}
		assert.Equal(t, []string{"line 2, column 5 (claims): must be claims as export writes them, none of them in the future"}, got.warnings, name)
		assert.Nil(t, got.rows[0].Event.Claims, name)
		assert.Equal(t, 1, got.rows[0].Event.Answer.Rating, name)
	}
}
