package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
)

// wrongs are settings with one mistake each, and what Load says of them.
func wrongs(t *testing.T) []struct{ name, value, line string } {
	t.Helper()
	const (
		id         = "paste the channel's id, found at the bottom of the channel's details"
		token      = "copy the Bot User OAuth Token (xoxb-…) from your Slack app's page OAuth & Permissions"
		signing    = "copy it from your Slack app's page Basic Information, or set SLACK_APP_TOKEN for Socket Mode"
		app        = "make one on your Slack app's page Basic Information, App-Level Tokens, with the scope connections:write"
		makeSecret = `make one with: echo "whsec_$(openssl rand -base64 32)"`
		makeToken  = "make one with: openssl rand -base64 32"
		noToken    = "not a bot token, which begins with xoxb-; " + token
		noURL      = "not an http or https address; write it as https://slack.com/api/, or unset it"
		longURL    = "it holds a user, a query or a fragment; leave only host and path, as in https://slack.com/api/"
		noAddress  = "not an address to listen on; write it as :8080, 127.0.0.1:8080 or unix:/run/smileybot/web.sock"
		noPath     = "not the path of a file; write it as smileybot.db or /data/smileybot.db"
		noZone     = "not the name of a time zone; write it as Europe/Amsterdam, or UTC"
		noTime     = "not a time above zero; write it as 4h, 90m or 1h30m, at most 8760h"
		noCountry  = "not a country I know; use at, be, ch, cz, de, dk, es, fr, gb (or uk), ie, it, lu, nl, no, pl, se, us, a region as in de-by or gb-sct, or a date as in +2026-12-24"
		noSign     = "a date without + or -; put + (a holiday) or - (no holiday) in front, as in +2026-12-24"
		noOut      = "not an http or https address with a host and without a user; set it to an address such as https://tickets.example.org/hooks/smileybot"
		noPublic   = "not an https address with a host and without a user; set it to an address such as https://bot.example.org"
		longPublic = "more in it than a host and a port; set it to an address such as https://bot.example.org"
		outSecret  = makeSecret + ", and give the receiver the same"
		longDue    = "longer than a year; write it as 4h, 90m or 1h30m, at most 8760h"
		longDays   = "longer than a hundred years; write at most 36525d, or 0 to keep everything"
		noDays     = "not a number of days; write it as 730d, or as 0 to keep everything"
	)
	return []struct{ name, value, line string }{
		{"SLACK_BOT_TOKEN", "", "not set; " + token},
		{"SLACK_BOT_TOKEN", "xoxp-" + canary, "that is a user token, by how it begins; " + token},
		{"SLACK_BOT_TOKEN", "xapp-1-" + canary, "that is an app-level token, of SLACK_APP_TOKEN, by how it begins; " + token},
		{"SLACK_BOT_TOKEN", "xoxs-" + canary, "that is another kind of token, by how it begins; " + token},
		{"SLACK_BOT_TOKEN", "xoxe.xoxb-1-" + canary, "the app rotates its tokens, which end after 12 hours; make the app again from 'smileybot manifest', without token rotation, which Slack does not turn off again"},
		{"SLACK_BOT_TOKEN", canary, noToken},
		{"SLACK_SIGNING_SECRET", "xoxb-" + canary, "that is a bot token, of SLACK_BOT_TOKEN, by how it begins; " + signing},
		{"SLACK_SIGNING_SECRET", "xapp-1-" + canary, "that is an app-level token, of SLACK_APP_TOKEN, by how it begins; " + signing},
		{"SLACK_SIGNING_SECRET", "whsec_" + canary, "that is a webhook secret, of SMILEYBOT_WEBHOOK_SECRETS, by how it begins; " + signing},
		{"SLACK_BOT_TOKEN", "xoxb-", noToken},
		{"SLACK_BOT_TOKEN", "xoxb-" + canary + " x", noToken},
		{"SLACK_SIGNING_SECRET", " ", "not set; " + signing},
		{"SLACK_SIGNING_SECRET", canary + "\n" + canary, "not a signing secret, which has no spaces or line breaks; " + signing},
		{"SLACK_APP_TOKEN", canary, "not an app-level token, which begins with xapp-; " + app},
		{"SLACK_APP_TOKEN", "xapp-", "not an app-level token, which begins with xapp-; " + app},
		{"SLACK_APP_TOKEN", "xapp-" + canary + " " + canary, "not an app-level token, which begins with xapp-; " + app},
		{"SLACK_APP_TOKEN", "xoxb-" + canary, "that is a bot token, of SLACK_BOT_TOKEN, by how it begins; " + app},
		{"SLACK_CHANNEL", "", "not set; " + id},
		{"SLACK_CHANNEL", "#" + canary, "that is a name; " + id},
		{"SLACK_CHANNEL", "C", "that is a name; " + id},
		{"SLACK_CHANNEL", "https://example.slack.com/archives/C0" + canary, "that is an address, which ends in the channel's id; " + id},
		{"SLACK_CHANNEL", "example.slack.com/archives/C0" + canary, "that is an address, which ends in the channel's id; " + id},
		{"SLACK_CHANNEL", "<#C0123|" + canary + ">", "that is a mention, which holds the channel's id; " + id},
		{"SLACK_CHANNEL", "U0BART123", "that is the id of a person; " + id},
		{"SLACK_CHANNEL", "S0BART123", "that is the id of a group of people; " + id},
		{"SLACK_CHANNEL", "T0BART123", "that is the id of a workspace; " + id},
		{"SLACK_CHANNEL", "A0BART123", "that is the id of an app; " + id},
		{"SLACK_CHANNEL", "c0bart123", "an id has capital letters; " + id},
		{"SLACK_CHANNEL", "C0BART123, C0BART124", "more than one channel; " + id},
		{"SLACK_CHANNEL", "xoxb-" + canary, "that is a secret; " + id},
		{"SLACK_CHANNEL", "C0" + canary + "!", "that is a name; " + id},
		{"SLACK_API_URL", canary, noURL},
		{"SLACK_API_URL", "ftp://" + canary, noURL},
		{"SLACK_API_URL", "https:///" + canary, noURL},
		{"SLACK_API_URL", "http://" + canary + ":x/", noURL},
		{"SLACK_API_URL", "https://me:" + canary + "@example.org/", longURL},
		{"SLACK_API_URL", "https://example.org/?" + canary, longURL},
		{"SLACK_API_URL", "https://example.org/?", longURL},
		{"SLACK_API_URL", "https://example.org/#" + canary, longURL},
		{"SMILEYBOT_LISTEN", canary, noAddress},
		{"SMILEYBOT_LISTEN", canary + "/:80", noAddress},
		{"SMILEYBOT_LISTEN", ":65536", noAddress},
		{"SMILEYBOT_LISTEN", "http://:8080", noAddress},
		{"SMILEYBOT_ADMIN_LISTEN", ":http", noAddress},
		{"SMILEYBOT_ADMIN_LISTEN", ":8080", "that is also SMILEYBOT_LISTEN; give it another port or path"},
		{"SMILEYBOT_LISTEN", "/run/" + canary, noAddress},
		{"SMILEYBOT_LISTEN", "unix:" + canary, "not the whole path of a socket; write it as unix:/run/smileybot/web.sock"},
		{"SMILEYBOT_LISTEN", "unix:/no/such/folder/" + canary, "its folder does not exist; make the folder, writable for smileybot's user, or correct the path"},
		{"SMILEYBOT_LISTEN", "unix:/" + strings.Repeat("a", 107), "the path of a socket has at most 107 bytes; choose a shorter one, as in unix:/run/smileybot/web.sock"},
		{"SMILEYBOT_LISTEN", "unix:/etc/passwd", "there is a file that is no socket; set another path"},
		{"SMILEYBOT_DATABASE", ":memory:", noPath},
		{"SMILEYBOT_DATABASE", "file:" + canary, noPath},
		{"SMILEYBOT_WEBHOOK_SECRETS", " , ", "no sender can prove itself: neither this, SMILEYBOT_WEBHOOK_TOKENS nor SMILEYBOT_<NAME>_SECRETS is set; " + makeSecret},
		{"SMILEYBOT_WEBHOOK_SECRETS", canary, "entry 1: it does not begin with whsec_; " + makeSecret},
		{"SMILEYBOT_WEBHOOK_SECRETS", webhookSecret + ",whsec_" + canary + "-", "entry 2: what follows whsec_ is not base64; " + makeSecret},
		{"SMILEYBOT_WEBHOOK_SECRETS", "whsec_MDEyMzQ1Njc4OWFiY2RlZg=\n=", "entry 1: what follows whsec_ is not base64; " + makeSecret},
		{"SMILEYBOT_WEBHOOK_SECRETS", "whsec_MDEyMzQ1Njc4OWFiY2Rl", "entry 1: shorter than 16 bytes; " + makeSecret},
		{"SMILEYBOT_WEBHOOK_TOKENS", canary + "-12345678", "entry 1: shorter than 16 characters; " + makeToken},
		{"SMILEYBOT_WEBHOOK_TOKENS", webhookToken + "," + webhookToken + " é", "entry 2: a space or character that a header cannot carry; " + makeToken},
		{"SMILEYBOT_ROUTES", "chat", "entry 1: no = in it; write it as chat=C0CHAT"},
		{"SMILEYBOT_ROUTES", "chat=C1,fax=C2", "entry 2: no such feedback channel; choose from ticket, chat, panel, email, phone, social, review"},
		{"SMILEYBOT_ROUTES", "chat=C1,chat=C2", "entry 2: the feedback channel has a route already; keep one of them"},
		{"SMILEYBOT_DATABASE", "/", "that is a folder; write the path of the file, such as smileybot.db in it"},
		{"SMILEYBOT_DATABASE", "/no/such/folder/" + canary, "its folder does not exist; make the folder, writable for smileybot's user, or correct the path"},
		{"SMILEYBOT_ROUTES", "chat=#" + canary, "entry 1: that is a name; " + id},
		{"SMILEYBOT_ROUTES", "chat=U0BART123", "entry 1: that is the id of a person; " + id},
		{"SMILEYBOT_LEAD_CHANNEL", canary, "that is a name; " + id},
		{"SMILEYBOT_LEAD_CHANNEL", "T0BART123", "that is the id of a workspace; " + id},
		{"SMILEYBOT_TIMEZONE", "Mars/" + canary, noZone},
		{"SMILEYBOT_TIMEZONE", "Local", noZone},
		{"SMILEYBOT_LANGUAGE", "fr", "no such language; set it to en or nl"},
		{"SMILEYBOT_GREEN", canary, "no such choice; set it to post or digest"},
		{"SMILEYBOT_LANGUAGE", canary, "no such language; set it to en or nl"},
		{"SMILEYBOT_OFFICE_HOURS", " ; ", "no office hours in it; write it as Mon-Fri 09:00-17:00"},
		{"SMILEYBOT_OFFICE_HOURS", "Mon 09:00-10:00; Tue 17:00-17:00", "stretch 2: it ends when it begins; write a whole day as 00:00-24:00"},
		{"SMILEYBOT_HOLIDAYS", canary, "entry 1: " + noCountry},
		{"SMILEYBOT_HOLIDAYS", "nl,2031-03-04", "entry 2: " + noSign},
		{"SMILEYBOT_HOLIDAYS", "+2031-03-04,-2031-03-04", "entry 2: the date has both + and -; keep one of them"},
		{"SMILEYBOT_FOLLOWUP_DUE", canary, noTime},
		{"SMILEYBOT_FOLLOWUP_DUE", "0h", noTime},
		{"SMILEYBOT_FOLLOWUP_DUE_URGENT", "-1h", noTime},
		{"SMILEYBOT_FOLLOWUP_DUE_URGENT", "4", noTime},
		{"SMILEYBOT_FOLLOWUP_DUE", "8760h0m0.000000001s", longDue},
		{"SMILEYBOT_FOLLOWUP_DUE", "40000h", longDue},
		{"SMILEYBOT_FOLLOWUP_DUE", "2562047h", longDue},
		{"SMILEYBOT_FOLLOWUP_DUE_URGENT", "8761h", longDue},
		{"SMILEYBOT_FOLLOWUP_DUE", "1000000000000000000h", noTime},
		{"SMILEYBOT_PUBLIC_URL", canary, noPublic},
		{"SMILEYBOT_PUBLIC_URL", "http://" + canary, noPublic},
		{"SMILEYBOT_PUBLIC_URL", "https://:443", noPublic},
		{"SMILEYBOT_PUBLIC_URL", "https://me:" + canary + "@example.org", noPublic},
		{"SMILEYBOT_PUBLIC_URL", "https://example.org/" + canary, longPublic},
		{"SMILEYBOT_PUBLIC_URL", "https://example.org?" + canary, longPublic},
		{"SMILEYBOT_PUBLIC_URL", "https://example.org#" + canary, longPublic},
		{"SMILEYBOT_OUT_URL", canary, noOut},
		{"SMILEYBOT_OUT_URL", "ftp://example.org/" + canary, noOut},
		{"SMILEYBOT_OUT_URL", "https:///" + canary, noOut},
		{"SMILEYBOT_OUT_URL", "https://me:" + canary + "@example.org/", noOut},
		{"SMILEYBOT_OUT_SECRET", canary, "it does not begin with whsec_; " + outSecret},
		{"SMILEYBOT_OUT_SECRET", "whsec_" + canary + "!", "what follows whsec_ is not base64; " + outSecret},
		{"SMILEYBOT_RETENTION", "730", noDays},
		{"SMILEYBOT_RETENTION", "0d", noDays},
		{"SMILEYBOT_RETENTION", "-1d", noDays},
		{"SMILEYBOT_RETENTION", "+1d", noDays},
		{"SMILEYBOT_RETENTION", "d", noDays},
		{"SMILEYBOT_RETENTION", "36526d", longDays},
		{"SMILEYBOT_RETENTION", "1000000000000000000000d", longDays},
		{"SMILEYBOT_RETENTION", "-1000000000000000000000d", noDays},
		{"SMILEYBOT_RETENTION", "8760h", noDays},
		{"SMILEYBOT_RETENTION", canary, noDays},
	}
}

