package bot

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"smileybot/bot/internal/address"
)

// Limits of both servers. A webhook is small and its sender near; a slower client is stuck or hostile.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 25 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 8 << 10
)

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
func listen(ctx context.Context, open net.Listener, at string, routes http.Handler, log *slog.Logger) (*server, error) {
	if open == nil {
		var err error
		if open, err = address.Listen(ctx, at); err != nil {
			return nil, err
		}
	}
	s := &server{listener: open, ended: make(chan error, 1), http: &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		// The routes answer OPTIONS *, too.
		DisableGeneralOptionsHandler: true,
		ConnState:                    newConnLimiter(maxConns).track,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	if f, public := routes.(*front); public {
		s.watchHeads(f)
	}
	return s, nil
}

// watchHeads lets a front see what the server hides of its requests.
func (s *server) watchHeads(f *front) {
	s.listener = headListener{Listener: s.listener, notHTTP: f.notHTTP}
	s.http.ConnContext = connContext
	limit := s.http.ConnState
	s.http.ConnState = func(conn net.Conn, state http.ConnState) {
		if watched, ok := conn.(*headConn); ok {
			watched.track(state)
		}
		limit(conn, state)
	}
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
