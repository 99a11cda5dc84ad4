package score

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// Minutes counts tickets by whole minutes.
type Minutes struct {
	// few are the counts as long as there are few, in no order: most days of most agents
	// stay so. Then counts are by index, and those of long ones, rare and spread, in long.
	few    []minuteCount
	counts []int64
	long   map[int]int64
	n      int64
}

// minuteCount is how many tickets took so many minutes.
type minuteCount struct {
	minutes int
	n       int64
}

const (
	// fewMinutes is how many different minutes are few.
	fewMinutes = 48
	// manyMinutes is from where on minutes are long: more than four weeks of forty
	// hours.
	manyMinutes = 10_000
)

// add counts n tickets of so many minutes; -1 is not known.
func (m *Minutes) add(minutes int, n int64) {
	if minutes < 0 {
		return
	}
	m.n += n
	if m.counts == nil {
		for i := range m.few {
			if m.few[i].minutes == minutes {
				m.few[i].n += n
				return
			}
		}
		if len(m.few) < fewMinutes {
			m.few = append(m.few, minuteCount{minutes, n})
			return
		}
		m.spread()
	}
	m.put(minutes, n)
}

// spread has the counts by index from now on.
func (m *Minutes) spread() {
	few := m.few
	m.few, m.counts = nil, make([]int64, 1024) // two working days
	for _, c := range few {
		m.put(c.minutes, c.n)
	}
}

func (m *Minutes) put(minutes int, n int64) {
	if minutes >= manyMinutes {
		if m.long == nil {
			m.long = make(map[int]int64)
		}
		m.long[minutes] += n
		return
	}
	if minutes >= len(m.counts) {
		grown := make([]int64, min(manyMinutes, max(2*len(m.counts), minutes+1)))
		copy(grown, m.counts)
		m.counts = grown
	}
	m.counts[minutes] += n
}

// all are the counts by minute, the shortest first.
func (m Minutes) all() iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		sorted := slices.SortedFunc(slices.Values(m.few), func(a, b minuteCount) int { return cmp.Compare(a.minutes, b.minutes) })
		for _, c := range sorted {
			if c.n != 0 && !yield(c.minutes, c.n) {
				return
			}
		}
		for minutes, n := range m.counts {
			if n != 0 && !yield(minutes, n) {
				return
			}
		}
		for _, minutes := range slices.Sorted(maps.Keys(m.long)) {
			if n := m.long[minutes]; n != 0 && !yield(minutes, n) {
				return
			}
		}
	}
}

// subtract takes out what another has counted.
func (m *Minutes) subtract(other Minutes) {
	for minutes, n := range other.all() {
		m.add(minutes, -n)
	}
}

// N is how many tickets are counted.
func (m Minutes) N() int64 { return m.n }

// Rank is the so many percent quantile by nearest rank: the smallest number of
// minutes that at least so many percent of the tickets do not exceed
// (https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method). There must be
// tickets.
func (m Minutes) Rank(percent int64) int {
	rank := max(1, (m.n*percent+99)/100)
	for minutes, n := range m.all() {
		if rank -= n; rank <= 0 {
			return minutes
		}
	}
	return 0
}
