// Package webhook is the only door for ratings: webhooks come in, their proof is
// checked, their format decoded into [feedback.Event]s, and those are taken by
// the store before the sender is told so.
//
// Every sender goes through the same steps in the same order (see receive.go):
//
//	405  neither POST nor HEAD
//	415  not application/json (or form fields, where a sender may send them), or encoded
//	413  over 256 KiB
//	401  the sender is not proved
//	200  this delivery was taken before, whatever its body
//	400  not one JSON object
//	200  ignored: it tells of no rating
//	422  a required field is missing or wrong
//	503  the store cannot take it now
//	202  taken, and on disk; or 200, taken and nothing new
//
// A body that breaks off on its way gets 400, one that takes too long 408; both
// before the proof, which covers the whole body.
//
// What differs between senders is a sender: its name, its proof, its format. Each puts
// what it reads into the fields of the own format (translation.go), so that the rules of
// form.go hold for all. A new one is a file beside helpscout.go that adapters() lists, or,
// for the operator, an entry in a file of mappings (mappingfile.go).
//
// An optional field that is wrong never costs the rating: it is left out and
// named in the answer. No answer, log line, metric or kept detail quotes what a
// sender sent, the names of unknown fields excepted, which only the answer
// gives back.
package webhook
