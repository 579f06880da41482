import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express, Request, Router } from 'express';
import { acceptancesRoutes, acceptPages } from './acceptances/index.ts';
import { accountRoutes, authenticate, verificationRoutes } from './accounts/index.ts';
import { archivePages, sitemapPages } from './archive/index.ts';
import { auditRoutes } from './audit/index.ts';
import { bounceLimitsRoutes } from './bounce-limits/index.ts';
import { campaignsRoutes } from './campaigns/index.ts';
import type { Deps } from './compose.ts';
import { addExampleFeed, contentRoutes, removeExampleFeeds } from './content/index.ts';
import { digestsRoutes } from './digests/index.ts';
import { embedPages, formCodeRoutes, signupFormRoutes, signupOriginsRoutes } from './embed/index.ts';
import { adminApp, createApp } from './http/index.ts';
import type { ApiRoute } from './http/index.ts';
import { sendingRoutes } from './holds/index.ts';
import { inboxPages, startInboxListener } from './inbox/index.ts';
import { countAlerts, issueAlertsRoutes } from './issue-alerts/index.ts';
import { legalPages, legalRoutes, seedLegalDocuments } from './legal/index.ts';
import { limitsRoutes } from './limits/index.ts';
import { newsletterPages } from './newsletter-page/index.ts';
import { newslettersRoutes, seedFirstNewsletter } from './newsletters/index.ts';
import { createMetrics, opsRoutes } from './ops/index.ts';
import { overviewRoutes } from './overview/index.ts';
import { evidencePages, rightsRoutes } from './rights/index.ts';
import { addressPages, linkPages, myPages, preferencePages } from './preferences/index.ts';
import type { Actor } from './shared/actor.ts';
import { settingError } from './shared/app-error.ts';
import { signupChallengeRoutes, watchProxy } from './signup-guard/index.ts';
import { subscribersRoutes } from './subscribers/index.ts';
import { suppressionsRoutes } from './suppressions/index.ts';
import {
  checkMailPages,
  confirmPages,
  leavePages,
  publicationName,
  refusePages,
  renewLinkPages,
  signupPages,
  subscriptionsRoutes,
} from './subscriptions/index.ts';

/** What an empty database needs before anybody can look at it. Safe from several processes at once. */
export async function seed(deps: Deps): Promise<void> {
  await seedLegalDocuments(deps.db, deps.clock);
  const newsletter = await seedFirstNewsletter(deps);
  if (deps.config.smtpUrl !== undefined) {
    await removeExampleFeeds(deps);
  } else if (newsletter !== undefined) {
    await addExampleFeed(deps, newsletter.id);
  }
}

/** The whole web application, listening nowhere. */
export function buildApp(deps: Deps, inboxRouters: readonly Router[] = []): Express {
  const { config, log, queue } = deps;
  const metrics = createMetrics({
    queue,
    readSignups: deps.signupGuard.readStanding,
    countAlerts: () => countAlerts(deps.db, deps.clock.now()),
  });
  const authenticateRequest = (req: Request): Promise<Actor | undefined> => authenticate(deps, req);
  return createApp({
    log,
    publicUrl: config.publicUrl,
    readPublication: (locale) => publicationName(deps, locale),
    trustProxy: config.trustProxy,
    onUntrustedForward: watchProxy(deps),
    authenticate: authenticateRequest,
    apiRoutes: apiRoutes(deps),
    allowsOrigin: deps.signupOrigins.allows,
    routers: [
      opsRoutes(deps, metrics, 'web'),
      signupPages(deps),
      checkMailPages(deps),
      confirmPages(deps),
      renewLinkPages(deps),
      refusePages(deps),
      leavePages(deps),
      preferencePages(deps),
      linkPages(deps),
      myPages(deps),
      addressPages(deps),
      archivePages({ db: deps.db, publicUrl: config.publicUrl }),
      sitemapPages({ db: deps.db, publicUrl: config.publicUrl }),
      legalPages(deps),
      acceptPages(deps),
      newsletterPages(deps),
      embedPages(),
      ...inboxRouters,
      verificationRoutes(deps),
      evidencePages({ ...deps, authenticate: authenticateRequest }),
      adminApp({ authenticate: authenticateRequest }),
    ],
    observe: metrics.observeRequest,
  });
}

function apiRoutes(deps: Deps): readonly ApiRoute[] {
  return [
    ...subscriptionsRoutes(deps),
    ...signupFormRoutes(deps),
    ...signupChallengeRoutes(deps),
    ...formCodeRoutes(deps),
    ...signupOriginsRoutes(deps),
    ...accountRoutes(deps),
    ...overviewRoutes(deps),
    ...newslettersRoutes(deps),
    ...contentRoutes(deps),
    ...digestsRoutes(deps),
    ...issueAlertsRoutes(deps),
    ...campaignsRoutes(deps),
    ...limitsRoutes(deps),
    ...subscribersRoutes(deps),
    ...rightsRoutes(deps),
    ...suppressionsRoutes(deps),
    ...legalRoutes(deps),
    ...acceptancesRoutes(deps),
    ...auditRoutes(deps),
    ...bounceLimitsRoutes(deps),
    ...sendingRoutes(deps),
  ];
}

export interface StartedWeb {
  readonly port: number;
  /** Takes no new connection, answers what is under way, then closes. */
  stop(withinMs: number): Promise<void>;
}

/** @throws AppError `setting_invalid` when the port is taken. */
export async function startWeb(deps: Deps): Promise<StartedWeb> {
  await seed(deps);
  // The local inbox exists only while no relay is set, which the settings allow only on this machine.
  const inbox = deps.config.smtpUrl === undefined ? await openInbox(deps) : undefined;
  const app = buildApp(deps, inbox === undefined ? [] : [inbox.router]);
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 15_000 }, app);
  await listen(server, deps);
  return {
    port: (server.address() as AddressInfo).port,
    stop: async (withinMs) => {
      const cut = setTimeout(() => server.closeAllConnections(), withinMs * 0.6);
      inbox?.closePages();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearTimeout(cut);
      await inbox?.closeListener();
    },
  };
}

async function openInbox(
  deps: Deps,
): Promise<{ router: Router; closePages: () => void; closeListener: () => Promise<void> }> {
  const listener = await startInboxListener(deps);
  const pages = inboxPages(deps);
  return { router: pages.router, closePages: pages.close, closeListener: listener.close };
}

async function listen(server: Server, deps: Deps): Promise<void> {
  const { port, host } = deps.config;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        isTaken
          ? settingError('PORT', `${port} on ${host} is taken by another program; set PORT to a free one`)
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}
