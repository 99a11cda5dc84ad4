package office_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestHolidaysOfCountries has the dates of 2025 to 2028. They are those of the sources that are named,
// and agree with https://github.com/commenthol/date-holidays, except that the latter lacks the Dutch
// Good Friday, the Dutch 5 May and the Scottish 15 June 2026, has the Italian Easter Sunday, and has
// for Switzerland what some cantons do not have.
func TestHolidaysOfCountries(t *testing.T) {
	t.Parallel()
	const firstYear = 2025
	for _, c := range []struct {
		code  string
		years [4]string
	}{
		// https://www.rijksoverheid.nl/onderwerpen/vakantiedagen-en-feestdagen
		{"nl", [4]string{
			"01-01 04-18 04-20 04-21 04-26 05-05 05-29 06-08 06-09 12-25 12-26",
			"01-01 04-03 04-05 04-06 04-27 05-05 05-14 05-24 05-25 12-25 12-26",
			"01-01 03-26 03-28 03-29 04-27 05-05 05-06 05-16 05-17 12-25 12-26",
			"01-01 04-14 04-16 04-17 04-27 05-05 05-25 06-04 06-05 12-25 12-26",
		}},
		// https://emploi.belgique.be/fr/themes/jours-feries-et-conges
		{"be", [4]string{
			"01-01 04-21 05-01 05-29 06-09 07-21 08-15 11-01 11-11 12-25",
			"01-01 04-06 05-01 05-14 05-25 07-21 08-15 11-01 11-11 12-25",
			"01-01 03-29 05-01 05-06 05-17 07-21 08-15 11-01 11-11 12-25",
			"01-01 04-17 05-01 05-25 06-05 07-21 08-15 11-01 11-11 12-25",
		}},
		// https://de.wikipedia.org/wiki/Gesetzliche_Feiertage_in_Deutschland
		{"de", [4]string{
			"01-01 04-18 04-21 05-01 05-29 06-09 10-03 12-25 12-26",
			"01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26",
			"01-01 03-26 03-29 05-01 05-06 05-17 10-03 12-25 12-26",
			"01-01 04-14 04-17 05-01 05-25 06-05 10-03 12-25 12-26",
		}},
		// https://www.gov.uk/bank-holidays
		{"gb-eng", [4]string{
			"01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
			"01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-26 12-28",
			"01-01 03-26 03-29 05-03 05-31 08-30 12-25 12-26 12-27 12-28",
			"01-01 01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
		}},
		// https://www.gov.uk/bank-holidays, https://www.mygov.scot/scotland-bank-holidays
		{"gb-sct", [4]string{
			"01-01 01-02 04-18 05-05 05-26 08-04 11-30 12-01 12-25 12-26",
			"01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-26 12-28",
			"01-01 01-02 01-04 03-26 05-03 05-31 08-02 11-30 12-25 12-26 12-27 12-28",
			"01-01 01-02 01-03 01-04 04-14 05-01 05-29 08-07 11-30 12-25 12-26",
		}},
		// https://www.nidirect.gov.uk/articles/bank-holidays
		{"gb-nir", [4]string{
			"01-01 03-17 04-18 04-21 05-05 05-26 07-12 07-14 08-25 12-25 12-26",
			"01-01 03-17 04-03 04-06 05-04 05-25 07-12 07-13 08-31 12-25 12-26 12-28",
			"01-01 03-17 03-26 03-29 05-03 05-31 07-12 08-30 12-25 12-26 12-27 12-28",
			"01-01 01-03 03-17 04-14 04-17 05-01 05-29 07-12 08-28 12-25 12-26",
		}},
		// https://www.citizensinformation.ie/en/employment/employment-rights-and-conditions/leave-and-holidays/public-holidays/
		{"ie", [4]string{
			"01-01 02-03 03-17 04-21 05-05 06-02 08-04 10-27 12-25 12-26",
			"01-01 02-02 03-17 04-06 05-04 06-01 08-03 10-26 12-25 12-26",
			"01-01 02-01 03-17 03-29 05-03 06-07 08-02 10-25 12-25 12-26",
			"01-01 02-07 03-17 04-17 05-01 06-05 08-07 10-30 12-25 12-26",
		}},
		// https://www.service-public.fr/particuliers/vosdroits/F2405
		{"fr", [4]string{
			"01-01 04-21 05-01 05-08 05-29 06-09 07-14 08-15 11-01 11-11 12-25",
			"01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25",
			"01-01 03-29 05-01 05-06 05-08 05-17 07-14 08-15 11-01 11-11 12-25",
			"01-01 04-17 05-01 05-08 05-25 06-05 07-14 08-15 11-01 11-11 12-25",
		}},
		// https://guichet.public.lu/en/citoyens/travail/conges-jours-feries/jours-feries/jours-feries-legaux.html
		{"lu", [4]string{
			"01-01 04-21 05-01 05-09 05-29 06-09 06-23 08-15 11-01 12-25 12-26",
			"01-01 04-06 05-01 05-09 05-14 05-25 06-23 08-15 11-01 12-25 12-26",
			"01-01 03-29 05-01 05-06 05-09 05-17 06-23 08-15 11-01 12-25 12-26",
			"01-01 04-17 05-01 05-09 05-25 06-05 06-23 08-15 11-01 12-25 12-26",
		}},
		// https://www.oesterreich.gv.at/themen/leben_in_oesterreich/feiertage.html
		{"at", [4]string{
			"01-01 01-06 04-21 05-01 05-29 06-09 06-19 08-15 10-26 11-01 12-08 12-25 12-26",
			"01-01 01-06 04-06 05-01 05-14 05-25 06-04 08-15 10-26 11-01 12-08 12-25 12-26",
			"01-01 01-06 03-29 05-01 05-06 05-17 05-27 08-15 10-26 11-01 12-08 12-25 12-26",
			"01-01 01-06 04-17 05-01 05-25 06-05 06-15 08-15 10-26 11-01 12-08 12-25 12-26",
		}},
		// https://www.ch.ch/en/work/public-holidays/
		{"ch", [4]string{
			"01-01 05-29 08-01 12-25",
			"01-01 05-14 08-01 12-25",
			"01-01 05-06 08-01 12-25",
			"01-01 05-25 08-01 12-25",
		}},
		// https://www.normattiva.it/uri-res/N2Ls?urn:nir:stato:legge:1949-05-27;260, without the Sundays
		{"it", [4]string{
			"01-01 01-06 04-21 04-25 05-01 06-02 08-15 11-01 12-08 12-25 12-26",
			"01-01 01-06 04-06 04-25 05-01 06-02 08-15 10-04 11-01 12-08 12-25 12-26",
			"01-01 01-06 03-29 04-25 05-01 06-02 08-15 10-04 11-01 12-08 12-25 12-26",
			"01-01 01-06 04-17 04-25 05-01 06-02 08-15 10-04 11-01 12-08 12-25 12-26",
		}},
		// https://pl.wikipedia.org/wiki/Dni_wolne_od_pracy_w_Polsce
		{"pl", [4]string{
			"01-01 01-06 04-20 04-21 05-01 05-03 06-08 06-19 08-15 11-01 11-11 12-24 12-25 12-26",
			"01-01 01-06 04-05 04-06 05-01 05-03 05-24 06-04 08-15 11-01 11-11 12-24 12-25 12-26",
			"01-01 01-06 03-28 03-29 05-01 05-03 05-16 05-27 08-15 11-01 11-11 12-24 12-25 12-26",
			"01-01 01-06 04-16 04-17 05-01 05-03 06-04 06-15 08-15 11-01 11-11 12-24 12-25 12-26",
		}},
	} {
		for i, want := range c.years {
			assert.Equal(t, want, daysOff(holidays(t, c.code), firstYear+i), "%s %d", c.code, firstYear+i)
		}
	}
	for _, same := range [][2]string{{"gb", "gb-eng"}, {"uk", "gb-eng"}, {"gb-wls", "gb-eng"}, {"UK-sct", "gb-sct"}} {
		assert.Equal(t, daysOff(holidays(t, same[1]), firstYear), daysOff(holidays(t, same[0]), firstYear), same)
	}
}

