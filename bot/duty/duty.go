// Package duty has one of several bots do what may be done once: each duty has a lease in the store, and
// its part runs at the bot that holds it.
//
// No clock of one machine is compared with that of another. A holder renews its leases every
// [renewEvery]. It trusts itself for [trustFor] from the beginning of its last successful renewal, and
// then stops by itself. Another bot takes over that has seen a lease without renewal for [staleAfter],
// which is longer. So two bots never do the same duty, whatever is slow or paused, except for what a
// process does that is stopped in the middle of it; and the store refuses the writes of such a one,
// see [store.Store.Under].
//
// A bot that stops releases its leases, and another takes them within [lookEvery]. On a database that
// only one bot can serve, nothing is waited for and nothing renewed.
//
// A bot also holds a lease that says that it is there, so that the bots know how many they are.
package duty

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/internal/loop"
	"smileybot/store"
)

// The names of the duties.
const (
	Slack    = "slack"    // posting and editing messages, and updating Home tabs
	Clock    = "clock"    // what is due by the clock
	Outgoing = "outgoing" // notifying the ticket system
	Pull     = "pull"     // asking review sites
	Recount  = "recount"  // counting the scores again at the start
)

const (
	// lookEvery is how often a bot looks whether it may take over.
	lookEvery = time.Second
	// renewEvery is how often a holder renews its leases.
	renewEvery = 2 * time.Second
	// trustFor is how long a holder trusts itself after the beginning of a renewal.
	trustFor = 7 * time.Second
	// staleAfter is how long another bot must have seen a lease without renewal. With the looks before
	// and after, it takes over at most 12 s after the last renewal.
	staleAfter = 10 * time.Second
	// askTimeout bounds one read or write of the leases: two renewals may fail before trust ends.
	askTimeout = 3 * time.Second
	// countedFor is how long a bot counts after its last sign of life: longer than Slack takes to see
	// that its connections are gone.
	countedFor = time.Minute
	// announced is how long a new bot waits until the others have seen it.
	announced = renewEvery + lookEvery
)

// present begins the name of the lease of a bot that is there; the rest is the name of the bot.
const present = "bot "

// IsPresence reports whether a lease says that a bot is there, and is of no duty.
func IsPresence(l store.Lease) bool { return strings.HasPrefix(l.Duty, present) }

// SignOfLife is within what time a bot that is alive renews its leases, with a second to spare.
const SignOfLife = renewEvery + time.Second

// A Part is what is done while a duty is held.
type Part struct {
	Duty string
	// Run does it until ctx ends. It gets a store whose writes fail with [store.ErrSuperseded] once
	// another bot has taken over; then it returns. held ends when the duty is lost, and ctx before it
	// when the bot stops: what is under way then may still end. It may be called again after it
	// returned.
	Run func(ctx, held context.Context, s *store.Store)
}

// Options are what a Keeper needs.
type Options struct {
	Store *store.Store
	// Bot is the name of this bot, which no other process has or had.
	Bot string
	// Parts are the duties that this bot can do.
	Parts []Part
	// Now is the clock of what people read.
	Now      func() time.Time
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// A State is who does a duty, as this bot knows it.
type State struct {
	Duty string `json:"-"`
	// Holder is a bot, empty while no bot does it.
	Holder string `json:"holder"`
	Term   int64  `json:"term"`
	// Since is when this bot learned of it.
	Since time.Time `json:"since"`
	Mine  bool      `json:"mine"`
}

// A Keeper takes, renews and releases the leases of one bot.
type Keeper struct {
	options   Options
	exclusive bool // no other bot can be there
	held      *prometheus.GaugeVec
	changes   *prometheus.CounterVec
	shown     chan struct{} // closed when the other bots can know of this one
	wake      loop.Wakeup   // when a part has ended

	// The loop alone uses these.
	tenures map[string]*tenure   // by duty
	endedAt map[string]time.Time // by duty: when its part ended here last
	renewed time.Time            // when the last renewal began
	failing bool                 // the leases could not be read or written, which was logged

	mu     sync.Mutex
	leases map[string]sight     // by duty, as it was seen last
	bots   map[string]time.Time // by name, when there was a sign of life
}

// A sight is a lease as this bot has seen it.
type sight struct {
	store.Lease
	sameSince time.Time // since when all of it is the same, by this process' clock
	since     time.Time // since when it has this holder and term, for people
	mine      bool      // its part runs here
}

// New returns a Keeper that [Keeper.Run] starts.
func New(o Options) (*Keeper, error) {
	k := &Keeper{
		options: o, exclusive: o.Store.Exclusive(), shown: make(chan struct{}), wake: loop.NewWakeup(),
		tenures: make(map[string]*tenure), endedAt: make(map[string]time.Time), leases: make(map[string]sight), bots: make(map[string]time.Time),
		held: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "smileybot_duty_held",
			Help: "1 while this bot does a duty (slack, clock, outgoing, pull), 0 while another does. The sum over all bots is 1.",
		}, []string{"duty"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_duty_changes_total",
			Help: "How often this bot has taken a duty over, by duty.",
		}, []string{"duty"}),
	}
	for _, p := range o.Parts {
		k.held.WithLabelValues(p.Duty)
		k.changes.WithLabelValues(p.Duty)
	}
	for _, c := range []prometheus.Collector{k.held, k.changes} {
		if err := o.Registry.Register(c); err != nil {
			return nil, fmt.Errorf("registering the metrics of the duties: %w", err)
		}
	}
	if k.exclusive {
		close(k.shown)
	} else {
		k.options.Parts = append(slices.Clip(o.Parts), Part{Duty: present + o.Bot, Run: func(ctx, _ context.Context, _ *store.Store) { <-ctx.Done() }})
	}
	return k, nil
}

