package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/google/uuid"
	_ "github.com/mattn/go-sqlite3" // the driver
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// A webhook is what the servers to compare with decode.
type webhook struct {
	ID       string `json:"id"`
	Channel  string `json:"channel"`
	Smiley   string `json:"smiley"`
	Comment  string `json:"comment"`
	Customer struct {
		ID, Name string
	} `json:"customer"`
	Agent struct {
		ID, Name string
	} `json:"agent"`
	Ticket struct {
		ID, Subject string
	} `json:"ticket"`
}

// play serves as one of the servers to compare with, until the process is killed.
func play(name string) error {
	proof, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	keep := func(context.Context, string, webhook) error { return nil }
	if name == "naive" {
		if keep, err = naively(os.Getenv("DATABASE")); err != nil {
			return err
		}
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
	var said webhook
	if json.Unmarshal(body, &said) != nil || said.ID == "" || said.Channel == "" {
		return http.StatusUnprocessableEntity, ""
	}
	made, err := uuid.NewV7()
	if err != nil {
		return http.StatusInternalServerError, ""
	}
	if keep(r.Context(), made.String(), said) != nil {
		return http.StatusServiceUnavailable, ""
	}
	return http.StatusAccepted, made.String()
}

// naively keeps a rating, what is to be posted and a tally in a transaction of their own,
// over one connection.
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
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, id string, said webhook) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		now := time.Now().UnixMilli()
		_, err1 := tx.ExecContext(ctx, `insert into rating values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			said.ID, said.Channel, said.Smiley, said.Comment, said.Customer.ID, said.Customer.Name, said.Agent.ID, said.Ticket.ID, said.Ticket.Subject, now)
		_, err2 := tx.ExecContext(ctx, `insert into outbox values ($1, $2)`, id, now)
		_, err3 := tx.ExecContext(ctx, `insert into tally values ($1, $2, $3, 1) on conflict do update set n = n + 1`, now/86_400_000, said.Channel, said.Smiley)
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
		return tx.Commit()
	}, nil
}
