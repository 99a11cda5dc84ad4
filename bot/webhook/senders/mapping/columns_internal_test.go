package mapping

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMomentsOfLayouts checks that moments are read with their zones, and that a zone that is not known is an error.
func TestMomentsOfLayouts(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	s := columnSource{formats: []string{
		"unix", "2006/01/02 3:04:05 PM -0700", "2006/01/02 3:04:05 PM MST", "2006/01/02 15:04:05 -0700", "2006/01/02 15:04:05 MST", "2006/01/02 3:04:05 PM",
	}}
	for _, c := range []struct{ name, text, want, err string }{
		{"offset in hours", "2025/12/03 11:00:44 AM GMT+1", "2025-12-03T10:00:44Z", ""},
		{"offset with minutes", "2025/12/03 11:00:44 PM UTC-3:30", "2025-12-04T02:30:44Z", ""},
		{"offset of two digits", "2025/12/03 1:00:44 AM GMT+10", "2025-12-02T15:00:44Z", ""},
		{"no offset", "2025/12/03 11:00:44 AM GMT", "2025-12-03T11:00:44Z", ""},
		{"UTC", "2025/12/03 12:00:44 AM UTC", "2025-12-03T00:00:44Z", ""},
		{"winter's name", "2025/12/03 11:00:44 AM CET", "2025-12-03T10:00:44Z", ""},
		{"summer's name in the hour that comes twice", "2026/10/25 2:30:00 AM CEST", "2026-10-25T00:30:00Z", ""},
		{"winter's name in the hour that comes twice", "2026/10/25 2:30:00 AM CET", "2026-10-25T01:30:00Z", ""},
		{"24 hours", "2025/12/03 23:00:44 CET", "2025-12-03T22:00:44Z", ""},
		{"Spanish", "2025/12/03 9:58:39 p. m. GMT-5", "2025-12-04T02:58:39Z", ""},
		{"dots", "2025/12/03 9:58:39 a.m. CET", "2025-12-03T08:58:39Z", ""},
		{"spaces that do not break", "2025/12/03 9:58:39\u202fAM\u00a0CET", "2025-12-03T08:58:39Z", ""},
		{"another zone's name", "2022/06/22 11:07:29 AM AST", "", "the time zone AST is not known in Europe/Amsterdam: name that of the file with --zone"},
		{"no zone", "2026/03/29 2:30:00 AM", "2026-03-29 02:30:00", ""},
		{"seconds since 1970", "1764756044", "2025-12-03T10:00:44Z", ""},
		{"another format", "20-11-2026 10:31", "20-11-2026 10:31", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := s.momentOf(c.text, amsterdam)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

// TestLabelledScores checks that the words next to a score are taken off, and nothing else.
func TestLabelledScores(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"10", "10"},
		{"Extremely likely - 10", "10"},
		{"0 - Not at all likely", "0"},
		{"5: very good", "5"},
		{"very good – 5", "5"},
		{"7.0", "7.0"},
		{"-3", "-3"},
		{"9-10", "9-10"},
		{"8 or 9", "8 or 9"},
		{"good", "good"},
	} {
		assert.Equal(t, c.want, labelled(c.text), c.text)
	}
}

// TestColumnsByName checks how a column is found.
func TestColumnsByName(t *testing.T) {
	cs := newColumns([][]string{
		{"Id", " How  likely\nare you? ", "Please say", "Easy?", "Name", "name", "3"},
		{"", "Response", "Other", "", "", ""},
	})
	for _, c := range []struct {
		name string
		want int
		err  string
	}{
		{"ID", 1, ""},
		{"how likely are you?", 2, ""},
		{"other", 3, ""},
		{"4", 4, ""},
		{"3", 7, ""},
		{"8", 0, ""},
		{"0", 0, ""},
		{"-1", 0, ""},
		{"nothing", 0, ""},
		{"Name", 0, `columns 5 and 6 have the name "Name": write the number of one`},
	} {
		got, err := cs.number(c.name)
		if c.err != "" {
			require.EqualError(t, err, c.err)
		} else {
			require.NoError(t, err)
		}
		assert.Equal(t, c.want, got, c.name)
	}
	assert.Equal(t, []int{4}, cs.containing([]string{"eas"}, nil), "the ease in Please begins no word")
	assert.Empty(t, cs.containing([]string{"eas"}, []string{"easy"}))
}
