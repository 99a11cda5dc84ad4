package store

import (
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// A set of arrivals first loads what they touch, in two batches: what the events name, then what
// the feedback of that refers to. The functions that apply an event look for their rows here with
// fetch, and ask the database when a row is not loaded. So what is loaded decides about the cost
// of a write and never about its result.

// maxSetBytes bounds the bodies of a set, so that the engine can commit between two sets.
const maxSetBytes = 1 << 20

// loaded are the rows that a set has loaded, by what they are looked up with.
type loaded struct {
	deliveries map[deliveryKey]*knownDelivery
	forgotten  map[forgottenKey]*time.Time
	feedback   map[feedback.Key]*storedFeedback
	kept       map[keptKey]*[]keptEvent
	days       map[string]*office.Day
	seen       map[seenKey]*[]feedback.SeenRating
	tickets    map[ticketKey]*ticketRows
	atRisk     map[customerKey]*bool
	answers    map[customerKey]*customerAnswers
	judged     map[judgedKey]*[]string
}

func newLoaded() loaded {
	return loaded{
		make(map[deliveryKey]*knownDelivery), make(map[forgottenKey]*time.Time), make(map[feedback.Key]*storedFeedback), make(map[keptKey]*[]keptEvent),
		make(map[string]*office.Day), make(map[seenKey]*[]feedback.SeenRating), make(map[ticketKey]*ticketRows),
		make(map[customerKey]*bool), make(map[customerKey]*customerAnswers), make(map[judgedKey]*[]string),
	}
}

// load adds the queries of a key to a batch and keeps the place of their rows.
func load[K comparable, V any](b *Batch, into map[K]*V, key K, query func(*Batch, K) *V) *V {
	v := query(b, key)
	into[key] = v
	return v
}

// fetch returns the rows of a key: what is loaded, else what the database has. What is loaded is
// returned once, because the job may change the rows after that.
func fetch[K comparable, V any](t *Unit, from map[K]*V, key K, query func(*Batch, K) *V) (*V, error) {
	if v, ok := from[key]; ok {
		delete(from, key)
		return v, nil
	}
	var b Batch
	v := query(&b, key)
	return v, t.Batch(&b)
}

// loadSet loads what the first of some arrivals touch that can be applied together, and returns these.
func (t *Unit) loadSet(jobs []*arrival) ([]*arrival, error) {
	set := independent(jobs, func(*arrival) *feedback.Feedback { return nil })
	t.loaded = newLoaded()
	if len(set[0].events) != 1 { // later events may depend on earlier ones
		return set, nil
	}
	var b Batch
	found, waiting := make(map[*arrival]*storedFeedback, len(set)), make(map[*arrival]*[]keptEvent, len(set))
	for _, a := range set {
		if a.ID != "" {
			load(&b, t.loaded.deliveries, a.key(), queryDelivery)
		}
		found[a] = load(&b, t.loaded.feedback, a.events[0].Key, queryByKey)
		waiting[a] = load(&b, t.loaded.kept, keptSince(a.events[0].Key, a.ReceivedAt), queryKept)
	}
	if !t.someForgotten.Valid {
		b.Each(func(row Scanner) error { return row.Scan(&t.someForgotten) }, selectSomeForgotten)
	}
	if err := t.Batch(&b); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(set, func(a *arrival) bool { return found[a].before() != nil }) { // which names more than the events do
		set = independent(set, func(a *arrival) *feedback.Feedback { return found[a].before() })
	}
	if i := slices.IndexFunc(set, func(a *arrival) bool { return len(*waiting[a]) > 0 }); i >= 0 { // with customers and tickets of their own
		set = set[:max(i, 1)]
	}
	b.reset()
	for _, a := range set {
		if known := t.loaded.deliveries[a.key()]; known == nil || !known.found {
			t.loadRelated(&b, a.events[0], found[a])
		}
	}
	return set, t.Batch(&b)
}

// loadRelated adds the queries for what an event may change besides its feedback.
func (t *Unit) loadRelated(b *Batch, e feedback.Event, found *storedFeedback) {
	before, answer := found.before(), e.Answer
	if before == nil && !e.Mentions[feedback.FieldRating] {
		return // it is refused
	}
	if t.someForgotten.Bool {
		for _, hash := range customerHashes(e) {
			load(b, t.loaded.forgotten, forgottenKey{string(hash), ms(e.OccurredAt)}, queryForgotten)
		}
	}
	if before != nil {
		answer = before.Answer
		t.loaded.days[before.ID] = &found.day
		if key, may := seenOf(*before, e); may {
			load(b, t.loaded.seen, key, querySeen)
		}
	}
	if id := answer.Ticket.ID; id != "" {
		load(b, t.loaded.tickets, ticketKey{e.Sender, id}, queryTicket)
	}
	if who := keyOf(answer.Customer); e.Kind.CountsForRisk() {
		if before == nil && e.Kind.Colour(answer.Rating) == feedback.Green {
			load(b, t.loaded.atRisk, who, queryAtRisk)
		} else {
			load(b, t.loaded.answers, who, queryAnswers)
		}
	}
	if answer.FollowUpOf != "" {
		load(b, t.loaded.judged, judgedKey{e.Sender, answer.FollowUpOf}, queryJudged)
	}
}

// independent are the first of some arrivals of which no two touch the same delivery, feedback,
// ticket or customer, at least one. before is the feedback of an arrival, nil when it is not known.
// An arrival that has not exactly one event is alone.
func independent(jobs []*arrival, before func(*arrival) *feedback.Feedback) []*arrival {
	const most = 4 // of what most arrivals touch
	taken, bytes := make(map[touched]bool, most*len(jobs)), 0
	for i, a := range jobs {
		bytes += len(a.Body)
		single := len(a.events) == 1
		if i > 0 && (!single || bytes > maxSetBytes) {
			return jobs[:i]
		}
		if !single {
			return jobs[:1]
		}
		touches := a.touches(before(a))
		for _, one := range touches {
			if taken[one] {
				return jobs[:i]
			}
		}
		for _, one := range touches {
			taken[one] = true
		}
	}
	return jobs
}

// touched names rows that two arrivals of a set must not have in common: of a kind, with a sender
// and an id.
type touched struct {
	kind       touchedKind
	sender, id string
}

type touchedKind int

const (
	touchedDelivery touchedKind = iota
	touchedFeedback             // of any channel and kind, or judged
	touchedTicket
	touchedCustomer
	touchedEmail
)

// touches lists what an arrival with one event touches.
func (a *arrival) touches(before *feedback.Feedback) []touched {
	e := a.events[0]
	all := make([]touched, 0, 8)
	add := func(kind touchedKind, sender, id string) {
		if id != "" {
			all = append(all, touched{kind, sender, id})
		}
	}
	add(touchedDelivery, a.Sender, a.ID)
	add(touchedFeedback, e.Sender, e.ID)
	names := func(answer feedback.Answer) {
		add(touchedFeedback, e.Sender, answer.FollowUpOf)
		add(touchedTicket, e.Sender, answer.Ticket.ID)
		add(touchedCustomer, "", answer.Customer.ID)
		add(touchedEmail, "", lower(answer.Customer.Email))
	}
	names(e.Answer)
	if before != nil {
		names(before.Answer)
		for _, former := range before.FormerCustomers() { // who may come back
			add(touchedCustomer, "", former.ID)
			add(touchedEmail, "", lower(former.Email))
		}
	}
	return all
}
