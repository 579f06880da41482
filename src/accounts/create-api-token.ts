import { mayUse } from '../shared/actor.ts';
import type { Actor, Scope } from '../shared/actor.ts';
import { AppError, inputError } from '../shared/app-error.ts';
import { hashSecret } from '../shared/keyring.ts';
import { newSecret } from '../shared/random.ts';
import { recordAudit } from '../audit/index.ts';
import type { AccountsDeps } from './account.ts';
import { insertApiToken, revokeToken } from './api-tokens.repository.ts';
import type { ApiToken } from './api-tokens.repository.ts';

/** Lets scanners for leaked secrets recognise ours. */
const TOKEN_PREFIX = 'cnt_';
const SHOWN_CHARACTERS = TOKEN_PREFIX.length + 6;
export const TOKEN_MAX_DAYS = 730;
export const TOKEN_DEFAULT_DAYS = 90;

/** A11. `secret` is in this answer only; what is stored is its hash. Nobody can give more than they have. */
export async function createApiToken(
  deps: Pick<AccountsDeps, 'db' | 'clock' | 'random'>,
  input: {
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly expiresInDays: number;
    readonly actor: Actor;
  },
): Promise<{ readonly token: ApiToken; readonly secret: string }> {
  const missing = input.scopes.find((scope) => !mayUse(input.actor, scope));
  if (missing !== undefined) {
    throw new AppError('forbidden', 'scope_missing', `Your token lacks ${missing}, so it cannot give it to another.`);
  }
  if (input.scopes.length === 0) {
    throw inputError('scopes_missing', 'Name at least one scope.');
  }
  const secret = `${TOKEN_PREFIX}${newSecret(deps.random)}`;
  const now = deps.clock.now();
  return deps.db.transaction().execute(async (tx) => {
    const token = await insertApiToken(tx, {
      name: input.name,
      prefix: secret.slice(0, SHOWN_CHARACTERS),
      hash: hashSecret(secret),
      scopes: [...new Set(input.scopes)],
      createdBy: input.actor.label,
      now,
      expiresAt: new Date(now.getTime() + input.expiresInDays * 86_400_000),
    });
    await recordAudit(tx, {
      actor: input.actor,
      action: 'token.created',
      subjectKind: 'token',
      subjectId: token.id,
      details: { name: token.name, scopes: token.scopes, expiresAt: token.expiresAt },
    });
    return { token, secret };
  });
}

/** Works from the next request on. Twice is fine. */
export async function revokeApiToken(
  deps: Pick<AccountsDeps, 'db' | 'clock'>,
  input: { readonly id: number; readonly actor: Actor },
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    if (await revokeToken(tx, input.id, deps.clock.now())) {
      await recordAudit(tx, {
        actor: input.actor,
        action: 'token.revoked',
        subjectKind: 'token',
        subjectId: input.id,
      });
    }
  });
}
