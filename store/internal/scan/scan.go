// Package scan reads the rows of an engine into places, as [sql.Rows.Scan] does, with the conversions
// that the statements of store rely on.
package scan

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"

	"smileybot/store"
)

// A Row is a row as a driver returns it: numbers as int64, texts as string, blobs as []byte and NULL
// as nil.
type Row []driver.Value

// Scan reads the row into the places of dest: texts, numbers, flags, blobs, and what scans itself,
// such as [sql.NullInt64].
func (row Row) Scan(dest ...any) error {
	if len(dest) != len(row) {
		return fmt.Errorf("%d columns into %d places", len(row), len(dest))
	}
	for i, place := range dest {
		if !assign(place, row[i]) {
			return fmt.Errorf("column %d: %T into %T", i+1, row[i], place)
		}
	}
	return nil
}

// assign sets a place to a value and reports whether it fits.
func assign(place any, value driver.Value) bool {
	switch p := place.(type) {
	case sql.Scanner:
		return p.Scan(value) == nil
	case *[]byte:
		switch v := value.(type) {
		case string:
			*p = []byte(v)
			return true
		case []byte:
			*p = v
			return true
		}
		*p = nil
		return value == nil
	}
	to := reflect.ValueOf(place).Elem()
	switch v := value.(type) {
	case string:
		if to.Kind() != reflect.String {
			return false
		}
		to.SetString(v)
	case int64:
		switch {
		case to.CanInt() && !to.OverflowInt(v):
			to.SetInt(v)
		case to.Kind() == reflect.Bool && (v == 0 || v == 1):
			to.SetBool(v == 1)
		default:
			return false
		}
	default:
		return false
	}
	return true
}

// A One is a row whose query runs when it is scanned.
type One func(dest []any) error

// Scan runs the query and reads the row.
func (o One) Scan(dest ...any) error { return o(dest) }

// Failed is a row whose query failed.
func Failed(err error) One { return func([]any) error { return err } }

// errEnough ends a query after its first row.
var errEnough = errors.New("one row is enough")

// First is the first row of a query, which each runs when the row is scanned. Scan returns
// [sql.ErrNoRows] when there is none.
func First(each func(scan func(store.Scanner) error) error) One {
	return func(dest []any) error {
		err := each(func(row store.Scanner) error {
			if err := row.Scan(dest...); err != nil {
				return err
			}
			return errEnough
		})
		switch {
		case errors.Is(err, errEnough):
			return nil
		case err == nil:
			return sql.ErrNoRows
		default:
			return err
		}
	}
}
