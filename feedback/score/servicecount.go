package score

import "bytes"

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
