package bot

import (
	"maps"
	"os"
	"slices"
	"strconv"

	"smileybot/bot/webhook"
	"smileybot/config"
)

// Senders makes the senders with formats of their own that the settings turn on, and
// tells what is wrong with what the settings say of them.
func Senders(c config.Config) ([]webhook.Sender, config.Mistakes) {
	w := wiring{config: c}
	mapped := w.mapped()
	var senders []webhook.Sender
	for _, name := range slices.Sorted(maps.Keys(c.Senders)) {
		secrets := reveal(c.Senders[name])
		m, isMapped := mapped[name]
		switch {
		case slices.Contains(webhook.AdapterNames(), name):
			senders = append(senders, w.adapter(name, secrets)...)
		case isMapped:
			senders = append(senders, w.mapping(m, secrets)...)
		case w.unread:
		default:
			w.mistake(config.SendersSetting(name), "no sender is called that", "correct the name, or describe the sender in the file of SMILEYBOT_MAPPINGS")
		}
	}
	return senders, w.mistakes
}

// CheckSenders tells what is wrong with the senders of the settings.
func CheckSenders(c config.Config) config.Mistakes {
	_, mistakes := Senders(c)
	return mistakes
}

// Mapped lists the senders that the mappings describe, on or not.
func Mapped(c config.Config) []string {
	w := wiring{config: c}
	return slices.Sorted(maps.Keys(w.mapped()))
}

// wiring turns settings into senders and collects what is wrong.
type wiring struct {
	config   config.Config
	mistakes config.Mistakes
	unread   bool // the mappings could not be read, so that nobody knows whom they describe
}

func (w *wiring) mistake(setting, problem, cure string) {
	w.mistakes = append(w.mistakes, config.Mistake{Name: setting, Problem: problem, Cure: cure})
}

// adapter makes a ready-made sender.
func (w *wiring) adapter(name string, secrets []string) []webhook.Sender {
	text, setting := "", ""
	switch name {
	case "formbricks":
		text, setting = w.config.FormbricksQuestions, "SMILEYBOT_FORMBRICKS_QUESTIONS"
	case "typeform":
		text, setting = w.config.TypeformQuestions, "SMILEYBOT_TYPEFORM_QUESTIONS"
	}
	const cure = "write it as recommend=nps,why=comment; see docs/senders"
	questions, err := webhook.ParseQuestions(text)
	if err != nil {
		w.mistake(setting, err.Error(), cure)
		return nil
	}
	if setting != "" && len(questions) == 0 {
		w.mistake(setting, "not set, and "+config.SendersSetting(name)+" is", cure)
		return nil
	}
	s, err := webhook.NewAdapter(name, secrets, questions)
	if err != nil {
		w.mistake(config.SendersSetting(name), err.Error(), "see docs/senders")
		return nil
	}
	return []webhook.Sender{s}
}

// mapping makes a sender that a file describes.
func (w *wiring) mapping(m webhook.Mapping, secrets []string) []webhook.Sender {
	for i, secret := range secrets {
		if m.SecretInPath() && !config.FitsPath(secret) {
			w.mistake(config.SendersSetting(m.Name()), "entry "+strconv.Itoa(i+1)+": a character that an address cannot carry as it is",
				"make one with: openssl rand -hex 32")
			return nil
		}
	}
	return []webhook.Sender{m.Sender(secrets)}
}

// mapped reads the file of mappings.
func (w *wiring) mapped() map[string]webhook.Mapping {
	if w.config.Mappings == "" {
		return nil
	}
	const setting = "SMILEYBOT_MAPPINGS"
	text, err := os.ReadFile(w.config.Mappings)
	if err != nil {
		w.unread = true // a setting that config has told of
		return nil
	}
	mappings, err := webhook.ParseMappings(text)
	if err != nil {
		w.unread = true
		for _, m := range webhook.MistakesIn(err) {
			w.mistake(setting, m.Place()+": "+m.Problem, m.Cure)
		}
	}
	byName := make(map[string]webhook.Mapping, len(mappings))
	for _, m := range mappings {
		byName[m.Name()] = m
	}
	return byName
}
