package selfcheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/disk"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	databases "smileybot/store/database"
)

const (
	// minFreeSpace is how much must be free on the disk, in bytes: room for some hundred thousand
	// ratings and for SQLite's temporary files.
	minFreeSpace = 200 << 20
	// maxEventAge is how long an event may wait for the receiver of the outgoing webhook.
	maxEventAge = time.Hour
)

const again = "run 'smileybot check' again"

// verifyFor is how long check reads the database.
const verifyFor = 30 * time.Second

// database checks that the database takes writes, next to a running bot if there is one, that it is
// not damaged, and reports what is stuck in it.
func (c *checker) database(ctx context.Context) {
	place := c.Database
	if err := databases.Examine(place); err != nil {
		c.failStore(err)
		return
	}
	missing, err := databases.Missing(ctx, place)
	if err != nil {
		c.failStore(err)
		return
	}
	if databases.OnServer(place) {
		c.server(ctx)
	}
	if missing {
		c.ok("database %s: 'smileybot serve' will create it", databases.Name(place))
		c.freeSpace(ctx)
		return
	}
	database, err := databases.OpenExisting(ctx, place, c.Store)
	if err != nil {
		c.failStore(err)
		return
	}
	defer database.Close()
	if err := database.Ready(ctx, time.Now()); err != nil {
		c.failStore(err)
		return
	}
	if !c.verify(ctx, database) {
		return
	}
	if err := database.SameHours(ctx); err != nil {
		c.report(Result{Warning: true, Text: err.Error()})
	}
	if databases.OnServer(place) {
		if err := c.Duties(ctx, database, c.report); err != nil {
			c.fail(err.Error(), again)
		}
	}
	c.freeSpace(ctx)
	c.size(ctx, database)
	c.rejectedDeliveries(ctx, database)
	c.waiting(ctx, database)
	c.erasures(ctx, database)
	if c.messages, err = database.MessagesByChannel(ctx); err != nil {
		c.fail(err.Error(), again)
	}
	c.outgoing(ctx, database)
	c.alert(ctx, database)
}

// verify checks every table of the database, as far as there is time, and reports whether none is
// damaged.
func (c *checker) verify(ctx context.Context, database *store.Store) bool {
	limited, cancel := context.WithTimeout(ctx, verifyFor)
	defer cancel()
	switch err := database.Verify(limited, verifyFor); {
	case err == nil:
		c.ok("database %s", databases.Name(c.Database))
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		c.ok("database %s: not read to its end in %s; 'smileybot backup' checks all of it", databases.Name(c.Database), verifyFor)
	default:
		c.failStore(err)
		return false
	}
	return true
}

// failStore reports an error of the database; a [store.Fault] has its own remedy.
func (c *checker) failStore(err error) {
	if fault, ok := errors.AsType[*store.Fault](err); ok {
		c.fail(fault.Reason, fault.Remedy)
		return
	}
	remedy := ""
	if errors.Is(err, store.ErrUnavailable) {
		remedy = "look at the free space and the owner of the file and its folder"
	}
	prefix := "database " + databases.Name(c.Database) + ": " // which some of the store's errors have
	c.fail(prefix+strings.TrimPrefix(err.Error(), prefix), remedy)
}

// size reports the size of the database, and checks that its log is bounded.
func (c *checker) size(ctx context.Context, database *store.Store) {
	usage, err := database.Usage(ctx)
	if err != nil {
		c.fail("size of the database: "+err.Error(), again)
		return
	}
	if usage.Remote {
		c.ok("size of the database: %d MB", usage.Database>>20)
		return
	}
	size := fmt.Sprintf("size of the database: %d MB, of its write-ahead log: %d MB", usage.Database>>20, usage.Log>>20)
	if usage.LogHeld {
		c.fail(size, "end the program that reads the database without a pause: "+cmp.Or(usage.LogHolders, "it is not known which"))
		return
	}
	c.ok("%s", size)
}

// freeSpace checks the disk of a file; that of a server is not known.
func (c *checker) freeSpace(ctx context.Context) {
	if databases.OnServer(c.Database) {
		return
	}
	folder := filepath.Dir(c.Database)
	usage, err := disk.UsageWithContext(ctx, folder)
	if err != nil {
		c.fail("free space: unknown for "+folder, "look at it yourself; 200 MB are enough to begin with")
		return
	}
	free := fmt.Sprintf("free space: %d MB in %s", usage.Free>>20, folder)
	if usage.Free < minFreeSpace {
		c.fail(free, "make room: ratings are refused with 503 when the disk is full")
		return
	}
	c.ok("%s", free)
}

