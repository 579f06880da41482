import { createHash } from 'node:crypto';
import type { Config } from '../config/index.ts';
import { translatorFor } from '../i18n/index.ts';
import type { Translate } from '../i18n/index.ts';
import { currentDocuments, hasSampleDocuments, signupClosedReason } from '../legal/index.ts';
import type { ClosedReason, CurrentDocuments } from '../legal/index.ts';
import { listNewsletters, phraseCadence } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';

export const HOSTED_FORM_ID = 'hosted';
/** Our forms: the sign-up page, a newsletter's own page, the element for pages of others, the form without JavaScript for them. */
const FORM_IDS = [HOSTED_FORM_ID, 'page', 'embed', 'snippet'] as const;
export type FormId = (typeof FORM_IDS)[number];

/** A declaration with a word that links to a document. `text` is the whole of it, as it is recorded. */
export interface LegalSentence {
  readonly text: string;
  readonly before: string;
  readonly word: string;
  readonly after: string;
  readonly url: string;
}

/** The sign-up form as it stands in one language: what may be chosen, and the exact wordings that are shown and recorded. */
export interface SignupForm {
  /** The language of the wordings, one of ours. */
  readonly locale: string;
  /** Changes with any wording or choice, and differs between languages: the version that consent records name. */
  readonly version: string;
  readonly newsletters: readonly Newsletter[];
  readonly documents: CurrentDocuments;
  readonly closed: ClosedReason | undefined;
  readonly terms: LegalSentence;
  readonly privacy: LegalSentence;
  /** The newsletter consent, by slug. With one newsletter the button is the consent and the text stands above it. */
  readonly consentTexts: ReadonlyMap<string, string>;
}

/** A changed newsletter or legal text shows on the form after this long at the latest. */
const FRESH_MS = 1000;

export interface SignupForms {
  /** @param locale one of ours, as `chooseLocale` and `matchLocale` give it: each has its own entry in memory. */
  current(locale: string): Promise<SignupForm>;
}

/** Reads the form of each language at most once a second, however many people sign up. */
export function createSignupForms(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly config: Config;
}): SignupForms {
  const loaded = new Map<string, { readonly form: Promise<SignupForm>; readonly atMs: number }>();
  return {
    current: (locale) => {
      const nowMs = deps.clock.monotonicMs();
      const known = loaded.get(locale);
      if (known !== undefined && nowMs - known.atMs <= FRESH_MS) {
        return known.form;
      }
      const form = loadForm(deps, locale);
      loaded.set(locale, { form, atMs: nowMs });
      form.catch(() => {
        if (loaded.get(locale)?.form === form) {
          loaded.delete(locale);
        }
      });
      return form;
    },
  };
}

async function loadForm(
  deps: { readonly db: Db; readonly clock: Clock; readonly config: Config },
  locale: string,
): Promise<SignupForm> {
  const text = translatorFor(locale);
  const newsletters = (await listNewsletters(deps.db)).filter((newsletter) => newsletter.isPublic);
  const documents = await currentDocuments(deps, locale);
  const closed = signupClosedReason(deps.config, await hasSampleDocuments(deps));
  const terms = legalSentence(text, 'terms', documents.terms.url);
  const privacy = legalSentence(text, 'privacy', documents.privacy.url);
  return completeForm({ locale, newsletters, documents, closed, terms, privacy });
}

function completeForm(parts: Omit<SignupForm, 'consentTexts' | 'version'>): SignupForm {
  const { locale, newsletters, documents, terms, privacy } = parts;
  const consentTexts = new Map(
    newsletters.map((one) => [one.slug, consentText(one, newsletters.length === 1, locale)]),
  );
  const version = createHash('sha256')
    .update(
      JSON.stringify([locale, terms.text, privacy.text, ...consentTexts, documents.terms.id, documents.privacy.id]),
    )
    .digest('hex')
    .slice(0, 12);
  return { ...parts, consentTexts, version };
}

/** How somebody agrees on this form. */
export function methodOf(form: Pick<SignupForm, 'newsletters'>): 'button' | 'unticked-box' {
  return form.newsletters.length === 1 ? 'button' : 'unticked-box';
}

/** The form with one newsletter alone, where the button is the consent; undefined when there is no such public newsletter. */
export function formForOne(form: SignupForm, slug: string): SignupForm | undefined {
  const newsletter = form.newsletters.find((one) => one.slug === slug);
  return newsletter === undefined ? undefined : completeForm({ ...form, newsletters: [newsletter] });
}

/** Which of our forms was posted: those with one newsletter alone say so, anything else is the page with all of them. */
export function findPostedForm(
  whole: SignupForm,
  formId: FormId | undefined,
  slugs: readonly string[],
): { readonly form: SignupForm; readonly formId: FormId } {
  const [only] = formId !== undefined && formId !== HOSTED_FORM_ID && slugs.length === 1 ? slugs : [];
  const form = only === undefined ? undefined : formForOne(whole, only);
  return form === undefined ? { form: whole, formId: HOSTED_FORM_ID } : { form, formId: formId ?? HOSTED_FORM_ID };
}

export type ShownForm =
  | { readonly kind: 'own'; readonly formId: FormId; readonly form: SignupForm }
  /** Ours, but its words have changed since: they would not be those that are recorded (R27). */
  | { readonly kind: 'outdated' }
  /** Of the caller, who says what was shown. */
  | { readonly kind: 'foreign' };

/** Which form somebody saw who sends `embed@<version>` and chose these newsletters. */
export function findShownForm(whole: SignupForm, named: string | undefined, slugs: readonly string[]): ShownForm {
  const [name, version] = named?.split('@', 2) ?? [];
  const formId = FORM_IDS.find((id) => id === name);
  if (formId === undefined || version === undefined) {
    return { kind: 'foreign' };
  }
  const [only] = slugs.length === 1 ? slugs : [];
  const candidates = [whole, ...(only === undefined ? [] : [formForOne(whole, only)])];
  const form = candidates.find((candidate) => candidate?.version === version);
  if (form !== undefined) {
    return { kind: 'own', formId, form };
  }
  // Callers have had forms of their own called `hosted` something; what the element sends is of this shape.
  return formId !== HOSTED_FORM_ID && /^[0-9a-f]{12}$/.test(version) ? { kind: 'outdated' } : { kind: 'foreign' };
}

function legalSentence(text: Translate, name: 'terms' | 'privacy', url: string): LegalSentence {
  const word = text(`declarations.${name}_word`);
  const [before = '', after = ''] = text(`declarations.${name}`, { [name]: '\n' }).split('\n');
  return { text: `${before}${word}${after}`, before, word, after, url };
}

function consentText(newsletter: Newsletter, isOnly: boolean, locale: string): string {
  const text = translatorFor(locale);
  return text(isOnly ? 'declarations.newsletter_by_button' : 'declarations.newsletter', {
    newsletter: newsletter.name,
    cadence: phraseCadence(newsletter.cron, newsletter.timeZone, locale),
    button: text('signup.button'),
  });
}
