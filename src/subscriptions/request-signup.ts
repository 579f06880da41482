import type { ConsentTexts } from '../consent/index.ts';
import { hashText, saltValue } from '../consent/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { SignupRequestId } from '../shared/ids.ts';
import { hashAddress } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import type { SignupForm } from './signup-form.ts';
import type { ValidSignup } from './signup-input.ts';
import type { SignupWriter } from './signup-writer.repository.ts';

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
}

/**
 * Records what was declared and rings. The same statement with the same writes whatever the state of the address, so that neither
 * the answer nor its time tells who is subscribed (S23). What is mailed is decided later by the transactional lane.
 */
export async function requestSignup(
  deps: SignupDeps,
  signup: ValidSignup,
  context: SignupContext,
): Promise<SignupRequestId> {
  const now = deps.clock.now();
  const { form } = context;
  const locale = 'en';
  if (context.isOwnForm) {
    const texts = [form.termsText, form.privacyText, ...form.consentTexts.values()];
    await deps.consentTexts.ensure(
      deps.db,
      texts.map((text) => ({ text, locale })),
      now,
    );
  }
  const ownText = (text: string | undefined): Buffer | null =>
    context.isOwnForm && text !== undefined ? hashText(text) : null;
  const id = await deps.signupWriter.write({
    address: signup.address,
    hashes: [...deps.keyring.keys.keys()]
      .sort((a, b) => Number(b === deps.keyring.signingKeyId) - Number(a === deps.keyring.signingKeyId))
      .map((keyId) => ({ keyId, hash: hashAddress(deps.keyring, signup.address.key, keyId) })),
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
    termsText: ownText(form.termsText),
    privacyText: ownText(form.privacyText),
    termsDocumentId: form.documents.terms.id,
    privacyDocumentId: form.documents.privacy.id,
    isAssertedByCaller: !context.isOwnForm,
    method: context.method,
    formId: context.formId,
    formVersion: context.isOwnForm ? form.version : null,
    pageUrl: context.pageUrl,
    textLocale: locale,
  });
  deps.doorbell.ring('decide-signups', {});
  return id;
}
