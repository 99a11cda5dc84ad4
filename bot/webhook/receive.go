package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"smileybot/feedback"
	"smileybot/store"
)

// takeWithin bounds how long a request waits for the disk. Most senders give up
// after 5 to 15 s and try again, as they do after a 503.
const takeWithin = 10 * time.Second

// A sender is what one system's webhooks have of their own.
type sender struct {
	// name is the sender in the store, in metrics and in logs.
	name string
	// secretPath says that the proof is the last part of the path.
	secretPath bool
	// foreign says that its format is not ours: it may call its JSON what it likes.
	foreign bool
	// forms says that it may send form fields instead of JSON.
	forms bool
	// verify reports whether the request proves its sender, and the id by which
	// a repeated delivery is recognised, "" when there is none.
	verify func(r *http.Request, body []byte, now time.Time) (deliveryID string, proved bool)
	// unproved is what a sender is told that is not proved.
	unproved string
	// decode reads what a delivery says.
	decode func(p parcel) (decoded, *rejection)
	// partial says that its events may come before there is a rating: then they are
	// ignored, and not wrong.
	partial bool
}

// A parcel is a delivery that is proved, with its headers.
type parcel struct {
	store.Delivery

	header http.Header
}

// with is the parcel with a body.
func (p parcel) with(body []byte) parcel {
	p.Body = body
	return p
}

// decoded is what a delivery says, and what its sender should know about it.
type decoded struct {
	events   []feedback.Event // none when it tells of no rating
	ignored  []string         // unknown fields, sorted
	warnings []problem        // optional fields that were left out
	// partial says that the events may come before there is a rating, as of the sender.
	partial bool
}

// receive takes a sender's webhooks. It answers HEAD, by which senders probe
// whether the address is right.
func (in *Intake) receive(s sender) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusOK)
			return
		}
		received := in.now()
		taken, rejected := in.take(w, r, s, received)
		in.metrics.seconds.Observe(in.now().Sub(received).Seconds())
		if rejected != nil {
			in.report(r.Context(), s, rejected)
			rejected.write(w)
			return
		}
		in.taken()
		taken.write(w)
	})
}

// take does the steps of the package comment in their order.
func (in *Intake) take(w http.ResponseWriter, r *http.Request, s sender, received time.Time) (answer, *rejection) {
	p, rejected := admit(w, r, s, received)
	if rejected != nil {
		return answer{}, rejected
	}
	// A sender that hangs up does not stop what it began: the outcome is known
	// here, and its next try is a repeat.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), takeWithin)
	defer cancel()
	taken, rejected := in.settle(ctx, s, p)
	if rejected != nil && rejected.senders() {
		in.keep(ctx, p.Delivery, rejected)
	}
	return taken, rejected
}

// admit reads a request and checks that it comes from the sender.
func admit(w http.ResponseWriter, r *http.Request, s sender, received time.Time) (parcel, *rejection) {
	body, rejected := read(w, r, s)
	if rejected != nil {
		return parcel{}, rejected
	}
	id, proved := s.verify(r, body, received)
	if !proved {
		return parcel{}, unproved(s.unproved)
	}
	return parcel{store.Delivery{Sender: s.name, ID: id, Body: body, ReceivedAt: received}, r.Header}, nil
}

