package feedback

import "slices"

// Kept is the result of an event that waits for the first rating of its feedback.
const Kept Result = "kept"

// Waits reports whether an event without a rating is worth keeping until the first rating arrives: it has
// a comment, or takes the answer back.
func (e Event) Waits() bool {
	return !e.Mentions[FieldRating] && (e.commented() || e.TakenBack)
}

// MergeFirst creates a feedback from its first event with a rating, and from the events that wait for
// it. The result is the same as when they had arrived after it. It returns [ErrRatingMissing] for an event
// without a rating.
func MergeFirst(e Event, waiting []Event) (Merged, error) {
	m, err := mergeFirst(e)
	if err != nil {
		return m, err
	}
	waiting = slices.Clone(waiting)
	slices.SortStableFunc(waiting, func(a, b Event) int { return a.OccurredAt.Compare(b.OccurredAt) })
	for _, w := range waiting {
		next, err := Merge(&m.After, w, nil)
		if err != nil {
			return m, err
		}
		m.After, m.History = next.After, append(m.History, next.History...)
	}
	return m, nil
}
