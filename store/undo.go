package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"smileybot/feedback"
)

// An import has a number. For each feedback that it changes, the table import_change has what was
// before and a fingerprint of what the import left, so that the import can be undone while nothing
// else changed the feedback. Erasing a customer erases both.

// ImportRun is an import that changed something.
type ImportRun struct {
	// Number is that of the import, from 1.
	Number int64
	// Source is the name of its file.
	Source string
	At     time.Time
	// Changed is how many of its rows created or changed something.
	Changed int64
	// UndoneAt is when it was undone, zero when it was not.
	UndoneAt time.Time
}

// Undone is the result of [Store.Undo].
type Undone struct {
	Run ImportRun
	// Removed and Restored count the feedbacks that the import created and changed.
	Removed, Restored int64
	// Left counts those that something else changed since, which stay as they are; LeftKeys are the
	// first of them, at most [MaxLeft].
	Left     int64
	LeftKeys []feedback.Key
}

// MaxLeft bounds the list of [Undone].
const MaxLeft = 20

// undoBatch is how many feedbacks one transaction restores: few enough that webhooks do not wait.
const undoBatch = 500

// BeginImport numbers an import that reads source.
func (s *Store) BeginImport(ctx context.Context, source string, now time.Time) (number int64, err error) {
	err = s.engine.Write(ctx, func(t *Unit) error {
		number, err = t.Insert(`insert into import_run (source, at_ms) values ($1, $2)`, source, ms(now))
		return err
	})
	return number, err
}

// Imports lists the imports that changed something, the latest first.
func (s *Store) Imports(ctx context.Context) ([]ImportRun, error) {
	var runs []ImportRun
	err := s.each(ctx, "the imports", collect(&runs, func(row Scanner) (ImportRun, error) { return scanRun(row) }),
		selectRun+` where changed > 0 order by id desc`)
	return runs, err
}

const selectRun = `select id, source, at_ms, changed, undone_ms from import_run`

func scanRun(row Scanner) (r ImportRun, err error) {
	err = row.Scan(&r.Number, &r.Source, momentIn(&r.At), &r.Changed, momentIn(&r.UndoneAt))
	return r, err
}

