package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/disk"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/store"
	"smileybot/store/sqlite"
)

type checkCommand struct {
	Post bool   `help:"Also post a test message in the support channel."`
	URL  string `name:"url" placeholder:"URL" help:"Also try whether a running bot is reached under this address."`
}

// Help is printed by --help.
func (checkCommand) Help() string {
	return `It works beside a running serve, with the same settings. The exit status is 1 when something
fails and 2 when the settings are wrong.

Example:

	smileybot check --post --url https://bot.example.org
`
}

// Run tries everything that serve needs, a line each.
func (c checkCommand) Run(ctx context.Context, t terminal) error {
	base := ""
	if c.URL != "" {
		var err error
		if base, err = c.outside(); err != nil {
			return err
		}
	}
	settings, err := config.Load(config.All, bot.CheckSenders)
	if mistakes, ok := errors.AsType[config.Mistakes](err); ok {
		fmt.Fprintf(t.out, "FAIL  settings: %d to mend, told on standard error\n", len(mistakes))
	}
	if err != nil {
		return err
	}
	r := &checklist{out: t.out, zone: settings.Location}
	r.ok("settings: " + summary(settings))
	r.senders(settings)
	r.signingSecret(settings.SlackSigningSecret.Reveal())
	r.database(ctx, settings)
	r.slack(ctx, settings, c.Post)
	if base != "" {
		r.reach(ctx, settings, base)
	}
	switch {
	case cancelled(ctx):
		return errors.New("stopped before the end")
	case r.failed:
		return errSaid
	default:
		return nil
	}
}

// summary is what an operator wants to see confirmed of the settings.
func summary(s config.Config) string {
	proofs := howMany(len(s.WebhookSecrets), "webhook secret") + " and " + howMany(len(s.WebhookTokens), "token")
	return fmt.Sprintf("language %s, time zone %s, follow-ups due after %s of office time (urgent %s), %s",
		s.Language, s.Location, shortly(s.FollowUpDue), shortly(s.FollowUpDueUrgent), proofs)
}

// senders tells who else is taken in, and who is described and has no secrets.
func (r *checklist) senders(s config.Config) {
	for _, name := range slices.Sorted(maps.Keys(s.Senders)) {
		r.ok("sender " + name + ": on, with " + howMany(len(s.Senders[name]), "secret"))
	}
	for _, name := range bot.Mapped(s) {
		if len(s.Senders[name]) == 0 {
			r.ok("sender " + name + ": described in SMILEYBOT_MAPPINGS, and off until " + config.SendersSetting(name) + " is set")
		}
	}
}

func howMany(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// shortly is a duration without the zeros at its end: 4h, not 4h0m0s.
func shortly(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// signingSecret looks at the shape of Slack's signing secret. Another shape than
// Slack's today is told and no failure, but a token is certainly something else.
func (r *checklist) signingSecret(secret string) {
	const length = 32 // hexadecimal digits
	switch {
	case secret == "":
	case strings.HasPrefix(secret, "xox"), strings.HasPrefix(secret, "xapp-"), strings.HasPrefix(secret, "whsec_"):
		r.fail("SLACK_SIGNING_SECRET: that is another secret, by how it begins", "set it to the Signing Secret under Basic Information of the app")
	case len(secret) != length || strings.Trim(secret, "0123456789abcdef") != "":
		r.ok("SLACK_SIGNING_SECRET: set; but Slack's are 32 characters of 0-9 and a-f, so look at it again when clicks and commands get no answer")
	default:
		r.ok("SLACK_SIGNING_SECRET")
	}
}

// A checklist prints what was tried and remembers whether anything failed.
type checklist struct {
	out    io.Writer
	zone   *time.Location
	failed bool
}

func (r *checklist) ok(what string) { fmt.Fprintln(r.out, "ok   ", what) }

// fail tells what is wrong and the cure, if the problem does not say it itself.
func (r *checklist) fail(what, cure string) {
	r.failed = true
	if cure != "" {
		what += "; " + cure
	}
	fmt.Fprintln(r.out, "FAIL ", withoutSecrets(oneLine(what)))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// database tries to write, beside a running serve if there is one.
func (r *checklist) database(ctx context.Context, settings config.Config) {
	path := settings.Database
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		r.noDatabase(ctx, path)
		return
	}
	kept, err := sqlite.OpenExisting(ctx, path, bot.StoreOptions(settings))
	if err != nil {
		r.fail(err.Error(), "")
		return
	}
	defer kept.Close()
	if err := kept.Ready(ctx, time.Now()); err != nil {
		r.fail("database "+path+": "+err.Error(), "look at the free space and the owner of the file and its folder")
		return
	}
	r.ok("database " + path)
	r.space(ctx, filepath.Dir(path))
	r.refusals(ctx, kept)
	r.erasures(ctx, kept)
	r.outgoing(ctx, settings, kept)
}

// noDatabase tries whether serve can create it.
func (r *checklist) noDatabase(ctx context.Context, path string) {
	folder := filepath.Dir(path)
	probe, err := os.CreateTemp(folder, ".smileybot-check-*")
	if err != nil {
		r.fail("database "+path+": it does not exist yet and cannot be created", "let this user write in the folder "+folder)
		return
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	r.ok("database " + path + ": 'smileybot serve' will create it")
	r.space(ctx, folder)
}

// leastSpace is how much must be free on the disk: room for some hundred thousand
// ratings, and for SQLite's work beside them.
const leastSpace = 200 << 20 // bytes

// space tells how much is free where the database is.
func (r *checklist) space(ctx context.Context, folder string) {
	usage, err := disk.UsageWithContext(ctx, folder)
	if err != nil {
		r.fail("free space: it cannot be told of "+folder, "look at it yourself; 200 MB are enough to begin with")
		return
	}
	free := fmt.Sprintf("free space: %d MB in %s", usage.Free>>20, folder)
	if usage.Free < leastSpace {
		r.fail(free, "make room: ratings are refused with 503 when the disk is full")
		return
	}
	r.ok(free)
}

// refusals lists the deliveries that proved their sender and were refused, for
// their senders to be mended.
func (r *checklist) refusals(ctx context.Context, kept *store.Store) {
	refused, err := kept.RejectedDeliveries(ctx)
	if err != nil {
		r.fail(err.Error(), "run 'smileybot check' again")
		return
	}
	if len(refused) == 0 {
		r.ok("no delivery was refused in the last 30 days")
		return
	}
	r.ok(fmt.Sprintf("deliveries that were refused, the latest first (%d); their senders must change what is named", len(refused)))
	for _, d := range refused {
		fmt.Fprintf(r.out, "      %s  %s  %d  %s\n", d.ReceivedAt.In(r.zone).Format(time.DateTime), d.Sender, d.Status, oneLine(d.Detail))
	}
}
