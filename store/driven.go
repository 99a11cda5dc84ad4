package store

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
)

// A driven row is one as the driver gives it: numbers as int64, texts as string, blobs as
// []byte and NULL as nil.
type driven []driver.Value

// Scan reads the row into the places of dest, as [sql.Rows.Scan] does: texts, numbers,
// flags, blobs, and what scans itself, such as [sql.NullInt64].
func (row driven) Scan(dest ...any) error {
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

// assign puts a value into a place, and reports whether it fits.
func assign(place any, value driver.Value) bool {
	switch p := place.(type) {
	case sql.Scanner:
		return p.Scan(value) == nil
	case *[]byte:
		blob, ok := value.([]byte)
		*p = blob
		return ok || value == nil
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
