import { z } from 'zod';
import { recordAudit } from '../audit/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { DEFAULT_LOCALE } from '../i18n/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Actor } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { describeAlert } from './alert.ts';
import { markDismissed } from './alerts.repository.ts';
import { readAlerts } from './read-alerts.ts';

interface AlertsRoutesDeps {
  readonly db: Db;
  readonly clock: Clock;
}

export function issueAlertsRoutes(deps: AlertsRoutesDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/alerts',
      access: 'newsletters:read',
      summary: 'Issues that are late, skipped, short, or lack an article',
      handle: async () => ({ alerts: await listAlerts(deps) }),
    }),
    apiRoute({
      method: 'post',
      path: '/alerts/:id/dismiss',
      access: 'newsletters:write',
      summary: 'Takes an alert off the home page; a second time changes nothing',
      params: z.strictObject({ id: z.coerce.number().int().positive() }),
      handle: async ({ params, actor }) => {
        await dismissAlert(deps, params.id, actor ?? SYSTEM_ACTOR);
        return { alerts: await listAlerts(deps) };
      },
    }),
  ];
}

async function listAlerts(deps: AlertsRoutesDeps): Promise<readonly object[]> {
  const alerts = await readAlerts(deps.db, deps.clock.now());
  return alerts.map((alert) => ({
    id: alert.id,
    kind: alert.kind,
    code: alert.code,
    newsletterId: alert.newsletterId,
    issueId: alert.issueId,
    periodAt: alert.periodAt,
    message: describeAlert(DEFAULT_LOCALE, alert),
  }));
}

/** @throws AppError `alert_not_found`. */
async function dismissAlert(deps: AlertsRoutesDeps, id: number, actor: Actor): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const outcome = await markDismissed(tx, id, deps.clock.now());
    if (outcome === undefined) {
      throw notFound('alert_not_found', 'There is no such alert.');
    }
    if (outcome.isNew) {
      const { newsletterId, kind } = outcome;
      const details = { newsletterId, kind };
      await recordAudit(tx, { actor, action: 'alert.dismissed', subjectKind: 'alert', subjectId: id, details });
    }
  });
}
