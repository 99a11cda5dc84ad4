package message

import (
	"strings"

	"smileybot/feedback/score"
)

// verdictLine says in plain words whether a score has changed: "No clear change from October (+35): a
// difference of up to 16 points can be chance.". It is empty when there are no answers, and when nothing was before.
func (r *Renderer) verdictLine(report score.Report) line {
	before := report.Previous
	in := values{"before": r.figure(before.Score), "period": r.comparedWords(before.Period, report.Period)}
	switch report.Significance() {
	case score.SignificanceUnknown:
		if report.Score.N == 0 {
			return nil // the line below says so
		}
		if !report.Score.Enough() {
			return textLine(r.text("verdict_few", values{"limit": score.FewAnswers}))
		}
		if report.Period.Unit == score.UnitAll {
			return nil
		}
		if before.Score.N == 0 {
			return textLine(r.text("verdict_none", values{"period": in["period"]}))
		}
		return textLine(r.text("verdict_unknown", values{"period": in["period"], "answers": r.answersWord(before.Score.N)}))
	case score.Significant:
		in["verdict"], in["change"] = bold(r.directionWord(report)), r.changeWords(report)
		return r.line("verdict_clear", in)
	default:
		in["verdict"] = bold(r.text("verdict_noise"))
		chance := report.ChanceText()
		if strings.Trim(chance, "0.") == "" {
			return r.line("verdict_same", in)
		}
		in["chance"] = r.amountWords(report.Score.Metric, chance)
		return r.line("verdict_chance", in)
	}
}

// directionWord is the way in which a score has changed: "Clearly up".
func (r *Renderer) directionWord(report score.Report) string {
	if report.Change().Sign() < 0 {
		return r.text("verdict_down")
	}
	return r.text("verdict_up")
}

// changeWords are the change with its unit: "−12 points".
func (r *Renderer) changeWords(report score.Report) string {
	return r.amountWords(report.Score.Metric, report.ChangeText())
}

// amountWords are a difference with its unit: "16 points", "+0.27 stars".
func (r *Renderer) amountWords(m score.Metric, amount string) string {
	digits := strings.TrimLeft(amount, "+−")
	key := "points"
	if m.Averaged() {
		key = "stars"
	}
	return r.text(key, values{"n": digits, "amount": r.number(amount)})
}

// changedWords say in a few words what became of a score that is read together with others, for a cell
// or the end of a line: "clearly down (−12)" or "no clear change". They are empty when that is unknown.
func (r *Renderer) changedWords(report score.Report) string {
	switch report.SignificanceOfMany() {
	case score.Significant:
		key := "changed_up"
		if report.Change().Sign() < 0 {
			key = "changed_down"
		}
		return r.text(key, values{"change": r.number(report.ChangeText())})
	case score.NotSignificant:
		return r.text("changed_noise")
	default:
		return ""
	}
}

// comparedWords name the period that another one is compared with, without a year that both share:
// "October", "week 46", "1–15 October".
func (r *Renderer) comparedWords(p, now score.Period) string {
	year, month, day := p.From.Date()
	endYear, endMonth, _ := p.To.Date()
	nowYear, _, _ := now.From.Date()
	_, nowMonth, _ := now.To.Date()
	switch {
	case !p.Until.IsZero():
		return r.text("period_until", values{"day": r.dayWords("period_day_of_year", p.From), "time": p.Until.Format("15:04")})
	case year != nowYear || endYear != nowYear || nowMonth < month:
		return r.unitWords(p)
	case p.Unit == score.UnitMonth:
		return r.month("months", month)
	case p.Unit == score.UnitWeek:
		_, week := p.From.ISOWeek()
		return r.text("period_week_of_year", values{"week": week})
	case p.Unit == score.UnitQuarter:
		return r.text("period_quarter_of_year", values{"quarter": p.Quarter()})
	case p.From == p.To:
		return r.dayWords("period_day_of_year", p.From)
	case month == endMonth:
		return r.text("period_range_of_month", values{"from": day, "to": r.dayWords("period_day_of_year", p.To)})
	default:
		return r.text("period_range", values{"from": r.dayWords("period_day_of_year", p.From), "to": r.dayWords("period_day_of_year", p.To)})
	}
}
