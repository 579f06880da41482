import { createHash } from 'node:crypto';
import type { Config } from '../config/index.ts';
import { currentDocuments, hasSampleDocuments, signupClosedReason } from '../legal/index.ts';
import type { ClosedReason, CurrentDocuments } from '../legal/index.ts';
import { describeCadence, listNewsletters } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';

export const HOSTED_FORM_ID = 'hosted';

/** The sign-up form as it stands: what may be chosen, and the exact wordings that are shown and recorded. */
export interface SignupForm {
  /** Changes with any wording or choice: the version that consent records name. */
  readonly version: string;
  readonly newsletters: readonly Newsletter[];
  readonly documents: CurrentDocuments;
  readonly closed: ClosedReason | undefined;
  readonly termsText: string;
  readonly privacyText: string;
  /** The newsletter consent, by slug. With one newsletter the button is the consent and the text stands above it. */
  readonly consentTexts: ReadonlyMap<string, string>;
}

const TERMS_TEXT = 'I accept the terms.';
const PRIVACY_TEXT = 'How we use your data is explained in the privacy notice.';
/** A changed newsletter or legal text shows on the form after this long at the latest. */
const FRESH_MS = 1000;

export interface SignupForms {
  current(): Promise<SignupForm>;
}

/** Reads the form at most once a second, however many people sign up. */
export function createSignupForms(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly config: Config;
}): SignupForms {
  let loading: Promise<SignupForm> | undefined;
  let loadedAtMs = 0;
  return {
    current: () => {
      const nowMs = deps.clock.monotonicMs();
      if (loading === undefined || nowMs - loadedAtMs > FRESH_MS) {
        loadedAtMs = nowMs;
        const current = loadForm(deps);
        current.catch(() => {
          if (loading === current) {
            loading = undefined;
          }
        });
        loading = current;
      }
      return loading;
    },
  };
}

async function loadForm(deps: { readonly db: Db; readonly config: Config }): Promise<SignupForm> {
  const newsletters = (await listNewsletters(deps.db)).filter((newsletter) => newsletter.isPublic);
  const documents = await currentDocuments(deps.db, 'en');
  const closed = signupClosedReason(deps.config, await hasSampleDocuments(deps.db));
  const consentTexts = new Map(newsletters.map((one) => [one.slug, consentText(one, newsletters.length === 1)]));
  const version = createHash('sha256')
    .update(JSON.stringify([TERMS_TEXT, PRIVACY_TEXT, ...consentTexts, documents.terms.id, documents.privacy.id]))
    .digest('hex')
    .slice(0, 12);
  return { version, newsletters, documents, closed, termsText: TERMS_TEXT, privacyText: PRIVACY_TEXT, consentTexts };
}

function consentText(newsletter: Newsletter, isOnly: boolean): string {
  const cadence = describeCadence(newsletter.cron, newsletter.timeZone, 'en');
  const schedule = `${cadence.charAt(0).toLowerCase()}${cadence.slice(1)}`;
  return isOnly
    ? `By pressing Subscribe I ask to be sent ${newsletter.name} by mail, ${scheduleWithName(cadence, schedule)}. I can leave at any time with one click.`
    : `I want to be sent ${newsletter.name} by mail, ${scheduleWithName(cadence, schedule)}. I can leave at any time with one click.`;
}

/** Names of days keep their capital. */
function scheduleWithName(cadence: string, schedule: string): string {
  return /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b/.test(cadence) ? cadence : schedule;
}
