package soak

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
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
)

// program builds the real thing.
var program = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "smileybot-soak")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "smileybot")
	made.Store(&path)
	said, err := exec.CommandContext(context.Background(), "go", "build", "-o", path, "smileybot/cmd/smileybot").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building smileybot: %w: %s", err, said)
	}
	return path, nil
})

// made is where the program was built, if any test asked for it.
var made atomic.Pointer[string]

func TestMain(m *testing.M) {
	status := m.Run()
	if path := made.Load(); path != nil {
		_ = os.RemoveAll(filepath.Dir(*path))
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
	listening  chan struct{}          // closed when it takes webhooks
	ended      chan struct{}          // closed when the process is gone
	last       atomic.Pointer[string] // line of its log
}

// start starts the program, and does not wait for it.
func start(tb testing.TB, environment []string) *serving {
	tb.Helper()
	path, err := program()
	require.NoError(tb, err)
	s := &serving{
		command:   exec.CommandContext(context.WithoutCancel(tb.Context()), path, "serve"),
		listening: make(chan struct{}), ended: make(chan struct{}),
	}
	s.command.Env = environment
	stderr, err := s.command.StderrPipe()
	require.NoError(tb, err)
	require.NoError(tb, s.command.Start())
	go func() {
		defer close(s.ended)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			s.hear(lines.Bytes())
		}
		_ = s.command.Wait()
	}()
	tb.Cleanup(s.kill)
	return s
}

func (s *serving) hear(line []byte) {
	text := string(line)
	s.last.Store(&text)
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
	_ = s.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(15 * time.Second):
		require.Fail(tb, "it does not stop", s.said())
	}
	require.Zero(tb, s.command.ProcessState.ExitCode(), s.said())
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
