package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"smileybot/bot/slackapi"
	"smileybot/bot/webhook"
)

// Limits of both servers. A webhook is small and its sender near; a slower client is stuck or hostile.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 25 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
)

// publicRoutes are the routes that the outside may reach. The endpoint is nil when Slack's requests come
// over Socket Mode only.
func publicRoutes(intake *webhook.Intake, slack *slackapi.Endpoint) http.Handler {
	mux := http.NewServeMux()
	for _, route := range intake.Routes() {
		mux.Handle(route.Pattern, route.Handler)
	}
	if slack != nil {
		mux.Handle("POST /slack/commands", slack.Commands())
		mux.Handle("POST /slack/interactions", slack.Interactions())
		mux.Handle("POST /slack/events", slack.Events())
	}
	return mux
}

// adminRoutes are the routes for the operator's machines.
func adminRoutes(h *health, registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// A server is one listening address.
type server struct {
	listener net.Listener
	http     *http.Server
	ended    chan error // receives the result of serving
}

// listen opens an address, unless an open listener is given.
func listen(ctx context.Context, open net.Listener, address string, routes http.Handler, log *slog.Logger) (*server, error) {
	if open == nil {
		var err error
		if open, err = new(net.ListenConfig).Listen(ctx, "tcp", address); err != nil {
			return nil, fmt.Errorf("cannot listen: %w", err)
		}
	}
	return &server{listener: open, ended: make(chan error, 1), http: &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ConnState:         newConnLimiter(maxConns).track,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}, nil
}

func (s *server) serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// start begins to answer.
func (s *server) start() {
	go func() { s.ended <- s.serve() }()
}

// wait returns the error of serving when that ends.
func (s *server) wait() error { return <-s.ended }

// stop lets open requests end, and cuts those that take longer than grace.
func (s *server) stop(ctx context.Context, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return s.http.Close()
	}
	return nil
}

// close cuts open requests. After a stop it does nothing.
func (s *server) close() error { return errors.Join(s.http.Close(), s.closeListener()) }

func (s *server) closeListener() error {
	if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
