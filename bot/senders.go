package bot

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"smileybot/bot/pull"
	"smileybot/bot/webhook/sender"
	"smileybot/bot/webhook/senders"
	"smileybot/bot/webhook/senders/mapping"
	"smileybot/config"
)

// Senders returns the senders that the settings turn on, and the mistakes in their settings.
func Senders(c config.Config) ([]sender.Enabled, config.Mistakes) {
	mapped, mistakes := mappings(c)
	unread := len(mistakes) > 0 || c.Mappings != "" && c.MappingsText == nil
	known, mappedNames := append(senders.All(), mapped...), senders.Names(mapped)
	var enabled []sender.Enabled
	for _, name := range slices.Sorted(maps.Keys(c.Senders)) {
		s, found := senders.Find(known, name)
		switch {
		case found && s.Pull != nil: // it is asked, see PullSenders
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
				Remedy: "correct the name, perhaps to " + config.NearestSetting(config.SendersSetting(name), senderSettings(), mappedNames) + ", or describe the sender in the file of SMILEYBOT_MAPPINGS",
			})
		}
	}
	return enabled, mistakes
}

// PullSenders returns the senders that are asked and that the settings turn on, and the mistakes in
// their secrets. Those in the mappings are reported by [Senders].
func PullSenders(c config.Config) (all []pull.Sender, mistakes config.Mistakes) {
	mapped, _ := mappings(c)
	for _, s := range mapped {
		if s.Pull == nil || len(c.Senders[s.Name]) == 0 {
			continue
		}
		p := pull.Sender{Sender: s, Secrets: reveal(c.Senders[s.Name])}
		if err := pull.Validate(p); err != nil {
			mistakes = append(mistakes, config.Mistake{Name: config.SendersSetting(s.Name), Problem: err.Error(), Remedy: "see the page of the site in docs/senders"})
			continue
		}
		all = append(all, p)
	}
	return all, mistakes
}

// SenderSecrets are the secrets of one sender as the environment has them. The error is
// [config.Mistakes].
func SenderSecrets(name string) ([]string, error) {
	secrets, err := config.SenderSecrets(name, senderSettings())
	return reveal(secrets), err
}

// Mapped lists the senders that the mappings describe, on or not.
func Mapped(c config.Config) []string {
	mapped, _ := mappings(c)
	return senders.Names(mapped)
}

// SenderNames lists the names that the sender of a feedback may have: ours, those of the ready-made
// senders and those that the mappings describe. The error is [config.Mistakes] in the mappings.
func SenderNames(c config.Config) ([]string, error) {
	mapped, mistakes := mappings(c)
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return slices.Concat([]string{"feedback"}, senders.Names(senders.All()), senders.Names(mapped)), nil
}

// enable turns a sender on with its settings, unless one of them has a mistake.
func enable(c config.Config, s sender.Sender) (sender.Enabled, *config.Mistake) {
	const remedy = "write it as recommend=nps,why=comment; see docs/senders"
	setting, questionsSetting := config.SendersSetting(s.Name), config.QuestionsSetting(s.Name)
	secrets := reveal(c.Senders[s.Name])
	questions, err := sender.ParseQuestions(c.Questions[s.Name])
	badSecret := slices.IndexFunc(secrets, func(secret string) bool { return s.Proof.Kind == sender.PathSecret && !config.FitsPath(secret) })
	switch {
	case badSecret >= 0:
		problem := "entry " + strconv.Itoa(badSecret+1) + ": a character that an address cannot carry as it is"
		return sender.Enabled{}, &config.Mistake{Name: setting, Problem: problem, Remedy: "make one with: openssl rand -hex 32"}
	case err != nil:
		return sender.Enabled{}, &config.Mistake{Name: questionsSetting, Problem: err.Error(), Remedy: remedy}
	case s.QuestionsMeaning != "" && len(questions) == 0:
		return sender.Enabled{}, &config.Mistake{Name: questionsSetting, Problem: "not set, and " + setting + " is", Remedy: remedy}
	}
	e, err := s.Enable(sender.Settings{Secrets: secrets, Questions: questions, PublicURL: c.PublicURL})
	if errors.Is(err, sender.ErrNoPublicURL) {
		return sender.Enabled{}, &config.Mistake{
			Name: "SMILEYBOT_PUBLIC_URL", Problem: "not set, and the mapping of " + s.Name + " signs {url}",
			Remedy: "set it to the address that senders post to, such as https://bot.example.org, or write url next to signed in the mapping",
		}
	}
	if err != nil {
		return sender.Enabled{}, &config.Mistake{Name: setting, Problem: err.Error(), Remedy: "see docs/senders"}
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
