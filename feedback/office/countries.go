package office

import (
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	austria "github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"
)

// countryCodes are the countries that [ParseHolidays] knows, for its errors.
const countryCodes = "at, be, ch, cz, de, dk, es, fr, gb (or uk), ie, it, lu, nl, no, pl, se, us"

// countryHolidays returns the public holidays of a country, or of a region of Germany or Great
// Britain by its ISO 3166-2 code; nil for an unknown code. Switzerland has the four days that all its
// cantons share, Germany those that all its states share, Great Britain those of England and Wales.
func countryHolidays(code string) []*cal.Holiday {
	country, region, regional := strings.Cut(code, "-")
	if country == "uk" {
		country = "gb"
	}
	switch {
	case country == "de" && regional:
		return germanHolidays(region)
	case country == "gb" && regional:
		return britishHolidays(region)
	case regional:
		return nil
	}
	switch country {
	case "at":
		return austria.Holidays
	case "be":
		return be.Holidays
	case "ch":
		return []*cal.Holiday{ch.Neujahr, ch.Auffahrt, ch.Bundesfeiertag, ch.Weihnachtstag}
	case "cz":
		return cz.Holidays
	case "de":
		return de.Holidays
	case "dk":
		return dk.Holidays
	case "es":
		return es.Holidays
	case "fr":
		return fr.Holidays
	case "gb":
		return britishHolidays("eng")
	case "ie":
		return ie.Holidays
	case "it":
		return italianHolidays()
	case "lu":
		return luxembourgHolidays()
	case "nl":
		return dutchHolidays()
	case "no":
		return no.Holidays
	case "pl":
		return polishHolidays()
	case "se":
		return se.Holidays
	case "us":
		return us.Holidays
	default:
		return nil
	}
}

// dutchHolidays adds the two Sundays that the library lacks
// (https://www.rijksoverheid.nl/onderwerpen/vakantiedagen-en-feestdagen). Good Friday and 5 May are on
// that list every year, although many offices are open.
func dutchHolidays() []*cal.Holiday {
	return append(slices.Clone(nl.Holidays), aa.Easter.Clone(&cal.Holiday{Name: "Eerste Paasdag"}), aa.Pentecost.Clone(&cal.Holiday{Name: "Eerste Pinksterdag"}))
}

// germanHolidays returns those of a state, with what the library lacks: Women's Day in
// Mecklenburg-Vorpommern since 2023, the two Sundays of Brandenburg, and single days of Berlin
// (https://de.wikipedia.org/wiki/Gesetzliche_Feiertage_in_Deutschland). Bavaria is without 15 August,
// which is a holiday in most of its towns.
func germanHolidays(state string) []*cal.Holiday {
	switch state {
	case "bw":
		return de.HolidaysBW
	case "by":
		return de.HolidaysBY
	case "be":
		const liberation, uprising = 2025, 2028
		return append(slices.Clone(de.HolidaysBE),
			onceOn(liberation, time.May, 8, "80. Jahrestag der Befreiung vom Nationalsozialismus"),
			onceOn(uprising, time.June, 17, "75. Jahrestag des Aufstandes vom 17. Juni 1953"))
	case "bb":
		return append(slices.Clone(de.HolidaysBB),
			aa.Easter.Clone(&cal.Holiday{Name: "Ostersonntag"}), aa.Pentecost.Clone(&cal.Holiday{Name: "Pfingstsonntag"}))
	case "hb":
		return de.HolidaysHB
	case "hh":
		return de.HolidaysHH
	case "he":
		return de.HolidaysHE
	case "mv":
		const since = 2023
		return append(slices.Clone(de.HolidaysMV), de.Frauentag.Clone(&cal.Holiday{StartYear: since}))
	case "ni":
		return de.HolidaysNI
	case "nw":
		return de.HolidaysNW
	case "rp":
		return de.HolidaysRP
	case "sl":
		return de.HolidaysSL
	case "sn":
		return de.HolidaysSN
	case "st":
		return de.HolidaysST
	case "sh":
		return de.HolidaysSH
	case "th":
		return de.HolidaysTH
	default:
		return nil
	}
}

