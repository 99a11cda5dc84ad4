package score

import (
	"math/big"

	"smileybot/feedback/office"
)

// What an alert compares, in days, and the answers it needs on both sides.
const (
	alertRecent  = 7
	alertBefore  = 28
	alertAnswers = 30
)

// zOfAlert is by how many standard errors a score must have dropped: 2.58, beyond
// which chance alone goes once in a hundred times.
func zOfAlert() *big.Rat { return big.NewRat(258, 100) }

// AlertPeriods are what the alert of a morning compares: the seven whole days that ended
// with yesterday, and the 28 days before them.
func AlertPeriods(morning office.Day) (recent, before Period) {
	recent = Period{From: morning.Add(-alertRecent), To: morning.Add(-1), Unit: UnitRange}
	before = Period{From: recent.From.Add(-alertBefore), To: recent.From.Add(-1), Unit: UnitRange}
	return recent, before
}

// SignificantDrop reports whether the score has dropped by more than chance explains: it is
// lower than before, with at least 30 answers on both sides and |z| > 2.58.
func (r Report) SignificantDrop() bool {
	return r.Score.N >= alertAnswers && r.Previous.Score.N >= alertAnswers &&
		r.Change().Sign() < 0 && significantlyDifferent(r.Score, r.Previous.Score, zOfAlert())
}
