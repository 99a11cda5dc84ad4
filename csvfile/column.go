package csvfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"smileybot/feedback"
)

// MaxReason bounds the reason of a void, in characters: the limit of Slack's input.
const MaxReason = 3000

// column is one field: its name, how its cell is read into a row, and how it is written. An empty
// cell is not read.
type column struct {
	name  string
	read  func(cell string, r *parsedRow) error
	write func(Row) string
}

// parsedRow is a row while its cells are read.
type parsedRow struct {
	row           Row
	smiley, score string
	now           time.Time
}

// columns lists all columns in the order of an export.
func columns() []column {
	return []column{
		{"id", func(cell string, r *parsedRow) error { return text(&r.row.Event.ID, cell, feedback.MaxID) }, func(r Row) string { return r.Event.ID }},
		{"sender", func(cell string, r *parsedRow) error { return text(&r.row.Event.Sender, cell, feedback.MaxName) }, func(r Row) string { return r.Event.Sender }},
		{"kind", readKind, func(r Row) string { return string(r.Event.Kind) }},
		{"channel", readChannel, func(r Row) string { return string(r.Event.Channel) }},
		{"smiley", func(cell string, r *parsedRow) error { r.smiley = cell; return nil }, func(r Row) string { return r.rating(true) }},
		{"score", func(cell string, r *parsedRow) error { r.score = cell; return nil }, func(r Row) string { return r.rating(false) }},
		texts(feedback.FieldComment, 0, func(a *feedback.Answer) *string { return &a.Comment }),
		texts(feedback.FieldCustomerID, feedback.MaxID, func(a *feedback.Answer) *string { return &a.Customer.ID }),
		texts(feedback.FieldCustomerName, feedback.MaxName, func(a *feedback.Answer) *string { return &a.Customer.Name }),
		texts(feedback.FieldCustomerEmail, feedback.MaxName, func(a *feedback.Answer) *string { return &a.Customer.Email }),
		texts(feedback.FieldAgentID, feedback.MaxID, func(a *feedback.Answer) *string { return &a.Agent.ID }),
		texts(feedback.FieldAgentName, feedback.MaxName, func(a *feedback.Answer) *string { return &a.Agent.Name }),
		texts(feedback.FieldAgentEmail, feedback.MaxName, func(a *feedback.Answer) *string { return &a.Agent.Email }),
		texts(feedback.FieldTicketID, feedback.MaxID, func(a *feedback.Answer) *string { return &a.Ticket.ID }),
		texts(feedback.FieldTicketSubject, feedback.MaxName, func(a *feedback.Answer) *string { return &a.Ticket.Subject }),
		value(feedback.FieldTicketURL, readURL, plain, func(a *feedback.Answer) *string { return &a.Ticket.URL }),
		value(feedback.FieldTicketUrgent, readFlag, strconv.FormatBool, func(a *feedback.Answer) *bool { return &a.Ticket.Urgent }),
		value(feedback.FieldTicketOpenedAt, readMoment, stamp, func(a *feedback.Answer) *time.Time { return &a.Ticket.OpenedAt }),
		value(feedback.FieldTicketFirstReplyAt, readMoment, stamp, func(a *feedback.Answer) *time.Time { return &a.Ticket.FirstReplyAt }),
		value(feedback.FieldTicketResolvedAt, readMoment, stamp, func(a *feedback.Answer) *time.Time { return &a.Ticket.ResolvedAt }),
		value(feedback.FieldTicketReplies, readReplies, strconv.Itoa, func(a *feedback.Answer) *int { return &a.Ticket.Replies }),
		texts(feedback.FieldSite, feedback.MaxName, func(a *feedback.Answer) *string { return &a.Site }),
		texts(feedback.FieldFollowUpOf, feedback.MaxID, func(a *feedback.Answer) *string { return &a.FollowUpOf }),
		{"raw", func(cell string, r *parsedRow) error { return text(&r.row.Event.Answer.Raw, cell, feedback.MaxRaw) }, Row.raw},
		{"occurred_at", readOccurredAt, func(r Row) string { return stamp(r.Event.OccurredAt) }},
		{"void_reason", readReason, func(r Row) string { return r.VoidReason }},
	}
}

// Header lists the names of the columns in the order of an export.
func Header() []string {
	var names []string
	for _, c := range columns() {
		names = append(names, c.name)
	}
	return names
}

// value is the column of a field of the answer. It is mentioned when the cell is not empty, and
// written when it was ever mentioned.
func value[T any](field feedback.Field, read func(string) (T, error), write func(T) string, place func(*feedback.Answer) *T) column {
	return column{
		name: string(field),
		read: func(cell string, r *parsedRow) error {
			v, err := read(cell)
			if err != nil {
				return err
			}
			*place(&r.row.Event.Answer) = v
			r.row.Event.Mentions[field] = true
			return nil
		},
		write: func(r Row) string {
			if !r.Event.Mentions[field] {
				return ""
			}
			return write(*place(&r.Event.Answer))
		},
	}
}

