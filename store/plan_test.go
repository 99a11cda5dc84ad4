package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/storetest"
)

// A readListener is an engine that reports the queries of reads.
type readListener struct {
	store.Engine

	heard func(query string)
}

func (l readListener) Row(ctx context.Context, query string, args ...any) store.Scanner {
	l.heard(query)
	return l.Engine.Row(ctx, query, args...)
}

func (l readListener) Each(ctx context.Context, scan func(store.Scanner) error, query string, args ...any) error {
	l.heard(query)
	return l.Engine.Each(ctx, scan, query, args...)
}

func (l readListener) Snapshot(ctx context.Context) (store.Snapshot, error) {
	state, err := l.Engine.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return snapshotListener{stateListener{state, l.heard}, state.Close}, nil
}

func (l readListener) State(ctx context.Context, read func(store.Reader) error) error {
	return l.Engine.State(ctx, func(state store.Reader) error { return read(stateListener{state, l.heard}) })
}

// A listener is an engine that reports all queries.
type listener struct{ readListener }

func (l listener) Write(ctx context.Context, job func(*store.Unit) error) error {
	return l.Engine.Write(ctx, func(t *store.Unit) error { return job(l.listen(t)) })
}

func (l listener) WriteIdempotent(ctx context.Context, job func(*store.Unit) error) error {
	return l.Engine.WriteIdempotent(ctx, func(t *store.Unit) error { return job(l.listen(t)) })
}

func (l listener) WriteSet(ctx context.Context, job any, do store.SetFunc) error {
	return l.Engine.WriteSet(ctx, job, func(t *store.Unit, jobs []any) ([]error, error) { return do(l.listen(t), jobs) })
}

func (l listener) listen(t *store.Unit) *store.Unit {
	if _, listens := t.Tx.(txListener); !listens {
		t.Tx = txListener{t.Tx, l.heard}
	}
	return t
}

type stateListener struct {
	store.Reader

	heard func(query string)
}

func (l stateListener) Row(ctx context.Context, query string, args ...any) store.Scanner {
	l.heard(query)
	return l.Reader.Row(ctx, query, args...)
}

func (l stateListener) Each(ctx context.Context, scan func(store.Scanner) error, query string, args ...any) error {
	l.heard(query)
	return l.Reader.Each(ctx, scan, query, args...)
}

type snapshotListener struct {
	stateListener

	close func()
}

func (l snapshotListener) Close() { l.close() }

type txListener struct {
	store.Tx

	heard func(query string)
}

func (l txListener) Exec(query string, args ...any) error {
	l.heard(query)
	return l.Tx.Exec(query, args...)
}

func (l txListener) Affect(query string, args ...any) (int64, error) {
	l.heard(query)
	return l.Tx.Affect(query, args...)
}

func (l txListener) Insert(query string, args ...any) (int64, error) {
	l.heard(query)
	return l.Tx.Insert(query, args...)
}

func (l txListener) Row(query string, args ...any) store.Scanner {
	l.heard(query)
	return l.Tx.Row(query, args...)
}

func (l txListener) Each(scan func(store.Scanner) error, query string, args ...any) error {
	l.heard(query)
	return l.Tx.Each(scan, query, args...)
}

func (l txListener) Batch(b *store.Batch) error {
	for _, s := range b.Statements() {
		l.heard(s.Query)
	}
	return l.Tx.Batch(b)
}

// queries collects the queries of the store from now on.
func (d *fixture) queries() map[string]bool {
	var mu sync.Mutex
	found := make(map[string]bool)
	d.HookEngine(func(e store.Engine) store.Engine {
		return listener{readListener{e, func(query string) {
			mu.Lock()
			defer mu.Unlock()
			found[query] = true
		}}}
	})
	return found
}

// TestNoFullScans: no read and no write walks through all the feedback or all the
// outbox, with few rows and with many.
func TestNoFullScans(t *testing.T) {
	storetest.OnlyFile(t, "plans")
	t.Parallel()
	d := newFixture(t)
	queries := d.queries()
	useEverything(t, d)
	require.Greater(t, len(queries), 100, "every read and every write")
	for _, rows := range []string{"few", "many"} {
		for _, query := range slices.Sorted(maps.Keys(queries)) {
			checkPlan(t, d, query, rows)
		}
		if rows == "few" {
			fill(t, d, 20_000)
		}
	}
}

