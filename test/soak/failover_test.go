package soak

import (
	"flag"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store/storetest"
)

var failovers = flag.Int("failovers", 3, "how many rounds TestFailover has")

// TestFailover runs two real programs on one PostgreSQL, with clocks a minute apart. In each round one of
// the [breakdowns] happens to one of them, to its way to the database, or to the database, at a random
// moment, under load and with a Slack that fails in every way. Senders repeat what was not acknowledged
// at the other bot. In the end everything that was acknowledged is in the database, and in Slack exactly
// once, in its last state; each notice is there once, and the tallies equal a full count.
func TestFailover(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the program and waits half a minute for posts in doubt")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the program's clock is set on Linux only")
	}
	s := newSeed()
	t.Logf("go test ./test/soak -run=TestFailover -failovers=%d -seed=%d", *failovers, s)
	w := newPair(t, s)
	for _, m := range w.bots {
		w.begin(m)
		for !m.running.up(t) {
			require.True(t, m.starts < 5 && m.running.wasKeptWaiting(), m.running.said())
			w.begin(m)
		}
	}
	w.send(6, func() int { return 8 * *failovers })
	w.disturb()
	t.Cleanup(func() { // after a failure
		w.end()
		w.faults.Wait()
	})
	all := breakdowns()
	order := w.random.Perm(len(all))
	for i := range *failovers {
		w.round(all[order[i%len(all)]])
	}
	w.finish()
	w.prove()
	w.proveSecret()
	t.Logf("%v", w.happened)
}

// A pair is a world with two bots.
type pair struct {
	*world

	server   *storetest.Cluster
	proxy    *storetest.Proxy // between the first bot and the server
	bots     [2]*member
	all      []*serving
	happened map[string]int
	// away reports that the server was away in this round, so that a bot that starts may give up.
	away bool
}

// A member is one of the two.
type member struct {
	env     []string
	ways    []string // the URLs of the database, one by one for each start
	starts  int
	url     atomic.Pointer[string]
	running *serving
}

func newPair(t *testing.T, seed uint64) *pair {
	t.Helper()
	server := storetest.NewCluster(t)
	direct, err := url.Parse(server.Address)
	require.NoError(t, err)
	direct.User = url.UserPassword(direct.User.Username(), password) // which the server does not ask for
	w := &pair{world: newWorld(t, seed), server: server, happened: make(map[string]int)}
	w.path, w.program, w.long, w.within = direct.String(), programOfAnotherTime, *failovers > 10, 3*time.Second
	proxy, cut := storetest.Through(t, direct.String())
	w.proxy = proxy
	pooled := storetest.Pooled(t, direct.String())
	for i, ways := range [][]string{{cut + "&pool_max_conns=2", cut}, {direct.String(), pooled}} {
		clock := newClock(t)
		setClock(t, clock, time.Duration(i)*time.Minute)
		w.bots[i] = &member{env: append(slices.Clip(w.env), "SOAK_CLOCK="+clock.Name()), ways: ways}
	}
	w.env = append(slices.Clip(w.env), "SMILEYBOT_DATABASE="+w.path)
	var turn atomic.Uint64
	w.route = func() *string {
		first := turn.Add(1)
		for i := range uint64(2) {
			if url := w.bots[(first+i)%2].url.Load(); url != nil {
				return url
			}
		}
		return nil
	}
	return w
}

// begin starts a bot.
func (w *pair) begin(m *member) {
	w.t.Helper()
	m.running = w.startAs(append(slices.Clip(m.env), "SMILEYBOT_DATABASE="+m.ways[m.starts%len(m.ways)]), &m.url)
	m.starts++
	w.all = append(w.all, m.running)
}

// wasKeptWaiting reports whether a bot gave up at its start because a server on a busy machine did not
// answer in time.
func (s *serving) wasKeptWaiting() bool { return strings.Contains(s.said(), "no answer in time") }

// endBot ends a bot in a way, and takes its address from the senders.
func (w *pair) endBot(m *member, end func(s *serving)) {
	end(m.running)
	w.hearing.Wait()
	m.url.Store(nil)
}

// round has one thing break down, and repairs it.
func (w *pair) round(b breakdown) {
	w.t.Helper()
	time.Sleep(time.Duration(w.random.Float64() * w.random.Float64() * float64(2*time.Second)))
	w.happened[b.name]++
	b.happens(w, w.bots[w.random.IntN(2)])
	w.revive()
	w.away = false
}

// revive starts a bot again that gave up at its start, because the database was away.
func (w *pair) revive() {
	w.t.Helper()
	for _, m := range w.bots {
		select {
		case <-m.running.ended:
		case <-time.After(time.Duration(w.random.IntN(100)) * time.Millisecond):
			continue
		}
		select {
		case <-m.running.listening:
			require.FailNow(w.t, "a bot ended by itself", m.running.said())
		default:
		}
		require.True(w.t, w.away || m.running.wasKeptWaiting(), "a bot does not start: %s", m.running.said())
		w.begin(m)
	}
}

// A breakdown is what happens in a round. It is over when it returns.
type breakdown struct {
	name    string
	happens func(w *pair, m *member)
}

