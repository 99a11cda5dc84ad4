package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"slices"
)

// A rawValue is a column of any type: NULL, a number, a text or a blob.
type rawValue struct{ value any }

// Scan keeps the value. The bytes of a driver are valid only until its next row.
func (r *rawValue) Scan(value any) error {
	switch v := value.(type) {
	case nil, int64, string:
		r.value = v
	case []byte:
		r.value = append([]byte{}, v...)
	default:
		return fmt.Errorf("%T is not a type of the schema", value)
	}
	return nil
}

// scanRaw reads a row.
func scanRaw(row Scanner, columns int) ([]any, error) {
	values, places := make([]rawValue, columns), make([]any, columns)
	for i := range values {
		places[i] = &values[i]
	}
	if err := row.Scan(places...); err != nil {
		return nil, err
	}
	for i := range values {
		places[i] = values[i].value
	}
	return places, nil
}

// bytesOf is about how much memory a row takes.
func bytesOf(row []any) int {
	n := 0
	for _, value := range row {
		switch v := value.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
		n += 8
	}
	return n
}

// A digest is of the rows of a table, in any order: their number, and the sum of a hash of each. It can
// be compared with another of the same process.
type digest struct {
	rows int64
	sum  uint64
	// changed counts the texts that the target keeps in another form.
	changed int64
}

//nolint:gochecknoglobals // random, of the process
var digestSeed = maphash.MakeSeed()

// add adds a row.
func (d *digest) add(row []any) {
	var h maphash.Hash
	h.SetSeed(digestSeed)
	for _, value := range row {
		switch v := value.(type) {
		case nil:
			_ = h.WriteByte(0)
		case int64:
			_ = h.WriteByte(1)
			var bytes [8]byte
			binary.BigEndian.PutUint64(bytes[:], uint64(v)) //nolint:gosec // the bits
			_, _ = h.Write(bytes[:])
		case string:
			writeSized(&h, 2, v)
		case []byte:
			writeSized(&h, 3, string(v))
		}
	}
	d.rows++
	d.sum += h.Sum64()
}

func writeSized(h *maphash.Hash, kind byte, text string) {
	_ = h.WriteByte(kind)
	var bytes [8]byte
	binary.BigEndian.PutUint64(bytes[:], uint64(len(text)))
	_, _ = h.Write(bytes[:])
	_, _ = h.WriteString(text)
}

// storable makes the texts of a row those that an engine keeps, and returns how many it changed.
func storable(row []any, engine Catalog) (changed int64) {
	for i, value := range row {
		if text, ok := value.(string); ok {
			if kept := engine.Storable(text); kept != text {
				row[i] = kept
				changed++
			}
		}
	}
	return changed
}

// A page has up to maxPageRows rows and about pageBytes. As a body has 256 KiB at most, a page has
// 256 MiB in the worst case, which is when all rows up to it were small.
const (
	firstPageRows = 64
	maxPageRows   = 1000
	pageBytes     = 4 << 20
)

// A pager reads a table in pages, in the order of its key.
type pager struct {
	from  Reader
	table Table
	after []any // the key of the last row; nil before the first
	limit int
}

// next reads a page, which is empty after the last row.
func (p *pager) next(ctx context.Context) ([][]any, error) {
	p.limit = max(p.limit, firstPageRows)
	var page [][]any
	bytes := 0
	args := append(slices.Clone(p.after), p.limit)
	err := p.from.Each(ctx, func(row Scanner) error {
		values, err := scanRaw(row, len(p.table.Columns))
		page = append(page, values)
		bytes += bytesOf(values)
		return err
	}, p.table.selectPage(p.after == nil), args...)
	if err != nil {
		return nil, fmt.Errorf("reading the table %s: %w", p.table.Name, err)
	}
	if len(page) == 0 {
		return nil, nil
	}
	last := page[len(page)-1]
	p.after = p.after[:0:0]
	for _, i := range p.table.key() {
		p.after = append(p.after, last[i])
	}
	fits := len(page) * pageBytes / max(bytes, 1)
	p.limit = max(1, min(2*p.limit, fits, maxPageRows))
	return page, nil
}
