package feedback

import (
	"maps"
	"slices"
	"time"
)

// MaxAhead is how far a stored moment may lie ahead of now and still be believed: the clock of the
// machine and those of senders may differ by as much, see slackapi.MaxClockOffset.
const MaxAhead = 5 * time.Minute

// Corrected is the feedback for a merge at a moment that is known to be right. A value whose moment
// lies more than [MaxAhead] ahead came while the clock ran ahead. When it really came is not known,
// only that it was before now: so it makes no later arrival stale. The value itself stays, and so do
// the moments that are believed. OccurredAt stays as well: the next event is earlier, and wins.
func (f Feedback) Corrected(now time.Time) Feedback {
	latest := now.Add(MaxAhead)
	ahead := func(_ Field, at time.Time) bool { return at.After(latest) }
	for _, at := range f.SetAt {
		if at.After(latest) {
			f.SetAt = maps.Clone(f.SetAt)
			maps.DeleteFunc(f.SetAt, ahead)
			break
		}
	}
	if slices.ContainsFunc(f.Claims, func(c Claim) bool { return c.At.After(latest) }) {
		f.Claims = nil
	}
	if f.Voided() && f.Void.At.After(latest) {
		f.Void.At = now.Add(-MaxAhead)
	}
	return f
}