// texts is the column of a text of at most limit characters; 0 is no limit.
func texts(field feedback.Field, limit int, place func(*feedback.Answer) *string) column {
	read := func(cell string) (v string, err error) { return v, text(&v, cell, limit) }
	if field == feedback.FieldComment {
		read = func(cell string) (string, error) { return feedback.Explanation(cell), nil }
	}
	return value(field, read, plain, place)
}

func text(place *string, cell string, limit int) error {
	*place = cell
	return feedback.CheckText(cell, limit)
}

func readKind(cell string, r *parsedRow) error {
	r.row.Event.Kind = feedback.Kind(strings.TrimSpace(cell))
	if !r.row.Event.Kind.Known() {
		return errors.New("must be " + feedback.OneOf(feedback.Kinds()) + ", or empty, which is smiley")
	}
	return nil
}

func readChannel(cell string, r *parsedRow) error {
	r.row.Event.Channel = feedback.Channel(strings.TrimSpace(cell))
	if !r.row.Event.Channel.Known() {
		return errors.New("must be " + feedback.OneOf(feedback.Channels()))
	}
	return nil
}

func readURL(cell string) (string, error) { return cell, feedback.CheckURL(cell) }

// readFlag reads true or false in any case.
func readFlag(cell string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, errors.New("must be true or false")
	}
}

func readReplies(cell string) (int, error) { return whole(cell, 0, feedback.MaxReplies) }

func whole(cell string, low, high int) (int, error) {
	n, ok := feedback.ParseWhole(strings.TrimSpace(cell))
	if !ok || n < low || n > high {
		return 0, fmt.Errorf("must be a whole number from %d to %d", low, high)
	}
	return n, nil
}

// readMoment reads a time to the millisecond.
func readMoment(cell string) (time.Time, error) {
	t, err := feedback.ParseMoment(strings.TrimSpace(cell))
	if err != nil {
		return time.Time{}, err
	}
	return feedback.Moment(t), nil
}

// readOccurredAt reads when it happened, which is never after now.
func readOccurredAt(cell string, r *parsedRow) error {
	t, err := feedback.ParseMoment(strings.TrimSpace(cell))
	if err != nil {
		return err
	}
	if t.Before(r.now) {
		r.row.Event.OccurredAt = t
	}
	return nil
}

// readReason reads why the feedback is void; white space is not a reason.
func readReason(cell string, r *parsedRow) error {
	return text(&r.row.VoidReason, feedback.Explanation(cell), MaxReason)
}

// stamp writes a time; the zero time is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// ratingColumn is the column of a kind's rating.
func ratingColumn(k feedback.Kind) string {
	if k == feedback.KindSmiley {
		return "smiley"
	}
	return "score"
}

// readRating reads the smiley or the score, by the kind, once all cells are known. The other one is
// left out.
func readRating(r *parsedRow) error {
	kind := r.row.Event.Kind
	cell, other := r.score, r.smiley
	if kind == feedback.KindSmiley {
		cell, other = r.smiley, r.score
	}
	r.row.LeftOut = other != ""
	if cell == "" {
		return nil
	}
	rating, err := parseRating(kind, cell)
	if err != nil {
		return err
	}
	r.row.Event.Answer.Rating = rating
	r.row.Event.Mentions[feedback.FieldRating] = true
	return nil
}

func parseRating(kind feedback.Kind, cell string) (int, error) {
	if kind == feedback.KindSmiley {
		return feedback.ParseSmiley(strings.TrimSpace(cell))
	}
	low, high := kind.Scale()
	return whole(cell, low, high)
}

// rating is the content of the column smiley, or of score.
func (r Row) rating(smiley bool) string {
	if smiley != (r.Event.Kind == feedback.KindSmiley) || !r.Event.Mentions[feedback.FieldRating] {
		return ""
	}
	return r.Event.Kind.RatingText(r.Event.Answer.Rating)
}

// raw is the rating in the sender's words, when its scale is not ours.
func (r Row) raw() string {
	if !r.Event.Mentions[feedback.FieldRating] {
		return ""
	}
	return r.Event.Answer.Raw
}

// columnOf finds a column by its name.
func columnOf(name string) (column, bool) {
	all := columns()
	i := slices.IndexFunc(all, func(c column) bool { return c.name == name })
	if i < 0 {
		return column{}, false
	}
	return all[i], true
}

// plain writes a text unchanged.
func plain(text string) string { return text }
