package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// program is the command line: a field a sub-command.
type program struct {
	Serve    serveCommand    `cmd:"" help:"Run the bot until it is told to stop."`
	Demo     demoCommand     `cmd:"" help:"Show the whole loop on this machine, without Slack, settings or network."`
	Check    checkCommand    `cmd:"" help:"Try the settings, the database, the Slack token and the channels."`
	Manifest manifestCommand `cmd:"" help:"Print the manifest that makes the Slack app."`
	Send     sendCommand     `cmd:"" help:"Sign one feedback as a sender would, and post it."`
	Map      mapCommand      `cmd:"" help:"Show what would be taken of a sender's webhook."`
	Score    scoreCommand    `cmd:"" help:"Tell a score, as the slash commands do."`
	Import   importCommand   `cmd:"" help:"Take history in from a CSV file."`
	Export   exportCommand   `cmd:"" help:"Write the feedback as CSV."`
	Rebuild  rebuildCommand  `cmd:"" help:"Count the scores anew, and tell what differed."`
	Backup   backupCommand   `cmd:"" help:"Make a copy of the database, also while the bot runs."`
	Forget   forgetCommand   `cmd:"" help:"Erase what is known of a customer; the scores stay."`
	Health   healthCommand   `cmd:"" help:"Ask the bot on this machine whether it is alive."`
	Version  versionCommand  `cmd:"" help:"Print version, commit and Go version."`

	Completion completionCommand `cmd:"" help:"Print the completion script of a shell."`
	Man        manCommand        `cmd:"" hidden:"" help:"Print the man page."`

	Help        helpFlag    `short:"h" help:"Show help, with an example."`
	VersionFlag versionFlag `name:"version" help:"Print the version."`
}

// terminal is what a sub-command reads from and writes to.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// run is the program: it returns the exit status, 0 done, 1 failed, 2 wrong
// usage or settings. Ending ctx stops it in good order.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	t := terminal{in: stdin, out: stdout, err: stderr}
	parser, err := kong.New(new(program), kong.Name("smileybot"), kong.NoDefaultHelp(), kong.Writers(stdout, stderr),
		kong.Description(description), kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars{"senders": strings.Join(disguiseNames(), ", ")}, kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(t))
	if err != nil {
		return t.report(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	switch {
	case errors.Is(err, errHelped):
		return statusDone
	case err != nil:
		return t.report(wrongUsage(err))
	default:
		return t.report(command.Run())
	}
}

const description = `Customers' smileys and scores in Slack, and the follow-ups with those who are unhappy.

"smileybot demo" shows it all at once. "smileybot COMMAND --help" tells more, with an example.`

// helpFlag prints the help of the command it stands at.
type helpFlag bool

// errHelped ends parsing after the help was printed.
var errHelped = errors.New("help was printed")

// BeforeReset is called by kong before it complains about what is missing.
func (helpFlag) BeforeReset(command *kong.Context) error {
	if err := command.PrintUsage(false); err != nil {
		return err
	}
	return errHelped
}

// wrongUsage is a mistake in the command line, with where to read on.
func wrongUsage(err error) error {
	help := "smileybot --help"
	parse, ok := errors.AsType[*kong.ParseError](err)
	if ok && parse.Context != nil && parse.Context.Selected() != nil {
		help = "smileybot " + parse.Context.Selected().Name + " --help"
	}
	return misusef("%s; see '%s'", strings.TrimSuffix(err.Error(), "."), help)
}

// misusef is wrong usage, which exits with 2.
func misusef(format string, a ...any) error {
	return misuse{fmt.Errorf(format, a...)}
}
