import { Counter, Histogram, Registry } from 'prom-client'

export type RequestMetrics = {
  observe(request: { method: string; route: string; status: number; seconds: number }): void
  text(): Promise<string>
  contentType: string
}

/** Counts and times the requests of one server. The route is its pattern, so that ids do not become labels. */
export function requestMetrics(): RequestMetrics {
  const registry = new Registry()
  const labelNames = ['method', 'route', 'status'] as const
  const count = new Counter({
    name: 'tenon_http_requests_total',
    help: 'Requests answered',
    labelNames,
    registers: [registry],
  })
  const duration = new Histogram({
    name: 'tenon_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames,
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observe({ method, route, status, seconds }) {
      const labels = { method, route, status: String(status) }
      count.inc(labels)
      duration.observe(labels, seconds)
    },
  }
}