// settle decodes a delivery and takes what it says, unless it was taken before. The store
// sees to that when it writes, since two of the same may arrive at once; here it is looked
// up for what does not come that far, because a repeat is one whatever its body.
func (in *Intake) settle(ctx context.Context, s sender, p parcel) (answer, *rejection) {
	d := p.Delivery
	said, rejected := s.decode(p)
	if rejected != nil || len(said.events) == 0 {
		id, repeated, err := in.delivered(ctx, d)
		switch {
		case err != nil:
			return answer{}, unavailable(err)
		case repeated:
			return in.repeated(ctx, d, id), nil
		case rejected != nil:
			return answer{}, rejected
		default:
			return in.ignore(ctx, d, said), nil
		}
	}
	taken, err := in.store.Ingest(ctx, d, said.events...)
	switch {
	case errors.Is(err, feedback.ErrRatingMissing) && (s.partial || said.partial):
		return in.ignore(ctx, d, said), nil
	case errors.Is(err, feedback.ErrRatingMissing):
		return answer{}, invalid(missingRating(said.events[0].Kind))
	case err != nil:
		in.taken() // it may have been taken all the same, a moment later
		return answer{}, unavailable(err)
	case taken[0].Result == store.Duplicate:
		return in.repeated(ctx, d, taken[0].FeedbackID), nil
	}
	first := answer{Ignored: said.ignored, Warnings: said.warnings}
	for i, t := range taken {
		e := said.events[i]
		if first.ID == "" || !first.new() && isNew(t.Result) {
			first.ID, first.Result = t.FeedbackID, t.Result
		}
		if t.Suspect {
			in.metrics.suspect.WithLabelValues(d.Sender).Inc()
		}
		in.metrics.feedback.WithLabelValues(d.Sender, string(e.Kind), string(e.Channel), string(t.Result)).Inc()
		in.log.LogAttrs(ctx, slog.LevelInfo, "feedback taken", slog.String("sender", d.Sender),
			slog.String("feedback_id", t.FeedbackID), slog.String("kind", string(e.Kind)),
			slog.String("channel", string(e.Channel)), slog.String("result", string(t.Result)))
	}
	return first, nil
}

// delivered looks whether a delivery was taken before, and of which feedback it spoke.
func (in *Intake) delivered(ctx context.Context, d store.Delivery) (feedbackID string, repeated bool, err error) {
	if d.ID == "" {
		return "", false, nil
	}
	return in.store.Delivered(ctx, d.Sender, d.ID, d.ReceivedAt)
}

// ignore answers a delivery of a sender that tells of no rating.
func (in *Intake) ignore(ctx context.Context, d store.Delivery, said decoded) answer {
	in.metrics.feedback.WithLabelValues(d.Sender, "", "", string(store.Ignored)).Inc()
	in.log.LogAttrs(ctx, slog.LevelInfo, "webhook ignored", slog.String("sender", d.Sender))
	return answer{Result: store.Ignored, Warnings: said.warnings}
}

// repeated answers a delivery that was taken before. Its kind and channel are
// not read, and left out of the metric.
func (in *Intake) repeated(ctx context.Context, d store.Delivery, feedbackID string) answer {
	in.metrics.feedback.WithLabelValues(d.Sender, "", "", string(store.Duplicate)).Inc()
	in.log.LogAttrs(ctx, slog.LevelInfo, "feedback taken", slog.String("sender", d.Sender),
		slog.String("feedback_id", feedbackID), slog.String("result", string(store.Duplicate)))
	return answer{ID: feedbackID, Result: store.Duplicate}
}

// keep keeps a refused delivery for the operator. When that fails, the sender
// gets the same answer.
func (in *Intake) keep(ctx context.Context, d store.Delivery, rejected *rejection) {
	err := in.store.RecordRejected(ctx, store.RejectedDelivery{
		Sender: d.Sender, Status: rejected.status, Detail: rejected.explained(), ReceivedAt: d.ReceivedAt, Body: d.Body,
	})
	if err != nil {
		in.log.LogAttrs(ctx, slog.LevelWarn, "refused webhook not kept", slog.String("sender", d.Sender), slog.Any("error", err))
	}
}

// report counts and logs a rejection; what the store says is for the operator
// alone.
func (in *Intake) report(ctx context.Context, s sender, rejected *rejection) {
	in.metrics.rejected.WithLabelValues(s.name, string(rejected.reason)).Inc()
	attrs := []slog.Attr{
		slog.String("sender", s.name), slog.Int("status", rejected.status), slog.String("reason", string(rejected.reason)),
	}
	level := slog.LevelWarn
	if rejected.reason == reasonProof {
		level = slog.LevelDebug // whoever they are, they shall not fill the log; the metric counts them
	}
	if rejected.cause != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.Any("error", rejected.cause))
	}
	in.log.LogAttrs(ctx, level, "webhook rejected", attrs...)
}
