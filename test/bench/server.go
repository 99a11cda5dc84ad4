package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"
	_ "github.com/mattn/go-sqlite3" // the driver
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// playing is the variable that names the server which this program plays in a process of its own.
const playing = "SMILEYBOT_BENCH_SERVER"

// A process is a server that runs next to this program.
type process struct {
	url     string
	command *exec.Cmd
}

// smileybot starts smileybot on a new database.
func (b *bench) smileybot(more ...string) *process {
	return b.serve(b.file("smileybot.db"), slackStub(0, nil), more...)
}

// serve starts smileybot on a database and waits until it listens.
func (b *bench) serve(database, slack string, more ...string) *process {
	command := exec.CommandContext(context.Background(), b.program, "serve")
	command.Env = append(environment(database, slack), more...)
	stderr, err := command.StderrPipe()
	must(err)
	p := b.start(command)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var line struct{ Listen string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Listen != "" {
			p.url = "http://" + line.Listen + "/webhooks/feedback"
			go func() { _, _ = io.Copy(io.Discard, stderr) }() // or the log would block
			return p
		}
	}
	panic("smileybot ended before it listened")
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

// compared starts this program as one of the servers to compare with, on a database.
func (b *bench) compared(name, database string) *process {
	self, err := os.Executable()
	must(err)
	command := exec.CommandContext(context.Background(), self)
	command.Env = append(os.Environ(), playing+"="+name, "DATABASE="+database)
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	must(err)
	p := b.start(command)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	must(err)
	p.url = strings.TrimSpace(line)
	return p
}

func (b *bench) start(command *exec.Cmd) *process {
	must(command.Start())
	p := &process{command: command}
	b.running = append(b.running, p)
	return p
}

// stop stops all processes that run.
func (b *bench) stop() {
	for _, p := range b.running {
		_ = p.command.Process.Signal(syscall.SIGTERM)
		_ = p.command.Wait()
	}
	b.running = nil
}

// memory is the memory of a process in MiB: its own, and with the program and the mapped files,
// which the system can take back. It is 0 where the system has no /proc.
func (p *process) memory() (own, mapped float64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	mib := func(field string) float64 {
		_, rest, _ := strings.Cut(string(status), field+":")
		number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		kib, _ := strconv.ParseFloat(number, 64)
		return kib / 1024
	}
	return mib("RssAnon"), mib("VmRSS")
}

// slackStub answers every call with success, after a while. It sends the time of each post to
// posted, unless that is nil.
func slackStub(after time.Duration, posted chan<- time.Time) (url string) {
	var ts atomic.Int64
	ts.Store(time.Now().UnixMicro())
	stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(after)
		n := ts.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":"%d.%06d","messages":[],"team_id":"T0BENCH","user_id":"U0BOT","bot_id":"B0BOT"}`,
			r.FormValue("channel"), n/1e6, n%1e6)
		if posted != nil && strings.HasSuffix(r.URL.Path, "chat.postMessage") {
			posted <- time.Now()
		}
	}))
	return stub.URL + "/api/"
}

// A webhook is the body that the servers to compare with decode.
type webhook struct {
	ID       string                       `json:"id"`
	Channel  string                       `json:"channel"`
	Smiley   string                       `json:"smiley"`
	Comment  string                       `json:"comment"`
	Customer struct{ ID, Name string }    `json:"customer"`
	Agent    struct{ ID, Name string }    `json:"agent"`
	Ticket   struct{ ID, Subject string } `json:"ticket"`
}

// play serves as one of the servers to compare with, until the process is killed.
func play(name string) error {
	proof, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	keep := func(context.Context, string, webhook) error { return nil }
	switch name {
	case "naive":
		keep, err = naively(os.Getenv("DATABASE"))
	case "naive postgres":
		keep, err = naivelyOnServer(os.Getenv("DATABASE"))
	}
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/\n", listener.Addr())
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, id := answer(r, proof, keep)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"id":%q,"result":"created"}`, id)
	})}
	return server.Serve(listener)
}

// answer verifies, decodes and keeps a webhook.
func answer(r *http.Request, proof *standardwebhooks.Webhook, keep func(context.Context, string, webhook) error) (status int, id string) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 256<<10))
	if err != nil {
		return http.StatusRequestEntityTooLarge, ""
	}
	if proof.Verify(body, r.Header) != nil {
		return http.StatusUnauthorized, ""
	}
	var rated webhook
	if json.Unmarshal(body, &rated) != nil || rated.ID == "" || rated.Channel == "" {
		return http.StatusUnprocessableEntity, ""
	}
	id = uuid.Must(uuid.NewV7()).String()
	if keep(r.Context(), id, rated) != nil {
		return http.StatusServiceUnavailable, ""
	}
	return http.StatusAccepted, id
}

// naively keeps a rating, a row of an outbox and a tally in a transaction of their own, over one
// connection.
func naively(path string) (func(context.Context, string, webhook) error, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(context.Background(), `
create table rating (id text primary key, channel text, smiley text, comment text, customer text, name text, agent text, ticket text, subject text, at integer);
create table outbox (id text primary key, at integer);
create table tally (day integer, channel text, smiley text, n integer, primary key (day, channel, smiley)) without rowid`)
	return func(ctx context.Context, id string, rated webhook) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		now := time.Now().UnixMilli()
		_, err1 := tx.ExecContext(ctx, `insert into rating values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			rated.ID, rated.Channel, rated.Smiley, rated.Comment, rated.Customer.ID, rated.Customer.Name, rated.Agent.ID, rated.Ticket.ID, rated.Ticket.Subject, now)
		_, err2 := tx.ExecContext(ctx, `insert into outbox values ($1, $2)`, id, now)
		_, err3 := tx.ExecContext(ctx, `insert into tally values ($1, $2, $3, 1) on conflict do update set n = n + 1`, now/86_400_000, rated.Channel, rated.Smiley)
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
		return tx.Commit()
	}, err
}
