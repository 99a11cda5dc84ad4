package feedback

import (
	"bytes"
	"maps"
	"slices"
)

// ServiceCount counts rated tickets by how they were served. The zero value counts
// none.
type ServiceCount struct {
	// N is how many tickets there are.
	N                           int64
	FirstReply, Resolution      Minutes
	Within4h, SameDay, OneReply YesNo
}

// YesNo counts the tickets of which something is known.
type YesNo struct {
	Yes, All int64
}

// Minutes counts tickets by whole minutes.
type Minutes struct {
	// Few counts by index, up to a working week; the long ones are rare and spread.
	few  []int64
	long map[int]int64
	n    int64
}

// manyMinutes is from where on minutes are counted one by one: more than four
// weeks of forty hours.
const manyMinutes = 10_000

// Add counts a ticket n times; -1 takes it out again.
func (c *ServiceCount) Add(s Served, n int64) {
	c.N += n
	c.FirstReply.add(s.FirstReply, n)
	c.Resolution.add(s.Resolution, n)
	c.Within4h.add(s.Within4h, n)
	c.SameDay.add(s.SameDay, n)
	c.OneReply.add(s.OneReply, n)
}

func (y *YesNo) add(k Known, n int64) {
	if k == Unknown {
		return
	}
	y.All += n
	if k == Yes {
		y.Yes += n
	}
}

// add counts n tickets of so many minutes; -1 is not known.
func (m *Minutes) add(minutes int, n int64) {
	if minutes < 0 {
		return
	}
	m.n += n
	if minutes >= manyMinutes {
		if m.long == nil {
			m.long = make(map[int]int64)
		}
		if m.long[minutes] += n; m.long[minutes] == 0 {
			delete(m.long, minutes)
		}
		return
	}
	if minutes >= len(m.few) {
		grown := make([]int64, min(manyMinutes, max(2*len(m.few), minutes+1, 64)))
		copy(grown, m.few)
		m.few = grown
	}
	m.few[minutes] += n
}

// N is how many tickets are counted.
func (m Minutes) N() int64 { return m.n }

// Rank is the so many percent quantile by nearest rank: the smallest number of
// minutes that at least so many percent of the tickets do not exceed
// (https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method). There must be
// tickets.
func (m Minutes) Rank(percent int64) int {
	rank := max(1, (m.n*percent+99)/100)
	for minutes, n := range m.few {
		if rank -= n; rank <= 0 {
			return minutes
		}
	}
	for _, minutes := range slices.Sorted(maps.Keys(m.long)) {
		if rank -= m.long[minutes]; rank <= 0 {
			return minutes
		}
	}
	return 0
}

// Empty reports whether nothing is counted, nor owed: of what is counted later there may
// be more than nothing and less, and none in all.
func (c *ServiceCount) Empty() bool {
	var none ServiceCount
	return bytes.Equal(c.Encode(), none.Encode())
}

// Subtract takes out what Encode wrote.
func (c *ServiceCount) Subtract(data []byte) error {
	var other ServiceCount
	if err := other.Decode(data); err != nil {
		return err
	}
	c.N -= other.N
	for _, pair := range [][2]*YesNo{{&c.Within4h, &other.Within4h}, {&c.SameDay, &other.SameDay}, {&c.OneReply, &other.OneReply}} {
		pair[0].Yes -= pair[1].Yes
		pair[0].All -= pair[1].All
	}
	c.FirstReply.subtract(other.FirstReply)
	c.Resolution.subtract(other.Resolution)
	return nil
}

func (m *Minutes) subtract(other Minutes) {
	for minutes, n := range other.few {
		if n != 0 {
			m.add(minutes, -n)
		}
	}
	for minutes, n := range other.long {
		m.add(minutes, -n)
	}
}
