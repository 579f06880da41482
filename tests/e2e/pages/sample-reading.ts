/* Data for the pages that are read rather than filled in, and the one page that only admins meet. */

const ADDRESS = 'a•••@example.org';
const weekly = { name: 'The Weekly', slug: 'the-weekly', locale: 'en', dir: 'ltr', lang: 'en' };
const issue = {
  number: 12,
  title: 'Who owns the last mile of the <coast> road?',
  date: '23 November 2026',
  dateIso: '2026-11-23T07:00:00.000Z',
  url: '/archive/the-weekly/12',
};
const article = {
  title: 'The tide gauge that outlived four governments',
  url: 'https://example.org/tide',
  summaryText: 'For 140 years somebody has read the same brass scale at seven in the morning.',
  author: 'Miriam Castellan',
  source: 'Harbour Review',
  readingTime: '9 min',
};

export const READING_PAGES = [
  {
    name: 'archive',
    view: 'digests/views/archive',
    data: {
      title: 'Past issues',
      newsletters: [
        { ...weekly, description: 'The week in one calm read.', issues: [issue, { ...issue, number: 11 }] },
        { ...weekly, slug: 'sahifa', lang: 'ar', name: 'صحيفة المرفأ', description: '', issues: [] },
      ],
      isFiltered: true,
      canonicalUrl: 'https://news.example.org/archive',
    },
  },
  {
    name: 'archive-empty',
    view: 'digests/views/archive',
    data: {
      title: 'Past issues',
      newsletters: [],
      isFiltered: false,
      canonicalUrl: 'https://news.example.org/archive',
    },
  },
  {
    name: 'issue',
    view: 'digests/views/issue',
    data: {
      ...issue,
      issueNumber: 'No. 12',
      newsletter: weekly,
      sections: [
        { name: 'Insights', articles: [article, { title: 'Short', url: 'https://example.org/', summaryText: '' }] },
      ],
      description: 'Next headlines',
      previous: issue,
      next: issue,
      canonicalUrl: 'https://news.example.org/archive/the-weekly/12',
    },
  },
  ...['open', 'verified', 'invalid'].map((state) => ({
    name: `verify-admin-${state}`,
    view: 'accounts/views/verify-admin',
    data: { state, token: 't', address: ADDRESS },
  })),
];
