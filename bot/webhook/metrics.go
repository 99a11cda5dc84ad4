package webhook

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what arrives. Every label has few values: none is taken from a
// webhook before it was checked.
type metrics struct {
	feedback *prometheus.CounterVec
	rejected *prometheus.CounterVec
	suspect  *prometheus.CounterVec
	seconds  prometheus.Histogram
}

// newMetrics registers the metrics of the door.
func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		feedback: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_feedback_total",
			Help: "Ratings that webhooks brought, by what they changed. Duplicates have no kind and channel.",
		}, []string{"sender", "kind", "channel", "result"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_webhook_rejected_total",
			Help: "Webhooks that were not taken, by the reason.",
		}, []string{"sender", "reason"}),
		suspect: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_suspect_clicks_total",
			Help: "Feedback that was marked suspect: a mail scanner probably clicked.",
		}, []string{"sender"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "smileybot_webhook_seconds",
			Help:    "Time from a webhook's headers to its answer, the disk included.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
	}
	for _, c := range []prometheus.Collector{m.feedback, m.rejected, m.suspect, m.seconds} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics of the webhooks: %w", err)
		}
	}
	return m, nil
}