// TestDueTimesEndWithinTenYears tries office hours and holidays that leave little or no office time.
func TestDueTimesEndWithinTenYears(t *testing.T) {
	everyDay := make([]string, 11*366)
	for i := range everyDay {
		everyDay[i] = "+" + time.Now().AddDate(0, 0, i-1).Format(time.DateOnly)
	}
	const problem = "with these office hours and holidays it ends in more than ten years; shorten it, or open the office longer"
	for _, test := range []struct {
		name, hours, holidays, due string
		far                        bool
	}{
		{"a year in an ordinary office", "Mon-Fri 09:00-17:00", "nl", "8760h", false},
		{"a year in an office that never closes", "Mon-Sun 00:00-24:00", "", "8760h", false},
		{"a year in a minute a week", "Mon 09:00-09:01", "", "8760h", true},
		{"nine hours in a minute a week", "Mon 09:00-09:01", "", "9h", true},
		{"eight hours in a minute a week", "Mon 09:00-09:01", "", "8h", false},
		{"a minute on no day", "Mon-Sun 00:00-24:00", strings.Join(everyDay[:3700], ","), "1m", true},
		{"a minute after two years of holidays", "Mon-Sun 00:00-24:00", strings.Join(everyDay[:1000], ","), "1m", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, name := range []string{"SMILEYBOT_FOLLOWUP_DUE", "SMILEYBOT_FOLLOWUP_DUE_URGENT"} {
				setenv(t, with(map[string]string{"SMILEYBOT_OFFICE_HOURS": test.hours, "SMILEYBOT_HOLIDAYS": test.holidays, "SMILEYBOT_FOLLOWUP_DUE": "1m", "SMILEYBOT_FOLLOWUP_DUE_URGENT": "1m", name: test.due}))
				_, err := load(config.All)
				if !test.far {
					require.NoError(t, err)
					continue
				}
				require.ErrorContains(t, err, name+": "+problem)
			}
		})
	}
	setenv(t, with(map[string]string{"SMILEYBOT_HOLIDAYS": strings.Join(everyDay, ",")}))
	_, err := load(config.All)
	require.EqualError(t, err, "SMILEYBOT_HOLIDAYS: entry 4001: more entries than 4000; leave out those that are over")
	setenv(t, with(map[string]string{"SMILEYBOT_OFFICE_HOURS": strings.Repeat("Mon 09:00-09:01;", 101)}))
	_, err = load(config.All)
	require.EqualError(t, err, "SMILEYBOT_OFFICE_HOURS: stretch 101: more stretches than 100; join those that touch, and write days together, as in Mon-Fri")
}

