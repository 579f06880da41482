import type { AdminId } from '../shared/ids.ts';
import { hashSecret } from '../shared/keyring.ts';
import { newSecret } from '../shared/random.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import { SESSION_HOURS, SESSION_IDLE_MINUTES } from './account.ts';
import type { AccountsDeps } from './account.ts';
import { deleteEndedSessions, findSession, insertSession, touchSession } from './sessions.repository.ts';

/** `last_seen_at` is written at most this often, so that a page that polls does not write each second. */
const TOUCH_EVERY_MS = 60_000;

type Deps = Pick<AccountsDeps, 'clock' | 'random'> & { readonly db: DbOrTx };

/** A new id at each sign-in (A3). Returns the secret for the cookie; only its hash is kept. */
export async function beginSession(deps: Deps, adminId: AdminId): Promise<string> {
  const secret = newSecret(deps.random);
  const now = deps.clock.now();
  await deleteEndedSessions(deps.db, now, idleSince(now));
  await insertSession(deps.db, {
    hash: hashSecret(secret),
    adminId,
    now,
    expiresAt: new Date(now.getTime() + SESSION_HOURS * 3_600_000),
  });
  return secret;
}

/** Whose session this is, while it lives; looking at it keeps it alive. */
export async function resumeSession(deps: Omit<Deps, 'random'>, secret: string): Promise<AdminId | undefined> {
  const now = deps.clock.now();
  const hash = hashSecret(secret);
  const session = await findSession(deps.db, hash, now, idleSince(now));
  if (session !== undefined && now.getTime() - session.lastSeenAt.getTime() >= TOUCH_EVERY_MS) {
    await touchSession(deps.db, hash, now);
  }
  return session?.adminId;
}

function idleSince(now: Date): Date {
  return new Date(now.getTime() - SESSION_IDLE_MINUTES * 60_000);
}
