package server

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metricsHandler gives the figures of this process and its streams. recado_feed_gaps_total must be 0.
func (s *Server) metricsHandler() http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge := func(name, help string, f func() float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "recado", Name: name, Help: help}, f))
	}
	counter := func(name, help string, f func() float64) {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "recado", Name: name, Help: help}, f))
	}
	gauge("streams", "Feeds open on this node.", func() float64 { return float64(s.hub.Stats.Streams.Load()) })
	counter("stream_writes_total", "Batches written to streams.", func() float64 { return float64(s.hub.Stats.Written.Load()) })
	counter("slow_readers_total", "Streams cut off because nothing was taken for ten seconds.", func() float64 { return float64(s.hub.Stats.Slow.Load()) })
	counter("feed_resets_total", "Streams told to start over.", func() float64 { return float64(s.feed.Resets.Load()) })
	counter("feed_gaps_total", "Gaps met while reading feeds; must be 0.", func() float64 { return float64(s.feed.Gaps.Load()) })
	gauge("delivery_overdue_seconds", "For how long the longest overdue delivery has been due.", func() float64 { return float64(s.worker.Stats.Overdue.Load()) / 1000 })
	counter("mails_accepted_total", "Mails a mail server took.", func() float64 { return float64(s.worker.Stats.Accepted.Load()) })
	counter("mails_refused_total", "Mails a mail server refused for good.", func() float64 { return float64(s.worker.Stats.Refused.Load()) })
	counter("mails_later_total", "Attempts that are followed by another.", func() float64 { return float64(s.worker.Stats.Later.Load()) })
	counter("mails_unknown_total", "Attempts whose answer was lost; they may have left twice, with the same Message-ID.", func() float64 { return float64(s.worker.Stats.Unknown.Load()) })
	counter("mails_received_total", "Mails that came in.", func() float64 { return float64(s.arrivals.Stats.Received.Load()) })
	counter("mails_placed_total", "Mails that became messages, or whose reports were written down.", func() float64 { return float64(s.arrivals.Stats.Placed.Load()) })
	counter("mails_held_total", "Mails held for an agent.", func() float64 { return float64(s.arrivals.Stats.Held.Load()) })
	counter("mails_discarded_total", "Mails of no use: duplicates, own ones that came back, and what agents discarded.", func() float64 { return float64(s.arrivals.Stats.Discarded.Load()) })
	counter("mails_retried_total", "Attempts to place a mail that are followed by another.", func() float64 { return float64(s.arrivals.Stats.Retried.Load()) })
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}
