package main

import (
	"time"

	"github.com/alecthomas/kong"

	"smileybot/bot"
	"smileybot/packaging/docgen"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (completionCommand) Help() string {
	return `The packages install it already. Example:

	smileybot completion bash > ~/.local/share/bash-completion/completions/smileybot
`
}

// Run prints the script.
func (c completionCommand) Run(t streams, command *kong.Context) error {
	return docgen.Completion(t.out, command.Model, c.Shell)
}

type manCommand struct {
	Date time.Time `format:"2006-01-02" required:"" help:"The day of the release."`
}

// Run prints the man page.
func (c manCommand) Run(t streams, command *kong.Context) error {
	settings := docgen.Section{Heading: "ENVIRONMENT"}
	for _, s := range bot.DescribeConfig() {
		meaning := s.Meaning + "."
		if s.Default != "" {
			meaning += " Default: " + s.Default + "."
		}
		settings.Terms = append(settings.Terms, docgen.Term{Name: s.Name, Meaning: meaning})
	}
	settings.Terms = append(settings.Terms, docgen.Term{
		Name: "NAME_FILE", Meaning: "For each secret NAME above: the path of a file that holds it.",
	})
	return docgen.ManPage(t.out, command.Model, docgen.Page{
		Version: readBuild().version, Date: c.Date, Summary: "customers' ratings in Slack, and the follow-ups with the unhappy ones",
		Sections: []docgen.Section{
			settings,
			{Heading: "FILES", Terms: []docgen.Term{
				{Name: "/etc/smileybot/smileybot.env", Meaning: "The settings of the service that the .deb and .rpm packages install."},
				{Name: "/var/lib/smileybot/smileybot.db", Meaning: "Its database."},
			}},
			{Heading: "EXIT STATUS", Terms: []docgen.Term{
				{Name: "0", Meaning: "Done."},
				{Name: "1", Meaning: "Failed; standard error says why."},
				{Name: "2", Meaning: "Wrong usage or settings; standard error names every mistake."},
			}},
		},
	})
}