// Run takes the duties that no bot does and runs their parts, until ctx ends. Then it ends the parts and
// releases what it held. It may be called once.
func (k *Keeper) Run(ctx context.Context) {
	asking := context.WithoutCancel(ctx) // leases are renewed until the parts have ended
	for ctx.Err() == nil {
		k.finish(asking)
		if k.ask(asking) {
			k.take(asking)
		}
		loop.Wait(ctx, k.next(), k.wake)
	}
	for _, t := range k.tenures {
		t.stop()
	}
	for k.finish(asking); len(k.tenures) > 0; k.finish(asking) {
		k.ask(asking)
		loop.Wait(asking, k.next(), k.wake)
	}
}

// Announced returns when the other bots know of this one, or when ctx ends.
func (k *Keeper) Announced(ctx context.Context) {
	select {
	case <-k.shown:
		if !k.exclusive {
			loop.Sleep(ctx, announced)
		}
	case <-ctx.Done():
	}
}

// Bots is how many bots there are, with those that have gone within the last minute.
func (k *Keeper) Bots() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for name, at := range k.bots {
		if name != k.options.Bot && time.Since(at) < countedFor {
			n++
		}
	}
	return n + 1
}

// States lists who does each duty, by its name.
func (k *Keeper) States() []State {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []State
	for _, p := range k.options.Parts {
		if strings.HasPrefix(p.Duty, present) {
			continue
		}
		l := k.leases[p.Duty]
		all = append(all, State{Duty: p.Duty, Holder: l.Holder, Term: l.Term, Since: l.since, Mine: l.mine})
	}
	return all
}

// next is when the Keeper looks again: zero when it has all that it can have, and for good.
func (k *Keeper) next() time.Time {
	if k.exclusive && len(k.tenures) == len(k.options.Parts) {
		return time.Time{}
	}
	next := time.Now().Add(lookEvery)
	if renewal := k.renewed.Add(renewEvery); !k.exclusive && len(k.tenures) > 0 {
		next = loop.Earliest(next, loop.Latest(renewal, time.Now().Add(lookEvery/2)))
	}
	return next
}

// ask renews the leases if that is due, reads those of others if this bot may take over, and reports
// whether it has read them.
func (k *Keeper) ask(ctx context.Context) (asked bool) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	began := time.Now()
	var mine []string
	for duty, t := range k.tenures {
		if !t.lost() {
			mine = append(mine, duty)
		}
	}
	var all []store.Lease
	var err error
	switch {
	case !k.exclusive && len(mine) > 0 && began.Sub(k.renewed) >= renewEvery:
		slices.Sort(mine)
		if all, err = k.options.Store.Beat(ctx, k.options.Bot, mine...); err == nil {
			k.renewed = began
			for _, duty := range mine {
				k.tenures[duty].renew(all, began)
			}
		}
	case len(k.tenures) < len(k.options.Parts):
		all, err = k.options.Store.Leases(ctx)
	default:
		return false
	}
	if k.noteFailure(err); err != nil {
		return false
	}
	k.note(all, time.Now())
	return true
}

// noteFailure logs that the leases cannot be read or written, once.
func (k *Keeper) noteFailure(err error) {
	if err != nil && !k.failing {
		k.options.Log.Warn("could not read or renew the leases of the duties; will retry", "error", err)
	}
	k.failing = err != nil
}

