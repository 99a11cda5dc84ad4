package score

import (
	"bytes"
	"encoding/json"
	"strconv"

	"smileybot/feedback"
)

// Share is one part of a split: how many answers fell into it.
type Share struct {
	Name string // promoters, passives, detractors; green, yellow, red; or the answer itself, such as 4
	N    int64
}

// Split divides the answers of a score into its parts, in the order in which they are shown.
type Split []Share

// MarshalJSON writes one object with a key for each part, in order.
func (s Split) MarshalJSON() ([]byte, error) {
	var object bytes.Buffer
	object.WriteByte('{')
	for i, share := range s {
		if i > 0 {
			object.WriteByte(',')
		}
		name, err := json.Marshal(share.Name)
		if err != nil {
			return nil, err
		}
		object.Write(name)
		object.WriteByte(':')
		object.WriteString(strconv.FormatInt(share.N, 10))
	}
	object.WriteByte('}')
	return object.Bytes(), nil
}

// split names the parts of a tally as the metric sees them: three for smileys and for the scores on 0 to 10, one
// for each answer for the others.
func (m Metric) split(tally Tally) Split {
	scale := m.scale()
	good := tally.between(scale.top, scale.high)
	middle := tally.between(scale.bottom+1, scale.top-1)
	bad := tally.between(scale.low, scale.bottom)
	switch m {
	case MetricNPS, MetricNPSEU, MetricNLS:
		return Split{{"promoters", good}, {"passives", middle}, {"detractors", bad}}
	case MetricCSAT, MetricSmileys:
		return Split{{string(feedback.Green), good}, {string(feedback.Yellow), middle}, {string(feedback.Red), bad}}
	case MetricReviews: // the best first, as review sites have it
		var split Split
		for value := scale.high; value >= scale.low; value-- {
			split = append(split, Share{strconv.Itoa(value), tally[value]})
		}
		return split
	default:
		var split Split
		for value := scale.low; value <= scale.high; value++ {
			split = append(split, Share{strconv.Itoa(value), tally[value]})
		}
		return split
	}
}
