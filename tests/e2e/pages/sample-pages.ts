/* Data for every public view, with values that a page must bear: long, several, missing, and with HTML in them. */

import { PREFERENCE_PAGES } from './sample-preferences.ts';
import { READING_PAGES } from './sample-reading.ts';

const CONSENT = 'I want to be sent The Weekly by mail, Mondays at 08:00, Berlin time. I can leave at any time.';
const ADDRESS = 'a•••@a-rather-long-domain-name-for-a-phone.example.org';

const weekly = {
  slug: 'the-weekly',
  name: 'The Weekly',
  description: 'The week in one calm read: insights, opinion and current events.',
  cadenceText: 'Mondays at 08:00, Berlin time',
  checked: false,
};
const city = { ...weekly, slug: 'city', name: 'City <Notes>', cadenceText: 'Weekdays at 06:30', checked: true };

const form = {
  newsletters: [weekly],
  single: true,
  values: { email: '', name: '' },
  errors: [],
  texts: {
    consent: { 'the-weekly': CONSENT, city: CONSENT },
    terms: { before: 'I accept the ', word: 'terms', after: '.', url: '/terms' },
    privacy: { before: 'Read the ', word: 'privacy notice', after: '.', url: '/privacy' },
  },
  formToken: 'token',
  action: '/subscribe',
};
const record = {
  newsletterName: 'The Weekly',
  consentText: CONSENT,
  termsText: 'I accept the terms.',
  termsVersion: 3,
  privacyText: 'Read it.',
  privacyVersion: 2,
  requestedAt: '23 November 2026, 07:00:12 UTC',
  confirmedAt: '23 November 2026, 07:02:40 UTC',
};
const reasons = [
  { value: 'too-often', label: 'It comes too often' },
  { value: 'other', label: 'Something else' },
];
const errors = [
  { field: 'newsletters', message: 'Choose at least one newsletter.' },
  { field: 'email', message: 'This is not a mail address.' },
  { field: 'name', message: 'This name is too long.' },
  { field: 'terms', message: 'Please accept the terms.' },
];

const renew = {
  token: 't',
  maskedAddress: ADDRESS,
  single: true,
  texts: form.texts,
  newsletters: [{ ...weekly, consentText: CONSENT }],
  errors: [],
};
const cityChoice = { ...city, consentText: CONSENT };

