/* Data for the pages that are read rather than filled in, and the one page that only admins meet. */

const ADDRESS = 'a•••@example.org';
const weekly = {
  name: 'The Weekly',
  slug: 'the-weekly',
  locale: 'en',
  description: 'The week in one calm read.',
  url: '/archive/the-weekly',
  cadence: 'Mondays at 08:00, Berlin time',
};
const head = {
  publication: 'The Weekly',
  newsletter: weekly,
  archiveUrl: '/archive/the-weekly',
  newsletterUrl: '/newsletters/the-weekly',
  feedUrl: 'https://news.example.org/archive/the-weekly/feed.xml',
  canonicalUrl: 'https://news.example.org/archive/the-weekly',
  logo: null,
  ogLocale: 'en_US',
};
const listed = {
  number: 12,
  title: 'Who owns the last mile of the <coast> road?',
  day: '23 November 2026',
  dateIso: '2026-11-23T07:00:00.000Z',
  url: '/archive/the-weekly/12',
};
const article = {
  title: 'The tide gauge that outlived four governments',
  url: 'https://example.org/tide',
  summaryText: 'For 140 years somebody has read the same brass scale at seven in the morning.',
  byline: ['Miriam Castellan', 'Harbour Review', '9 min'],
  image: { url: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=', alt: '', width: 120, height: 90, place: 'thumb' },
};
const bare = { title: 'Short', url: '', summaryText: '', byline: [], image: null };
const issue = {
  ...listed,
  numberText: 'No. 12',
  lang: 'en',
  dir: 'ltr',
  description: 'Next headlines',
  introHtml: '<p>Dear readers,</p><h2>This week</h2><ul><li>the coast</li></ul>',
  notices: [{ text: 'Our terms have changed.', readText: 'Read them', path: '/terms/en/2' }],
  lead: null,
  sections: [{ name: 'Insights', articles: [article, bare] }],
  picture: null,
};

export const READING_PAGES = [
  {
    name: 'archive',
    view: 'archive/views/archive',
    data: {
      title: 'Past issues',
      newsletters: [
        { ...weekly, issues: [listed, { ...listed, number: 11 }] },
        { ...weekly, slug: 'sahifa', locale: 'ar', name: 'صحيفة المرفأ', description: '', issues: [] },
      ],
      canonicalUrl: 'https://news.example.org/archive',
    },
  },
  {
    name: 'archive-empty',
    view: 'archive/views/archive',
    data: { title: 'Past issues', newsletters: [], canonicalUrl: 'https://news.example.org/archive' },
  },
  {
    name: 'archive-newsletter',
    view: 'archive/views/newsletter',
    data: {
      ...head,
      title: 'Issues of 2026',
      months: [
        { id: 'month-1', name: 'November 2026', issues: [listed, { ...listed, number: 11 }] },
        { id: 'month-2', name: 'October 2026', issues: [{ ...listed, number: 10 }] },
      ],
      years: [
        { year: 2026, isShown: true, url: '/archive/the-weekly?year=2026' },
        { year: 2025, isShown: false, url: '/archive/the-weekly?year=2025' },
      ],
      isOneYear: true,
      allUrl: '/archive/the-weekly',
      page: 2,
      pages: 3,
      newerUrl: '/archive/the-weekly?year=2026',
      olderUrl: '/archive/the-weekly?year=2026&page=3',
    },
  },
  {
    name: 'archive-newsletter-empty',
    view: 'archive/views/newsletter',
    data: { ...head, title: 'Past issues', months: [], years: [], allUrl: '/archive/the-weekly', page: 1, pages: 1 },
  },
  {
    name: 'issue',
    view: 'archive/views/issue',
    data: { ...head, title: issue.title, issue, previous: listed, next: listed },
  },
  {
    name: 'issue-lead',
    view: 'archive/views/issue',
    data: {
      ...head,
      title: article.title,
      issue: { ...issue, introHtml: '', title: article.title, lead: { ...article, section: 'Insights' } },
      next: listed,
    },
  },
  { name: 'issue-missing', view: 'archive/views/missing', data: { ...head, title: 'This issue is not here' } },
  ...['open', 'verified', 'invalid'].map((state) => ({
    name: `verify-admin-${state}`,
    view: 'accounts/views/verify-admin',
    data: { state, token: 't', address: ADDRESS },
  })),
];
