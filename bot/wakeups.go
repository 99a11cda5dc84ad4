package bot

import "context"

// onFeedbackStored wakes everything that a new rating concerns.
func (b *Bot) onFeedbackStored() {
	b.onStoreChanged()
	b.onQueueChanged()
}

// onStoreChanged wakes everything that a change concerns: there may be something to show, and something
// may be due earlier.
func (b *Bot) onStoreChanged() {
	b.outbox.Wake()
	b.scheduler.Reschedule()
	if b.notifier != nil {
		b.notifier.Wake()
	}
}

// onQueueChanged wakes what shows the Home tabs.
func (b *Bot) onQueueChanged() { b.dispatcher.handler.WaitingChanged() }

// listenForSignals waits for changes of the database by another program.
func (b *Bot) listenForSignals(ctx context.Context) {
	for {
		select {
		case <-b.signals:
			b.onFeedbackStored()
		case <-ctx.Done():
			return
		}
	}
}
