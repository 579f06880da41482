/* The preference pages: what the link of a mail opens, what a fresh link opens, and the answers to an address change. */

const MASKED = 'a•••@a-rather-long-domain-name-for-a-phone.example.org';
const ADDRESS = 'ada.okafor-and-a-long-local-part@a-rather-long-domain-name-for-a-phone.example.org';

const subscriptions = [
  { newsletterId: 1, name: 'The Weekly', status: 'active' },
  { newsletterId: 2, name: 'City <Notes>', status: 'active', pausedUntil: '21 December 2026' },
  { newsletterId: 3, name: 'الأسبوعية', status: 'pending' },
  { newsletterId: 4, name: 'Sports', status: 'unsubscribed' },
];
const choice = (id: number, name: string, isChosen: boolean, isShut = false) => ({ id, name, isChosen, isShut });
const often = (value: string, label: string, isChosen: boolean, isShut = false) => ({ value, label, isChosen, isShut });
/** Of a reader who gets everything, and of one who had chosen less. */
const contents = [
  {
    newsletterId: 1,
    name: 'The Weekly',
    sections: [choice(1, 'Insights', true), choice(2, 'الرأي', true), choice(3, 'Current events & <more>', true)],
    frequencies: [often('', 'Every issue', true), often('monthly', 'One digest a month', false)],
    isShut: false,
  },
];
const reduced = [
  {
    newsletterId: 1,
    name: 'The Weekly',
    sections: [
      choice(1, 'Insights', true),
      choice(2, 'الرأي', false, true),
      choice(3, 'Current events & <more>', true),
    ],
    frequencies: [
      often('', 'Every issue', false, true),
      often('weekly', 'One digest a week', true),
      often('monthly', 'One digest a month', false),
    ],
    isShut: true,
  },
  {
    newsletterId: 2,
    name: 'City <Notes>',
    frequencies: [often('', 'Every issue', false, true), often('monthly', 'One digest a month', true)],
    isShut: true,
  },
];
const shared = {
  maskedAddress: MASKED,
  subscriptions,
  active: subscriptions.slice(0, 2),
  pauses: [
    { value: '2026-11-30', label: '1 week, until 30 November 2026' },
    { value: '2027-02-15', label: '12 weeks, until 15 February 2027' },
  ],
  isTrackingAllowed: true,
  trackingText: 'You may record when I open a mail and which links in it I follow, to learn what is read.',
};
const sentence = (before: string, word: string, url: string): Record<string, string> => ({
  text: `${before} ${word}.`,
  before: `${before} `,
  word,
  after: '.',
  url,
});
const offer = {
  newsletterId: 4,
  name: 'Sports',
  description: 'Every score that matters.',
  cadenceText: 'Mondays at 08:00, Berlin time',
  consentText: 'By pressing Subscribe I ask to be sent Sports by mail, Mondays at 08:00. I can leave at any time.',
  terms: sentence('I accept the', 'terms', '/terms'),
  privacy: sentence('How we use your data is explained in the', 'privacy notice', '/privacy'),
  version: 'abc',
};
const visit = {
  ...shared,
  isTrackingAllowed: false,
  address: ADDRESS,
  offers: [offer, { ...offer, newsletterId: 5, name: 'Weather', description: '', terms: undefined }],
  readerLocale: 'de',
  languageChoices: [
    { tag: 'en', name: 'English' },
    { tag: 'de', name: 'Deutsch' },
    { tag: 'ar', name: 'العربية' },
  ],
  timeZone: 'Europe/Berlin',
  timeZones: ['Africa/Cairo', 'Europe/Berlin'],
};
const change = { title: 'Is this your new address?', oldAddress: MASKED, newAddress: MASKED, end: 'new' };

export const PREFERENCE_PAGES = [
  { name: 'preferences', view: 'preferences', data: { ...shared, contents, noteText: 'Your break is noted.' } },
  { name: 'preferences-reduced', view: 'preferences', data: { ...shared, contents: reduced, noteText: 'Saved.' } },
  {
    name: 'preferences-no-section',
    view: 'preferences',
    data: {
      ...shared,
      contents,
      isProblem: true,
      noteText: 'Nothing was changed: without any section no issue would ever come.',
      without: { newsletterId: 1, name: 'The Weekly' },
    },
  },
  {
    name: 'preferences-none',
    view: 'preferences',
    data: { ...shared, subscriptions: subscriptions.slice(3), active: [], isTrackingAllowed: false },
  },
  { name: 'preferences-ask', view: 'ask', data: { noteText: 'Your visit has ended.' } },
  { name: 'preferences-ask-error', view: 'ask', data: { email: '<b>@', error: 'email_invalid' } },
  { name: 'preferences-link-sent', view: 'link-sent', data: { isKnown: true, address: MASKED, inboxUrl: '/inbox' } },
  { name: 'preferences-link-sent-typed', view: 'link-sent', data: { isKnown: false, address: ADDRESS } },
  { name: 'preferences-open', view: 'open', data: { maskedAddress: MASKED } },
  {
    name: 'preferences-over',
    view: 'open',
    data: { maskedAddress: MASKED, isOver: true, preferencesUrl: '/preferences/x' },
  },
  { name: 'visit', view: 'my', data: { ...visit, contents, newAddress: ADDRESS, noteText: 'Saved.' } },
  {
    name: 'visit-more-often',
    view: 'my',
    data: { ...visit, contents, noteText: 'Saved. They are not sent again.', archiveUrl: '/archive/the-weekly' },
  },
  {
    name: 'visit-problem',
    view: 'my',
    data: {
      ...visit,
      active: [],
      subscriptions: [],
      isTrackingAllowed: true,
      note: 'zone_invalid',
      noteText: 'This time zone does not exist.',
      isProblem: true,
      typedAddress: '<b>@',
    },
  },
  { name: 'visit-delete', view: 'delete', data: { address: ADDRESS } },
  { name: 'visit-deleted', view: 'deleted', data: {} },
  {
    name: 'address-change-new',
    view: 'address-change',
    data: { ...change, state: 'open', textKey: 'preferences.change_new_text' },
  },
  {
    name: 'address-change-old',
    view: 'address-change',
    data: { ...change, state: 'open', end: 'old', textKey: 'preferences.change_old_text' },
  },
  {
    name: 'address-change-waiting',
    view: 'address-change',
    data: { ...change, state: 'waiting', textKey: 'preferences.change_waiting_text' },
  },
  {
    name: 'address-change-done',
    view: 'address-change',
    data: { ...change, state: 'done', textKey: 'preferences.change_done_text' },
  },
].map((page) => ({ ...page, view: `preferences/views/${page.view}` }));
