package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/database"
	"smileybot/store/storetest"
)

// A sent delivery is one of a random stream.
type sent struct {
	store.Delivery

	events []feedback.Event
}

// drawEvent draws an event about few feedbacks, customers, tickets and agents, at about the n-th
// quarter of a minute.
func drawEvent(t *rapid.T, n int) feedback.Event {
	at := after(float64(15*n) + float64(rapid.IntRange(-30, 0).Draw(t, "seconds")))
	id := strconv.Itoa(rapid.IntRange(1, 5).Draw(t, "id"))
	var e feedback.Event
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		e = storetest.Score(id, feedback.KindNPS, rapid.IntRange(0, 10).Draw(t, "score"), at)
	case 1:
		e = storetest.Score(id, feedback.KindCSAT, rapid.IntRange(1, 5).Draw(t, "score"), at)
	case 2:
		e = storetest.Score(id, feedback.KindReview, rapid.IntRange(1, 5).Draw(t, "score"), at)
		e.TakenBack = rapid.IntRange(0, 3).Draw(t, "taken back") == 0
	default:
		e = storetest.Smiley(id, rapid.SampledFrom(feedback.Smileys()).Draw(t, "smiley"), at)
	}
	mention := func(may int, set func(), fields ...feedback.Field) {
		if rapid.IntRange(0, 9).Draw(t, string(fields[0])) >= may {
			return
		}
		set()
		for _, f := range fields {
			e.Mentions[f] = true
		}
	}
	a := &e.Answer
	mention(3, func() { a.Comment = rapid.SampledFrom([]string{"", "Stap 3 klopt niet.", "Dank!"}).Draw(t, "comment") }, feedback.FieldComment)
	mention(8, func() { a.Customer.ID = rapid.SampledFrom([]string{"", "c-1", "c-1", "c-2"}).Draw(t, "customer") }, feedback.FieldCustomerID)
	mention(4, func() {
		a.Customer.Email = rapid.SampledFrom([]string{"", "jan@example.org", "JAN@example.org", "an@example.org"}).Draw(t, "email")
	}, feedback.FieldCustomerEmail)
	mention(2, func() { a.Customer.Name = rapid.SampledFrom([]string{"Jan", "An"}).Draw(t, "name") }, feedback.FieldCustomerName)
	mention(7, func() {
		a.Ticket.ID = rapid.SampledFrom([]string{"", "4711", "4711", "4712"}).Draw(t, "ticket")
		a.Ticket.OpenedAt = at.Add(-time.Duration(rapid.IntRange(1, 99).Draw(t, "opened")) * time.Hour).Add(time.Microsecond)
	}, feedback.FieldTicketID, feedback.FieldTicketOpenedAt)
	mention(3, func() {
		a.Ticket.FirstReplyAt, a.Ticket.Replies = at.Add(-time.Minute), rapid.IntRange(0, 2).Draw(t, "replies")
	}, feedback.FieldTicketFirstReplyAt, feedback.FieldTicketReplies)
	mention(3, func() { a.Ticket.Urgent = rapid.Bool().Draw(t, "urgent") }, feedback.FieldTicketUrgent)
	mention(6, func() { a.Agent.ID = rapid.SampledFrom([]string{"", "a-1", "a-2"}).Draw(t, "agent") }, feedback.FieldAgentID)
	mention(2, func() { a.FollowUpOf = rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "judged") }, feedback.FieldFollowUpOf)
	if rapid.IntRange(0, 4).Draw(t, "rating") == 0 {
		delete(e.Mentions, feedback.FieldRating)
		a.Rating = 0
	}
	return e
}

// drawSent draws the n-th delivery of a stream.
func drawSent(t *rapid.T, n int) sent {
	s := sent{Delivery: store.Delivery{Sender: "feedback", Body: []byte(strconv.Itoa(n)), ReceivedAt: after(float64(15 * n))}}
	if rapid.IntRange(0, 3).Draw(t, "named") > 0 {
		s.ID = "d-" + strconv.Itoa(max(0, n-rapid.IntRange(-1, 1).Draw(t, "repeated")))
	}
	for range rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 2, 3}).Draw(t, "events") {
		s.events = append(s.events, drawEvent(t, n))
	}
	return s
}