// note keeps what was read at a moment.
func (k *Keeper) note(all []store.Lease, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	first := len(k.leases) == 0
	before := k.leases
	k.leases = make(map[string]sight, len(all))
	for _, l := range all {
		known, was := before[l.Duty]
		if !was || known.Lease != l {
			known.sameSince = now
		}
		bot, isBot := strings.CutPrefix(l.Duty, present)
		if isBot && known.sameSince.Equal(now) {
			k.bots[bot] = now
		}
		if known.Holder != l.Holder || known.Term != l.Term {
			known.since = k.options.Now()
			if !first && !isBot && l.Holder != "" && l.Holder != k.options.Bot {
				k.options.Log.Info("another bot has taken over", "duty", l.Duty, "bot", l.Holder, "term", l.Term, "former", known.Holder)
			}
		}
		known.Lease = l
		k.leases[l.Duty] = known
	}
	for bot, at := range k.bots {
		if now.Sub(at) >= countedFor {
			delete(k.bots, bot)
		}
	}
}

// take takes the duties that no bot does, and forgets bots that have gone.
func (k *Keeper) take(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	began := time.Now()
	var free, gone []store.Lease
	for _, p := range k.options.Parts {
		seen, was := k.leases[p.Duty] // only the loop writes it
		if !was {
			seen.Lease = store.Lease{Duty: p.Duty}
		}
		if k.tenures[p.Duty] != nil || began.Sub(k.endedAt[p.Duty]) < lookEvery {
			continue
		}
		if k.exclusive || seen.Holder == "" || seen.Holder == k.options.Bot || began.Sub(seen.sameSince) >= staleAfter {
			free = append(free, seen.Lease)
		}
	}
	for duty, seen := range k.leases {
		if strings.HasPrefix(duty, present) && began.Sub(seen.sameSince) >= countedFor {
			gone = append(gone, seen.Lease)
		}
	}
	if len(gone) > 0 {
		k.noteFailure(k.options.Store.DropLeases(ctx, gone...))
	}
	if len(free) == 0 {
		return
	}
	taken, err := k.options.Store.TakeLeases(ctx, k.options.Bot, free...)
	if k.noteFailure(err); err != nil {
		return
	}
	if len(k.tenures) == 0 {
		k.renewed = began
	}
	for _, l := range taken {
		k.begin(ctx, l, began)
	}
}

// begin runs the part of a duty that was taken by a write that began at a moment.
func (k *Keeper) begin(ctx context.Context, l store.Lease, began time.Time) {
	i := slices.IndexFunc(k.options.Parts, func(p Part) bool { return p.Duty == l.Duty })
	k.mu.Lock()
	former := k.leases[l.Duty].Holder
	k.leases[l.Duty] = sight{Lease: l, sameSince: began, since: k.options.Now(), mine: true}
	k.mu.Unlock()
	if l.Duty == present+k.options.Bot {
		select {
		case <-k.shown:
		default:
			close(k.shown)
		}
	} else {
		k.held.WithLabelValues(l.Duty).Set(1)
		k.changes.WithLabelValues(l.Duty).Inc()
		k.options.Log.Info("took a duty over", "duty", l.Duty, "bot", l.Holder, "term", l.Term, "former", former)
	}
	k.tenures[l.Duty] = k.startTenure(context.WithoutCancel(ctx), k.options.Parts[i], l, began)
}

// finish notes which parts have ended. What this bot still holds then is free for the others.
func (k *Keeper) finish(ctx context.Context) {
	for duty, t := range k.tenures {
		select {
		case <-t.ended:
		default:
			continue
		}
		delete(k.tenures, duty)
		k.endedAt[duty] = time.Now()
		k.mu.Lock()
		seen := k.leases[duty]
		seen.mine = false
		k.leases[duty] = seen
		k.mu.Unlock()
		if duty != present+k.options.Bot {
			k.held.WithLabelValues(duty).Set(0)
		}
		if !t.lost() {
			t.lose()
			k.release(ctx, t.lease)
		}
	}
}

// release lets others take a duty. When that fails they take it when it is stale.
func (k *Keeper) release(ctx context.Context, l store.Lease) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var err error
	if l.Duty == present+k.options.Bot {
		err = k.options.Store.RemoveLease(ctx, l)
	} else {
		err = k.options.Store.ReleaseLease(ctx, l)
	}
	if err != nil {
		k.options.Log.Warn("could not release a duty; another bot takes it over in some seconds", "duty", l.Duty, "error", err)
	}
}
