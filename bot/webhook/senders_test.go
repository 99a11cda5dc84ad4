package webhook

import (
	"database/sql"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/senders"
	"smileybot/feedback"
)

// seen is the content of a sample, as the store has it.
type seen struct {
	kind                                        feedback.Kind
	channel                                     feedback.Channel
	rating                                      int
	raw, comment, id                            string
	customerID, customer, email, agentID, agent string
	ticket, subject, url, site                  string
	version, day                                string // the rating's moment, and the feedback's
}

// looked reads a feedback from the store.
func (d *door) looked(t *testing.T, id string) seen {
	t.Helper()
	c, err := d.store.Snapshot(t.Context(), id)
	require.NoError(t, err)
	f := c.Feedback
	return seen{
		f.Kind, f.Channel, f.Rating, f.Raw, f.Comment, f.Key.ID,
		f.Customer.ID, f.Customer.Name, f.Customer.Email, f.Agent.ID, f.Agent.Name,
		f.Ticket.ID, f.Ticket.Subject, f.Ticket.URL, f.Site,
		f.SetAt[feedback.FieldRating].Format(time.RFC3339), f.OccurredAt.Format(time.DateTime),
	}
}

// TestSamplesAreStored states the content of each sample.
func TestSamplesAreStored(t *testing.T) {
	t.Parallel()
	const yellow, red = 2, 1
	zendesk := seen{
		feedback.KindSmiley, feedback.ChannelTicket, red, "Bad", `Stap 3 "werkt" niet & mail ook niet`, "35510",
		"", "Jan de Vries", "jan@example.org", "", "Bart",
		"35510", "", "https://example.zendesk.com/agent/tickets/35510", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
	}
	chatwoot := seen{
		feedback.KindCSAT, feedback.ChannelChat, 2, "", "", "70021",
		"1042", "Jan de Vries", "", "7", "Bart",
		"812", "", "", "", "2026-11-20T12:00:00Z", "2026-11-20 12:00:00",
	}
	chatwootComment := chatwoot
	chatwootComment.comment = "Te lang gewacht"
	formbricks := func(score int, comment, version string) seen {
		return seen{kind: feedback.KindNPS, channel: feedback.ChannelPanel, rating: score, comment: comment, id: "cm3resp0001", version: version, day: "2026-11-19 12:00:00"}
	}
	review := seen{
		feedback.KindReview, feedback.ChannelReview, 2, "", "Drie dagen op antwoord gewacht.", "6740aa0000640002975399aa",
		"6740aa1100006400017e5db8", "Jan", "", "", "",
		"4711", "Traag", "https://www.trustpilot.com/reviews/6740aa0000640002975399aa", "trustpilot", "2026-11-19T14:00:00Z", "2026-11-19 14:00:00",
	}
	changedReview := review
	changedReview.rating, changedReview.comment, changedReview.subject, changedReview.version = 4, "Uiteindelijk goed opgelost.", "Toch goed", "2026-11-20T12:00:00Z"
	tests := []struct {
		sender, sample string
		want           seen
	}{
		{"helpscout", "rating.json", seen{
			feedback.KindSmiley, feedback.ChannelTicket, yellow, "Okay", "De uitleg klopte, maar het duurde lang.", "88213",
			"1042", "Jan de Vries", "jan@example.org", "", "",
			"470011", "", "", "", "2026-11-19T08:31:20Z", "2026-11-19 08:30:00",
		}},
		{"helpscout", "survey.json", seen{
			feedback.KindNPS, feedback.ChannelPanel, 9, "", "Snel en vriendelijk.", "survey-cf5e2e1530d37614b464006a4650e19e",
			"1043", "Fatima El Idrissi", "", "", "",
			"", "", "", "", "2026-11-19T09:15:00Z", "2026-11-19 09:15:00",
		}},
		{"zendesk", "trigger.json", zendesk},
		{"zendesk", "trigger.form", zendesk},
		{"intercom", "rating.json", seen{
			feedback.KindCSAT, feedback.ChannelChat, 2, "", "Nog steeds stuk", "2295",
			"c-1042", "", "", "274", "Lise",
			"2295", "E-mail komt niet aan", "", "", "2026-11-19T10:00:01Z", "2026-11-19 10:00:01",
		}},
		{"zendesk", "event.json", seen{
			feedback.KindSmiley, feedback.ChannelTicket, red, "BAD WITH COMMENT", "Stap 3 werkt niet", "35510",
			"1042", "", "", "7", "",
			"35510", "Mail blijft hangen", "", "", "2026-11-19T10:00:30Z", "2026-11-19 10:00:30",
		}},
		{"intercom", "ticket.json", seen{
			feedback.KindCSAT, feedback.ChannelTicket, 5, "", "Snel geholpen", "881",
			"6ba682d23d7cf92bef87bfd5", "Jan de Vries", "jan@example.org", "274", "Lise",
			"37", "Domein verhuizen", "", "", "2026-11-19T09:59:50Z", "2026-11-19 09:59:50",
		}},
		{"chatwoot", "rating.json", chatwoot},
		{"chatwoot", "comment.json", chatwootComment},
		{"formbricks", "created.json", formbricks(4, "", "2026-11-19T12:00:00Z")},
		{"formbricks", "updated.json", formbricks(4, "Te duur", "2026-11-19T12:00:20Z")},
		{"formbricks", "finished.json", formbricks(6, "Te duur, wel goed", "2026-11-19T12:00:50Z")},
		{"typeform", "response.json", seen{
			kind: feedback.KindCSAT, channel: feedback.ChannelPanel, rating: 5, comment: "Chat was snel",
			id: "tok3n0000000000000000000000000001", version: "2026-11-19T13:00:00Z", day: "2026-11-19 13:00:00",
		}},
		{"trustpilot", "created.json", review},
		{"trustpilot", "updated.json", changedReview},
		{"trustpilot", "deleted.json", changedReview},
	}
	covered := []string{"intercom/other.json", "chatwoot/unanswered.json"} // without a rating: see TestNoRatingIsIgnored
	for _, test := range tests {
		covered = append(covered, test.sender+"/"+test.sample)
		t.Run(test.sender+"/"+test.sample, func(t *testing.T) {
			t.Parallel()
			d := newSendersDoor(t)
			w := d.through(sample(t, test.sender, test.sample).request(t))
			got := replyOf(t, w)
			require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
			assert.Equal(t, "created", got.Result)
			assert.Empty(t, got.Warnings)
			assert.Equal(t, test.want, d.looked(t, got.ID))
			c, err := d.store.Snapshot(t.Context(), got.ID)
			require.NoError(t, err)
			assert.Equal(t, test.sender, c.Feedback.Sender)
			assert.Equal(t, test.sample == "deleted.json", c.Feedback.Voided())
		})
	}
	for _, s := range senders.All() {
		files, err := fs.Glob(s.Files, "*")
		require.NoError(t, err)
		for _, file := range files {
			assert.Contains(t, covered, s.Name+"/"+file)
		}
	}
}

