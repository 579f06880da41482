/** Links that are made for one reader. Their values are ours: addresses below PUBLIC_URL. */
export const READER_LINKS = [
  'unsubscribe',
  'unsubscribeAll',
  'preferences',
  'accept',
  'confirm',
  'notMe',
  'verify',
  'change',
  'address',
] as const;
export type ReaderLink = (typeof READER_LINKS)[number];

/** Everything that may differ from reader to reader. A closed list: there is no way to reach another property. */
export type MergeField = 'subscriber.name' | `links.${ReaderLink}`;

/** What logic may look at. */
export interface ReaderFacts {
  readonly name?: string | undefined;
  /** A language tag; readers who chose none have the newsletter's. */
  readonly locale?: string | undefined;
}

/** One person's values. A mail that uses a link which is missing here is refused, never sent with a dead link. */
export interface ReaderData {
  readonly subscriber: ReaderFacts;
  readonly links: { readonly [Link in ReaderLink]?: string | undefined };
}

/** What a campaign's author may write as `{{ ... }}`, in subject, preheader and body. */
export const AUTHOR_MERGE_FIELDS = [
  'subscriber.name',
  'links.unsubscribe',
  'links.unsubscribeAll',
  'links.preferences',
] as const satisfies readonly MergeField[];

/** What logic may compare and change, besides the facts of the newsletter. Links are printed as they are, so it never sees one. */
export const LOGIC_FIELDS = ['subscriber.name', 'subscriber.locale'] as const;

/** Facts of the newsletter that an author may write the same way; they are known when the mail is compiled. */
export const AUTHOR_FACTS = [
  'newsletter.name',
  'newsletter.homeUrl',
  'newsletter.archiveUrl',
  'newsletter.postalAddress',
] as const;
export type AuthorFact = (typeof AUTHOR_FACTS)[number];