func breakdowns() []breakdown {
	return []breakdown{
		{"killed", (*pair).killed},
		{"terminated", (*pair).terminated},
		{"both killed", func(w *pair, _ *member) { w.killed(w.bots[0]); w.killed(w.bots[1]) }},
		{"paused", func(w *pair, m *member) { w.paused(m, 2*time.Second) }},
		{"paused for long", func(w *pair, m *member) { w.paused(m, 18*time.Second) }},
		{"a commit cut before", func(w *pair, _ *member) { w.cutCommits(storetest.CutBefore) }},
		{"a commit cut at it", func(w *pair, _ *member) { w.cutCommits(storetest.CutAt) }},
		{"a commit cut unanswered", func(w *pair, _ *member) { w.cutCommits(storetest.CutUnanswered) }},
		{"a commit cut and late", func(w *pair, _ *member) { w.cutCommits(storetest.CutLate) }},
		{"a commit cut after", func(w *pair, _ *member) { w.cutCommits(storetest.CutAfter) }},
		{"cut off", (*pair).cutOff},
		{"silence", (*pair).silence},
		{"slow", (*pair).slow},
		{"the database crashes", (*pair).databaseCrashes},
		{"the database reads only by default", (*pair).readOnlyByDefault},
		{"the database is a standby", (*pair).standby},
	}
}

func (w *pair) atMost(d time.Duration) time.Duration {
	return time.Duration(w.random.Float64() * float64(d))
}

func (w *pair) killed(m *member) {
	w.endBot(m, (*serving).kill)
	time.Sleep(w.atMost(500 * time.Millisecond))
	w.begin(m)
}

func (w *pair) terminated(m *member) {
	w.endBot(m, func(s *serving) { s.stop(w.t) })
	w.begin(m)
}

// paused stops a bot as a virtual machine is stopped. After a long pause the other has taken over.
func (w *pair) paused(m *member, most time.Duration) {
	_ = m.running.command.Process.Signal(syscall.SIGSTOP)
	time.Sleep(w.atMost(most))
	_ = m.running.command.Process.Signal(syscall.SIGCONT)
}

// cutCommits cuts some commits of the first bot.
func (w *pair) cutCommits(cut storetest.Cut) {
	var left atomic.Int64
	left.Store(int64(1 + w.random.IntN(4)))
	w.proxy.SetCut(func(sent []byte) storetest.Cut {
		if storetest.IsCommit(sent) && left.Add(-1) >= 0 {
			return cut
		}
		return storetest.NotCut
	})
	for began := time.Now(); left.Load() > 0 && time.Since(began) < 3*time.Second; {
		time.Sleep(5 * time.Millisecond)
	}
	w.proxy.SetCut(nil)
}

// cutOff takes the database from the first bot.
func (w *pair) cutOff(*member) {
	w.away = true
	w.proxy.SetAway(true)
	time.Sleep(w.atMost(4 * time.Second))
	w.proxy.SetAway(false)
}

// silence loses everything between the first bot and the database.
func (w *pair) silence(*member) {
	w.away = true
	pass := w.proxy.Hold()
	time.Sleep(w.atMost(12 * time.Second))
	pass()
}

func (w *pair) slow(*member) {
	for _, delay := range []time.Duration{time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond} {
		w.proxy.SetDelay(delay)
		time.Sleep(w.atMost(2 * time.Second))
	}
	w.proxy.SetDelay(0)
}

func (w *pair) databaseCrashes(*member) {
	w.away = true
	w.server.Crash()
	time.Sleep(w.atMost(time.Second))
	w.server.Start()
	w.answers()
}

// readOnlyByDefault is how a database is often kept from writes.
func (w *pair) readOnlyByDefault(*member) {
	w.server.Exec(`alter system set default_transaction_read_only = on`, `select pg_reload_conf()`)
	time.Sleep(w.atMost(2 * time.Second))
	w.server.Exec(`alter system reset default_transaction_read_only`, `select pg_reload_conf()`)
}

// standby has the database take no writes, as one that another server has taken over from.
func (w *pair) standby(*member) {
	w.away = true
	w.server.SetStandby(true)
	w.server.Crash()
	w.server.Start()
	w.answers()
	time.Sleep(w.atMost(3 * time.Second))
	w.server.SetStandby(false)
	w.server.Crash()
	w.server.Start()
	w.answers()
}

// answers waits until the server answers.
func (w *pair) answers() {
	w.t.Helper()
	require.NoError(w.t, w.server.Await(w.t.Context()))
}

// finish lets both bots run in peace until everything is in Slack.
func (w *pair) finish() {
	w.t.Helper()
	w.end()
	w.faults.Wait()
	w.slack.Heal()
	for _, m := range w.bots {
		require.True(w.t, m.running.up(w.t), m.running.said())
	}
	w.sending.Wait()
	w.settle()
	for _, m := range w.bots {
		m.running.stop(w.t)
	}
}

// proveSecret checks that nothing that was said has the password of the database.
func (w *pair) proveSecret() {
	w.t.Helper()
	for _, s := range w.all {
		if line := s.leaked.Load(); line != nil {
			assert.Fail(w.t, "the log has the password", *line)
		}
	}
}
