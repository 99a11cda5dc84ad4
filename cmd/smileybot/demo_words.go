package main

import (
	"slices"
	"strings"

	"smileybot/feedback/followup"
)

// The demo's people and what they say: the support of a web host, with Dutch
// and English customers. Nobody here exists.

// A colleague answers tickets and looks after follow-ups.
type colleague struct {
	user, agent, name string
	title             string // of those a visitor can be
}

func team() []colleague {
	return []colleague{
		{"U0BART", "a-7", "Bart", "supporter"},
		{"U0YOUSSEF", "a-9", "Youssef", "colleague"},
		{"U0SANNE", "a-3", "Sanne", "team lead"},
		{"U0EMMA", "a-12", "Emma", ""},
		{"U0FEMKE", "a-15", "Femke", ""},
	}
}

// played are the colleagues that no visitor can be. They alone look after
// follow-ups by themselves, so that no form opens or closes under a visitor's hands.
func played() []colleague {
	return slices.DeleteFunc(team(), func(c colleague) bool { return c.title != "" })
}

// email is where a colleague gets mail, by which Slack and the ticket system know
// each other's names.
func (c colleague) email() string { return strings.ToLower(c.name) + "@example.net" }

// lead is who asks for the score.
func lead() string { return team()[2].user }

func firstNames() []string {
	return []string{
		"Jan", "Fatima", "Pieter", "Lotte", "Ahmed", "Marieke", "Tom", "Anouk", "Wouter", "Aisha", "Grace", "Olivia",
		"Daan", "Noor", "Sem", "Iris", "Liam", "Charlotte", "Bram", "Yara", "Kees", "Hanna", "Oscar", "Mila",
	}
}

func lastNames() []string {
	return []string{
		"de Vries", "Jansen", "van den Berg", "Bakker", "Visser", "Smit", "Yilmaz", "El Amrani", "Meijer", "de Boer",
		"Mulder", "Hughes", "Walker", "Peeters", "Maes", "Kowalska", "Dekker", "Brouwer", "Clarke", "Vermeulen",
	}
}

// An affair is something that a ticket was about and that may go wrong.
type affair struct {
	subject, complaint string
	outcome            followup.Outcome
	note               string
}

func affairs() []affair {
	return []affair{
		{"Website offline na update", "Stap 3 van de handleiding klopt niet meer.", followup.OutcomeGuideFixed, "Stap 3 herschreven"},
		{"E-mail komt niet aan", "Ik moest drie keer hetzelfde uitleggen.", followup.OutcomeAnswerImproved, "Nieuw standaardantwoord over SPF"},
		{"SSL certificate expired", "It took two days before anyone answered.", followup.OutcomeMisunderstanding, "Called; the renewal mail went to spam"},
		{"Domein verhuizen", "De verhuiscode stond nergens in het paneel.", followup.OutcomeBugReported, "Knop ontbrak in het paneel, gemeld"},
		{"Backup restored too late", "My shop was down all Saturday and nobody called.", followup.OutcomePriceOrPolicy, "Explained what the weekend plan covers"},
		{"WordPress is traag", "Het antwoord ging over een andere site dan de mijne.", followup.OutcomeAnswerImproved, "Antwoord verbeterd en opnieuw gestuurd"},
		{"Factuur klopt niet", "Ik begrijp de factuur nog steeds niet.", followup.OutcomeMisunderstanding, "Samen doorgenomen aan de telefoon"},
		{"DNS changes do not show", "The guide says five minutes. It was a day.", followup.OutcomeGuideFixed, "The guide now speaks of the old TTL"},
		{"Database niet bereikbaar", "Wel vriendelijk, maar de storing is er nog.", followup.OutcomeBugReported, "Storing doorgezet naar beheer"},
		{"Cannot log in to the panel", "The reset link expired before the mail arrived.", followup.OutcomeBugReported, "Link now lives an hour"},
	}
}

func thanks() []string {
	return []string{
		"Binnen vijf minuten opgelost, top!", "Thanks, that was quick and clear.", "Heel geduldig geholpen.",
		"Exactly what I needed.", "Duidelijke uitleg, dank je wel.",
	}
}

func praises() []string {
	return []string{
		"Al jaren klant, nooit gedoe.", "Support answers like people, not like scripts.", "Snel, betaalbaar en altijd iemand aan de lijn.",
		"I moved all my clients here.",
	}
}

func grudges() []string {
	return []string{
		"Sinds het nieuwe paneel vind ik niets meer terug.", "Prices went up twice this year.", "Te veel storingen in de avond.",
		"The panel logs me out all the time.",
	}
}
