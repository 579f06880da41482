import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { LANES } from '../jobs/index.ts';
import type { QueueProducer } from '../platform/queue/index.ts';

export interface Metrics {
  observeRequest(route: string, method: string, status: number, seconds: number): void;
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
}

interface IssueAlertCount {
  readonly newsletter: string;
  readonly kind: string;
  readonly lateSeconds: number;
}

/** Labels are route patterns, lanes and states: never a URL, an address or a token. */
export function createMetrics(deps: {
  readonly queue: Pick<QueueProducer, 'depth' | 'droppedRings'>;
  /** What this process made of sign-ups since it started. */
  readonly readSignups: () => { readonly outcomes: Readonly<Record<string, number>>; readonly isBurst: boolean };
  /** What is the matter with issues at this moment; from the database. */
  readonly countAlerts: () => Promise<readonly IssueAlertCount[]>;
}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'courant_' });
  const requests = new Histogram({
    name: 'courant_http_request_seconds',
    help: 'Time to answer, by route pattern',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  const jobs = new Gauge({
    name: 'courant_queue_jobs',
    help: 'Jobs in a lane, by state',
    labelNames: ['lane', 'state'] as const,
    registers: [registry],
  });
  const dropped = new Gauge({
    name: 'courant_queue_dropped_rings',
    help: 'Rings given up since start because the queue was down; the sweep rings for them',
    registers: [registry],
  });
  const signups = new Gauge({
    name: 'courant_signup_attempts',
    help: 'Sign-ups since start, by what became of them',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  const burst = new Gauge({
    name: 'courant_signup_burst',
    help: '1 while there are far more sign-ups than usual',
    registers: [registry],
  });
  const showAlerts = createAlertGauges(registry);
  return {
    observeRequest: (route, method, status, seconds) => requests.observe({ route, method, status }, seconds),
    read: async () => {
      for (const lane of LANES) {
        const depth = await deps.queue.depth(lane);
        for (const [state, count] of Object.entries(depth ?? {})) {
          jobs.set({ lane, state }, count);
        }
      }
      dropped.set(deps.queue.droppedRings());
      const { outcomes, isBurst } = deps.readSignups();
      for (const [outcome, count] of Object.entries(outcomes)) {
        signups.set({ outcome }, count);
      }
      burst.set(isBurst ? 1 : 0);
      // While the database is away there is nothing to say about issues, and the rest is worth the more.
      showAlerts(await deps.countAlerts().catch(() => []));
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function createAlertGauges(registry: Registry): (alerts: readonly IssueAlertCount[]) => void {
  const alertGauge = new Gauge({
    name: 'courant_issue_alerts',
    help: 'Issues that are late, skipped, short or lack an article, and that nobody has dismissed',
    labelNames: ['newsletter', 'kind'] as const,
    registers: [registry],
  });
  const lateness = new Gauge({
    name: 'courant_issue_late_seconds',
    help: 'How long the most overdue issue of a newsletter is over its time, once that is half an hour',
    labelNames: ['newsletter'] as const,
    registers: [registry],
  });
  return (alerts) => {
    alertGauge.reset();
    lateness.reset();
    for (const { newsletter, kind } of alerts) {
      alertGauge.inc({ newsletter, kind });
    }
    const late = Map.groupBy(
      alerts.filter(({ kind }) => kind === 'late'),
      ({ newsletter }) => newsletter,
    );
    for (const [newsletter, itsAlerts] of late) {
      lateness.set({ newsletter }, Math.max(...itsAlerts.map(({ lateSeconds }) => lateSeconds)));
    }
  };
}
