package duty_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/bot/duty"
	"smileybot/bot/internal/trust"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A house has several keepers on one database, in fake time.
type house struct {
	t      *testing.T
	shared *store.Store
	mu     sync.Mutex
	active map[string]int // by duty: how many keepers do it now
	most   int            // how many did a duty at one time
}

// A bot is one keeper.
type bot struct {
	keeper   *duty.Keeper
	gate     *storetest.Gate
	registry *prometheus.Registry
	log      *bytes.Buffer
	cancel   func()
	ended    chan struct{}
	lingers  time.Duration // how long its parts take to end in peace
}

func withHouse(t *testing.T, test func(*house)) {
	t.Helper()
	path := filepath.Join(storetest.Folder(t), "smileybot.db")
	storetest.Create(t, path)
	synctest.Test(t, func(t *testing.T) {
		shared, err := sqlite.Open(t.Context(), path, storetest.Options(t))
		require.NoError(t, err)
		defer func() { require.NoError(t, shared.Close()) }()
		test(&house{t: t, shared: shared, active: make(map[string]int)})
	})
}

// start starts a bot with two duties.
func (h *house) start(name string, lingers time.Duration) *bot {
	h.t.Helper()
	gate, behind := storetest.Behind(h.shared)
	b := &bot{gate: gate, registry: prometheus.NewRegistry(), log: &bytes.Buffer{}, ended: make(chan struct{}), lingers: lingers}
	part := func(name string) duty.Part {
		return duty.Part{Duty: name, Run: func(ctx, held context.Context, _ *store.Store) { h.do(ctx, held, b, name) }}
	}
	var err error
	b.keeper, err = duty.New(duty.Options{
		Store: behind, Bot: name, Parts: []duty.Part{part(duty.Slack), part(duty.Clock)},
		Now: time.Now, Registry: b.registry, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	})
	require.NoError(h.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	go func() {
		defer close(b.ended)
		b.keeper.Run(ctx)
	}()
	synctest.Wait()
	return b
}

// do counts how many do a duty. What a bot does it does while it is trusted.
func (h *house) do(ctx, held context.Context, b *bot, name string) {
	h.count(name, 1)
	defer h.count(name, -1)
	<-ctx.Done()
	if held.Err() == nil && trust.Check(held) == nil {
		select {
		case <-held.Done():
		case <-time.After(b.lingers):
		}
	}
}

func (h *house) count(name string, by int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.active[name] += by
	h.most = max(h.most, h.active[name])
}

func (b *bot) has(duty string) bool {
	for _, s := range b.keeper.States() {
		if s.Duty == duty {
			return s.Mine
		}
	}
	return false
}

func (b *bot) stop() {
	b.cancel()
	<-b.ended
}

// passes waits until a bot has both duties.
func (h *house) passes(b *bot, most time.Duration) {
	h.t.Helper()
	began := time.Now()
	for !b.has(duty.Slack) || !b.has(duty.Clock) {
		require.Less(h.t, time.Since(began), most)
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
	}
}

// TestFailOver ends a holder in each way, at each moment between its renewals.
func TestFailOver(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*bot) (later func())
		most time.Duration
	}{
		{"stopped", func(b *bot) func() { b.stop(); return func() {} }, 1100 * time.Millisecond},
		{"killed", func(b *bot) func() { b.gate.Break(); b.stop(); return func() {} }, 13 * time.Second},
		{"paused", func(b *bot) func() {
			open := b.gate.Shut()
			return func() { open(); b.stop() }
		}, 13 * time.Second},
		{"cut off", func(b *bot) func() { b.gate.Break(); return b.stop }, 13 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			withHouse(t, func(h *house) {
				for moment := time.Duration(0); moment < 2*time.Second; moment += 300 * time.Millisecond {
					a := h.start(fmt.Sprint("a", moment), 0)
					h.passes(a, time.Second)
					b := h.start(fmt.Sprint("b", moment), 0)
					time.Sleep(5*time.Second + moment)
					assert.False(t, b.has(duty.Slack))
					later := test.end(a)
					h.passes(b, test.most)
					time.Sleep(5 * time.Second)
					later()
					time.Sleep(3 * time.Second)
					assert.True(t, b.has(duty.Slack))
					assert.Equal(t, 1, h.most)
					assert.InDelta(t, 1, testutil.ToFloat64(gauge(t, b.registry, "slack")), 0)
					b.stop()
				}
			})
		})
	}
}

