package store

import "errors"

// The faults of a database. Each is the Kind of a [Fault].
var (
	// ErrRemoved is returned when the file of the database is gone from its place.
	ErrRemoved = errors.New("the database was removed")
	// ErrReplaced is returned when another file is in the place of the database, or other content in
	// its file.
	ErrReplaced = errors.New("the database was replaced")
	// ErrDamaged is returned when the content of the database contradicts itself.
	ErrDamaged = errors.New("the database is damaged")
	// ErrForeign is returned for a database of another program.
	ErrForeign = errors.New("the database belongs to another program")
	// ErrReadOnly is returned when the disk of the database is mounted for reading only, or its server
	// takes no writes.
	ErrReadOnly = errors.New("the disk of the database is read-only")
	// ErrFull is returned when the disk of the database, or its user's share of it, is full.
	ErrFull = errors.New("the disk of the database is full")
	// ErrDenied is returned when this user may not use the database or its folder.
	ErrDenied = errors.New("the database may not be used")
	// ErrPlace is returned when the place of the database cannot keep one, such as a folder that
	// does not exist.
	ErrPlace = errors.New("the database cannot be there")
	// ErrUnreachable is returned when a server does not answer, or takes no connection now.
	ErrUnreachable = errors.New("the database cannot be reached")
)

// A Fault says why the database cannot be used, in words for an operator. The same fault has the
// same words at the start, in the log, in /readyz and in check. It is an [ErrUnavailable].
type Fault struct { //nolint:errname // a fault is the term; FaultError would say it twice
	// Kind is one of the faults above.
	Kind error
	// Reason is what is wrong, with the path. Remedy is what an operator does about it.
	Reason, Remedy string
}

// Error is the reason and the remedy.
func (f *Fault) Error() string { return f.Reason + "; " + f.Remedy }

// Unwrap makes a fault its kind, and [ErrUnavailable].
func (f *Fault) Unwrap() []error { return []error{f.Kind, ErrUnavailable} }
