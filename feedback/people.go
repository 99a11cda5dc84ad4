package feedback

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// A Claim is what one event said of the people of a feedback, and of its rating. Who the agent and the
// customer are depends on which events changed the rating, and so on events that may arrive later: the
// claims are kept with the feedback, at most [MaxClaims].
type Claim struct {
	At time.Time `json:"at"`
	// Rating is that of the event, nil of an event without one.
	Rating *int `json:"rating,omitempty"`
	// People has the fields of agent and customer that the event mentions.
	People map[Field]string `json:"people,omitempty"`
}

// MaxClaims bounds the claims of a feedback. A customer who changes a rating has some five events; of
// more, the earliest become one.
const MaxClaims = 20

// same reports whether two claims say the same of the same moment.
func (c Claim) same(other Claim) bool {
	return other.At.Equal(c.At) && maps.Equal(other.People, c.People) &&
		(other.Rating == nil) == (c.Rating == nil) && (c.Rating == nil || *other.Rating == *c.Rating)
}

// SameClaims reports whether two lists of claims are equal.
func SameClaims(a, b []Claim) bool { return slices.EqualFunc(a, b, Claim.same) }

// groups are the fields of each person: the id, the address and the name.
func groups() [][]Field {
	return [][]Field{
		{FieldAgentID, FieldAgentEmail, FieldAgentName},
		{FieldCustomerID, FieldCustomerEmail, FieldCustomerName},
	}
}

// OfPerson reports whether a field names an agent or a customer.
func (f Field) OfPerson() bool {
	return slices.ContainsFunc(groups(), func(group []Field) bool { return slices.Contains(group, f) })
}

// personFields are the fields of agent and customer with their places in an answer.
func personFields() map[Field]pointerTo[string] {
	places := make(map[Field]pointerTo[string])
	for _, a := range fieldAccessors() {
		if place, isText := a.accessor.(pointerTo[string]); isText && a.field.OfPerson() {
			places[a.field] = place
		}
	}
	return places
}

// claim is what an event says of people and rating; ok is false when that is nothing. A feedback whose
// personal data is erased takes none.
func (e Event) claim(erased bool) (c Claim, ok bool) {
	c = Claim{At: e.OccurredAt, People: make(map[Field]string)}
	if e.Mentions[FieldRating] {
		rating := e.Answer.Rating
		c.Rating = &rating
	}
	for field, place := range personFields() {
		if e.Mentions[field] && (!erased || !e.Kind.Personal(field)) {
			c.People[field] = *place(&e.Answer)
		}
	}
	return c, c.Rating != nil || len(c.People) > 0
}

// claims are those of the feedback. One that had a single event has them in its fields. A value without a
// moment, see [Feedback.Corrected], is older than any claim: its moment is the zero time.
func (f Feedback) claims() []Claim {
	if len(f.Claims) > 0 {
		return slices.Clone(f.Claims)
	}
	at := make(map[time.Time]*Claim)
	of := func(field Field) *Claim {
		moment := f.SetAt[field]
		if at[moment] == nil {
			at[moment] = &Claim{At: moment, People: make(map[Field]string)}
		}
		return at[moment]
	}
	rating := f.Rating
	of(FieldRating).Rating = &rating
	for field, place := range personFields() {
		if _, said := f.SetAt[field]; said || *place(&f.Answer) != "" {
			of(field).People[field] = *place(&f.Answer)
		}
	}
	var all []Claim
	for _, c := range at {
		all = append(all, *c)
	}
	sortClaims(all)
	return all
}

// UntoldClaims are the claims of the feedback when its fields and their moments do not tell them, else nil.
func (f Feedback) UntoldClaims() []Claim {
	told := f
	told.Claims = nil
	if SameClaims(f.Claims, told.claims()) {
		return nil
	}
	return f.Claims
}