// britishHolidays returns the bank holidays of England, Wales, Scotland or Northern Ireland
// (https://www.gov.uk/bank-holidays), with two of a single year that the library lacks: 19 September
// 2022, and 15 June 2026 in Scotland.
func britishHolidays(nation string) []*cal.Holiday {
	const funeral, worldCup = 2022, 2026
	common := append(slices.Clone(gb.Holidays), onceOn(funeral, time.September, 19, "State Funeral of Queen Elizabeth II"))
	toMonday := []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 1}}
	switch nation {
	case "eng", "wls":
		return common
	case "nir":
		return append(common,
			yearlyOn(time.March, 17, "St Patrick's Day", toMonday),
			yearlyOn(time.July, 12, "Battle of the Boyne", toMonday))
	case "sct":
		english := func(h *cal.Holiday) bool { return h == gb.EasterMonday || h == gb.SummerHoliday }
		return append(slices.DeleteFunc(common, english),
			// It moves as Boxing Day does: the day before is a holiday as well.
			yearlyOn(time.January, 2, "2nd January", gb.BoxingDay.Observed),
			onceOn(worldCup, time.June, 15, "World Cup"),
			gb.SummerHolidayScotland,
			yearlyOn(time.November, 30, "St Andrew's Day", toMonday))
	default:
		return nil
	}
}

// italianHolidays adds the day of Saint Francis since 2026, by Law 151 of 2025
// (https://www.normattiva.it/uri-res/N2Ls?urn:nir:stato:legge:2025-10-08;151).
func italianHolidays() []*cal.Holiday {
	const francisSince = 2026
	francis := yearlyOn(time.October, 4, "San Francesco d'Assisi", nil)
	francis.StartYear = francisSince
	return append(slices.Clone(it.Holidays), francis)
}

// luxembourgHolidays returns those of the Code du travail, L. 232-2
// (https://guichet.public.lu/en/citoyens/travail/conges-jours-feries/jours-feries/jours-feries-legaux.html).
func luxembourgHolidays() []*cal.Holiday {
	const europeSince = 2019
	europe := yearlyOn(time.May, 9, "Journée de l'Europe", nil)
	europe.StartYear = europeSince
	return []*cal.Holiday{
		aa.NewYear.Clone(&cal.Holiday{Name: "Nouvel An"}), aa.EasterMonday.Clone(&cal.Holiday{Name: "Lundi de Pâques"}),
		aa.WorkersDay.Clone(&cal.Holiday{Name: "Fête du travail"}), europe,
		aa.AscensionDay.Clone(&cal.Holiday{Name: "Ascension"}), aa.PentecostMonday.Clone(&cal.Holiday{Name: "Lundi de Pentecôte"}),
		yearlyOn(time.June, 23, "Fête nationale", nil), aa.AssumptionOfMary.Clone(&cal.Holiday{Name: "Assomption"}),
		aa.AllSaintsDay.Clone(&cal.Holiday{Name: "Toussaint"}), aa.ChristmasDay.Clone(&cal.Holiday{Name: "Noël"}),
		aa.ChristmasDay2.Clone(&cal.Holiday{Name: "Saint-Étienne"}),
	}
}

// polishHolidays adds what the library lacks: the Sundays of the law of 1951, and Christmas Eve since
// 2025 (https://pl.wikipedia.org/wiki/Dni_wolne_od_pracy_w_Polsce).
func polishHolidays() []*cal.Holiday {
	const eveSince = 2025
	eve := yearlyOn(time.December, 24, "Wigilia Bożego Narodzenia", nil)
	eve.StartYear = eveSince
	return append(slices.Clone(pl.Holidays), eve,
		aa.Easter.Clone(&cal.Holiday{Name: "Wielkanoc"}), aa.Pentecost.Clone(&cal.Holiday{Name: "Zielone Świątki"}))
}

// yearlyOn is a holiday on the same date every year.
func yearlyOn(month time.Month, day int, name string, observed []cal.AltDay) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Day: day, Observed: observed, Func: cal.CalcDayOfMonth}
}

// onceOn is a holiday of one year.
func onceOn(year int, month time.Month, day int, name string) *cal.Holiday {
	h := yearlyOn(month, day, name, nil)
	h.StartYear, h.EndYear = year, year
	return h
}

// movableDay is a day that moves with Easter, by its name in settings; nil for another word.
func movableDay(name string) *cal.Holiday {
	switch name {
	case "good-friday":
		return aa.GoodFriday
	case "easter-monday":
		return aa.EasterMonday
	case "ascension":
		return aa.AscensionDay
	case "whit-monday":
		return aa.PentecostMonday
	case "corpus-christi":
		return aa.CorpusChristi
	default:
		return nil
	}
}