// useEverything calls whatever the store can do.
func useEverything(t *testing.T, d *fixture) {
	t.Helper()
	ctx, now := t.Context(), after(100)
	e := red("1")
	taken, err := d.Ingest(ctx, store.Delivery{Sender: "feedback", ID: "d-1", ReceivedAt: after(1)}, e)
	require.NoError(t, err)
	id := taken[0].FeedbackID
	_, _, err = d.Delivered(ctx, "feedback", "d-1", now)
	require.NoError(t, err)
	d.take(t, storetest.Smiley("1", feedback.Yellow, after(5)))
	d.step(t, id, by("U1", followup.ActionClaim, 10))
	d.takeAt(t, after(20), storetest.Comment(e, "why", after(20)))
	storetest.Import(t, d.Store, now, green("2"))
	number, err := d.BeginImport(ctx, "history.csv", now)
	require.NoError(t, err)
	_, err = d.ImportWith(ctx, storetest.Past(green("1"), green("undone")), store.ImportOptions{Number: number, Replace: true, Now: now})
	require.NoError(t, err)
	_, err = d.Undo(ctx, 0, now)
	require.NoError(t, err)
	_, err = d.Undo(ctx, number, now)
	require.NoError(t, err)
	_, err = d.Imports(ctx)
	require.NoError(t, err)
	_, err = d.Refresh(ctx, id, now)
	require.NoError(t, err)
	require.NoError(t, d.Attempt(ctx, id, "C1", now))
	require.NoError(t, d.Doubt(ctx, id, now))
	require.NoError(t, d.Refused(ctx, id, now, now))
	require.NoError(t, d.ResolveDoubts(ctx, "C1", nil, []string{id}, time.Now()))
	require.NoError(t, d.Attempt(ctx, id, "C1", now))
	require.NoError(t, d.Abandon(ctx, id, now))
	d.post(t, id, "C1", "1.000001", 1, now)
	require.NoError(t, d.Rechecked(ctx, id))
	require.NoError(t, d.Edited(ctx, id, 2))
	require.NoError(t, d.Postpone(ctx, id, now))
	require.NoError(t, d.Unlink(ctx, id, now))
	require.NoError(t, d.PredecessorsDeleted(ctx, id))
	require.NoError(t, d.MarkUndeletable(ctx, id, store.Place{SlackChannel: "C1", TS: "1.000000"}))
	d.post(t, id, "C1", "1.000002", 1, now)
	require.NoError(t, d.Leave(ctx, id, now))
	for _, oldest := range []func(context.Context, time.Time) (store.Item, error){d.OldestDoubt, d.OldestPost, d.OldestEdit} {
		if _, err := oldest(ctx, now); !errors.Is(err, store.ErrNotFound) {
			require.NoError(t, err)
		}
	}
	require.NoError(t, d.RecordRateLimit(ctx, "chat.update", now))
	require.NoError(t, d.RecordRejected(ctx, store.RejectedDelivery{Sender: "feedback", Status: 400}))
	require.NoError(t, d.Sweep(ctx, now))
	require.NoError(t, d.Ready(ctx, now))
	d.places(t, id, now)
	_, err = d.NextTime(ctx, now)
	require.NoError(t, err)
	_, err = d.MessagesByChannel(ctx)
	require.NoError(t, err)
	_, err = d.MessageChannel(ctx, id)
	require.NoError(t, err)
	_, err = d.Backlog(ctx)
	require.NoError(t, err)
	_, err = d.LastPosts(ctx, after(0))
	require.NoError(t, err)
	require.NoError(t, d.Editing(ctx, now))
	_, err = d.EditsSince(ctx, after(0))
	require.NoError(t, err)
	require.NoError(t, d.ClampRetryTimes(ctx, now))
	_, err = d.Reports(ctx, score.NewQuery(score.MetricCSAT, score.Period{To: 500, Unit: score.UnitRange}))
	require.NoError(t, err)
	for _, per := range []score.GroupBy{score.ByChannel, score.ByAgent} {
		_, err = d.Reports(ctx, score.Query{Metric: score.MetricNPS, GroupBy: per, Period: score.Period{To: 500, Unit: score.UnitRange}})
		require.NoError(t, err)
	}
	rated := about(storetest.Smiley("rated", feedback.Green, after(2)), "a-1", "Bart")
	d.take(t, rated)
	day := office.DayOf(noon(), time.UTC)
	today := score.Period{From: day, To: day, Unit: score.UnitDay, Running: true, Clock: true}
	for _, filter := range []score.Filter{{}, {Channel: feedback.ChannelTicket}, {Agent: "Bart"}} {
		asked := score.Query{Metric: score.MetricCSAT, Filter: filter, Period: today, Now: noon(), GroupBy: score.ByAgent}
		_, err = d.Reports(ctx, asked)
		require.NoError(t, err)
		_, err = d.ServiceReport(ctx, asked)
		require.NoError(t, err)
	}
	for _, days := range []int{7, 90, 700} {
		asked := score.NewQuery(score.MetricCSAT, score.Period{From: 20001, To: office.Day(20000 + days)})
		require.NoError(t, d.Trend(ctx, asked))
	}
	_, err = d.Digest(ctx, []score.Period{{To: 500, Unit: score.UnitRange}}, now)
	require.NoError(t, err)
	_, err = d.Alert(ctx, 20_000)
	require.NoError(t, err)
	routine, err := d.JobProgress(ctx, "sweep", now)
	require.NoError(t, err)
	require.NoError(t, d.Advance(ctx, routine, store.Bulletin{Notice: store.NoticeAlert, Key: "alert:2026-11-20"}))
	_, err = d.RateLimits(ctx)
	require.NoError(t, err)
	_, err = d.WaitingLong(ctx, now)
	require.NoError(t, err)
	_, err = d.RejectedDeliveries(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Export(ctx, 0, 30000, func(feedback.Feedback) error { return nil }))
	_, err = d.ServiceReport(ctx, score.Query{GroupBy: score.ByChannel, Period: score.Period{To: 30_000, Unit: score.UnitRange}})
	require.NoError(t, err)
	with := green("3")
	with.Answer.Customer = feedback.Person{ID: "c-1", Email: "c@example.org"}
	with.Answer.Ticket = feedback.Ticket{ID: "t-1", OpenedAt: noon()}
	for _, f := range []feedback.Field{feedback.FieldCustomerID, feedback.FieldCustomerEmail, feedback.FieldTicketID, feedback.FieldTicketOpenedAt} {
		with.Mentions[f] = true
	}
	d.take(t, with)
	for _, who := range []string{"c-1", "c@example.org"} {
		_, err = d.Customer(ctx, who)
		require.NoError(t, err)
	}
	useQueues(t, d, now)
	useHomes(t, d, now)
	useClosing(t, d, id, now)
	_, err = d.FollowUps(ctx)
	require.NoError(t, err)
	_, err = d.Rebuild(ctx, func(done, total int64) {})
	require.NoError(t, err)
}

