import type { ConsentTexts } from '../consent/index.ts';
import { hashText, saltValue } from '../consent/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { SignupRequestId } from '../shared/ids.ts';
import { hashAddressUnderAll } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import { addressUses, trickleUse } from '../signup-guard/index.ts';
import type { LimitUse, SignupAttempt, SignupGuard } from '../signup-guard/index.ts';
import type { SignupForm } from './signup-form.ts';
import type { ValidSignup } from './signup-input.ts';
import type { SignupRows, SignupWriter } from './signup-writer.repository.ts';

/** Days a confirmation link works. */
const REQUEST_DAYS = 7;

export interface SignupDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
  readonly consentTexts: ConsentTexts;
  readonly signupWriter: SignupWriter;
  readonly signupGuard: SignupGuard;
}

export interface SignupContext {
  readonly form: SignupForm;
  /** False when a caller of the API says what it showed; then no wording is recorded as ours. */
  readonly isOwnForm: boolean;
  readonly formId: string | null;
  readonly method: 'unticked-box' | 'button' | 'api';
  readonly ip: string | null;
  readonly agent: string | null;
  /** Without query: that is where personal data and tokens are. */
  readonly pageUrl: string | null;
  readonly attempt: SignupAttempt;
}

export type SignupOutcome =
  | { readonly kind: 'recorded'; readonly id: SignupRequestId }
  /** Too many from there or altogether. Says nothing about the address. */
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number }
  /** Never for a form. */
  | { readonly kind: 'proof-required' };

/**
 * Records what was declared and rings. The same statement with the same writes whatever the state of the address, so that neither
 * the answer nor its time tells who is subscribed (S23). What is mailed is decided later by the transactional lane, and not
 * before the limits say so.
 */
export async function requestSignup(
  deps: SignupDeps,
  signup: ValidSignup,
  context: SignupContext,
): Promise<SignupOutcome> {
  const outcome = await recordSignup(deps, signup, context);
  deps.signupGuard.note(outcome.kind);
  if (outcome.kind === 'recorded') {
    deps.doorbell.ring('decide-signups', {});
  }
  return outcome;
}

async function recordSignup(deps: SignupDeps, signup: ValidSignup, context: SignupContext): Promise<SignupOutcome> {
  const admission = await deps.signupGuard.admit(context.attempt);
  if (admission.kind !== 'admitted') {
    return admission;
  }
  const rows = await describeSignup(deps, signup, context);
  const write = async (uses: readonly LimitUse[]): Promise<SignupOutcome> => {
    const written = await deps.signupWriter.write({
      ...rows,
      uses: [...uses, ...addressUses(deps.keyring, signup.address)],
    });
    if (written.kind === 'recorded') {
      return written;
    }
    if (written.limit !== 'proof') {
      const { limit, retryAt } = written;
      return { kind: 'limited', retryAfterSeconds: deps.signupGuard.refuse({ kind: limit, retryAt }, uses) };
    }
    // A proof that was used before is none. A form that was sent again by the back button gets through as one without it.
    return context.attempt.isForm
      ? write([...uses.filter(({ kind }) => kind !== 'proof'), trickleUse(deps.keyring)])
      : { kind: 'proof-required' };
  };
  return write(admission.uses);
}

async function describeSignup(
  deps: SignupDeps,
  signup: ValidSignup,
  context: SignupContext,
): Promise<Omit<SignupRows, 'uses'>> {
  const now = deps.clock.now();
  const { form } = context;
  const { locale } = form;
  if (context.isOwnForm) {
    const texts = [form.terms.text, form.privacy.text, ...form.consentTexts.values()];
    await deps.consentTexts.ensure(
      deps.db,
      texts.map((text) => ({ text, locale })),
      now,
    );
  }
  const ownText = (text: string | undefined): Buffer | null =>
    context.isOwnForm && text !== undefined ? hashText(text) : null;
  return {
    address: signup.address,
    hashes: hashAddressUnderAll(deps.keyring, signup.address.key),
    name: signup.name,
    locale: signup.locale,
    timeZone: signup.timeZone,
    requestedAt: now,
    expiresAt: new Date(now.getTime() + REQUEST_DAYS * 86_400_000),
    declarations: signup.newsletters.map((newsletter) => ({
      newsletterId: newsletter.id,
      consentText: ownText(form.consentTexts.get(newsletter.slug)),
      address: saltValue(deps.random, signup.address.address),
      ip: saltValue(deps.random, context.ip),
      agent: saltValue(deps.random, context.agent),
    })),
    termsText: ownText(form.terms.text),
    privacyText: ownText(form.privacy.text),
    termsDocumentId: form.documents.terms.id,
    privacyDocumentId: form.documents.privacy.id,
    isAssertedByCaller: !context.isOwnForm,
    method: context.method,
    formId: context.formId,
    formVersion: context.isOwnForm ? form.version : null,
    pageUrl: context.pageUrl,
    textLocale: locale,
  };
}
