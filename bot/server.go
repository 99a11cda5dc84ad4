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

	"smileybot/bot/webhook"
)

// Limits of both servers. A webhook is small and its sender near; whoever is
// slower than this is stuck or hostile.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 25 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
)

// publicRoutes are what the outside may reach. Slack is nil when its requests
// come over Socket Mode alone.
func publicRoutes(door *webhook.Intake, slack *slackDoor) http.Handler {
	mux := http.NewServeMux()
	for _, route := range door.Routes() {
		mux.Handle(route.Pattern, route.Handler)
	}
	if slack == nil {
		return mux
	}
	mux.Handle("POST /slack/commands", slack.verified(slack.commands))
	mux.Handle("POST /slack/interactions", slack.verified(slack.interactions))
	mux.Handle("POST /slack/events", slack.verified(slack.events))
	return mux
}

// adminRoutes are for the operator's machines.
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
}

// listen opens an address, unless it is given open.
func listen(ctx context.Context, open net.Listener, address string, routes http.Handler, log *slog.Logger) (*server, error) {
	if open == nil {
		var err error
		if open, err = new(net.ListenConfig).Listen(ctx, "tcp", address); err != nil {
			return nil, fmt.Errorf("cannot listen: %w", err)
		}
	}
	return &server{listener: open, http: &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ConnState:         newCrowd(maxConnections).changed,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}, nil
}

func (s *server) serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// stop lets open requests end, and cuts them when they take too long.
func (s *server) stop(ctx context.Context, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return s.http.Close()
	}
	return nil
}

func (s *server) close() error {
	if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
