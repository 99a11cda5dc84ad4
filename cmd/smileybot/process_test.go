package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store/storetest"
)

// inTime is longer than a stop may take.
const inTime = 10 * time.Second

// A process is the real program, as a process of its own.
type process struct {
	*exec.Cmd

	ended chan struct{}
}

// begin starts the program; it is killed at the end of the test.
func begin(t *testing.T, stdout, stderr *os.File, args ...string) *process {
	t.Helper()
	if signal.Ignored(syscall.SIGHUP) { // under nohup; the program would inherit that, and leave it so
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	p := &process{Cmd: exec.Command("smileybot", args...), ended: make(chan struct{})} //nolint:noctx // it is stopped by signals
	p.Stdout, p.Stderr = stdout, stderr
	require.NoError(t, p.Start())
	go func() {
		_ = p.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
	return p
}

// ends checks that the program ends in time, with 0.
func (p *process) ends(t *testing.T, message string) {
	t.Helper()
	select {
	case <-p.ended:
		assert.Equal(t, exitOK, p.ProcessState.ExitCode(), "%s: %s", message, p.ProcessState)
	case <-time.After(inTime):
		t.Errorf("%s: it does not end", message)
	}
}

// pipe returns a pipe, empty or full.
func pipe(t *testing.T, full bool) (read, write *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = errors.Join(read.Close(), write.Close()) })
	if full {
		_, err := write.Write(make([]byte, 64<<10))
		require.NoError(t, err)
	}
	return read, write
}

// freeAddress returns an address of this machine that nothing uses.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// answers waits until an address answers 200.
func answers(t *testing.T, url string) string {
	t.Helper()
	var text []byte
	require.Eventually(t, func() bool {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		text, err = io.ReadAll(response.Body)
		return err == nil && response.StatusCode == http.StatusOK
	}, inTime, 20*time.Millisecond, url)
	return string(text)
}

// TestSignalsStopServe checks that each signal to stop ends serve in order.
func TestSignalsStopServe(t *testing.T) {
	_, settings := workspace(t)
	settings["SMILEYBOT_LISTEN"], settings["SMILEYBOT_ADMIN_LISTEN"] = freeAddress(t), freeAddress(t)
	setenv(t, settings)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		log, err := os.CreateTemp(t.TempDir(), "log")
		require.NoError(t, err)
		p := begin(t, nil, log, "serve")
		answers(t, "http://"+settings["SMILEYBOT_ADMIN_LISTEN"]+"/readyz")
		require.NoError(t, p.Process.Signal(s))
		p.ends(t, s.String())
		said, err := os.ReadFile(log.Name())
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(said), "\n")
		assert.Contains(t, first, `"version":`)
		assert.Contains(t, first, `"database":"`+settings["SMILEYBOT_DATABASE"]+`"`)
		assert.Contains(t, string(said), `"msg":"shutting down"`)
	}
}

// TestALogThatIsNotRead checks that webhooks are stored, /readyz answers and a signal stops serve
// whatever becomes of standard error.
func TestALogThatIsNotRead(t *testing.T) {
	_, settings := workspace(t)
	settings["SMILEYBOT_LISTEN"], settings["SMILEYBOT_ADMIN_LISTEN"] = freeAddress(t), freeAddress(t)
	setenv(t, settings)
	const ratings = 50
	for i, test := range []struct {
		name    string
		stderr  func() *os.File
		dropped bool
	}{
		{"a pipe that is not read", func() *os.File { _, w := pipe(t, true); return w }, false},
		{"a pipe that is closed", func() *os.File {
			r, w := pipe(t, false)
			require.NoError(t, r.Close())
			return w
		}, true},
		{"a full disk", func() *os.File {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			require.NoError(t, err)
			return full
		}, true},
	} {
		p := begin(t, nil, test.stderr(), "serve")
		admin := "http://" + settings["SMILEYBOT_ADMIN_LISTEN"]
		answers(t, admin+"/readyz")
		for n := range ratings {
			done := call(t, "send", "--url", "http://"+settings["SMILEYBOT_LISTEN"]+"/webhooks/feedback", "--secret", testSecret,
				"--id", fmt.Sprint(i, "-", n), "--smiley", "green")
			require.Zero(t, done.status, "%s: %s%s", test.name, done.stdout, done.stderr)
		}
		answers(t, admin+"/readyz")
		count := regexp.MustCompile(`(?m)^smileybot_log_dropped_total (\S+)$`).FindStringSubmatch(answers(t, admin+"/metrics"))
		require.NotNil(t, count, test.name)
		assert.Equal(t, test.dropped, count[1] != "0", "%s: %s dropped", test.name, count[1])
		require.NoError(t, p.Process.Signal(syscall.SIGTERM))
		p.ends(t, test.name)
	}
}

