package pull_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
)

// TestReviewsArePulled is the life of reviews at each site: what is there at first is imported, a new one
// has a message, an edited one changes it, one that is gone is void, and a start reads nothing twice.
func TestReviewsArePulled(t *testing.T) {
	const history = 130 // more than a page of most sites
	all := kinds()
	if testing.Short() {
		all = []string{"kiyoh", "google", "feed"} // the others read by offsets, and take longest
	}
	for _, kind := range all {
		t.Run(kind, func(t *testing.T) {
			with(t, kind, history, func(f *fixture) {
				f.wait(time.Minute)
				require.Len(f, f.all(), history)
				assert.Empty(f, f.live(), "no message for the history")
				assert.InDelta(f, history, f.metric("smileybot_pull_reviews_total", "imported"), 0)
				assert.True(f, !f.status().LastSuccess.Before(noon()))
				first := f.all()["Klant 3"]
				assert.Equal(f, []any{3, "Tekst 3", feedback.KindReview, feedback.ChannelReview}, []any{first.Rating, first.Comment, first.Kind, first.Channel})
				assert.Equal(f, at((history-2)*24*time.Hour).UnixMilli(), first.OccurredAt.UnixMilli())
				assert.Equal(f, map[string]string{"kiyoh": "6", "webwinkelkeur": "3", "feedbackcompany": "3", "google": "THREE", "feed": "6"}[kind], first.Raw, "the scale as it was sent")

				asked := f.site.requests()
				f.site.put(oneReview(history+1, 1, time.Now()))
				f.wait(7 * time.Hour)
				assert.Equal(f, []string{"Klant 131"}, f.live(), "a new review has a message")
				assert.LessOrEqual(f, f.site.requests()-asked, 2, "a pull stops at what is known")

				edited := oneReview(history+1, 4, f.all()["Klant 131"].OccurredAt)
				edited.Text, edited.Updated = "Toch goed", time.Now()
				f.site.put(edited)
				f.wait(7 * time.Hour)
				one := f.all()["Klant 131"]
				assert.Equal(f, []any{4, "Toch goed", int64(2)}, []any{one.Rating, one.Comment, one.Revision}, "an edit is one change")

				silent := edited
				silent.Text, silent.Updated = "", time.Now()
				f.site.put(silent)
				f.wait(7 * time.Hour)
				assert.Empty(f, f.all()["Klant 131"].Comment, "the customer took the comment back")

				old := oneReview(2, 5, at((history-1)*24*time.Hour))
				old.Updated = time.Now()
				f.site.put(old)
				f.waitForTheEnd()
				assert.Equal(f, []string{"Klant 131", "Klant 2"}, f.live(), "an old review with another rating is news")

				f.site.remove("1", "131")
				deleted := silent
				deleted.Deleted, deleted.Updated = true, time.Now()
				if kind == "feed" {
					f.site.put(deleted)
				}
				f.waitForTheEnd()
				assert.Equal(f, kind == "feed", f.all()["Klant 131"].Voided(), "a list that lacks it once is no proof")
				f.waitForTheEnd()
				told := kind != "kiyoh"
				assert.Equal(f, told, f.all()["Klant 131"].Voided())
				assert.Equal(f, told && kind != "feed", f.all()["Klant 1"].Voided())
				assert.Len(f, f.live(), 2, "the imported one that is gone has no message")
				if told {
					assert.Equal(f, feedback.ByCustomer, f.all()["Klant 131"].Void.By)
				}

				before := f.all()
				f.stop()
				f.start()
				f.waitForTheEnd()
				assert.Equal(f, before, f.all(), "nothing doubles, nothing changes")
				assert.Equal(f, 0, f.status().Failures)
				assert.NotContains(f, f.log.String(), "level=ERROR")
				f.logsNothingPrivate()

				if kind == "kiyoh" || kind == "feed" {
					return
				}
				f.site.put(silent)
				f.waitForTheEnd()
				back := f.all()["Klant 131"]
				assert.False(f, back.Voided(), "a review that is listed again counts again")
				assert.Equal(f, before["Klant 131"].OccurredAt, back.OccurredAt, "on its day")
			})
		})
	}
}

