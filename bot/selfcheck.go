package bot

import (
	"maps"
	"slices"

	"smileybot/bot/command"
	"smileybot/bot/selfcheck"
	"smileybot/config"
)

// SelfCheckOptions returns what the self-check needs of the settings.
func SelfCheckOptions(c config.Config) selfcheck.Options {
	var senders []selfcheck.Sender
	for _, name := range slices.Sorted(maps.Keys(c.Senders)) {
		senders = append(senders, selfcheck.Sender{Name: name, Secrets: len(c.Senders[name])})
	}
	for _, name := range Mapped(c) {
		if len(c.Senders[name]) == 0 {
			senders = append(senders, selfcheck.Sender{Name: name, Setting: config.SendersSetting(name)})
		}
	}
	return selfcheck.Options{
		Language: c.Language, Store: StoreOptions(c), Database: c.Database,
		WebhookSecrets: len(c.WebhookSecrets), WebhookTokens: len(c.WebhookTokens), Senders: senders,
		BotToken: c.SlackBotToken.Reveal(), AppToken: c.SlackAppToken.Reveal(), SigningSecret: c.SlackSigningSecret.Reveal(),
		SlackAPIURL: c.SlackAPIURL, Channel: c.SlackChannel, LeadChannel: c.LeadChannel, Routes: c.Routes,
		Scopes: command.Scopes(), HomeScope: command.ScopeEmail, Speaker: Speaker(c),
	}
}
