// Package bot is smileybot at work: it takes ratings from webhooks, keeps them,
// shows each in Slack as one living message, and answers the people there. This
// page is the tour of the house.
//
// # A rating's way
//
//  1. A sender posts to /webhooks/feedback in the own format, or in its own to
//     /webhooks/NAME. Package [smileybot/bot/webhook] checks the proof over the raw
//     bytes and decodes the format into a [feedback.Event]: a foreign one is
//     translated into the fields of the own format, by an adapter or by a mapping,
//     so that the same rules hold for all. It is the only door.
//  2. [store.Store.Ingest] applies the event in one transaction: it remembers the
//     delivery, merges the event into the feedback field by field, keeps the
//     history, moves the tallies, asks [followup.FollowUp.OnEvent] what happens to
//     the follow-up, and raises the revision Slack is to show. Only when that is
//     on disk does the sender get its 202, and the deliverer a wake-up.
//  3. Package [smileybot/bot/outbox] finds the feedback whose shown revision is
//     behind, renders its present state through [smileybot/bot/message], and
//     sends it.
//  4. People click and type in Slack, which tells the bot over HTTP (slack.go) or
//     Socket Mode (socket.go). Package [smileybot/bot/command] applies what
//     they do to the store, compare and swap on the state; that raises the
//     revision, and 3 follows.
//
// # What people do
//
// Both transports only prove where a request comes from, acknowledge it at once
// and hand it to people.go, which has it answered in the background. Socket Mode
// holds two connections, because slack-go closes one before it opens the next;
// what Slack delivers again, because an acknowledgement was lost with its
// connection, is acknowledged and not answered again (seen.go).
//
// A Home tab is published when its person opens it, and after what they do.
// [smileybot/bot/command.Handler.KeepHomes] keeps those that were opened up to date:
// it sleeps until something changes or becomes overdue, compares what waits for each
// person with the fingerprint of what their tab shows, and shows a tab anew at most
// once a minute.
//
// # The outbox is level-triggered
//
// Nothing queues texts. The outbox holds two numbers for each feedback: the
// revision wanted and the revision shown. Ten changes while Slack is away are one
// edit afterwards, and a crash anywhere is repaired by looking at the numbers. A
// post whose result is unknown is settled by reading the channel's history for
// the metadata every message carries; it is never simply repeated.
//
// What is said once is a notice in the same outbox: in the thread of a feedback's
// message, or a bulletin in the lead channel (store/notice.go). It holds no text either:
// its key says what it is about, and which feedback it covers is kept beside it. What has
// become pointless before it could be said is not, and counts as not said.
//
// Forgetting is an erasure in the database and a higher revision of every message that
// told of the customer: deliver edits them like any other, last of all, and deletes what
// cannot be edited (outbox/erase.go).
//
// What the ticket system is told of follow-ups is in a table of its own, written in the
// same transactions, and sent in order by [smileybot/bot/outgoing].
//
// # The clock
//
// Package [smileybot/bot/schedule] does what is due: reminders, escalation, the digest, the
// alert, the sweep, retention. When a routine is due follows from the office hours alone
// ([office.Hours.NextDigest]), and up to which moment it is done stands in the store,
// written together with the bulletin that it queues ([store.Store.Advance]). When a
// follow-up is due or comes back stands with it; that it was reminded or escalated is noted
// in the transaction that queues the notice. So each is said once, whenever the bot was
// away. The clock sleeps until the next due moment, and is called when there may be an
// earlier one (stir.go).
//
// # The rooms
//
//   - cmd/smileybot: the program, one file a sub-command.
//   - config: the settings.
//   - feedback: the subject, pure: answers, merging, follow-ups, office hours,
//     periods, scores. No I/O, no clock.
//   - store: what is kept; store/sqlite: the engine, one goroutine that writes in group commits.
//   - csvfile: feedback as a spreadsheet has it, for import and export. It is a room
//     of its own because CSV is neither the subject nor kept; the rules of single
//     values it shares with bot/webhook stand in feedback/rule.go.
//   - bot: this package: the parts put together, the routes, the ordered stop.
//   - bot/webhook, bot/outbox, bot/command, bot/schedule, bot/outgoing: webhooks in,
//     messages out, people, the clock, the ticket system. They never see each other;
//     the store lies between.
//   - bot/webhook/sender: the vocabulary that senders share; bot/webhook/senders: a folder
//     for each ready-made sender, with its samples and how sure they are, and mapping for
//     those that the operator describes.
//   - bot/message: how things look in Slack, its limits, and the words of both
//     languages.
//   - fakeslack: a strict stand-in for Slack, for tests and the demo.
//   - demo/page: shows it in a browser, for the demo. It is a room of its
//     own so that tests of the bot carry no page.
//   - soak: tests of what is promised about loss: kills, power cuts, full disks.
//   - bench: measures the program beside a ceiling.
//
// # The arrows
//
//	cmd/smileybot -> everything
//	bot -> webhook, command, outbox, outgoing, schedule -> message, store -> feedback
//	bot -> config -> feedback
//	csvfile -> feedback
//
// The linter holds them. Bot reads config's struct directly: copying a dozen
// settings by hand into a second struct would only be a second place to forget
// one.
//
// # Where a new line goes
//
//   - A sender: no line where a mapping can say it, which is a file of
//     docs/senders/mappings. Else a folder in bot/webhook/senders with its descriptor (proof,
//     settings, translation, samples) and its line in senders.All, from which route, settings,
//     send --as and map follow; a page in docs/senders.
//   - A setting: a field of config.Config with its row, and the README's table,
//     which a test compares.
//   - An event of Slack (such as app_home_opened): a case in command.Handler.Event, and
//     cmd/smileybot/manifest.go subscribes to it.
//   - A slash command: bot/command/question.go understands it, bot/message shows
//     its answer, cmd/smileybot/manifest.go announces it.
//   - Something said once beside the living message: a notice, queued in the
//     transaction that causes it (store/notice.go), rendered in outbox/reply.go.
//   - Something personal: erased in store/erasure.go, and a trace in its tests.
//   - An error code of Slack: what it means in outbox/classify.go, its cure in
//     message/cure.go.
//   - Anything said in Slack: a sentence in both catalogues of bot/message.
//   - A way to filter or group scores: a column of the tallies, store/tally.go.
//   - A field of a feedback: feedback/answer.go, a migration, store/feedback.go,
//     csvfile/column.go.
//   - A migration: a new file in store/sqlite/migrations, and the line of its sha256sum in
//     store/sqlite/testdata.
//   - A metric: the README's table, and the dashboard or an alert in docs/operation.
//   - A door or a limit: docs/threat-model.md, with its test.
//
// # Running and stopping
//
// [New] takes the database's lock before it opens anything, so two bots never
// serve one database. [Bot.Run] stops in order: no new requests, answers to
// people finished, calls of Slack ended or cut, and the store closed last, all
// within ten seconds.
package bot
