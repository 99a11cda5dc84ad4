package bot

import "context"

// taken tells who is to know of a rating that was taken.
func (b *Bot) taken() {
	b.stirred()
	b.waitingChanged()
}

// stirred tells who is to know that something has changed: there may be something to
// show, and something may be due earlier.
func (b *Bot) stirred() {
	b.deliverer.Wake()
	b.clock.Earlier()
	if b.teller != nil {
		b.teller.Wake()
	}
}

// hearSignals looks anew when another program has changed the database.
func (b *Bot) hearSignals(ctx context.Context) {
	for {
		select {
		case <-b.signals:
			b.taken()
		case <-ctx.Done():
			return
		}
	}
}

// waitingChanged has the Home tabs looked at.
func (b *Bot) waitingChanged() { b.people.handler.WaitingChanged() }
