import type { Request, Response } from 'express';
import { z } from 'zod';
import { AppError } from '../shared/app-error.ts';
import { hashSecret } from '../shared/keyring.ts';
import { apiRoute, readCookie } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { isTimeZone } from '../newsletters/index.ts';
import type { AccountsDeps, Admin } from './account.ts';
import { findAdmin, hasAdmin } from './admins.repository.ts';
import { accountCookies } from './cookies.ts';
import type { CookieKind } from './cookies.ts';
import { deviceTokenOf, logIn } from './log-in.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { requestVerification } from './request-verification.ts';
import { deleteSession } from './sessions.repository.ts';
import { beginSession, resumeSession } from './session.ts';
import { checkSetupToken, setupLinkInvalid, setUpAdmin } from './set-up-admin.ts';

type Deps = AccountsDeps & { readonly hasher: PasswordHasher };

const email = z.string().max(320);
/** Longer than any password we take, so that the answer about length is ours; short enough to hash at once. */
const password = z.string().max(1024);
const token = z.string().max(128);

/** Sign-in, sign-out and set-up: the only routes that read or set the session cookie themselves. */
export function sessionRoutes(deps: Deps): readonly ApiRoute[] {
  const cookies = accountCookies(deps.config.publicUrl);
  return [...signInRoutes(deps, cookies.session, cookies.device), ...setUpRoutes(deps)];
}

function signInRoutes(deps: Deps, session: CookieKind, device: CookieKind): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/session',
      access: 'session',
      summary: 'Who is signed in, and whether the set-up is still to do',
      handle: async ({ req }) => presentSession(deps, await currentAdmin(deps, req)),
    }),
    apiRoute({
      method: 'post',
      path: '/session',
      access: 'session',
      summary: 'Sign in',
      body: z.strictObject({ email, password }),
      handle: async ({ body, req, res }) => {
        const deviceToken = readCookie(req.headers.cookie, device.name);
        const outcome = await logIn(deps, { ...body, ip: req.ip ?? '', deviceToken });
        if (outcome.kind === 'failed') {
          throw new AppError('unauthenticated', 'login_failed', 'Address or password is not right.');
        }
        if (outcome.kind === 'throttled') {
          throw new AppError('rate_limited', 'too_many_attempts', 'Too many tries that failed. Wait a little.', {
            retryAfterSeconds: outcome.retryAfterSeconds,
          });
        }
        await endSession(deps, req);
        setCookies(deps, res, outcome.sessionSecret, outcome.deviceToken);
        return presentSession(deps, outcome.admin);
      },
    }),
    apiRoute({
      method: 'delete',
      path: '/session',
      access: 'session',
      summary: 'Sign out',
      status: 204,
      handle: async ({ req, res }) => {
        await endSession(deps, req);
        const { maxAge: _lasting, ...options } = session.options;
        res.clearCookie(session.name, options);
      },
    }),
    apiRoute({
      method: 'post',
      path: '/session/verification',
      access: 'session',
      summary: 'Mail the signed-in admin the link that proves the address again',
      status: 204,
      handle: async ({ req }) => {
        const admin = await currentAdmin(deps, req);
        if (admin === undefined) {
          throw new AppError('unauthenticated', 'not_signed_in', 'Sign in first.');
        }
        await requestVerification(deps, admin);
      },
    }),
  ];
}

function setUpRoutes(deps: Deps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'post',
      path: '/setup/check',
      access: 'session',
      summary: 'What a set-up link is for',
      body: z.strictObject({ token }),
      handle: async ({ body }) => {
        const found = await checkSetupToken(deps, body.token);
        if (found === undefined) {
          throw setupLinkInvalid();
        }
        return found;
      },
    }),
    apiRoute({
      method: 'post',
      path: '/setup',
      access: 'session',
      summary: 'Choose a password with a set-up link; signs in',
      body: z.strictObject({
        token,
        email,
        password,
        name: z
          .string()
          .trim()
          .max(120)
          .regex(/^[^\p{Cc}]*$/u, 'Use one line.')
          .optional()
          .transform((name) => name || undefined),
        timeZone: z
          .string()
          .max(60)
          .refine(isTimeZone, {
            message: 'Use a time zone such as Europe/Berlin.',
            params: { code: 'time_zone_invalid' },
          }),
      }),
      handle: async ({ body, req, res }) => {
        const admin = await setUpAdmin(deps, body);
        await endSession(deps, req);
        setCookies(deps, res, await beginSession(deps, admin.id), deviceTokenOf(deps, admin));
        return presentSession(deps, admin);
      },
    }),
  ];
}

async function currentAdmin(deps: Deps, req: Request): Promise<Admin | undefined> {
  const secret = sessionSecret(deps, req);
  const id = secret === undefined ? undefined : await resumeSession(deps, secret);
  return id === undefined ? undefined : findAdmin(deps.db, id);
}

function sessionSecret(deps: Deps, req: Request): string | undefined {
  return readCookie(req.headers.cookie, accountCookies(deps.config.publicUrl).session.name);
}

async function endSession(deps: Deps, req: Request): Promise<void> {
  const secret = sessionSecret(deps, req);
  if (secret !== undefined) {
    await deleteSession(deps.db, hashSecret(secret));
  }
}

function setCookies(deps: Deps, res: Response, sessionSecret: string, deviceToken: string): void {
  const { session, device } = accountCookies(deps.config.publicUrl);
  res.cookie(session.name, sessionSecret, session.options);
  res.cookie(device.name, deviceToken, device.options);
}

async function presentSession(deps: Deps, admin: Admin | undefined): Promise<object> {
  return {
    admin:
      admin === undefined
        ? null
        : {
            id: admin.id,
            address: admin.address,
            name: admin.name,
            timeZone: admin.timeZone,
            verified: admin.verifiedAt !== null,
          },
    needsSetup: admin === undefined && !(await hasAdmin(deps.db)),
    insecureTransport: !deps.config.publicUrl.startsWith('https:'),
    inboxUrl: deps.config.smtpUrl === undefined ? '/inbox' : null,
  };
}
