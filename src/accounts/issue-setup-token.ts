import { hashSecret } from '../shared/keyring.ts';
import { newSecret } from '../shared/random.ts';
import type { Actor } from '../shared/actor.ts';
import type { AdminId } from '../shared/ids.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import { recordAudit } from '../audit/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import { SETUP_LINK_HOURS } from './account.ts';
import type { AccountsDeps } from './account.ts';
import { ensureAdmin, hasAdmin } from './admins.repository.ts';
import { replaceSetupToken } from './setup-tokens.repository.ts';

type Deps = Pick<AccountsDeps, 'db' | 'clock' | 'random'>;

/**
 * A one-time token for `/admin/setup#TOKEN` that makes the first admin; undefined while there is one. Earlier links die.
 * Print it to the terminal only: never through the logger.
 */
export async function issueSetupToken(deps: Deps): Promise<string | undefined> {
  return deps.db.transaction().execute(async (tx) => ((await hasAdmin(tx)) ? undefined : makeToken(deps, tx, null)));
}

/**
 * A one-time token for one address: a new admin, or one who lost the password. What exists stays valid until the link is
 * used; then the old sessions end.
 */
export async function inviteAdmin(
  deps: Deps,
  input: { readonly address: ParsedAddress; readonly actor: Actor },
): Promise<{ readonly adminId: AdminId; readonly token: string }> {
  return deps.db.transaction().execute(async (tx) => {
    const adminId = await ensureAdmin(tx, input.address, deps.clock.now());
    const token = await makeToken(deps, tx, adminId);
    await recordAudit(tx, { actor: input.actor, action: 'admin.invited', subjectKind: 'admin', subjectId: adminId });
    return { adminId, token };
  });
}

async function makeToken(deps: Deps, tx: DbOrTx, adminId: AdminId | null): Promise<string> {
  const token = newSecret(deps.random);
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + SETUP_LINK_HOURS * 3_600_000);
  await replaceSetupToken(tx, { hash: hashSecret(token), adminId, now, expiresAt });
  return token;
}