// leadsTo reports whether the people and the rating of a feedback follow from claims.
func leadsTo(all []Claim, f Feedback) bool {
	k := people(all)
	if k.rating == nil || *k.rating != f.Rating {
		return false
	}
	for field, place := range personFields() {
		_, said := f.SetAt[field]
		if said != k.dated(field) || !f.SetAt[field].Equal(k.setAt[field]) || k.values[field] != *place(&f.Answer) {
			return false
		}
	}
	return true
}

// takeClaims keeps the claims that the feedback had before a whole event, or those of the event: the
// longer list of those that lead to the people of the feedback. When neither does, its fields tell
// them. An erased feedback takes none.
func (f *Feedback) takeClaims(before []Claim, e Event) {
	f.Claims = nil
	lists := [][]Claim{before, e.Claims}
	if f.Erased() {
		lists = lists[:1]
	}
	for _, all := range lists {
		if len(all) > len(f.Claims) && leadsTo(all, *f) {
			f.Claims = all
		}
	}
}

func sortClaims(all []Claim) {
	slices.SortStableFunc(all, func(a, b Claim) int { return a.At.Compare(b.At) })
}

// with adds a claim, once, in the order of moments and of arrival.
func with(all []Claim, c Claim) []Claim {
	if last := slices.IndexFunc(all, c.same); last >= 0 {
		all = slices.Delete(all, last, last+1) // of the same moment, the later arrival wins
	}
	all = append(all, c)
	sortClaims(all)
	if over := len(all) - MaxClaims; over > 0 {
		first := people(all[:over+1])
		earliest := Claim{At: all[over].At, Rating: first.rating, People: first.values}
		all = append([]Claim{earliest}, all[over+1:]...)
	}
	return all
}

// known is who is known from claims, and the moment of the claim that named each.
type known struct {
	rating *int
	values map[Field]string
	setAt  map[Field]time.Time
}

// dated reports whether a field has a value, perhaps empty, of a known moment.
func (k known) dated(field Field) bool { return !k.setAt[field].IsZero() }

// people returns who the people are after claims in their order. An event that changes the rating names
// them; any other only adds what is unknown of the same person.
func people(all []Claim) known {
	k := known{values: make(map[Field]string), setAt: make(map[Field]time.Time)}
	for _, c := range all {
		changes := c.Rating != nil && (k.rating == nil || *k.rating != *c.Rating)
		if c.Rating != nil {
			k.rating = c.Rating
		}
		for _, group := range groups() {
			adds := k.samePerson(group, c)
			for _, field := range group {
				value, said := c.People[field]
				if said && (changes || k.values[field] == "" && adds) {
					k.values[field], k.setAt[field] = value, c.At
				}
			}
		}
	}
	return k
}

// samePerson reports whether a claim may be about the person who is known: by the id, else by the
// address, else by the name, of which none contradicts.
func (k known) samePerson(group []Field, c Claim) bool {
	for _, field := range group {
		was, is := k.values[field], c.People[field]
		if was != "" && is != "" {
			return strings.EqualFold(was, is)
		}
	}
	return true
}

// setPeople merges the people of an event into the feedback as it was before, and returns the fields that
// changed and those for which the event was too old.
func (f *Feedback) setPeople(before Feedback, e Event) (changed, older []Field) {
	c, ok := e.claim(f.Erased())
	if !ok {
		return nil, nil
	}
	f.Claims = with(before.claims(), c)
	k := people(f.Claims)
	for field, place := range personFields() {
		if _, said := c.People[field]; said && c.At.Before(f.SetAt[field]) && !k.setAt[field].Equal(c.At) {
			older = append(older, field)
		}
		if k.dated(field) {
			f.SetAt[field] = k.setAt[field]
		} else {
			delete(f.SetAt, field) // it was said of another person, as is known now, or has no moment
		}
		value := k.values[field]
		if is := place(&f.Answer); *is != value {
			*is = value
			changed = append(changed, field)
		}
	}
	return changed, older
}
