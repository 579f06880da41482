import { recordAudit } from '../audit/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { ArticleId, NewsletterId, SectionId } from '../shared/ids.ts';
import { articleKeys } from './article-keys.ts';
import type { ArticleInput } from './article-input.ts';
import { selectArticle } from './article-list.repository.ts';
import type { Article } from './article.ts';
import { requireArticle } from './find-article.ts';
import {
  findByKeys,
  insertArticles,
  insertKeys,
  isRemoved,
  selectFromFeeds,
  updateArticleRow,
} from './articles.repository.ts';
import { placeArticles } from './category-rules.repository.ts';
import { deleteFeeds, lockContent, selectSampleFeeds } from './feeds.repository.ts';
import { requireSection } from './find-section.ts';
import { seenAt } from './store-reading.ts';

interface ArticleDeps {
  readonly db: Db;
  readonly clock: Clock;
}

export interface UpsertedArticle {
  readonly article: Article;
  readonly isNew: boolean;
}

interface TxDeps {
  readonly tx: Tx;
  readonly clock: Clock;
}

/**
 * Adds an article, or changes the one of this address: by hand, or from a publisher's own system, as often as it likes.
 * What was given once and is left out now stays. One that an issue holds stays as it is. The first ends the example.
 * @throws AppError `newsletter_not_found`, `section_unknown`.
 */
export async function upsertArticle(
  deps: ArticleDeps,
  newsletterId: NewsletterId,
  input: ArticleInput,
  actor: Actor,
): Promise<UpsertedArticle> {
  return deps.db.transaction().execute(async (tx) => {
    const newsletter = await requireNewsletter(tx, { id: newsletterId });
    await lockContent(tx, newsletterId);
    const own = { tx, clock: deps.clock };
    const { section } = input;
    const sectionId =
      section === undefined ? undefined : await requireSection(tx, newsletterId, { slug: section }, 'section');
    const keys = articleKeys([{ url: input.url, title: input.title, guid: null, summaryText: input.summary ?? '' }], {
      feedScope: 'api',
      homeUrl: null,
    }).flat();
    await endExample(tx, newsletterId);
    const known = await findKnown(tx, newsletterId, keys);
    const id = known ?? (await insert(own, newsletter, input));
    const isNew = (await write(own, newsletterId, id, input, sectionId)) || known === undefined;
    await insertKeys(
      tx,
      newsletterId,
      keys.map((key) => ({ key, articleId: id })),
    );
    await placeArticles(tx, newsletterId, [id]);
    const article = await requireArticle(tx, id);
    await recordAudit(tx, {
      actor,
      action: isNew ? 'article.added' : 'article.updated',
      subjectKind: 'article',
      subjectId: article.id,
      details: { newsletterId, url: article.url },
    });
    return { article, isNew };
  });
}

/** A sample beside an article of the publisher's own is of no use to anybody. */
async function endExample(tx: Tx, newsletterId: NewsletterId): Promise<void> {
  const samples = await selectSampleFeeds(tx, newsletterId);
  if (samples.length > 0) {
    await deleteFeeds(tx, samples);
  }
}

/**
 * By its address. By its words only where a feed brought it: a publisher's own system may well send two articles that
 * begin alike, and names each by its address.
 */
async function findKnown(tx: Tx, newsletterId: NewsletterId, keys: readonly Buffer[]): Promise<ArticleId | undefined> {
  const found = await findByKeys(tx, newsletterId, keys);
  const [byAddress, ...byWords] = keys.map((key) => found.get(key.toString('hex')));
  if (byAddress !== undefined) {
    return byAddress;
  }
  const [fromFeed] = await selectFromFeeds(
    tx,
    byWords.filter((id) => id !== undefined),
  );
  return fromFeed;
}

async function insert({ tx, clock }: TxDeps, newsletter: Newsletter, input: ArticleInput): Promise<ArticleId> {
  const [first] = newsletter.sections;
  if (first === undefined) {
    throw inputError('section_missing', 'The newsletter has no section yet. Add one first.');
  }
  const [id] = await insertArticles(tx, [
    {
      newsletter_id: newsletter.id,
      section_id: first.id,
      url: input.url,
      title: input.title,
      first_seen_at: await seenAt({ tx, clock }, newsletter.id),
    },
  ]);
  if (id === undefined) {
    throw new Error('an insert returned no row');
  }
  return id;
}

/** Returns whether it was removed before, and is back. */
async function write(
  { tx, clock }: TxDeps,
  newsletterId: NewsletterId,
  id: ArticleId,
  input: ArticleInput,
  sectionId: SectionId | undefined,
): Promise<boolean> {
  const isBack = await isRemoved(tx, id);
  if ((await selectArticle(tx, id))?.state === 'used') {
    return false;
  }
  await updateArticleRow(tx, id, {
    url: input.url,
    title: input.title,
    ...wordsOf(input, clock),
    is_edited: true,
    ...(sectionId === undefined ? {} : { section_id: sectionId, section_is_chosen: true }),
    ...(isBack
      ? { removed_at: null, is_eligible: true, first_seen_at: await seenAt({ tx, clock }, newsletterId) }
      : {}),
  });
  return isBack;
}

/** Undefined values are left out: Kysely does not write them. */
function wordsOf(input: ArticleInput, clock: Clock) {
  const now = clock.now();
  const { publishedAt } = input;
  return {
    summary_text: input.summary,
    author: input.author,
    source_name: input.sourceName,
    language: input.language,
    image_url: input.imageUrl,
    image_alt: input.imageAlt,
    categories: input.categories,
    published_at: publishedAt instanceof Date && publishedAt > now ? now : publishedAt,
    weight: input.weight,
    is_pinned: input.isPinned,
  };
}