// useQueues calls whatever lists follow-ups.
func useQueues(t *testing.T, d *fixture, now time.Time) {
	t.Helper()
	ctx, page := t.Context(), store.Page{Limit: 10}
	for _, list := range []func() (store.QueuePage, error){
		func() (store.QueuePage, error) { return d.Queue(ctx, page) },
		func() (store.QueuePage, error) { return d.WholeQueue(ctx, page) },
		func() (store.QueuePage, error) { return d.Overdue(ctx, now, page) },
		func() (store.QueuePage, error) { return d.Unclaimed(ctx, page) },
		func() (store.QueuePage, error) { return d.ClaimedBy(ctx, "U1", page) },
		func() (store.QueuePage, error) { return d.AssignedTo(ctx, "U1", page) },
		func() (store.QueuePage, error) {
			return d.Unanswered(ctx, score.Period{To: 30_000}, feedback.ChannelReview, page)
		},
	} {
		_, err := list()
		require.NoError(t, err)
	}
}

// useClosing calls whatever closes the loop.
func useClosing(t *testing.T, d *fixture, id string, now time.Time) {
	t.Helper()
	ctx := t.Context()
	_, err := d.NextReminder(ctx)
	require.NoError(t, err)
	snoozed := d.take(t, red("snoozed")).FeedbackID
	d.step(t, snoozed, followup.Transition{Action: followup.ActionSnooze, By: "U1", Until: now, At: now})
	_, err = d.Remind(ctx, now.Add(time.Hour))
	require.NoError(t, err)
	_, err = d.Escalate(ctx, store.JobProgress{Name: "escalation"}, "escalation:2026-11-20", now.Add(24*time.Hour))
	require.NoError(t, err)
	_, err = d.FeedbackOf(ctx, "escalation:2026-11-20")
	require.NoError(t, err)
	_, err = d.Transition(ctx, "done:u:1")
	require.NoError(t, err)
	for _, act := range []feedback.ModerationAction{feedback.ModerationVoid, feedback.ModerationRestore} {
		_, err = d.Moderate(ctx, snoozed, feedback.Moderation{Action: act, By: "U1", Reason: "a test", At: now})
		require.NoError(t, err)
	}
	_, err = d.Moderation(ctx, "void:f:1")
	require.NoError(t, err)
	second := green("second")
	second.Answer.FollowUpOf, second.Mentions[feedback.FieldFollowUpOf] = "snoozed", true
	d.take(t, second)
	_, err = d.CountErasable(ctx, "c-1")
	require.NoError(t, err)
	_, err = d.Erase(ctx, "c-1", now)
	require.NoError(t, err)
	_, err = d.Erase(ctx, "c@example.org", now)
	require.NoError(t, err)
	_, err = d.Erasures(ctx)
	require.NoError(t, err)
	require.NoError(t, d.RetryErasures(ctx, now))
	for _, row := range d.rows(t, `select key from outbox where notice is not null order by key`) {
		require.NoError(t, d.Withdraw(ctx, row[0].(string)))
	}
	d.post(t, id, "C1", "1.000009", 1, now)
	require.NoError(t, d.ErasureDone(ctx, id, 1))
	require.NoError(t, d.ErasureFailed(ctx, id))
}

