package webhook

import (
	"bytes"
	"cmp"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/feedback"
)

// readyMade reads the mappings of the docs.
func readyMade(tb testing.TB) map[string]sender.Sender {
	tb.Helper()
	files, err := filepath.Glob("../../docs/senders/mappings/*.yaml")
	require.NoError(tb, err)
	all := make(map[string]sender.Sender)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(tb, err)
		list, err := senders.Mappings(text)
		require.NoError(tb, err)
		for _, m := range list {
			assert.Equal(tb, m.Name+".yaml", filepath.Base(file))
			all[m.Name] = m
		}
	}
	return all
}

// TestReadyMadeMappings states the content of the sample of each mapping in the docs.
func TestReadyMadeMappings(t *testing.T) {
	t.Parallel()
	all := readyMade(t)
	rows := readyMadeRows()
	assert.Len(t, rows, len(all))
	for _, test := range rows {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			of, _, _ := strings.Cut(test.file, ".")
			d := newDoor(t)
			d.senders = []sender.Enabled{enabled(t, all[of])}
			l := sample(t, of, test.file)
			unproved := l
			unproved.secret = "another-secret"
			assert.Equal(t, http.StatusUnauthorized, d.through(unproved.request(t)).Code)
			assert.Zero(t, d.rows(t))
			w := d.through(l.request(t))
			got := replyOf(t, w)
			require.Equal(t, cmp.Or(all[of].Accepted, http.StatusAccepted), w.Code, w.Body.String())
			assert.Empty(t, got.Warnings)
			assert.Equal(t, test.want, d.looked(t, got.ID))
			again := replyOf(t, d.through(l.request(t)))
			assert.Equal(t, got.ID, again.ID)
		})
	}
}

// readyMadeRow is the sample of a ready-made mapping and what becomes of it.
type readyMadeRow struct {
	file string
	want seen
}

