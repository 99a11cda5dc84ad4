package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// playing names the server that the test binary is to be, instead of a test.
const playing = "SMILEYBOT_BENCH_SERVER"

func TestMain(m *testing.M) {
	if server := os.Getenv(playing); server != "" {
		fmt.Fprintln(os.Stderr, play(server))
		os.Exit(1)
	}
	status := m.Run()
	if folder := made.Load(); folder != nil {
		_ = os.RemoveAll(*folder)
	}
	os.Exit(status)
}

// A process is a server that runs beside the test.
type process struct {
	url     string
	command *exec.Cmd
}

// made is where the program was built, if anything asked for it.
var made atomic.Pointer[string]

// program builds the real thing as it is released.
var program = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "smileybot-bench")
	if err != nil {
		return "", err
	}
	made.Store(&folder)
	path := filepath.Join(folder, "smileybot")
	build := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "smileybot/cmd/smileybot")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building smileybot: %w: %s", err, said)
	}
	return path, nil
})

// A kind of server and how to start it.
type kind struct {
	name  string
	start func(tb testing.TB, more ...string) *process
}

var (
	durable = kind{"durable", startDurable}
	ceiling = kind{"ceiling", startPlayed("ceiling")}
	naive   = kind{"naive", startPlayed("naive")}
)

// startDurable starts smileybot on a database of its own.
func startDurable(tb testing.TB, more ...string) *process {
	tb.Helper()
	return serve(tb, filepath.Join(tb.TempDir(), "smileybot.db"), slackStub(tb, 0), more...)
}

// serve starts smileybot and waits until it listens.
func serve(tb testing.TB, database, slack string, more ...string) *process {
	tb.Helper()
	path, err := program()
	require.NoError(tb, err)
	command := exec.CommandContext(context.WithoutCancel(tb.Context()), path, "serve")
	command.Env = append(environment(database, slack), more...)
	stderr, err := command.StderrPipe()
	require.NoError(tb, err)
	require.NoError(tb, command.Start())
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var said struct{ Listen string }
		if json.Unmarshal(lines.Bytes(), &said) == nil && said.Listen != "" {
			go func() {
				for lines.Scan() { // the log has a reader
				}
			}()
			return kept(tb, command, "http://"+said.Listen+"/webhooks/feedback")
		}
	}
	require.Fail(tb, "smileybot has ended before it listened")
	return nil
}

// environment has the settings of smileybot.
func environment(database, slack string) []string {
	return append(
		os.Environ(),
		"SLACK_BOT_TOKEN=xoxb-bench", "SLACK_SIGNING_SECRET=bench-signing-secret", "SLACK_CHANNEL=C0BENCH", "SLACK_API_URL="+slack,
		"SMILEYBOT_LISTEN=127.0.0.1:0", "SMILEYBOT_ADMIN_LISTEN=127.0.0.1:0", "SMILEYBOT_DATABASE="+database,
		"SMILEYBOT_WEBHOOK_SECRETS="+secret,
	)
}

// startPlayed starts the test binary as one of the servers to compare with.
func startPlayed(name string) func(testing.TB, ...string) *process {
	return func(tb testing.TB, more ...string) *process {
		tb.Helper()
		command := exec.CommandContext(context.WithoutCancel(tb.Context()), os.Args[0])
		command.Env = append(os.Environ(), append([]string{playing + "=" + name, "DATABASE=" + filepath.Join(tb.TempDir(), "naive.db")}, more...)...)
		command.Stderr = os.Stderr
		stdout, err := command.StdoutPipe()
		require.NoError(tb, err)
		require.NoError(tb, command.Start())
		line, err := bufio.NewReader(stdout).ReadString('\n')
		require.NoError(tb, err)
		return kept(tb, command, strings.TrimSpace(line))
	}
}

// kept is a process that ends with the test.
func kept(tb testing.TB, command *exec.Cmd, url string) *process {
	tb.Helper()
	p := &process{url: url, command: command}
	tb.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	if p.command.ProcessState == nil {
		_ = p.command.Process.Signal(syscall.SIGTERM)
		_ = p.command.Wait()
	}
}

// A footprint is a process's memory in MiB: what it has for itself, and with the program
// and the files that are mapped, which the system can take back.
type footprint struct{ own, mapped float64 }

func (p *process) footprint(tb testing.TB) footprint {
	tb.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		tb.Skip("this system does not tell the memory of a process in /proc")
	}
	mib := func(field string) float64 {
		_, rest, _ := strings.Cut(string(status), field+":")
		n, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		require.NoError(tb, err)
		return n / 1024
	}
	return footprint{own: mib("RssAnon"), mapped: mib("VmRSS")}
}

// slackStub answers whatever is asked as Slack would that is content, after a while. It
// tells posted of each message that stands.
func slackStub(tb testing.TB, after time.Duration, posted ...chan<- time.Time) (url string) {
	tb.Helper()
	ts := make(chan int64, 1)
	ts <- time.Now().UnixMicro()
	stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(after)
		n := <-ts + 1
		ts <- n
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":"%d.%06d","messages":[],"team_id":"T0BENCH","user_id":"U0BOT","bot_id":"B0BOT"}`,
			r.FormValue("channel"), n/1e6, n%1e6)
		for _, p := range posted {
			if strings.HasSuffix(r.URL.Path, "chat.postMessage") {
				p <- time.Now()
			}
		}
	}))
	tb.Cleanup(stub.Close)
	return stub.URL + "/api/"
}