// useHomes calls whatever the store can do for the Home tab.
func useHomes(t *testing.T, d *fixture, now time.Time) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, d.OpenHome(ctx, "U1", now))
	require.NoError(t, d.HomeShown(ctx, store.Home{User: "U1", PublishedAt: now}))
	require.NoError(t, d.DropHome(ctx, "U2"))
	_, err := d.Home(ctx, "U1")
	require.NoError(t, err)
	_, err = d.Homes(ctx)
	require.NoError(t, err)
	_, err = d.NextOverdue(ctx, now)
	require.NoError(t, err)
	_, err = d.AgentEmails(ctx, now)
	require.NoError(t, err)
	_, err = d.RatingsOf(ctx, "bart@example.net", now, 10)
	require.NoError(t, err)
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// checkPlan refuses a plan that scans a table which grows with the feedback;
// a partial index holds only what waits.
func checkPlan(t *testing.T, d *fixture, query, rows string) {
	t.Helper()
	verb, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	if !slices.Contains([]string{"select", "insert", "update", "delete", "with"}, verb) {
		return
	}
	highest := numbered(t, query)
	if slices.ContainsFunc(whole(), func(end string) bool { return strings.HasSuffix(query, end) }) {
		return
	}
	for _, step := range d.rows(t, "explain query plan "+query, make([]any, highest)...) {
		detail := step[3].(string)
		table, found := strings.CutPrefix(detail, "SCAN ")
		if !found || slices.Contains(small(), table) {
			continue
		}
		_, index, _ := strings.Cut(table, " INDEX ")
		assert.Contains(t, partial(), index, "%s in (%s rows) %s", detail, rows, query)
	}
}

// numbered returns the highest placeholder of a query. First appearances must ascend: the
// driver numbers placeholders by first appearance, PostgreSQL by their number.
func numbered(tb testing.TB, query string) (highest int) {
	tb.Helper()
	for _, found := range placeholder.FindAllStringSubmatch(query, -1) {
		n, err := strconv.Atoi(found[1])
		require.NoError(tb, err)
		require.LessOrEqual(tb, n, highest+1, query)
		highest = max(highest, n)
	}
	return highest
}

// small are what is scanned and never grows with the feedback; payload is small
// only in this test.
func small() []string {
	return []string{"import_run", "home", "agent", "a", "known", "pause", "edit", "payload", "refusal", "forgotten", "ticket_service_day", "messages", "channels", "rated", "served", "CONSTANT ROW", "pending", "(subquery-1)", "(subquery-2)", "(subquery-3)", "(subquery-4)"}
}

// whole are how queries end that read everything on purpose: an export, the channels of all messages a few times a day, and the count of
// all tickets.
func whole() []string {
	return []string{
		"order by f.id", "select count(*) from feedback", "group by slack_channel",
	}
}

