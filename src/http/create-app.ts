import { randomUUID } from 'node:crypto';
import express from 'express';
import type { ErrorRequestHandler, Express, NextFunction, Request, RequestHandler, Response, Router } from 'express';
import type { Logger } from '../platform/logging/index.ts';
import { mayUse } from '../shared/actor.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError, inputError, notFound } from '../shared/app-error.ts';
import type { ApiRoute } from './api-route.ts';
import { assetRoutes, readAssetVersion } from './assets.ts';
import { chooseLocale, localeOf } from './choose-locale.ts';
import { readClientAddress } from './client-ip.ts';
import { crossOrigin } from './cross-origin.ts';
import { refuseCrossSite } from './cross-site.ts';
import { describeProblem } from './describe-problem.ts';
import { describeApi } from './openapi.ts';
import { statusOf, toAppError, toProblem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';
import { sendPage } from './views.ts';

export interface AppParts {
  readonly log: Logger;
  readonly publicUrl: string;
  /** The name at the head of every page; without it a neutral one. */
  readonly readPublication?: (locale: string) => Promise<string>;
  readonly trustProxy: boolean | number | string;
  /** Told of each request whose client somebody names whom `trustProxy` does not. */
  readonly onUntrustedForward?: () => void;
  /** Who is asking: from the bearer token or the session cookie. Throws for a token that is not valid. */
  readonly authenticate: (req: Request) => Promise<Actor | undefined>;
  readonly apiRoutes: readonly ApiRoute[];
  /** Whether a foreign site may use the operations marked `crossOrigin`. */
  readonly allowsOrigin?: (origin: string) => Promise<boolean>;
  /** Pages and everything else that is not /api/v1, in the order they are tried. */
  readonly routers: readonly Router[];
  readonly observe?: (route: string, method: string, status: number, seconds: number) => void;
}

/** The Express application; listens nowhere, so that tests can put it on any port. */
export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', parts.trustProxy);
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.locals['assetVersion'] = readAssetVersion();
  app.locals['readPublication'] = parts.readPublication;

  app.use(observeRequest(parts));
  app.use(securityHeaders({ https: parts.publicUrl.startsWith('https:') }));
  app.use(assetRoutes());
  app.use('/api/v1', apiRouter(parts));
  app.get('/api/openapi.json', (_req, res) => {
    res.json(describeApi(parts.apiRoutes, parts.publicUrl));
  });
  for (const router of parts.routers) {
    app.use(router);
  }
  app.use((_req, _res, next) => {
    next(notFound('not_found', 'There is nothing at this address.'));
  });
  app.use(answerError(parts.log));
  return app;
}

/** Logs the route pattern, never the URL: addresses and tokens live in URLs. */
function observeRequest(parts: AppParts): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    res.locals['requestId'] = requestId;
    res.set('X-Request-Id', requestId);
    res.locals['locale'] = chooseLocale(req);
    if (parts.onUntrustedForward !== undefined && readClientAddress(req).isUntrustedForward) {
      parts.onUntrustedForward();
    }
    res.on('finish', () => {
      const route = routePattern(req, res);
      const seconds = (performance.now() - startedAt) / 1000;
      parts.observe?.(route, req.method, res.statusCode, seconds);
      parts.log.debug(
        { requestId, route, method: req.method, status: res.statusCode, ms: Math.round(seconds * 1000) },
        'request',
      );
    });
    next();
  };
}

function routePattern(req: Request, res: Response): string {
  const operation: unknown = res.locals['operation'];
  if (typeof operation === 'string') {
    return operation;
  }
  const path = (req.route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? `${req.baseUrl}${path}` : 'unmatched';
}

function apiRouter(parts: AppParts): Router {
  const router = express.Router();
  router.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  router.use(crossOrigin(parts));
  router.use(express.json({ limit: '1mb', strict: true }));
  for (const route of parts.apiRoutes) {
    router[route.method](route.path, handleApi(route, parts));
  }
  router.use((_req, _res, next) => {
    next(notFound('not_found', 'There is no such operation. See /api/openapi.json.'));
  });
  return router;
}

function handleApi(route: ApiRoute, parts: AppParts): RequestHandler {
  return async (req, res) => {
    // Express forgets where a router is mounted before the handler of errors runs.
    res.locals['operation'] = `${req.baseUrl}${route.path}`;
    const actor = route.access === 'public' || route.access === 'session' ? undefined : await parts.authenticate(req);
    if (route.access !== 'public') {
      refuseCrossSite(req, parts.publicUrl);
    }
    if (route.access !== 'public' && route.access !== 'session') {
      if (actor === undefined) {
        throw new AppError(
          'unauthenticated',
          'not_signed_in',
          'Sign in, or send an API token as "Authorization: Bearer".',
        );
      }
      if (!mayUse(actor, route.access)) {
        throw new AppError('forbidden', 'scope_missing', `This token lacks the scope ${route.access}.`);
      }
    }
    if (route.body !== undefined && req.body === undefined) {
      throw inputError('malformed_body', 'Send a JSON body with Content-Type: application/json.', {
        details: { status: 400 },
      });
    }
    const result = await route.handle({
      params: route.params?.parse(req.params),
      query: route.query?.parse(req.query),
      body: route.body?.parse(req.body),
      actor,
      req,
      res,
    });
    if (!res.headersSent) {
      if (route.status === 204 || result === undefined) {
        res.status(204).end();
      } else {
        res.status(route.status).json(result);
      }
    }
  };
}

function answerError(log: Logger): ErrorRequestHandler {
  // Express tells error handlers apart by their four parameters.
  return async (thrown: unknown, req: Request, res: Response, next: NextFunction) => {
    const error = toAppError(thrown);
    if (error === undefined || error.kind === 'unavailable') {
      log[error === undefined ? 'error' : 'warn'](
        { requestId: String(res.locals['requestId']), route: routePattern(req, res), err: thrown, code: error?.code },
        'request failed',
      );
    }
    if (res.headersSent) {
      next(thrown);
      return;
    }
    const problem = toProblem(error);
    if (error?.retryAfterSeconds !== undefined) {
      res.set('Retry-After', String(error.retryAfterSeconds));
    }
    if (req.originalUrl.startsWith('/api/') || !req.accepts('html')) {
      res.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
      return;
    }
    await sendPage(
      res,
      'http/views/error',
      describeProblem(localeOf(res), problem),
      error === undefined ? 500 : statusOf(error),
    );
  };
}
