package pull_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/pull"
)

// TestUnreadReviewsAreKept: a review that cannot be read, or that has no stars, costs none of the others,
// and the operator finds it, once, although the site is asked again and again.
func TestUnreadReviewsAreKept(t *testing.T) {
	for _, row := range []struct{ name, review, want string }{
		{"a word that the mapping lacks", `{"id": "2", "stars": 99}`, "$.stars must be one of"},
		{"no stars", `{"id": "2", "text": "Tekst"}`, "score must be a whole number from 1 to 5"},
		{"no id", `{"stars": 8}`, "id must be"},
		{"a list", `[]`, "id must be"},
		{"null", `null`, "id must be"},
	} {
		t.Run(row.name, func(t *testing.T) {
			withStopped(t, "feed", 0, func(f *fixture) {
				f.site.fails(func(w http.ResponseWriter, _ *http.Request) bool {
					_, _ = io.WriteString(w, `{"reviews": [{"id": "1", "by": "Klant 1", "stars": 8}, `+row.review+`]}`)
					return true
				})
				f.start()
				f.wait(48 * time.Hour)
				assert.Len(f, f.all(), 1)
				rejected, err := f.store.RejectedDeliveries(f.Context())
				require.NoError(f, err)
				require.Len(f, rejected, 1)
				assert.Contains(f, rejected[0].Detail, row.want)
				assert.Equal(f, []any{"feed", 422}, []any{rejected[0].Sender, rejected[0].Status})
				assert.Equal(f, []string{pull.WholeReview}, f.lost)
				f.logsNothingPrivate()
			})
		})
	}
}

// TestFieldsThatAreLeftOutAreCounted once for each review that brings something.
func TestFieldsThatAreLeftOutAreCounted(t *testing.T) {
	withStopped(t, "feed", 0, func(f *fixture) {
		f.site.fails(func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, `{"reviews": [{"id": "1", "stars": 8, "at": "soon"}, {"id": "2", "stars": 8}]}`)
			return true
		})
		f.start()
		f.wait(48 * time.Hour)
		assert.Equal(f, []string{"began_at"}, f.lost)
	})
}

// TestOddCursors: a value of another kind than the others, or a moment in the future, stops no feed: what is
// written later is asked for and taken.
func TestOddCursors(t *testing.T) {
	for _, odd := range []string{`"n/a"`, `"2099-01-01T00:00:00Z"`, `{}`, `99999999999`, `"zzz"`} {
		t.Run(odd, func(t *testing.T) {
			withStopped(t, "feed", 0, func(f *fixture) {
				var since []string
				f.site.fails(func(w http.ResponseWriter, r *http.Request) bool {
					since = append(since, r.URL.Query().Get("since"))
					_, _ = io.WriteString(w, `{"reviews": [{"id": "1", "stars": 8, "updatedSince": `+odd+`},
						{"id": "2", "stars": 8, "updatedSince": "2026-11-20T10:00:00Z"}]}`)
					return true
				})
				f.start()
				f.wait(7 * time.Hour)
				require.GreaterOrEqual(f, len(since), 2)
				assert.Equal(f, []string{"", "2026-11-20T10:00:00Z"}, since[:2])
			})
		})
	}
}
