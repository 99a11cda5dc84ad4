package feedback

import (
	"errors"
	"maps"
	"time"
)

// Result says what an event did.
type Result string

// The results of an event have the names of the webhook's answer.
const (
	Created   Result = "created"
	Updated   Result = "updated"
	Unchanged Result = "unchanged" // its values were known
	Stale     Result = "stale"     // older in every field it mentions
)

// ErrRatingMissing is returned for a first event without a rating: there is nothing to show or
// count yet.
var ErrRatingMissing = errors.New("the first event of a feedback needs its rating")

// SuspectWithin is how close two different smileys for one feedback must lie
// for them to be suspect. Mail scanners open every link of a mail within
// seconds; a person who changes their mind takes longer.
const SuspectWithin = 10 * time.Second

// SeenRating is a rating that an event reported for a feedback, whether or not it was applied.
type SeenRating struct {
	Rating int
	At     time.Time
	// Commented reports whether that event also had a comment.
	Commented bool
}

// Change is one entry of a feedback's history: a rating or comment that an event reported.
type Change struct {
	Field Field
	// Old is the value before, New the reported one: [Kind.RatingText], or the comment.
	Old, New   string
	OccurredAt time.Time
	// Applied is false for an event that changed nothing, because it was older or the same. It is
	// kept to recognise suspect clicks.
	Applied bool
}

// Merged is the result of [Merge].
type Merged struct {
	After   Feedback
	Result  Result
	History []Change
	// Visible reports whether Slack must show something else now. An event that only moves the
	// earliest moment is shown with the next change.
	Visible bool
}

// Merge applies an event to a feedback; before is nil for the first event. A field changes only
// when the event is not older than the one that set it, so events that arrive out of order end with
// the same values. At the same moment the later arrival wins. Of the agent and the customer, an event that
// does not change the rating only adds what is unknown, see [Claim].
//
// A feedback becomes suspect when the event's smiley differs from one that was seen less than
// [SuspectWithin] apart, and neither event nor the feedback has a comment. seen lists the smileys
// known from about that time.
//
// A voided feedback changes like any other and stays void, except when the customer took the answer
// back and answers again. An erased feedback takes no personal data.
//
// Merge leaves ID, ReceivedAt and Revision of a new feedback to the caller. It returns
// [ErrRatingMissing] for a first event without a rating.
func Merge(before *Feedback, e Event, seen []SeenRating) (Merged, error) {
	if before == nil {
		return mergeFirst(e)
	}
	after := *before
	after.SetAt = maps.Clone(before.SetAt)
	if at := e.earliest(); at.Before(after.OccurredAt) {
		after.OccurredAt = at
	}
	m := Merged{Result: Unchanged}
	mentioned, older, changed := 0, 0, false
	for _, s := range fieldAccessors() {
		if !e.Mentions[s.field] || before.Erased() && e.Kind.Personal(s.field) {
			continue
		}
		mentioned++
		if s.field.OfPerson() && !e.Whole {
			continue // see setPeople
		}
		at := e.MomentOf(s.field)
		fresh := !at.Before(after.SetAt[s.field])
		applies := fresh && !s.same(&after.Answer, &e.Answer)
		m.recordChange(s.field, before, e, applies)
		if !fresh {
			older++
			continue
		}
		after.SetAt[s.field] = at
		if applies {
			s.copy(&after.Answer, &e.Answer)
			changed = true
		}
	}
	if e.Whole {
		after.takeClaims(before.Claims, e)
	} else {
		named, tooOld := after.setPeople(*before, e)
		changed, older = changed || len(named) > 0, older+len(tooOld)
	}
	ruled, staleRuling := after.takeBack(e)
	changed = changed || ruled
	if staleRuling {
		mentioned, older = mentioned+1, older+1
	}
	switch {
	case changed:
		m.Result = Updated
	case mentioned > 0 && older == mentioned:
		m.Result = Stale
	}
	after.Suspect = before.Suspect || !before.Confirmed && suspect(after, e, seen)
	m.Visible = changed || after.Suspect != before.Suspect
	m.After = after
	return m, nil
}

// Void is m with the feedback voided. A feedback that is voided already keeps its reason.
func (m Merged) Void(v Void) Merged {
	if m.After.Voided() {
		return m
	}
	m.After.Void, m.Visible = v, true
	if m.Result != Created {
		m.Result = Updated
	}
	return m
}

// mergeFirst creates a feedback from its first event.
func mergeFirst(e Event) (Merged, error) {
	if !e.Mentions[FieldRating] {
		return Merged{}, ErrRatingMissing
	}
	m := Merged{Result: Created, Visible: true}
	f := Feedback{Key: e.Key, OccurredAt: e.earliest(), SetAt: make(map[Field]time.Time, len(e.Mentions))}
	for _, s := range fieldAccessors() {
		if !e.Mentions[s.field] {
			continue
		}
		m.recordChange(s.field, nil, e, true)
		s.copy(&f.Answer, &e.Answer)
		f.SetAt[s.field] = e.MomentOf(s.field)
	}
	f.takeClaims(nil, e)
	f.takeBack(e)
	m.After = f
	return m, nil
}

// recordChange adds the two fields with a history to it: every rating and every comment, even one
// that changed nothing, and a comment that is taken back.
func (m *Merged) recordChange(field Field, before *Feedback, e Event, applies bool) {
	c := Change{Field: field, OccurredAt: e.MomentOf(field), Applied: applies}
	switch field {
	case FieldRating:
		c.New = e.Kind.RatingText(e.Answer.Rating)
		if before != nil {
			c.Old = e.Kind.RatingText(before.Rating)
		}
	case FieldComment:
		c.New = e.Answer.Comment
		if before != nil {
			c.Old = before.Comment
		}
		if c.New == "" && (!applies || c.Old == "") {
			return
		}
	default:
		return
	}
	m.History = append(m.History, c)
}

// suspect reports whether an event's smiley contradicts another of about the same moment, and no
// comment shows that a person clicked.
func suspect(after Feedback, e Event, seen []SeenRating) bool {
	if e.Kind != KindSmiley || !e.Mentions[FieldRating] || e.commented() || after.Explained() {
		return false
	}
	for _, s := range seen {
		apart := e.MomentOf(FieldRating).Sub(s.At).Abs()
		if s.Rating != e.Answer.Rating && apart < SuspectWithin && !s.Commented {
			return true
		}
	}
	return false
}
