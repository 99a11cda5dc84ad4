package bot_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"smileybot/bot"
	"smileybot/config"
)

func TestSendersOfTheSettings(t *testing.T) {
	t.Parallel()
	secrets := func(names ...string) map[string][]config.Secret {
		all := make(map[string][]config.Secret)
		for _, name := range names {
			all[name] = []config.Secret{config.NewSecret("a/secret/with/slashes")}
		}
		return all
	}
	const fields = "{id: $.id, kind: {constant: nps}, channel: {constant: chat}, score: $.s}"
	desk := "senders:\n  desk:\n    proof: path\n    fields: " + fields + "\n  shop:\n    proof: bearer\n    fields: " + fields + "\n"
	signsAddress := "senders:\n  desk:\n    proof: {hmac: {header: X-Sig, signed: '{url}{body}'}}\n    fields: " + fields + "\n"
	tests := []struct {
		name   string
		config config.Config
		on     []string
		lines  string
	}{
		{name: "no sender"},
		{
			name:   "ready-made and described",
			config: config.Config{Senders: secrets("zendesk", "typeform", "shop"), Questions: map[string]string{"typeform": "a=nps"}, MappingsText: []byte(desk)},
			on:     []string{"shop", "typeform", "zendesk"},
		},
		{
			name:   "a name that no sender has",
			config: config.Config{Senders: secrets("nobody"), MappingsText: []byte(desk)},
			lines:  "SMILEYBOT_NOBODY_SECRETS: no sender is called that; correct the name, perhaps to SMILEYBOT_WEBHOOK_SECRETS, or describe the sender in the file of SMILEYBOT_MAPPINGS",
		},
		{
			name:   "a survey without questions",
			config: config.Config{Senders: secrets("typeform")},
			lines:  "SMILEYBOT_TYPEFORM_QUESTIONS: not set, and SMILEYBOT_TYPEFORM_SECRETS is; write it as recommend=nps,why=comment; see docs/senders",
		},
		{
			name:   "wrong questions",
			config: config.Config{Senders: secrets("formbricks"), Questions: map[string]string{"formbricks": "a"}},
			lines:  "SMILEYBOT_FORMBRICKS_QUESTIONS: entry 1: no = in it, as in q1=nps; write it as recommend=nps,why=comment; see docs/senders",
		},
		{
			name:   "a secret that fits no address",
			config: config.Config{Senders: secrets("desk"), MappingsText: []byte(desk)},
			lines:  "SMILEYBOT_DESK_SECRETS: entry 1: a character that an address cannot carry as it is; make one with: openssl rand -hex 32",
		},
		{
			name:   "an address that is signed and not known",
			config: config.Config{Senders: secrets("desk"), MappingsText: []byte(signsAddress)},
			lines:  "SMILEYBOT_PUBLIC_URL: not set, and the mapping of desk signs {url}; set it to the address that senders post to, such as https://bot.example.org, or write url next to signed in the mapping",
		},
		{
			name:   "the same of a sender that is off",
			config: config.Config{MappingsText: []byte(signsAddress)},
		},
		{
			name:   "an address that is signed",
			config: config.Config{Senders: secrets("desk"), MappingsText: []byte(signsAddress), PublicURL: "https://bot.example.org"},
			on:     []string{"desk"},
		},
		{
			name:   "a file that cannot be read, which config reports",
			config: config.Config{Senders: secrets("desk", "zendesk"), Mappings: "/nowhere"},
			on:     []string{"zendesk"},
		},
		{
			name:   "a wrong file",
			config: config.Config{Senders: secrets("desk", "zendesk"), MappingsText: []byte("senders:\n  desk:\n    fields: {}\n")},
			on:     []string{"zendesk"},
			lines: "SMILEYBOT_MAPPINGS: line 3, column 5: no proof; write proof: bearer, proof: path, or proof: {hmac: …}; nothing is taken unproved\n" +
				"SMILEYBOT_MAPPINGS: line 3, column 13: missing: id, kind, channel, smiley or score; write where it is, as in id: $.ticket.id or kind: {constant: smiley}",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			senders, mistakes := bot.Senders(test.config)
			var on []string
			for _, s := range senders {
				on = append(on, s.Name)
			}
			assert.Equal(t, test.on, on)
			assert.Equal(t, test.lines, mistakes.Error())
		})
	}
	assert.Equal(t, []string{"desk", "shop"}, bot.Mapped(config.Config{MappingsText: []byte(desk)}))
}
