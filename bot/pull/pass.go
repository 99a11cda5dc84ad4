package pull

import (
	"context"
	"errors"
	"time"

	"smileybot/bot/internal/loop"
	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
	"smileybot/store"
)

const (
	// pagePause is the pause between two pages of a site.
	pagePause = time.Second
	// maxPages bounds one pull: with a hundred reviews on a page, a hundred thousand.
	maxPages = 1000
	// completeEvery is how often a site that lists its reviews is read to its end. Changes of older
	// reviews and reviews that are gone are found then.
	completeEvery = 24 * time.Hour
)

// pass reads a site's pages, and returns how far the pull is. The error is a [*Failure] or the store's.
func (p *Puller) pass(ctx context.Context, s *pulled, state store.Pull) (store.Pull, error) {
	began := p.Now()
	whole := state.HistoryAt.IsZero() || !state.CompleteAt.After(began.Add(-completeEvery))
	cursor := later(state.Cursor, "", began)
	at := position{cursor: cursor}
	listed, visited := make(map[string]bool), make(map[string]bool)
	var last turn
	for n := 0; ; n++ {
		if n == maxPages || visited[at.page] {
			return state, &Failure{Reason: reasonEndless}
		}
		visited[at.page] = true
		now := p.Now()
		at.now = now
		page, next, err := s.get(ctx, at)
		if err != nil {
			return state, err
		}
		news, err := p.take(ctx, s, state, page, next.lists, now)
		if err != nil {
			return state, err
		}
		for _, e := range page.Events {
			listed[e.ID] = true
		}
		cursor, last = later(cursor, next.cursor, now), next
		if last.lists && !whole && !news {
			return state, nil
		}
		if next.next == "" {
			break
		}
		at.page = next.next
		if !loop.Sleep(ctx, pagePause) {
			return state, ctx.Err()
		}
	}
	state.Cursor = cursor
	if state.HistoryAt.IsZero() {
		state.HistoryAt = p.Now()
	}
	if last.lists && whole && last.total >= 0 && len(listed) >= last.total {
		if err := p.takeBack(ctx, s.name, listed); err != nil {
			return state, err
		}
	}
	state.CompleteAt = began
	return state, nil
}

// get asks for a page and reads it. The error is a [*Failure].
func (s *pulled) get(ctx context.Context, at position) (sender.Page, turn, error) {
	body, err := s.client.page(ctx, at)
	if err != nil {
		return sender.Page{}, turn{}, err
	}
	page, err := s.decoder.ReadPage(sender.Delivery{Sender: s.name, Body: body, ReceivedAt: at.now})
	wrong, isWrong := errors.AsType[*sender.DecodeError](err)
	if isWrong && wrong.Malformed != "" {
		return page, turn{}, &Failure{Reason: reasonNotJSON}
	}
	t, unread := s.source.read(page.Body, at) // first: the site may say that it refuses
	switch {
	case unread != nil:
		return page, t, unread
	case err != nil:
		return page, t, &Failure{Reason: reasonUnreadable}
	}
	return page, t, nil
}

// take takes the reviews of a page that was read at now, and reports whether one of them was news.
func (p *Puller) take(ctx context.Context, s *pulled, state store.Pull, page sender.Page, listed bool, now time.Time) (news bool, err error) {
	taken, err := p.store.TakePulled(ctx, state, page.Events, listed, now)
	wake := false
	unread := page.Refused
	for i, one := range taken {
		switch e := page.Events[i]; {
		case one.Result == feedback.Unchanged:
			continue
		case one.Result == store.Ignored && !e.TakenBack:
			unread = append(unread, sender.Part{Value: page.Parts[i].Value, Problems: []sender.Problem{sender.MissingRating(e.Kind)}})
		case one.Result != store.Ignored:
			for _, w := range page.Parts[i].Problems {
				p.Lost(s.name, w.Ours)
			}
		}
		news = true
		wake = wake || one.Result != store.PulledHistory
		p.metrics.reviews.WithLabelValues(state.Sender, string(one.Result)).Inc()
	}
	if left := len(page.Told()); left > 0 {
		p.metrics.reviews.WithLabelValues(state.Sender, "warned").Add(float64(left))
	}
	if wake {
		p.Stored()
	}
	if err == nil {
		err = p.keep(ctx, s, unread, now)
	}
	return news, err
}

// takeBack takes back the reviews that a site has no more.
func (p *Puller) takeBack(ctx context.Context, name string, listed map[string]bool) error {
	voided, err := p.store.VoidUnlisted(ctx, name, listed, p.Now())
	if voided > 0 {
		p.metrics.reviews.WithLabelValues(name, "taken_back").Add(float64(voided))
		p.Stored()
	}
	if errors.Is(err, store.ErrManyUnlisted) {
		return &Failure{Reason: reasonMissing}
	}
	return err
}
