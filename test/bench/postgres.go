package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"smileybot/store"
	"smileybot/store/postgres"
	"smileybot/store/storetest"
)

// A cluster is a PostgreSQL server with the settings of production, on the disk.
type cluster struct {
	address string
	running *os.File
	made    int // databases
}

// startCluster starts a server, or returns nil and says so where PostgreSQL is not installed.
func startCluster() *cluster {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	address, running, err := storetest.StartServer(ctx, "", "max_connections=200", "shared_buffers=128MB")
	if errors.Is(err, storetest.ErrNoServer) {
		fmt.Println("not measured on PostgreSQL:", err)
		return nil
	}
	must(err)
	return &cluster{address: address, running: running}
}

// database makes an empty database and returns its URL.
func (c *cluster) database() string {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.address)
	must(err)
	defer conn.Close(ctx)
	c.made++
	name := "bench" + strconv.Itoa(c.made)
	_, err = conn.Exec(ctx, `create database `+name)
	must(err)
	u, err := url.Parse(c.address)
	must(err)
	u.Path = "/" + name
	return u.String()
}

// measureServer measures what a server makes different.
func (b *bench) measureServer() {
	c := startCluster()
	if c == nil {
		return
	}
	defer func() {
		b.stop()
		must(c.running.Close())
	}()
	b.measurePostgres(c)
}

// measurePostgres compares the bot on PostgreSQL with one transaction a rating that writes the same rows, and
// puts a delay between the bot and its server.
func (b *bench) measurePostgres(c *cluster) {
	const connections = 64
	far, end := through(c.database(), time.Millisecond)
	defer end()
	loads := []*load{
		newLoad(b.serve(c.database(), slackStub(0, nil)).url, connections),
		newLoad(b.compared("naive postgres", c.database()).url, connections),
		newLoad(b.serve(far, slackStub(0, nil)).url, connections),
	}
	met := b.inTurns(loads)
	b.stop()
	ours, simple, slow := met[0], met[1], met[2]
	row("PostgreSQL: ratings a second, 64 connections", fmt.Sprintf("%.0f; one transaction a rating %.0f", ours.rate, simple.rate), "")
	row("  ÷ one transaction a rating with the same rows", fmt.Sprintf("%.1f", ours.rate/simple.rate), "≥ 4")
	row("  median, p99", fmt.Sprintf("%.1f, %.1f ms; %.1f, %.1f ms", ms(ours.p50), ms(ours.p99), ms(simple.p50), ms(simple.p99)), "")
	row("  with 1 ms a round trip", fmt.Sprintf("%.0f; median %.1f, p99 %.1f ms", slow.rate, ms(slow.p50), ms(slow.p99)), "≥ 1,000")
}

// naivelyOnServer keeps a rating with the rows that smileybot writes for it, in the same tables, in a
// transaction of its own.
func naivelyOnServer(address string) (func(context.Context, string, webhook) error, error) {
	ctx := context.Background()
	made, err := postgres.Open(ctx, address, store.Options{Location: time.UTC})
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, address+"&pool_max_conns=64")
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, id string, rated webhook) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return naiveRows(ctx, tx, id, rated) })
	}, nil
}

