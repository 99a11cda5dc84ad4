package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"smileybot/bot/internal/bodies"
	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
	"smileybot/store"
)

const (
	// maxBody is the longest body of a webhook: 256 KiB.
	maxBody = 256 << 10
	// storeTimeout bounds how long a request waits for the disk. Most senders give up after 5 to
	// 15 s and try again, as they do after a 503.
	storeTimeout = 10 * time.Second
)

// handler serves the webhooks of a sender. It answers HEAD, with which senders probe the address.
func (in *Intake) handler(s sender.Enabled) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusOK)
			return
		}
		if word, asked, proved := s.InQuery(r); asked {
			in.shake(w, r, s, word, proved)
			return
		}
		if !in.begun.Load() {
			rejected := unavailable(nil) // counted and not logged: it is before the proof
			in.metrics.rejected.WithLabelValues(s.Name, string(rejected.reason)).Inc()
			rejected.write(w)
			return
		}
		began := time.Now()
		accepted, rejected := in.receive(w, r, s, in.now())
		in.metrics.seconds.Observe(time.Since(began).Seconds())
		if rejected != nil {
			in.report(r.Context(), s.Name, rejected)
			rejected.write(w)
			return
		}
		if accepted.word != "" {
			echo(w, accepted.word)
			return
		}
		in.stored()
		accepted.write(w, s.Accepted)
	})
}

// shake answers a handshake: with its word, when it is proved.
func (in *Intake) shake(w http.ResponseWriter, r *http.Request, s sender.Enabled, word string, proved bool) {
	if !proved {
		rejected := unproved(s, r, in.now())
		in.report(r.Context(), s.Name, rejected)
		rejected.write(w)
		return
	}
	echo(w, word)
}

// receive takes one request through the steps of the package comment.
func (in *Intake) receive(w http.ResponseWriter, r *http.Request, s sender.Enabled, received time.Time) (response, *rejection) {
	if rejected := checkHead(r, s); rejected != nil {
		return response{}, rejected
	}
	if !s.ProvableBy(r, received) {
		if err := bodies.Skip(w, r, maxBody); err != nil {
			return response{}, unread(err)
		}
		return response{}, unproved(s, r, received)
	}
	body, release, err := in.bodies.Read(w, r, maxBody)
	if err != nil {
		return response{}, unread(err)
	}
	defer release()
	id, proved := s.Prove(r, body, received)
	if !proved {
		return response{}, unproved(s, r, received)
	}
	// A sender that hangs up does not stop the work: the outcome is known here, and its next try is
	// a repeat.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), storeTimeout)
	defer cancel()
	d := sender.NewDelivery(s.Name, r, body, received)
	d.Body = s.Redact(d)
	if word, asked := s.InBody(d); asked {
		return response{word: word}, nil
	}
	verified := store.Delivery{Sender: s.Name, ID: id, Body: s.Kept(d), ReceivedAt: received}
	accepted, rejected := in.process(ctx, s, verified, d)
	if rejected != nil && rejected.ofBody() {
		in.keep(ctx, verified, rejected)
	}
	return accepted, rejected
}

// unproved is the rejection of a request that does not prove its sender.
func unproved(s sender.Enabled, r *http.Request, received time.Time) *rejection {
	rejected := reject(http.StatusUnauthorized, reasonProof, "The sender is not proved. "+s.Hint())
	rejected.basic = s.Proof.Kind == sender.BasicAuth
	rejected.unproved = s.WhyUnproved(r, received)
	return rejected
}

