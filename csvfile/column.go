package csvfile

import (
	"errors"
	"fmt"
	"regexp"
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
	// needed means that a wrong cell rejects its row. A wrong cell of another column is left out.
	needed bool
	// exact means that the cell is a text that must come back as it was: Writer protects it from
	// what spreadsheets do to numbers, and Reader from trimming.
	exact bool
}

// parsedRow is a row while its cells are read.
type parsedRow struct {
	Options

	row           Row
	smiley, score string
	// isText means that the cell began with an apostrophe: it is a text, whatever it looks like.
	isText bool
	// wrong are the columns whose cells are wrong, by their names.
	wrong []string
	// moments are those of the column moments.
	moments map[feedback.Field]time.Time
	// claims is the cell of the column claims.
	claims string
}

// columns lists all columns in the order of an export.
func columns() []column {
	return []column{
		{name: "id", read: readID, write: func(r Row) string { return r.Event.ID }, needed: true, exact: true},
		{name: "sender", read: readSender, write: func(r Row) string { return r.Event.Sender }, needed: true},
		{name: "kind", read: readKind, write: func(r Row) string { return string(r.Event.Kind) }, needed: true},
		{name: "channel", read: readChannel, write: func(r Row) string { return string(r.Event.Channel) }, needed: true},
		{name: "smiley", read: func(cell string, r *parsedRow) error { r.smiley = cell; return nil }, write: func(r Row) string { return r.rating(true) }, needed: true},
		{name: "score", read: func(cell string, r *parsedRow) error { r.score = cell; return nil }, write: func(r Row) string { return r.rating(false) }, needed: true},
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
		{name: "raw", read: readRaw, write: Row.raw, exact: true},
		{name: "occurred_at", read: readOccurredAt, write: func(r Row) string { return stamp(r.Event.OccurredAt) }, needed: true},
		{name: "void_reason", read: readReason, write: func(r Row) string { return r.VoidReason }, needed: true, exact: true},
		{name: "voided_at", read: readVoidedAt, write: func(r Row) string { return stamp(r.VoidedAt) }},
		{name: "voided_by", read: readVoidedBy, write: func(r Row) string { return r.VoidedBy }},
		{name: "moments", read: readMoments, write: writeMoments},
		{name: "claims", read: func(cell string, r *parsedRow) error { r.claims = cell; return nil }, write: writeClaims},
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
func value[T any](field feedback.Field, read func(string, *parsedRow) (T, error), write func(T) string, place func(*feedback.Answer) *T) column {
	return column{
		name: string(field),
		read: func(cell string, r *parsedRow) error {
			v, err := read(cell, r)
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

// texts is the column of a text of at most limit characters; 0 is no limit. A comment is kept whole,
// another text without the space around it. Another text that says nothing counts as an empty cell.
func texts(field feedback.Field, limit int, place func(*feedback.Answer) *string) column {
	if field == feedback.FieldComment {
		return value(field, func(cell string, _ *parsedRow) (string, error) { return feedback.Said(cell), nil }, plain, place)
	}
	isID := strings.HasSuffix(string(field), ".id") || field == feedback.FieldFollowUpOf
	c := value(field, func(cell string, r *parsedRow) (v string, err error) {
		if err := r.checkID(cell); isID && err != nil {
			return "", err
		}
		return v, text(&v, cell, limit)
	}, plain, place)
	read := c.read
	c.read = func(cell string, r *parsedRow) error {
		if !feedback.Says(cell) {
			return nil
		}
		return read(cell, r)
	}
	c.exact = true
	return c
}

func text(place *string, cell string, limit int) error {
	if err := feedback.CheckText(cell, limit); err != nil {
		return err
	}
	*place = cell
	return nil
}

// readID reads the sender's name of what was rated.
func readID(cell string, r *parsedRow) error {
	if err := r.checkID(cell); err != nil {
		return err
	}
	return text(&r.row.Event.ID, cell, feedback.MaxID)
}

// checkID refuses an id that a spreadsheet has shortened.
func (r *parsedRow) checkID(cell string) error {
	if !r.isText && reExponential().MatchString(cell) {
		return errors.New("a spreadsheet has shortened this id to a power of ten: export it again from its source, and format the column as text")
	}
	return nil
}

func readRaw(cell string, r *parsedRow) error {
	return text(&r.row.Event.Answer.Raw, cell, feedback.MaxRaw)
}

func readURL(cell string, _ *parsedRow) (string, error) { return cell, feedback.CheckURL(cell) }

func readReplies(cell string, _ *parsedRow) (int, error) { return whole(cell, 0, feedback.MaxReplies) }

func whole(cell string, low, high int) (int, error) {
	n, ok := feedback.ParseWhole(strings.TrimSpace(cell))
	if !ok || n < low || n > high {
		return 0, fmt.Errorf("must be a whole number from %d to %d", low, high)
	}
	return n, nil
}

// readMoment reads a time to the millisecond.
func readMoment(cell string, r *parsedRow) (time.Time, error) {
	t, err := parseMoment(cell, r.Zone, r.Dates)
	if err != nil {
		return time.Time{}, err
	}
	return feedback.Moment(t), nil
}

// readOccurredAt reads when it happened, which is never after now.
func readOccurredAt(cell string, r *parsedRow) error {
	t, err := parseMoment(cell, r.Zone, r.Dates)
	if err != nil {
		return err
	}
	if r.row.Undated = !t.Before(r.Now); !r.row.Undated {
		r.row.Event.OccurredAt = t
	}
	return nil
}

// readReason reads why the feedback is void. A text that says nothing is not a reason. A - takes the void back.
func readReason(cell string, r *parsedRow) error {
	if cell == "-" && !r.isText {
		r.row.Restores = true
		return nil
	}
	return text(&r.row.VoidReason, feedback.Said(cell), MaxReason)
}

func readVoidedAt(cell string, r *parsedRow) (err error) {
	r.row.VoidedAt, err = readMoment(cell, r)
	return err
}

// readVoidedBy reads who voided the feedback. Messages mention the user, so it is nothing else.
func readVoidedBy(cell string, r *parsedRow) error {
	if cell != feedback.ByImport && cell != feedback.ByCustomer && !reSlackUser.MatchString(cell) {
		return errors.New("must be the id of a Slack user, import or customer")
	}
	r.row.VoidedBy = cell
	return nil
}

var reSlackUser = regexp.MustCompile(`^[UW][A-Z0-9]{1,30}$`)

// readMoments reads when each field was set, such as rating=2026-11-20T10:31:00Z comment=….
func readMoments(cell string, r *parsedRow) error {
	moments := make(map[feedback.Field]time.Time)
	for part := range strings.FieldsSeq(cell) {
		name, at, _ := strings.Cut(part, "=")
		t, err := feedback.ParseMoment(at)
		if err != nil || !slices.Contains(feedback.Fields(), feedback.Field(name)) || t.After(r.Now) {
			return errors.New("must be fields with their moments as export writes them, none of them in the future")
		}
		moments[feedback.Field(name)] = t
	}
	r.moments = moments
	return nil
}

// writeMoments writes the moments of the fields that were set at another time than occurred_at, that
// are empty now, or whose value is a moment so late that only the moments prove it.
func writeMoments(r Row) string {
	var parts []string
	for _, field := range feedback.Fields() {
		at := r.Event.MomentOf(field)
		if !r.Event.Mentions[field] || at.Equal(r.Event.OccurredAt) && !r.emptied(field) && !r.lateMoment(field) {
			continue
		}
		parts = append(parts, string(field)+"="+stamp(at))
	}
	return strings.Join(parts, " ")
}

// emptied reports whether the cell of a field that is mentioned is empty.
func (r Row) emptied(field feedback.Field) bool {
	switch field {
	case feedback.FieldRating, feedback.FieldTicketUrgent, feedback.FieldTicketReplies: // 0 and false are values
		return false
	default:
		return r.Event.Answer.IsZero(field)
	}
}

// lateMoment reports whether the field is a moment of the ticket that [feedback.PlausibleTicket]
// refuses at the time of the row.
func (r Row) lateMoment(field feedback.Field) bool {
	return !feedback.PlausibleTicket(ticketMoment(r.Event.Answer.Ticket, field), r.Event.OccurredAt)
}

// ticketMoment is the moment of a ticket that a field is; zero for another field.
func ticketMoment(t feedback.Ticket, field feedback.Field) time.Time {
	switch field {
	case feedback.FieldTicketOpenedAt:
		return t.OpenedAt
	case feedback.FieldTicketFirstReplyAt:
		return t.FirstReplyAt
	case feedback.FieldTicketResolvedAt:
		return t.ResolvedAt
	default:
		return time.Time{}
	}
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
		return readSmiley(cell)
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
