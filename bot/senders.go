package bot

import (
	"maps"
	"slices"
	"strconv"

	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/bot/webhook/senders/mapping"
	"smileybot/config"
)

// LoadConfig reads the settings that are needed, with those of the ready-made senders. The error is
// [config.Mistakes].
func LoadConfig(need config.Need) (config.Config, error) {
	if need == config.All {
		return config.Load(need, senderSettings(), CheckSenders)
	}
	return config.Load(need, senderSettings())
}

// DescribeConfig lists all settings, with those of the ready-made senders.
func DescribeConfig() []config.Setting { return config.Describe(senderSettings()) }

// senderSettings are the rules for the settings of the ready-made senders.
func senderSettings() []config.Sender {
	var all []config.Sender
	for _, s := range senders.All() {
		all = append(all, config.Sender{
			Name: s.Name, MinSecret: s.MinSecret, QuestionsMeaning: s.QuestionsMeaning,
			WebhookSecrets: s.Proof.Kind == sender.StandardWebhooks, InPath: s.Proof.Kind == sender.PathSecret,
		})
	}
	return all
}

// Senders returns the senders that the settings turn on, and the mistakes in their settings.
func Senders(c config.Config) ([]sender.Enabled, config.Mistakes) {
	mapped, mistakes := mappings(c)
	unread := len(mistakes) > 0 || c.Mappings != "" && c.MappingsText == nil
	known := append(senders.All(), mapped...)
	var enabled []sender.Enabled
	for _, name := range slices.Sorted(maps.Keys(c.Senders)) {
		s, found := senders.Find(known, name)
		switch {
		case found:
			e, mistake := enable(c, s)
			if mistake != nil {
				mistakes = append(mistakes, *mistake)
				continue
			}
			enabled = append(enabled, e)
		case !unread:
			mistakes = append(mistakes, config.Mistake{
				Name: config.SendersSetting(name), Problem: "no sender is called that",
				Remedy: "correct the name, or describe the sender in the file of SMILEYBOT_MAPPINGS",
			})
		}
	}
	return enabled, mistakes
}

// CheckSenders returns the mistakes in the settings of the senders.
func CheckSenders(c config.Config) config.Mistakes {
	_, mistakes := Senders(c)
	return mistakes
}

// Mapped lists the senders that the mappings describe, on or not.
func Mapped(c config.Config) []string {
	mapped, _ := mappings(c)
	return senders.Names(mapped)
}

// enable turns a sender on with its settings.
func enable(c config.Config, s sender.Sender) (sender.Enabled, *config.Mistake) {
	const remedy = "write it as recommend=nps,why=comment; see docs/senders"
	secrets := reveal(c.Senders[s.Name])
	for i, secret := range secrets {
		if s.Proof.Kind == sender.PathSecret && !config.FitsPath(secret) {
			return sender.Enabled{}, &config.Mistake{
				Name: config.SendersSetting(s.Name), Problem: "entry " + strconv.Itoa(i+1) + ": a character that an address cannot carry as it is",
				Remedy: "make one with: openssl rand -hex 32",
			}
		}
	}
	questions, err := sender.ParseQuestions(c.Questions[s.Name])
	if err != nil {
		return sender.Enabled{}, &config.Mistake{Name: config.QuestionsSetting(s.Name), Problem: err.Error(), Remedy: remedy}
	}
	if s.QuestionsMeaning != "" && len(questions) == 0 {
		return sender.Enabled{}, &config.Mistake{
			Name: config.QuestionsSetting(s.Name), Problem: "not set, and " + config.SendersSetting(s.Name) + " is", Remedy: remedy,
		}
	}
	e, err := s.Enable(sender.Settings{Secrets: secrets, Questions: questions})
	if err != nil {
		return sender.Enabled{}, &config.Mistake{Name: config.SendersSetting(s.Name), Problem: err.Error(), Remedy: "see docs/senders"}
	}
	return e, nil
}

// mappings are the senders that the operator describes. They are nil when the file has a mistake; a
// file that cannot be read is a mistake that config reports.
func mappings(c config.Config) ([]sender.Sender, config.Mistakes) {
	if c.MappingsText == nil {
		return nil, nil
	}
	list, err := senders.Mappings(c.MappingsText)
	var mistakes config.Mistakes
	for _, m := range mapping.MistakesIn(err) {
		mistakes = append(mistakes, config.Mistake{Name: "SMILEYBOT_MAPPINGS", Problem: m.Place() + ": " + m.Problem, Remedy: m.Remedy})
	}
	return list, mistakes
}