interface SamplePage {
  readonly name: string;
  readonly view: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const subscriptionPages: readonly SamplePage[] = [
  { name: 'signup', view: 'signup', data: form },
  { name: 'signup-choice', view: 'signup', data: { ...form, newsletters: [weekly, city], single: false } },
  {
    name: 'signup-errors',
    view: 'signup',
    data: { ...form, newsletters: [weekly, city], single: false, errors, values: { email: '<b>@', name: '"x"' } },
  },
  {
    name: 'signup-again',
    view: 'signup',
    data: {
      ...form,
      notice: { kind: 'again' },
      hasAcceptedTerms: true,
      values: { email: 'rita@example.org', name: 'Rita' },
    },
  },
  {
    name: 'signup-limited',
    view: 'signup',
    data: { ...form, notice: { kind: 'limited', minutes: 11 }, hasAcceptedTerms: true },
  },
  { name: 'signup-proof', view: 'signup', data: { ...form, needsProof: true } },
  { name: 'signup-closed', view: 'signup', data: { ...form, closed: { reason: 'The terms are still samples.' } } },
  {
    name: 'check-your-mail',
    view: 'check-your-mail',
    data: {
      maskedAddress: ADDRESS,
      inboxUrl: '/inbox/latest?to=x',
      resend: { isAskedAgain: false, isUsedUp: false, minutes: 5 },
    },
  },
  ...[
    { isAskedAgain: false, isUsedUp: false },
    { isAskedAgain: true, isUsedUp: false, minutes: 2 },
    { isAskedAgain: true, isUsedUp: true },
  ].map((resend, index) => ({
    name: `check-your-mail-resend-${index}`,
    view: 'check-your-mail',
    data: { maskedAddress: ADDRESS, isSingle: index === 0, resend },
  })),
  {
    name: 'confirm',
    view: 'confirm',
    data: { maskedAddress: ADDRESS, newsletters: [weekly, city], expiresAt: '30 November 2026, 07:00 UTC' },
  },
  {
    name: 'confirmed',
    view: 'confirmed',
    data: { records: [record, record], archiveUrl: '/archive', preferencesUrl: '/preferences/x' },
  },
  {
    name: 'confirm-again',
    view: 'confirm',
    data: { maskedAddress: ADDRESS, newsletters: [weekly], isAgain: true, pageToken: 't' },
  },
  {
    name: 'confirmed-waiting',
    view: 'confirmed',
    data: {
      records: [record],
      preferencesUrl: '/preferences/x',
      waiting: {
        action: '/confirm/x/more',
        token: 't',
        newsletters: [
          { value: '1.2', name: city.name, askedOn: '23 November 2026', consentText: CONSENT },
          { value: '1.3', name: 'The Monthly', askedOn: '22 November 2026', consentText: CONSENT },
        ],
      },
    },
  },
  { name: 'confirmed-shut', view: 'confirmed', data: { records: [record], isShut: true } },
  {
    name: 'more-added',
    view: 'more-added',
    data: { newsletterNames: [city.name, 'The Monthly'], preferencesUrl: '/preferences/x' },
  },
  { name: 'more-none', view: 'more-added', data: { newsletterNames: [], preferencesUrl: '/preferences/x' } },
  { name: 'more-too-late', view: 'more-added', data: { isTooLate: true } },
  { name: 'confirmed-before', view: 'confirmed', data: { records: [record], alreadyConfirmed: true } },
  { name: 'confirm-expired', view: 'confirm-expired', data: {} },
  { name: 'confirm-expired-renew', view: 'confirm-expired', data: { renew } },
  {
    name: 'confirm-expired-problems',
    view: 'confirm-expired',
    data: {
      renew: {
        ...renew,
        newsletters: renew.newsletters.toSpliced(0, 0, cityChoice),
        single: false,
        isLimited: true,
        errors,
      },
    },
  },
  { name: 'rejoin-expired', view: 'confirm-expired', data: { isRejoin: true } },
  { name: 'link-invalid', view: 'link-invalid', data: {} },
  { name: 'not-me', view: 'not-me', data: { maskedAddress: ADDRESS } },
  { name: 'not-me-unknown', view: 'not-me', data: {} },
  { name: 'not-me-done', view: 'not-me-done', data: {} },
  {
    name: 'unsubscribe',
    view: 'unsubscribe',
    data: { newsletterName: 'The Weekly', maskedAddress: ADDRESS, scopeAllPossible: true },
  },
  {
    name: 'unsubscribed',
    view: 'unsubscribed',
    data: {
      newsletterName: 'The Weekly',
      rejoin: { token: 't', minutesLeft: 10, consentText: CONSENT },
      reasonForm: { token: 't' },
      reasons,
    },
  },
  { name: 'rejoined', view: 'rejoined', data: { newsletterName: 'The Weekly' } },
  { name: 'reason-thanks', view: 'reason-thanks', data: {} },
].map((page) => ({ ...page, view: `subscriptions/views/${page.view}` }));

export const SAMPLE_PAGES: readonly SamplePage[] = [
  ...PREFERENCE_PAGES,
  ...subscriptionPages,
  ...READING_PAGES,
  {
    name: 'newsletter',
    view: 'newsletter-page/views/newsletter',
    data: {
      ...form,
      newsletter: { ...weekly, locale: 'en' },
      nextDay: '30 November 2026',
      nextIso: '2026-11-30T07:00:00.000Z',
      sample: {
        title: 'Who owns the <last> mile?',
        url: '/archive/the-weekly/12',
        number: 12,
        day: '23 November 2026',
        dateIso: '2026-11-23T07:00:00.000Z',
        headlines: [{ title: 'The tide gauge', section: 'Insights' }],
      },
    },
  },
  {
    name: 'legal-document',
    view: 'legal/views/document',
    data: {
      title: 'Terms',
      version: 2,
      publishedAt: '23 November 2026',
      hash: 'a3f1'.repeat(16),
      language: 'English',
      currentUrl: '/terms/en/3',
      sourceUrl: '/terms/en/2.md',
      translations: [{ locale: 'ar', url: '/terms/ar/1', name: 'العربية' }],
      versions: [
        { version: 3, url: '/terms/en/3', date: '24 November 2026', isShown: false },
        { version: 2, url: '/terms/en/2', date: '23 November 2026', isShown: true },
      ],
      documentLocale: 'en',
      documentDir: 'ltr',
      bodyHtml: '<h2>One</h2><p>Text</p><table><tr><th>Long</th><td>table</td></tr></table>',
    },
  },
  ...['asked', 'box-missing', 'outdated', 'recorded', 'accepted', 'invalid'].map((name) => ({
    name: `accept-${name}`,
    view: 'acceptances/views/accept',
    data: {
      state: name === 'box-missing' || name === 'outdated' ? 'asked' : name,
      problem: name,
      maskedAddress: ADDRESS,
      documentTitle: 'Newsletter <terms>',
      documentLocale: 'en',
      documentId: 7,
      version: 3,
      url: '/terms/en/3',
      date: '23 November 2026',
      agreeText: 'I accept the terms, version 3 of 23 November 2026.',
    },
  })),
  {
    name: 'error',
    view: 'http/views/error',
    data: { title: 'Not found', problem: { status: 404, detail: 'There is nothing at this address.' } },
  },
];