// TestSameMomentAndOrder: reviews of one moment are all read, more of them than a page takes, and their
// order means nothing.
func TestSameMomentAndOrder(t *testing.T) {
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			with(t, kind, 0, func(f *fixture) {
				f.wait(time.Minute)
				assert.Empty(f, f.all(), "a site without reviews")
				assert.Equal(f, 0, f.status().Failures)
				written := time.Now().Truncate(time.Second)
				for i := range 300 {
					f.site.put(oneReview(i+1, 1+i%5, written))
				}
				f.wait(7 * time.Hour)
				assert.Len(f, f.all(), 300)
				assert.Len(f, f.live(), 300)
				assert.Equal(f, 0, f.status().Failures, f.status().Reason)
			})
		})
	}
}

// TestManyMissingIsAFault: a site that suddenly lacks many reviews, or all, takes none back.
func TestManyMissingIsAFault(t *testing.T) {
	for _, left := range []int{0, 20} {
		with(t, "webwinkelkeur", 30, func(f *fixture) {
			f.wait(time.Minute)
			for i := left; i < 30; i++ {
				f.site.remove(strconv.Itoa(i + 1))
			}
			f.wait(100 * time.Hour)
			for name, one := range f.all() {
				assert.False(f, one.Voided(), name)
			}
			assert.Equal(f, "many_missing", f.status().Reason)
			f.wait(7 * 24 * time.Hour)
			assert.Equal(f, "", f.status().Reason, "at last they are no longer looked for")
			for name, one := range f.all() {
				assert.False(f, one.Voided(), name)
			}
		})
	}
}

// TestAnotherSourceBeginsAnew: when the settings name another shop, its reviews are history, and those of
// the first are not missing.
func TestAnotherSourceBeginsAnew(t *testing.T) {
	with(t, "webwinkelkeur", 5, func(f *fixture) {
		f.wait(time.Minute)
		f.stop()
		f.sender.Pull.Options["webshop"] = "13"
		f.site.remove("1", "2", "3", "4", "5")
		f.site.put(oneReview(9, 2, at(time.Hour)))
		f.site.fails(func(_ http.ResponseWriter, r *http.Request) bool {
			q := r.URL.Query()
			assert.Equal(f, "13", q.Get("id"))
			q.Set("id", "12")
			r.URL.RawQuery = q.Encode()
			return false
		})
		f.start()
		f.wait(100 * time.Hour)
		assert.Len(f, f.all(), 6)
		assert.Empty(f, f.live())
		for name, one := range f.all() {
			assert.False(f, one.Voided(), name)
		}
	})
}

// TestOldReviewsDoNotFlood: a site that gives its reviews other ids does not make a message of each.
func TestOldReviewsDoNotFlood(t *testing.T) {
	with(t, "google", 40, func(f *fixture) {
		f.wait(time.Minute)
		for i := range 40 {
			old := oneReview(i+1, 3, at(time.Duration(40-i)*24*time.Hour))
			f.site.remove(old.ID)
			old.ID = "new-" + old.ID
			f.site.put(old)
		}
		f.wait(time.Hour)
		assert.Less(f, len(f.live()), 15)
	})
}

// TestHistoryThatTakesLong: the first pull fails half-way. What was written since it began has a message,
// the history has none.
func TestHistoryThatTakesLong(t *testing.T) {
	with(t, "webwinkelkeur", 250, func(f *fixture) {
		broken := func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("offset") != "100" {
				return false
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		f.site.fails(broken)
		f.wait(10 * time.Minute)
		assert.Len(f, f.all(), 100)
		f.site.put(oneReview(251, 1, time.Now()))
		f.wait(time.Hour)
		f.site.fails(nil)
		f.wait(2 * time.Hour)
		assert.Len(f, f.all(), 251)
		assert.Equal(f, []string{"Klant 251"}, f.live())
	})
}
