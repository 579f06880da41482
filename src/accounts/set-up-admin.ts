import { hashSecret } from '../shared/keyring.ts';
import type { AppError } from '../shared/app-error.ts';
import { inputError, notFound } from '../shared/app-error.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import { recordAudit } from '../audit/index.ts';
import { setDefaultZone } from '../newsletters/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import { adminLabel } from './account.ts';
import type { AccountsDeps, Admin } from './account.ts';
import { completeAdmin, ensureAdmin, findAdminByKey, hasAdmin, lockSetUp } from './admins.repository.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { judgePassword } from './password.ts';
import { compileVerificationMail, queueVerification } from './request-verification.ts';
import { deleteSessionsOf } from './sessions.repository.ts';
import { deleteSetupTokens, findSetupToken } from './setup-tokens.repository.ts';
import type { SetupToken } from './setup-tokens.repository.ts';

export interface SetUpInput {
  readonly token: string;
  readonly email: string;
  readonly password: string;
  readonly name: string | undefined;
  readonly timeZone: string;
}

/** What a set-up link is for, so that the page can say it. Undefined: used, replaced or too old. */
export async function checkSetupToken(
  deps: Pick<AccountsDeps, 'db' | 'clock'>,
  token: string,
): Promise<{ readonly kind: 'first-admin' } | { readonly kind: 'invited'; readonly address: string } | undefined> {
  const found = await findUsableToken(deps.db, token, deps.clock.now());
  if (found === undefined) {
    return undefined;
  }
  return found.address === null ? { kind: 'first-admin' } : { kind: 'invited', address: found.address };
}

/**
 * Makes the account and kills the link. The zone becomes that of the newsletters nobody has set one for. Sessions of an
 * account that had a password before end (S4). The address is not verified by this: a mail is queued for that.
 * @throws AppError `setup_link_invalid`, or `invalid_input` with the field that is not acceptable.
 */
export async function setUpAdmin(
  deps: AccountsDeps & { readonly hasher: PasswordHasher },
  input: SetUpInput,
): Promise<Admin> {
  // Checked before the costly hash, and again under the lock.
  const standing = await requireToken(deps.db, input.token, deps.clock.now());
  const address = chooseAddress(input.email, standing);
  const verdict = judgePassword(input.password, address.address);
  if (!verdict.ok) {
    throw fieldError('password', verdict.code, verdict.message);
  }
  const passwordHash = await deps.hasher.hash(input.password);
  const verificationMail = await compileVerificationMail(deps);
  const admin = await deps.db.transaction().execute(async (tx) => {
    const now = deps.clock.now();
    await lockSetUp(tx);
    const token = await requireToken(tx, input.token, now);
    const earlier = await findAdminByKey(tx, address.key);
    const id = await ensureAdmin(tx, address, now);
    await deleteSetupTokens(tx, token.adminId);
    await deleteSessionsOf(tx, id);
    const completed = await completeAdmin(tx, id, { passwordHash, name: input.name, timeZone: input.timeZone });
    await setDefaultZone({ db: tx, clock: deps.clock }, input.timeZone);
    await recordAudit(tx, {
      actor: { kind: 'admin', adminId: id, label: adminLabel(id) },
      action: earlier?.passwordHash === undefined ? 'admin.set_up' : 'admin.password_replaced',
      subjectKind: 'admin',
      subjectId: id,
    });
    if (completed.verifiedAt === null) {
      await queueVerification({ ...deps, db: tx }, completed, verificationMail);
    }
    return completed;
  });
  deps.doorbell.ring('send-transactional', {});
  return admin;
}

async function requireToken(db: DbOrTx, token: string, now: Date): Promise<SetupToken> {
  const found = await findUsableToken(db, token, now);
  if (found === undefined) {
    throw setupLinkInvalid();
  }
  return found;
}

async function findUsableToken(db: DbOrTx, token: string, now: Date): Promise<SetupToken | undefined> {
  const found = await findSetupToken(db, hashSecret(token), now);
  const isSpent = found?.adminId === null && (await hasAdmin(db));
  return isSpent ? undefined : found;
}

export function setupLinkInvalid(): AppError {
  return notFound(
    'setup_link_invalid',
    'This link was used, replaced by a newer one, or is older than a day. Start Courant again, or run: npm run -s courant -- admin create --email YOU',
  );
}

function chooseAddress(email: string, token: SetupToken): ParsedAddress {
  const parsed = parseEmailAddress(email);
  if (parsed === undefined) {
    throw fieldError('email', 'address_invalid', 'This does not look like a mail address.');
  }
  if (token.address !== null && parseEmailAddress(token.address)?.key !== parsed.key) {
    throw fieldError('email', 'address_differs', `This link is for ${token.address}.`);
  }
  return parsed;
}

function fieldError(field: string, code: string, message: string): AppError {
  return inputError('invalid_input', message, { fields: [{ field, code, message }] });
}
