// Command smileybot brings customers' smileys and scores into Slack: it receives signed webhooks,
// shows each rating as one message that stays up to date, tracks the follow-ups with unhappy
// customers, and reports the scores.
//
// Each sub-command is one file: flags in, one call, and printing. run parses the command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"smileybot/bot"
	"smileybot/bot/webhook/senders/mapping"
	"smileybot/config"
	"smileybot/store"
	databases "smileybot/store/database"
)

func main() {
	ctx := untilSignal()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, &output{ctx: ctx, to: os.Stdout}, os.Stderr))
}

// program is the command line: one field for each sub-command.
type program struct {
	Serve    serveCommand    `cmd:"" help:"Run the bot until it is stopped."`
	Demo     demoCommand     `cmd:"" help:"Show the whole loop on this machine, without Slack, settings or network."`
	Check    checkCommand    `cmd:"" help:"Check the settings, the database, the Slack token and the channels."`
	Manifest manifestCommand `cmd:"" help:"Print the manifest of the Slack app."`
	Send     sendCommand     `cmd:"" help:"Sign one feedback as a sender would, and post it."`
	Map      mapCommand      `cmd:"" help:"Show how a sender's webhook would be read."`
	Score    scoreCommand    `cmd:"" help:"Print a score, as the slash commands do."`
	Import   importCommand   `cmd:"" help:"Import history from CSV."`
	Export   exportCommand   `cmd:"" help:"Write the feedback as CSV."`
	Rebuild  rebuildCommand  `cmd:"" help:"Recount the scores, and print what differed."`
	Backup   backupCommand   `cmd:"" help:"Copy the database, also while the bot runs."`
	Restore  restoreCommand  `cmd:"" help:"Put a backup in the place of the database, while the bot is stopped."`
	Copy     copyCommand     `cmd:"" help:"Move the database between SQLite and PostgreSQL, while the bot is stopped."`
	Forget   forgetCommand   `cmd:"" help:"Erase the data of a customer; the scores stay."`
	Health   healthCommand   `cmd:"" help:"Ask the bot on this machine whether it is alive."`
	Version  versionCommand  `cmd:"" help:"Print version, commit and Go version."`

	HelpOf     helpCommand       `cmd:"" name:"help" help:"Show help of a command."`
	Completion completionCommand `cmd:"" help:"Print the completion script of a shell."`
	Man        manCommand        `cmd:"" hidden:"" help:"Print the man page."`

	Help        helpFlag    `short:"h" help:"Show help, with an example."`
	VersionFlag versionFlag `name:"version" help:"Print the version."`
}

// run is the whole program. It returns the exit code; the end of ctx stops it in order.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out, errs := &printer{out: stdout}, &printer{out: stderr}
	defer errs.flush()
	defer out.flush()
	s := streams{in: stdin, out: out, err: errs, exact: stdout, errTerminal: terminal(stderr)}
	parser, err := kong.New(new(program), kong.Name("smileybot"), kong.NoDefaultHelp(), kong.Writers(out, errs),
		kong.Description(description), kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars{"senders": exampleNames(), "surveys": surveyNames(), "layouts": strings.Join(mapping.LayoutNames(), ", ")}, kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
	if err != nil {
		return s.report(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	switch {
	case errors.Is(err, errHelpPrinted):
		return exitOK
	case err != nil:
		return s.report(wrongUsage(err))
	default:
		return s.report(command.Run())
	}
}

const description = `Customers' smileys and scores in Slack, and the follow-ups with those who are unhappy.

"smileybot demo" shows everything at once. "smileybot COMMAND --help" explains a command, with an example.`

type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command; without one, all are listed."`
}

func (helpCommand) Help() string {
	return "Example:\n\n\tsmileybot help serve\n"
}

// Run prints what the command prints with --help.
func (c helpCommand) Run(command *kong.Context) error {
	_, err := command.Parse(append(c.Command, "--help"))
	if err == nil || errors.Is(err, errHelpPrinted) {
		return nil
	}
	return wrongUsage(err)
}

// helpFlag prints the help of the command it follows.
type helpFlag bool

// errHelpPrinted ends parsing after the help was printed.
var errHelpPrinted = errors.New("help was printed")

// BeforeReset is called by kong before it reports what is missing.
func (helpFlag) BeforeReset(command *kong.Context) error {
	if err := command.PrintUsage(false); err != nil {
		return err
	}
	return errHelpPrinted
}

// wrongUsage adds to a mistake in the command line which help explains it.
func wrongUsage(err error) error {
	if errors.Is(err, errOutputClosed) { // no mistake: the help is read to its first lines
		return err
	}
	help := "smileybot --help"
	parse, ok := errors.AsType[*kong.ParseError](err)
	if ok && parse.Context != nil && parse.Context.Selected() != nil {
		help = "smileybot " + parse.Context.Selected().Name + " --help"
	}
	return usageErrorf("%s; see '%s'", strings.TrimSuffix(err.Error(), "."), help)
}

// loadConfig reads the settings, and warns of variables that are probably meant as settings and are none.
func (s streams) loadConfig(need config.Need) (config.Config, error) {
	settings, err := bot.LoadConfig(need)
	s.warnOfUnknown(settings)
	return settings, err
}

func (s streams) warnOfUnknown(settings config.Config) {
	for _, unknown := range bot.UnknownVariables(settings) {
		fmt.Fprintln(s.err, "smileybot: warning:", oneLine(unknown.String()))
	}
}

// openDatabase reads the settings and opens their database, which must exist.
func (s streams) openDatabase(ctx context.Context, need config.Need) (config.Config, *store.Store, error) {
	settings, err := s.loadConfig(need)
	if err != nil {
		return settings, nil, err
	}
	database, err := databases.OpenExisting(ctx, settings.Database.Reveal(), bot.StoreOptions(settings))
	return settings, database, err
}