// partial are the indexes that hold only what waits for a user or for Slack,
// and three that are read whole on purpose: when serve starts and a few times a day, for a metric, and for a digest.
func partial() []string {
	return []string{
		"outbox_posts", "outbox_edits", "outbox_doubts", "outbox_rechecks", "outbox_former", "outbox_notices", "outbox_retries", "followup_queue",
		"outbox_paced", "followup_by_state", "followup_claimed", "followup_due", "followup_unreminded", "followup_snoozed", "outbox_erasures", "outbox_stuck",
		"feedback_at_risk_email", "feedback_former",
	}
}

// fill adds feedback whose messages are in Slack, and lets SQLite analyze it.
func fill(t *testing.T, d *fixture, n int) {
	t.Helper()
	for _, query := range []string{
		`with recursive c (i) as (select 1 union all select i + 1 from c where i < %d)
insert into feedback (id, sender, channel, kind, external_id, rating, comment, customer_id, customer_name, customer_email,
                      agent_id, agent_name, agent_email, ticket_id, ticket_subject, ticket_url, ticket_urgent,
                      ticket_opened_ms, ticket_replied_ms, ticket_resolved_ms, ticket_replies,
                      site, follow_up_of, set_ns, occurred_ms, day, received_ms, suspect, voided_ms, voided_by, void_reason)
select 'f' || i, 'feedback', 'ticket', 'smiley', 'f' || i, 3, '', '', '', '', '', '', '', '', '', '', 0,
       null, null, null, 0, '', '', '{}', i, 20000, i, 0, null, '', '' from c`,
		`with recursive c (i) as (select 1 union all select i + 1 from c where i < %d)
insert into outbox (key, feedback_id, mention, channel, rank, queued_ms, revision, shown, slack_channel, ts, posted_ms)
select 'f' || i, 'f' || i, '', 'ticket', 2, i, 1, 1, 'C1', i || '.000001', i from c`,
		`with recursive c (i) as (select 1 union all select i + 1 from c where i < %d)
insert into followup (id, feedback_id, state, claimer, outcome, note, opened_ms, due_ms, openings, changed_ms, changed_by)
select 'u' || i, 'f' || i, 'done', '', 'other', '', i, i, 1, i, 'U1' from c`,
		`with recursive c (i) as (select 1 union all select i + 1 from c where i < %d)
insert into transition (followup_id, at_ms, made_by, from_state, to_state, outcome, note) select 'u' || i, i, 'U1', 'open', 'done', 'other', '' from c`,
		`analyze -- %d`,
	} {
		_, err := d.raw.ExecContext(t.Context(), fmt.Sprintf(query, n))
		require.NoError(t, err)
	}
}

// TestNewRatingsAreCheap: no statement by which a new rating is taken makes a temporary table, which
// would cost more than the statement itself.
func TestNewRatingsAreCheap(t *testing.T) {
	storetest.OnlyFile(t, "plans")
	t.Parallel()
	d := newFixture(t)
	queries := d.queries()
	for i, id := range []string{"1", "2", "3", "4", "5", "6"} {
		e := storetest.Smiley(id, feedback.Smileys()[i%3], after(float64(100*i)))
		if i%2 == 0 {
			e = storetest.With(e, "Stap 3 klopt niet meer.")
		}
		e = of(e, feedback.Person{ID: "c-1", Name: "Jan de Vries", Email: "jan@example.org"})
		e.Answer.Agent, e.Answer.Ticket.ID = feedback.Person{ID: "a-7", Name: "Bart"}, "4711"
		e.Mentions[feedback.FieldAgentID], e.Mentions[feedback.FieldAgentName], e.Mentions[feedback.FieldTicketID] = true, true, true
		d.takeAt(t, after(float64(100*i+1)), e)
	}
	assert.GreaterOrEqual(t, len(queries), 15)
	for query := range queries {
		for _, step := range d.explained(t, query) {
			assert.NotContains(t, []string{"OpenEphemeral", "OpenAutoindex", "SorterOpen"}, step, query)
		}
	}
}

// explained lists the steps of a query's program.
func (d *fixture) explained(tb testing.TB, query string) []string {
	tb.Helper()
	var args []any
	for n := 1; strings.Contains(query, "$"+strconv.Itoa(n)); n++ {
		args = append(args, nil)
	}
	rows, err := d.raw.QueryContext(tb.Context(), "explain "+query, args...)
	require.NoError(tb, err, query)
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var step string
		var other any
		require.NoError(tb, rows.Scan(&other, &step, &other, &other, &other, &other, &other, &other))
		steps = append(steps, step)
	}
	require.NoError(tb, rows.Err())
	return steps
}