func readyMadeRows() []readyMadeRow {
	return []readyMadeRow{
		{"freshdesk.json", seen{
			feedback.KindSmiley, feedback.ChannelTicket, 1, "unhappy", "", "4711",
			"", "Jan de Vries", "jan@example.org", "", "Bart",
			"4711", "Website offline", "https://example.freshdesk.com/helpdesk/tickets/4711", "", "2026-11-20T12:00:00Z", "2026-11-20 12:00:00",
		}},
		{"zammad.json", seen{
			feedback.KindSmiley, feedback.ChannelTicket, 2, "okay", "Duurde lang", "981",
			"", "Jan de Vries", "jan@example.org", "", "Lise",
			"20981", "Domein verhuizen", "https://desk.example.org/#ticket/zoom/981", "", "2026-11-19T15:00:00Z", "2026-11-19 15:00:00",
		}},
		{"freescout.form", seen{
			feedback.KindSmiley, feedback.ChannelEmail, 3, "great", "Prima", "5512",
			"", "", "jan@example.org", "", "Bart",
			"312", "Mail instellen", "https://desk.example.org/conversation/5512", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"osticket.form", seen{
			feedback.KindSmiley, feedback.ChannelTicket, 1, "red", "Stap 3 klopt niet", "118822",
			"", "Jan de Vries", "jan@example.org", "", "Lise",
			"118822", "SSL", "https://desk.example.org/view.php?id=7", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"googleforms.json", seen{
			feedback.KindNPS, feedback.ChannelPanel, 9, "", "Snelle server", "2_ABaOnud0001",
			"", "", "jan@example.org", "", "",
			"4711", "", "", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"crisp.json", seen{
			feedback.KindCSAT, feedback.ChannelChat, 2, "", "Nog steeds offline", "session_5b0e2f3c-0000-4000-8000-00000000bb02",
			"", "", "", "", "",
			"session_5b0e2f3c-0000-4000-8000-00000000bb02", "", "", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"delighted.json", seen{
			feedback.KindNPS, feedback.ChannelEmail, 9, "", "Snel geholpen", "70021",
			"1042", "Jan de Vries", "jan@example.org", "", "",
			"", "", "", "", "2026-11-19T10:00:00Z", "2026-11-19 09:55:00",
		}},
		{"facebook.json", seen{
			feedback.KindReview, feedback.ChannelReview, 1, "negative", "Al drie dagen geen mail", "700800900100",
			"1042", "Jan de Vries", "", "", "",
			"", "", "https://www.facebook.com/700800900100", "facebook", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"front.json", seen{
			feedback.KindSmiley, feedback.ChannelEmail, 1, "csat-red", "", "cnv_7c9d",
			"", "Jan de Vries", "jan@example.org", "tea_3f", "Lise Bakker",
			"cnv_7c9d", "Factuur klopt niet", "", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"gorgias.json", seen{
			feedback.KindCSAT, feedback.ChannelChat, 2, "", "Geen antwoord op mijn vraag", "88213",
			"1204", "Jan de Vries", "jan@example.org", "", "Lise",
			"88213", "Pakket niet aangekomen", "", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"hubspot.json", seen{
			feedback.KindNPS, feedback.ChannelEmail, 6, "", "Te duur geworden", "5392448343",
			"1042", "Jan de Vries", "jan@example.org", "", "",
			"4711", "", "", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"jira.json", seen{
			feedback.KindCSAT, feedback.ChannelTicket, 2, "", "Drie keer hetzelfde gevraagd", "HELP-118",
			"acc-1042", "Jan de Vries", "jan@example.org", "acc-7", "Lise Bakker",
			"HELP-118", "VPN werkt niet", "https://voorbeeld.atlassian.net/browse/HELP-118", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"jotform.form", seen{
			feedback.KindNPS, feedback.ChannelPanel, 8, "", "Snelle server", "6500000000000000001",
			"", "Jan de Vries", "jan@example.org", "", "",
			"4711", "", "", "", "2026-11-20T12:00:00Z", "2026-11-20 12:00:00",
		}},
		{"livechat.json", seen{
			feedback.KindSmiley, feedback.ChannelChat, 1, "0", "Het duurde erg lang", "QB9Z8Y7X6W",
			"", "", "", "", "",
			"QA1B2C3D4E", "", "", "", "2026-11-20T12:00:00Z", "2026-11-20 12:00:00",
		}},
		{"rocketchat.json", seen{
			feedback.KindSmiley, feedback.ChannelChat, 2, "yellow", "Wachttijd was lang", "k9XyRoomId00001",
			"v-1042", "Jan de Vries", "jan@example.org", "a-7", "Lise Bakker",
			"k9XyRoomId00001", "Mail instellen", "", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"surveymonkey.json", seen{
			feedback.KindNPS, feedback.ChannelEmail, 3, "", "Storing niet gemeld", "987650001",
			"", "Jan de Vries", "jan@example.org", "", "",
			"4711", "", "", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"tally.json", seen{
			feedback.KindNPS, feedback.ChannelPanel, 8, "", "Fijne helpdesk", "mVq0Lk",
			"", "", "jan@example.org", "", "",
			"4711", "", "", "", "2026-11-19T10:00:00Z", "2026-11-19 10:00:00",
		}},
		{"userlike.json", seen{
			feedback.KindCSAT, feedback.ChannelChat, 3, "", "Vriendelijk maar traag", "69001",
			"", "Jan de Vries", "jan@example.org", "5", "Lise Bakker",
			"69001", "Domein verhuizen", "", "", "2026-11-20T12:00:00Z", "2026-11-20 12:00:00",
		}},
		{"wootric.form", seen{
			feedback.KindNPS, feedback.ChannelPanel, 4, "", "Storing duurde lang", "33021",
			"c-1042", "", "jan@example.org", "", "",
			"", "", "", "", "2026-11-19T10:00:00Z", "2026-11-19 09:55:00",
		}},
	}
}

func enabled(tb testing.TB, s sender.Sender) sender.Enabled {
	tb.Helper()
	e, err := s.Enable(sender.Settings{Secrets: []string{olderSecret, senderSecret}})
	require.NoError(tb, err)
	return e
}

// FuzzMapped reads anything as a mapped sender's format.
func FuzzMapped(f *testing.F) {
	for _, body := range seeds() {
		f.Add(false, []byte(body))
	}
	for _, row := range readyMadeRows() {
		f.Add(strings.HasSuffix(row.file, ".form"), []byte(sample(f, strings.Split(row.file, ".")[0], row.file).body))
	}
	var all []sender.Enabled
	for _, m := range readyMade(f) {
		all = append(all, enabled(f, m))
	}
	for _, file := range []string{"everything.yaml", "language.yaml"} {
		text, err := os.ReadFile(filepath.Join("senders/mapping/testdata", file))
		require.NoError(f, err)
		list, err := senders.Mappings(text)
		require.NoError(f, err)
		all = append(all, enabled(f, list[0]))
	}
	for _, body := range []string{
		`{"id": 7, "score": -3, "via": null, "by": {"first": "Jan", "last": 3}, "opened": 1e400, "at": -1e300, "ticket": ["#1"], "prio": {}, "deleted": 0}`,
		`[{"id": [1], "kind": 3, "score": {"score": "👍🏽"}, "replies": null, "began": "2 March 2026", "opened": "2026-11-20 10:00:00 XYZ"}, null, 5, []]`,
		`{"list": [{"id": "a<b>", "x": "<p>a<p>b<script>", "at": 99999999999999999999, "opened": "-1"}], "email": 12}`,
		"--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\na\r\n--x--",
	} {
		f.Add(false, []byte(body))
		f.Add(true, []byte(body))
	}
	f.Fuzz(func(t *testing.T, form bool, body []byte) {
		header := http.Header{}
		if form {
			header.Set("Content-Type", "application/x-www-form-urlencoded")
			if bytes.HasPrefix(body, []byte("--")) {
				header.Set("Content-Type", "multipart/form-data; boundary=x")
			}
		}
		for _, s := range all {
			e := s.DryRun(sender.Delivery{Header: header, Body: body, ReceivedAt: noon()})
			for _, event := range e.Events {
				low, high := event.Kind.Scale()
				require.True(t, !event.Mentions[feedback.FieldRating] || event.Answer.Rating >= low && event.Answer.Rating <= high)
				require.False(t, event.OccurredAt.After(noon()))
			}
		}
	})
}
