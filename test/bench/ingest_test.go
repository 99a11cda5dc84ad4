package bench

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkIngest takes signed ratings over HTTP; each is answered when it is on disk.
func BenchmarkIngest(b *testing.B) {
	for _, server := range []kind{ceiling, durable, naive} {
		for _, connections := range []int{1, 64, 256} {
			b.Run(fmt.Sprintf("%s/connections=%d", server.name, connections), func(b *testing.B) {
				l := newLoad(b, server.start(b).url, connections)
				l.during(b, 200*time.Millisecond)
				b.ResetTimer()
				met := l.times(b, b.N)
				b.ReportMetric(met.rate, "ratings/s")
				b.ReportMetric(float64(met.p50.Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(met.p99.Microseconds())/1000, "p99-ms")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