// TestHolidaysOfGermanStates has the days beyond those of all states, by
// https://de.wikipedia.org/wiki/Gesetzliche_Feiertage_in_Deutschland and its laws of the states.
func TestHolidaysOfGermanStates(t *testing.T) {
	t.Parallel()
	const firstYear = 2025
	for _, c := range []struct {
		code  string
		years [4]string
	}{
		{"de-bw", [4]string{"01-06 06-19 11-01", "01-06 06-04 11-01", "01-06 05-27 11-01", "01-06 06-15 11-01"}},
		{"de-by", [4]string{"01-06 06-19 11-01", "01-06 06-04 11-01", "01-06 05-27 11-01", "01-06 06-15 11-01"}},
		{"de-be", [4]string{"03-08 05-08", "03-08", "03-08", "03-08 06-17"}},
		{"de-bb", [4]string{"04-20 06-08 10-31", "04-05 05-24 10-31", "03-28 05-16 10-31", "04-16 06-04 10-31"}},
		{"de-hb", [4]string{"10-31", "10-31", "10-31", "10-31"}},
		{"de-hh", [4]string{"10-31", "10-31", "10-31", "10-31"}},
		{"de-he", [4]string{"06-19", "06-04", "05-27", "06-15"}},
		{"de-mv", [4]string{"03-08 10-31", "03-08 10-31", "03-08 10-31", "03-08 10-31"}},
		{"de-ni", [4]string{"10-31", "10-31", "10-31", "10-31"}},
		{"de-nw", [4]string{"06-19 11-01", "06-04 11-01", "05-27 11-01", "06-15 11-01"}},
		{"de-rp", [4]string{"06-19 11-01", "06-04 11-01", "05-27 11-01", "06-15 11-01"}},
		{"de-sl", [4]string{"06-19 08-15 11-01", "06-04 08-15 11-01", "05-27 08-15 11-01", "06-15 08-15 11-01"}},
		{"de-sn", [4]string{"10-31 11-19", "10-31 11-18", "10-31 11-17", "10-31 11-22"}},
		{"de-st", [4]string{"01-06 10-31", "01-06 10-31", "01-06 10-31", "01-06 10-31"}},
		{"de-sh", [4]string{"10-31", "10-31", "10-31", "10-31"}},
		{"de-th", [4]string{"09-20 10-31", "09-20 10-31", "09-20 10-31", "09-20 10-31"}},
	} {
		for i, more := range c.years {
			common := strings.Fields(daysOff(holidays(t, "de"), firstYear+i))
			want := slices.Sorted(slices.Values(append(common, strings.Fields(more)...)))
			assert.Equal(t, strings.Join(want, " "), daysOff(holidays(t, c.code), firstYear+i), "%s %d", c.code, firstYear+i)
		}
	}
}
