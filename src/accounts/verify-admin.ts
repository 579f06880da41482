import { readToken } from '../shared/keyring.ts';
import { recordAudit } from '../audit/index.ts';
import { adminLabel } from './account.ts';
import type { AccountsDeps } from './account.ts';
import { findVerification, markVerified } from './admins.repository.ts';

type Deps = Pick<AccountsDeps, 'db' | 'clock' | 'keyring'>;

export interface Verification {
  readonly address: string;
  readonly isVerified: boolean;
}

/** What a link from a verification mail is for; undefined when it is not genuine, too old, or the address has changed. */
export async function readVerification(deps: Deps, token: string): Promise<Verification | undefined> {
  const found = await find(deps, token);
  return found && { address: found.address, isVerified: found.verifiedAt !== null };
}

/** Twice is fine. Undefined as above. */
export async function verifyAdmin(deps: Deps, token: string): Promise<Verification | undefined> {
  const found = await find(deps, token);
  if (found === undefined) {
    return undefined;
  }
  await deps.db.transaction().execute(async (tx) => {
    if (await markVerified(tx, found.adminId, deps.clock.now())) {
      await recordAudit(tx, {
        actor: { kind: 'admin', adminId: found.adminId, label: adminLabel(found.adminId) },
        action: 'admin.address_verified',
        subjectKind: 'admin',
        subjectId: found.adminId,
      });
    }
  });
  return { address: found.address, isVerified: true };
}

async function find(deps: Deps, token: string): ReturnType<typeof findVerification> {
  const id = readToken(deps.keyring, 'verify-admin', token);
  return id === undefined ? undefined : findVerification(deps.db, id, deps.clock.now());
}