// Undo undoes an import, a little at a time: what it created is removed, and what it changed is as
// before. Number 0 is the latest import that changed something and is not undone. A feedback that
// anything else changed since is left as it is; the same call tries it again. After an interruption,
// the same call continues. It returns [ErrNotFound] for an import that does not exist.
func (s *Store) Undo(ctx context.Context, number int64, now time.Time) (Undone, error) {
	query, args := selectRun+` where id = $1`, []any{number}
	if number == 0 {
		query, args = selectRun+` where changed > 0 and undone_ms is null order by id desc limit 1`, nil
	}
	var u Undone
	var err error
	if u.Run, err = scanRun(s.row(ctx, "the import", query, args...)); err != nil {
		return u, err
	}
	for last := ""; ; {
		var ids []string
		err := s.each(ctx, "what the import changed", column(&ids),
			`select feedback_id from import_change where import_id = $1 and feedback_id > $2 order by feedback_id limit $3`, u.Run.Number, last, undoBatch)
		if err != nil {
			return u, err
		}
		if len(ids) == 0 {
			break
		}
		last = ids[len(ids)-1]
		var batch Undone
		err = s.engine.Write(ctx, func(t *Unit) error {
			batch = Undone{}
			for _, id := range ids {
				if err := s.undoChange(t, u.Run.Number, id, now, &batch); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return u, fmt.Errorf("undoing an import: %w", err)
		}
		u.add(batch)
	}
	return u, s.exec(ctx, `update import_run set undone_ms = coalesce(undone_ms, $1) where id = $2`, ms(now), u.Run.Number)
}

func (u *Undone) add(batch Undone) {
	u.Removed += batch.Removed
	u.Restored += batch.Restored
	u.Left += batch.Left
	room := min(len(batch.LeftKeys), MaxLeft-len(u.LeftKeys))
	u.LeftKeys = append(u.LeftKeys, batch.LeftKeys[:room]...)
}

// undoChange undoes what an import changed of one feedback.
func (s *Store) undoChange(t *Unit, number int64, id string, now time.Time, u *Undone) error {
	change, found, err := findChange(t, number, id)
	if err != nil || !found {
		return err // another undo has been quicker
	}
	present, err := scanSnapshot(t.Row(selectSnapshot+` where f.id = $1`, id))
	switch {
	case errors.Is(err, ErrNotFound): // the undo of an earlier import removed it
		return t.Exec(`delete from import_change where feedback_id = $1 and import_id = $2`, id, number)
	case err != nil:
		return err
	case fingerprint(present.Feedback) != change.print, change.erased():
		u.Left++
		u.LeftKeys = append(u.LeftKeys, present.Feedback.Key)
		return nil
	}
	if err := s.revert(t, present.Feedback, change, now); err != nil {
		return err
	}
	if change.before.Valid {
		u.Restored++
	} else {
		u.Removed++
	}
	return t.Exec(`delete from import_change where feedback_id = $1 and import_id = $2`, id, number)
}

// revert makes a feedback what it was before a change, or removes it.
func (s *Store) revert(t *Unit, present feedback.Feedback, c importChange, now time.Time) error {
	if err := t.Exec(`delete from history where feedback_id = $1 and id > $2`, present.ID, c.historyID); err != nil {
		return err
	}
	if err := t.Exec(`delete from moderation where feedback_id = $1 and id > $2`, present.ID, c.moderationID); err != nil {
		return err
	}
	if !c.before.Valid {
		return s.remove(t, present, now)
	}
	was, err := scanSnapshot(t.Row(selectSnapshot+` where f.id = $1`, present.ID))
	if err != nil {
		return err
	}
	after := present
	var kept keptState
	if err := json.Unmarshal([]byte(c.before.String), &kept); err != nil {
		return fmt.Errorf("reading a feedback before an import: %w", err)
	}
	kept.to(&after)
	if err := s.saveCounted(t, &present, after); err != nil {
		return err
	}
	if !present.Live() {
		return s.updateRelated(t, &present, after, now)
	}
	visible := present.Answer != after.Answer || present.Void != after.Void || present.Suspect != after.Suspect
	return s.keepUp(t, was, feedback.Merged{After: after, Visible: visible}, now)
}

// remove deletes a feedback that only an import knew.
func (s *Store) remove(t *Unit, f feedback.Feedback, now time.Time) error {
	if err := s.removeTally(t, f); err != nil {
		return err
	}
	for _, query := range []string{
		`delete from covered where feedback_id = $1`,
		`delete from feedback where id = $1`,
	} {
		if err := t.Exec(query, f.ID); err != nil {
			return err
		}
	}
	gone := f
	gone.Void = feedback.Void{Reason: "removed", By: feedback.ByImport, At: now}
	if err := s.updateService(t, &f, gone); err != nil {
		return err
	}
	return s.updateRelated(t, &f, gone, now)
}

// An importChange is a row of import_change.
type importChange struct {
	before                  sql.NullString
	print                   int64
	historyID, moderationID int64
}

// erased reports whether the state before was erased with the customer.
func (c importChange) erased() bool { return c.before.Valid && c.before.String == "" }

func findChange(t *Unit, number int64, id string) (c importChange, found bool, err error) {
	err = t.Row(`select before, after_print, history_id, moderation_id from import_change where feedback_id = $1 and import_id = $2`, id, number).
		Scan(&c.before, &c.print, &c.historyID, &c.moderationID)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	return c, err == nil, err
}

// newChange is a change of a feedback that begins now; before is nil when the import creates it.
func newChange(t *Unit, before *feedback.Feedback) (c importChange, err error) {
	if before == nil {
		return c, nil
	}
	text, err := json.Marshal(stateOf(*before))
	if err != nil {
		return c, err
	}
	c.before = sql.NullString{String: string(text), Valid: true}
	err = t.Row(`select coalesce(max(id), 0) from history where feedback_id = $1`, before.ID).Scan(&c.historyID)
	if err != nil {
		return c, err
	}
	return c, t.Row(`select coalesce(max(id), 0) from moderation where feedback_id = $1`, before.ID).Scan(&c.moderationID)
}

// keep writes what an import changed of a feedback, the first time with what was before.
func (c importChange) keep(t *Unit, number int64, after feedback.Feedback) error {
	return t.Exec(`
insert into import_change (feedback_id, import_id, before, after_print, history_id, moderation_id) values ($1, $2, $3, $4, $5, $6)
on conflict (feedback_id, import_id) do update set after_print = excluded.after_print`,
		after.ID, number, c.before, fingerprint(after), c.historyID, c.moderationID)
}

// keepUndoable lets an import be undone whose feedback the program itself changes.
func keepUndoable(t *Unit, before, after feedback.Feedback) error {
	return t.Exec(`update import_change set after_print = $1 where feedback_id = $2 and after_print = $3`, fingerprint(after), after.ID, fingerprint(before))
}

// keptState is what an import can change of a feedback.
type keptState struct {
	Answer             feedback.Answer
	SetAt              map[feedback.Field]time.Time
	OccurredAt         time.Time
	Suspect, Confirmed bool
	Void               feedback.Void
	Claims             []feedback.Claim
}

func stateOf(f feedback.Feedback) keptState {
	return keptState{f.Answer, f.SetAt, f.OccurredAt, f.Suspect, f.Confirmed, f.Void, f.Claims}
}

func (k keptState) to(f *feedback.Feedback) {
	f.Answer, f.SetAt, f.OccurredAt, f.Suspect, f.Confirmed, f.Void, f.Claims = k.Answer, k.SetAt, k.OccurredAt, k.Suspect, k.Confirmed, k.Void, k.Claims
}

// fingerprint is equal for equal states of a feedback, and practically never for others.
func fingerprint(f feedback.Feedback) int64 {
	a := f.Answer
	text := make([]byte, 0, 512)
	for _, part := range []string{
		a.Raw, a.Comment, a.Customer.ID, a.Customer.Name, a.Customer.Email, a.Agent.ID, a.Agent.Name, a.Agent.Email,
		a.Ticket.ID, a.Ticket.Subject, a.Ticket.URL, a.Site, a.FollowUpOf, f.Void.Reason, f.Void.By,
	} {
		text = append(binary.AppendUvarint(text, uint64(len(part))), part...)
	}
	for _, number := range []int64{
		int64(a.Rating), int64(a.Ticket.Replies), flag(a.Ticket.Urgent), flag(f.Suspect), flag(f.Confirmed), flag(f.Live()), flag(f.Erased()),
		ms(a.Ticket.OpenedAt), ms(a.Ticket.FirstReplyAt), ms(a.Ticket.ResolvedAt), ms(f.OccurredAt), ms(f.Void.At),
	} {
		text = binary.AppendVarint(text, number)
	}
	for _, field := range slices.Sorted(maps.Keys(f.SetAt)) {
		text = binary.AppendVarint(append(text, field...), f.SetAt[field].UnixNano())
	}
	for _, c := range f.Claims {
		rating := int64(-1)
		if c.Rating != nil {
			rating = int64(*c.Rating)
		}
		text = binary.AppendVarint(binary.AppendVarint(text, c.At.UnixNano()), rating)
		for _, field := range slices.Sorted(maps.Keys(c.People)) {
			value := c.People[field]
			text = append(binary.AppendUvarint(append(text, field...), uint64(len(value))), value...)
		}
	}
	sum := sha256.Sum256(text)
	return int64(binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // the bits matter, not the number
}
