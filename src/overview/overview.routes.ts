import type { Config } from '../config/index.ts';
import { readWorkerHealth } from '../deliveries/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { readAlerts } from '../issue-alerts/index.ts';
import { hasSampleDocuments, signupClosedReason } from '../legal/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import { readSignupWarnings } from '../signup-guard/index.ts';
import { buildChecklist } from './checklist.ts';
import { isVerified, readFacts } from './overview.repository.ts';
import { buildWarnings } from './warnings.ts';

export interface OverviewDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly config: Pick<Config, 'publicUrl' | 'smtpUrl' | 'smtpIsLoopback' | 'postalAddress'>;
}

export function overviewRoutes(deps: OverviewDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/overview',
      access: 'system:read',
      summary: 'The numbers, what is left to do, and what needs attention',
      handle: ({ actor }) => describeOverview(deps, actor),
    }),
  ];
}

async function describeOverview(deps: OverviewDeps, actor: Actor | undefined): Promise<object> {
  const adminId = actor?.kind === 'admin' ? actor.adminId : undefined;
  const [facts, hasSampleTexts, workers, verified, signups, alerts] = await Promise.all([
    readFacts(deps.db, deps.clock.now()),
    hasSampleDocuments(deps),
    readWorkerHealth(deps.db),
    isVerified(deps.db, adminId),
    readSignupWarnings(deps.db, deps.clock.now()),
    readAlerts(deps.db, deps.clock.now()),
  ]);
  return {
    numbers: facts.numbers,
    checklist: buildChecklist({ facts, config: deps.config, isVerified: verified, hasSampleTexts }),
    warnings: buildWarnings({
      facts,
      liveWorkers: workers.live,
      relayError: workers.relayError,
      signups,
      alerts,
      closed: signupClosedReason(deps.config, hasSampleTexts),
    }),
    nextIssue: facts.nextIssue,
  };
}
