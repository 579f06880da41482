import type { Frequency, Section } from '../newsletters/index.ts';
import type { DigestContent } from '../rendering/index.ts';
import type { ArticleId, CampaignId, SectionId } from '../shared/ids.ts';
import { cutTitle, describeRest } from './assemble-issue.ts';
import type { IssueArticle, IssueSection } from './issue.ts';

/** An issue as its campaign holds it: what mails show, and the ids of sections and articles. */
export interface IssueDigest extends Omit<DigestContent, 'sections'> {
  readonly sections: readonly IssueSection[];
}

export interface IssueText {
  readonly digest: IssueDigest;
  readonly preheader: string | null;
}

/** An issue about to be sent, and those before it that readers of slower frequencies get with it. */
export interface IssueSpan {
  readonly issue: IssueText;
  /** For each frequency whose week or month ends with this issue: the earlier issues of it, the newest first. */
  readonly closes: ReadonlyMap<Frequency, readonly IssueText[]>;
  readonly campaignIds: readonly CampaignId[];
  /** The articles of a mail of one of these campaigns. */
  readonly articlesOf: (campaignId: number, compiledMailId: number) => readonly ArticleId[];
}

/** What readers chose, and the mails of the earlier campaigns that they got all the same. */
export interface ReaderSelection {
  readonly sectionIds: readonly SectionId[] | null;
  readonly frequency: Frequency | null;
  readonly sent: readonly { readonly campaignId: number; readonly compiledMailId: number }[];
}

/**
 * What readers with this selection get with an issue: the articles of their sections, of all issues since their last digest, less
 * those that they were sent already. Undefined: nothing in it is for them. An article or section without an id, from before there
 * were any, is everybody's.
 */
export function chooseText(
  span: IssueSpan,
  sections: readonly Pick<Section, 'id'>[],
  selection: ReaderSelection,
): IssueText | undefined {
  const { issue } = span;
  const { frequency, sectionIds, sent } = selection;
  const earlier = frequency === null ? [] : span.closes.get(frequency);
  if (earlier === undefined) {
    return undefined;
  }
  const known = new Set(sent.flatMap((mail) => span.articlesOf(mail.campaignId, mail.compiledMailId)));
  const wanted = sectionIds === null ? undefined : new Set<number>(sectionIds);
  const isWanted = ({ id }: IssueSection): boolean => wanted === undefined || id === undefined || wanted.has(id);
  const all = mergeSections([issue, ...earlier], sections);
  const chosen = all
    .filter(isWanted)
    .map((section) => ({
      ...section,
      articles: section.articles.filter(({ id }) => id === undefined || !known.has(id)),
    }))
    .filter((section) => section.articles.length > 0);
  const isWhole = earlier.length === 0 && countArticles(chosen) === countArticles(issue.digest.sections);
  return isWhole ? issue : entitle(bringTogether(issue, earlier), chosen);
}

export function articleIdsOf({ digest }: IssueText): readonly ArticleId[] {
  return digest.sections.flatMap(({ articles }) => articles.flatMap(({ id }) => (id === undefined ? [] : [id])));
}

/** The notices of all of them, each once: who gets one mail of the week is told what the others were. */
function bringTogether(issue: IssueText, earlier: readonly IssueText[]): IssueText {
  const notices = [issue, ...earlier].flatMap(({ digest }) => digest.notices ?? []);
  const byPath = new Map(notices.map((notice) => [notice.path, notice]));
  return { ...issue, digest: { ...issue.digest, notices: [...byPath.values()], issueCount: earlier.length + 1 } };
}

/** Sections in the newsletter's order, those it no longer has after them; of each the articles of the newest issue first. */
function mergeSections(issues: readonly IssueText[], order: readonly Pick<Section, 'id'>[]): readonly IssueSection[] {
  const [only, ...others] = issues;
  if (only !== undefined && others.length === 0) {
    return only.digest.sections;
  }
  const places = new Map<number, number>(order.map(({ id }, place) => [id, place]));
  const merged = Map.groupBy(
    issues.flatMap(({ digest }) => digest.sections),
    ({ id, name }) => id ?? name,
  );
  return [...merged.values()]
    .flatMap(([first, ...rest]) =>
      first === undefined ? [] : { ...first, articles: [first, ...rest].flatMap(({ articles }) => articles) },
    )
    .toSorted((a, b) => placeOf(a) - placeOf(b));

  function placeOf({ id }: IssueSection): number {
    return (id === undefined ? undefined : places.get(id)) ?? order.length;
  }
}

/** An issue with these sections alone: its title stays if the article it stands for is there; else the first one gives its headline. */
export function entitle({ digest }: IssueText, sections: readonly IssueSection[]): IssueText | undefined {
  const articles = sections.flatMap((section) => section.articles);
  const [first] = articles;
  if (first === undefined) {
    return undefined;
  }
  const all = digest.sections.flatMap((section) => section.articles);
  const lead = all.find(({ title }) => cutTitle(title) === digest.title) ?? all[0];
  const kept = articles.find((article) => isSame(article, lead));
  const title = kept === undefined ? cutTitle(first.title) : digest.title;
  const others = articles.filter((article) => article !== (kept ?? first)).map((article) => article.title);
  return { digest: { ...digest, title, sections }, preheader: describeRest(others) };
}

function isSame(article: IssueArticle, other: IssueArticle | undefined): boolean {
  return other !== undefined && (article.id ?? article.url) === (other.id ?? other.url);
}

function countArticles(sections: readonly IssueSection[]): number {
  return sections.reduce((sum, { articles }) => sum + articles.length, 0);
}