func TestEveryMistakeAlone(t *testing.T) {
	for _, w := range wrongs(t) {
		t.Run(w.name+"="+w.value, func(t *testing.T) {
			setenv(t, with(map[string]string{w.name: w.value}))
			c, err := load(config.All)
			require.EqualError(t, err, w.name+": "+w.line)
			assert.Zero(t, c, "settings with a mistake are not for use")
		})
	}
}

// TestEveryFaultOfALine looks only at the places: the words are feedback's.
func TestEveryFaultOfALine(t *testing.T) {
	for _, test := range []struct {
		name, value string
		places      []string
	}{
		{
			"SMILEYBOT_OFFICE_HOURS",
			"Mon 09:00-17:00; " + canary + "; Tue 17:00-17:00; Wed " + canary,
			[]string{"stretch 2: ", "stretch 2: ", "stretch 3: ", "stretch 4: ", "stretch 4: "}, // days and times
		},
		{
			"SMILEYBOT_HOLIDAYS",
			"nl,2031-12-24,+2031-12-24,-2031-12-24," + canary,
			[]string{"entry 2: ", "entry 4: ", "entry 5: "},
		},
	} {
		setenv(t, with(map[string]string{test.name: test.value, "SMILEYBOT_TIMEZONE": canary}))
		_, err := load(config.All)
		var mistakes config.Mistakes
		require.ErrorAs(t, err, &mistakes)
		require.Len(t, mistakes, 1+len(test.places))
		assert.Equal(t, "SMILEYBOT_TIMEZONE", mistakes[0].Name, "the zone is no reason to pass over the rest")
		for i, m := range mistakes[1:] {
			assert.Equal(t, test.name, m.Name)
			assert.True(t, strings.HasPrefix(m.Problem, test.places[i]), m.Problem)
			assert.NotContains(t, m.Problem, "; ", "the remedy is a field of its own")
			assert.NotContains(t, m.String(), canary)
			assert.NotContains(t, m.String(), "2031", "no value is repeated")
		}
	}
}

