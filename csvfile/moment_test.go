package csvfile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/csvfile"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

// TestMoments: the forms in which a moment may be written.
func TestMoments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cell  string
		order csvfile.DateOrder
		zone  string
		want  string // empty for a mistake
	}{
		{"2026-11-20T10:31:00Z", "", "Europe/Amsterdam", "2026-11-20T10:31:00Z"},
		{"2026-11-20 10:31:00+01:00", "", "Europe/Amsterdam", "2026-11-20T09:31:00Z"},
		{"2026-11-20 10:31", "", "Europe/Amsterdam", "2026-11-20T09:31:00Z"},
		{"2026-11-20 10:31:05", "", "Europe/Amsterdam", "2026-11-20T09:31:05Z"},
		{"2026-11-20T10:31", "", "Europe/Amsterdam", "2026-11-20T09:31:00Z"},
		{"2026-11-20t10:31:05", "", "America/New_York", "2026-11-20T15:31:05Z"},
		{"2026-11-20", "", "Europe/Amsterdam", "2026-11-19T23:00:00Z"},
		{"2026-07-20", "", "Europe/Amsterdam", "2026-07-19T22:00:00Z"},
		{" 2026-11-20 ", "", "UTC", "2026-11-20T00:00:00Z"},
		{"20-11-2026 10:31", "dmy", "Europe/Amsterdam", "2026-11-20T09:31:00Z"},
		{"20/11/2026", "dmy", "Europe/Amsterdam", "2026-11-19T23:00:00Z"},
		{"3.4.2026 9:05", "dmy", "Europe/Amsterdam", "2026-04-03T07:05:00Z"},
		{"11/20/2026", "mdy", "America/New_York", "2026-11-20T05:00:00Z"},
		{"3/4/2026 1:05 PM", "mdy", "UTC", "2026-03-04T13:05:00Z"},
		{"11/20/2026 10:31:05", "mdy", "UTC", "2026-11-20T10:31:05Z"},
		{"2026-11-20 10:31", "dmy", "UTC", "2026-11-20T10:31:00Z"},
		{"20-11-2026 10:31", "", "UTC", ""},
		{"11/20/2026", "", "UTC", ""},
		{"11/20/2026", "dmy", "UTC", ""},
		{"20-11-2026", "mdy", "UTC", ""},
		{"2026-02-30", "", "UTC", ""},
		{"2026-11-20 25:00", "", "UTC", ""},
		{"20-11-26", "dmy", "UTC", ""},
		{"1969-12-31", "", "UTC", ""},
		{"1970-01-01", "", "Europe/Amsterdam", ""}, // 23:00 of the day before
		{"46346", "dmy", "UTC", ""},
		{"noon", "", "UTC", ""},
		// The clock skips 02:00 to 03:00, and shows 02:00 to 03:00 twice.
		{"2026-03-29 02:30", "", "Europe/Amsterdam", "2026-03-29T01:00:00Z"},
		{"2026-03-29 01:59:59", "", "Europe/Amsterdam", "2026-03-29T00:59:59Z"},
		{"2026-03-29 03:00", "", "Europe/Amsterdam", "2026-03-29T01:00:00Z"},
		{"2026-10-25 02:30", "", "Europe/Amsterdam", "2026-10-25T00:30:00Z"},
		{"2026-10-25 03:00", "", "Europe/Amsterdam", "2026-10-25T02:00:00Z"},
		{"2018-11-04", "", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},  // the day begins at 01:00
		{"2011-12-30 12:00", "", "Pacific/Apia", "2011-12-30T10:00:00Z"}, // a day that was skipped
	} {
		got, err := readWith(strings.NewReader("id;channel;smiley;occurred_at\n1;ticket;red;"+c.cell+"\n"), csvfile.Options{Zone: zone(t, c.zone), Dates: c.order})
		require.NoError(t, err)
		if c.want == "" {
			require.Len(t, got.mistakes, 1, c.cell)
			assert.Contains(t, got.mistakes[0], "line 2, column 4 (occurred_at): not a moment", c.cell)
			continue
		}
		require.Empty(t, got.mistakes, c.cell)
		assert.Equal(t, c.want, got.rows[0].Event.OccurredAt.Format(time.RFC3339), c.cell)
	}
}

// TestLocalMoments: what a clock in a zone shows at a moment is read as that moment, or as the first
// one at which it shows the same.
func TestLocalMoments(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Amsterdam", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca"}
	rapid.Check(t, func(r *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(r, "zone"))
		at := time.Unix(rapid.Int64Range(86400, now().Unix()-1).Draw(r, "at"), 0).UTC()
		shown := at.In(z).Format("2006-01-02 15:04:05")
		got, err := readWith(strings.NewReader("id,channel,smiley,occurred_at\n1,ticket,red,"+shown+"\n"), csvfile.Options{Zone: z})
		if err != nil || len(got.rows) != 1 {
			r.Fatalf("%s is not read: %v %v", shown, err, got.mistakes)
		}
		read := got.rows[0].Event.OccurredAt
		if read.After(at) || read.In(z).Format("2006-01-02 15:04:05") != shown {
			r.Fatalf("%s in %s is read as %s, which is %s", shown, z, read, read.In(z))
		}
	})
}
