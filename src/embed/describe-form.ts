import { directionOf, translatorFor } from '../i18n/index.ts';
import { describeCadence } from '../newsletters/index.ts';
import { notFound } from '../shared/app-error.ts';
import { formForOne } from '../subscriptions/index.ts';
import type { LegalSentence, SignupForm } from '../subscriptions/index.ts';

/** What the element needs of our texts; problems of fields come with their words, as the API answers in `locale`. */
const TEXTS = {
  submit: 'signup.button',
  newsletters: 'signup.newsletters',
  email: 'signup.email',
  done_title: 'check_mail.title',
  done: 'check_mail.sent',
  sending: 'embed.sending',
  proving: 'embed.proving',
  again: 'embed.again',
  unreachable: 'embed.unreachable',
  elsewhere: 'embed.elsewhere',
  too_many: 'embed.too_many',
  new_tab: 'embed.new_tab',
  changed: 'fields.form_changed',
  email_missing: 'fields.email_missing',
  newsletter_missing: 'fields.newsletter_missing',
  terms_not_accepted: 'fields.terms_not_accepted',
} as const;

interface SentencePart {
  readonly text: string;
  readonly url?: string;
}

/**
 * The form for these newsletters as JSON: the very words that the consent record will name. None means all.
 * @throws AppError `newsletter_unknown`.
 */
export function describeForm(publicUrl: string, whole: SignupForm, slugs: readonly string[]): object {
  const form = chooseForm(whole, slugs);
  const { locale } = form;
  const shown = slugs.length === 0 ? form.newsletters : form.newsletters.filter(({ slug }) => slugs.includes(slug));
  const [only] = shown.length === 1 ? shown : [];
  const text = translatorFor(locale);
  return {
    form: `embed@${form.version}`,
    locale,
    dir: directionOf(locale),
    pageUrl: `${publicUrl}/${only === undefined ? '' : `newsletters/${only.slug}`}?lang=${locale}`,
    newsletters: shown.map((newsletter) => ({
      slug: newsletter.slug,
      name: newsletter.name,
      cadence: describeCadence(newsletter.cron, newsletter.timeZone, locale),
      consent: form.consentTexts.get(newsletter.slug) ?? '',
    })),
    terms: sentenceParts(publicUrl, form.terms, locale),
    privacy: sentenceParts(publicUrl, form.privacy, locale),
    texts: Object.fromEntries(Object.entries(TEXTS).map(([name, key]) => [name, text(key, { time: '{time}' })])),
  };
}

function chooseForm(whole: SignupForm, slugs: readonly string[]): SignupForm {
  const unknown = slugs.find((slug) => whole.newsletters.every((one) => one.slug !== slug));
  if (unknown !== undefined || whole.newsletters.length === 0) {
    throw notFound('newsletter_unknown', `There is no public newsletter "${unknown ?? ''}" here.`);
  }
  const [only] = new Set(slugs).size === 1 ? slugs : [];
  return (only === undefined ? undefined : formForOne(whole, only)) ?? whole;
}

function sentenceParts(publicUrl: string, sentence: LegalSentence, locale: string): readonly SentencePart[] {
  const { before, word, after, url } = sentence;
  const document = new URL(url, `${publicUrl}/`);
  document.searchParams.set('lang', locale);
  return [{ text: before }, { text: word, url: document.href }, { text: after }].filter(({ text }) => text !== '');
}