// checkHead checks, in the order 405, 415, 413, that a request brings what its sender may.
func checkHead(r *http.Request, s sender.Enabled) *rejection {
	methods := s.Allowed()
	if !slices.Contains(methods, r.Method) {
		rejected := reject(http.StatusMethodNotAllowed, reasonMethod, "Send webhooks with "+strings.Join(methods, " or ")+".")
		rejected.allow = append(slices.Clone(methods), http.MethodHead)
		if s.Challenge.Query != "" && !slices.Contains(methods, http.MethodGet) {
			rejected.allow = append(rejected.allow, http.MethodGet)
		}
		return rejected
	}
	if remedy, ok := s.Readable(r.Header.Get("Content-Type")); !ok && r.Method != http.MethodGet {
		return wrongMediaType(remedy)
	}
	if len(r.Header.Values("Content-Encoding")) > 0 {
		return wrongMediaType("Send the body as it is, without Content-Encoding.")
	}
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	return nil
}

// unread is the rejection of a body that could not be read to its end.
func unread(err error) *rejection {
	_, over := errors.AsType[*http.MaxBytesError](err)
	switch {
	case over:
		return tooLarge()
	case errors.Is(err, bodies.ErrFull):
		return reject(http.StatusServiceUnavailable, reasonMemory, "Too many requests are on their way at the moment. Send it again later.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return reject(http.StatusRequestTimeout, reasonUnread, "The body took too long to arrive.")
	default:
		return reject(http.StatusBadRequest, reasonUnread, "The body broke off before its end.")
	}
}

// process decodes a delivery and stores its events, unless it was stored before. The store looks for
// a repeat when it writes, because two of the same may arrive at once. A delivery that is not written
// is looked up here, because a repeat is one whatever its body.
func (in *Intake) process(ctx context.Context, s sender.Enabled, d store.Delivery, received sender.Delivery) (response, *rejection) {
	payload, err := s.Decode(received)
	if err != nil || len(payload.Events) == 0 {
		id, repeated, failed := in.delivered(ctx, d)
		switch {
		case failed != nil:
			return response{}, unavailable(failed)
		case repeated:
			return in.repeated(ctx, d, id), nil
		case err != nil:
			return response{}, unreadable(err)
		default:
			return in.ignored(ctx, d, payload), nil
		}
	}
	d.Strict = payload.Strict
	results, err := in.store.Ingest(ctx, d, payload.Events...)
	switch {
	case errors.Is(err, feedback.ErrRatingMissing) && payload.RatingLater:
		return in.ignored(ctx, d, payload), nil
	case errors.Is(err, feedback.ErrRatingMissing):
		return response{}, invalid(sender.MissingRating(payload.Events[0].Kind))
	case err != nil:
		in.stored() // the commit may still succeed, a moment later
		return response{}, unavailable(err)
	case results[0].Result == store.Duplicate:
		return in.repeated(ctx, d, results[0].FeedbackID), nil
	}
	return in.accepted(ctx, d, payload, results), nil
}

// delivered looks up whether a delivery was stored before, and the feedback of its event.
func (in *Intake) delivered(ctx context.Context, d store.Delivery) (feedbackID string, repeated bool, err error) {
	if d.ID == "" {
		return "", false, nil
	}
	return in.store.Delivered(ctx, d.Sender, d.ID, d.ReceivedAt)
}

// accepted is the response to events that were stored.
func (in *Intake) accepted(ctx context.Context, d store.Delivery, payload sender.Payload, results []store.Ingested) response {
	first := response{Ignored: payload.Ignored, Warnings: payload.Told()}
	in.lose(d.Sender, payload)
	left := payload.Refusals()
	for i, t := range results {
		e := payload.Events[i]
		if i == 0 || weight(t.Result) > weight(first.Result) {
			first.ID, first.Result = t.FeedbackID, t.Result
		}
		switch {
		case t.Result != store.Ignored:
		case payload.RatingLater || e.TakenBack:
			in.lost(d.Sender, Loss{Kind: LostDelivery})
		default:
			missing := sender.MissingRating(e.Kind)
			missing.Message += "; the rating was left out"
			left, first.Warnings = append(left, missing), append(first.Warnings, missing)
			in.losePart(d.Sender)
		}
		if t.Result == feedback.Kept {
			in.lost(d.Sender, Loss{Kind: LostWaiting})
		}
		if t.Suspect {
			in.metrics.suspect.WithLabelValues(d.Sender).Inc()
		}
		in.metrics.feedback.WithLabelValues(d.Sender, string(e.Kind), string(e.Channel), string(t.Result)).Inc()
		in.log.LogAttrs(ctx, slog.LevelInfo, "stored feedback", slog.String("sender", d.Sender),
			slog.String("feedback_id", t.FeedbackID), slog.String("kind", string(e.Kind)),
			slog.String("channel", string(e.Channel)), slog.String("result", string(t.Result)))
	}
	if len(left) > 0 {
		in.keep(ctx, d, partly(left))
	}
	return first
}

// ignored is the response to a delivery without a rating.
func (in *Intake) ignored(ctx context.Context, d store.Delivery, payload sender.Payload) response {
	in.lose(d.Sender, payload)
	if payload.Bots == 0 {
		in.lost(d.Sender, Loss{Kind: LostDelivery})
	}
	in.metrics.feedback.WithLabelValues(d.Sender, "", "", string(store.Ignored)).Inc()
	attrs := []slog.Attr{slog.String("sender", d.Sender)}
	if payload.Failed != "" { // in the words of the mapping
		attrs = append(attrs, slog.String("condition", payload.Failed))
	}
	in.log.LogAttrs(ctx, slog.LevelInfo, "webhook ignored", attrs...)
	return response{Result: store.Ignored, Warnings: payload.Told()}
}

// repeated is the response to a delivery that was stored before. Its kind and channel are not read,
// and are left out of the metric.
func (in *Intake) repeated(ctx context.Context, d store.Delivery, feedbackID string) response {
	in.metrics.feedback.WithLabelValues(d.Sender, "", "", string(store.Duplicate)).Inc()
	in.log.LogAttrs(ctx, slog.LevelInfo, "stored feedback", slog.String("sender", d.Sender),
		slog.String("feedback_id", feedbackID), slog.String("result", string(store.Duplicate)))
	return response{ID: feedbackID, Result: store.Duplicate}
}

// keep stores a rejected delivery for the operator. When that fails, the sender gets the same
// response.
func (in *Intake) keep(ctx context.Context, d store.Delivery, rejected *rejection) {
	err := in.store.RecordRejected(ctx, store.RejectedDelivery{
		Sender: d.Sender, Status: rejected.status, Detail: rejected.explained(), ReceivedAt: d.ReceivedAt, Body: d.Body,
	})
	if err != nil {
		in.log.LogAttrs(ctx, slog.LevelWarn, "could not keep rejected webhook", slog.String("sender", d.Sender), slog.Any("error", err))
	}
}

// report counts a rejection, and logs it when the sender is proved: strangers must not fill the log.
// An error of the store is only for the operator.
func (in *Intake) report(ctx context.Context, sender string, rejected *rejection) {
	in.metrics.rejected.WithLabelValues(sender, string(rejected.reason)).Inc()
	if rejected.reason == reasonProof {
		in.metrics.unproved.WithLabelValues(sender, string(rejected.unproved)).Inc()
	}
	if !rejected.ofBody() && rejected.cause == nil {
		in.refused(sender, Refusal{rejected.reason, rejected.unproved})
		return
	}
	attrs := []slog.Attr{
		slog.String("sender", sender), slog.Int("status", rejected.status), slog.String("reason", string(rejected.reason)),
	}
	level := slog.LevelWarn
	if rejected.cause != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.Any("error", rejected.cause))
	}
	in.log.LogAttrs(ctx, level, "webhook rejected", attrs...)
}

// Refuse counts and answers a request under /webhooks/ that no sender's handler gets.
func (in *Intake) Refuse(w http.ResponseWriter, status int, why Reason, detail string) {
	in.CountRefused(why)
	reject(status, why, detail).write(w)
}

// CountRefused counts a request under /webhooks/ that was answered already.
func (in *Intake) CountRefused(why Reason) {
	in.metrics.rejected.WithLabelValues("", string(why)).Inc()
}