// rejectedDeliveries lists the deliveries that proved their sender and were rejected. Their senders
// must be corrected, so they are no failure of the bot.
func (c *checker) rejectedDeliveries(ctx context.Context, database *store.Store) {
	rejected, err := database.RejectedDeliveries(ctx)
	if err != nil {
		c.fail(err.Error(), again)
		return
	}
	if len(rejected) == 0 {
		c.ok("no delivery was refused in the last 30 days")
		return
	}
	r := Result{Text: fmt.Sprintf("deliveries that were refused, the latest first (%d); their senders must change what is named", len(rejected))}
	for _, d := range rejected {
		r.Details = append(r.Details, fmt.Sprintf("%s  %s  %d  %s", d.ReceivedAt.In(c.Store.Location).Format(time.DateTime), d.Sender, d.Status, strings.Join(strings.Fields(d.Detail), " ")))
	}
	c.report(r)
}

// waiting warns of senders whose comments have waited for more than a day for their rating.
func (c *checker) waiting(ctx context.Context, database *store.Store) {
	all, err := database.WaitingLong(ctx, time.Now())
	if err != nil {
		c.fail(err.Error(), again)
		return
	}
	for _, w := range all {
		c.report(Result{
			Warning: true,
			Text: fmt.Sprintf("sender %s: %s without a rating, the oldest since %s, kept for 30 days",
				w.Sender, count(w.Count, "comment"), w.Oldest.In(c.Store.Location).Format(time.DateTime)),
			Remedy: "compare a body of the sender with where the rating is looked for: smileybot map --sender " + w.Sender,
		})
	}
}

// erasures checks that no message in Slack still shows the data of an erased customer.
func (c *checker) erasures(ctx context.Context, database *store.Store) {
	e, err := database.Erasures(ctx)
	switch {
	case err != nil:
		c.fail(err.Error(), again)
	case len(e.Failed) > 0:
		c.fail(fmt.Sprintf("forgetting: %s can be neither edited nor deleted by the bot, the first is %s in channel %s",
			count(len(e.Failed), "message"), e.Failed[0].TS, e.Failed[0].SlackChannel),
			"have them deleted by hand; 'smileybot forget' lists them")
	case e.Wanted > 0:
		c.ok("forgetting: %s still to be edited", count(e.Wanted, "message"))
	}
}

// outgoing checks that the ticket system accepts the events about follow-ups.
func (c *checker) outgoing(ctx context.Context, database *store.Store) {
	if !c.Store.Outgoing {
		c.ok("outgoing webhook: not set, the ticket system is not notified of follow-ups")
		return
	}
	n, oldest, err := database.PendingCount(ctx)
	waiting := count(n, "event") + " waiting"
	switch {
	case err != nil:
		c.fail(err.Error(), again)
	case n == 0:
		c.ok("outgoing webhook: set, nothing is waiting")
	case time.Since(oldest) > maxEventAge:
		c.fail(fmt.Sprintf("outgoing webhook: %s, the oldest since %s", waiting, oldest.In(c.Store.Location).Format(time.DateTime)),
			"look at the receiver of SMILEYBOT_OUT_URL; /readyz of the running bot shows what it answers")
	default:
		c.ok("outgoing webhook: set, %s", waiting)
	}
}

// alert says what the alert compares this morning. Too few answers are no failure: a young or a small
// team has no more. But a drop that cannot be found must not be taken for calm.
func (c *checker) alert(ctx context.Context, database *store.Store) {
	found, err := database.Alert(ctx, office.DayOf(time.Now(), c.Store.Location))
	if err != nil {
		c.fail(err.Error(), again)
		return
	}
	for _, r := range []score.Report{found.Sudden, found.Slow} {
		text := fmt.Sprintf("alert: the last %d days have %s, the %d before them %d",
			r.Period.Days(), count(int(r.Score.N), "smiley"), r.Previous.Period.Days(), r.Previous.Score.N)
		if !r.Comparable() {
			text += fmt.Sprintf("; too few to find a drop, which needs %d on both sides", score.AlertAnswers)
		}
		c.ok("%s", text)
	}
}
