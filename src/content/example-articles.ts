/** The sections that a new newsletter comes with. */
export type ExampleSection = 'insights' | 'opinion' | 'current-events';

interface ExampleArticle {
  readonly slug: string;
  readonly section: ExampleSection;
  readonly title: string;
  readonly summary: string;
  readonly author: string;
  readonly hoursAgo: number;
  readonly wordCount: number;
}

/** Twelve short pieces of our own about a town that does not exist, so that the first digest looks like one. */
export const EXAMPLE_ARTICLES: readonly ExampleArticle[] = [
  {
    slug: 'lighthouse-ledger',
    section: 'insights',
    title: 'What a century of lighthouse ledgers says about our winters',
    summary:
      'The keepers of Alderhaven wrote down every foggy night since 1921. A schoolteacher has typed up all of it. The fog is not getting thicker, it turns out; it is getting later.',
    author: 'Maren Holt',
    hoursAgo: 9,
    wordCount: 1480,
  },
  {
    slug: 'ferry-arithmetic',
    section: 'insights',
    title: 'The arithmetic of the half-empty ferry',
    summary:
      'Cancelling the last boat saves 212 crowns a night. Three restaurants, one night shift and a choir depend on it. We did the sum that the timetable office says it cannot do.',
    author: 'Jonas Brandt',
    hoursAgo: 33,
    wordCount: 1120,
  },
  {
    slug: 'repair-street',
    section: 'insights',
    title: 'How one street learned to repair everything',
    summary:
      'It began with a toaster on a doorstep. Five years on, Cooper Street throws away a third less than the rest of town, and its shared workshop has a waiting list for Saturdays.',
    author: 'Ines Okafor',
    hoursAgo: 58,
    wordCount: 1710,
  },
  {
    slug: 'quiet-library',
    section: 'insights',
    title: 'Inside the loudest room of the quiet library',
    summary:
      'Behind a padded door on the second floor, teenagers record oral histories of the harbour. The archive holds 340 voices, and one very patient parrot.',
    author: 'Maren Holt',
    hoursAgo: 104,
    wordCount: 960,
  },
  {
    slug: 'leave-the-square-empty',
    section: 'opinion',
    title: 'Leave the market square empty on Mondays',
    summary:
      'A square with nothing in it is not a problem waiting for a programme. It is the only room in town that belongs to whoever walks across it.',
    author: 'Teodor Lind',
    hoursAgo: 14,
    wordCount: 640,
  },
  {
    slug: 'in-praise-of-minutes',
    section: 'opinion',
    title: 'In praise of dull council minutes',
    summary:
      'The livestream is lively and tells you nothing. The minutes are dreary and tell you who voted for what. Please keep writing them down, and please keep them dreary.',
    author: 'Ruth Amsel',
    hoursAgo: 39,
    wordCount: 720,
  },
  {
    slug: 'letter-to-the-gulls',
    section: 'opinion',
    title: 'An open letter to the gulls of Pier Three',
    summary:
      'You have taken four sandwiches, one hat and the end of a wedding speech. We propose a treaty: the chips are yours after nine, the speeches are ours.',
    author: 'Teodor Lind',
    hoursAgo: 82,
    wordCount: 510,
  },
  {
    slug: 'the-case-for-slow-news',
    section: 'opinion',
    title: 'Once a week is often enough',
    summary:
      'Most of what happens on Tuesday can be understood on Monday. A newsletter that waits is not late. It has read the second half of the story.',
    author: 'Ruth Amsel',
    hoursAgo: 121,
    wordCount: 590,
  },
  {
    slug: 'old-cannery-vote',
    section: 'current-events',
    title: 'Council votes to keep the old cannery standing',
    summary:
      'After three hours of debate the plan to replace the cannery with parking failed by one vote. The building will be made weatherproof before winter; what goes into it is open.',
    author: 'Desk',
    hoursAgo: 5,
    wordCount: 430,
  },
  {
    slug: 'tram-line-two',
    section: 'current-events',
    title: 'Tram line 2 runs again from Thursday',
    summary:
      'The bridge over the canal has passed its load test. Trams return to the full route on Thursday morning, every twelve minutes, and the replacement buses leave with our thanks.',
    author: 'Desk',
    hoursAgo: 20,
    wordCount: 310,
  },
  {
    slug: 'harvest-fair',
    section: 'current-events',
    title: 'Harvest fair draws record crowd, and one runaway goat',
    summary:
      'Some 8,000 visitors came to the fairground on Saturday. The goat was found in the choir loft of St. Brannoc in the evening, in good health and, witnesses say, in good voice.',
    author: 'Ines Okafor',
    hoursAgo: 47,
    wordCount: 380,
  },
  {
    slug: 'water-tower',
    section: 'current-events',
    title: 'Water tower to open its roof to the public',
    summary:
      'From next month visitors may climb the 188 steps on Sundays. On clear days the view reaches to the outer islands. Tickets are free; a good pair of knees is advised.',
    author: 'Desk',
    hoursAgo: 93,
    wordCount: 290,
  },
];