// TestRepeatsAndReorderingEndInOneFeedback checks that repeats, another order and a late comment
// end in one feedback in its last state.
func TestRepeatsAndReorderingEndInOneFeedback(t *testing.T) {
	t.Parallel()
	read := func(sender, name string) letter { return sample(t, sender, name) }
	great := read("helpscout", "rating.json")
	first := great.with("Okay", "Bad", "De uitleg klopte, maar het duurde lang.", "", "08:31:20Z", "08:30:00Z")
	nps := read("helpscout", "survey.json")
	npsFirst := nps.with("Snel en vriendelijk.", "", `"9"`, `"3"`, "09:15:00Z", "09:14:00Z")
	bad := read("zendesk", "trigger.form")
	unexplained := bad.with("Bad", "Good", "Stap+3+%22werkt%22+niet+%26+mail+ook+niet", "", "10%3A00%3A00Z", "09%3A59%3A00Z")
	remark := read("intercom", "rating.json")
	noRemark := remark.with("Nog steeds stuk", "", "1795082401", "1795082350", "notif_1", "notif_2")
	rated, commented := read("chatwoot", "rating.json"), read("chatwoot", "comment.json").later(20)
	created, updated, finished := read("formbricks", "created.json"), read("formbricks", "updated.json"), read("formbricks", "finished.json")
	response := read("typeform", "response.json")
	partial := response.with("form_response\",", "form_response_partial\",", `"number": 5`, `"number": 1`, "13:00:00Z", "12:59:00Z", "01HXEVENT0001", "01HXEVENT0000")
	review, better := read("trustpilot", "created.json"), read("trustpilot", "updated.json")

	for _, test := range []struct {
		name    string
		letters []letter
		rating  int
		comment string
	}{
		{"helpscout rating", []letter{first, great}, 2, "De uitleg klopte, maar het duurde lang."},
		{"helpscout nps", []letter{npsFirst, nps}, 9, "Snel en vriendelijk."},
		{"zendesk", []letter{unexplained, bad}, 1, `Stap 3 "werkt" niet & mail ook niet`},
		{"zendesk, one minute", []letter{bad.with("Stap+3+%22werkt%22+niet+%26+mail+ook+niet", ""), bad}, 1, `Stap 3 "werkt" niet & mail ook niet`},
		{"helpscout, one moment", []letter{nps.with("Snel en vriendelijk.", ""), nps}, 9, "Snel en vriendelijk."},
		{"intercom", []letter{noRemark, remark}, 2, "Nog steeds stuk"},
		{"chatwoot", []letter{rated, commented}, 2, "Te lang gewacht"},
		{"formbricks", []letter{created, updated, finished}, 6, "Te duur, wel goed"},
		{"typeform", []letter{partial, response}, 5, "Chat was snel"},
		{"trustpilot", []letter{review, better}, 4, "Uiteindelijk goed opgelost."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, order := range []struct {
				name    string
				letters []letter
			}{
				{"in order", test.letters},
				{"reordered", reversed(test.letters)},
				{"repeated", slices.Concat(test.letters, test.letters)},
			} {
				d := newSendersDoor(t)
				ids := map[string]bool{}
				for _, l := range order.letters {
					w := d.through(l.request(t))
					require.Less(t, w.Code, 300, "%s: %s", order.name, w.Body.String())
					ids[replyOf(t, w).ID] = true
				}
				require.Len(t, ids, 1, order.name)
				for id := range ids {
					got := d.looked(t, id)
					assert.Equal(t, test.rating, got.rating, order.name)
					assert.Equal(t, test.comment, got.comment, order.name)
				}
			}
		})
	}
}

