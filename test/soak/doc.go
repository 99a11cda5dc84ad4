// Package soak tests what smileybot promises about loss: the real program is killed and disturbed at any
// moment, the power is cut, the disk runs full. The tests run in an ordinary form with all others, not at all
// with -short, and as long as wanted by hand:
//
//	make soak
//	go test ./test/soak -run=TestKilled -kills=500 -timeout=2h -v
//	go test ./test/soak -run=TestDisturbed -disturbed=40m -timeout=2h -v
//
// The tests write down what was acknowledged, and compare that with the database and with the
// stand-in for Slack.
package soak
