package score

import (
	"encoding/binary"
	"errors"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// How counts of tickets, and tickets that are to be counted, are kept in bytes.

// Encode writes the count compactly: numbers as variable-length integers, minutes
// as their distance from the ones before.
func (c *ServiceCount) Encode() []byte {
	out := make([]byte, 0, 256)
	for _, n := range []int64{c.N, c.Within4h.Yes, c.Within4h.All, c.SameDay.Yes, c.SameDay.All, c.OneReply.Yes, c.OneReply.All} {
		out = binary.AppendVarint(out, n)
	}
	return c.Resolution.encode(c.FirstReply.encode(out))
}

func (m Minutes) encode(out []byte) []byte {
	kinds := 0
	for range m.all() {
		kinds++
	}
	out = binary.AppendVarint(out, int64(kinds))
	before := 0
	for minutes, n := range m.all() {
		out = binary.AppendVarint(binary.AppendVarint(out, int64(minutes-before)), n)
		before = minutes
	}
	return out
}

var errServiceCount = errors.New("not a count of tickets")

// Decode adds what Encode wrote.
func (c *ServiceCount) Decode(data []byte) error {
	d := decoder{data: data}
	for _, place := range []*int64{&c.N, &c.Within4h.Yes, &c.Within4h.All, &c.SameDay.Yes, &c.SameDay.All, &c.OneReply.Yes, &c.OneReply.All} {
		*place += d.next()
	}
	for _, m := range []*Minutes{&c.FirstReply, &c.Resolution} {
		d.minutes(m)
	}
	if d.broken || len(d.data) > 0 {
		return errServiceCount
	}
	return nil
}

// A decoder reads numbers until there are none.
type decoder struct {
	data   []byte
	broken bool
}

// next reads one number; most take one byte.
func (d *decoder) next() int64 {
	if len(d.data) > 0 && d.data[0] < 0x80 {
		v := zigzag(d.data[0])
		d.data = d.data[1:]
		return v
	}
	v, n := binary.Varint(d.data)
	if n <= 0 {
		d.broken = true
		return 0
	}
	d.data = d.data[n:]
	return v
}

// minutes adds what Minutes.encode wrote. Reading a year is mostly this loop, so the
// usual case is short.
// minutes adds counts by minute. Most of what is read of a service is read here.
func (d *decoder) minutes(m *Minutes) {
	kinds, minutes, data := d.next(), 0, d.data
	if m.counts == nil && kinds > fewMinutes {
		m.spread()
	}
	for ; kinds > 0; kinds-- {
		step, n, read := pair(data)
		if read <= 0 {
			d.broken = true
			return
		}
		data = data[read:]
		minutes += int(step)
		if uint(minutes) < uint(len(m.counts)) {
			m.counts[minutes] += n
			m.n += n
			continue
		}
		m.add(minutes, n)
	}
	d.data = data
}

// pair reads two numbers and tells how many bytes they took, which is not positive when
// they are broken off. Most take one byte each.
func pair(data []byte) (a, b int64, read int) {
	if len(data) >= 2 && data[0]|data[1] < 0x80 {
		return zigzag(data[0]), zigzag(data[1]), 2
	}
	a, first := binary.Varint(data)
	if first <= 0 {
		return 0, 0, first
	}
	b, second := binary.Varint(data[first:])
	if second <= 0 {
		return 0, 0, second
	}
	return a, b, first + second
}

// zigzag is a number of one byte (https://protobuf.dev/programming-guides/encoding/#signed-ints).
func zigzag(b byte) int64 {
	v := int64(b >> 1)
	if b&1 != 0 {
		return ^v
	}
	return v
}

func (d *decoder) text() string {
	n := d.next()
	if n < 0 || n > int64(len(d.data)) {
		d.broken = true
		return ""
	}
	text := string(d.data[:n])
	d.data = d.data[n:]
	return text
}

// ServedChange is a ticket that counts, or counts no longer.
type ServedChange struct {
	Served
	// N is 1, or -1 for one that counts no longer.
	N int64
}

// EncodeServed writes changes compactly.
func EncodeServed(changes []ServedChange) []byte {
	var out []byte
	for _, c := range changes {
		for _, n := range []int64{c.N, int64(c.Day), int64(c.FirstReply), int64(c.Resolution), int64(c.Within4h), int64(c.SameDay), int64(c.OneReply), int64(len(c.Raters))} {
			out = binary.AppendVarint(out, n)
		}
		for _, r := range c.Raters {
			for _, text := range []string{string(r.Channel), r.Agent} {
				out = append(binary.AppendVarint(out, int64(len(text))), text...)
			}
		}
	}
	return out
}

// DecodeServed reads what EncodeServed wrote.
func DecodeServed(data []byte) ([]ServedChange, error) {
	var changes []ServedChange
	d := decoder{data: data}
	for len(d.data) > 0 {
		var c ServedChange
		c.N, c.Day = d.next(), office.Day(d.next())
		c.FirstReply, c.Resolution = int(d.next()), int(d.next())
		c.Within4h, c.SameDay, c.OneReply = Known(d.next()), Known(d.next()), Known(d.next())
		for raters := d.next(); raters > 0 && !d.broken; raters-- {
			c.Raters = append(c.Raters, Rater{feedback.Channel(d.text()), d.text()})
		}
		if d.broken {
			return nil, errServiceCount
		}
		changes = append(changes, c)
	}
	return changes, nil
}
