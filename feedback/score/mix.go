package score

import (
	"math/big"

	"smileybot/feedback"
)

// ChannelScores are a channel's part of a score and of that of the period before.
type ChannelScores struct {
	Channel     feedback.Channel
	Now, Before Score
}

// Mix is a shift between the channels that explains most of a change.
type Mix struct {
	// Channel is the one whose share of the answers contributes most to the change.
	Channel feedback.Channel
	// Now and Before are its shares of the answers in percent.
	Now, Before *big.Rat
}

// Mix reports whether more than half of a significant change comes from other shares of the channels
// among the answers, and not from other scores within the channels.
//
// With the share w and the score s of each channel, before (1) and now (2), the change of the whole
// is exactly Σ(w₂ − w₁)·(s₁ + s₂)/2, which comes from the shares, plus Σ(s₂ − s₁)·(w₁ + w₂)/2, which
// comes from the scores (E. Kitagawa, Components of a difference between two rates, Journal of the
// American Statistical Association 50, 1955, 1168–1194). A channel with answers in one period only
// is taken to have the same score in the other.
func (r Report) Mix() (Mix, bool) {
	change := r.Change()
	if r.Significance() != Significant || len(r.Channels) < 2 {
		return Mix{}, false
	}
	var found Mix
	fromShares, most := new(big.Rat), new(big.Rat)
	level := new(big.Rat).Add(r.Score.value(), r.Previous.Score.value())
	for _, c := range r.Channels {
		now, before := big.NewRat(100*c.Now.N, r.Score.N), big.NewRat(100*c.Before.N, r.Previous.Score.N)
		part := new(big.Rat).Sub(now, before)
		// Shares add up to one, so the distance from any level may take the place of the score.
		part.Mul(part, new(big.Rat).Sub(c.twice(), level)).Quo(part, big.NewRat(200, 1))
		fromShares.Add(fromShares, part)
		if towards := new(big.Rat).Mul(part, change); found.Channel == "" || towards.Cmp(most) > 0 {
			found, most = Mix{c.Channel, now, before}, towards
		}
	}
	twice := fromShares.Mul(fromShares, big.NewRat(2, 1))
	twice.Quo(twice, change) // a significant change is not zero
	return found, twice.Cmp(big.NewRat(1, 1)) > 0
}

// twice is the sum of the channel's scores in both periods. One of them has answers.
func (c ChannelScores) twice() *big.Rat {
	now, before := c.Now, c.Before
	if now.N == 0 {
		now = before
	}
	if before.N == 0 {
		before = now
	}
	return new(big.Rat).Add(now.value(), before.value())
}

// value is the score, however few the answers; there must be one.
func (s Score) value() *big.Rat {
	if s.Metric.Averaged() {
		return big.NewRat(s.sum, s.N)
	}
	return percent(s.share())
}

// Where is the channel from which most of the change comes, through its score or through its share of
// the answers. ok is false when there is no change, or the channels of the report are not known.
//
// What a channel adds to a score is its share of the answers times the distance of its own score from
// a level that is the same for all channels and for both periods. So all of it adds up to the change.
func (r Report) Where() (found ChannelScores, ok bool) {
	change := r.Change()
	if change == nil || len(r.Channels) == 0 {
		return ChannelScores{}, false
	}
	level := new(big.Rat).Add(r.Score.value(), r.Previous.Score.value())
	level.Quo(level, big.NewRat(2, 1))
	adds := func(s Score, all int64) *big.Rat {
		if s.N == 0 {
			return new(big.Rat)
		}
		distance := new(big.Rat).Sub(s.value(), level)
		return distance.Mul(distance, big.NewRat(s.N, all))
	}
	var most *big.Rat
	for _, c := range r.Channels {
		towards := adds(c.Now, r.Score.N)
		towards.Sub(towards, adds(c.Before, r.Previous.Score.N)).Mul(towards, change)
		if most == nil || towards.Cmp(most) > 0 {
			found, most = c, towards
		}
	}
	return found, true
}