// TestDemoLeavesNothing ends the demo in many ways, and looks at its temporary folder.
func TestDemoLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("plays the demo many times")
	}
	for _, test := range []struct {
		name    string
		signals []syscall.Signal
		early   bool // while it makes its database
		close   bool // its reader goes
		stall   bool // its reader does not read
	}{
		{name: "Ctrl-C", early: true, signals: []syscall.Signal{syscall.SIGINT}},
		{name: "Ctrl-C twice", early: true, signals: []syscall.Signal{syscall.SIGINT, syscall.SIGINT}},
		{name: "a service manager", early: true, signals: []syscall.Signal{syscall.SIGTERM}},
		{name: "a closed terminal", early: true, signals: []syscall.Signal{syscall.SIGHUP}},
		{name: "all at once", signals: []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}},
		{name: "a closed pipe", close: true},
		{name: "a reader that stalls", signals: []syscall.Signal{syscall.SIGINT}, stall: true},
	} {
		folder := t.TempDir()
		t.Setenv("TMPDIR", folder)
		read, write := pipe(t, test.stall)
		p := begin(t, write, nil, "demo")
		require.Eventually(t, func() bool { // the folder is there, and something in it
			found, err := os.ReadDir(folder)
			return err == nil && len(found) == 1
		}, inTime, time.Millisecond)
		if !test.stall && !test.early {
			_, err := read.Read(make([]byte, 1)) // it has begun
			require.NoError(t, err)
		}
		if test.close {
			require.NoError(t, errors.Join(write.Close(), read.Close()))
		}
		for i, s := range test.signals {
			if err := p.Process.Signal(s); i == 0 { // by the next it may have ended
				require.NoError(t, err)
			}
			time.Sleep(20 * time.Millisecond) // or they are one signal
		}
		p.ends(t, test.name)
		left, err := os.ReadDir(folder)
		require.NoError(t, err)
		assert.Empty(t, left, test.name)
	}
}

// TestExportToHead checks that a reader that goes ends a command, quietly and without an error.
func TestExportToHead(t *testing.T) {
	_, settings := workspace(t)
	setenv(t, settings)
	s := storetest.Open(t, os.Getenv("SMILEYBOT_DATABASE"))
	var past []feedback.Event
	for i := range 500 {
		past = append(past, storetest.Ordinary(strconv.Itoa(i), i, time.Date(2026, time.October, 1, 10, 0, 0, 0, time.UTC)))
	}
	storetest.Import(t, s, time.Now(), past...)
	read, write := pipe(t, false)
	said, err := os.CreateTemp(t.TempDir(), "errors")
	require.NoError(t, err)
	p := begin(t, write, said, "export")
	require.NoError(t, write.Close())
	_, err = read.Read(make([]byte, 10))
	require.NoError(t, err)
	require.NoError(t, read.Close())
	p.ends(t, "export")
	text, err := os.ReadFile(said.Name())
	require.NoError(t, err)
	assert.Empty(t, string(text))
}

// TestStalledOutputEndsWithTheProgram checks that a stop does not wait for a reader that stalls.
func TestStalledOutputEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	read, write := io.Pipe()
	defer read.Close()
	ctx, cancel := context.WithCancel(t.Context())
	out := &output{ctx: ctx, to: write}
	cancel()
	_, err := out.Write([]byte("words"))
	require.ErrorIs(t, err, errOutputClosed)
	began := time.Now()
	_, err = out.Write([]byte("more"))
	require.ErrorIs(t, err, errOutputClosed)
	assert.Less(t, time.Since(began), lastWords)
}