// gauge reads smileybot_duty_held.
func gauge(t *testing.T, registry *prometheus.Registry, duty string) prometheus.Collector {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	read := prometheus.NewGauge(prometheus.GaugeOpts{Name: "read", Help: "A test."})
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "smileybot_duty_held" && m.GetLabel()[0].GetValue() == duty {
				read.Set(m.GetGauge().GetValue())
			}
		}
	}
	return read
}

// TestWorkUnderWayEndsInPeace: a bot that stops keeps its duties until its parts have ended.
func TestWorkUnderWayEndsInPeace(t *testing.T) {
	withHouse(t, func(h *house) {
		a := h.start("a", 8*time.Second)
		b := h.start("b", 0)
		a.cancel()
		time.Sleep(7900 * time.Millisecond)
		assert.False(t, b.has(duty.Slack))
		time.Sleep(1200 * time.Millisecond)
		assert.True(t, b.has(duty.Slack))
		<-a.ended
		b.stop()
		assert.Equal(t, 1, h.most)
	})
}

// TestBotsAreCounted with those that went within a minute.
func TestBotsAreCounted(t *testing.T) {
	withHouse(t, func(h *house) {
		a, b := h.start("a", 0), h.start("b", 0)
		a.keeper.Announced(h.t.Context())
		assert.Equal(t, 2, a.keeper.Bots())
		assert.Equal(t, 2, b.keeper.Bots())
		b.gate.Break()
		b.stop()
		time.Sleep(57 * time.Second) // its last renewal was at most two seconds ago, and was seen a second later
		assert.Equal(t, 2, a.keeper.Bots())
		time.Sleep(6 * time.Second)
		assert.Equal(t, 1, a.keeper.Bots())
		leases, err := h.shared.Leases(h.t.Context())
		require.NoError(t, err)
		assert.Len(t, leases, 3, "two duties and one bot")
		a.stop()
		leases, err = h.shared.Leases(h.t.Context())
		require.NoError(t, err)
		assert.Equal(t, []store.Lease{{Duty: duty.Clock, Term: 1, Beat: leases[0].Beat}, {Duty: duty.Slack, Term: 1, Beat: leases[1].Beat}}, leases)
	})
}

// TestAtMostOneHolder: whatever happens to the bots, no two do a duty at one time, and in the end one does.
func TestAtMostOneHolder(t *testing.T) {
	withHouse(t, func(h *house) {
		random := rand.New(rand.NewPCG(3, 1))
		var bots []*bot
		opens := make(map[*bot]func())
		for i := range 150 {
			time.Sleep(time.Duration(random.IntN(4000)) * time.Millisecond)
			switch what := random.IntN(8); {
			case what < 2 || len(bots) == 0:
				if len(bots) < 4 {
					bots = append(bots, h.start(strconv.Itoa(i), time.Duration(random.IntN(8000))*time.Millisecond))
				}
			case what < 4:
				j := random.IntN(len(bots))
				b := bots[j]
				if open, paused := opens[b]; paused {
					open()
					delete(opens, b)
				}
				if what == 2 {
					b.gate.Break()
				}
				b.stop()
				bots = append(bots[:j], bots[j+1:]...)
			default:
				b := bots[random.IntN(len(bots))]
				if open, paused := opens[b]; paused {
					open()
					delete(opens, b)
				} else {
					opens[b] = b.gate.Shut()
				}
			}
		}
		for _, open := range opens {
			open()
		}
		bots = append(bots, h.start("last", 0))
		time.Sleep(20 * time.Second)
		holders := 0
		for _, b := range bots {
			if b.has(duty.Slack) {
				holders++
			}
			b.stop()
		}
		assert.Equal(t, 1, holders)
		assert.Equal(t, 1, h.most)
	})
}
