/* Data for every public view, with values that a page must bear: long, several, missing, and with HTML in them. */

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
  texts: { consent: { 'the-weekly': CONSENT, city: CONSENT }, terms: 'I accept the terms.', privacy: 'Read it.' },
  formToken: 'token',
  action: '/subscribe',
  termsUrl: '/terms',
  privacyUrl: '/privacy',
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
  { name: 'signup-closed', view: 'signup', data: { ...form, closed: { reason: 'The terms are still samples.' } } },
  {
    name: 'check-your-mail',
    view: 'check-your-mail',
    data: { maskedAddress: ADDRESS, inboxUrl: '/inbox/latest?to=x' },
  },
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
  { name: 'confirmed-before', view: 'confirmed', data: { records: [record], alreadyConfirmed: true } },
  { name: 'confirm-expired', view: 'confirm-expired', data: {} },
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
  {
    name: 'preferences',
    view: 'preferences',
    data: {
      maskedAddress: ADDRESS,
      notice: 'Done.',
      subscriptions: [
        { name: 'The Weekly', active: true, newsletterId: 1 },
        { name: 'City Notes', active: true, newsletterId: 2 },
        { name: 'Sports', active: false, newsletterId: 3 },
      ],
    },
  },
].map((page) => ({ ...page, view: `subscriptions/views/${page.view}` }));

export const SAMPLE_PAGES: readonly SamplePage[] = [
  ...subscriptionPages,
  {
    name: 'legal-document',
    view: 'legal/views/document',
    data: {
      title: 'Terms',
      version: 2,
      publishedAt: '23 November 2026',
      hash: 'a3f1'.repeat(16),
      isCurrent: false,
      url: '/terms',
      bodyHtml: '<h2>One</h2><p>Text</p><table><tr><th>Long</th><td>table</td></tr></table>',
    },
  },
  {
    name: 'error',
    view: 'http/views/error',
    data: { title: 'Not found', problem: { status: 404, detail: 'There is nothing at this address.' } },
  },
];
