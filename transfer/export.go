package transfer

import (
	"context"
	"io"

	"smileybot/csvfile"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/store"
)

// Export writes the feedback that counts on the days from first to last, both included.
func Export(ctx context.Context, out io.Writer, s *store.Store, first, last office.Day) error {
	w, err := csvfile.NewWriter(out)
	if err != nil {
		return err
	}
	if err := s.Export(ctx, first, last, func(f feedback.Feedback) error { return w.Write(row(f)) }); err != nil {
		return err
	}
	return w.Flush()
}

// row returns the row from which an import makes the same feedback.
func row(f feedback.Feedback) csvfile.Row {
	mentions := make(map[feedback.Field]bool, len(f.SetAt))
	for field := range f.SetAt {
		mentions[field] = true
	}
	return csvfile.Row{
		Event:      feedback.Event{Key: f.Key, OccurredAt: f.OccurredAt, Answer: f.Answer, Mentions: mentions},
		VoidReason: f.Void.Reason,
	}
}
