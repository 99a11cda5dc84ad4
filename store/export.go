package store

import (
	"context"

	"smileybot/feedback"
)

// Export hands every feedback that counts on the local days from first to last,
// both included, to take, in the order in which they arrived. It reads one
// consistent state of the database, however long it lasts, and holds one feedback
// at a time. An error of take ends it.
func (s *Store) Export(ctx context.Context, first, last feedback.Day, take func(feedback.Feedback) error) error {
	return s.each(ctx, "the feedback", func(row Scanner) error {
		c, err := scanCase(row)
		if err != nil {
			return err
		}
		return take(c.Feedback)
	}, selectCase+` where f.day between $1 and $2 order by f.id`, int64(first), int64(last))
}
