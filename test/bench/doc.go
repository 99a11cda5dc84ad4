// Package bench measures what smileybot is built to be fast at, from outside: the real
// program as a process of its own, asked over HTTP.
//
//	go test ./bench -run='^$' -bench=. -benchtime=5s   # one after the other
//	make bench                                         # side by side, with the ratios
//
// Two other servers give the figures a measure. The ceiling verifies and decodes a webhook
// and stores nothing: nobody who stores can be faster. The naive one stores the same rating
// with one transaction a request. Both are simpler than smileybot, which keeps history, a
// follow-up and tallies beside a rating.
//
// The load comes from this process, over keep-alive connections, every request signed; it
// shares the processors with the server.
package bench
