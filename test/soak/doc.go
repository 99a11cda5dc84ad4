// Package soak tries what smileybot promises about loss: the real program is killed at any
// moment, the power is cut, the disk runs full. Its tests run in a short form with all
// others, and as long as one likes by hand:
//
//	make soak
//	go test ./soak -run=TestKilled -kills=500 -timeout=2h -v
//
// What was acknowledged is written down by the test itself, which then compares it with the
// database and with what stands in the stand-in for Slack.
package soak
