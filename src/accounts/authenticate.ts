import type { IncomingHttpHeaders } from 'node:http';
import { readCookie } from '../http/index.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import { hashSecret } from '../shared/keyring.ts';
import { adminLabel } from './account.ts';
import type { AccountsDeps } from './account.ts';
import { findLiveToken, touchToken } from './api-tokens.repository.ts';
import { accountCookies } from './cookies.ts';
import { resumeSession } from './session.ts';

type Deps = Pick<AccountsDeps, 'db' | 'clock' | 'config'>;

const TOUCH_EVERY_MS = 60_000;

/**
 * Who is asking: a bearer token wins over the session cookie. Undefined for nobody and for a session that has ended.
 * @throws AppError `token_invalid` for a bearer token that is unknown, expired or revoked.
 */
export async function authenticate(
  deps: Deps,
  request: { readonly headers: IncomingHttpHeaders },
): Promise<Actor | undefined> {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) {
    return authenticateToken(deps, /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
  }
  const secret = readCookie(cookie, accountCookies(deps.config.publicUrl).session.name);
  const adminId = secret === undefined ? undefined : await resumeSession(deps, secret);
  return adminId === undefined ? undefined : { kind: 'admin', adminId, label: adminLabel(adminId) };
}

async function authenticateToken(deps: Deps, secret: string): Promise<Actor> {
  const now = deps.clock.now();
  const token = await findLiveToken(deps.db, hashSecret(secret), now);
  if (token === undefined) {
    throw new AppError('unauthenticated', 'token_invalid', 'This API token is not known, has expired, or was revoked.');
  }
  if (token.lastUsedAt === null || now.getTime() - token.lastUsedAt.getTime() >= TOUCH_EVERY_MS) {
    await touchToken(deps.db, token.id, now);
  }
  return { kind: 'token', scopes: token.scopes, label: `token:${token.id}` };
}
