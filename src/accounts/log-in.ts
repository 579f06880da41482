import { deriveToken, readToken } from '../shared/keyring.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import { recordAudit } from '../audit/index.ts';
import { adminLabel } from './account.ts';
import type { AccountsDeps, Admin } from './account.ts';
import { findAdminByKey } from './admins.repository.ts';
import { admitTry, limitKey, networkOf, settleTry } from './login-throttle.ts';
import type { LimitKey } from './login-throttle.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { beginSession } from './session.ts';

export interface LoginTry {
  readonly email: string;
  readonly password: string;
  readonly ip: string;
  /** The cookie of a browser that signed in before. */
  readonly deviceToken: string | undefined;
}

export type LoginOutcome =
  | {
      readonly kind: 'signed-in';
      readonly admin: Admin;
      readonly sessionSecret: string;
      readonly deviceToken: string;
    }
  | { readonly kind: 'failed' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number };

/** The same answer and the same work for a wrong password, an unknown address and an account that was never set up. */
export async function logIn(
  deps: AccountsDeps & { readonly hasher: PasswordHasher },
  input: LoginTry,
): Promise<LoginOutcome> {
  const account = parseEmailAddress(input.email)?.key ?? input.email.trim().toLowerCase();
  const found = await findAdminByKey(deps.db, account);
  const keys = limitKeys(deps, input, account, found);
  const admission = await admitTry(deps.db, keys, deps.clock.now());
  if (admission.kind === 'throttled') {
    return admission;
  }
  const isRight = await deps.hasher.verify(input.password, found?.passwordHash);
  if (found === undefined || !isRight) {
    return { kind: 'failed' };
  }
  const { passwordHash: _secret, ...admin } = found;
  const sessionSecret = await deps.db.transaction().execute(async (tx) => {
    await settleTry(tx, keys, deps.clock.now());
    await recordAudit(tx, {
      actor: { kind: 'admin', adminId: admin.id, label: adminLabel(admin.id) },
      action: 'admin.signed_in',
      subjectKind: 'admin',
      subjectId: admin.id,
    });
    return beginSession({ ...deps, db: tx }, admin.id);
  });
  return { kind: 'signed-in', admin, sessionSecret, deviceToken: deviceTokenOf(deps, admin) };
}

/** Not a credential: it only says that this browser once knew the password, and so has a throttle of its own. */
export function deviceTokenOf(deps: Pick<AccountsDeps, 'keyring'>, admin: Pick<Admin, 'id'>): string {
  return deriveToken(deps.keyring, 'login-device', admin.id);
}

function limitKeys(
  deps: Pick<AccountsDeps, 'keyring'>,
  input: LoginTry,
  account: string,
  found: Pick<Admin, 'id'> | undefined,
): readonly LimitKey[] {
  const knownDevice = input.deviceToken && readToken(deps.keyring, 'login-device', input.deviceToken);
  if (found !== undefined && knownDevice === found.id) {
    return [limitKey(deps.keyring, 'device', String(found.id))];
  }
  return [limitKey(deps.keyring, 'network', networkOf(input.ip)), limitKey(deps.keyring, 'account', account)];
}
