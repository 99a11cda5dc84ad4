// Package bot puts the parts of smileybot together: it opens the store, starts the
// webhooks, the outbox, the schedule and the commands, serves the routes, and stops all
// of them in order.
//
// docs/architecture.md is the tour of all packages: what is where, how a rating, a change
// and a click travel, and who guarantees what. CONTRIBUTING.md says where a new
// line goes.
//
// [New] takes the database's lock before it opens anything, so two bots never serve one
// database. [Bot.Run] stops in order: no new requests, answers to people finished, calls
// of Slack ended or cut off, and the store closed last, all within ten seconds.
package bot