func TestEveryMistakeAtOnce(t *testing.T) {
	setenv(t, map[string]string{
		"SLACK_BOT_TOKEN":               canary,
		"SLACK_APP_TOKEN":               canary,
		"SLACK_SIGNING_SECRET":          canary + " " + canary,
		"SLACK_CHANNEL":                 "#" + canary,
		"SLACK_API_URL":                 canary,
		"SMILEYBOT_LISTEN":              canary,
		"SMILEYBOT_ADMIN_LISTEN":        canary,
		"SMILEYBOT_DATABASE":            "file:" + canary,
		"SMILEYBOT_WEBHOOK_SECRETS":     canary + "1," + canary + "2",
		"SMILEYBOT_WEBHOOK_TOKENS_FILE": "/nowhere/" + canary,
		"SMILEYBOT_PUBLIC_URL":          canary,
		"SMILEYBOT_ROUTES":              canary + ",chat=" + canary,
		"SMILEYBOT_LEAD_CHANNEL":        canary,
		"SMILEYBOT_TIMEZONE":            canary,
		"SMILEYBOT_LANGUAGE":            canary,
		"SMILEYBOT_GREEN":               canary,
		"SMILEYBOT_OFFICE_HOURS":        canary,
		"SMILEYBOT_HOLIDAYS":            canary,
		"SMILEYBOT_FOLLOWUP_DUE":        canary,
		"SMILEYBOT_FOLLOWUP_DUE_URGENT": canary,
		"SMILEYBOT_OUT_URL":             canary,
		"SMILEYBOT_OUT_SECRET":          canary,
		"SMILEYBOT_RETENTION":           canary,
	})
	_, err := load(config.All)
	var mistakes config.Mistakes
	require.ErrorAs(t, err, &mistakes)

	var names []string
	for _, m := range mistakes {
		names = append(names, m.Name)
	}
	assert.Equal(t, []string{
		"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_CHANNEL", "SLACK_API_URL",
		"SMILEYBOT_LISTEN", "SMILEYBOT_ADMIN_LISTEN", "SMILEYBOT_DATABASE",
		"SMILEYBOT_WEBHOOK_SECRETS", "SMILEYBOT_WEBHOOK_SECRETS", "SMILEYBOT_WEBHOOK_TOKENS_FILE", "SMILEYBOT_PUBLIC_URL",
		"SMILEYBOT_ROUTES", "SMILEYBOT_ROUTES", "SMILEYBOT_LEAD_CHANNEL",
		"SMILEYBOT_TIMEZONE", "SMILEYBOT_LANGUAGE", "SMILEYBOT_GREEN", "SMILEYBOT_OFFICE_HOURS", "SMILEYBOT_OFFICE_HOURS", "SMILEYBOT_HOLIDAYS",
		"SMILEYBOT_FOLLOWUP_DUE", "SMILEYBOT_FOLLOWUP_DUE_URGENT", "SMILEYBOT_OUT_URL", "SMILEYBOT_OUT_SECRET", "SMILEYBOT_RETENTION",
	}, names)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, len(mistakes), "a line each")
	for i, line := range lines {
		assert.Equal(t, mistakes[i].String(), line)
	}
	for how, printed := range prints(t, err) {
		assert.NotContains(t, printed, canary, how)
	}
}