func naiveRows(ctx context.Context, tx pgx.Tx, id string, rated webhook) (err error) {
	now := time.Now().UnixMilli()
	day, rating := now/86_400_000, 3
	if rated.Smiley == "red" {
		rating = 1
	}
	run := func(statement string, args ...any) {
		if err == nil {
			_, err = tx.Exec(ctx, statement, args...)
		}
	}
	run(`insert into feedback (id, sender, channel, kind, external_id, rating, comment, customer_id, customer_name, customer_email, agent_id, agent_name, agent_email,
	ticket_id, ticket_subject, ticket_url, ticket_urgent, ticket_replies, site, follow_up_of, set_ns, occurred_ms, day, received_ms, suspect)
	values ($1, 'feedback', $2, 'smiley', $3, $4, $5, $6, $7, '', $8, $9, '', $10, $11, '', 0, 0, '', '', '{}', $12, $13, $12, 0)`,
		id, rated.Channel, rated.ID, rating, rated.Comment, rated.Customer.ID, rated.Customer.Name, rated.Agent.ID, rated.Agent.Name,
		rated.Ticket.ID, rated.Ticket.Subject, now, day)
	run(`insert into history (feedback_id, field, old, new, occurred_ms, recorded_ms, applied) values ($1, 'rating', '', $2, $3, $3, 1)`, id, strconv.Itoa(rating), now)
	if rated.Comment != "" {
		run(`insert into history (feedback_id, field, old, new, occurred_ms, recorded_ms, applied) values ($1, 'comment', '', $2, $3, $3, 1)`, id, rated.Comment, now)
	}
	run(`insert into delivery (sender, delivery_id, feedback_id, received_ms) values ('feedback', $1, $1, $2)`, id, now)
	run(`insert into payload (feedback_id, received_ms, body) values ($1, $2, $3)`, id, now, []byte(strings.Repeat("x", 300)))
	run(`insert into outbox (key, feedback_id, mention, channel, rank, queued_ms, revision) values ($1, $1, '', $2, 1, $3, 1)`, id, rated.Channel, now)
	if rating == 1 {
		followup := uuid.Must(uuid.NewV7()).String()
		run(`insert into followup (id, feedback_id, state, claimer, outcome, note, opened_ms, due_ms, openings, changed_ms, changed_by)
	values ($1, $2, 'open', '', '', '', $3, $3, 1, $3, '')`, followup, id, now)
		run(`insert into transition (followup_id, at_ms, made_by, from_state, to_state, outcome, note) values ($1, $2, '', '', 'open', '', '')`, followup, now)
	}
	run(`insert into agent (external_id, name, last_day) values ($1, $2, $3) on conflict (external_id, name) do update set last_day = excluded.last_day`, rated.Agent.ID, rated.Agent.Name, day)
	agent, _ := strconv.Atoi(strings.TrimPrefix(rated.Agent.ID, "a-"))
	for i := range 8 { // in one order, or transactions would deadlock
		unit, channel, of := []string{"day", "month"}[i/4], []string{"", rated.Channel}[i/2%2], []int{0, agent + 1}[i%2]
		run(`insert into tally (kind, unit, channel, agent, period_start, voided, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10)
	values ('smiley', $1, $2, $3, $4, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	on conflict (kind, unit, channel, agent, period_start) do update set v1 = tally.v1 + 1`, unit, channel, of, day)
	}
	return err
}

// through returns the URL of a database by way of a proxy that delays what is sent to the server.
func through(address string, delay time.Duration) (delayed string, end func()) {
	u, err := url.Parse(address)
	must(err)
	server := u.Host
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	must(err)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { forward(client, server, delay) })
		}
	})
	u.Host = listener.Addr().String()
	return u.String(), func() {
		must(listener.Close())
		running.Wait()
	}
}

// forward passes the bytes of a connection on until either side closes it.
func forward(client net.Conn, address string, delay time.Duration) {
	defer client.Close()
	server, err := new(net.Dialer).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return
	}
	type part struct {
		due   time.Time
		bytes []byte
	}
	parts := make(chan part, 1024)
	var all sync.WaitGroup
	all.Go(func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	})
	all.Go(func() {
		defer server.Close()
		for p := range parts {
			time.Sleep(time.Until(p.due))
			if _, err := server.Write(p.bytes); err != nil {
				_ = client.Close()
			}
		}
	})
	for {
		buffer := make([]byte, 32<<10)
		n, err := client.Read(buffer)
		if err != nil {
			break
		}
		parts <- part{time.Now().Add(delay), buffer[:n]}
	}
	close(parts)
	all.Wait()
}