// newAnnouncing is a fixture whose store queues events for the ticket system.
func newAnnouncing(tb testing.TB) *fixture {
	tb.Helper()
	path := filepath.Join(storetest.Folder(tb), "smileybot.db")
	storetest.Create(tb, path)
	o := storetest.Options(tb)
	o.Outgoing = true
	s, err := database.Open(tb.Context(), storetest.Address(tb, path), o)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = s.Close() })
	return &fixture{Store: s, path: path, raw: storetest.Raw(tb, path)}
}

// dump is all that is stored, with names in place of ids, and sorted.
func (d *fixture) dump(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, row := range d.rows(t, `select id, sender || '/' || channel || '/' || kind || '/' || external_id from feedback`) {
		names = append(names, row[0].(string), row[1].(string))
	}
	for _, row := range d.rows(t, `select u.id, 'follow-up of ' || f.kind || '/' || f.external_id from followup u join feedback f on f.id = u.feedback_id`) {
		names = append(names, row[0].(string), row[1].(string))
	}
	named, uuid := strings.NewReplacer(names...), regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	stamps := regexp.MustCompile(`\{[^{}]*\}`)
	sorted := func(object string) string { // the fields of an object have no order
		fields := strings.Split(strings.Trim(object, "{}"), ",")
		slices.Sort(fields)
		return strings.Join(fields, ",")
	}
	var all []string
	for _, table := range d.tables(t) {
		if slices.Contains([]string{"tally", "agent", "probe", "writer", "commit_mark"}, table) {
			continue
		}
		for _, row := range d.rows(t, `select * from `+table) {
			all = append(all, uuid.ReplaceAllString(named.Replace(stamps.ReplaceAllStringFunc(fmt.Sprint(table, row), sorted)), "an event"))
		}
	}
	for _, row := range d.tallied(t) {
		all = append(all, fmt.Sprint("tally", row))
	}
	for _, row := range d.rows(t, `select a.external_id, a.name, a.last_day from agent a where exists (select 1 from tally t where t.agent = a.id and t.unit = 'day' and (t.v0 + t.v1 + t.v2 + t.v3 + t.v4 + t.v5 + t.v6 + t.v7 + t.v8 + t.v9 + t.v10 + t.voided) <> 0)`) {
		all = append(all, fmt.Sprint("agent", row))
	}
	slices.Sort(all)
	return all
}

// results are what deliveries came to, with names in place of ids.
func (d *fixture) results(t *testing.T, taken [][]store.Ingested, errs []error) []string {
	t.Helper()
	names := make(map[string]any)
	for _, row := range d.rows(t, `select id, channel || '/' || kind || '/' || external_id from feedback`) {
		names[row[0].(string)] = row[1]
	}
	var all []string
	for i, one := range taken {
		if errs[i] != nil {
			all = append(all, errs[i].Error())
			continue
		}
		for _, e := range one {
			all = append(all, fmt.Sprint(i, " ", names[e.FeedbackID], " ", e.Result, " ", e.Suspect))
		}
	}
	return all
}

