package transfer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReportIsBounded: a file with very many mistakes gives a short report.
func TestReportIsBounded(t *testing.T) {
	const rows = 3000
	for _, c := range []struct {
		name string
		row  func(i int) string
		want string // begins the first line
		most int    // lines
	}{
		{"one kind", func(i int) string { return fmt.Sprint(i, ",chat,red,soon\n") }, "occurred_at: not a moment (lines 2–3001): write it as", 1},
		{
			"every other row", func(i int) string { return fmt.Sprint(i, ",chat,red,", []string{"soon", "2026-10-05"}[i%2], "\n") },
			"occurred_at: not a moment (lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 1490 more): write it as", 1,
		},
		{"rows of two lines", func(i int) string { return fmt.Sprint("\"", i, "\n\",chat,pink,2026-10-05\n") }, "smiley: must be one of red, yellow, green (lines 2–6000)", 1},
		{"two kinds", func(i int) string {
			return fmt.Sprint(i, ",chat,", []string{"red,soon", "pink,2026-10-05"}[min(i, 1)], "\n")
		}, "line 2, column 4 (occurred_at): not a moment: write it as", 2},
		{"every row another", func(i int) string { return fmt.Sprint(i, ",chat,red,2026-10-05", strings.Repeat(",", i+1), "\n") }, "line 2, column 5: the row has 5 cells and the header 4", 101},
	} {
		var file strings.Builder
		file.WriteString("id,channel,smiley,occurred_at\n")
		for i := range rows {
			file.WriteString(c.row(i))
		}
		_, lines, err := load(t.Context(), t, open(t), strings.NewReader(file.String()), nil)
		require.NoError(t, err)
		require.Len(t, lines, c.most, c.name)
		assert.True(t, strings.HasPrefix(lines[0], c.want), "%s: %s", c.name, lines[0])
		if c.most == 101 {
			assert.Equal(t, "mistakes of other kinds: 2900", lines[100])
		}
	}
}
