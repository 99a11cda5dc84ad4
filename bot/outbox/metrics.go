package outbox

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	delivery prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer, told troubles) (metrics, error) {
	m := metrics{
		delivery: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "smileybot_delivery_seconds",
			Help:    "Time from taking a feedback to its message standing in Slack.",
			Buckets: []float64{0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200},
		}),
	}
	for _, c := range []prometheus.Collector{m.delivery, told} {
		if err := registry.Register(c); err != nil {
			return m, fmt.Errorf("registering the deliverer's metrics: %w", err)
		}
	}
	return m, nil
}

// troubles tells what is wrong when the metrics are scraped.
type troubles func() []Trouble

func troubleGauge() *prometheus.Desc {
	return prometheus.NewDesc("smileybot_slack_trouble",
		"1 while Slack does not take what is to stand in a channel (empty: in any), with the reason and its cure.",
		[]string{"channel", "method", "reason", "cure"}, nil)
}

// Describe names the gauge.
func (troubles) Describe(to chan<- *prometheus.Desc) { to <- troubleGauge() }

// Collect tells each present trouble.
func (t troubles) Collect(to chan<- prometheus.Metric) {
	for _, one := range t() {
		to <- prometheus.MustNewConstMetric(troubleGauge(), prometheus.GaugeValue, 1,
			one.Channel, one.Method, label(one.Reason), one.Cure)
	}
}
