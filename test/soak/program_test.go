package soak

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	token   = "a-bearer-token-of-the-soak-tests"
	signing = "signing-secret-of-the-soak-tests"
	// password is that of the database, where it has one.
	password = "password-of-the-soak-tests"
)

// setPipeSize is Linux's F_SETPIPE_SZ.
const setPipeSize = 1031

// A builder builds the program once, and returns where it is.
type builder = func() (string, error)

// builds is the folder of what was built.
var builds = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "smileybot-soak")
	made.Store(&folder)
	return folder, err
})

// made is [builds], if any test asked for it.
var made atomic.Pointer[string]

// program builds the real thing.
var program = sync.OnceValues(func() (string, error) { return build("smileybot") })

// build builds it with flags.
func build(name string, flags ...string) (string, error) {
	folder, err := builds()
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, name)
	args := append(append([]string{"build"}, flags...), "-o", path, "smileybot/cmd/smileybot")
	if said, err := exec.CommandContext(context.Background(), "go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", name, err, said)
	}
	return path, nil
}

func TestMain(m *testing.M) {
	if signal.Ignored(syscall.SIGHUP) { // under nohup; the program would inherit that, and leave it so
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	status := m.Run()
	if folder := made.Load(); folder != nil {
		_ = os.RemoveAll(*folder)
	}
	os.Exit(status)
}

// settings is the environment of a smileybot on a database, with a Slack.
func settings(database, slackAPI string, more ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
		"SLACK_BOT_TOKEN=xoxb-fake", "SLACK_SIGNING_SECRET=" + signing, "SLACK_CHANNEL=C0TICKET", "SLACK_API_URL=" + slackAPI,
		"SMILEYBOT_DATABASE=" + database, "SMILEYBOT_WEBHOOK_TOKENS=" + token,
		"SMILEYBOT_LISTEN=127.0.0.1:0", "SMILEYBOT_ADMIN_LISTEN=127.0.0.1:0",
	}, more...)
}

// A serving is a "smileybot serve" that was started.
type serving struct {
	command    *exec.Cmd
	url, admin string
	log        *os.File
	reading    sync.Mutex             // held by the reader of the log
	listening  chan struct{}          // closed when it takes webhooks
	gone       chan struct{}          // closed when the process is gone
	ended      chan struct{}          // closed when its log was read to the end, too
	last       atomic.Pointer[string] // line of its log
	leaked     atomic.Pointer[string] // a line with the password of the database
}

// start starts the program, and does not wait for it.
func start(tb testing.TB, program builder, environment []string) *serving {
	tb.Helper()
	path, err := program()
	require.NoError(tb, err)
	log, stderr, err := os.Pipe()
	require.NoError(tb, err)
	_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, stderr.Fd(), setPipeSize, 1<<12) // or its reader must stall for long
	s := &serving{
		command: exec.CommandContext(context.WithoutCancel(tb.Context()), path, "serve"), log: log,
		listening: make(chan struct{}), gone: make(chan struct{}), ended: make(chan struct{}),
	}
	s.command.Env, s.command.Stderr = environment, stderr
	require.NoError(tb, s.command.Start())
	require.NoError(tb, stderr.Close())
	go func() {
		defer close(s.ended)
		s.readLog()
		<-s.gone
		_ = s.log.Close()
	}()
	go func() {
		defer close(s.gone)
		_ = s.command.Wait()
	}()
	tb.Cleanup(s.kill)
	return s
}

// readLog reads the log to its end, or until it is closed.
func (s *serving) readLog() {
	for lines := bufio.NewScanner(s.log); lines.Scan(); {
		s.reading.Lock()
		s.hear(lines.Bytes())
		s.reading.Unlock()
	}
}

func (s *serving) hear(line []byte) {
	text := string(line)
	s.last.Store(&text)
	if strings.Contains(text, password) {
		s.leaked.Store(&text)
	}
	var said struct{ Msg, Listen, Admin, Level string }
	if json.Unmarshal(line, &said) == nil && said.Listen != "" {
		s.url, s.admin = "http://"+said.Listen, "http://"+said.Admin
		close(s.listening)
	}
}

// said is the last line of its log.
func (s *serving) said() string {
	if line := s.last.Load(); line != nil {
		return *line
	}
	return ""
}

// up waits until it listens, and reports whether it does.
func (s *serving) up(tb testing.TB) bool {
	tb.Helper()
	select {
	case <-s.listening:
		return true
	case <-s.ended:
		return false
	}
}

// kill ends the process as the kernel would that is out of memory.
func (s *serving) kill() {
	_ = s.command.Process.Kill()
	<-s.ended
}

// stop ends it in good order.
func (s *serving) stop(tb testing.TB) {
	tb.Helper()
	s.stopBy(tb, syscall.SIGTERM)
}

// stopBy ends it by a signal. Before it listens it may end as a program does that handles no signals yet.
func (s *serving) stopBy(tb testing.TB, signal syscall.Signal) {
	tb.Helper()
	young := true
	select {
	case <-s.listening:
		young = false
	default:
	}
	_ = s.command.Process.Signal(signal)
	select {
	case <-s.ended:
	case <-time.After(15 * time.Second):
		require.Fail(tb, "it does not stop", s.said())
	}
	state := s.command.ProcessState
	if status, ok := state.Sys().(syscall.WaitStatus); ok && young && status.Signaled() && status.Signal() == signal {
		return
	}
	require.Zero(tb, state.ExitCode(), "%s: %s", state, s.said())
}

// run runs another command of the program and returns what it says.
func run(tb testing.TB, environment []string, args ...string) string {
	tb.Helper()
	path, err := program()
	require.NoError(tb, err)
	command := exec.CommandContext(tb.Context(), path, args...)
	command.Env = environment
	said, err := command.CombinedOutput()
	require.NoError(tb, err, "%s: %s", strings.Join(args, " "), said)
	return string(said)
}