func reversed(letters []letter) []letter {
	back := slices.Clone(letters)
	slices.Reverse(back)
	return back
}

// TestDeletedReviewIsVoid checks that a deleted review becomes void, in whatever order the events
// come.
func TestDeletedReviewIsVoid(t *testing.T) {
	t.Parallel()
	created, deleted := sample(t, "trustpilot", "created.json"), sample(t, "trustpilot", "deleted.json")
	bare := deleted.with(`"stars": 4,`, "")
	for _, test := range []struct {
		name    string
		letters []letter
	}{
		{"in order", []letter{created, deleted}},
		{"repeated", []letter{created, deleted, deleted, created}},
		{"reordered", []letter{deleted, created}},
		{"without stars", []letter{created, bare}},
		{"without stars, reordered", []letter{bare, created}},
	} {
		d := newSendersDoor(t)
		id := ""
		for _, l := range test.letters {
			id = replyOf(t, d.through(l.request(t))).ID
		}
		c, err := d.store.Snapshot(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, feedback.ByCustomer, c.Feedback.Void.By, test.name)
	}
	d := newSendersDoor(t)
	w := d.through(bare.request(t))
	assert.Equal(t, http.StatusAccepted, w.Code)
	assert.JSONEq(t, `{"result": "kept"}`, w.Body.String(), "its creation may be late")
}

// TestProofOfEachSenderIsRequired checks that the signature must fit the bytes, the moment and one
// of the secrets. Otherwise the response is 401 and leaves only a count.
func TestProofOfEachSenderIsRequired(t *testing.T) {
	t.Parallel()
	timed := map[string]bool{"zendesk": true, "chatwoot": true, "formbricks": true}
	for _, path := range []string{
		"helpscout/rating.json", "zendesk/trigger.form", "intercom/rating.json", "chatwoot/comment.json", "formbricks/created.json",
		"typeform/response.json", "trustpilot/created.json",
	} {
		sender, name, _ := strings.Cut(path, "/")
		t.Run(sender, func(t *testing.T) {
			t.Parallel()
			d := newSendersDoor(t)
			good := sample(t, sender, name)
			older, foreign := good, good
			older.secret, foreign.secret = olderSecret, "a-secret-of-another"
			if sender == "formbricks" {
				older.secret, foreign.secret = secretB, "whsec_"+strings.Repeat("QUJD", 8)
			}
			changed, unproved := good.request(t), request(t, good.body)
			changed.Body = http.NoBody
			unproved.URL.Path = "/webhooks/" + sender
			for _, test := range []struct {
				name    string
				applies bool
				request *http.Request
			}{
				{"another secret", true, foreign.request(t)},
				{"another body", sender != "trustpilot", changed},
				{"no proof", true, unproved},
				{"too old", timed[sender], good.later(-301).request(t)},
				{"from the future", timed[sender], good.later(301).request(t)},
			} {
				if !test.applies {
					continue
				}
				w := d.through(test.request)
				assert.Equal(t, http.StatusUnauthorized, w.Code, test.name)
				assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			}
			assert.Empty(t, d.logs.String(), "nothing is logged")
			assert.Zero(t, d.rows(t), "nothing is kept")
			assert.Contains(t, d.scrape(t), `smileybot_webhook_rejected_total{reason="proof",sender="`+sender+`"}`)
			for _, l := range []letter{older, good.with()} {
				w := d.through(l.request(t))
				assert.Less(t, w.Code, 300, w.Body.String())
			}
			assert.NotContains(t, d.logs.String(), senderSecret)
			head := good.request(t)
			head.Method = http.MethodHead
			assert.Equal(t, http.StatusOK, d.through(head).Code, "senders probe")
		})
	}
}

// rows counts what the store keeps of webhooks.
func (d *door) rows(t *testing.T) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+d.path+"?mode=ro")
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.QueryRowContext(t.Context(),
		`select (select count(*) from feedback) + (select count(*) from refusal) + (select count(*) from payload) + (select count(*) from delivery)`).Scan(&n))
	return n
}

// TestSignatureVectorsAgree pins signatures that were computed by other means (Python's hmac)
// over our samples, at noon.
func TestSignatureVectorsAgree(t *testing.T) {
	t.Parallel()
	for _, v := range vectors() {
		sender, file, _ := strings.Cut(v.name, "/")
		assert.Equal(t, v.value, sample(t, sender, file).request(t).Header.Get(v.header), v.name)
	}
}
