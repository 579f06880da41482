import express from 'express';
import type { Router } from 'express';
import { readReadiness } from './health.ts';
import type { Readiness } from './health.ts';
import type { Metrics } from './metrics.ts';

type HealthDeps = Parameters<typeof readReadiness>[0];

/** `/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`: Prometheus. */
export function opsRoutes(deps: HealthDeps, metrics: Metrics, role: 'web' | 'worker'): Router {
  const router = express.Router();
  router.get('/healthz', (_req, res) => {
    res.json({ status: 'alive' });
  });
  router.get('/readyz', async (_req, res) => {
    const readiness: Readiness = await readReadiness(deps, role);
    res.status(readiness.isReady ? 200 : 503).json({ status: readiness.status, checks: readiness.checks });
  });
  router.get('/metrics', async (_req, res) => {
    const { contentType, text } = await metrics.read();
    res.type(contentType).send(text);
  });
  return router;
}