// TestHalfAnOutgoingWebhookIsAMistake: an address without a secret, and the reverse.
func TestHalfAnOutgoingWebhookIsAMistake(t *testing.T) {
	for _, test := range []struct{ name, value string }{
		{"SMILEYBOT_OUT_URL", "https://" + canary + ".example.org/"},
		{"SMILEYBOT_OUT_SECRET", webhookSecret},
	} {
		setenv(t, with(map[string]string{test.name: test.value}))
		_, err := load(config.All)
		var mistakes config.Mistakes
		require.ErrorAs(t, err, &mistakes)
		require.Len(t, mistakes, 1)
		assert.NotEqual(t, test.name, mistakes[0].Name)
		assert.Equal(t, "not set, and "+test.name+" is", mistakes[0].Problem)
	}
}

func TestEmptyEnvironmentHasFourMistakes(t *testing.T) {
	setenv(t, nil)
	_, err := load(config.All)
	var mistakes config.Mistakes
	require.ErrorAs(t, err, &mistakes)
	require.Len(t, mistakes, 4)
	assert.Contains(t, err.Error(), "SMILEYBOT_WEBHOOK_TOKENS")
}

func TestMistakesInSecretFiles(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		line      string
	}{
		{
			"both set",
			map[string]string{"SLACK_BOT_TOKEN_FILE": write(t, canary)},
			"SLACK_BOT_TOKEN: SLACK_BOT_TOKEN_FILE is set too; unset one of them",
		},
		{
			"both set, the only proof",
			map[string]string{"SMILEYBOT_WEBHOOK_SECRETS_FILE": write(t, canary)},
			"SMILEYBOT_WEBHOOK_SECRETS: SMILEYBOT_WEBHOOK_SECRETS_FILE is set too; unset one of them",
		},
		{
			"no such file",
			map[string]string{"SLACK_BOT_TOKEN": "", "SLACK_BOT_TOKEN_FILE": "/nowhere/" + canary},
			"SLACK_BOT_TOKEN_FILE: the file does not exist; correct its path",
		},
		{
			"a folder",
			map[string]string{"SLACK_SIGNING_SECRET": "", "SLACK_SIGNING_SECRET_FILE": t.TempDir()},
			"SLACK_SIGNING_SECRET_FILE: the file cannot be read; name a plain file that holds only the secret",
		},
		{
			"an empty file",
			map[string]string{"SMILEYBOT_WEBHOOK_SECRETS": "", "SMILEYBOT_WEBHOOK_SECRETS_FILE": write(t, "\n")},
			"SMILEYBOT_WEBHOOK_SECRETS_FILE: the file is empty; put the secret into it",
		},
		{
			"the signing secret is not needed",
			map[string]string{"SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN_FILE": "/nowhere/" + canary},
			"SLACK_APP_TOKEN_FILE: the file does not exist; correct its path",
		},
		{
			"wrong content",
			map[string]string{"SMILEYBOT_WEBHOOK_TOKENS_FILE": write(t, canary)},
			"SMILEYBOT_WEBHOOK_TOKENS_FILE: entry 1: shorter than 16 characters; make one with: openssl rand -base64 32",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			setenv(t, with(test.variables))
			_, err := load(config.All)
			require.EqualError(t, err, test.line)
		})
	}
}
