package command

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// chartless is for how long answers carry no charts after Slack has refused one. A
// workspace does not change its mind by the hour, and each refusal costs whoever
// asked the looks of an answer.
const chartless = 24 * time.Hour

// charts remembers whether Slack draws charts.
type charts struct {
	refusals prometheus.Counter

	mu    sync.Mutex
	until time.Time // when one is tried again
}

func newCharts() *charts {
	return &charts{refusals: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "smileybot_charts_refused_total",
		Help: "Answers with a chart that Slack refused. Each means a day of answers with a line of text in its place.",
	})}
}

// drawn reports whether an answer may have a chart.
func (c *charts) drawn(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !now.Before(c.until)
}

// refused notes that Slack refused an answer with a chart, and says so once.
func (c *charts) refused(ctx context.Context, now time.Time, log *slog.Logger) {
	c.refusals.Inc()
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.until) {
		return // of two that were on their way
	}
	c.until = now.Add(chartless)
	log.WarnContext(ctx, "slack rejected a chart; answers have none for a day", "until", c.until)
}
