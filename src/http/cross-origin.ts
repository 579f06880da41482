import express from 'express';
import type { Request, RequestHandler, Response, Router } from 'express';
import { AppError } from '../shared/app-error.ts';
import type { ApiRoute } from './api-route.ts';

interface CrossOriginParts {
  readonly publicUrl: string;
  readonly apiRoutes: readonly ApiRoute[];
  /** Whether an admin named this site. Without it only our own pages may. */
  readonly allowsOrigin?: (origin: string) => Promise<boolean>;
}

/** How long a browser need not ask again before it posts. */
const PREFLIGHT_SECONDS = 7200;

/**
 * CORS (S3, A5) for the operations marked `crossOrigin` and no other: an allowed site is named in the answer, never `*`, and no
 * credentials are taken. Runs before the body is read, so that the page can read every refusal too. What says no Origin is no browser
 * on a foreign page, and passes.
 */
export function crossOrigin(parts: CrossOriginParts): Router {
  const router = express.Router();
  const routes = parts.apiRoutes.filter((route) => route.crossOrigin === true);
  for (const [path, ofPath] of Map.groupBy(routes, (route) => route.path)) {
    const methods = [...new Set(ofPath.map(({ method }) => method.toUpperCase()))];
    router.all(path, checkOrigin(parts, methods));
    router.options(path, (_req, res) => {
      res.status(204).end();
    });
  }
  return router;
}

function checkOrigin(parts: CrossOriginParts, methods: readonly string[]): RequestHandler {
  return async (req, res, next) => {
    res.vary('Origin');
    const origin = req.get('origin');
    if (origin === undefined || isOwnOrigin(origin, req, parts.publicUrl)) {
      next();
      return;
    }
    if (!((await parts.allowsOrigin?.(origin)) ?? false)) {
      throw new AppError(
        'forbidden',
        'origin_not_allowed',
        'Pages of this site may not use the sign-up form. An admin has to name the site first.',
      );
    }
    allow(res, origin, methods, req.method === 'OPTIONS');
    next();
  };
}

function allow(res: Response, origin: string, methods: readonly string[], isPreflight: boolean): void {
  res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'Retry-After' });
  if (isPreflight) {
    res.set({
      'Access-Control-Allow-Methods': methods.join(', '),
      'Access-Control-Allow-Headers': 'Content-Type',
      'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
    });
  }
}

/** Our own pages: at PUBLIC_URL, or at whatever address they were opened on this machine. */
export function isOwnOrigin(origin: string, req: Request, publicUrl: string): boolean {
  return origin === new URL(publicUrl).origin || origin === `${req.protocol}://${req.get('host') ?? ''}`;
}