// TestGroupsAreAsOneByOne: a random stream of deliveries is stored the same whether its deliveries are
// ingested one by one or in groups, between erasures, claims and moderations.
func TestGroupsAreAsOneByOne(t *testing.T) {
	t.Parallel()
	var sizes int
	rapid.Check(t, func(rt *rapid.T) {
		c := storetest.Check(t, rt)
		single, grouped := newAnnouncing(c), newAnnouncing(c)
		n := 0
		for range rapid.IntRange(1, 5).Draw(rt, "groups") {
			var deliveries []store.Delivery
			var events [][]feedback.Event
			for range rapid.IntRange(1, 12).Draw(rt, "deliveries") {
				n++
				s := drawSent(rt, n)
				deliveries, events = append(deliveries, s.Delivery), append(events, s.events)
			}
			taken, errs := make([][]store.Ingested, len(deliveries)), make([]error, len(deliveries))
			for i, s := range deliveries {
				taken[i], errs[i] = single.Ingest(t.Context(), s, events[i]...)
				if errs[i] != nil {
					require.ErrorIs(rt, errs[i], feedback.ErrRatingMissing)
				}
			}
			together, errsTogether, err := grouped.IngestGroup(t.Context(), deliveries, events, func(size int) { sizes = max(sizes, size) })
			require.NoError(rt, err)
			require.Equal(rt, single.results(t, taken, errs), grouped.results(t, together, errsTogether))
			who, act := rapid.SampledFrom([]string{"", "", "c-1", "jan@example.org"}).Draw(rt, "erased"), rapid.SampledFrom([]feedback.ModerationAction{
				"", feedback.ModerationVoid, feedback.ModerationRestore, feedback.ModerationConfirm,
			}).Draw(rt, "moderated")
			for _, d := range []*fixture{single, grouped} {
				if who != "" {
					_, err := d.Erase(t.Context(), who, after(float64(15*n)))
					require.NoError(rt, err)
				}
				for _, row := range d.rows(t, `select f.id from feedback f where external_id in ('1', '2') order by channel, kind, external_id`) {
					id, r := row[0].(string), feedback.Moderation{Action: act, By: "U1", At: after(float64(15*n + 1))}
					if act == feedback.ModerationVoid {
						r.Reason = "test"
					}
					if act != "" {
						_, _ = d.Moderate(t.Context(), id, r) // it may be refused, by both alike
					}
				}
			}
			require.Equal(rt, single.dump(t), grouped.dump(t))
		}
	})
	if !testing.Short() { // one stream may have no neighbours that can go together
		assert.Greater(t, sizes, 1)
	}
}

// A tripCounter is an engine that counts what a transaction sends to the database: a batch is one.
type tripCounter struct {
	store.Engine

	trips *int
}

func (c tripCounter) Write(ctx context.Context, job func(*store.Unit) error) error {
	return c.Engine.Write(ctx, func(t *store.Unit) error {
		t.Tx = countedTx{t.Tx, c.trips}
		return job(t)
	})
}

type countedTx struct {
	store.Tx

	trips *int
}

func (c countedTx) Exec(query string, args ...any) error {
	*c.trips++
	return c.Tx.Exec(query, args...)
}

func (c countedTx) Affect(query string, args ...any) (int64, error) {
	*c.trips++
	return c.Tx.Affect(query, args...)
}

func (c countedTx) Insert(query string, args ...any) (int64, error) {
	*c.trips++
	return c.Tx.Insert(query, args...)
}

func (c countedTx) Row(query string, args ...any) store.Scanner {
	*c.trips++
	return c.Tx.Row(query, args...)
}

func (c countedTx) Each(scan func(store.Scanner) error, query string, args ...any) error {
	*c.trips++
	return c.Tx.Each(scan, query, args...)
}

func (c countedTx) Batch(b *store.Batch) error {
	if len(b.Statements()) > 0 {
		*c.trips++
	}
	return c.Tx.Batch(b)
}

// TestRoundTrips: a group takes 12 round trips at most, of which an engine needs 3 to begin, to take a
// lock and to commit. It takes no more for many ratings than for few.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	d := newAnnouncing(t)
	trips := 0
	d.HookEngine(func(e store.Engine) store.Engine { return tripCounter{e, &trips} })
	ingest := func(n int, event func(i int) feedback.Event) int {
		trips = 0
		var deliveries []store.Delivery
		var events [][]feedback.Event
		for i := range n {
			e := event(i)
			deliveries = append(deliveries, store.Delivery{Sender: "feedback", ID: fmt.Sprint(e.ID, e.OccurredAt), Body: []byte("{}"), ReceivedAt: e.OccurredAt})
			events = append(events, []feedback.Event{e})
		}
		_, errs, err := d.IngestGroup(t.Context(), deliveries, events, nil)
		require.NoError(t, errors.Join(append(errs, err)...))
		return trips
	}
	const most = 12 - 3
	assert.LessOrEqual(t, ingest(2, func(i int) feedback.Event { return ordinary(fmt.Sprint("few-", i), i) }), most)
	assert.LessOrEqual(t, ingest(40, func(i int) feedback.Event { return ordinary(fmt.Sprint("many-", i), i) }), most)
	assert.LessOrEqual(t, ingest(40, func(i int) feedback.Event {
		return storetest.With(storetest.Smiley(fmt.Sprint("many-", i), feedback.Yellow, after(60)), "Toch niet.")
	}), most, "changes of mind")
}
